/*
 * The world of the saga's explorer: six participants, a network, a clock and a disk, in virtual
 * time. Given: nothing to write here.
 *
 * The same source is compiled into the probe, around the student's saga, and into the judge, around
 * what the probe said the saga did. A schedule says which fault strikes at which point; a point is
 * one append or one send that the saga asked for, counted from 0 in the order in which they happen.
 * A fault that does not fit its point strikes at the next one that it fits.
 * Everything is determined by the schedule, so a run can be repeated event by event.
 */
#ifndef LAB03_WORLD_H
#define LAB03_WORLD_H

#include <stdint.h>
#include "saga.h"
#include "world_setup.h"

enum {
    WORLD_FAULTS_MAX = 6,   /* faults of one schedule */
    WORLD_EVENTS_MAX = 600, /* events given to the saga before a run counts as endless */
    WORLD_LOG_MAX = 256,    /* records of one saga */
    WORLD_QUEUE_MAX = 32,   /* messages and timers on their way */
    WORLD_LATENCY_MS = 5,   /* one way, each way */
    WORLD_LATE_MS = 1000,   /* of a late command: more than all its attempts take */
    WORLD_RESTART_MS = 50,  /* from a crash to the restart */
    WORLD_RESUMES_MAX = 8   /* operator's resumes of a parked saga */
};

enum world_fault {
    /* at an append */
    FAULT_CRASH_BEFORE, /* the process dies, the record is not on disk (at a send: not sent) */
    FAULT_CRASH_AFTER,  /* the record is on disk (the command is on its way), the process dies */
    FAULT_CRASH_TORN,   /* half a frame is on disk: the kit drops it at the restart */
    /* at a send, besides the first two */
    FAULT_LOSE_COMMAND,   /* never arrives */
    FAULT_LOSE_REPLY,     /* arrives and is done; nobody hears of it */
    FAULT_RESET_UNDONE,   /* UNKNOWN at once; it never arrived */
    FAULT_RESET_DONE,     /* UNKNOWN at once; it arrived and was done */
    FAULT_LATE_REPLY,     /* the reply comes after the time limit */
    FAULT_DOUBLE_REPLY,   /* the reply comes twice, the second time late */
    FAULT_DOUBLE_COMMAND, /* the command arrives twice */
    FAULT_LATE_COMMAND,   /* it arrives when it was given up long ago, perhaps compensated */
    FAULT_REJECT,         /* the participant rejects it */
    WORLD_FAULTS
};
const char *world_fault_name(enum world_fault fault);
int world_fault_fits(enum world_fault fault, int is_send); /* 1: it can strike at such a point */

struct schedule {
    int count;
    struct {
        int point;
        enum world_fault fault;
    } faults[WORLD_FAULTS_MAX]; /* by point, rising; at most one per point */
};

/* What runs in the world: the student's saga in the probe, a recording of it in the judge. */
struct world_saga {
    void *context;
    /* A new process: a saga with these records replayed. 0, or a negative code when it refuses. */
    int (*begin)(void *context, const struct saga_action *records, int count);
    int (*handle)(void *context, const struct saga_event *event, struct saga_actions *actions);
};

/* What a participant has applied for the one saga of a run, by its own ledger. */
struct world_ledger {
    int done, undone; /* how often the effect was applied, and taken back */
    int barred;       /* a compensation came before its action */
    int known[2];     /* 1: the key of this direction was answered; [SAGA_FORWARD], [SAGA_BACK] */
    enum saga_answer answers[2];
    char keys[2][SAGA_KEY_SIZE]; /* the first key seen for each direction */
    int64_t amount_cents[2];     /* PAY and its refund: of the first send */
};

/* What became of one command, as the world saw it; the rules of world_rules.c go by it. */
struct world_tries {
    int sends;       /* that the saga asked for, even when the process died at it */
    int failed;      /* of its sends since the last resume: no answer in time, or UNKNOWN; of a
                        compensation also REJECTED */
    int is_ok;       /* 1: OK was heard */
    int rejected_in; /* REJECTED was heard: in which life of the process, from 1; 0 = never */
};

enum world_end {
    WORLD_ENDED,     /* DONE with COMPLETED or ROLLED_BACK */
    WORLD_ENDLESS,   /* too many events, or nothing more was on its way and it had not ended */
    WORLD_REFUSED,   /* it refused its own log at a restart */
    WORLD_BROKE_RULE /* something it did is wrong by itself: see rule */
};

struct world {
    const struct world_setup *setup;
    const struct schedule *schedule;
    struct world_saga saga;
    struct world_ledger ledgers[SAGA_STEPS];
    enum saga_phase phase;
    enum world_end end;
    const char *rule;                     /* static text; NULL = none broken */
    int about_reasons;                    /* 1: it says when to turn back and park, and when not */
    int points;                           /* points so far */
    unsigned char is_send[WORLD_LOG_MAX]; /* of each point */
    int faults_met;                       /* faults that were reached */
    int events, crashes, resumes;
    int64_t now_ms;
    char said[200]; /* by the saga when it refused its log or an event, if whoever runs it knows */
    char seen[200]; /* of the command that the rule is about; "" = the story shows it */

    int alive;
    enum saga_event_kind event; /* that the saga is handling */
    int64_t started_ms;         /* START was given last */
    struct saga_command last;   /* sent last; its step is SAGA_STEPS before the first */
    int64_t last_ms;            /* when */
    int awaited; /* 1: it has not been answered, nor its time run out, in this life */
    int resumed; /* 1: RESUME was given, and nothing sent since */
    struct world_tries tries[SAGA_STEPS][2]; /* [SAGA_FORWARD], [SAGA_BACK] */
    struct saga_action log[WORLD_LOG_MAX];   /* SAGA_APPEND actions on disk */
    int log_count;
    struct world_message {
        int64_t at_ms;
        int order;
        enum { TO_PARTICIPANT, TO_SAGA, TO_TIMER, TO_RESTART } kind;
        int process; /* which life of the process it belongs to */
        struct saga_command command;
        enum saga_answer answer;
        int64_t cents;
        uint32_t timer;
        int reply_late, reply_lost, reply_double, reject;
    } queue[WORLD_QUEUE_MAX];
    int queue_count, order;
    /* Given what happens, in order, for stories; may be NULL. */
    void (*observer)(void *context, const struct world *world, const char *from, const char *to,
                     const char *text, int is_fault);
    void *observer_context;
};

/* What is said of a timer: nobody answered in time, a backoff is over, or it should not be yet. */
extern const char WORLD_NO_ANSWER[], WORLD_WAITED[], WORLD_EARLY[];

/* Runs one schedule to its end, faults, restarts and operator's resumes included, then judges by
   the ledgers (S10). world->end and world->rule say what came of it. observer may have been set.
   Setup and schedule are borrowed as long as the world is looked at. */
void world_run(struct world *world, const struct world_setup *setup,
               const struct schedule *schedule, struct world_saga saga);

#endif
