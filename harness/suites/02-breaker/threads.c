/*
 * Lab 02, step 5: many threads. The probe logs every call with tickets of a shared counter, taken
 * before and after; what the judge concludes holds for every order that the tickets allow. Turns
 * change hands at locks (the probe's probe_turns.c), so that few calls show what many would.
 */
#include "suites/02-breaker/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/02-breaker/model.h"

enum { PAGE = 500, ENTRIES_MAX = 40000 };

struct entry {
    int64_t admit_before, admit_after, report_before, report_after;
    int admission, outcome, refused;
};

struct storm_log {
    struct entry *entries;
    int count;
};

static int64_t field(const struct message *reply, const char *name)
{
    int64_t value = -1;
    message_get_int64(reply, name, &value);
    return value;
}

static int parse_entries(const char *text, struct storm_log *log)
{
    while (*text != '\0') {
        long long numbers[8] = {0};
        char *end = NULL;
        for (int i = 0; i < 8; i++) {
            numbers[i] = strtoll(text, &end, 10);
            if (end == text || (*end != ':' && *end != ';'))
                return -1;
            text = end + 1;
        }
        if (log->count == ENTRIES_MAX)
            return -1;
        log->entries[log->count++] =
            (struct entry){numbers[1],      numbers[2],      numbers[5],     numbers[6],
                           (int)numbers[3], (int)numbers[4], (int)numbers[7]};
    }
    return 0;
}

/* Runs a storm and fetches its whole log. 1 when a verdict stands. reply holds the totals. */
static int storm(struct check_run *run, struct probe *probe, const char *settings, int64_t seed,
                 struct message *reply, struct storm_log *log)
{
    if (run_ask(run, probe, reply, "storm threads=8 seed=%lld %s", (long long)seed, settings))
        return 1;
    log->count = 0;
    int64_t operations = field(reply, "operations");
    for (int64_t from = 0; from < operations; from += PAGE) {
        char action[64];
        struct message page = {0};
        snprintf(action, sizeof action, "log from=%lld count=%d", (long long)from, PAGE);
        enum probe_state state = probe_ask(probe, action, &page);
        int wrong =
            state == PROBE_READY && parse_entries(message_get_or(&page, "entries", ""), log) < 0;
        message_release(&page);
        if (state != PROBE_READY)
            return run_crash(run, state, probe);
        if (wrong)
            return run_fail(run, "protocol", "a log of calls", "something else");
    }
    return 0;
}

/* The frame of a thread check: a probe, `rounds` storms, a judgement of each. */
typedef int judge_storm(struct check_run *run, const struct message *totals,
                        const struct storm_log *log);

static void run_storms(struct check_run *run, const char *program, int rounds, const char *settings,
                       judge_storm *judge)
{
    struct storm_log log = {.entries = calloc(ENTRIES_MAX, sizeof(struct entry))};
    if (log.entries == NULL)
        abort();
    struct probe *probe = run_program(run, program);
    int ended = probe == NULL;
    double calls = 0;
    for (int i = 0; i < rounds && !ended; i++) {
        struct message totals = {0};
        ended =
            storm(run, probe, settings, (int64_t)(run->seed % 100000) + i * 100, &totals, &log) ||
            judge(run, &totals, &log);
        calls += log.count;
        message_release(&totals);
    }
    run_figure(run, "calls from 8 threads", calls);
    run_close(run, probe);
    free(log.entries);
}

static int expect_total(struct check_run *run, const struct message *totals, const char *name,
                        int64_t wanted)
{
    char expected[96];
    if (field(totals, name) == wanted)
        return 0;
    snprintf(expected, sizeof expected, "%s %lld, counted call by call", name, (long long)wanted);
    return run_fail(run, "wrong answer", expected, "%lld", (long long)field(totals, name));
}

