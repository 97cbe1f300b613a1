/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   begin  room=3              ok ...      room: how many jobs the queues take in all
 *   ended  job=reserve|pay|ship result=DONE|FAILED
 *                              ok ...
 *
 * Both are answered with what came of this call:
 *   ok state=RUNNING|COMPLETED|FAILED queued=reserve,... attempts=3,... delays=0,...
 *      backoffs=1000,... undone=pay,... said="failed: pay"
 */
#include "probe/probe.h"

#include <string.h>
#include "order.h"

struct shop {
    struct order order;
    int64_t room;
    struct text queued, attempts, delays, backoffs, undone, said;
};

static const char *const jobs[] = {"reserve", "pay", "ship"};

static void add(struct text *list, const char *word)
{
    text_addf(list, "%s%s", list->length > 0 ? "," : "", word);
}

static void add_number(struct text *list, int64_t number)
{
    text_addf(list, "%s%lld", list->length > 0 ? "," : "", (long long)number);
}

static const char *job_name(enum order_job job)
{
    return (unsigned)job < JOBS ? jobs[job] : "?";
}

static int queue(void *context, enum order_job job, const struct job_options *options)
{
    struct shop *shop = context;
    if (shop->room-- <= 0)
        return -1;
    add(&shop->queued, job_name(job));
    add_number(&shop->attempts, options->attempts);
    add_number(&shop->delays, options->delay_ms);
    add_number(&shop->backoffs, options->backoff_ms);
    return 0;
}

static void undo(void *context, enum order_job job)
{
    struct shop *shop = context;
    add(&shop->undone, job_name(job));
}

static void say(void *context, const char *line)
{
    struct shop *shop = context;
    add(&shop->said, line);
}

static void tell(struct shop *shop, struct text *reply)
{
    static const char *const states[] = {"RUNNING", "COMPLETED", "FAILED"};
    const struct {
        const char *name;
        struct text *list;
    } lists[] = {{"queued", &shop->queued}, {"attempts", &shop->attempts},
                 {"delays", &shop->delays}, {"backoffs", &shop->backoffs},
                 {"undone", &shop->undone}, {"said", &shop->said}};
    unsigned state = (unsigned)shop->order.state;
    message_begin(reply, "ok");
    message_add(reply, "state", state < 3 ? states[state] : "?");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        message_add(reply, lists[i].name, text_str(lists[i].list));
        text_release(lists[i].list);
    }
}

static void do_begin(void *context, const struct message *action, struct text *reply)
{
    struct shop *shop = context;
    struct order_world world = {queue, undo, say, shop};
    shop->room = 100;
    message_get_int64(action, "room", &shop->room);
    order_begin(&shop->order, &world);
    tell(shop, reply);
}

static void do_ended(void *context, const struct message *action, struct text *reply)
{
    struct shop *shop = context;
    struct order_world world = {queue, undo, say, shop};
    const char *name = message_get_or(action, "job", "reserve");
    int failed = strcmp(message_get_or(action, "result", "DONE"), "FAILED") == 0;
    enum order_job job = JOB_RESERVE;
    for (int i = 0; i < JOBS; i++)
        if (strcmp(name, jobs[i]) == 0)
            job = (enum order_job)i;
    order_job_ended(&shop->order, job, failed ? JOB_FAILED : JOB_DONE, &world);
    tell(shop, reply);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"begin", do_begin}, {"ended", do_ended}, {NULL, NULL}};
    struct shop shop = {0};
    return probe_main(argc, argv, "drill-queued-not-done", actions, &shop);
}
