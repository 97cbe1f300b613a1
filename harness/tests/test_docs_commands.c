/*
 * Every command that a page, a hint or a message names is one that there is: target, variables,
 * labs, checks, services, files and flags. test_docs_run.c runs those that can be run.
 */
#define _POSIX_C_SOURCE 200809L
#include "tests/markdown.h"

#include "course/lab.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

struct place { /* where a command stands, for the sentence when it is wrong */
    const char *file;
    int line;
    const char *text;
};

/* What a command prints, both streams. The caller releases it. */
static struct text output_of(const char *command)
{
    struct text said = {0};
    char line[512];
    FILE *out = popen(command, "r");
    ck_assert_ptr_nonnull(out);
    while (fgets(line, sizeof line, out) != NULL)
        text_add(&said, line);
    pclose(out);
    return said;
}

static void wrong(const struct place *place, const char *why, const char *what)
{
    ck_abort_msg("%s:%d: '%s': %s%s", place->file, place->line, place->text, why, what);
}

/* A word that stands for others ("name", "NN", "drill-NAME", "%s"), in text that explains. */
static int is_placeholder(const char *value)
{
    static const char *const known[] = {"name",      "NAME", "NN", "x", "n", "path/to/a/submission",
                                        "drill-NAME"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(value, known[i]) == 0)
            return 1;
    return strchr(value, '%') != NULL;
}

/* Whether a check of the lab, or of any for NULL, has a name like this. */
static int names_a_check(const struct lab *only, const char *glob)
{
    const struct check *check = NULL;
    for (int i = 0; all_labs[i] != NULL; i++)
        for (int j = 0;
             (only == NULL || only == all_labs[i]) && (check = lab_check(all_labs[i], j)) != NULL;
             j++)
            if (check_matches(check, glob))
                return 1;
    return 0;
}

static int is_number(const char *value)
{
    return value[0] != '\0' && value[strspn(value, "0123456789")] == '\0';
}

static int has_service(const char *service)
{
    struct text help = output_of(BUILD_FOLDER "/svclab run --help");
    const int found = strstr(text_str(&help), service) != NULL;
    text_release(&help);
    return found;
}

/* Whether make's variable may have this value. lab: the command's LAB=, NULL without. */
static int is_right_value(const char *name, const char *value, const struct lab *lab)
{
    char path[WORD_MAX + 64];
    if (is_placeholder(value))
        return 1;
    if (strcmp(name, "LAB") == 0)
        return lab != NULL;
    if (strcmp(name, "CHECK") == 0)
        return names_a_check(lab, value);
    if (strcmp(name, "SERVICE") == 0)
        return has_service(value);
    if (strcmp(name, "LABS") == 0 || strcmp(name, "FILE") == 0)
        return files_exist(value);
    if (strcmp(name, "SEED") == 0 && strcmp(value, "random") == 0)
        return 1;
    if (strcmp(name, "MUTANT") != 0)
        return is_number(value);
    snprintf(path, sizeof path, "harness/mutants/%s/%s.patch", lab == NULL ? "" : lab->name, value);
    return files_exist(path);
}

/* make TARGET NAME=value...: the target is in `make help`, and its line there names the variable.
 */
static void prove_make(const struct place *place, const struct words *words)
{
    char line[WORD_MAX + 16];
    const struct lab *lab = NULL;
    if (words->count == 1)
        return;
    static struct text make_help; /* asked once */
    if (make_help.length == 0)
        make_help = output_of("make --no-print-directory help");
    snprintf(line, sizeof line, "  make %s ", words->list[1]);
    const char *help = strstr(text_str(&make_help), line);
    if (help == NULL)
        wrong(place, "make help lists no target ", words->list[1]);
    for (int i = 2; i < words->count; i++)
        if (strncmp(words->list[i], "LAB=", 4) == 0)
            lab = lab_find(all_labs, words->list[i] + 4);
    for (int i = 2; i < words->count; i++) {
        char name[WORD_MAX + 1];
        const size_t length = strcspn(words->list[i], "=");
        snprintf(name, sizeof name, "%.*s=", (int)length, words->list[i]);
        const char *known = strstr(help, name);
        if (known == NULL || known > help + strcspn(help, "\n"))
            wrong(place, "make help does not name, for this target, ", name);
        name[length] = '\0';
        if (!is_right_value(name, words->list[i] + length + 1, lab))
            wrong(place, "there is no ", words->list[i]);
    }
}

/* svclab COMMAND --flag...: both are in its help. */
static void prove_svclab(const struct place *place, const struct words *words)
{
    char command[WORD_MAX + 64];
    if (words->count == 1 || is_placeholder(words->list[1]))
        return;
    snprintf(command, sizeof command, BUILD_FOLDER "/svclab '%s' --help 2>&1", words->list[1]);
    struct text help = output_of(command);
    if (strstr(text_str(&help), "there is no command") != NULL)
        wrong(place, "svclab has no command ", words->list[1]);
    for (int i = 2; i < words->count; i++)
        if (strncmp(words->list[i], "--", 2) == 0 && strcmp(words->list[i], "--help") != 0 &&
            strstr(text_str(&help), words->list[i]) == NULL)
            wrong(place, "its help has no flag ", words->list[i]);
    text_release(&help);
}

/* build/trees/labs/NN-NAME/probe --script FILE: a lab that has a probe. */
static void prove_program(const struct place *place, const struct words *words)
{
    char path[WORD_MAX + 16];
    const char *lab = words->list[0] + strlen("build/trees/");
    snprintf(path, sizeof path, "%s.c", lab);
    if (strncmp(lab, "labs/", 5) != 0 || !files_exist(path))
        wrong(place, "there is no ", path);
}

