/*
 * The oracle of the hub: for each stream what it was written, how much of that was taken, and what
 * it must be given next. How much a fetch asks for is the hub's own choice, within the room that
 * there is; in which order streams come is it too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "04-chat/core_words.h"
#include "suites/04-chat/core.h"

enum { STREAMS_MAX = 1024, SHELVES = 16, PAGE_MAX = 100 };

struct reader {
    long long id;
    int is_open, is_live;
    int64_t after;   /* the number it was written last */
    int64_t heard;   /* the highest that it has heard of */
    int64_t waiting; /* written and not taken */
    int64_t limit;   /* of its fetch; 0 = none */
    char channel[CHAT_ID_SIZE], user[CHAT_ID_SIZE];
    struct text wanted; /* what it must be given by this event */
};
struct hub_model {
    int exists;
    int64_t queue;
    struct reader readers[STREAMS_MAX];
    int reader_count, open;
    struct {
        char channel[CHAT_ID_SIZE];
        int64_t newest;
    } shelves[SHELVES];
    int shelf_count;
};

static void *model_create(const char *judged)
{
    (void)judged;
    return chat_memory(sizeof(struct hub_model));
}

static void forget(struct hub_model *model)
{
    for (int i = 0; i < model->reader_count; i++)
        text_release(&model->readers[i].wanted);
    memset(model, 0, sizeof *model);
}

static void model_destroy(void *state)
{
    forget(state);
    free(state);
}

static struct reader *reader_at(struct hub_model *model, long long id)
{
    int i = 0;
    while (i < model->reader_count && model->readers[i].id != id)
        i++;
    if (i == STREAMS_MAX)
        abort();
    if (i == model->reader_count)
        model->readers[model->reader_count++].id = id;
    return &model->readers[i];
}

static int64_t *newest_of(struct hub_model *model, const char *channel)
{
    int i = 0;
    while (i < model->shelf_count && strcmp(model->shelves[i].channel, channel) != 0)
        i++;
    if (i == SHELVES)
        abort();
    if (i == model->shelf_count)
        snprintf(model->shelves[model->shelf_count++].channel, CHAT_ID_SIZE, "%s", channel);
    return &model->shelves[i].newest;
}

/* What the field says, spelled out, cut to what an id may be. */
static void read_name(const struct message *action, const char *field, const char *otherwise,
                      char name[CHAT_ID_SIZE])
{
    core_fill(name, CHAT_ID_SIZE, message_get_or(action, field, otherwise));
    name[CHAT_ID_SIZE - 1] = '\0';
}

/* --- the rules -------------------------------------------------------------------------------- */

static void want(struct reader *reader, const char *word, int64_t number)
{
    text_addf(&reader->wanted, "%s%lld %s", reader->wanted.length > 0 ? "; " : "", reader->id,
              word);
    if (number >= 0)
        text_addf(&reader->wanted, " %lld", (long long)number);
}

static void want_write(struct reader *reader)
{
    want(reader, "write", ++reader->after);
    reader->waiting++;
}

static void want_end(struct hub_model *model, struct reader *reader, const char *word,
                     int64_t number)
{
    want(reader, word, number);
    reader->is_open = 0;
    model->open--;
}

/* What is lacking is fetched as soon as there is room. */
static void want_rest(const struct hub_model *model, struct reader *reader)
{
    int lacks = !reader->is_live || reader->heard > reader->after;
    if (lacks && reader->limit == 0 && reader->waiting < model->queue) {
        want(reader, "fetch", reader->after);
        reader->limit = -1; /* it will say how many */
    }
}

/* is_message: 1 = the message itself came, not only its number. */
static void hear(struct hub_model *model, struct reader *reader, int64_t number, int is_message)
{
    if (number <= reader->heard)
        return;
    int lacks = reader->heard > reader->after;
    reader->heard = number;
    if (!reader->is_live || reader->limit != 0)
        return;
    if (reader->waiting == model->queue)
        want_end(model, reader, "gap", reader->after + 1);
    else if (is_message && !lacks && number == reader->after + 1)
        want_write(reader);
    else
        want_rest(model, reader);
}

/* Each returns the code that the event must be answered with. */
static const char *on_open(struct hub_model *model, const struct message *action)
{
    struct text channel = {0}, user = {0};
    const char *code = "ok";
    int64_t after = chat_number(action, "after", 0);
    struct reader *reader = reader_at(model, chat_number(action, "stream", 1));
    core_expand(message_get_or(action, "channel", "c"), &channel);
    core_expand(message_get_or(action, "user", "ann"), &user);
    if (after < 0 || channel.length < 1 || channel.length > 64 || user.length < 1 ||
        user.length > 64)
        code = "invalid";
    else if (reader->is_open)
        code = model->open == CHAT_STREAMS_MAX ? "exists or limit" : "exists";
    else if (model->open == CHAT_STREAMS_MAX)
        code = "limit";
    if (strcmp(code, "ok") == 0) {
        struct text wanted = reader->wanted;
        *reader = (struct reader){
            .id = reader->id, .is_open = 1, .after = after, .heard = after, .wanted = wanted};
        snprintf(reader->channel, sizeof reader->channel, "%s", text_str(&channel));
        snprintf(reader->user, sizeof reader->user, "%s", text_str(&user));
        model->open++;
        want_rest(model, reader);
    }
    text_release(&channel);
    text_release(&user);
    return code;
}

