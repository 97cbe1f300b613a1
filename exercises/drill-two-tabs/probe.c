/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   fresh  ttl=100                 ok
 *   beat   user= tab= now=         ok taken=0|1 told=ann:1,...
 *   close  user= tab= now=         ok told=ann:0
 *   tick   now=                    ok told=
 *   online user= now=              ok online=0|1 told=
 *
 * fresh begins anew, without users. told: what the world was told by this call, user:1 for online.
 */
#include "probe/probe.h"

#include <string.h>
#include "tabs.h"

struct page {
    struct presence presence;
    struct text told;
};

static int64_t number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

static void page_tell(void *context, const char *user, int online)
{
    struct page *page = context;
    text_addf(&page->told, "%s%s:%d", page->told.length > 0 ? "," : "", user, online);
}

static void do_fresh(void *context, const struct message *action, struct text *reply)
{
    struct page *page = context;
    page->presence = (struct presence){.ttl_ms = number(action, "ttl", 100)};
    message_begin(reply, "ok");
}

static void do_any(void *context, const struct message *action, struct text *reply)
{
    struct page *page = context;
    const struct tabs_world world = {page_tell, page};
    const char *user = message_get_or(action, "user", "ann");
    const char *tab = message_get_or(action, "tab", "a");
    const int64_t now_ms = number(action, "now", 0);
    text_clear(&page->told);
    message_begin(reply, "ok");
    if (strcmp(action->word, "beat") == 0)
        message_add_int64(reply, "taken",
                          presence_beat(&page->presence, user, tab, now_ms, &world) == 0);
    else if (strcmp(action->word, "close") == 0)
        presence_close(&page->presence, user, tab, now_ms, &world);
    else if (strcmp(action->word, "tick") == 0)
        presence_tick(&page->presence, now_ms, &world);
    else
        message_add_int64(reply, "online", presence_is_online(&page->presence, user, now_ms));
    message_add(reply, "told", text_str(&page->told));
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {{"fresh", do_fresh}, {"beat", do_any},
                                                  {"close", do_any},   {"tick", do_any},
                                                  {"online", do_any},  {NULL, NULL}};
    struct page page = {.presence = {.ttl_ms = 100}};
    int status = probe_main(argc, argv, "drill-two-tabs", actions, &page);
    text_release(&page.told);
    return status;
}
