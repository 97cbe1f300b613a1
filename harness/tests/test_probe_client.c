#define _GNU_SOURCE
/*
 * The probe client against probes that crash, hang, forge and leave things behind, at each point
 * of the conversation: whatever they do, the judge says what happened, soon, and nothing stays.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#include "process/probe_client.h"
#include "suites/suites.h"
#include "tests/cluster_fixture.h"

enum { CPU_MS = 300, WALL_MS = 20000, IDLE_MS = 400 };

static const char fake_probe[] = BUILD_FOLDER "/asan/tests/fake_probe";

struct story {
    const char *mode;
    enum probe_state hello, ask, close; /* the state after each */
    const char *ending;                 /* part of the sentence; "" = none is asked for */
};

static const char *state_words(enum probe_state state)
{
    return state == PROBE_READY ? "ready" : probe_state_reason(state);
}

static struct probe *open_with(struct fixture *fixture, const char *mode, int64_t cpu_ms)
{
    char fake[80];
    snprintf(fake, sizeof fake, "FAKE=%s", mode);
    const char *const environment[] = {fake, NULL};
    struct probe_options options = {.program = fake_probe,
                                    .lab = &lab_00_tour,
                                    .work_dir = fixture->dir,
                                    .cpu_ms = cpu_ms,
                                    .wall_ms = WALL_MS,
                                    .idle_ms = IDLE_MS,
                                    .environment = environment};
    struct probe *probe = NULL;
    struct error err = {0};
    ck_assert_msg(probe_open(&probe, fixture->launcher, &options, &err) == 0, "%s", err.text);
    return probe;
}

static struct probe *open_fake(struct fixture *fixture, const char *mode)
{
    return open_with(fixture, mode, CPU_MS);
}

static void expect_story(const struct story *story)
{
    struct fixture fixture;
    struct message reply = {0};
    fixture_open(&fixture);
    struct probe *probe = open_fake(&fixture, story->mode);
    const enum probe_state got[] = {probe_hello(probe), probe_ask(probe, "act", &reply),
                                    probe_close(probe)};
    const enum probe_state expected[] = {story->hello, story->ask, story->close};
    static const char *const points[] = {"hello", "ask", "close"};
    for (int i = 0; i < 3; i++)
        ck_assert_msg(got[i] == expected[i], "mode %s, after %s: expected %s, got %s (%s)",
                      story->mode, points[i], state_words(expected[i]), state_words(got[i]),
                      probe_ending(probe));
    ck_assert_msg(strstr(probe_ending(probe), story->ending) != NULL,
                  "mode %s: expected a sentence with \"%s\", got \"%s\"", story->mode,
                  story->ending, probe_ending(probe));
    message_release(&reply);
    probe_free(probe);
    fixture_close(&fixture);
}

static void expect_stories(const struct story *stories, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_story(&stories[i]);
}

START_TEST(good_probe_is_asked_and_ends)
{
    struct fixture fixture;
    struct message reply = {0};
    fixture_open(&fixture);
    struct probe *probe = open_fake(&fixture, "chatter");
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(probe_ask(probe, "act number=1", &reply), PROBE_READY);
        ck_assert_str_eq(reply.word, "ok");
        ck_assert_str_eq(message_get(&reply, "word"), "act");
        message_release(&reply);
    }
    ck_assert_int_eq(probe_ask(probe, "nonsense", &reply), PROBE_READY);
    ck_assert_str_eq(reply.word, "bad");
    message_release(&reply);
    ck_assert_int_eq(probe_close(probe), PROBE_READY);
    ck_assert_str_eq(probe_output(probe), "a student's printf\\x1b[31m and a colour\n");
    probe_free(probe);
    fixture_close(&fixture);
}
END_TEST

START_TEST(trouble_before_the_first_action_is_named)
{
    static const struct story stories[] = {
        {"constructor_exit", PROBE_EXITED, PROBE_EXITED, PROBE_EXITED, "before it said hello"},
        {"constructor_passed", PROBE_EXITED, PROBE_EXITED, PROBE_EXITED, "status 0"},
        {"constructor_abort", PROBE_SIGNALLED, PROBE_SIGNALLED, PROBE_SIGNALLED, "SIGABRT"},
        {"constructor_hang", PROBE_WALL_LIMIT, PROBE_WALL_LIMIT, PROBE_WALL_LIMIT, "400 ms"},
        {"hello_torn", PROBE_EXITED, PROBE_EXITED, PROBE_EXITED, "status 0"},
        {"hello_other", PROBE_PROTOCOL, PROBE_PROTOCOL, PROBE_PROTOCOL, "lab=another"},
        {"hello_garbage", PROBE_PROTOCOL, PROBE_PROTOCOL, PROBE_PROTOCOL, "no greeting"},
        {"constructor_forge", PROBE_READY, PROBE_PROTOCOL, PROBE_PROTOCOL, "before it was asked"},
    };
    expect_stories(stories, sizeof stories / sizeof stories[0]);
}
END_TEST

START_TEST(trouble_in_an_action_is_named)
{
    static const struct story stories[] = {
        {"exit0", PROBE_READY, PROBE_EXITED, PROBE_EXITED, "ended by itself with status 0"},
        {"exit7", PROBE_READY, PROBE_EXITED, PROBE_EXITED, "ended by itself with status 7"},
        {"abort", PROBE_READY, PROBE_SIGNALLED, PROBE_SIGNALLED, "SIGABRT"},
        {"kill", PROBE_READY, PROBE_SIGNALLED, PROBE_SIGNALLED, "SIGKILL"},
        {"overflow", PROBE_READY, PROBE_SANITIZER, PROBE_SANITIZER, "Sanitizer"},
        {"hang", PROBE_READY, PROBE_WALL_LIMIT, PROBE_WALL_LIMIT, "neither answered nor did"},
        {"spin", PROBE_READY, PROBE_CPU_LIMIT, PROBE_CPU_LIMIT, "300 ms of processor time"},
        {"thread_exit", PROBE_READY, PROBE_EXITED, PROBE_EXITED, "status 0"},
        {"close_all", PROBE_READY, PROBE_PROTOCOL, PROBE_PROTOCOL, "closes descriptors"},
    };
    expect_stories(stories, sizeof stories / sizeof stories[0]);
}
END_TEST

