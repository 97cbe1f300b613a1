/*
 * Checkouts that are under way, each with the steps that it must take back when it fails. Given:
 * nothing to fix here.
 *
 * A checkout reserves stock, takes the money and orders the parcel, in this order. Somebody else
 * sends the commands and tells checkout_answered what became of each.
 */
#ifndef DRILL_CHECKOUT_H
#define DRILL_CHECKOUT_H

enum checkout_step { STEP_RESERVE, STEP_PAY, STEP_SHIP, STEPS };

enum step_answer {
    STEP_OK,
    STEP_REJECTED /* refused: no effect */
};

enum checkout_state {
    CHECKOUT_RUNNING,
    CHECKOUT_COMPLETED,
    CHECKOUT_ROLLED_BACK, /* all that was done is undone */
    CHECKOUT_STUCK,       /* a compensation failed: a person must look at it */
    CHECKOUT_UNKNOWN      /* there is no such checkout under way */
};

enum { CHECKOUTS_MAX = 4, CHECKOUT_ID_SIZE = 16 };

/* What one checkout has done, in the order in which it was done. */
struct checkout {
    char id[CHECKOUT_ID_SIZE];
    enum checkout_step done[STEPS];
    int done_count;
};

/* The map from a checkout's id to its steps. {0} is an empty one. */
struct checkouts {
    struct checkout entries[CHECKOUTS_MAX];
    int count;
};

struct checkout_world {
    /* Undoes one step. 0, or -1 when it could not be undone. */
    int (*compensate)(void *context, const char *id, enum checkout_step step);
    void *context;
};

/* A new checkout, with an id of its own, shorter than CHECKOUT_ID_SIZE. 0, or -1 when
   CHECKOUTS_MAX are under way. */
int checkout_begin(struct checkouts *checkouts, const char *id);

/*
 * The answer to a step. A step that is OK is remembered; after STEP_SHIP the checkout is COMPLETED.
 * At a refusal all remembered steps of this checkout are undone, the last first: ROLLED_BACK. When
 * a compensation fails it stops there: STUCK, and the failed step and those before it stay in the
 * map. COMPLETED and ROLLED_BACK leave the map.
 */
enum checkout_state checkout_answered(struct checkouts *checkouts, const char *id,
                                      enum checkout_step step, enum step_answer answer,
                                      const struct checkout_world *world);

/* The entry of exactly this id, or NULL. */
struct checkout *checkout_find(struct checkouts *checkouts, const char *id);

#endif
