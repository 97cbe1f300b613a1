/*
 * The registry: what every lab's tables must keep, so that reports, hints and points can rely on
 * it.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "course/lab.h"
#include "course/manifest.h"
#include "judge/expect.h"
#include "judge/scenario.h"
#include "kit/error.h"
#include "kit/text.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

enum { LAB_POINTS = 100, GATES_A_STEP = 2 };

START_TEST(every_lab_is_worth_100_points)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct check *check = NULL;
        int points = 0;
        for (int j = 0; (check = lab_check(all_labs[i], j)) != NULL; j++) {
            ck_assert_msg(check->points >= 1, "%s: %s is worth nothing", all_labs[i]->name,
                          check->id);
            points += check->points;
        }
        ck_assert_msg(points == LAB_POINTS, "%s: its checks' points sum to %d, not %d",
                      all_labs[i]->name, points, LAB_POINTS);
    }
}
END_TEST

START_TEST(ids_are_unique_and_snake_case)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct check *check = NULL;
        for (int j = 0; (check = lab_check(all_labs[i], j)) != NULL; j++) {
            size_t plain = strspn(check->id, "abcdefghijklmnopqrstuvwxyz0123456789_");
            ck_assert_msg(plain > 0 && check->id[plain] == '\0', "%s: %s", all_labs[i]->name,
                          check->id);
            ck_assert_msg(check_find(all_labs[i], check->id) == check, "%s: %s is there twice",
                          all_labs[i]->name, check->id);
        }
    }
}
END_TEST

START_TEST(every_check_can_be_judged_and_read)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct check *check = NULL;
        for (int j = 0; (check = lab_check(all_labs[i], j)) != NULL; j++) {
            int shapes = (check->script != NULL) + (check->generate != NULL) + (check->run != NULL);
            ck_assert_msg(shapes == 1, "%s: %s is a script, generated, or a function: one of them",
                          all_labs[i]->name, check->id);
            int judged =
                check->oracle != NULL || (check->script != NULL && expect_has_arrow(check->script));
            ck_assert_msg(check->run != NULL || judged, "%s: %s has no oracle and no answers",
                          all_labs[i]->name, check->id);
            ck_assert_msg(check->rule != NULL && check->rules != NULL, "%s: %s states no rule",
                          all_labs[i]->name, check->id);
            ck_assert_msg(check->hints[0] != NULL && check->hints[1] != NULL,
                          "%s: %s has fewer than two hints", all_labs[i]->name, check->id);
        }
    }
}
END_TEST

START_TEST(steps_are_in_order_each_with_checks_and_few_gates)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct lab *lab = all_labs[i];
        const struct check *check = NULL;
        int checks[STEPS_MAX + 1] = {0}, gates[STEPS_MAX + 1] = {0}, last = 1;
        ck_assert_int_le(lab->step_count, STEPS_MAX);
        for (int j = 0; (check = lab_check(lab, j)) != NULL; j++) {
            ck_assert_msg(check->step >= last && check->step <= lab->step_count,
                          "%s: %s of step %d stands behind step %d", lab->name, check->id,
                          check->step, last);
            last = check->step;
            checks[check->step]++;
            gates[check->step] += check->gate;
        }
        for (int step = 1; step <= lab->step_count; step++) {
            ck_assert_msg(checks[step] > 0, "%s: step %d has no check", lab->name, step);
            ck_assert_msg(gates[step] <= GATES_A_STEP, "%s: step %d has %d gates", lab->name, step,
                          gates[step]);
        }
    }
}
END_TEST

START_TEST(a_step_needs_what_its_needs_need)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct lab *lab = all_labs[i];
        for (int step = 1; step <= lab->step_count; step++)
            for (int needed = 1; needed < step; needed++)
                for (int earlier = 1; earlier < needed; earlier++)
                    ck_assert_msg(!lab_step_needs(lab, step, needed) ||
                                      !lab_step_needs(lab, needed, earlier) ||
                                      lab_step_needs(lab, step, earlier),
                                  "%s: step %d needs step %d, and that step %d", lab->name, step,
                                  needed, earlier);
    }
}
END_TEST

START_TEST(a_step_names_files_of_the_manifest)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct lab *lab = all_labs[i];
        for (int step = 1; step <= lab->step_count; step++) {
            char names[256], *next = NULL;
            snprintf(names, sizeof names, "%s",
                     lab->steps[step - 1].files != NULL ? lab->steps[step - 1].files : "");
            for (char *name = strtok_r(names, " ", &next); name != NULL;
                 name = strtok_r(NULL, " ", &next)) {
                ck_assert_msg(manifest_lists(lab, name) == 1,
                              "%s: step %d judges %s, which is not in its manifest", lab->name,
                              step, name);
                ck_assert_uint_ne(lab_steps_of(lab, name) & 1u << step, 0);
            }
        }
    }
    ck_assert_uint_eq(lab_steps_of(&lab_04_chat, "capacity.c"), 1u << 2);
    ck_assert_uint_eq(lab_steps_of(&lab_04_chat, "chat_design.c"), 1u << 1 | 1u << 3 | 1u << 5);
    ck_assert_uint_eq(lab_steps_of(&lab_04_chat, "capacity"), 0);
    ck_assert_uint_eq(lab_steps_of(&lab_02_breaker, "breaker.c"),
                      (2u << lab_02_breaker.step_count) - 2);
}
END_TEST

/* --- anchors: headings of the lab's text ------------------------------------------------------ */

