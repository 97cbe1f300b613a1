/*
 * Sending a chat message: who is asked, in which order, and whom the sender waits for. Given:
 * nothing to fix here.
 *
 * A message is stored, and later found by search and pushed to phones. Numbers are those of one
 * channel: 1, 2, 3 ...
 */
#ifndef DRILL_SEND_H
#define DRILL_SEND_H

#include <stdint.h>

/* What is done with a message once it is stored. */
enum send_job { JOB_INDEX, JOB_PUSH, JOBS };

enum send_member { MEMBER_NO, MEMBER_YES, MEMBER_UNKNOWN /* nobody answered in time */ };

enum send_result {
    SEND_STORED,
    SEND_REFUSED,    /* the user is no member */
    SEND_UNAVAILABLE /* nothing is stored: the client may send again */
};

/* The world: scripted in the probe, other services in earnest. Whoever calls one with a limit waits
   until it answers, or until limit_ms are over. */
struct send_world {
    int64_t (*now_ms)(void *context);
    enum send_member (*is_member)(void *context, const char *user, int64_t limit_ms);
    /* 1 when the text is stored as this number, 0 when that failed or was not answered. */
    int (*append)(void *context, const char *text, int64_t number, int64_t limit_ms);
    /* Does the job at once. 1 when it is done, 0 as above. */
    int (*do_job)(void *context, enum send_job job, int64_t number, int64_t limit_ms);
    /* Puts the job into the queue of its service, which does it later; takes no time. 1, or 0 when
       the queue is full. */
    int (*post)(void *context, enum send_job job, int64_t number);
    void *context;
};

/* What the sending service remembers of a channel. {0} for a new one. */
struct sender {
    int64_t stored;       /* the newest number */
    int64_t posted[JOBS]; /* of each job, the newest number that its queue has taken */
};

struct send_report {
    enum send_result result;
    int64_t number; /* of the message; 0 unless it is stored */
};

/*
 * Asks whether the user is a member, then stores the text as the next number. Each of the two is
 * given what is left of limit_ms, and nobody else is waited for. A message that is stored is
 * SEND_STORED, whatever becomes of the rest.
 *
 * Then each job is posted for each number that its queue has not taken yet, in their order, until
 * the queue is full: what it has no room for is posted with the next message. Both queues are
 * filled, each as far as it goes. Nothing is posted or done for what is not stored.
 */
struct send_report send_message(struct sender *sender, const char *user, const char *text,
                                int64_t limit_ms, const struct send_world *world);

#endif
