/*
 * Lab 04: one schedule, event by event, in processes that know nothing of what is to come: one for
 * the log, one for each hub. A crash is a kill: a new process gets the records and nothing else.
 */
#include <stdlib.h>
#include <string.h>
#include "04-chat/core_words.h"
#include "suites/04-chat/core.h"
#include "suites/04-chat/world.h"

/* 0 with the reply, or -1: a verdict stands, or the code refused. */
static int ask(struct chat_remote *remote, struct probe *probe, const struct text *line,
               struct message *reply)
{
    enum probe_state state = probe_ask(probe, text_str(line), reply);
    if (state != PROBE_READY)
        remote->ended = run_crash(remote->run, state, probe);
    else if (strcmp(reply->word, "todo") == 0)
        remote->ended = run_fail(remote->run, "not written yet", "a log and a hub that take events",
                                 "ERR_TODO: %s", message_get_or(reply, "text", "a function"));
    if (remote->ended)
        return -1;
    if (strcmp(reply->word, "ok") == 0)
        return 0;
    text_clear(&remote->said);
    text_add(&remote->said, message_get_or(reply, "text", reply->word));
    return -1;
}

/* Asks, and forgets the reply. */
static int tell(struct chat_remote *remote, struct probe *probe, const struct text *line)
{
    struct message reply = {0};
    int result = ask(remote, probe, line, &reply);
    message_release(&reply);
    return result;
}

static void add_message(struct text *line, const struct chat_message *message)
{
    message_add(line, "channel", message->channel);
    message_add(line, "user", message->user);
    message_add(line, "nonce", message->nonce);
    message_add(line, "file", message->file);
    message_add(line, "text", message->text);
    message_add_int64(line, "at", message->sent_ms);
}

/* --- the log ---------------------------------------------------------------------------------- */

static int remote_begin(void *context, const struct chat_record *records, int count)
{
    struct chat_remote *remote = context;
    struct text line = {0};
    if (!remote->is_fresh) {
        probe_free(remote->log); /* kill -9 */
        remote->log = run_probe(remote->run);
        remote->ended |= remote->log == NULL;
    }
    message_begin(&line, "log");
    int result = remote->ended ? -1 : tell(remote, remote->log, &line);
    remote->is_fresh = 0;
    for (int i = 0; i < count && result == 0; i++) {
        message_begin(&line, "replay");
        message_add(&line, "kind", records[i].kind == CHAT_RECORD_COUNTER ? "counter" : "message");
        add_message(&line, &records[i].message);
        message_add_int64(&line, "number", records[i].message.number);
        result = tell(remote, remote->log, &line);
    }
    text_release(&line);
    return result;
}

/* "WORDS 'c' ... NUMBER @SENT_MS" is taken back to one of the world's messages. */
static void read_message(const struct chat_world *world, const char *words,
                         struct chat_message *out)
{
    const char *time = strrchr(words, '@');
    const char *number = time != NULL ? time - 1 : words;
    while (number > words && number[-1] != ' ')
        number--;
    out->text[0] = '\0'; /* none of them */
    for (int i = 0; i < CHAT_WORLD_MESSAGES; i++) {
        struct text known = {0};
        struct chat_message one = world->known[i];
        one.number = strtoll(number, NULL, 10);
        one.sent_ms = time != NULL ? strtoll(time + 1, NULL, 10) : 0;
        core_describe_message(&one, &known);
        if (strcmp(text_str(&known), words) == 0)
            *out = one;
        text_release(&known);
    }
}

static void read_log_action(const struct chat_world *world, const char *line, int repeated,
                            struct chat_log_action *out)
{
    static const char *const kinds[] = {"append message ", "ack message ", "publish message "};
    memset(out, 0, sizeof *out);
    out->kind = (enum chat_log_action_kind)(CHAT_PUBLISH + 1);
    if (strncmp(line, "append counter ", 15) == 0) {
        out->kind = CHAT_APPEND;
        out->record.kind = CHAT_RECORD_COUNTER;
        memcpy(out->record.message.channel, "c", 2);
        out->record.message.number = strtoll(strrchr(line, ' '), NULL, 10);
    }
    for (int kind = 0; kind <= CHAT_PUBLISH; kind++) {
        if (strncmp(line, kinds[kind], strlen(kinds[kind])) == 0) {
            out->kind = (enum chat_log_action_kind)kind;
            read_message(world, line + strlen(kinds[kind]), &out->record.message);
        }
    }
    out->repeated = out->kind == CHAT_ACK && repeated;
}

static int remote_send(void *context, const struct chat_message *asked,
                       struct chat_log_actions *actions)
{
    static const char *const names[CHAT_LOG_ACTIONS_MAX] = {"a1", "a2", "a3", "a4",
                                                            "a5", "a6", "a7", "a8"};
    struct chat_remote *remote = context;
    struct text line = {0};
    struct message reply = {0};
    message_begin(&line, "send");
    add_message(&line, asked);
    int result = ask(remote, remote->log, &line, &reply);
    actions->count = 0;
    for (int i = 0; i < CHAT_LOG_ACTIONS_MAX && result == 0; i++) {
        const char *said = message_get(&reply, names[i]);
        if (said != NULL)
            read_log_action(remote->world, said, chat_number(&reply, "repeated", 0) == 1,
                            &actions->list[actions->count++]);
    }
    message_release(&reply);
    text_release(&line);
    return result;
}