static void read_text(const struct lab *lab, struct text *out)
{
    char path[128], block[4096];
    size_t length = 0;
    snprintf(path, sizeof path, "%s/%s/README.md", lab_home(lab), lab->name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    while ((length = fread(block, 1, sizeof block, file)) > 0)
        text_append(out, block, length);
    fclose(file);
}

/* A heading's anchor as the web shows it: lower case, spaces to dashes, signs left out. */
static void anchor_of(const char *heading, size_t length, char *anchor, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++) {
        unsigned char c = (unsigned char)heading[i];
        if (c == ' ' || c == '-')
            anchor[used++] = '-';
        else if (isalnum(c) || c == '_' || c >= 0x80)
            anchor[used++] = (char)tolower(c);
    }
    anchor[used] = '\0';
}

static int has_heading(const char *text, const char *wanted)
{
    int in_code = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char anchor[160];
        in_code ^= strncmp(text, "```", 3) == 0;
        if (text[0] == '#' && !in_code) {
            size_t signs = strspn(text, "# ");
            anchor_of(text + signs, length - signs, anchor, sizeof anchor);
            if (strcmp(anchor, wanted) == 0)
                return 1;
        }
        text += length + (text[length] == '\n');
    }
    return 0;
}

START_TEST(every_anchor_is_a_heading_of_the_lab_text)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        const struct check *check = NULL;
        struct text text = {0};
        read_text(all_labs[i], &text);
        for (int j = 0; (check = lab_check(all_labs[i], j)) != NULL; j++)
            ck_assert_msg(check->anchor != NULL && has_heading(text_str(&text), check->anchor),
                          "%s: %s reads on at #%s, which is no heading of its README.md",
                          all_labs[i]->name, check->id, check->anchor);
        text_release(&text);
    }
}
END_TEST

/* --- "our solution, lines" -----------------------------------------------------------------------
 */

static int lines_of(const struct lab *lab, const char *file)
{
    struct text path = {0}, source = {0};
    int lines = 0;
    text_addf(&path, "solutions/%s/%s", lab->name, file);
    if (files_read(text_str(&path), 1 << 20, &source, NULL) == 0) /* a header may be the lab's */
        for (size_t i = 0; i < source.length; i++)
            lines += source.bytes[i] == '\n';
    text_release(&path);
    text_release(&source);
    return lines;
}

/* What the files that the row names have together. */
static int lines_of_row(const struct lab *lab, char *row)
{
    int lines = 0;
    for (char *name = strchr(row, '`'), *end = NULL; name != NULL; name = strchr(end, '`')) {
        end = strchr(++name, '`');
        ck_assert_ptr_nonnull(end);
        *end++ = '\0';
        lines += lines_of(lab, name);
    }
    return lines;
}

/* The number in the last column of a table's row, -1 when there is none. Cuts the row. */
static long last_column(char *row)
{
    size_t length = strlen(row);
    if (length < 2 || strcmp(row + length - 2, " |") != 0)
        return -1;
    row[length - 2] = '\0';
    const char *column = strrchr(row, '|');
    char *end = NULL;
    long number = column != NULL ? strtol(column + 1, &end, 10) : -1;
    return column != NULL && end != column + 1 && *end == '\0' ? number : -1;
}

START_TEST(the_sizes_of_our_solutions_are_true)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        struct text text = {0};
        read_text(all_labs[i], &text);
        char *row = text.bytes;
        for (char *end = NULL; (end = strchr(row, '\n')) != NULL; row = end + 1) {
            *end = '\0';
            long said = last_column(row);
            int lines = said >= 0 ? lines_of_row(all_labs[i], row) : 0;
            ck_assert_msg(lines == 0 || lines == said, "%s: %s...: %d lines, not %ld",
                          all_labs[i]->name, row, lines, said);
        }
        text_release(&text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_lab_is_worth_100_points,
        ids_are_unique_and_snake_case,
        every_check_can_be_judged_and_read,
        steps_are_in_order_each_with_checks_and_few_gates,
        a_step_needs_what_its_needs_need,
        every_anchor_is_a_heading_of_the_lab_text,
        the_sizes_of_our_solutions_are_true,
        a_step_names_files_of_the_manifest,
        NULL,
    };
    return run_tests("registry", tests);
}
