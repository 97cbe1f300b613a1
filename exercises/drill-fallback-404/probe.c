/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   lookup threshold= wait=             ok
 *   may    now=                         ok call=0|1
 *   say    status=FOUND|MISSING|DOWN now=   ok result=FOUND|UNKNOWN|FALLBACK
 */
#include "probe/probe.h"

#include <string.h>
#include "customer.h"

static int64_t number(const struct message *action, const char *name)
{
    int64_t value = 0;
    message_get_int64(action, name, &value);
    return value;
}

static void do_lookup(void *context, const struct message *action, struct text *reply)
{
    customer_lookup_init(context, (int)number(action, "threshold"), number(action, "wait"));
    message_begin(reply, "ok");
}

static void do_may(void *context, const struct message *action, struct text *reply)
{
    int call = customer_may_call(context, number(action, "now"));
    message_begin(reply, "ok");
    message_add_int64(reply, "call", call);
}

static void do_say(void *context, const struct message *action, struct text *reply)
{
    static const char *const names[] = {"FOUND", "UNKNOWN", "FALLBACK"};
    const char *word = message_get_or(action, "status", "FOUND");
    enum lookup_status status = LOOKUP_FOUND;
    if (strcmp(word, "FOUND") != 0)
        status = strcmp(word, "DOWN") == 0 ? LOOKUP_DOWN : LOOKUP_MISSING;
    unsigned result = (unsigned)customer_answered(context, status, number(action, "now"));
    message_begin(reply, "ok");
    message_add(reply, "result", result < 3 ? names[result] : "?");
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"lookup", do_lookup}, {"may", do_may}, {"say", do_say}, {NULL, NULL}};
    struct customer_lookup lookup;
    customer_lookup_init(&lookup, 3, 1000);
    return probe_main(argc, argv, "drill-fallback-404", actions, &lookup);
}