/* docker compose VERB SERVICE...: a service of docker-compose.yml. */
static void prove_compose(const struct place *place, const struct words *words)
{
    struct text file = page_read("docker-compose.yml");
    for (int i = 3; i < words->count; i++) {
        char name[WORD_MAX + 8];
        snprintf(name, sizeof name, "\n  %s:\n", words->list[i]);
        if (words->list[i][0] != '-' && strstr(text_str(&file), name) == NULL)
            wrong(place, "docker-compose.yml has no service ", words->list[i]);
    }
    text_release(&file);
}

static void prove_one(const struct place *place, const char *text)
{
    struct words words;
    words_split(text, &words);
    const char *program = words.list[0];
    if (strcmp(program, "make") == 0)
        prove_make(place, &words);
    else if (strcmp(program, "svclab") == 0 || strcmp(program, "build/svclab") == 0)
        prove_svclab(place, &words);
    else if (strncmp(program, "build/trees/", 12) == 0)
        prove_program(place, &words);
    else if (strcmp(program, "docker") == 0)
        prove_compose(place, &words);
    /* curl and printf are run by test_docs_run.c; git and $EDITOR name paths, see below. */
}

static void prove(const struct place *place)
{
    for (const char *at = place->text; at != NULL;) {
        const char *next = strstr(at, " && ");
        char one[CODE_MAX];
        snprintf(one, sizeof one, "%.*s", (int)(next == NULL ? (int)strlen(at) : next - at), at);
        prove_one(place, one);
        at = next == NULL ? NULL : next + strlen(" && ");
    }
}

static void prove_code(const struct code *code, void *count)
{
    if (!is_command(code->text))
        return;
    prove(&(struct place){code->page, code->line, code->text});
    ++*(int *)count;
}

START_TEST(commands_of_the_pages_are_there)
{
    glob_t pages = {0};
    int count = 0;
    pages_find(&pages);
    for (size_t i = 0; i < pages.gl_pathc; i++)
        code_of_page(pages.gl_pathv[i], prove_code, &count);
    ck_assert_msg(count > 50, "only %d commands: are they still found?", count);
    globfree(&pages);
}
END_TEST

/* --- hints and messages ----------------------------------------------------------------------- */

/* "make TARGET" with variables, or in backticks, and "build/svclab COMMAND": what else begins with
   make is a sentence. Returns its length, 0 when it is none. */
static size_t command_at(const char *text, const char *at)
{
    const int ticked = at > text && at[-1] == '`';
    const int is_svclab = strncmp(at, "build/svclab ", 13) == 0;
    if ((at > text && (isalnum((unsigned char)at[-1]) || strchr("_$(-/", at[-1]) != NULL)) ||
        (!is_svclab && strncmp(at, "make ", 5) != 0))
        return 0;
    size_t length = is_svclab ? 13 : 5, variables = 0;
    length += strspn(at + length, "abcdefghijklmnopqrstuvwxyz-");
    for (const char *word = at + length; *word == ' '; word = at + length) {
        const size_t name = strspn(word + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        const int flag = strncmp(word + 1, "--", 2) == 0;
        if (!flag && (name == 0 || word[1 + name] != '='))
            break;
        variables++;
        length += 1 + strcspn(word + 1, " \n\"\\`);,");
    }
    while (length > 5 && strchr(".:", at[length - 1]) != NULL)
        length--;
    return is_svclab || ticked || variables > 0 ? length : 0;
}

static void prove_text(const char *file, int line, const char *text, int *count)
{
    for (const char *at = text; *at != '\0'; at++) {
        const size_t length = command_at(text, at);
        char command[CODE_MAX];
        line += *at == '\n';
        if (length == 0 || length >= sizeof command)
            continue;
        snprintf(command, sizeof command, "%.*s", (int)length, at);
        prove(&(struct place){file, line, command});
        ++*count;
    }
}

START_TEST(commands_of_the_hints_are_there)
{
    const struct check *check = NULL;
    int count = 0;
    for (int i = 0; all_labs[i] != NULL; i++)
        for (int j = 0; (check = lab_check(all_labs[i], j)) != NULL; j++) {
            prove_text(check->id, 0, check->rule, &count);
            for (int k = 0; k < 3 && check->hints[k] != NULL; k++)
                prove_text(check->id, k + 1, check->hints[k], &count);
        }
    ck_assert_int_ge(count, 4);
}
END_TEST

/* Strings that are continued in the next line as one. Lines are counted to where they begin. */
static void join_strings(struct text *source)
{
    char *to = source->bytes;
    for (const char *at = source->bytes; *at != '\0';) {
        const size_t gap = *at == '"' ? strspn(at + 1, " \n") : 0;
        if (gap > 0 && at[1 + gap] == '"' && memchr(at + 1, '\n', gap) != NULL)
            at += gap + 2;
        else
            *to++ = *at++;
    }
    *to = '\0';
}

START_TEST(commands_of_the_messages_are_there)
{
    static const char *const patterns[] = {"harness/[!t]*/*.c", "harness/suites/*/*.c",
                                           "harness/*.sh",      "harness/*.c",
                                           "labs/*/*.[ch]",     "exercises/*/*.[ch]"};
    glob_t files = {0};
    int count = 0;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        ck_assert_int_eq(glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct text source = page_read(files.gl_pathv[i]);
        join_strings(&source);
        prove_text(files.gl_pathv[i], 1, text_str(&source), &count);
        text_release(&source);
    }
    ck_assert_msg(count > 10, "only %d commands: are they still found?", count);
    globfree(&files);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {commands_of_the_pages_are_there, commands_of_the_hints_are_there,
                                  commands_of_the_messages_are_there, NULL};
    return run_tests("docs commands", tests);
}