/* count messages have come, the first of them `from`, with a number left out when has_hole. */
static const char *on_page(struct hub_model *model, struct reader *reader, int64_t from,
                           int64_t count, int has_hole)
{
    if (count < 0)
        return "invalid";
    if (!reader->is_open)
        return "ok";
    if (reader->limit == 0 || count > reader->limit || has_hole ||
        (count > 0 && from != reader->after + 1))
        return "invalid";
    int is_short = count < reader->limit;
    reader->limit = 0;
    for (int64_t i = 0; i < count; i++)
        want_write(reader);
    if (reader->heard < reader->after)
        reader->heard = reader->after;
    if (is_short && !reader->is_live) {
        reader->is_live = 1;
        want(reader, "live", -1);
    }
    want_rest(model, reader);
    return "ok";
}

static const char *on_fetched(struct hub_model *model, const struct message *action)
{
    struct reader *reader = reader_at(model, chat_number(action, "stream", 1));
    int64_t end = *newest_of(model, reader->channel) - chat_number(action, "lag", 0);
    int64_t count = end > reader->after ? end - reader->after : 0;
    if (count > reader->limit)
        count = reader->limit;
    return on_page(model, reader, reader->after + 1, count, 0);
}

static const char *on_brought(struct hub_model *model, const struct message *action)
{
    struct reader *reader = reader_at(model, chat_number(action, "stream", 1));
    int64_t from = chat_number(action, "from", 1), count = chat_number(action, "count", 1);
    int64_t skip = chat_number(action, "skip", 0);
    int skips = skip >= from && skip < from + count;
    if (skips && skip == from)
        from++;
    int has_hole = skips && skip > from && skip < chat_number(action, "from", 1) + count - 1;
    return on_page(model, reader, from, count - skips, has_hole);
}

static const char *on_hint(struct hub_model *model, const struct message *action, int is_message)
{
    int64_t number = chat_number(action, "number", 1);
    char channel[CHAT_ID_SIZE];
    read_name(action, "channel", "c", channel);
    if (!is_message && number < 0)
        return "invalid";
    for (int i = 0; i < model->reader_count; i++) {
        struct reader *reader = &model->readers[i];
        if (reader->is_open && strcmp(reader->channel, channel) == 0)
            hear(model, reader, number, is_message);
    }
    return "ok";
}

static const char *on_drained(struct hub_model *model, const struct message *action)
{
    struct reader *reader = reader_at(model, chat_number(action, "stream", 1));
    int64_t count = chat_number(action, "count", 1);
    if (count < 0)
        return "invalid";
    if (!reader->is_open)
        return "ok";
    if (count > reader->waiting)
        return "invalid";
    reader->waiting -= count;
    want_rest(model, reader);
    return "ok";
}

static const char *on_removed(struct hub_model *model, const struct message *action)
{
    char channel[CHAT_ID_SIZE], user[CHAT_ID_SIZE];
    read_name(action, "channel", "c", channel);
    read_name(action, "user", "ann", user);
    for (int i = 0; i < model->reader_count; i++) {
        struct reader *reader = &model->readers[i];
        if (reader->is_open && strcmp(reader->channel, channel) == 0 &&
            strcmp(reader->user, user) == 0)
            want_end(model, reader, "put-out", -1);
    }
    return "ok";
}

static const char *on_closed(struct hub_model *model, const struct message *action)
{
    struct reader *reader = reader_at(model, chat_number(action, "stream", 1));
    model->open -= reader->is_open;
    reader->is_open = 0;
    return "ok";
}

/* --- comparing -------------------------------------------------------------------------------- */

/* A fetch: its limit is taken off the action, and must fit. 1 with a finding. */
static int take_limit(const struct hub_model *model, struct reader *reader, char *one,
                      struct finding *finding)
{
    char expected[96];
    char *limit = strrchr(one, ' ');
    int64_t room = model->queue - reader->waiting;
    if (room > PAGE_MAX)
        room = PAGE_MAX;
    long long said = strtoll(limit, NULL, 10);
    snprintf(expected, sizeof expected, "a fetch of 1 to %lld messages, for which there is room",
             (long long)room);
    if (said < 1 || said > room)
        return chat_differs(finding, expected, one);
    if (reader->limit == -1)
        reader->limit = said;
    *limit = '\0';
    return 0;
}