static int judge_totals(struct check_run *run, const struct message *totals,
                        const struct storm_log *log)
{
    int64_t admissions[3] = {0}, outcomes[3] = {0}, refused = 0;
    for (int i = 0; i < log->count; i++) {
        const struct entry *e = &log->entries[i];
        if (e->admission < 0 || e->admission > 2)
            return run_fail(run, "wrong answer", "admitted, open or busy", "%d", e->admission);
        admissions[e->admission]++;
        if (e->admission == 0 && e->refused)
            refused++;
        else if (e->admission == 0)
            outcomes[e->outcome]++;
    }
    return expect_total(run, totals, "admitted", admissions[0]) ||
           expect_total(run, totals, "rejected_open", admissions[1]) ||
           expect_total(run, totals, "rejected_busy", admissions[2]) ||
           expect_total(run, totals, "succeeded", outcomes[0]) ||
           expect_total(run, totals, "failed", outcomes[1]) ||
           expect_total(run, totals, "neutral", outcomes[2]) ||
           expect_total(run, totals, "stale", refused);
}

static void check_thread_totals(struct check_run *run)
{
    run_storms(run, "probe", 2,
               "operations=1500 fail=20 neutral=10 percent=30 window=20 minimum=5 trials=3 "
               "successes=4 base=5 cap=20 lease=100000 jitter=0.5",
               judge_totals);
}

/* --- never more than P trials ----------------------------------------------------------------- */

struct edge {
    int64_t ticket;
    int change;
};

static int by_ticket(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return (x->ticket > y->ticket) - (x->ticket < y->ticket);
}

/* Every admitted call of this storm is a trial (it never closes and never reopens). Surely in
   flight is one from the ticket after its admission to the ticket before its report. */
static int judge_trials(struct check_run *run, const struct message *totals,
                        const struct storm_log *log)
{
    enum { TRIALS = 2 };
    struct edge *edges = calloc((size_t)log->count * 2 + 1, sizeof *edges);
    int count = 0, in_flight = 0, most = 0;
    if (edges == NULL)
        abort();
    for (int i = 0; i < log->count; i++) {
        if (log->entries[i].admission != 0)
            continue;
        edges[count++] = (struct edge){log->entries[i].admit_after, 1};
        edges[count++] = (struct edge){log->entries[i].report_before, -1};
    }
    qsort(edges, (size_t)count, sizeof *edges, by_ticket);
    for (int i = 0; i < count; i++) {
        in_flight += edges[i].change;
        most = in_flight > most ? in_flight : most;
    }
    free(edges);
    if (count == 0)
        return run_fail(run, "wrong answer", "trials, after the wait is over",
                        "not one call admitted");
    if (field(totals, "closed") != 0 || field(totals, "opened") != 1)
        return run_fail(run, "wrong answer",
                        "HALF_OPEN throughout: no trial failed, and too few worked",
                        "opened %lld times, closed %lld times", (long long)field(totals, "opened"),
                        (long long)field(totals, "closed"));
    if (most > TRIALS)
        return run_fail(run, "wrong answer", "at most 2 trials in flight", "%d", most);
    return 0;
}

static void check_thread_trials(struct check_run *run)
{
    run_storms(run, "probe", 2,
               "operations=1500 trip=1 fail=0 neutral=50 percent=50 window=4 minimum=2 trials=2 "
               "successes=2000000000 base=1 cap=1 lease=86400000",
               judge_trials);
}

/* --- one winner a transition ------------------------------------------------------------------ */

static int judge_winners(struct check_run *run, const struct message *totals,
                         const struct storm_log *log)
{
    int64_t opened = field(totals, "opened"), half_opened = field(totals, "half_opened");
    int64_t closed = field(totals, "closed"), trials_failed = 0;
    for (int i = 0; i < log->count; i++)
        trials_failed += log->entries[i].admission == 0 && !log->entries[i].refused;
    if (half_opened != opened && half_opened != opened - 1)
        return run_fail(run, "wrong answer", "each OPEN ends in one HALF_OPEN",
                        "opened %lld times, half opened %lld times", (long long)opened,
                        (long long)half_opened);
    if (opened != 1 + trials_failed || half_opened < trials_failed)
        return run_fail(run, "wrong answer", "each failed trial reopens once",
                        "%lld failed trials, opened %lld times", (long long)trials_failed,
                        (long long)opened);
    int64_t delivered = field(totals, "events"), lost = field(totals, "events_lost");
    if (delivered + lost != opened + half_opened + closed)
        return run_fail(
            run, "wrong answer", "one event per transition, delivered or counted as lost",
            "%lld transitions, %lld delivered, %lld lost",
            (long long)(opened + half_opened + closed), (long long)delivered, (long long)lost);
    if (lost == 0 && field(totals, "disordered") != 0)
        return run_fail(run, "wrong answer", "each event begins where the one before ended",
                        "%lld of %lld do not", (long long)field(totals, "disordered"),
                        (long long)delivered);
    return 0;
}

