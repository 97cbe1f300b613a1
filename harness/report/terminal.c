/*
 * The report on the terminal: the compiler's words, one line per lab, the failures asked for, and
 * one sentence on what is next. Plain ASCII but for what students' code said; colour only adds.
 */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "course/lab.h"
#include "report/block.h"
#include "report/command.h"
#include "report/summary.h"

enum {
    BAR_COLUMNS = 16, /* with a long name and the longest state a line has 99 */
    COMPILER_LINES = 24,
    BLOCKS_SHOWN = 3, /* of a lab, in full: more is read by nobody */
    FAULTS_SHOWN = 3  /* of the grader's own */
};

static void print_lines(FILE *out, const struct lines *lines, int colour)
{
    static const char *const codes[] = {[TONE_PLAIN] = "",
                                        [TONE_GOOD] = "\033[32m",
                                        [TONE_BAD] = "\033[1;31m",
                                        [TONE_FAULT] = "\033[33m",
                                        [TONE_QUIET] = "\033[2m"};
    for (int i = 0; i < lines->count; i++) {
        const char *code = colour ? codes[lines->lines[i].tone] : "";
        fprintf(out, "%s%s%s\n", code, lines->lines[i].text, code[0] == '\0' ? "" : "\033[0m");
    }
}

void report_block(FILE *out, const struct run_result *run, const struct lab_result *lab,
                  const struct result *result, int colour)
{
    struct lines lines = {0};
    block_lines(&lines, run, lab, result);
    print_lines(out, &lines, colour);
    lines_release(&lines);
}

/* The compiler's words for a lab that does not build, the first ones, then what they mean. */
static void compiler_words(struct lines *out, const struct lab_result *lab)
{
    const char *at = lab->compiler == NULL ? "" : lab->compiler;
    int first = out->count, more = 0;

    while (*at != '\0') {
        size_t length = strcspn(at, "\n");
        if (out->count - first < COMPILER_LINES) {
            struct text clean = {0};
            layout_clean(&clean, at, length);
            lines_wrap(out, TONE_PLAIN, "", 0, text_str(&clean), 3);
            text_release(&clean);
        } else {
            more++;
        }
        at += length + (at[length] == '\n');
    }
    if (more > 0)
        lines_add(out, TONE_QUIET, "... %d more %s of the compiler; correct the first ones first",
                  more, more == 1 ? "line" : "lines");
    lines_add(out, TONE_BAD,
              "x %s does not compile, so none of its checks ran; no other lab needs it.",
              lab->lab->name);
    lines_gap(out);
}

/* Columns of the longest name of the run: what follows the names stands below each other. */
static int name_columns(const struct run_result *run)
{
    size_t longest = 0;
    for (int i = 0; i < run->lab_count; i++) {
        size_t length = strlen(run->labs[i].lab->name);
        longest = length > longest ? length : longest;
    }
    return (int)longest;
}

static void lab_line(struct lines *out, const struct lab_result *lab, int columns)
{
    struct tally tally = lab_tally(lab);
    char bar[BAR_COLUMNS + 1];
    int filled = lab->points_max > 0 ? lab->points * BAR_COLUMNS / lab->points_max : 0;

    memset(bar, '.', BAR_COLUMNS);
    memset(bar, '#', (size_t)(filled < 0 ? 0 : filled > BAR_COLUMNS ? BAR_COLUMNS : filled));
    bar[BAR_COLUMNS] = '\0';
    int done = lab_is_done(lab);
    lines_add(out, done ? TONE_GOOD : TONE_PLAIN,
              "%c %-*s %3d of %3d points  %s  %3d of %3d checks  %s", done ? '+' : 'x', columns,
              lab->lab->name, lab->points, lab->points_max, bar, tally.passed, tally.total,
              lab_state(lab));
}

/* Where the grader itself failed in the run; the first result with other words than *shown. */
static const struct result *next_fault(const struct run_result *run, const char *const *shown,
                                       int shown_count)
{
    for (int i = 0; i < run->lab_count; i++) {
        for (int k = 0; k < run->labs[i].count; k++) {
            const struct result *result = &run->labs[i].results[k];
            int known = result->verdict != VERDICT_ERROR || result->got == NULL;
            for (int t = 0; t < shown_count && !known; t++)
                known = strcmp(shown[t], result->got) == 0;
            if (!known)
                return result;
        }
    }
    return NULL;
}

/* What went wrong in the grader, each cause once however many checks it cost. */
static void grader_faults(struct lines *out, const struct run_result *run)
{
    const char *shown[FAULTS_SHOWN];
    const struct result *result = NULL;
    for (int i = 0; i < FAULTS_SHOWN && (result = next_fault(run, shown, i)) != NULL; i++) {
        char *words = layout_clean_string(result->got);
        shown[i] = result->got;
        if (i == 0) {
            lines_gap(out);
            lines_add(out, TONE_FAULT, "! The grader's own fault, nothing of yours:");
        }
        lines_wrap(out, TONE_PLAIN, "  ", 2, words, 6);
        free(words);
    }
}

