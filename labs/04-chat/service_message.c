#include "service_host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "chat_log.h"
#include "kit/error.h"
#include "kit/log.h"
#include "kit/problem.h"
#include "service_ask.h"
#include "service_log.h"
#include "service_publish.h"
#include "service_wire.h"

struct messages {
    struct host *host;
    struct publisher *publisher;
    pthread_mutex_t lock; /* guards the log */
    struct chat_log *log;
    int64_t stored; /* the writer thread's: records that are in the log and were written */
};

/* --- sending ---------------------------------------------------------------------------------- */

/* One send, for the writer thread. */
struct sending {
    struct messages *messages;
    struct chat_message asked;
    enum chat_member member;
    int has_changed; /* 1: the log has taken it, so it must be stored */
    struct chat_log_actions *actions;
};

/* All records of a send are one commit: this runs in its transaction. */
static int decide_and_store(struct db_tx *tx, void *arg, struct error *err)
{
    struct sending *sending = arg;
    struct messages *messages = sending->messages;
    /* After a commit that failed nothing is decided any more: the log knows more than the disk. */
    int result = log_expect_count(tx, messages->stored, err);
    if (result < 0) {
        sending->has_changed = 1;
        return result;
    }
    pthread_mutex_lock(&messages->lock);
    result = chat_log_send(messages->log, &sending->asked, sending->member, sending->actions, err);
    pthread_mutex_unlock(&messages->lock);
    if (sending->actions->count < 0 || sending->actions->count > CHAT_LOG_ACTIONS_MAX) {
        result = error_set(err, ERR_CORRUPT, "chat_log_send asks for %d actions: at most %d.",
                           sending->actions->count, CHAT_LOG_ACTIONS_MAX);
        sending->actions->count = 0;
    }
    for (int i = 0; i < sending->actions->count && result == 0; i++) {
        const struct chat_log_action *action = &sending->actions->list[i];
        if (action->kind != CHAT_APPEND)
            continue;
        sending->has_changed = 1;
        result = log_append(tx, ++messages->stored, &action->record, err);
    }
    return result;
}

static void answer(struct http_response *response, const struct chat_log_action *ack)
{
    text_clear(&response->body);
    response->content_type = NULL;
    response->status = ack->repeated ? 200 : 201;
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_int64(&writer, "number", ack->record.message.number);
    json_put_time(&writer, "sentAt", ack->record.message.sent_ms);
    json_close_object(&writer);
}

/* What comes after the commit, in the log's order. The answer leaves when the handler returns. */
static void carry_out(struct messages *messages, const struct chat_log_actions *actions,
                      struct http_response *response)
{
    problem(response, 500, "chat_log_send took the message, and there was no CHAT_ACK.");
    for (int i = 0; i < actions->count; i++)
        if (actions->list[i].kind == CHAT_ACK)
            answer(response, &actions->list[i]);
        else if (actions->list[i].kind == CHAT_PUBLISH)
            publisher_add(messages->publisher, &actions->list[i].record.message);
}

static enum chat_member member_of(const char *word)
{
    return strcmp(word, "yes") == 0 ? CHAT_YES : strcmp(word, "no") == 0 ? CHAT_NO : CHAT_UNKNOWN;
}

static void copy(char *to, size_t size, struct json_reader *reader, const char *name)
{
    const char *value = json_string_or(reader, name, WIRE_BODY_MAX, "");
    snprintf(to, size, "%s", value);
    if (strlen(value) >= size)
        json_wrong(reader, name, "is too long");
}

static void read_sending(struct json_reader *reader, struct sending *sending, int64_t now_ms)
{
    struct chat_message *asked = &sending->asked;
    copy(asked->channel, sizeof asked->channel, reader, "channel");
    copy(asked->user, sizeof asked->user, reader, "user");
    copy(asked->nonce, sizeof asked->nonce, reader, "nonce");
    copy(asked->file, sizeof asked->file, reader, "file");
    copy(asked->text, sizeof asked->text, reader, "text");
    asked->sent_ms = now_ms;
    sending->member = member_of(json_string_or(reader, "member", 8, ""));
}

/* POST /log/append {channel, user, nonce, file?, text, member} -> 201, 200 {number, sentAt}; 403 no
   member, 422 a wrong field or a nonce that was used, 503. */