static void check_thread_winners(struct check_run *run)
{
    run_storms(run, "probe", 6,
               "operations=60 trip=1 fail=100 neutral=0 percent=50 window=4 minimum=2 trials=1 "
               "successes=1 base=1 cap=1 lease=86400000 step=1",
               judge_winners);
}

/* --- data races ------------------------------------------------------------------------------- */

static void check_thread_races(struct check_run *run)
{
    run_storms(run, "probe-tsan", 2,
               "operations=400 fail=20 neutral=10 percent=30 window=20 minimum=5 trials=3 "
               "successes=4 base=5 cap=20 lease=1000 jitter=0.5",
               judge_totals);
}

/* Another thread was faster: its later time is known already. Trips at 0, reopens at 20. */
#define LAGGING                                                                                    \
    "create percent=70 window=6 minimum=2 trials=1 successes=1 base=10 cap=10 lease=50\n" TRIPPING \
    "admit token=1 now=20\nreport token=1 outcome=FAIL now=20\nadmit token=1 now=19\n"             \
    "admit token=1 now=35\nreport token=1 outcome=OK now=34\nstate\n"

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 5, .points = its_points, .anchor = "threads", .tier = TIER_MODEL

const struct check breaker_threads_checks[] = {
    {CHECK("no_data_race_under_threads", 2), .rules = "B4", .run = check_thread_races, .tsan = 1,
     .cpu_ms = 60000, .rule = "Under ThreadSanitizer, 8 threads find no data race.",
     .hints =
         {"The report shows both stacks: two threads, one variable, no lock between them.",
          "Everything that changes after creation is touched with the lock held, reading too."}},
    {CHECK("a_lagging_clock_moves_nothing", 1), .rules = "B7", .oracle = &breaker_oracle,
     .script = LAGGING,
     .rule = "A time a little before one that is known already opens, closes and loses nothing.",
     .hints = {"At 20 it reopened; a thread that read the clock earlier now asks at 19.",
               "Compare now >= end, never now - begin >= length in unsigned numbers."}},
    {CHECK("guard_is_exact_under_threads", 1), .rules = "B8 F1", .run = check_crowd, .tsan = 1,
     .cpu_ms = 60000,
     .rule = "With 8 threads in one guard, results and metrics agree with the calls made.",
     .hints = {"Fallback counters and what was published already are shared: lock them.",
               "Read the breaker's counts with your lock held: of two publishers, the one with the "
               "older numbers must not come second."}},
    {CHECK("totals_are_exact_under_threads", 1), .rules = "B8", .run = check_thread_totals,
     .cpu_ms = 30000, .rule = "With 8 threads every counter equals the calls counted one by one.",
     .hints = {"A counter that is increased without the lock loses some.",
               "Decide and count in one stay under the lock."}},
    {CHECK("never_more_trials_than_allowed", 2), .rules = "B3", .run = check_thread_trials,
     .cpu_ms = 30000,
     .rule = "With 8 threads there are never more than `trials` calls in flight while HALF_OPEN.",
     .hints = {"Two threads saw room for one more, and both took it.",
               "Looking for room and taking it must be one stay under the lock."}},
    {CHECK("one_winner_for_each_transition", 1), .rules = "B4", .run = check_thread_winners,
     .cpu_ms = 30000, .rule = "With 8 threads each transition happens once and is one event.",
     .hints = {"Eight threads find the wait over in the same moment: one makes it HALF_OPEN.",
               "Look at the state again after you have the lock; change it before you let go."}},
    {0},
};
