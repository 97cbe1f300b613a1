/*
 * The checkout saga: six steps over six services, each either done or undone. Steps 1 to 4 of lab
 * 03.
 *
 * The orchestrator is a pure state machine: an event goes in, a list of actions comes out, and the
 * host carries them out in their order. It never sends, sleeps, writes or asks for the time itself.
 * Its log is the truth: replaying the records into a new saga gives the same state, so a process
 * that was killed goes on where it was.
 *
 *   step         command to     undone by         kind
 *   0 VALIDATE   cart           (read only)
 *   1 DISCOUNT   pricing        release coupon    compensated
 *   2 RESERVE    inventory      release stock     compensated
 *   3 PAY        payment        refund            compensated
 *   4 SHIP       shipping       -                 the pivot: may be refused, is not undone
 *   5 CONFIRM    notification   -                 after the pivot: retried until done
 *
 * Read more: H. Garcia-Molina and K. Salem, "Sagas", 1987; C. Richardson, Microservices Patterns,
 * chapter 4 (compensatable, pivot, retriable); where a rule is marked PIN it is this lab's choice.
 */
#ifndef LAB03_SAGA_H
#define LAB03_SAGA_H

#include <stddef.h>
#include <stdint.h>
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/id.h"
#include "kit/random.h"
#include "kit/text.h"

enum saga_step {
    SAGA_VALIDATE,
    SAGA_DISCOUNT,
    SAGA_RESERVE,
    SAGA_PAY,
    SAGA_SHIP, /* the pivot */
    SAGA_CONFIRM,
    SAGA_STEPS
};
enum saga_direction { SAGA_FORWARD, SAGA_BACK };
enum saga_answer {
    SAGA_OK,       /* done, with its effect */
    SAGA_REJECTED, /* refused: surely no effect */
    SAGA_UNKNOWN   /* nobody can say: time-out, connection lost after sending */
};
enum saga_phase {
    SAGA_NEW,          /* nothing was logged yet */
    SAGA_RUNNING,      /* forward */
    SAGA_COMPENSATING, /* backward */
    SAGA_PARKED,       /* a person must look at it; RESUME goes on */
    SAGA_COMPLETED,
    SAGA_ROLLED_BACK
};

enum {
    SAGA_PAYLOAD_MAX = 512, /* bytes of one log record's payload */
    SAGA_ACTIONS_MAX = 8,   /* actions of one event */
    SAGA_KEY_SIZE = 64,     /* "ID:pay:forward" and its NUL */
    SAGA_WORD_SIZE = 65     /* cart, customer, coupon: 64 bytes and the NUL */
};

struct saga_checkout {
    char id[ID_SIZE]; /* the saga's own */
    char cart_id[SAGA_WORD_SIZE];
    char customer_id[SAGA_WORD_SIZE];
    char coupon[SAGA_WORD_SIZE]; /* "" = none: the discount step is sent all the same */
};

/* Each at least 1; the cap is not below the base. */
struct saga_config {
    int64_t answer_ms[SAGA_STEPS]; /* how long each step's answer is waited for, both directions */
    int attempts;              /* sends of a forward step before the pivot, the first included */
    int compensation_attempts; /* sends of one compensation, the first included */
    int64_t backoff_base_ms, backoff_cap_ms; /* between sends: capped exponential, full jitter */
    int64_t deadline_ms; /* wall time from start; from then on no step begins up to the pivot */
};

/* --- events in -------------------------------------------------------------------------------- */

struct saga_reply {
    char saga[ID_SIZE];
    enum saga_step step;
    enum saga_direction direction;
    int attempt; /* which send it answers: for the story; any attempt's reply answers (PIN) */
    enum saga_answer answer;
    int64_t cents; /* OK to VALIDATE: the cart's total. OK to DISCOUNT: the reduction. Else 0;
                      never negative */
};

enum saga_event_kind {
    SAGA_EVENT_START,   /* checkout */
    SAGA_EVENT_REPLY,   /* reply */
    SAGA_EVENT_TIMER,   /* timer: the one set last; an older number changes nothing */
    SAGA_EVENT_RESTART, /* the process came back and replayed the log */
    SAGA_EVENT_RESUME   /* an operator says: go on */
};

