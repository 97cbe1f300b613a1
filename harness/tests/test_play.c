/*
 * Scenarios against a probe that answers everything "ok": the oracle of these tests finds fault
 * with patterns of actions, so that what shrinking leaves over is known beforehand.
 */
#define _GNU_SOURCE
#include <string.h>

#include "judge/judge.h"
#include "judge/play.h"
#include "tests/cluster_fixture.h"

/* --- an oracle: "no act b=1 after an act a=1" ----------------------------------------------- */

static void *model_create(const char *judged)
{
    (void)judged;
    return calloc(1, sizeof(int));
}

static int model_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    int *seen = state;
    (void)reply;
    if (message_get(action, "a") != NULL)
        *seen = 1;
    if (message_get(action, "b") == NULL || !*seen)
        return 0;
    snprintf(finding->expected, sizeof finding->expected, "no b after a");
    snprintf(finding->got, sizeof finding->got, "a b");
    return 1;
}

static const struct oracle pattern = {model_create, free, model_step};

static void generate_noise(struct scenario *out, const struct random *random)
{
    int a = 5 + (int)random_below(random, 10), b = 20 + (int)random_below(random, 10);
    for (int i = 0; i < 40; i++)
        scenario_add(out, "act number=%d%s", i, i == a ? " a=1" : i == b ? " b=1" : "");
}

static void run_without_a_word(struct check_run *run)
{
    (void)run;
}

static void run_two_asks(struct check_run *run)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    if (probe != NULL && run_ask(run, probe, &reply, "act at=%d", 5) == 0) {
        message_release(&reply);
        if (run_ask(run, probe, &reply, "act at=%d", 9) == 0)
            run_fail(run, "wrong answer", "nothing", "%s", reply.word);
    }
    message_release(&reply);
    run_close(run, probe);
}

