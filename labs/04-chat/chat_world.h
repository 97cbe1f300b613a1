/*
 * The world of the core: a log, two hubs, two senders and three readers of one channel, in virtual
 * time. Given: nothing to write here.
 *
 * The same source is compiled into the probe, around the student's code, and into the judge, around
 * what the probe said that code did. A schedule says which fault strikes at which point; a point is
 * an append, an ack, a publication to one hub, a fetch, or what one event writes to one stream,
 * counted from 0 in the order in which they happen. A fault that does not fit its point strikes at
 * the next one that it fits. Everything is determined by the schedule.
 *
 * Twelve messages are there before; three more come from each sender. The hubs have the smallest
 * queue, so that a reader who stalls is cut.
 */
#ifndef LAB04_CHAT_WORLD_H
#define LAB04_CHAT_WORLD_H

#include <stdint.h>
#include "chat_hub.h"
#include "chat_log.h"

enum {
    CHAT_WORLD_FAULTS_MAX = 5, /* of one schedule */
    CHAT_WORLD_POINTS = 256,   /* that faults may strike */
    CHAT_WORLD_EVENTS = 2000,  /* before a run counts as endless */
    CHAT_WORLD_OLD = 12,       /* messages that are there before */
    CHAT_WORLD_EACH = 3,       /* new ones of each sender */
    CHAT_WORLD_SENDERS = 2,
    CHAT_WORLD_MESSAGES = CHAT_WORLD_OLD + CHAT_WORLD_SENDERS * CHAT_WORLD_EACH,
    CHAT_WORLD_READERS = 3,
    CHAT_WORLD_HUBS = 2,
    CHAT_WORLD_STREAMS = 32, /* opened in one run */
    CHAT_WORLD_DISK = 96,    /* records */
    CHAT_WORLD_MAIL = 256    /* on its way */
};

enum chat_point { POINT_APPEND, POINT_ACK, POINT_PUBLISH, POINT_FETCH, POINT_WRITE };
enum chat_fault {
    FAULT_CRASH_BEFORE,   /* at an append: the log dies, nothing is on disk */
    FAULT_CRASH_AFTER,    /* it dies, and the commit is on disk */
    FAULT_LOSE_ACK,       /* the sender sends again */
    FAULT_CRASH_ANSWERED, /* the log dies between answer and publication */
    FAULT_LOSE_HINT,      /* a hub does not hear of it */
    FAULT_DOUBLE_HINT,    /* it hears twice */
    FAULT_LATE_HINT,      /* after later ones */
    FAULT_LATE_PAGE,      /* what was fetched comes when more has been stored */
    FAULT_RESUME,         /* the reader's connection breaks in the middle: it goes on elsewhere */
    FAULT_STALL,          /* the reader takes nothing for a while */
    FAULT_REMOVE,         /* the reader is removed from the channel */
    CHAT_FAULTS
};
const char *chat_fault_name(enum chat_fault fault);
int chat_fault_fits(enum chat_fault fault, enum chat_point point);

struct chat_schedule {
    int count;
    struct {
        int point;
        enum chat_fault fault;
    } faults[CHAT_WORLD_FAULTS_MAX]; /* by point, rising; at most one per point */
};

/* What runs in the world: the student's code in the probe, a recording of it in the judge. Each
   returns 0, or a negative code when it refuses. */
struct chat_core {
    void *context;
    /* A new log with these records replayed. */
    int (*log_begin)(void *context, const struct chat_record *records, int count);
    int (*log_send)(void *context, const struct chat_message *asked,
                    struct chat_log_actions *actions);
    /* The highest number of the channel, the only one; -1 when what is visited is another. */
    int64_t (*log_newest)(void *context);
    /* All hubs anew; then one event for one of them. */
    int (*hubs_begin)(void *context);
    int (*hub_handle)(void *context, int hub, const struct chat_hub_event *event,
                      struct chat_hub_actions *actions);
};

