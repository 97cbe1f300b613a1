/*
 * Reading scenarios: a line at a time, each error with its line.
 */
#include "matrix/test_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "course/result.h"
#include "judge/expect.h"
#include "kit/error.h"
#include "kit/limits.h"

static const char KEYWORD[] = "scenario ";

/* One scenario as it was written. */
struct scenario_text {
    char name[TEST_NAME_MAX + 1];
    char id[16]; /* of its check: "scenario_3", fit for a folder's name */
    int begins;  /* its line in the file */
    struct text script;
    int *lines; /* of the script's line with the same index, its line in the file */
    int count;
    int expects; /* how many of its lines have an arrow */
};

struct reader {
    struct test_file *file;
    struct error *err;
    int line;
};

static int wrong(struct reader *reader, const char *what)
{
    return error_set(reader->err, ERR_INVALID, "%s:%d: %s", reader->file->path, reader->line, what);
}

/* Checks the scenario that just ended. */
static int end_scenario(struct reader *reader)
{
    const struct test_file *file = reader->file;
    if (file->count == 0)
        return 0;
    const struct scenario_text *last = &file->scenarios[file->count - 1];
    reader->line = last->begins;
    if (last->count == 0)
        return wrong(reader, "this scenario has no line; name actions, one a line");
    if (last->expects == 0)
        return wrong(reader,
                     "this scenario expects nothing; say what must come back behind an arrow, as "
                     "in -> state=OPEN");
    return 0;
}

static int begin_scenario(struct reader *reader, const char *name)
{
    struct test_file *file = reader->file;
    int line = reader->line;
    if (end_scenario(reader) != 0)
        return ERR_INVALID;
    reader->line = line;
    name += strspn(name, " ");
    size_t length = strlen(name);
    if (length == 0 || length > TEST_NAME_MAX)
        return wrong(reader, "a scenario needs a name of 1 to 80 bytes");
    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)name[i]))
            return wrong(reader, "there is a control character in this name");
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->scenarios[i].name, name) == 0)
            return wrong(reader, "there is a scenario of this name already");
    if (file->count == TEST_SCENARIOS_MAX)
        return wrong(reader, "there are more than 200 scenarios");
    struct scenario_text *scenario = &file->scenarios[file->count++];
    memcpy(scenario->name, name, length + 1);
    snprintf(scenario->id, sizeof scenario->id, "scenario_%d", file->count);
    scenario->begins = line;
    scenario->lines = calloc(TEST_LINES_MAX, sizeof scenario->lines[0]);
    if (scenario->lines == NULL)
        abort();
    return 0;
}

static int add_line(struct reader *reader, const char *line)
{
    struct test_file *file = reader->file;
    if (file->count == 0)
        return wrong(reader, "an action before the first scenario; begin with a line that says "
                             "scenario and its name");
    struct scenario_text *scenario = &file->scenarios[file->count - 1];
    if (scenario->count == TEST_LINES_MAX)
        return wrong(reader, "this scenario has more than 1000 lines");
    if (strlen(line) >= PROBE_LINE_MAX / 2)
        return wrong(reader, "this line is too long");
    struct expectation expectation;
    struct error why = {0};
    int code = expect_parse(line, &expectation, &why);
    expect_release(&expectation);
    if (code != 0)
        return wrong(reader, why.text);
    scenario->expects += expect_has_arrow(line);
    scenario->lines[scenario->count++] = reader->line;
    text_addf(&scenario->script, "%s\n", line);
    return 0;
}

static int is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* One line without its end; blanks at both ends do not count. */
static int read_line(struct reader *reader, const char *bytes, size_t length)
{
    struct text line = {0};
    int code = 0;
    while (length > 0 && is_blank(bytes[length - 1]))
        length--;
    size_t blanks = 0;
    while (blanks < length && is_blank(bytes[blanks]))
        blanks++;
    text_append(&line, bytes + blanks, length - blanks);
    const char *words = text_str(&line);
    if (memchr(bytes, '\0', length) != NULL)
        code = wrong(reader, "there is a zero byte here; this is not text");
    else if (strncmp(words, KEYWORD, strlen(KEYWORD)) == 0 || strcmp(words, "scenario") == 0)
        code = begin_scenario(reader, words + strlen("scenario"));
    else if (words[0] != '\0' && words[0] != '#')
        code = add_line(reader, words);
    text_release(&line);
    return code;
}

/* A check and a lab that the judge can play. */
static void make_lab(struct test_file *file, const struct lab *lab)
{
    static const struct step steps[] = {{"your scenarios", NULL, NULL}};
    for (int i = 0; i < file->count; i++) {
        const struct scenario_text *scenario = &file->scenarios[i];
        file->checks[i] = (struct check){.id = scenario->id,
                                         .rule = scenario->name,
                                         .rules = "-",
                                         .step = 1,
                                         .points = 1,
                                         .script = text_str(&scenario->script)};
    }
    file->tables[0] = file->checks;
    file->lab = (struct lab){.name = lab->name,
                             .home = lab->home,
                             .title = lab->title,
                             .subject = lab->subject,
                             .steps = steps,
                             .step_count = 1,
                             .tables = file->tables};
}

int test_file_read(struct test_file *file, const struct lab *lab, const char *path,
                   struct error *err)
{
    *file = (struct test_file){.path = path};
    struct reader reader = {file, err, 0};
    file->scenarios = calloc(TEST_SCENARIOS_MAX, sizeof file->scenarios[0]);
    file->checks = calloc(TEST_SCENARIOS_MAX + 1, sizeof file->checks[0]);
    if (file->scenarios == NULL || file->checks == NULL)
        abort();
    int code = files_read(path, TEST_FILE_MAX + 1, &file->text, err);
    if (code == 0 && file->text.length > TEST_FILE_MAX)
        code = error_set(err, ERR_LIMIT, "%s is larger than %d bytes.", path, TEST_FILE_MAX);
    const char *at = text_str(&file->text), *end = at + file->text.length;
    while (code == 0 && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
        reader.line++;
        code = read_line(&reader, at, length);
        at += length + 1;
    }
    if (code == 0)
        code = end_scenario(&reader);
    if (code == 0 && file->count == 0)
        code =
            error_set(err, ERR_INVALID,
                      "%s:1: no scenario; begin with a line that says scenario and its name", path);
    make_lab(file, lab);
    return code;
}

void test_file_release(struct test_file *file)
{
    for (int i = 0; i < file->count; i++) {
        text_release(&file->scenarios[i].script);
        free(file->scenarios[i].lines);
    }
    free(file->scenarios);
    free(file->checks);
    text_release(&file->text);
    *file = (struct test_file){0};
}

const char *test_file_scenario(const struct test_file *file, const char *check_id, int *line)
{
    for (int i = 0; i < file->count; i++) {
        if (strcmp(file->scenarios[i].id, check_id) != 0)
            continue;
        *line = file->scenarios[i].begins;
        return file->scenarios[i].name;
    }
    *line = 0;
    return "?";
}

int test_file_failed_at(const struct test_file *file, const struct result *result,
                        const char **text)
{
    const struct scenario_text *scenario = &file->scenarios[result->check - file->checks];
    int played = 0;
    for (const char *at = result->script; at != NULL && *at != '\0'; at++)
        played += *at == '\n';
    int index = played > 0 ? played - 1 : 0;
    *text = text_str(&scenario->script);
    for (int i = 0; i < index; i++)
        *text += strcspn(*text, "\n") + 1;
    return scenario->lines[index];
}
