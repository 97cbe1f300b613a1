/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   fresh  failing=pay                         ok
 *   begin  id=                                 ok taken=0|1
 *   answer id= step=reserve|pay|ship answer=OK|REJECTED
 *                                              ok state=RUNNING|COMPLETED|... undone=o-1:pay,...
 *   owed   id=                                 ok steps=reserve,... | none
 *
 * fresh empties the map; compensations of the step that it names fail. undone: every compensation
 * that was tried, in its order.
 */
#include "probe/probe.h"

#include <string.h>
#include "checkout.h"

struct shop {
    struct checkouts checkouts;
    int failing; /* the step whose compensation fails; STEPS = none */
    struct text undone;
};

static const char *const steps[] = {"reserve", "pay", "ship"};

static int step_of(const char *name)
{
    for (int i = 0; i < STEPS; i++)
        if (strcmp(name, steps[i]) == 0)
            return i;
    return STEPS;
}

static const char *step_name(enum checkout_step step)
{
    return (unsigned)step < STEPS ? steps[step] : "?";
}

static int undo(void *context, const char *id, enum checkout_step step)
{
    struct shop *shop = context;
    text_addf(&shop->undone, "%s%s:%s", shop->undone.length > 0 ? "," : "", id, step_name(step));
    return (int)step == shop->failing ? -1 : 0;
}

static void do_fresh(void *context, const struct message *action, struct text *reply)
{
    struct shop *shop = context;
    shop->checkouts = (struct checkouts){0};
    shop->failing = step_of(message_get_or(action, "failing", ""));
    message_begin(reply, "ok");
}

static void do_begin(void *context, const struct message *action, struct text *reply)
{
    struct shop *shop = context;
    int taken = checkout_begin(&shop->checkouts, message_get_or(action, "id", "o-1")) == 0;
    message_begin(reply, "ok");
    message_add_int64(reply, "taken", taken);
}

static void do_answer(void *context, const struct message *action, struct text *reply)
{
    static const char *const states[] = {"RUNNING", "COMPLETED", "ROLLED_BACK", "STUCK", "UNKNOWN"};
    struct shop *shop = context;
    struct checkout_world world = {undo, shop};
    int rejected = strcmp(message_get_or(action, "answer", "OK"), "REJECTED") == 0;
    text_clear(&shop->undone);
    unsigned state = (unsigned)checkout_answered(
        &shop->checkouts, message_get_or(action, "id", "o-1"),
        (enum checkout_step)step_of(message_get_or(action, "step", "reserve")),
        rejected ? STEP_REJECTED : STEP_OK, &world);
    message_begin(reply, "ok");
    message_add(reply, "state", state < 5 ? states[state] : "?");
    message_add(reply, "undone", text_str(&shop->undone));
}

static void do_owed(void *context, const struct message *action, struct text *reply)
{
    struct shop *shop = context;
    struct checkout *checkout =
        checkout_find(&shop->checkouts, message_get_or(action, "id", "o-1"));
    if (checkout == NULL) {
        message_begin(reply, "none");
        return;
    }
    struct text list = {0};
    for (int i = 0; i < checkout->done_count && i < STEPS; i++)
        text_addf(&list, "%s%s", i > 0 ? "," : "", step_name(checkout->done[i]));
    message_begin(reply, "ok");
    message_add(reply, "steps", text_str(&list));
    text_release(&list);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {{"fresh", do_fresh},
                                                  {"begin", do_begin},
                                                  {"answer", do_answer},
                                                  {"owed", do_owed},
                                                  {NULL, NULL}};
    struct shop shop = {.failing = STEPS};
    int status = probe_main(argc, argv, "drill-empty-map", actions, &shop);
    text_release(&shop.undone);
    return status;
}
