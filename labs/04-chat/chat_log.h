/*
 * The log of the channels: takes messages, gives each its number, in this order: store, then
 * answer, then publish. Step 4, yours: chat_log.c.
 *
 * A pure state machine. It never writes, sends or asks for the time itself: the host carries out
 * the actions of one send in their order. All its CHAT_APPENDs are one commit; only when that
 * stands on disk come the others. A commit that fails ends the process, so what was decided here
 * and not stored is forgotten with it. What is stored is the truth: a new log that has replayed the
 * records goes on where the old one was.
 *
 * Several channels may live in one log; they have nothing to do with each other.
 */
#ifndef LAB04_CHAT_LOG_H
#define LAB04_CHAT_LOG_H

#include "chat.h"
#include "kit/error.h"

enum { CHAT_LOG_ACTIONS_MAX = 8 };

enum chat_record_kind {
    CHAT_RECORD_MESSAGE, /* message */
    CHAT_RECORD_COUNTER  /* message.channel and message.number: the last number that was given.
                            For who likes to keep it apart; nobody must. It stands behind the
                            message with that number, in the same commit (PIN) */
};
struct chat_record {
    enum chat_record_kind kind;
    struct chat_message message;
};

enum chat_log_action_kind {
    CHAT_APPEND, /* record: store it */
    CHAT_ACK,    /* record.message, as it was stored: answer the sender with number and time */
    CHAT_PUBLISH /* record.message: tell those who listen. A hint: it may be lost, late or doubled
                  */
};
struct chat_log_action {
    enum chat_log_action_kind kind;
    int repeated; /* of CHAT_ACK: 1 when the message had been taken before */
    struct chat_record record;
};
struct chat_log_actions {
    struct chat_log_action list[CHAT_LOG_ACTIONS_MAX];
    int count;
};

struct chat_log; /* yours */

/* *out is the caller's to destroy. */
int chat_log_create(struct chat_log **out, struct error *err);
void chat_log_destroy(struct chat_log *log); /* NULL is fine */

/* Takes one stored record, in the order they were stored, before any send. ERR_CORRUPT when it
   cannot follow what came before: a number of the channel that is there already, or is not the
   next; a nonce that the user has used there; a counter that says another number than the messages
   do. And when it cannot have been stored: no kind of record, a field out of the limits. */
int chat_log_replay(struct chat_log *log, const struct chat_record *record, struct error *err);

/*
 * Takes one message. asked: sent_ms is now, and what stands in number is ignored. member: of its
 * user in its channel.
 * The first rule that is broken decides; then nothing changes and there is no action.
 *
 *   ERR_INVALID      a field is out of the limits of chat.h; the sentence begins with its name.
 *                    Fields are looked at in the order of struct chat_message; they end with a NUL
 *   ERR_REFUSED      not a member. A repetition is no exception (PIN)
 *   ERR_UNAVAILABLE  nobody could say whether the user is a member
 *   ERR_EXISTS       the user has used the nonce in this channel for another text or file
 *
 * A nonce belongs to one user in one channel, and is kept for ever (PIN). The same message again:
 * CHAT_ACK alone, of the stored message with its number and time, `repeated` 1. It is not published
 * again, for hints need no second chance.
 */
int chat_log_send(struct chat_log *log, const struct chat_message *asked, enum chat_member member,
                  struct chat_log_actions *actions, struct error *err);

/* Visits each channel once, with the highest number given in it, in any order. A gateway that
   begins to listen hears these first, and then what was stored since: so a lost hint is not for
   ever. */
void chat_log_newest(const struct chat_log *log,
                     void (*visit)(void *context, const char *channel, int64_t number),
                     void *context);

#endif
