/*
 * The part of lab 04's probe that drives the log. Given: nothing to write here.
 *
 * It keeps what is appended, as the host does, for restart. Values may be spelled short, "65*ab"
 * (core_words.h). starve=1: probe_core.h.
 *
 *   log       a new log, and nothing stored              ok | error code=
 *   send      [channel=c] [user=ann] [nonce=n1]          ok do=append,ack,publish number=1 at=0
 *             [file=] [text=hello] [now=0] [number=0]    repeated=0 text=hello a1="append message
 *             [member=yes | no | unknown] [starve=0]     'c' 'ann' 'n1' '' 'hello' 1 @0" a2= ... |
 *                                                        error code= text=
 *                                                        (number, at, repeated, text: of the ack)
 *   restart   a new log that replays what is stored      ok | error code=
 *   drop      the same without the newest commit, as if  ok | error code=
 *             a crash had come before it
 *   replay    kind=message | counter | other, and the    ok | error code= (it is stored when ok)
 *             fields of send, number=, at=
 *   newest                                               ok list="'c' 3; 'd' 1" (sorted)
 *   flood     count= messages in one channel, then each  ok number= repeated= (of the last; how
 *             of them again                              many were answered as repetitions with
 *                                                        their own number)
 */
#include "probe_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMITS_MAX = 4096 /* records that are kept */ };

struct log_rig {
    struct chat_log *log;
    struct {
        struct chat_record record;
        int commit;
    } * stored;
    int stored_count, stored_capacity;
    int commit; /* number of the newest */
    struct chat_log_actions actions;
};

void log_rig_free(struct log_rig *rig)
{
    if (rig == NULL)
        return;
    chat_log_destroy(rig->log);
    free(rig->stored);
    free(rig);
}

static struct log_rig *log_of(void *context)
{
    struct core_rig *core = core_of(context);
    if (core->log == NULL)
        core->log = core_memory(sizeof *core->log);
    return core->log;
}

static void store(struct log_rig *rig, const struct chat_record *record)
{
    if (rig->stored_count == COMMITS_MAX)
        return;
    if (rig->stored_count == rig->stored_capacity) {
        rig->stored_capacity = rig->stored_capacity > 0 ? 2 * rig->stored_capacity : 16;
        rig->stored = realloc(rig->stored, (size_t)rig->stored_capacity * sizeof *rig->stored);
        if (rig->stored == NULL)
            abort();
    }
    rig->stored[rig->stored_count].record = *record;
    rig->stored[rig->stored_count++].commit = rig->commit;
}

static int new_log(struct log_rig *rig, struct error *err)
{
    chat_log_destroy(rig->log);
    rig->log = NULL;
    return chat_log_create(&rig->log, err);
}

void do_log(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    struct error err = {0};
    (void)action;
    rig->stored_count = 0;
    probe_result(reply, new_log(rig, &err), &err);
}

/* --- sending ---------------------------------------------------------------------------------- */

static const char *kind_name(enum chat_log_action_kind kind)
{
    static const char *const names[] = {"append", "ack", "publish"};
    return (unsigned)kind <= CHAT_PUBLISH ? names[kind] : "?";
}

static void describe_action(const struct chat_log_action *action, struct text *out)
{
    text_add(out, kind_name(action->kind));
    if (action->kind == CHAT_APPEND && action->record.kind == CHAT_RECORD_COUNTER) {
        text_add(out, " counter ");
        core_describe(action->record.message.channel, CHAT_ID_SIZE, out);
        text_addf(out, " %lld", (long long)action->record.message.number);
        return;
    }
    text_add(out, action->record.kind == CHAT_RECORD_MESSAGE ? " message " : " other ");
    core_describe_message(&action->record.message, out);
}

static void add_ack(const struct chat_log_action *ack, struct text *reply)
{
    char text[CHAT_TEXT_SIZE + 1];
    snprintf(text, sizeof text, "%.*s", CHAT_TEXT_SIZE, ack->record.message.text);
    message_add_int64(reply, "number", ack->record.message.number);
    message_add_int64(reply, "at", ack->record.message.sent_ms);
    message_add_int64(reply, "repeated", ack->repeated);
    message_add(reply, "text", strlen(text) > 100 ? "long" : text);
}

static void add_actions(const struct chat_log_actions *actions, struct text *reply)
{
    struct text kinds = {0}, line = {0};
    const struct chat_log_action *ack = NULL;
    for (int i = 0; i < actions->count && i < CHAT_LOG_ACTIONS_MAX; i++) {
        text_addf(&kinds, "%s%s", i > 0 ? "," : "", kind_name(actions->list[i].kind));
        if (actions->list[i].kind == CHAT_ACK)
            ack = &actions->list[i];
    }
    message_add(reply, "do", kinds.length > 0 ? text_str(&kinds) : "none");
    if (ack != NULL)
        add_ack(ack, reply);
    for (int i = 0; i < actions->count && i < CHAT_LOG_ACTIONS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", i + 1);
        text_clear(&line);
        describe_action(&actions->list[i], &line);
        message_add(reply, name, text_str(&line));
    }
    text_release(&kinds);
    text_release(&line);
}

