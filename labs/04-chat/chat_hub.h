/*
 * The hub of one gateway: what each open stream is written, and when. Step 4, yours: chat_hub.c.
 *
 * A stream is one reader of one channel. Whatever gets lost or doubled on the way, it is written
 * the channel's messages in the order of their numbers, without a hole and each once, from the one
 * after the number it was opened with: first those that were there before (replay), then, once,
 * CHAT_LIVE, then the new ones as they come. The replay is over with the first page that is shorter
 * than its limit: CHAT_LIVE follows the last message of that page, and stands before whatever comes
 * next, a CHAT_FETCH too (PIN).
 *
 * A pure state machine: events in, actions out, and the host carries them out in their order. What
 * is published is a hint: it may be lost, late or doubled, and a hole is fetched from the log. When
 * a message that is published is the next one of a live stream that lacks nothing, fetches nothing
 * and has room, it is written at once, without a fetch (PIN: the log is not asked for what is at
 * hand). Published messages of a channel that no stream reads are nobody's.
 *
 * The host takes writes at once and sends them on as the reader takes them. A stream has room for
 * `queue` messages that were written and of which the host has not said CHAT_DRAINED; CHAT_LIVE and
 * what ends a stream need no room. Replay, and filling a hole, wait for room, and go on as soon as
 * there is some; while a fetch is under way, nothing but its page is written to the stream. A live
 * stream that fetches nothing, has no room, and hears of a newer message than it knew of is too
 * slow: CHAT_GAP ends it. So memory is bounded, and nobody waits for the slow one.
 */
#ifndef LAB04_CHAT_HUB_H
#define LAB04_CHAT_HUB_H

#include "chat.h"
#include "kit/error.h"

enum { CHAT_HUB_ACTIONS_MAX = CHAT_STREAMS_MAX + CHAT_PAGE_MAX + 8 };

enum chat_hub_event_kind {
    CHAT_OPEN,      /* stream, channel, user; number: the last message the reader has, 0 = none. The
                       host has asked that the user is a member */
    CHAT_PAGE,      /* stream; messages, count: what its fetch found. Fewer than its limit: there
                       were no more */
    CHAT_PUBLISHED, /* channel; messages[0], with a number from 1 on: was stored */
    CHAT_NEWEST,    /* channel; number: the highest that was stored */
    CHAT_DRAINED,   /* stream; number: so many of the messages written to it have been taken */
    CHAT_REMOVED,   /* channel, user: is no longer a member */
    CHAT_CLOSED     /* stream: the reader is gone */
};
/* Everything is borrowed until chat_hub_handle returns. What a kind does not name is 0 or NULL.
   That a message belongs to the channel it comes for, and that no number below 1 is published, is
   the host's duty: the hub need not look, and what it does then is not judged. */
struct chat_hub_event {
    enum chat_hub_event_kind kind;
    uint32_t stream;
    const char *channel, *user;
    int64_t number;
    const struct chat_message *messages;
    int count;
};

enum chat_hub_action_kind {
    CHAT_FETCH, /* stream, number, limit: get its channel's messages after the number, at most limit
                   (1..CHAT_PAGE_MAX, never more than there is room for), and bring them as
                   CHAT_PAGE. One at a time for each stream: the host repeats it until it works */
    CHAT_WRITE, /* stream, message */
    CHAT_LIVE,  /* stream: say that the replay is over */
    CHAT_GAP,   /* stream, number: say that it was too slow, and the first number it was not
                   written; then end it */
    CHAT_PUT_OUT /* stream: say that the user was removed, then end it */
};
struct chat_hub_action {
    enum chat_hub_action_kind kind;
    uint32_t stream;
    int64_t number;
    int limit;
    const struct chat_message *message; /* one of the event's messages */
};
struct chat_hub_actions {
    struct chat_hub_action list[CHAT_HUB_ACTIONS_MAX];
    int count;
};

struct chat_hub; /* yours */

/* queue: CHAT_QUEUE_MIN..CHAT_QUEUE_MAX, else ERR_INVALID. *out is the caller's to destroy. */
int chat_hub_create(struct chat_hub **out, int queue, struct error *err);
void chat_hub_destroy(struct chat_hub *hub); /* NULL is fine */

/*
 * Takes one event and fills actions.
 *
 *   ERR_LIMIT    CHAT_OPEN, and CHAT_STREAMS_MAX streams are open
 *   ERR_EXISTS   CHAT_OPEN of a stream that is open
 *   ERR_INVALID  an event that breaks the words above: a count or number below 0; a channel or user
 *                to open that is empty or too long; a page that nobody asked for, is longer than
 *                its limit or leaves a number out; more taken than written
 *
 * Then nothing changes and there is no action. A count or number below 0, or a name out of its
 * limits, is ERR_INVALID before anything else, for a stream that is not open too; of ERR_LIMIT and
 * ERR_EXISTS either may be said when both hold. Any other event for a stream that is not open,
 * because it was ended here while the host had more to say, is no error and changes nothing; nor is
 * a repetition or a hint of something older.
 */
int chat_hub_handle(struct chat_hub *hub, const struct chat_hub_event *event,
                    struct chat_hub_actions *actions, struct error *err);

/* Streams that are open now. */
int chat_hub_streams(const struct chat_hub *hub);

#endif
