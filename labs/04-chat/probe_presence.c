/*
 * The part of lab 04's probe that drives presence and placement. Given: nothing to write here.
 *
 * Values may be spelled short, "65*ab" (core_words.h). starve=1: probe_core.h.
 *
 *   presence  [ttl=1000]                             ok | error code=
 *   beat      [user=ann] [device=d1] now= [starve=0] ok changes="1 'ann' on; 2 'ann' off" more=0 |
 *   leave     [user=ann] [device=d1] now= [starve=0] error code= changes= more=
 *   tick      now=                                   the same
 *   watch     [watcher=1] [user=ann] now= [starve=0] the same
 *   unwatch   [watcher=1]                            ok
 *   look      [user=ann] now=                        ok online=1 push=0
 *   crowd     users= [from=1] [watcher=0] now=       ok count= (how many were taken before the
 *             u1, u2, ... beat with device d, or     first that was not) code= (of that one)
 *             are watched by the watcher             changes= (how many were told in all) more=
 *
 *   place     [channel=c] nodes=a,b,c                ok node=b | error text=
 *   places    count= [prefix=c-] nodes=a,b,c         ok at=021... (of c-0, c-1, ...: a character of
 *                                                    0-9A-Za-z.: for each place in nodes)
 *   delay     spread= unit=                          ok ms=
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "placement.h"
#include "probe_core.h"

struct presence_rig {
    struct presence *presence;
    struct presence_changes changes;
};

void presence_rig_free(struct presence_rig *rig)
{
    if (rig == NULL)
        return;
    presence_destroy(rig->presence);
    free(rig);
}

static struct presence_rig *presence_of(void *context)
{
    struct core_rig *core = core_of(context);
    if (core->presence == NULL)
        core->presence = core_memory(sizeof *core->presence);
    return core->presence;
}

/* The rig when there is something to ask; else the reply is "none". */
static struct presence_rig *asked_of(void *context, struct text *reply)
{
    struct presence_rig *rig = presence_of(context);
    if (rig->presence == NULL)
        message_begin(reply, "none");
    return rig->presence == NULL ? NULL : rig;
}

void do_presence(void *context, const struct message *action, struct text *reply)
{
    struct presence_rig *rig = presence_of(context);
    struct error err = {0};
    presence_destroy(rig->presence);
    rig->presence = NULL;
    probe_result(reply, presence_create(&rig->presence, core_number(action, "ttl", 1000), &err),
                 &err);
}

static void add_changes(const struct presence_rig *rig, struct text *reply)
{
    struct text list = {0};
    for (int i = 0; i < rig->changes.count && i < PRESENCE_CHANGES_MAX; i++) {
        const struct presence_change *change = &rig->changes.list[i];
        text_addf(&list, "%s%u ", i > 0 ? "; " : "", (unsigned)change->watcher);
        core_describe(change->user, sizeof change->user, &list);
        text_add(&list, change->online == 1 ? " on" : change->online == 0 ? " off" : " ?");
    }
    message_add(reply, "changes", list.length > 0 ? text_str(&list) : "none");
    message_add_int64(reply, "more", rig->changes.more);
    text_release(&list);
}

static void answer(const struct presence_rig *rig, int result, const struct error *err,
                   struct text *reply)
{
    probe_result(reply, result, err);
    if (result == 0)
        message_begin(reply, "ok");
    add_changes(rig, reply);
}

/* What the calls of a user and a device have in common. */
typedef int call_of_names(struct presence *, const char *, const char *, int64_t,
                          struct presence_changes *, struct error *);

static void call(void *context, call_of_names *function, const struct message *action,
                 struct text *reply)
{
    struct presence_rig *rig = asked_of(context, reply);
    struct text user = {0}, device = {0};
    struct error err = {0};
    if (rig == NULL)
        return;
    core_expand(message_get_or(action, "user", "ann"), &user);
    core_expand(message_get_or(action, "device", "d1"), &device);
    int result = 0, grant = memory_begin(action);
    do {
        memory_grant(grant);
        result = function(rig->presence, text_str(&user), text_str(&device),
                          core_number(action, "now", 0), &rig->changes, &err);
    } while (memory_is_short(result, &grant) && rig->changes.count == 0);
    answer(rig, result, &err, reply);
    text_release(&user);
    text_release(&device);
}

void do_beat(void *context, const struct message *action, struct text *reply)
{
    call(context, presence_beat, action, reply);
}

void do_leave(void *context, const struct message *action, struct text *reply)
{
    call(context, presence_leave, action, reply);
}

void do_tick(void *context, const struct message *action, struct text *reply)
{
    struct presence_rig *rig = asked_of(context, reply);
    if (rig == NULL)
        return;
    presence_tick(rig->presence, core_number(action, "now", 0), &rig->changes);
    message_begin(reply, "ok");
    add_changes(rig, reply);
}

void do_watch(void *context, const struct message *action, struct text *reply)
{
    struct presence_rig *rig = asked_of(context, reply);
    struct text user = {0};
    struct error err = {0};
    if (rig == NULL)
        return;
    core_expand(message_get_or(action, "user", "ann"), &user);
    int result = 0, grant = memory_begin(action);
    do {
        memory_grant(grant);
        result =
            presence_watch(rig->presence, (uint32_t)core_number(action, "watcher", 1),
                           text_str(&user), core_number(action, "now", 0), &rig->changes, &err);
    } while (memory_is_short(result, &grant) && rig->changes.count == 0);
    answer(rig, result, &err, reply);
    text_release(&user);
}