struct chat_world_stream {
    int reader, hub;
    int is_open, is_live, was_short; /* was_short: a page shorter than its limit has come */
    int64_t written;                 /* the last number; what it was opened with at first */
    int room, limit;                 /* limit: of the fetch under way; 0 = none */
    int receives;                    /* writes that still reach the reader, before it breaks off */
    int unread;                      /* written, not taken by a reader that stalls */
};
struct chat_world_reader {
    int hub, stream; /* stream: the one it has; -1 = none */
    int64_t last;    /* the last number it has */
    int is_stalled, is_removed;
};
struct chat_world_sender {
    int next;     /* of its messages: acknowledged so far */
    int attempts; /* of this one */
};
enum chat_mail_kind {
    MAIL_NEXT,    /* who: sender */
    MAIL_SEND,    /* who: sender */
    MAIL_ANSWER,  /* who: sender, number */
    MAIL_TIMEOUT, /* who: sender, number: its attempt */
    MAIL_PUBLISH, /* who: hub, number */
    MAIL_HINT,    /* who: hub, number */
    MAIL_FETCH,   /* who: stream; count: 1 = the page will be late */
    MAIL_PAGE,    /* who: stream, number: after, count */
    MAIL_DRAINED, /* who: stream, count */
    MAIL_CLOSED,  /* who: stream */
    MAIL_OPEN,    /* who: reader */
    MAIL_WAKE,    /* who: reader */
    MAIL_REMOVED, /* who: reader */
    MAIL_RESTART,
    MAIL_ROUND /* the hints that come from time to time; number: so many before */
};
struct chat_mail {
    int64_t at_ms;
    int order;
    enum chat_mail_kind kind;
    int who, count;
    int64_t number;
};

struct chat_world {
    const struct chat_schedule *schedule;
    struct chat_core core;
    const char *rule; /* static text; NULL = none broken */
    char seen[200];   /* what broke it */
    int about;        /* the reader that the rule is about; -1 = the log */
    int points;       /* so far */
    unsigned char kinds[CHAT_WORLD_POINTS];
    int faults_met;
    int events, crashes;
    int64_t now_ms;

    struct chat_message known[CHAT_WORLD_MESSAGES]; /* as they are sent, unnumbered */
    struct chat_message shelf[CHAT_WORLD_MESSAGES]; /* on disk, by number */
    int shelf_count;
    struct chat_record disk[CHAT_WORLD_DISK];
    int disk_count;
    int is_alive; /* the log */
    struct chat_world_sender senders[CHAT_WORLD_SENDERS];
    struct chat_world_reader readers[CHAT_WORLD_READERS];
    struct chat_world_stream streams[CHAT_WORLD_STREAMS];
    int stream_count;
    struct chat_mail mail[CHAT_WORLD_MAIL];
    int mail_count, order;
    struct chat_log_actions log_actions;
    struct chat_hub_actions hub_actions;

    /* Given what happens, in order, for stories; reader: -1 = the log's side. May be NULL. */
    void (*observer)(void *context, const struct chat_world *world, int reader, const char *from,
                     const char *to, const char *text, int is_fault);
    void *observer_context;
};

/* The world's messages; once, before its first run. */
void chat_world_prepare(struct chat_world *world);
/* Which of the known messages it is, its number and time aside; -1 = none. */
int chat_world_known(const struct chat_world *world, const struct chat_message *message);
/* Runs one schedule to its end. world->rule says what came of it. observer may have been set. */
void chat_world_run(struct chat_world *world, const struct chat_schedule *schedule,
                    struct chat_core core);

extern const char *const chat_world_sender_names[CHAT_WORLD_SENDERS];
extern const char *const chat_world_reader_names[CHAT_WORLD_READERS];

/* --- chat_world_rules.c: what the world holds the code to ------------------------------------- */

/* The first rule that is broken stays. reader: whom it is about; -1 = the log. */
void chat_world_break(struct chat_world *world, int reader, const char *rule, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));
/* Before an action of the log is carried out; asked: the index of the message that was sent. */
void chat_world_judge_log(struct chat_world *world, const struct chat_log_action *action,
                          int asked);
/* Before an action of a hub is carried out. */
void chat_world_judge_hub(struct chat_world *world, int hub, const struct chat_hub_event *event,
                          const struct chat_hub_action *action);
void chat_world_judge_end(struct chat_world *world);

#endif