START_TEST(torn_and_forged_replies_are_refused)
{
    static const struct story stories[] = {
        {"torn", PROBE_READY, PROBE_EXITED, PROBE_EXITED, "status 0"},
        {"torn_hang", PROBE_READY, PROBE_WALL_LIMIT, PROBE_WALL_LIMIT, ""},
        {"garbage", PROBE_READY, PROBE_PROTOCOL, PROBE_PROTOCOL, "no reply"},
        {"long_line", PROBE_READY, PROBE_PROTOCOL, PROBE_PROTOCOL, "more than 65536 bytes"},
        {"twice", PROBE_READY, PROBE_READY, PROBE_PROTOCOL, "without being asked"},
        {"after_reply", PROBE_READY, PROBE_READY, PROBE_PROTOCOL, "word=late"},
    };
    expect_stories(stories, sizeof stories / sizeof stories[0]);
}
END_TEST

START_TEST(forged_reply_is_seen_at_the_next_action_too)
{
    struct fixture fixture;
    struct message reply = {0};
    fixture_open(&fixture);
    struct probe *probe = open_fake(&fixture, "twice");
    ck_assert_int_eq(probe_ask(probe, "act", &reply), PROBE_READY);
    message_release(&reply);
    enum probe_state state = PROBE_READY;
    for (int i = 0; i < 100 && state == PROBE_READY; i++) { /* its second line may be on its way */
        state = probe_ask(probe, "act", &reply);
        message_release(&reply);
    }
    ck_assert_int_eq(state, PROBE_PROTOCOL);
    probe_free(probe);
    fixture_close(&fixture);
}
END_TEST

START_TEST(trouble_at_the_end_is_named)
{
    static const struct story stories[] = {
        {"end_hang", PROBE_READY, PROBE_READY, PROBE_WALL_LIMIT, ""},
        {"end_status", PROBE_READY, PROBE_READY, PROBE_EXITED, "status 3"},
        {"end_abort", PROBE_READY, PROBE_READY, PROBE_SIGNALLED, "SIGABRT"},
        {"leak", PROBE_READY, PROBE_READY, PROBE_LEAK, "never freed"},
        {"child", PROBE_READY, PROBE_READY, PROBE_LEFTOVER, "left 1 process"},
    };
    expect_stories(stories, sizeof stories / sizeof stories[0]);
}
END_TEST

START_TEST(output_and_memory_have_limits)
{
    struct fixture fixture;
    struct message reply = {0};
    fixture_open(&fixture);
    struct probe *probe = open_with(&fixture, "memory", WALL_MS);
    ck_assert_int_eq(probe_ask(probe, "act", &reply), PROBE_MEMORY_LIMIT);
    message_release(&reply);
    probe_free(probe);

    probe = open_with(&fixture, "print", WALL_MS);
    ck_assert_int_eq(probe_ask(probe, "act", &reply), PROBE_OUTPUT_LIMIT);
    ck_assert_uint_lt(strlen(probe_output(probe)), PROBE_OUTPUT_MAX + 100);
    ck_assert_ptr_nonnull(strstr(probe_output(probe), "left out"));
    message_release(&reply);
    probe_free(probe);
    fixture_close(&fixture);
}
END_TEST

START_TEST(probe_that_is_freed_in_the_middle_leaves_nothing)
{
    struct fixture fixture;
    fixture_open(&fixture);
    probe_free(open_fake(&fixture, "good"));
    probe_free(open_fake(&fixture, "constructor_hang"));
    fixture_close(&fixture);
}
END_TEST

START_TEST(no_descriptor_left_is_the_harness_own_error)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct rlimit before, none = {0};
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    none = (struct rlimit){(rlim_t)next + 3, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    struct probe_options options = {
        .program = fake_probe, .lab = &lab_00_tour, .work_dir = fixture.dir};
    struct probe *probe = NULL;
    struct error err = {0};
    int code = probe_open(&probe, fixture.launcher, &options, &err);
    setrlimit(RLIMIT_NOFILE, &before);
    ck_assert_int_eq(code, ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.text, "pipe"));
    fixture_close(&fixture);
}
END_TEST

START_TEST(program_that_is_not_there_is_the_harness_own_error)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct probe_options options = {
        .program = BUILD_FOLDER "/no-such-probe", .lab = &lab_00_tour, .work_dir = fixture.dir};
    struct probe *probe = NULL;
    struct error err = {0};
    ck_assert_int_eq(probe_open(&probe, fixture.launcher, &options, &err), ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.text, BUILD_FOLDER "/no-such-probe"));
    fixture_close(&fixture);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        good_probe_is_asked_and_ends,
        trouble_before_the_first_action_is_named,
        trouble_in_an_action_is_named,
        torn_and_forged_replies_are_refused,
        forged_reply_is_seen_at_the_next_action_too,
        trouble_at_the_end_is_named,
        output_and_memory_have_limits,
        probe_that_is_freed_in_the_middle_leaves_nothing,
        no_descriptor_left_is_the_harness_own_error,
        program_that_is_not_there_is_the_harness_own_error,
        NULL,
    };
    return run_tests("probe client", tests);
}
