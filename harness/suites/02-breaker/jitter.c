/*
 * Lab 02, step 4: waits, backoff, retries.
 */
#include "suites/02-breaker/checks.h"
#include "suites/02-breaker/model.h"

#define REOPENING                                                                                  \
    "create percent=70 window=6 minimum=2 trials=1 successes=1 base=100 cap=450 lease=1000 "

static void generate_reopenings(struct scenario *out, const struct random *random)
{
    int base = 4 + (int)random_below(random, 20);
    scenario_add(out,
                 "create percent=50 window=%d minimum=1 trials=%d successes=%d base=%d cap=%d "
                 "lease=%d jitter=%.2f draws=0.25,0.75,0,0.9",
                 4 + (int)random_below(random, 4), 1 + (int)random_below(random, 2),
                 1 + (int)random_below(random, 2), base, base + (int)random_below(random, 150),
                 5 + (int)random_below(random, 60), random_unit(random));
    breaker_any_calls(out, random);
}

/* A draw of [0, 1) that is still below 1 when it is printed with four digits. */
static double draw(const struct random *random)
{
    return (double)random_below(random, 10000) / 10000;
}

static void generate_waits(struct scenario *out, const struct random *random)
{
    for (int i = 0; i < 60; i++) {
        long long base = 1 + (long long)random_below(random, 5000);
        long long cap = base + (long long)random_below(random, 86000000);
        scenario_add(out, "wait base=%lld cap=%lld jitter=%.3f n=%d unit=%.4f", base, cap,
                     random_unit(random), (int)random_below(random, 80), draw(random));
    }
}

static void generate_backoff(struct scenario *out, const struct random *random)
{
    static const char *const kinds[] = {"none", "full", "equal", "decorrelated"};
    for (int i = 0; i < 20; i++)
        scenario_add(out,
                     "backoff kind=%s base=%d cap=%d count=12 draws=%.4f,%.4f,%.4f,%.4f,0,0.9999",
                     kinds[i % 4], 1 + (int)random_below(random, 300),
                     400 + (int)random_below(random, 20000), draw(random), draw(random),
                     draw(random), draw(random));
}

#define CHECK(name, its_points, its_anchor, its_oracle)                                            \
    .id = name, .step = 4, .points = its_points, .anchor = its_anchor, .oracle = its_oracle