/* Sorts what was asked for by stream. 1 with a finding. */
static int sort_actions(struct hub_model *model, const char *list, struct text *got,
                        struct finding *finding)
{
    while (*list != '\0' && strcmp(list, "none") != 0) {
        const char *next = strstr(list, "; ");
        size_t length = next != NULL ? (size_t)(next - list) : strlen(list);
        char one[128], *word = NULL;
        snprintf(one, sizeof one, "%.*s", (int)(length < 120 ? length : 120), list);
        struct reader *reader = reader_at(model, strtoll(one, &word, 10));
        if (strncmp(word, " fetch ", 7) == 0 && take_limit(model, reader, one, finding))
            return 1;
        struct text *its = &got[reader - model->readers];
        text_addf(its, "%s%s", its->length > 0 ? "; " : "", one);
        list += length + (next != NULL ? 2 : 0);
    }
    return 0;
}

/* Adds what the stream's five facts are after the event. */
static void add_facts(const struct hub_model *model, const struct reader *reader, char *out,
                      size_t size)
{
    size_t length = strlen(out);
    if (!reader->is_open)
        return;
    snprintf(out + length, size - length,
             "; then stream %lld: written %lld, heard %lld, room %lld, %s, %s", reader->id,
             (long long)reader->after, (long long)reader->heard,
             (long long)(model->queue - reader->waiting),
             reader->limit != 0 ? "a fetch under way" : "no fetch",
             reader->is_live ? "live" : "replaying");
}

static int compare_actions(struct hub_model *model, const struct message *reply,
                           struct finding *finding)
{
    struct text *got = chat_memory(STREAMS_MAX * sizeof *got);
    int differs = sort_actions(model, message_get_or(reply, "do", "none"), got, finding);
    for (int i = 0; i < model->reader_count; i++) {
        struct text *wanted = &model->readers[i].wanted;
        if (!differs && strcmp(text_str(wanted), text_str(&got[i])) != 0) {
            char nothing[64];
            snprintf(nothing, sizeof nothing, "nothing for stream %lld", model->readers[i].id);
            differs = chat_differs(finding, wanted->length > 0 ? text_str(wanted) : nothing,
                                   got[i].length > 0 ? text_str(&got[i]) : nothing);
            add_facts(model, &model->readers[i], finding->expected, sizeof finding->expected);
        }
        text_clear(wanted);
        text_release(&got[i]);
    }
    free(got);
    return differs;
}

static int judge_create(struct hub_model *model, const struct message *action,
                        const struct message *reply, struct finding *finding)
{
    forget(model);
    model->queue = chat_number(action, "queue", CHAT_QUEUE);
    model->exists = model->queue >= CHAT_QUEUE_MIN && model->queue <= CHAT_QUEUE_MAX;
    return chat_code_differs(reply, model->exists ? "ok" : "invalid", finding);
}

static const char *on_event(struct hub_model *model, const struct message *action)
{
    const char *word = action->word;
    if (strcmp(word, "open") == 0)
        return on_open(model, action);
    if (strcmp(word, "page") == 0)
        return on_fetched(model, action);
    if (strcmp(word, "bring") == 0)
        return on_brought(model, action);
    if (strcmp(word, "publish") == 0 || strcmp(word, "hint") == 0)
        return on_hint(model, action, word[0] == 'p');
    if (strcmp(word, "drained") == 0)
        return on_drained(model, action);
    if (strcmp(word, "removed") == 0)
        return on_removed(model, action);
    return strcmp(word, "closed") == 0 ? on_closed(model, action) : NULL;
}

static int model_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    struct hub_model *model = state;
    if (strcmp(action->word, "hub") == 0)
        return judge_create(model, action, reply, finding);
    if (strcmp(action->word, "store") == 0) {
        char channel[CHAT_ID_SIZE];
        read_name(action, "channel", "c", channel);
        *newest_of(model, channel) += chat_number(action, "count", 1);
    }
    if (!model->exists || strcmp(reply->word, "none") == 0)
        return 0;
    if (strcmp(action->word, "streams") == 0) {
        char expected[32];
        snprintf(expected, sizeof expected, "%d", model->open);
        const char *got = message_get_or(reply, "count", "");
        return strcmp(expected, got) == 0 ? 0 : chat_differs(finding, expected, got);
    }
    const char *code = on_event(model, action);
    if (code == NULL)
        return 0;
    const char *got = message_get_or(reply, "code", reply->word);
    if (strcmp(code, "exists or limit") == 0 && (strcmp(got, "exists") == 0))
        code = "exists";
    else if (strcmp(code, "exists or limit") == 0)
        code = "limit";
    return chat_code_differs(reply, code, finding) || compare_actions(model, reply, finding);
}

const struct oracle chat_hub_oracle = {model_create, model_destroy, model_step};