static void post_append(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct host *host = host_of(context);
    struct messages *messages = host->parts[OWNS_MESSAGES];
    struct sending sending = {.messages = messages, .actions = calloc(1, sizeof *sending.actions)};
    struct json_errors errors = {0};
    struct error err = {0};
    cJSON *body =
        sending.actions != NULL ? json_parse(request->body, request->body_length, &err) : NULL;
    struct json_reader reader = json_reader(body, &errors);
    if (body != NULL)
        read_sending(&reader, &sending, clock_now(&host->service->clock).wall_ms);
    int result = 0;
    if (body == NULL)
        problem(response, 400, "%s", err.text);
    else if (errors.count > 0)
        problem_fields(response, &errors);
    else
        result = store_write(host->store, decide_and_store, &sending, &err);
    if (result < 0 && sending.has_changed) {
        log_error("a commit failed, so this node starts anew", LOG_TEXT("why", err.text));
        _exit(1);
    }
    if (result < 0)
        wire_refuse(response, result, err.text);
    else if (body != NULL && errors.count == 0)
        carry_out(messages, sending.actions, response);
    cJSON_Delete(body);
    free(sending.actions);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* GET /log/channels/{channel}?after=&limit= -> 200 {messages, last, more}: of one channel, by
   number. GET /log/feed?after=&limit= -> the same of all, in the order they were stored. last is
   what to ask after next time; more: there are others, but the answer is long enough. 400, 503. */
static void get_page(const struct http_request *request, struct http_response *response,
                     void *context)
{
    struct host *host = host_of(context);
    struct log_page page = {.channel = http_param(request, "channel"), .out = &response->body};
    struct error err = {0};
    int64_t limit = CHAT_PAGE_MAX;
    if (wire_number(request, response, "after", 0, &page.after) < 0 ||
        wire_number(request, response, "limit", CHAT_PAGE_MAX, &limit) < 0)
        return;
    if (limit < 1 || limit > CHAT_PAGE_MAX) {
        problem(response, 400, "limit is 1 to %d.", CHAT_PAGE_MAX);
        return;
    }
    page.limit = (int)limit;
    int result = store_read(host->store, log_read_page, &page, &err);
    if (result < 0) {
        text_clear(&response->body);
        wire_refuse(response, result, err.text);
    }
}

/* All channels that the log has, from the one in place `from` on. */
struct all_newest {
    struct messages *messages;
    struct text *out;
    struct json_writer writer;
    int64_t from, seen, position;
    int more;
};

static void put_newest(void *context, const char *channel, int64_t number)
{
    struct all_newest *all = context;
    if (all->seen++ < all->from || all->more)
        return;
    log_put_newest(&all->writer, channel, number);
    all->more = all->out->length >= LOG_PAGE_BYTES;
}

/* For the writer thread, although it writes nothing: the log in memory is ahead of the disk, and
   what it says here has been stored when the write is done. */
static int visit_all(struct db_tx *tx, void *arg, struct error *err)
{
    struct all_newest *all = arg;
    (void)tx;
    (void)err;
    pthread_mutex_lock(&all->messages->lock);
    chat_log_newest(all->messages->log, put_newest, all);
    pthread_mutex_unlock(&all->messages->lock);
    all->position = all->messages->stored;
    return 0;
}

/* GET /log/newest?after=&from= -> 200 {channels: [{channel, number}], position, more}. After a
   position: of the channels that got messages since. after=0: of all channels, without the first
   `from`. position is what to ask after next time; more: there are others. 400, 503. */
static void get_newest(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct host *host = host_of(context);
    struct error err = {0};
    struct all_newest all = {.messages = host->parts[OWNS_MESSAGES],
                             .out = &response->body,
                             .writer = json_writer(&response->body)};
    struct log_newest since = {.out = &all.writer};
    if (wire_number(request, response, "after", 0, &since.after) < 0 ||
        wire_number(request, response, "from", 0, &all.from) < 0)
        return;
    json_open_object(&all.writer, NULL);
    json_open_array(&all.writer, "channels");
    int result = since.after > 0 ? store_read(host->store, log_read_newest, &since, &err)
                                 : store_write(host->store, visit_all, &all, &err);
    json_close_array(&all.writer);
    json_put_int64(&all.writer, "position", since.after > 0 ? since.position : all.position);
    json_put_bool(&all.writer, "more", since.more || all.more);
    json_close_object(&all.writer);
    if (result < 0) {
        text_clear(&response->body);
        wire_refuse(response, result, err.text);
    }
}

/* --- the part --------------------------------------------------------------------------------- */

static void close_messages(void *state)
{
    struct messages *messages = state;
    publisher_close(messages->publisher);
    chat_log_destroy(messages->log);
    pthread_mutex_destroy(&messages->lock);
    free(messages);
}

/* Replays what is stored. A damaged log stops the start: nothing is numbered on a wrong base. */
static int open_messages(struct host *host, void **state, struct error *err)
{
    struct messages *messages = calloc(1, sizeof *messages);
    if (messages == NULL)
        return error_set(err, ERR_LIMIT, "no memory for the messages");
    messages->host = host;
    pthread_mutex_init(&messages->lock, NULL);
    int result = chat_log_create(&messages->log, err);
    struct log_replay replay = {.log = messages->log};
    if (result == 0)
        result = store_read(host->store, log_replay_all, &replay, err);
    messages->stored = replay.count;
    if (result == 0)
        result = publisher_open(&messages->publisher, host, err);
    if (result == 0)
        *state = messages;
    else
        close_messages(messages);
    return result;
}

static const struct http_route message_routes[] = {
    {"POST", "/log/append", HTTP_WORKER, WIRE_JSON, post_append},
    {"GET", "/log/channels/{channel}", HTTP_LIST, NULL, get_page},
    {"GET", "/log/feed", HTTP_WORKER, NULL, get_page},
    {"GET", "/log/newest", HTTP_WORKER, NULL, get_newest},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part message_part = {.capability = OWNS_MESSAGES,
                                  .schema = SERVICE_LOG_SCHEMA,
                                  .routes = message_routes,
                                  .open = open_messages,
                                  .close = close_messages};