const struct check breaker_jitter_checks[] = {
    {CHECK("wait_doubles_up_to_the_cap", 1, "waits", &breaker_oracle), .rules = "J1",
     .rule = "The n-th wait is base x 2^n, at most cap.",
     .script =
         "wait base=100 cap=1000 n=0\nwait base=100 cap=1000 n=1\nwait base=100 cap=1000 n=3\n"
         "wait base=100 cap=1000 n=4\nwait base=100 cap=100 n=1\nwait base=1 cap=86400000 n=20\n",
     .hints = {"n = 0 is the base itself.", "min(cap, base x 2^n)."}},
    {CHECK("wait_never_overflows", 1, "waits", &breaker_oracle), .rules = "J1",
     .rule = "For any n up to 4,096 the wait is in 1..cap.",
     .script = "wait base=1000 cap=30000 n=30\nwait base=1000 cap=30000 n=31\n"
               "wait base=1000 cap=30000 n=32\nwait base=1000 cap=30000 n=54\n"
               "wait base=1 cap=86400000 n=62\nwait base=1 cap=86400000 n=63\n"
               "wait base=1 cap=86400000 n=64\nwait base=3 cap=86400000 n=65\n"
               "wait base=1000 cap=30000 n=4096\n",
     .hints = {"2 to the 31st does not fit an int, 2 to the 63rd not an int64_t.",
               "Ask whether base <= cap >> n before shifting; and n itself must stay below 63."}},
    {CHECK("jitter_comes_after_the_cap", 1, "waits", &breaker_oracle), .rules = "J1",
     .rule = "Cap first, then jitter: at the cap waits still spread, and none exceeds it.",
     .script = "wait base=100 cap=1000 jitter=0.5 n=9 unit=0\n"
               "wait base=100 cap=1000 jitter=0.5 n=9 unit=0.5\n"
               "wait base=100 cap=1000 jitter=0.5 n=9 unit=0.998\n"
               "wait base=100 cap=1000 jitter=1 n=9 unit=0.25\n",
     .hints = {"With the cap applied last, all long waits are the same again.",
               "capped = min(cap, base x 2^n); wait = capped - floor(capped x jitter x u)."}},
    {CHECK("jitter_only_shortens", 1, "waits", &breaker_oracle), .rules = "J1",
     .rule = "Jitter takes away, never adds, and the wait is at least 1.",
     .script = "wait base=100 cap=1000 jitter=0.2 n=0 unit=0.9\n"
               "wait base=100 cap=1000 jitter=1 n=0 unit=0.9999\nwait base=1 cap=1 jitter=1 n=0 "
               "unit=0.9\n"
               "wait base=2 cap=2 jitter=1 n=0 unit=0.6\n",
     .hints = {"An upper bound that callers know is worth keeping: subtract.",
               "max(1, ...) as the last step."}},
    {CHECK("any_wait_follows_the_formula", 1, "waits", &breaker_oracle), .rules = "J1",
     .tier = TIER_MODEL, .generate = generate_waits, .rounds = 20,
     .rule = "For any base, cap, jitter, n and draw the wait is the formula's.",
     .hints = {"floor(capped x jitter x u): multiply as doubles, then cut the decimals off.",
               "The story holds one wait: compute it by hand."}},
    {CHECK("waits_grow_with_openings_in_a_row", 1, "waits", &breaker_oracle), .rules = "J1",
     .rule = "Each reopening without a CLOSED between takes the next n, and its own draw.",
     .script = REOPENING
     "jitter=0.5 draws=0,0.5,0.99,0.25\n" TRIPPING
     "admit token=0 now=95\nadmit token=0 now=105\nreport token=0 outcome=FAIL now=105\n"
     "admit token=0 now=250\nadmit token=0 now=260\nreport token=0 outcome=FAIL now=260\n"
     "admit token=0 now=457\nadmit token=0 now=467\nreport token=0 outcome=FAIL now=467\n"
     "admit token=0 now=856\nadmit token=0 now=866\ncounts\n",
     .judged = "result drawn",
     .hints = {"Openings in a row are counted; each draws once from config.random.",
               "n is 0 at the first opening, then 1, 2, 3; waits 100, 150, 202, 394."}},
    {CHECK("closing_starts_again_at_base", 1, "waits", &breaker_oracle), .rules = "J1",
     .rule = "After CLOSED the next opening waits base again.",
     .script = REOPENING "jitter=0\n" TRIPPING
                         "admit token=0 now=105\nreport token=0 outcome=FAIL now=105\n"
                         "admit token=0 now=310\nreport token=0 outcome=OK now=310\nstate\n"
                         "admit token=0 now=400\nreport token=0 outcome=OK now=400\n"
                         "admit token=0 now=400\nreport token=0 outcome=FAIL now=400\n"
                         "admit token=0 now=400\nreport token=0 outcome=FAIL now=400\n"
                         "admit token=0 now=400\nreport token=0 outcome=FAIL now=400\nstate\n"
                         "admit token=0 now=495\nadmit token=0 now=505\n",
     .judged = "result state",
     .hints = {"What happens to the count of openings when it closes?",
               "A new outage does not continue the last one: n = 0."}},
    {CHECK("any_reopening_takes_its_wait", 1, "waits", &breaker_oracle), .rules = "J1",
     .tier = TIER_MODEL, .generate = generate_reopenings, .rounds = 60,
     .rule = "Whatever the order of calls, each opening waits as long as the formula says.",
     .hints = {"n counts openings in a row, a lost trial's too, and starts again after CLOSED.",
               "One draw from config.random at each opening, none anywhere else."}},
    {CHECK("backoff_grows_and_is_capped", 1, "backoff", &retry_oracle), .rules = "J2",
     .rule = "Without jitter the delays are base, 2 x base, 4 x base ..., at most cap.",
     .script =
         "backoff kind=none base=100 cap=1000 count=8\nbackoff kind=none base=1 cap=1 count=3\n"
         "backoff kind=none base=7 cap=86400000 count=80\n",
     .hints = {"The first delay is base.", "It is asked 80 times here: no overflow."}},
    {CHECK("full_jitter_formula", 1, "backoff", &retry_oracle), .rules = "J2",
     .rule = "Full jitter: floor(u x (capped + 1)), from 0 to capped.",
     .script = "backoff kind=full base=100 cap=1000 count=6 draws=0,0.5,0.999,0.25,0.9999,0.75\n",
     .hints = {"The whole range, 0 included.",
               "One draw per delay; capped grows as without jitter."}},
    {CHECK("equal_jitter_formula", 1, "backoff", &retry_oracle), .rules = "J2",
     .rule = "Equal jitter: half of capped always, and a random part of the other half.",
     .script = "backoff kind=equal base=101 cap=1000 count=6 draws=0,0.5,0.999,0.25,0.9999,0.75\n",
     .hints = {"h = capped / 2; from h to capped.", "h + floor(u x (capped - h + 1))."}},
    {CHECK("decorrelated_jitter_formula", 1, "backoff", &retry_oracle), .rules = "J2",
     .rule = "Decorrelated jitter: from base to three times the delay before, at most cap.",
     .script = "backoff kind=decorrelated base=100 cap=2000 count=8 "
               "draws=0.5,0.999,0.999,0.999,0,0.999,0.25,0.5\n",
     .hints = {"The delay before is the one that was given, after the cap; base at first.",
               "min(cap, base + floor(u x (3 x previous - base + 1)))."}},
    {CHECK("any_backoff_follows_its_formula", 1, "backoff", &retry_oracle), .rules = "J2",
     .tier = TIER_MODEL, .generate = generate_backoff, .rounds = 10,
     .rule = "For any base, cap and draws the delays are the formula's.",
     .hints = {"The story holds one kind: compute its first wrong delay by hand.",
               "Two backoffs share nothing: state belongs to one call."}},
    {CHECK("backoff_limits_are_refused", 1, "backoff", &retry_oracle), .rules = "J2",
     .rule = "backoff_start and retry_budget_init refuse what is out of range, naming the field.",
     .script = "backoff kind=none base=100 cap=100 count=1\nbackoff base=0 cap=10\n"
               "backoff base=-1 cap=10\nbackoff base=100 cap=99\nbackoff base=1 cap=86400001\n"
               "budget ratio=-0.1 burst=5\nbudget ratio=1.5 burst=5\nbudget ratio=0.1 burst=0\n",
     .hints = {"\"base_ms\", \"cap_ms\", \"ratio\", \"burst\" must be in the sentence.",
               "A cap below the base is the cap's mistake."}},
    {CHECK("delays_spread_as_stated", 1, "backoff", NULL), .rules = "J2", .tier = TIER_MODEL,
     .run = check_backoff_statistics,
     .rule = "Over 10,000 seeded draws mean, spread and share at the cap are within stated bounds.",
     .hints = {"Full jitter has half of capped as its mean, equal jitter three quarters.",
               "One draw per delay, from the random source you were given, used as it is."}},
    {CHECK("attempts_include_the_first", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "attempts=3 makes at most three calls.",
     .script = "retry attempts=3 script=TRANSIENT/5\nretry attempts=1 script=TRANSIENT/5\n"
               "retry attempts=3 script=TRANSIENT/5,OK/5\nretry attempts=5 script=OK/5\n",
     .hints = {"Three attempts are two retries.", "Look at the count before the wait, not after."}},
    {CHECK("permanent_errors_are_not_retried", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "PERMANENT ends the loop at once.",
     .script =
         "retry attempts=4 script=PERMANENT/5\nretry attempts=4 script=TRANSIENT/5,PERMANENT/5\n",
     .hints = {"A 404 will be a 404 the second time.", "Only TRANSIENT is worth another attempt."}},
    {CHECK("open_is_not_retried", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "OPEN ends the loop at once: a breaker that said no is not asked again.",
     .script = "retry attempts=4 script=OPEN/0\nretry attempts=4 script=TRANSIENT/5,OPEN/0\n",
     .hints = {"Retrying against an open breaker is a loop that does nothing.",
               "Only TRANSIENT is worth another attempt."}},
    {CHECK("deadline_covers_everything", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "The deadline counts from the start and covers attempts and waits together.",
     .script = "retry attempts=9 deadline=500 base=100 cap=100 script=TRANSIENT/120\n"
               "retry attempts=9 deadline=500 base=100 cap=100 start=777 script=TRANSIENT/120\n"
               "retry attempts=9 deadline=500 base=100 cap=100 script=TRANSIENT/30,TRANSIENT/900\n",
     .hints = {"Each attempt is told how much of the deadline is left, as its limit.",
               "deadline_at = now at the start + deadline_ms; look at the clock again each time."}},
    {CHECK("no_sleep_outlasts_the_deadline", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "A wait that would end at or after the deadline is not begun.",
     .script = "retry attempts=9 deadline=200 base=100 cap=100 script=TRANSIENT/100\n"
               "retry attempts=9 deadline=201 base=100 cap=100 script=TRANSIENT/100\n"
               "retry attempts=9 deadline=150 base=1000 cap=1000 script=TRANSIENT/1\n",
     .hints =
         {"An attempt after the deadline is of no use to the caller, nor is the sleep before it.",
          "if (now + wait >= deadline_at) return, with deadline_hit set."}},
    {CHECK("retry_after_is_kept", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "The wait is never shorter than the server's Retry-After.",
     .script =
         "retry attempts=4 base=100 cap=1000 script=TRANSIENT/5/3000,TRANSIENT/5/50,TRANSIENT/5\n"
         "retry attempts=4 deadline=2000 base=100 cap=1000 script=TRANSIENT/5/3000\n",
     .hints = {"Take the larger of the backoff's delay and Retry-After.",
               "But it is no reason to sleep past the deadline."}},
    {CHECK("the_budget_bounds_retries", 1, "retries", &retry_oracle), .rules = "J3",
     .rule =
         "Each first attempt adds `ratio` tokens, each retry takes one, at most `burst` are kept.",
     .script = "budget ratio=0.1 burst=3\nbudget first=0 take=5\nbudget first=9 take=1\n"
               "budget first=2 take=2\nbudget first=1000 take=10\n"
               "budget ratio=0.5 burst=10\nbudget first=0 take=20\nbudget first=7 take=9\n",
     .hints = {"It starts full, with `burst` tokens.",
               "0.1 ten times is one token: count in thousandths, as whole numbers."}},
    {CHECK("a_dead_dependency_sees_little_more_load", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "With the budget empty no retry is made: a dead dependency sees under 1.2 x its load.",
     .script =
         "budget ratio=0.1 burst=1\n"
         "retry attempts=3 budget=1 deadline=50 base=100 script=TRANSIENT/5\n"
         "retry attempts=3 budget=1 script=TRANSIENT/5\nretry attempts=3 budget=1 "
         "script=TRANSIENT/5\n"
         "retry attempts=3 budget=1 script=TRANSIENT/5\nretry attempts=3 budget=1 script=OK/5\n"
         "budget first=6 take=0\nretry attempts=3 budget=1 script=TRANSIENT/5\n"
         "retry attempts=3 budget=1 script=TRANSIENT/5\n"
         "budget ratio=0.5 burst=1\nretry attempts=4 budget=1 script=TRANSIENT/5\n"
         "retry attempts=4 budget=1 script=TRANSIENT/5\n"
         "retry attempts=4 budget=1 script=TRANSIENT/5\n",
     .hints = {"Every call that is not a retry adds its share, even the ones that work.",
               "Ask the budget last, just before the sleep: a token taken must be used."}},
    {CHECK("broken_policies_make_no_attempt", 1, "retries", &retry_oracle), .rules = "J3",
     .rule = "A policy out of range makes no attempt at all.",
     .script = "retry attempts=2 script=OK/1\nretry attempts=0 script=OK/1\n"
               "retry deadline=0 script=OK/1\nretry base=0 script=OK/1\nretry base=10 cap=5 "
               "script=OK/1\n",
     .hints = {"The loop must not count down from 0.",
               "Check the policy before the first attempt."}},
    {CHECK("the_herd_is_scattered", 2, "the-herd", NULL), .rules = "J4", .tier = TIER_MODEL,
     .run = check_herd, .rule = "200 breakers that opened together do not come back together.",
     .hints = {"Without jitter all 200 trials fall into one bin of 10 ms; the picture shows it.",
               "Each opening takes its own draw from its own breaker's config.random."}},
    {0},
};
