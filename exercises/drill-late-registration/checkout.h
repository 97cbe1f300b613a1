/*
 * A checkout that keeps a list of the compensations that it owes. Given: nothing to fix here.
 *
 * It takes the coupon, the stock and the money, in this order, each from a service of its own. When
 * one of them cannot be had, what was taken is given back.
 */
#ifndef DRILL_CHECKOUT_H
#define DRILL_CHECKOUT_H

enum checkout_step { STEP_COUPON, STEP_STOCK, STEP_MONEY, STEPS };
enum call_direction { CALL_TAKE, CALL_GIVE_BACK };

enum call_answer {
    CALL_OK,
    CALL_REJECTED, /* refused: no effect */
    CALL_UNKNOWN   /* no answer: it never arrived, or was done and the answer is lost */
};

enum checkout_end {
    CHECKOUT_COMPLETED,
    CHECKOUT_ROLLED_BACK, /* everything was given back */
    CHECKOUT_STUCK        /* something could not be given back; it is still owed */
};

enum { CALL_ATTEMPTS = 3, CALL_KEY_SIZE = 64 };

/* The compensations that are owed, in the order of registration. It is durable: each change to it
   is on disk at once, and the next process finds it as this one left it. */
struct owed {
    enum checkout_step steps[STEPS];
    int count;
};

struct checkout_world {
    const char *id; /* the checkout's, at most 30 characters */
    /*
     * Calls a step's service. The first answer to a key is kept, in a store that all services
     * share, and given again to every call with that key, whatever it asks for, without doing
     * anything. Giving back what was never taken is OK.
     */
    enum call_answer (*call)(void *context, enum checkout_step step, enum call_direction direction,
                             const char *key);
    void *context;
};

/*
 * Takes one step after the other. An UNKNOWN call is made again with the same key, up to
 * CALL_ATTEMPTS in all. Before a step is called its compensation is registered in owed; OK and
 * UNKNOWN leave it there, REJECTED takes it off again. A step that is not OK in the end is followed
 * by checkout_undo. A COMPLETED checkout owes nothing. *owed is empty at the beginning.
 */
enum checkout_end checkout_run(struct owed *owed, const struct checkout_world *world);

/*
 * Gives back what is owed, the last first, with as many attempts. A step leaves the list when its
 * compensation is OK, not before. When one is not OK in the end it stops: STUCK.
 * The next process calls this for each checkout that it finds unfinished.
 */
enum checkout_end checkout_undo(struct owed *owed, const struct checkout_world *world);

#endif