struct saga_event {
    enum saga_event_kind kind;
    struct moment now;
    struct saga_checkout checkout;
    struct saga_reply reply;
    uint32_t timer;
};

/* --- actions out ------------------------------------------------------------------------------ */

struct saga_command {
    char key[SAGA_KEY_SIZE]; /* made of saga, step and direction: the same on every re-send.
                                Letters, digits, and any of : - _ . */
    enum saga_step step;
    enum saga_direction direction;
    int attempt;          /* 1, 2, ... */
    int64_t amount_cents; /* PAY and its refund: total less reduction. Else 0 */
};

enum saga_action_kind {
    SAGA_APPEND, /* payload: write it to the log, durably, before the next action */
    SAGA_SEND,   /* command */
    SAGA_TIMER,  /* after_ms from now, as number `timer`; it replaces the one before */
    SAGA_DONE    /* the saga ended or was parked: phase */
};

struct saga_action {
    enum saga_action_kind kind;
    union {
        struct {
            size_t length;
            char bytes[SAGA_PAYLOAD_MAX];
        } payload;
        struct saga_command command;
        struct {
            uint32_t number;
            int64_t after_ms;
        } timer;
        enum saga_phase phase;
    } as;
};

struct saga_actions {
    struct saga_action list[SAGA_ACTIONS_MAX];
    int count;
};

/* --- the state machine ------------------------------------------------------------------------ */

struct saga; /* yours */

/* Both are copied. ERR_INVALID with the field's name. *out is the caller's to destroy. */
int saga_create(struct saga **out, const struct saga_config *config, struct random random,
                struct error *err);
void saga_destroy(struct saga *saga);

/*
 * Takes one event and fills actions, in the order in which they must be carried out: what a record
 * says comes after the record (log before act). An event that changes nothing (a duplicate, a
 * foreign or late reply, an old timer) gives no action but perhaps a record for the story.
 * RESUME of a saga that is not parked: ERR_REFUSED. START of one that has begun: ERR_REFUSED.
 */
int saga_handle(struct saga *saga, const struct saga_event *event, struct saga_actions *actions,
                struct error *err);

/* Takes one record of the log, in order, before any event. No actions come of it. ERR_CORRUPT when
   the payload cannot be read or cannot follow. Its first byte is its version (PIN): any other than
   the one that is written is ERR_CORRUPT too. */
int saga_replay(struct saga *saga, const void *payload, size_t length, struct error *err);

enum saga_phase saga_phase(const struct saga *saga);

/* Writes the whole state as one line of text, for comparing: replaying the log of a saga gives the
   line that the saga itself gives. No times in monotonic milliseconds. */
void saga_describe(const struct saga *saga, struct text *out);

/* What one record says, for GET /checkouts/{id}: a JSON object with at least "at" (RFC 3339),
   "what" (started, sent, answered, noted, compensating, parked, resumed, ended, ...) and where it
   applies "step", "direction", "attempt", "answer". A reply that changes nothing is "noted", never
   "answered": what is owed is read off the answers. A record that says several things gives the
   first, and the others in an array "then", as objects with the same members. ERR_CORRUPT when the
   payload cannot be read. */
int saga_record_json(const void *payload, size_t length, struct text *out, struct error *err);

/* Given, in saga_words.c. Static text; the parsers give ERR_INVALID. */
const char *saga_step_name(enum saga_step step);                /* "validate" ... "confirm" */
const char *saga_direction_name(enum saga_direction direction); /* "forward", "back" */
const char *saga_answer_name(enum saga_answer answer);          /* "ok", "rejected", "unknown" */
const char *saga_phase_name(enum saga_phase phase);             /* "RUNNING", ... */
int saga_is_compensated(enum saga_step step);                   /* 1 for DISCOUNT, RESERVE, PAY */
/* Capped exponential backoff with full jitter: 0..min(cap, base x 2^n). Lab 02 taught the rest. */
int64_t saga_backoff_ms(const struct saga_config *config, int n, double unit);

#endif