#define CHECK(name, at_step) .id = name, .rule = "r", .rules = "R", .step = at_step, .points = 10
static const struct check checks[] = {
    {CHECK("silence_is_a_pass", 1), .gate = 1, .run = run_without_a_word},
    {CHECK("noise_is_made_short", 1), .generate = generate_noise, .rounds = 3, .oracle = &pattern},
    {CHECK("gate_that_fails", 2), .gate = 1, .script = "act a=1\nact b=1\n", .oracle = &pattern},
    {CHECK("no_gate", 2), .script = "# a comment\n\nact b=1\n", .oracle = &pattern},
    {CHECK("asks_by_hand", 2), .run = run_two_asks},
    {CHECK("waits_for_the_gate", 3), .run = run_without_a_word},
    {CHECK("needs_the_first_step_only", 4), .run = run_without_a_word},
    {CHECK("answers_as_expected", 1), .script = "act n=1 -> ok\nact note=\"a -> b\"\nact n=2\n"},
    {CHECK("other_answers", 1), .script = "act n=1\nact n=2 -> state=OPEN\nact n=3\n"},
    {CHECK("answers_of_two_scenes", 1), .script = "act n=1 -> ok\n\nact n=2 -> state=OPEN\n"},
    {CHECK("script_that_does_not_parse", 1), .script = "act =1\n", .oracle = &pattern},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {
    {"a", NULL, NULL}, {"b", NULL, NULL}, {"c", NULL, NULL}, {"d", "1", NULL}};
static const struct lab lab = {.name = "00-tour",
                               .title = "t",
                               .steps = steps,
                               .step_count = sizeof steps / sizeof steps[0],
                               .tables = tables};

/* Judges glob with fake_probe in this mode. */
static struct lab_result judge(const char *mode, const char *glob, uint64_t seed)
{
    struct fixture fixture;
    struct lab_result result;
    char programs[96], path[128];
    fixture_open(&fixture);
    snprintf(programs, sizeof programs, BUILD_FOLDER "/asan/tests/play-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(programs));
    snprintf(path, sizeof path, "%s/probe", programs);
    ck_assert_int_eq(link(BUILD_FOLDER "/asan/tests/fake_probe", path), 0);
    snprintf(path, sizeof path, "%s/mode", programs);
    FILE *file = fopen(path, "w");
    fputs(mode, file);
    fclose(file);
    struct judge_options options = {.lab = &lab,
                                    .check = glob,
                                    .programs = programs,
                                    .peers = BUILD_FOLDER "/peers",
                                    .sources = programs,
                                    .work_dir = fixture.dir,
                                    .seed = seed};
    judge_lab(&options, fixture.launcher, NULL, NULL, &result);
    nftw(programs, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
    fixture_close(&fixture);
    return result;
}

static const struct result *result_of(const struct lab_result *result, const char *id)
{
    for (int i = 0; i < result->count; i++)
        if (strcmp(result->results[i].check->id, id) == 0)
            return &result->results[i];
    ck_abort_msg("no result for %s", id);
    return NULL;
}

static void expect(const struct lab_result *lab_result, const char *id, enum verdict verdict,
                   const char *reason)
{
    const struct result *result = result_of(lab_result, id);
    ck_assert_msg(result->verdict == verdict && strcmp(result->reason, reason) == 0,
                  "%s: expected %s (%s), got %s (%s): %s", id, verdict_name(verdict), reason,
                  verdict_name(result->verdict), result->reason,
                  result->got != NULL ? result->got : "");
}

START_TEST(verdicts_gates_and_points)
{
    struct lab_result result = judge("good", NULL, 1);
    ck_assert_int_eq(result.count, 11);
    expect(&result, "silence_is_a_pass", VERDICT_PASS, "");
    expect(&result, "noise_is_made_short", VERDICT_FAIL, "wrong answer");
    expect(&result, "gate_that_fails", VERDICT_FAIL, "wrong answer");
    expect(&result, "no_gate", VERDICT_PASS, "");
    expect(&result, "asks_by_hand", VERDICT_FAIL, "wrong answer");
    expect(&result, "waits_for_the_gate", VERDICT_WAITING, "waits for step 2, gate_that_fails");
    expect(&result, "needs_the_first_step_only", VERDICT_PASS, "");
    expect(&result, "script_that_does_not_parse", VERDICT_ERROR, "harness");
    ck_assert_int_eq(result.points, 40);
    ck_assert_int_eq(result.points_max, 110);
    lab_result_release(&result);
}
END_TEST

START_TEST(check_alone_has_the_verdict_of_the_full_run)
{
    struct lab_result all = judge("good", NULL, 1);
    for (int i = 0; i < all.count; i++) {
        struct lab_result one = judge("good", all.results[i].check->id, 1);
        ck_assert_int_eq(one.count, 1);
        expect(&one, all.results[i].check->id, all.results[i].verdict, all.results[i].reason);
        lab_result_release(&one);
    }
    lab_result_release(&all);
}
END_TEST

START_TEST(story_is_as_short_as_it_can_be)
{
    struct lab_result result = judge("good", "noise_is_made_short", 7);
    const struct result *noise = result_of(&result, "noise_is_made_short");
    ck_assert_int_eq(noise->story.count, 4); /* two actions, two replies */
    ck_assert_ptr_nonnull(strstr(noise->story.lines[0].text, "a=1"));
    ck_assert_ptr_nonnull(strstr(noise->story.lines[2].text, "b=1"));
    ck_assert_int_eq(noise->story.lines[3].kind, STORY_WRONG);
    ck_assert_str_eq(noise->expected, "no b after a");
    int lines = 0;
    for (const char *at = noise->script; *at != '\0'; at++)
        lines += *at == '\n';
    ck_assert_int_eq(lines, 2);
    lab_result_release(&result);
}
END_TEST

START_TEST(seed_replays_the_story_byte_for_byte)
{
    struct lab_result first = judge("good", "noise_is_made_short", 7);
    struct lab_result again = judge("good", "noise_is_made_short", 7);
    struct lab_result other = judge("good", "noise_is_made_short", 8);
    ck_assert_str_eq(first.results[0].script, again.results[0].script);
    ck_assert_str_ne(first.results[0].script, other.results[0].script);
    lab_result_release(&first);
    lab_result_release(&again);
    lab_result_release(&other);
}
END_TEST

START_TEST(story_of_asks_has_their_times_and_marks_the_last)
{
    struct lab_result result = judge("good", "asks_by_hand", 1);
    const struct story *story = &result.results[0].story;
    ck_assert_int_eq(story->count, 4);
    ck_assert_int_eq(story->virtual_time, 1);
    ck_assert_str_eq(result.results[0].script, "act at=5\nact at=9\n");
    ck_assert_int_eq(story->lines[0].at_ms, 5);
    ck_assert_int_eq(story->lines[2].at_ms, 9);
    ck_assert_int_eq(story->lines[3].kind, STORY_WRONG);
    lab_result_release(&result);
}
END_TEST

START_TEST(trouble_of_the_probe_becomes_the_verdict)
{
    static const struct {
        const char *mode;
        enum verdict verdict;
        const char *reason;
    } cases[] = {
        {"todo", VERDICT_FAIL, "not written yet"},
        {"exit0", VERDICT_FAIL, "early exit"},
        {"abort", VERDICT_CRASH, "signal"},
        {"overflow", VERDICT_CRASH, "sanitizer"},
        {"leak", VERDICT_CRASH, "leak"},
        {"child", VERDICT_FAIL, "left a process"},
        {"garbage", VERDICT_FAIL, "protocol"},
        {"runtime_failed", VERDICT_CRASH, "sanitizer"},
        {"end_status", VERDICT_FAIL, "early exit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lab_result result = judge(cases[i].mode, "no_gate", 1);
        ck_assert_msg(result.count == 1, "mode %s", cases[i].mode);
        expect(&result, "no_gate", cases[i].verdict, cases[i].reason);
        ck_assert_int_eq(result.points, 0);
        lab_result_release(&result);
    }
}
END_TEST

START_TEST(what_was_printed_goes_with_a_wrong_answer)
{
    static const char *const wrong[] = {"noise_is_made_short", "gate_that_fails", "asks_by_hand",
                                        "other_answers"};
    struct lab_result result = judge("chatter", NULL, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct result *one = result_of(&result, wrong[i]);
        expect(&result, wrong[i], VERDICT_FAIL, "wrong answer");
        ck_assert_msg(one->output != NULL && strstr(one->output, "a student's printf") != NULL,
                      "%s: %s", wrong[i], one->output != NULL ? one->output : "nothing");
    }
    lab_result_release(&result);
}
END_TEST

START_TEST(answers_expected_are_compared_and_nothing_is_left_out)
{
    struct lab_result result = judge("good", "*answers*", 1);
    expect(&result, "answers_as_expected", VERDICT_PASS, "");
    expect(&result, "other_answers", VERDICT_FAIL, "wrong answer");
    const struct result *other = result_of(&result, "other_answers");
    ck_assert_int_eq(other->story.count, 4); /* both actions stand there, though one would fail */
    ck_assert_str_eq(other->expected, "state=\"OPEN\"");
    ck_assert_str_eq(other->got, "no state");
    ck_assert_str_eq(other->script, "act n=1\nact n=2\n");
    const struct result *second = result_of(&result, "answers_of_two_scenes");
    ck_assert_int_eq(second->story.count, 2); /* of the scene that failed, to its own probe */
    ck_assert_str_eq(second->got, "no state");
    ck_assert_str_eq(second->script, "act n=2\n");
    lab_result_release(&result);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        verdicts_gates_and_points,
        check_alone_has_the_verdict_of_the_full_run,
        story_is_as_short_as_it_can_be,
        seed_replays_the_story_byte_for_byte,
        story_of_asks_has_their_times_and_marks_the_last,
        trouble_of_the_probe_becomes_the_verdict,
        what_was_printed_goes_with_a_wrong_answer,
        answers_expected_are_compared_and_nothing_is_left_out,
        NULL,
    };
    return run_tests("play", tests);
}
