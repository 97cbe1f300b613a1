/*
 * Who is in the class.
 */
#include "grade/roster.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/files.h"
#include "grade/csv.h"
#include "grade/limits.h"
#include "grade/member_name.h"
#include "kit/error.h"

enum { HEADER_ROWS = 5, WORD_SIZE = 32, AUTOLAB_EMAIL = 1, AUTOLAB_FAMILY = 2, AUTOLAB_GIVEN = 3 };

/* Headers in lower case, letters and digits only. kinds: bits of the id_kinds that they hold. */
#define KIND(kind) (1u << (kind))
static const struct column_word {
    const char *word;
    unsigned kinds;
} id_words[] = {
    {"key", 0},
    {"id", KIND(ID_CANVAS) | KIND(ID_MOODLE_PARTICIPANT)},
    {"canvasid", KIND(ID_CANVAS)},
    {"identifier", KIND(ID_MOODLE_PARTICIPANT)},
    {"identifiant", KIND(ID_MOODLE_PARTICIPANT)},
    {"identificador", KIND(ID_MOODLE_PARTICIPANT)},
    {"identificativo", KIND(ID_MOODLE_PARTICIPANT)},
    {"moodleparticipant", KIND(ID_MOODLE_PARTICIPANT)},
    {"participant", KIND(ID_MOODLE_PARTICIPANT)},
    {"login", KIND(ID_BLACKBOARD_USER) | KIND(ID_SAKAI_EID) | KIND(ID_AUTOGRADER_USERS)},
    {"username", KIND(ID_BLACKBOARD_USER) | KIND(ID_SAKAI_EID) | KIND(ID_AUTOGRADER_USERS)},
    {"eid", KIND(ID_SAKAI_EID)},
    {"displayid", KIND(ID_SAKAI_EID)},
    {"email", KIND(ID_AUTOLAB_EMAIL) | KIND(ID_AUTOGRADER_USERS)},
    {"emailaddress", KIND(ID_AUTOLAB_EMAIL) | KIND(ID_AUTOGRADER_USERS)},
    {"githubusername", KIND(ID_GITHUB_LOGIN)},
    {"githublogin", KIND(ID_GITHUB_LOGIN)},
    {"sisuserid", 0},
    {"sisloginid", 0},
    {"sisid", 0},
    {"studentid", 0},
    {"sid", 0},
    {"uid", 0},
    {"idnumber", 0},
    {"orgdefinedid", 0},
};
enum { ID_WORDS = sizeof id_words / sizeof id_words[0] };

/* "SIS User ID" as "sisuserid". */
static void header_word(const char *header, char word[WORD_SIZE])
{
    size_t length = 0;
    for (; *header != '\0' && length < WORD_SIZE - 1; header++)
        if (isalnum((unsigned char)*header))
            word[length++] = (char)tolower((unsigned char)*header);
    word[length] = '\0';
}

static const struct column_word *id_word(const char *header)
{
    char word[WORD_SIZE];
    header_word(header, word);
    for (int i = 0; i < ID_WORDS; i++)
        if (strcmp(id_words[i].word, word) == 0)
            return &id_words[i];
    return NULL;
}

static int is_one_of(const char *header, const char *const *words)
{
    char word[WORD_SIZE];
    header_word(header, word);
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return 1;
    return 0;
}

/* --- columns ---------------------------------------------------------------------------------- */

struct layout {
    struct csv csv;
    int first;                      /* row of a student */
    int name, given, family, group; /* columns, -1 = none */
    int *ids, id_count;
};

static void add_id(struct layout *layout, struct handed_in *class, int column, const char *header)
{
    for (int i = 0; i < layout->id_count; i++)
        if (layout->ids[i] == column)
            return;
    layout->ids = realloc(layout->ids, (size_t)(layout->id_count + 1) * sizeof *layout->ids);
    class->columns =
        realloc(class->columns, (size_t)(layout->id_count + 1) * sizeof *class->columns);
    char *copy = strdup(header);
    if (layout->ids == NULL || class->columns == NULL || copy == NULL)
        abort();
    layout->ids[layout->id_count] = column;
    class->columns[layout->id_count++] = copy;
    class->column_count = layout->id_count;
}