static int64_t remote_newest(void *context)
{
    struct chat_remote *remote = context;
    struct text line = {0};
    struct message reply = {0};
    int64_t number = -1;
    message_begin(&line, "newest");
    if (ask(remote, remote->log, &line, &reply) == 0) {
        const char *list = message_get_or(&reply, "list", "");
        if (strncmp(list, "'c' ", 4) == 0 && strchr(list, ';') == NULL)
            number = strtoll(list + 4, NULL, 10);
    }
    message_release(&reply);
    text_release(&line);
    return number;
}

/* --- hubs ------------------------------------------------------------------------------------- */

static int remote_hubs(void *context)
{
    struct chat_remote *remote = context;
    struct text line = {0};
    int result = 0;
    message_begin(&line, "hub");
    message_add_int64(&line, "queue", CHAT_QUEUE_MIN);
    for (int i = 0; i < CHAT_WORLD_HUBS && result == 0; i++)
        result = remote->ended ? -1 : tell(remote, remote->hubs[i], &line);
    text_release(&line);
    return result;
}

static void event_line(const struct chat_hub_event *event, struct text *line)
{
    static const char *const words[] = {"open",    "bring",   "publish", "hint",
                                        "drained", "removed", "closed"};
    message_begin(line, words[event->kind]);
    if (event->channel != NULL)
        message_add(line, "channel", event->channel);
    else
        message_add_int64(line, "stream", event->stream);
    if (event->user != NULL)
        message_add(line, "user", event->user);
    if (event->kind == CHAT_OPEN) {
        message_add_int64(line, "stream", event->stream);
        message_add_int64(line, "after", event->number);
    }
    if (event->kind == CHAT_PAGE) {
        message_add_int64(line, "from", event->count > 0 ? event->messages[0].number : 1);
        message_add_int64(line, "count", event->count);
    }
    if (event->kind == CHAT_PUBLISHED)
        message_add_int64(line, "number", event->messages[0].number);
    if (event->kind == CHAT_NEWEST)
        message_add_int64(line, "number", event->number);
    if (event->kind == CHAT_DRAINED)
        message_add_int64(line, "count", event->number);
}

/* "1 write 7" and so on. */
static void read_hub_action(const struct chat_hub_event *event, const char *said,
                            struct chat_hub_action *out)
{
    static const char *const kinds[] = {"fetch", "write", "live", "gap", "put-out"};
    char *word = NULL, *end = NULL;
    *out = (struct chat_hub_action){.kind = (enum chat_hub_action_kind)(CHAT_PUT_OUT + 1),
                                    .stream = (uint32_t)strtoll(said, &word, 10)};
    word += *word == ' ';
    for (int kind = 0; kind <= CHAT_PUT_OUT; kind++) {
        size_t length = strlen(kinds[kind]);
        if (strncmp(word, kinds[kind], length) == 0) {
            out->kind = (enum chat_hub_action_kind)kind;
            word += length;
            break;
        }
    }
    out->number = strtoll(word, &end, 10);
    out->limit = (int)strtol(end, NULL, 10);
    int count = event->kind == CHAT_PUBLISHED ? 1 : event->count;
    for (int i = 0; i < count && out->kind == CHAT_WRITE && end != word; i++) {
        if (event->messages[i].number == out->number)
            out->message = &event->messages[i];
    }
}

static int remote_event(void *context, int hub, const struct chat_hub_event *event,
                        struct chat_hub_actions *actions)
{
    struct chat_remote *remote = context;
    struct text line = {0};
    struct message reply = {0};
    event_line(event, &line);
    int result = remote->ended ? -1 : ask(remote, remote->hubs[hub], &line, &reply);
    const char *list = result == 0 ? message_get_or(&reply, "do", "none") : "none";
    actions->count = 0;
    while (strcmp(list, "none") != 0 && *list != '\0' && actions->count < CHAT_HUB_ACTIONS_MAX) {
        const char *next = strstr(list, "; ");
        read_hub_action(event, list, &actions->list[actions->count++]);
        list = next != NULL ? next + 2 : "";
    }
    message_release(&reply);
    text_release(&line);
    return result;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void open_probes(struct chat_remote *remote)
{
    if (remote->log != NULL || remote->ended)
        return;
    remote->log = run_probe(remote->run);
    remote->ended |= remote->log == NULL;
    for (int i = 0; i < CHAT_WORLD_HUBS && !remote->ended; i++) {
        remote->hubs[i] = run_probe(remote->run);
        remote->ended |= remote->hubs[i] == NULL;
    }
}

int chat_lockstep(struct chat_remote *remote, struct chat_world *world,
                  const struct chat_schedule *schedule)
{
    open_probes(remote);
    if (remote->ended)
        return 1;
    remote->world = world;
    remote->is_fresh = 1; /* the log of the schedule before is over: a new one may live here */
    text_clear(&remote->said);
    chat_world_run(world, schedule,
                   (struct chat_core){remote, remote_begin, remote_send, remote_newest, remote_hubs,
                                      remote_event});
    return remote->ended;
}

void chat_lockstep_end(struct chat_remote *remote)
{
    probe_free(remote->log);
    for (int i = 0; i < CHAT_WORLD_HUBS; i++)
        probe_free(remote->hubs[i]);
    text_release(&remote->said);
    *remote = (struct chat_remote){.run = remote->run};
}