static enum chat_member member_of(const struct message *action)
{
    const char *word = message_get_or(action, "member", "yes");
    if (strcmp(word, "no") == 0)
        return CHAT_NO;
    return strcmp(word, "unknown") == 0 ? CHAT_UNKNOWN : CHAT_YES;
}

void do_send(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    struct chat_message asked;
    struct error err = {0};
    if (rig->log == NULL) {
        message_begin(reply, "none");
        return;
    }
    core_message(action, &asked);
    int result = 0, grant = memory_begin(action);
    do {
        memory_grant(grant);
        result = chat_log_send(rig->log, &asked, member_of(action), &rig->actions, &err);
    } while (memory_is_short(result, &grant) && rig->actions.count == 0);
    rig->commit++;
    for (int i = 0; i < rig->actions.count && i < CHAT_LOG_ACTIONS_MAX; i++) {
        if (rig->actions.list[i].kind == CHAT_APPEND)
            store(rig, &rig->actions.list[i].record);
    }
    probe_result(reply, result, &err);
    if (result == 0 || rig->actions.count > 0) {
        if (result == 0)
            message_begin(reply, "ok");
        add_actions(&rig->actions, reply);
    }
}

/* --- restarting ------------------------------------------------------------------------------- */

void do_restart(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    struct error err = {0};
    (void)action;
    int result = new_log(rig, &err);
    for (int i = 0; i < rig->stored_count && result == 0; i++)
        result = chat_log_replay(rig->log, &rig->stored[i].record, &err);
    probe_result(reply, result, &err);
}

void do_drop(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    int newest = rig->stored_count > 0 ? rig->stored[rig->stored_count - 1].commit : 0;
    while (rig->stored_count > 0 && rig->stored[rig->stored_count - 1].commit == newest)
        rig->stored_count--;
    do_restart(context, action, reply);
}

void do_replay(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    struct chat_record record = {.kind = CHAT_RECORD_MESSAGE};
    struct error err = {0};
    const char *kind = message_get_or(action, "kind", "message");
    if (rig->log == NULL) {
        message_begin(reply, "none");
        return;
    }
    core_message(action, &record.message);
    if (strcmp(kind, "counter") == 0)
        record.kind = CHAT_RECORD_COUNTER;
    else if (strcmp(kind, "message") != 0)
        record.kind = (enum chat_record_kind)(CHAT_RECORD_COUNTER + 1);
    int result = chat_log_replay(rig->log, &record, &err);
    rig->commit++;
    if (result == 0)
        store(rig, &record);
    probe_result(reply, result, &err);
}

/* --- looking ---------------------------------------------------------------------------------- */

struct visits {
    struct text list[64]; /* one for each channel visited */
    int count;
};

static void take_visit(void *context, const char *channel, int64_t number)
{
    struct visits *visits = context;
    if (visits->count == (int)(sizeof visits->list / sizeof visits->list[0]))
        return;
    struct text *visit = &visits->list[visits->count++];
    core_describe(channel, CHAT_ID_SIZE, visit);
    text_addf(visit, " %lld", (long long)number);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(text_str(a), text_str(b));
}

void do_newest(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    struct visits visits = {0};
    struct text list = {0};
    (void)action;
    if (rig->log != NULL)
        chat_log_newest(rig->log, take_visit, &visits);
    qsort(visits.list, (size_t)visits.count, sizeof visits.list[0], by_text);
    for (int i = 0; i < visits.count; i++) {
        text_addf(&list, "%s%s", i > 0 ? "; " : "", text_str(&visits.list[i]));
        text_release(&visits.list[i]);
    }
    message_begin(reply, rig->log != NULL ? "ok" : "none");
    message_add(reply, "list", text_str(&list));
    text_release(&list);
}

/* What was acknowledged for message i of a flood; 0 = nothing. */
static int64_t send_one(struct log_rig *rig, struct chat_message *message, int i, int repeated)
{
    struct error err = {0};
    snprintf(message->nonce, sizeof message->nonce, "nonce-%d", i);
    if (chat_log_send(rig->log, message, CHAT_YES, &rig->actions, &err) < 0)
        return 0;
    for (int k = 0; k < rig->actions.count && k < CHAT_LOG_ACTIONS_MAX; k++) {
        const struct chat_log_action *one = &rig->actions.list[k];
        if (one->kind == CHAT_ACK && one->repeated == repeated)
            return one->record.message.number;
    }
    return 0;
}

void do_flood(void *context, const struct message *action, struct text *reply)
{
    struct log_rig *rig = log_of(context);
    struct chat_message *message = core_memory(sizeof *message);
    struct error err = {0};
    int64_t count = core_number(action, "count", 1000), number = 0, repeated = 0;
    int result = new_log(rig, &err);
    rig->stored_count = 0;
    core_message(action, message);
    for (int i = 1; i <= count && result == 0; i++)
        number = send_one(rig, message, i, 0);
    for (int i = 1; i <= count && result == 0; i++)
        repeated += send_one(rig, message, i, 1) == i;
    probe_result(reply, result, &err);
    if (result == 0) {
        message_begin(reply, "ok");
        message_add_int64(reply, "number", number);
        message_add_int64(reply, "repeated", repeated);
    }
    free(message);
}