static void read_header(struct layout *layout, struct handed_in *class, int row)
{
    static const char *const names[] = {"name", "fullname", "displayname", "student", NULL};
    static const char *const given[] = {"given", "firstname", "givenname", NULL};
    static const char *const family[] = {"family", "lastname", "familyname", "surname", NULL};
    static const char *const group[] = {"group", "groupname", "gruppe", "groupe",
                                        "grupo", "gruppo",    "team",   NULL};
    layout->first = row + 1;
    for (int column = 0; column < layout->csv.rows[row].count; column++) {
        const char *header = csv_cell(&layout->csv, row, column);
        if (id_word(header) != NULL)
            add_id(layout, class, column, header);
        if (layout->name < 0 && is_one_of(header, names))
            layout->name = column;
        if (layout->given < 0 && is_one_of(header, given))
            layout->given = column;
        if (layout->family < 0 && is_one_of(header, family))
            layout->family = column;
        if (layout->group < 0 && is_one_of(header, group))
            layout->group = column;
    }
}

static int holds_addresses(const struct layout *layout, int column)
{
    int addresses = 0;
    for (int row = layout->first; row < layout->csv.count; row++) {
        const char *cell = csv_cell(&layout->csv, row, column);
        if (cell[0] != '\0' && strchr(cell, '@') == NULL)
            return 0;
        addresses += cell[0] != '\0';
    }
    return addresses > 0;
}

/* Where the columns are. 0 when none names a student. */
static int lay_out(struct layout *layout, struct handed_in *class)
{
    for (int row = 0; row < layout->csv.count && row < HEADER_ROWS && layout->id_count == 0; row++)
        for (int column = 0; column < layout->csv.rows[row].count; column++)
            if (id_word(csv_cell(&layout->csv, row, column)) != NULL) {
                read_header(layout, class, row);
                break;
            }
    const int has_header = layout->id_count > 0;
    for (int column = 0; layout->csv.count > 0 && column < layout->csv.rows[0].count; column++)
        if (holds_addresses(layout, column))
            add_id(layout, class, column, "email");
    if (!has_header && layout->id_count > 0 &&
        strchr(csv_cell(&layout->csv, 0, AUTOLAB_EMAIL), '@') != NULL) {
        layout->family = AUTOLAB_FAMILY;
        layout->given = AUTOLAB_GIVEN;
    }
    /* A worksheet in another language: the first column, the name, the address. */
    if (has_header && layout->name < 0 && layout->given < 0 && layout->ids[0] == 0)
        layout->name = 1;
    return layout->id_count > 0;
}

/* --- students --------------------------------------------------------------------------------- */

/* A cell without what guards it: a formula's ="...", Brightspace's #. The caller's to free. */
static char *plain_cell(const char *cell)
{
    struct text plain = {0};
    const size_t length = strlen(cell);
    text_add(&plain, "");
    if (length > 3 && strncmp(cell, "=\"", 2) == 0 && cell[length - 1] == '"')
        text_append(&plain, cell + 2, length - 3);
    else
        text_add(&plain, cell[0] == '#' ? cell + 1 : cell);
    return text_detach(&plain);
}

static char *name_of(const struct layout *layout, int row)
{
    char *given = plain_cell(csv_cell(&layout->csv, row, layout->given));
    char *family = plain_cell(csv_cell(&layout->csv, row, layout->family));
    char *whole = plain_cell(csv_cell(&layout->csv, row, layout->name));
    struct text name = {0};
    const char *comma = strstr(whole, ", ");
    text_add(&name, "");
    if (given[0] != '\0' || family[0] != '\0')
        text_addf(&name, "%s%s%s", given, given[0] && family[0] ? " " : "", family);
    else if (comma != NULL) /* "One, Student" */
        text_addf(&name, "%s %.*s", comma + 2, (int)(comma - whole), whole);
    else
        text_add(&name, whole);
    free(given);
    free(family);
    free(whole);
    return text_detach(&name);
}

static void add_student(struct handed_in *class, const struct layout *layout, int row)
{
    struct student student = {.ids = calloc((size_t)layout->id_count, sizeof *student.ids)};
    int named = 0;
    if (student.ids == NULL)
        abort();
    for (int i = 0; i < layout->id_count; i++) {
        student.ids[i] = plain_cell(csv_cell(&layout->csv, row, layout->ids[i]));
        named += student.ids[i][0] != '\0';
    }
    student.name = name_of(layout, row);
    student.group = plain_cell(csv_cell(&layout->csv, row, layout->group));
    if (named == 0 || strcmp(student.name, "Test Student") == 0) { /* Canvas' own */
        for (int i = 0; i < layout->id_count; i++)
            free(student.ids[i]);
        free(student.ids);
        free(student.name);
        free(student.group);
        return;
    }
    class->students =
        realloc(class->students, (size_t)(class->student_count + 1) * sizeof *class->students);
    if (class->students == NULL)
        abort();
    class->students[class->student_count++] = student;
}

