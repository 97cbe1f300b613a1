/*
 * Every path of the repository that a page names is there, and docs/finding-your-way.md finds.
 */
#include "tests/markdown.h"

#include "tests/run_tests.h"

/* "harness/mutants/01-order/NAME.patch:12" as a pattern for glob; 0 when it is no path of ours. */
static int pattern_of(const char *code, char *pattern, size_t size)
{
    static const char *const folders[] = {"labs/",    "solutions/", "exercises/",
                                          "harness/", "docs/",      "diagrams/",
                                          "deploy/",  "kit/",       "probe/"};
    size_t used = 0;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && used == 0; i++)
        if (strncmp(code, folders[i], strlen(folders[i])) == 0)
            used = (size_t)snprintf(pattern, size, "%s", i < 7 ? "" : "labs/") + 1;
    if (used-- == 0)
        return 0;
    for (const char *at = code; *at != '\0' && strchr(" :#,", *at) == NULL && used < size - 8;) {
        static const char *const named[] = {"NAME", "NN", "LAB"};
        size_t skip = 0;
        for (size_t i = 0; i < 3 && skip == 0; i++)
            skip = strncmp(at, named[i], strlen(named[i])) == 0 ? strlen(named[i]) : 0;
        pattern[used++] = skip > 0 ? '*' : *at;
        at += skip > 0 ? skip : 1;
    }
    pattern[used] = '\0';
    return 1;
}

static void prove_path(const struct code *code, void *count)
{
    struct words words;
    char pattern[CODE_MAX];
    glob_t found = {0};
    if (code->in_block && !is_command(code->text))
        return;
    words_split(code->text, &words);
    for (int i = 0; i < words.count; i++) {
        const char *equals = strchr(words.list[i], '=');
        if (!pattern_of(equals == NULL ? words.list[i] : equals + 1, pattern, sizeof pattern))
            continue;
        if (glob(pattern, 0, NULL, &found) != 0)
            ck_abort_msg("%s:%d: there is no %s", code->page, code->line, pattern);
        globfree(&found);
        ++*(int *)count;
    }
}

START_TEST(paths_of_the_pages_are_there)
{
    glob_t pages = {0};
    int count = 0;
    pages_find(&pages);
    for (size_t i = 0; i < pages.gl_pathc; i++)
        code_of_page(pages.gl_pathv[i], prove_path, &count);
    ck_assert_msg(count > 30, "only %d paths: are they still found?", count);
    globfree(&pages);
}
END_TEST

START_TEST(each_question_is_answered_by_its_file)
{
    static const char page_path[] = "docs/finding-your-way.md";
    struct text page = page_read(page_path);
    struct row row;
    int state = 0;
    while (row_next(text_str(&page), "# Finding your way", &state, &row)) {
        char *path = row.cells[1] + 1, *word = row.cells[2] + 1;
        ck_assert_msg(row.count == 3 && row.cells[1][0] == '`',
                      "%s:%d: a question, `a file`, `a word`", page_path, row.line);
        path[strcspn(path, "`")] = '\0';
        ck_assert_msg(files_exist(path), "%s:%d: there is no %s", page_path, row.line, path);
        if (row.cells[2][0] == '\0')
            continue; /* a folder */
        struct text file = page_read(path);
        word[strcspn(word, "`")] = '\0';
        ck_assert_msg(strstr(text_str(&file), word) != NULL, "%s:%d: %s does not say %s", page_path,
                      row.line, path, word);
        text_release(&file);
    }
    ck_assert_msg(state >= 15, "%s has %d questions", page_path, state);
    text_release(&page);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {paths_of_the_pages_are_there,
                                  each_question_is_answered_by_its_file, NULL};
    return run_tests("docs paths", tests);
}