void do_unwatch(void *context, const struct message *action, struct text *reply)
{
    struct presence_rig *rig = asked_of(context, reply);
    if (rig == NULL)
        return;
    presence_unwatch(rig->presence, (uint32_t)core_number(action, "watcher", 1));
    message_begin(reply, "ok");
}

void do_look(void *context, const struct message *action, struct text *reply)
{
    struct presence_rig *rig = asked_of(context, reply);
    struct text user = {0};
    if (rig == NULL)
        return;
    int64_t now_ms = core_number(action, "now", 0);
    core_expand(message_get_or(action, "user", "ann"), &user);
    message_begin(reply, "ok");
    message_add_int64(reply, "online", presence_is_online(rig->presence, text_str(&user), now_ms));
    message_add_int64(reply, "push", presence_wants_push(rig->presence, text_str(&user), now_ms));
    text_release(&user);
}

void do_crowd(void *context, const struct message *action, struct text *reply)
{
    struct presence_rig *rig = asked_of(context, reply);
    struct error err = {0};
    if (rig == NULL)
        return;
    int64_t users = core_number(action, "users", 1), from = core_number(action, "from", 1);
    int64_t watcher = core_number(action, "watcher", 0), now_ms = core_number(action, "now", 0);
    int64_t count = 0, told = 0;
    int result = 0;
    rig->changes.more = 0;
    for (; count < users; count++) {
        char name[32];
        snprintf(name, sizeof name, "u%lld", (long long)(from + count));
        result = watcher > 0 ? presence_watch(rig->presence, (uint32_t)watcher, name, now_ms,
                                              &rig->changes, &err)
                             : presence_beat(rig->presence, name, "d", now_ms, &rig->changes, &err);
        if (result < 0)
            break;
        told += rig->changes.count;
    }
    message_begin(reply, "ok");
    message_add_int64(reply, "count", count);
    message_add(reply, "code", error_name(result));
    message_add_int64(reply, "changes", told);
    message_add_int64(reply, "more", rig->changes.more);
}

/* --- placement -------------------------------------------------------------------------------- */

enum { NODES_MAX = 64, NODE_LIST = 8192, PLACES_MAX = 20000 };

struct node_list {
    char bytes[NODE_LIST];
    const char *names[NODES_MAX];
    int count;
};

static void read_nodes(const char *list, struct node_list *nodes)
{
    snprintf(nodes->bytes, sizeof nodes->bytes, "%s", list);
    char *at = nodes->bytes;
    nodes->count = 0;
    while (*at != '\0' && nodes->count < NODES_MAX) {
        size_t length = strcspn(at, ",");
        nodes->names[nodes->count++] = at;
        at += length;
        if (*at == ',')
            *at++ = '\0';
    }
}

/* 0, or the reply says what is wrong. A skeleton gives -1. */
static int check_place(int place, int count, struct text *reply)
{
    if (place >= 0 && place < count)
        return 0;
    message_begin(reply, place == -1 ? "todo" : "error");
    if (place != -1)
        message_add(reply, "code", "invalid");
    struct text said = {0};
    text_addf(&said, "placement_of gave %d of %d nodes.", place, count);
    message_add(reply, "text", text_str(&said));
    text_release(&said);
    return -1;
}

void do_place(void *context, const struct message *action, struct text *reply)
{
    struct node_list nodes;
    struct text channel = {0};
    (void)context;
    read_nodes(message_get_or(action, "nodes", "a,b,c"), &nodes);
    core_expand(message_get_or(action, "channel", "c"), &channel);
    int place = placement_of(text_str(&channel), nodes.names, nodes.count);
    if (check_place(place, nodes.count, reply) == 0) {
        message_begin(reply, "ok");
        message_add(reply, "node", nodes.names[place]);
    }
    text_release(&channel);
}

void do_places(void *context, const struct message *action, struct text *reply)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.:";
    struct node_list nodes;
    struct text at = {0};
    int64_t count = core_number(action, "count", 1);
    (void)context;
    read_nodes(message_get_or(action, "nodes", "a,b,c"), &nodes);
    for (int64_t i = 0; i < count && i < PLACES_MAX; i++) {
        char channel[CHAT_ID_SIZE];
        snprintf(channel, sizeof channel, "%.40s%lld", message_get_or(action, "prefix", "c-"),
                 (long long)i);
        int place = placement_of(channel, nodes.names, nodes.count);
        if (check_place(place, nodes.count, reply) < 0) {
            text_release(&at);
            return;
        }
        text_append(&at, &digits[place], 1);
    }
    message_begin(reply, "ok");
    message_add(reply, "at", text_str(&at));
    text_release(&at);
}

void do_delay(void *context, const struct message *action, struct text *reply)
{
    int64_t spread_ms = core_number(action, "spread", 1000);
    double unit = strtod(message_get_or(action, "unit", "0.5"), NULL);
    (void)context;
    int64_t delay_ms = reconnect_delay_ms(spread_ms, unit);
    message_begin(reply, delay_ms == -1 ? "todo" : "ok");
    if (delay_ms == -1)
        message_add(reply, "text", "reconnect_delay_ms gave -1.");
    else
        message_add_int64(reply, "ms", delay_ms);
}