int roster_read(const char *path, struct handed_in *class, struct error *err)
{
    struct text text = {0};
    struct layout layout = {.name = -1, .given = -1, .family = -1, .group = -1};
    int code = files_read(path, CSV_BYTES_MAX, &text, err);
    if (code != 0)
        goto out;
    if (strncmp(text_str(&text), "\xff\xfe", 2) == 0 || strlen(text_str(&text)) != text.length) {
        code = error_set(err, ERR_INVALID,
                         "%s is not UTF-8 text: save it as CSV in UTF-8, and run it again", path);
        goto out;
    }
    csv_read(&layout.csv, text_str(&text));
    if (lay_out(&layout, class))
        for (int row = layout.first; row < layout.csv.count; row++)
            add_student(class, &layout, row);
    if (class->student_count == 0)
        code = error_set(err, ERR_INVALID,
                         "%s names no student: one column must be login, email, ID, Identifier, "
                         "Username or github_username, with that word above it",
                         path);
out:
    text_release(&text);
    csv_release(&layout.csv);
    free(layout.ids);
    return code;
}

/* --- finding ---------------------------------------------------------------------------------- */

/* Moodle writes "Participant 500001", the word in any language. */
static int cell_is(enum id_kind kind, const char *cell, const char *id)
{
    if (cell[0] == '\0' || id[0] == '\0')
        return 0;
    if (strcasecmp(cell, id) == 0)
        return 1;
    const size_t length = strlen(cell), tail = strlen(id);
    return kind == ID_MOODLE_PARTICIPANT && length > tail &&
           strcmp(cell + length - tail, id) == 0 &&
           !isdigit((unsigned char)cell[length - tail - 1]);
}

static int holds_kind(const char *header, enum id_kind kind)
{
    const struct column_word *word = id_word(header);
    return word != NULL && (word->kinds & KIND(kind)) != 0;
}

int roster_find(const struct handed_in *class, enum id_kind kind, const char *id)
{
    int found = NOBODY, has_column = 0;
    for (int column = 0; column < class->column_count; column++)
        has_column |= holds_kind(class->columns[column], kind);
    for (int row = 0; row < class->student_count; row++) {
        int matches = 0;
        for (int column = 0; column < class->column_count; column++)
            if (!has_column || holds_kind(class->columns[column], kind))
                matches |= cell_is(kind, class->students[row].ids[column], id);
        if (matches && found != NOBODY)
            return SEVERAL;
        if (matches)
            found = row;
    }
    return found;
}

int roster_find_name(const struct handed_in *class, const char *name)
{
    int found = NOBODY;
    for (int row = 0; row < class->student_count; row++) {
        if (name[0] == '\0' || strcasecmp(class->students[row].name, name) != 0)
            continue;
        if (found != NOBODY)
            return SEVERAL;
        found = row;
    }
    return found;
}

/* The next letter or digit, in lower case, or byte that is not ASCII; 0 at the end. */
static int next_letter(const char **at)
{
    for (; **at != '\0'; ++*at) {
        const unsigned char byte = (unsigned char)**at;
        if (byte < 0x80 && !isalnum(byte))
            continue;
        ++*at;
        return tolower(byte);
    }
    return 0;
}

int roster_same_group(const char *left, const char *right)
{
    int letter = 0, letters = 0;
    do {
        letter = next_letter(&left);
        if (letter != next_letter(&right))
            return 0;
        letters += letter != 0;
    } while (letter != 0);
    return letters > 0;
}

void roster_join(struct submission *submission, int student)
{
    for (int i = 0; i < submission->row_count; i++)
        if (submission->rows[i] == student)
            return;
    submission->rows =
        realloc(submission->rows, (size_t)(submission->row_count + 1) * sizeof *submission->rows);
    if (submission->rows == NULL)
        abort();
    submission->rows[submission->row_count++] = student;
}

void roster_show(const struct handed_in *class, int student, struct text *out)
{
    const struct student *shown = &class->students[student];
    const char *id = "";
    for (int column = 0; column < class->column_count; column++) {
        char word[WORD_SIZE];
        header_word(class->columns[column], word);
        if (shown->ids[column][0] != '\0' && (id[0] == '\0' || strcmp(word, "login") == 0))
            id = shown->ids[column];
    }
    name_show(shown->name, out);
    if (strcmp(shown->name, id) != 0)
        text_addf(out, shown->name[0] == '\0' ? "%s" : " (%s)", id);
}
