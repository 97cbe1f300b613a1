/*
 * Sending a chat message.
 */
#include "send.h"

/* Posts what the job's queue has not taken yet. */
static void post_from(struct sender *sender, enum send_job job, const struct send_world *world)
{
    while (sender->posted[job] < sender->stored) {
        if (!world->post(world->context, job, sender->posted[job] + 1))
            return;
        sender->posted[job]++;
    }
}

struct send_report send_message(struct sender *sender, const char *user, const char *text,
                                int64_t limit_ms, const struct send_world *world)
{
    const struct send_report refused = {SEND_REFUSED, 0}, unavailable = {SEND_UNAVAILABLE, 0};
    const int64_t deadline_ms = world->now_ms(world->context) + limit_ms;
    const int64_t number = sender->stored + 1;

    const enum send_member member = world->is_member(world->context, user, limit_ms);
    if (member == MEMBER_NO)
        return refused;
    if (member == MEMBER_UNKNOWN)
        return unavailable;
    const int64_t left_ms = deadline_ms - world->now_ms(world->context);
    if (!world->append(world->context, text, number, left_ms))
        return unavailable;
    sender->stored = number;
    for (int job = 0; job < JOBS; job++)
        post_from(sender, (enum send_job)job, world);
    return (struct send_report){SEND_STORED, number};
}
