/*
 * One lab, judged.
 *
 * The suite runs with CK_NOFORK: nothing of the student's is in this process, and every wait has
 * its own deadline. Check's own failure count must agree with ours.
 */
#include "judge/judge.h"

#include <assert.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/files.h"
#include "course/manifest.h"
#include "judge/machine.h"
#include "judge/play.h"
#include "judge/run_internal.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/text.h"

enum { COMPILER_WORDS_MAX = 16384 };

struct judging {
    const struct judge_options *options;
    struct launcher *launcher;
    judge_listener *listener;
    void *listener_context;
    struct lab_result *lab;
    struct machine machine;
    int not_passed; /* checks, the gates that nobody asked for included */
    /* The first gate of each step that did not pass, NULL = all of them did. */
    const struct check *closed[STEPS_MAX + 1];
};

/* Check's test functions take no argument; one lab is judged at a time in a process. */
static struct judging *current;

static void judge_check(struct judging *judging, const struct check *check, struct result *result);
static void read_compiler(const struct judge_options *options, struct lab_result *lab);
static void draw_pictures(struct judging *judging);

int judge_asked(const struct judge_options *options, int index)
{
    const struct check *check = lab_check(options->lab, index);
    if (options->shards > 1 && index % options->shards != options->shard)
        return 0;
    if (options->steps != 0 && (options->steps & 1u << check->step) == 0)
        return 0;
    return options->check == NULL || check_matches(check, options->check);
}

/* Whether something that is asked for waits for this gate. */
static int is_needed(const struct judge_options *options, const struct check *gate)
{
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(options->lab, i)) != NULL; i++)
        if (judge_asked(options, i) && lab_step_needs(options->lab, check->step, gate->step))
            return 1;
    return 0;
}

/* The gate that makes the check wait: of the first step that it needs; NULL = none. */
static const struct check *waits_for(const struct judging *judging, const struct check *check)
{
    for (int step = 1; step < check->step; step++)
        if (judging->closed[step] != NULL &&
            lab_step_needs(judging->options->lab, check->step, step))
            return judging->closed[step];
    return NULL;
}

/* Judges check number _i of the lab. */
START_TEST(check_holds)
{
    struct judging *judging = current;
    const struct judge_options *options = judging->options;
    const struct check *check = lab_check(options->lab, _i);
    int asked = judge_asked(options, _i);
    int needed_gate = check->gate && !options->no_gates && is_needed(options, check);
    if (!asked && !needed_gate)
        return;
    struct result result = {.check = check};
    judge_check(judging, check, &result);
    enum verdict verdict = result.verdict;
    judging->not_passed += verdict != VERDICT_PASS;
    if (check->gate && !options->no_gates && verdict != VERDICT_PASS &&
        judging->closed[check->step] == NULL)
        judging->closed[check->step] = check;
    if (asked) {
        struct lab_result *lab = judging->lab;
        lab->points += result.points;
        lab->points_max += check->points;
        if (judging->listener != NULL)
            judging->listener(judging->listener_context, &result);
        lab->results[lab->count++] = result;
    } else {
        result_release(&result);
    }
    ck_assert_msg(verdict == VERDICT_PASS, "%s: %s", check->id, verdict_name(verdict));
}
END_TEST

/* One test case a step. Each visits its checks in registry order. */
static Suite *lab_suite(const struct lab *lab)
{
    Suite *suite = suite_create(lab->name);
    int count = 0;
    while (lab_check(lab, count) != NULL)
        count++;
    for (int first = 0; first < count;) {
        int step = lab_check(lab, first)->step;
        int last = first;
        while (last < count && lab_check(lab, last)->step == step)
            last++;
        TCase *cases = tcase_create("step"); /* Check keeps the pointer */
        tcase_add_loop_test(cases, check_holds, first, last);
        suite_add_tcase(suite, cases);
        first = last;
    }
    return suite;
}