/* A block for the first checks of the step that did not pass, and a line for each of the others; of
   those whose function is not written yet only the first has a block, and of those in which the
   grader failed none. *blocks: how many more. */
static void step_failures(struct lines *out, const struct run_result *run,
                          const struct lab_result *lab, int step, int verbose, int *blocks)
{
    struct tally tally = step_tally(lab, step);
    struct lines others = {0};
    int first = 1;

    for (int i = 0; i < lab->count; i++) {
        const struct result *result = &lab->results[i];
        if (result->check->step != step || result->verdict == VERDICT_WAITING) {
            continue;
        } else if (result->verdict == VERDICT_PASS) {
            if (verbose)
                lines_add(out, TONE_GOOD, "+ %-60s %d of %d points", result->check->id,
                          result->points, result->check->points);
        } else if (!verbose && (result->verdict == VERDICT_ERROR || *blocks == 0 ||
                                (is_unwritten(result) && !first))) {
            lines_add(&others, TONE_BAD, "%c %-60s %s, %d of %d points",
                      result->verdict == VERDICT_ERROR ? '!' : 'x', result->check->id,
                      is_unwritten(result) ? "not written yet" : result->reason, result->points,
                      result->check->points);
        } else {
            lines_gap(out);
            block_lines(out, run, lab, result);
            first = first && !is_unwritten(result);
            *blocks -= *blocks > 0;
        }
    }
    if (others.count > 0)
        lines_gap(out);
    lines_move(out, &others);
    if (tally.passed + tally.waiting < tally.total || verbose)
        lines_gap(out);
}

/* All of one step: its line, its failures, its waiting checks in one line. */
static void step_part(struct lines *out, const struct run_result *run, const struct lab_result *lab,
                      int step, int verbose, int *blocks)
{
    static const char prefix[] = "waits for ";
    struct tally tally = step_tally(lab, step);

    if (tally.total == 0)
        return;
    lines_add(out, TONE_PLAIN, "Step %d  %s: %d of %d checks, %d of %d points", step,
              lab->lab->steps[step - 1].title, tally.passed, tally.total, tally.points,
              tally.points_max);
    step_failures(out, run, lab, step, verbose, blocks);
    for (int i = 0; i < lab->count; i++) {
        const struct result *result = &lab->results[i];
        if (result->check->step != step || result->verdict != VERDICT_WAITING)
            continue;
        int named = strncmp(result->reason, prefix, sizeof prefix - 1) == 0;
        lines_add(out, TONE_QUIET, ". %d %s for %s", tally.waiting,
                  tally.waiting == 1 ? "check waits" : "checks wait",
                  result->reason + (named ? sizeof prefix - 1 : 0));
        break;
    }
}

static void all_of_lab(struct lines *out, const struct run_result *run,
                       const struct lab_result *lab, int verbose)
{
    int blocks = BLOCKS_SHOWN;
    lines_gap(out);
    for (int step = 1; lab->builds && step <= lab->lab->step_count; step++)
        step_part(out, run, lab, step, verbose, &blocks);
}

/* In one line if it fits; else the command stands on a line of its own, which is never broken. */
static void next_sentence(struct lines *out, const struct run_result *run,
                          const struct terminal_options *options)
{
    struct next_step next = next_step(run, options->only_check != NULL);
    const char *words = text_str(&next.words), *command = text_str(&next.command);
    const int columns = layout_columns(words) + layout_columns(command) + (int)strlen(" ``.");

    if (command[0] == '\0') {
        lines_add(out, TONE_GOOD, "%s", words);
    } else if (columns <= LAYOUT_COLUMNS) {
        lines_add(out, TONE_PLAIN, "%s `%s`.", words, command);
    } else {
        lines_wrap(out, TONE_PLAIN, "", 0, words, 0);
        lines_add(out, TONE_PLAIN, "  %s", command);
    }
    next_step_release(&next);
}

void report_terminal(FILE *out, const struct run_result *run,
                     const struct terminal_options *options)
{
    struct lines lines = {0};
    const struct lab_result *unfinished = first_unfinished(run);
    const struct result *next =
        unfinished != NULL && unfinished->builds ? next_failing(unfinished) : NULL;

    for (int i = 0; i < run->lab_count; i++)
        if (!run->labs[i].builds)
            compiler_words(&lines, &run->labs[i]);
    int columns = name_columns(run);
    for (int i = 0; i < run->lab_count; i++)
        lab_line(&lines, &run->labs[i], columns);
    grader_faults(&lines, run);

    if (options->only_lab != NULL || options->only_check != NULL || options->verbose) {
        for (int i = 0; i < run->lab_count; i++)
            all_of_lab(&lines, run, &run->labs[i], options->verbose || options->only_check != NULL);
    } else if (next != NULL && next->verdict != VERDICT_ERROR) {
        lines_gap(&lines);
        block_lines(&lines, run, unfinished, next);
    }

    lines_gap(&lines);
    if (options->page != NULL)
        lines_add(&lines, TONE_PLAIN, "All checks, with pictures: %s", options->page);
    next_sentence(&lines, run, options);
    print_lines(out, &lines, options->colour);
    lines_release(&lines);
}
