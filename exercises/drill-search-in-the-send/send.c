/*
 * Sending a chat message. send.h says what it should do; five things here are wrong.
 */
#include "send.h"

enum { INDEX_ATTEMPTS = 3 };

/* Search is asked up to three times: a message that cannot be found is as good as lost. */
static int index_it(const struct send_world *world, int64_t number, int64_t limit_ms)
{
    for (int attempt = 0; attempt < INDEX_ATTEMPTS; attempt++)
        if (world->do_job(world->context, JOB_INDEX, number, limit_ms))
            return 1;
    return 0;
}

struct send_report send_message(struct sender *sender, const char *user, const char *text,
                                int64_t limit_ms, const struct send_world *world)
{
    const struct send_report refused = {SEND_REFUSED, 0}, unavailable = {SEND_UNAVAILABLE, 0};
    const int64_t number = sender->stored + 1;

    if (world->is_member(world->context, user, limit_ms) == MEMBER_NO)
        return refused;
    if (!index_it(world, number, limit_ms))
        return unavailable;
    if (!world->append(world->context, text, number, limit_ms))
        return unavailable;
    sender->stored = number;
    sender->posted[JOB_INDEX] = number;

    /* The push has a fallback: without it the reader sees the message at the next visit. */
    if (world->do_job(world->context, JOB_PUSH, number, limit_ms))
        sender->posted[JOB_PUSH] = number;
    return (struct send_report){SEND_STORED, number};
}