void judge_lab(const struct judge_options *options, struct launcher *launcher,
               judge_listener *listener, void *context, struct lab_result *out)
{
    int64_t started_ms = monotonic_ms();
    int count = 0;
    while (lab_check(options->lab, count) != NULL)
        count++;
    *out = (struct lab_result){.lab = options->lab, .builds = 1};
    out->results = calloc((size_t)count + 1, sizeof out->results[0]);
    if (out->results == NULL)
        abort();
    read_compiler(options, out);

    struct judging judging = {.options = options,
                              .launcher = launcher,
                              .listener = listener,
                              .listener_context = context,
                              .lab = out};
    current = &judging;
    SRunner *runner = srunner_create(lab_suite(options->lab));
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    assert(srunner_ntests_failed(runner) == judging.not_passed);
    srunner_free(runner);
    current = NULL;
    if (options->pictures && out->builds && options->lab->pictures != NULL)
        draw_pictures(&judging);
    out->wall_ms = monotonic_ms() - started_ms;
}

uint64_t judge_seed(uint64_t seed, const char *lab, const char *check)
{
    uint64_t hash = 0xcbf29ce484222325U ^ seed; /* FNV-1a, the seed mixed in */
    const char *const names[] = {lab, "/", check};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (const char *byte = names[i]; *byte != '\0'; byte++)
            hash = (hash ^ (unsigned char)*byte) * 0x100000001b3U;
    return hash;
}

static void run_one(struct judging *judging, const struct check *check, struct result *result)
{
    const struct judge_options *options = judging->options;
    struct error err = {0};
    struct text dir = {0};
    text_addf(&dir, "%s/%s", options->work_dir, check != NULL ? check->id : "pictures");
    struct check_run run = {.lab = options->lab,
                            .check = check,
                            .launcher = judging->launcher,
                            .programs = options->programs,
                            .peers = options->peers,
                            .work_dir = text_str(&dir),
                            .seed = options->seed,
                            .machine = &judging->machine,
                            .result = result,
                            .started_ms = monotonic_ms()};
    run.random =
        random_from_seed(&run.random_state, judge_seed(options->seed, options->lab->name,
                                                       check != NULL ? check->id : "pictures"));
    if (files_make(run.work_dir, &err) != 0 ||
        files_need_room(run.work_dir, ROOM_MIN_MB, &err) != 0)
        run_error(&run, "%s", err.text);
    else if (check == NULL)
        options->lab->pictures(&run);
    else if (check->run != NULL)
        check->run(&run);
    else
        play_check(&run);
    run_cluster_end(&run);
    if (run_ended(&run) && result->script == NULL && run.script.length > 0)
        result_set_string(&result->script, text_str(&run.script));
    text_release(&run.script);
    files_remove(run.work_dir);
    text_release(&dir);
}

static void judge_check(struct judging *judging, const struct check *check, struct result *result)
{
    int64_t started_ms = monotonic_ms();
    const struct check *gate = waits_for(judging, check);
    if (!judging->lab->builds) {
        result->verdict = VERDICT_FAIL;
        snprintf(result->reason, sizeof result->reason, "compile error");
        result_set_string(&result->expected, "files that build");
        result_set_string(&result->got, "they do not build; the reason is above");
    } else if (gate != NULL) {
        result->verdict = VERDICT_WAITING;
        snprintf(result->reason, sizeof result->reason, "waits for step %d, %s", gate->step,
                 gate->id);
    } else {
        run_one(judging, check, result);
    }
    result->points = result->verdict == VERDICT_PASS ? check->points : 0;
    result->wall_ms = monotonic_ms() - started_ms;
}

/* A lab that does not build has a file `failed` beside its programs, with the compiler's words. */
static void read_compiler(const struct judge_options *options, struct lab_result *lab)
{
    struct text path = {0}, words = {0};
    text_addf(&path, "%s/failed", options->programs);
    if (files_exist(text_str(&path))) {
        lab->builds = 0;
        manifest_missing(options->lab, options->sources, &words);
        files_read(text_str(&path), COMPILER_WORDS_MAX, &words, NULL);
        lab->compiler = text_detach(&words);
    }
    text_release(&path);
    text_release(&words);
}

static void draw_pictures(struct judging *judging)
{
    struct result result = {0};
    run_one(judging, NULL, &result);
    for (int i = 0; i < result.picture_count; i++)
        lab_result_add_picture(judging->lab, result.pictures[i].title, result.pictures[i].alt,
                               result.pictures[i].source);
    result_release(&result);
}
