/*
 * Lab 03: what a search is played with; and the search for a saga that turns back or parks where
 * no rule says so, or does not where one does, under many configurations.
 */
#include "suites/03-saga/checks.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETUPS = 12, STORMS = 250 /* schedules of three to six faults, in each */ };

static int64_t between(const struct random *random, int64_t least, int64_t most)
{
    return least + (int64_t)random_below(random, (uint64_t)(most - least + 1));
}

static unsigned digits(const struct random *random, int count)
{
    return (unsigned)random_below(random, UINT64_C(1) << (4 * count));
}

static void draw_checkout(const struct random *random, struct world_setup *setup)
{
    struct saga_checkout *checkout = &setup->checkout;
    unsigned time = digits(random, 4), a = digits(random, 3), b = digits(random, 3);
    snprintf(checkout->id, sizeof checkout->id, "0189%04x-%04x-7%03x-8%03x-%06x%06x", time,
             digits(random, 4), a, b, digits(random, 6), digits(random, 6));
    snprintf(checkout->cart_id, sizeof checkout->cart_id, "cart-%x", digits(random, 4));
    snprintf(checkout->customer_id, sizeof checkout->customer_id, "user-%x", digits(random, 4));
    snprintf(checkout->coupon, sizeof checkout->coupon, "coupon-%x", digits(random, 4));
    setup->total_cents = between(random, 1, SETUP_TOTAL_MAX_CENTS);
    setup->reduction_cents = between(random, 0, setup->total_cents - 1);
    if (random_below(random, 4) == 0) {
        checkout->coupon[0] = '\0';
        setup->reduction_cents = 0;
    }
}

/* Half of the deadlines are so short that troubled checkouts meet them. */
void saga_draw_setup(const struct random *random, struct world_setup *out)
{
    struct saga_config *config = &out->config;
    *out = world_plain;
    setup_answer_ms(config, between(random, SETUP_ANSWER_MIN_MS, SETUP_ANSWER_MAX_MS));
    config->attempts = (int)between(random, 1, SETUP_ATTEMPTS_MAX);
    config->compensation_attempts = (int)between(random, 1, SETUP_ATTEMPTS_MAX);
    config->backoff_cap_ms = between(random, 1, SETUP_CAP_MAX_MS);
    config->backoff_base_ms = between(random, 1, config->backoff_cap_ms);
    int64_t most_ms = random_below(random, 2) ? 4 * SETUP_DEADLINE_MIN_MS : SETUP_DEADLINE_MAX_MS;
    config->deadline_ms = between(random, SETUP_DEADLINE_MIN_MS, most_ms);
    draw_checkout(random, out);
    assert(setup_is_sound(out));
}

void saga_check_reasons(struct check_run *run)
{
    struct exploration *x = calloc(1, sizeof *x);
    if (x == NULL)
        abort();
    if (explore_begin(x, run) == 0) {
        int stop = 0;
        x->only_reasons = 1;
        for (int i = 0; i < SETUPS && !stop; i++) {
            x->setup = world_plain;
            if (i > 0)
                saga_draw_setup(&run->random, &x->setup);
            stop = explore_one_fault(x) || explore_by_chance(x, STORMS);
        }
        run_figure(run, "configurations", SETUPS);
        saga_figures(x);
        if (!stop)
            saga_check_ends(x);
        explore_end(x);
    }
    free(x);
}
