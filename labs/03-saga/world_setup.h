/*
 * What a run of the explorer is played with: the saga's configuration, and the checkout. Given:
 * nothing to write here.
 *
 * The judge chooses it, by the run's seed, and says it in its request, so that the world in the
 * probe and the world in the judge are the same. As fields of an action:
 *
 *   attempts=2 compensations=2 answer=100 base=20 cap=80 deadline=60000
 *   id= cart= customer= coupon= total=12000 reduction=2000
 *
 * answer= is the first step's answer_ms; each further step's is SETUP_STEP_MS more. total= and
 * reduction= are what VALIDATE and DISCOUNT answer, in cents.
 */
#ifndef LAB03_WORLD_SETUP_H
#define LAB03_WORLD_SETUP_H

#include "probe/message.h"
#include "saga.h"

/* Within these an answer comes in time, and all attempts of a command are over before a late
   command arrives (WORLD_LATE_MS). */
enum {
    SETUP_STEP_MS = 10,
    SETUP_ATTEMPTS_MAX = 3, /* of either kind: the space of schedules grows with them */
    SETUP_ANSWER_MIN_MS = 50,
    SETUP_ANSWER_MAX_MS = 150,
    SETUP_CAP_MAX_MS = 120,
    SETUP_DEADLINE_MIN_MS = 200, /* a checkout without faults takes 60 */
    SETUP_DEADLINE_MAX_MS = 86400000,
    SETUP_TOTAL_MAX_CENTS = 100000000
};

struct world_setup {
    struct saga_config config;
    struct saga_checkout checkout;
    int64_t total_cents, reduction_cents;
};

/* What is played when nothing is said. */
extern const struct world_setup world_plain;

/* The answer_ms of all steps, from the first one's. */
void setup_answer_ms(struct saga_config *config, int64_t first_ms);

/* Add fields to an action that was begun. */
void setup_write_config(struct text *action, const struct world_setup *setup);
void setup_write_checkout(struct text *action, const struct world_setup *setup);

/* Take what the action says, whatever it is, and leave the rest as it is. */
void setup_read_config(const struct message *action, struct saga_config *config);
void setup_read_checkout(const struct message *action, struct saga_checkout *checkout);

/* All of the above, beginning with world_plain. ERR_INVALID when it is not sound. */
int setup_read(const struct message *action, struct world_setup *setup);
/* 1: it keeps the limits above, and total >= reduction >= 0. */
int setup_is_sound(const struct world_setup *setup);

#endif
