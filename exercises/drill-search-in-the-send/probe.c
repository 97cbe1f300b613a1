/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   fresh  member=5 append=10 index=30 push=20 index_room=100 push_room=100
 *                                      ok
 *   send   user= limit=                ok result=STORED|REFUSED|UNAVAILABLE number= took=
 *                                         limits=100,95 asked=member,append
 *                                         posted=index:1,push:1 done=
 *
 * fresh begins anew with a channel without messages; without a value each is as shown. member,
 * append, index, push: how many ms that service takes to answer; 0: it never does, so the caller
 * waits until its limit is over. index_room, push_room: how many jobs their queues take; `room`
 * sets them for what follows:
 *
 *   room   index=100 push=100          ok
 *
 * user: "ann" and "bob" are members, nobody else is. limits: what those were given that were waited
 * for, asked: who they were. posted, done: the jobs that went into a queue, or were done at once.
 * took: what the sender has waited.
 */
#include "probe/probe.h"

#include <string.h>
#include "send.h"

enum { MEMBER, APPEND, INDEX, PUSH, SERVICES, START_MS = 7000, CALLS_MAX = 100 };

struct chat {
    struct sender sender;
    int64_t takes_ms[SERVICES];
    int64_t room[JOBS];
    int64_t now_ms;
    int calls;
    struct text limits, asked, posted, done;
};

static const char *const services[] = {"member", "append", "index", "push"};
static const char *const rooms[] = {"index_room", "push_room"};

static int64_t number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

static void add(struct text *list, const char *word)
{
    text_addf(list, "%s%s", list->length > 0 ? "," : "", word);
}

static void add_job(struct text *list, enum send_job job, int64_t at)
{
    text_addf(list, "%s%s:%lld", list->length > 0 ? "," : "",
              job == JOB_INDEX || job == JOB_PUSH ? services[INDEX + job] : "?", (long long)at);
}

/* Waits for the service. 1 when it has answered within the limit. */
static int wait_for(struct chat *chat, int service, int64_t limit_ms)
{
    const int64_t takes_ms = chat->takes_ms[service];
    const int answers = takes_ms > 0 && takes_ms <= limit_ms && ++chat->calls <= CALLS_MAX;
    text_addf(&chat->limits, "%s%lld", chat->limits.length > 0 ? "," : "", (long long)limit_ms);
    add(&chat->asked, services[service]);
    chat->now_ms += answers ? takes_ms : limit_ms;
    return answers;
}

static int64_t chat_now(void *context)
{
    return ((struct chat *)context)->now_ms;
}

static enum send_member chat_is_member(void *context, const char *user, int64_t limit_ms)
{
    if (!wait_for(context, MEMBER, limit_ms))
        return MEMBER_UNKNOWN;
    return strcmp(user, "ann") == 0 || strcmp(user, "bob") == 0 ? MEMBER_YES : MEMBER_NO;
}

static int chat_append(void *context, const char *text, int64_t at, int64_t limit_ms)
{
    (void)text;
    (void)at;
    return wait_for(context, APPEND, limit_ms);
}

static int chat_do_job(void *context, enum send_job job, int64_t at, int64_t limit_ms)
{
    struct chat *chat = context;
    if (!wait_for(chat, job == JOB_PUSH ? PUSH : INDEX, limit_ms))
        return 0;
    add_job(&chat->done, job, at);
    return 1;
}

static int chat_post(void *context, enum send_job job, int64_t at)
{
    struct chat *chat = context;
    int64_t *room = &chat->room[job == JOB_PUSH ? JOB_PUSH : JOB_INDEX];
    if (*room <= 0 || ++chat->calls > CALLS_MAX)
        return 0;
    --*room;
    add_job(&chat->posted, job, at);
    return 1;
}

static void do_fresh(void *context, const struct message *action, struct text *reply)
{
    static const int64_t usual_ms[SERVICES] = {5, 10, 30, 20};
    struct chat *chat = context;
    chat->sender = (struct sender){0};
    for (int i = 0; i < SERVICES; i++)
        chat->takes_ms[i] = number(action, services[i], usual_ms[i]);
    for (int i = 0; i < JOBS; i++)
        chat->room[i] = number(action, rooms[i], 100);
    message_begin(reply, "ok");
}

static void do_room(void *context, const struct message *action, struct text *reply)
{
    struct chat *chat = context;
    for (int i = 0; i < JOBS; i++)
        chat->room[i] = number(action, services[INDEX + i], 100);
    message_begin(reply, "ok");
}

static void do_send(void *context, const struct message *action, struct text *reply)
{
    static const char *const results[] = {"STORED", "REFUSED", "UNAVAILABLE"};
    struct chat *chat = context;
    struct send_world world = {chat_now, chat_is_member, chat_append, chat_do_job, chat_post, chat};
    struct text *const lists[] = {&chat->limits, &chat->asked, &chat->posted, &chat->done};
    static const char *const names[] = {"limits", "asked", "posted", "done"};
    for (int i = 0; i < 4; i++)
        text_clear(lists[i]);
    chat->now_ms = START_MS;
    chat->calls = 0;
    struct send_report report = send_message(&chat->sender, message_get_or(action, "user", "ann"),
                                             "hello", number(action, "limit", 100), &world);
    message_begin(reply, "ok");
    message_add(reply, "result", (unsigned)report.result < 3 ? results[report.result] : "?");
    message_add_int64(reply, "number", report.number);
    message_add_int64(reply, "took", chat->now_ms - START_MS);
    for (int i = 0; i < 4; i++)
        message_add(reply, names[i], text_str(lists[i]));
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"fresh", do_fresh}, {"room", do_room}, {"send", do_send}, {NULL, NULL}};
    struct chat chat = {
        .takes_ms = {5, 10, 30, 20}, .room = {100, 100}, .now_ms = START_MS, .calls = 0};
    int status = probe_main(argc, argv, "drill-search-in-the-send", actions, &chat);
    text_release(&chat.limits);
    text_release(&chat.asked);
    text_release(&chat.posted);
    text_release(&chat.done);
    return status;
}
