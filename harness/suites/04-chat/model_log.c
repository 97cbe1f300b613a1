/*
 * The oracle of the log: one list of what was stored, and every answer worked out from it by
 * looking through all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "04-chat/core_words.h"
#include "kit/utf8.h"
#include "suites/04-chat/core.h"

enum { STORED_MAX = 512, SHOWN_ACTIONS = 8 };

struct log_model {
    int exists;
    int is_lost; /* 1: after a refused record, or a flood, nothing is said until it is new */
    struct chat_message *stored[STORED_MAX]; /* NULL: a commit of counters alone */
    int count;
};

static void *model_create(const char *judged)
{
    (void)judged;
    return chat_memory(sizeof(struct log_model));
}

static void forget(struct log_model *model, int left)
{
    while (model->count > left)
        free(model->stored[--model->count]);
}

static void model_destroy(void *state)
{
    forget(state, 0);
    free(state);
}

static void keep(struct log_model *model, const struct chat_message *message)
{
    if (model->count == STORED_MAX)
        abort();
    struct chat_message *copy = NULL;
    if (message != NULL) {
        copy = chat_memory(sizeof *copy);
        *copy = *message;
    }
    model->stored[model->count++] = copy;
}

/* --- the rules -------------------------------------------------------------------------------- */

static int64_t newest_in(const struct log_model *model, const char *channel)
{
    int64_t number = 0;
    for (int i = 0; i < model->count; i++)
        number += model->stored[i] != NULL && strcmp(model->stored[i]->channel, channel) == 0;
    return number;
}

static const struct chat_message *with_nonce(const struct log_model *model,
                                             const struct chat_message *asked)
{
    for (int i = 0; i < model->count; i++) {
        const struct chat_message *one = model->stored[i];
        if (one != NULL && strcmp(one->channel, asked->channel) == 0 &&
            strcmp(one->user, asked->user) == 0 && strcmp(one->nonce, asked->nonce) == 0)
            return one;
    }
    return NULL;
}

static int has_length(const char *field, size_t least, size_t most)
{
    const char *end = memchr(field, '\0', most + 1);
    return end != NULL && (size_t)(end - field) >= least;
}

static int is_nonce(const char *nonce)
{
    for (; *nonce != '\0'; nonce++) {
        if (*nonce < 33 || *nonce > 126)
            return 0;
    }
    return 1;
}

static int is_text(const char *text)
{
    while (*text != '\0') {
        size_t length = utf8_character(text, strlen(text));
        if (length == 0)
            return 0;
        text += length;
    }
    return 1;
}

/* The first field that is out of the limits, or NULL. */
static const char *bad_field(const struct chat_message *asked)
{
    if (!has_length(asked->channel, 1, 64))
        return "channel";
    if (!has_length(asked->user, 1, 64))
        return "user";
    if (!has_length(asked->nonce, 1, 64) || !is_nonce(asked->nonce))
        return "nonce";
    if (!has_length(asked->file, 0, 64))
        return "file";
    return has_length(asked->text, 1, 4000) && is_text(asked->text) ? NULL : "text";
}

static void read_message(const struct message *action, struct chat_message *out)
{
    core_fill(out->channel, sizeof out->channel, message_get_or(action, "channel", "c"));
    core_fill(out->user, sizeof out->user, message_get_or(action, "user", "ann"));
    core_fill(out->nonce, sizeof out->nonce, message_get_or(action, "nonce", "n1"));
    core_fill(out->file, sizeof out->file, message_get_or(action, "file", ""));
    core_fill(out->text, sizeof out->text, message_get_or(action, "text", "hello"));
    out->number = chat_number(action, "number", 0);
    out->sent_ms = chat_number(action, "at", chat_number(action, "now", 0));
}

/* --- comparing -------------------------------------------------------------------------------- */

/* Counters are the log's own affair, but for what they say and where they stand. The rest goes to
   out, "; " between. 1 with a finding. */
static int read_actions(const struct message *reply, const struct chat_message *message,
                        struct text *out, struct finding *finding)
{
    struct text counter = {0};
    int answered = 0, wrong = 0;
    text_add(&counter, "append counter ");
    core_describe(message->channel, sizeof message->channel, &counter);
    text_addf(&counter, " %lld", (long long)message->number);
    for (int i = 1; i <= SHOWN_ACTIONS && !wrong; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", i);
        const char *line = message_get(reply, name);
        if (line == NULL)
            break;
        answered |= strncmp(line, "append", 6) != 0;
        if (strncmp(line, "append counter", 14) != 0)
            text_addf(out, "%s%s", out->length > 0 ? "; " : "", line);
        else if (answered || strcmp(line, text_str(&counter)) != 0)
            wrong = chat_differs(
                finding, answered ? "all that is stored before the answer" : text_str(&counter),
                line);
    }
    text_release(&counter);
    return wrong;
}

/* The actions must be these three, or the ack alone. */
static int compare_actions(const struct message *reply, const struct chat_message *message,
                           int repeated, struct finding *finding)
{
    static const char *const kinds[] = {"append message ", "ack message ", "publish message "};
    struct text wanted = {0}, got = {0};
    for (int i = repeated ? 1 : 0; i < (repeated ? 2 : 3); i++) {
        text_addf(&wanted, "%s%s", wanted.length > 0 ? "; " : "", kinds[i]);
        core_describe_message(message, &wanted);
    }
    int differs = read_actions(reply, message, &got, finding);
    if (!differs && strcmp(text_str(&wanted), text_str(&got)) != 0)
        differs =
            chat_differs(finding, text_str(&wanted), got.length > 0 ? text_str(&got) : "no action");
    if (!differs && chat_number(reply, "repeated", -1) != repeated)
        differs = chat_differs(finding, repeated ? "repeated 1" : "repeated 0",
                               message_get_or(reply, "repeated", "none"));
    text_release(&wanted);
    text_release(&got);
    return differs;
}

static int compare_refusal(const struct message *reply, const char *code, const char *field,
                           struct finding *finding)
{
    const char *text = message_get_or(reply, "text", "");
    char expected[64];
    if (chat_code_differs(reply, code, finding))
        return 1;
    snprintf(expected, sizeof expected, "a sentence that begins with %s", field);
    if (strncmp(text, field, strlen(field)) != 0)
        return chat_differs(finding, expected, text);
    if (strcmp(message_get_or(reply, "do", "none"), "none") != 0)
        return chat_differs(finding, "no action", message_get_or(reply, "do", ""));
    return 0;
}

static int judge_send(struct log_model *model, const struct message *action,
                      const struct message *reply, struct finding *finding)
{
    struct chat_message asked;
    const char *member = message_get_or(action, "member", "yes");
    read_message(action, &asked);
    const char *field = bad_field(&asked);
    if (field != NULL)
        return compare_refusal(reply, "invalid", field, finding);
    if (strcmp(member, "yes") != 0)
        return compare_refusal(reply, strcmp(member, "no") == 0 ? "refused" : "unavailable", "",
                               finding);
    const struct chat_message *known = with_nonce(model, &asked);
    if (known != NULL &&
        (strcmp(known->text, asked.text) != 0 || strcmp(known->file, asked.file) != 0))
        return compare_refusal(reply, "exists", "", finding);
    if (chat_code_differs(reply, "ok", finding))
        return 1;
    if (known != NULL)
        return compare_actions(reply, known, 1, finding);
    asked.number = newest_in(model, asked.channel) + 1;
    keep(model, &asked);
    return compare_actions(reply, &asked, 0, finding);
}

static int judge_replay(struct log_model *model, const struct message *action,
                        const struct message *reply, struct finding *finding)
{
    struct chat_message record;
    const char *kind = message_get_or(action, "kind", "message");
    read_message(action, &record);
    int is_message = strcmp(kind, "message") == 0, is_counter = strcmp(kind, "counter") == 0;
    int follows = has_length(record.channel, 1, 64) && (is_message || is_counter);
    if (follows)
        follows = record.number == newest_in(model, record.channel) + is_message;
    if (follows && is_message)
        follows = bad_field(&record) == NULL && with_nonce(model, &record) == NULL;
    model->is_lost = !follows;
    if (follows)
        keep(model, is_message ? &record : NULL);
    return chat_code_differs(reply, follows ? "ok" : "corrupt", finding);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(text_str(a), text_str(b));
}

static int judge_newest(const struct log_model *model, const struct message *reply,
                        struct finding *finding)
{
    struct text *visits = chat_memory(STORED_MAX * sizeof *visits), list = {0};
    int count = 0;
    for (int i = 0; i < model->count; i++) {
        int is_first = model->stored[i] != NULL && model->stored[i]->number == 1;
        if (!is_first)
            continue;
        const char *channel = model->stored[i]->channel;
        core_describe(channel, CHAT_ID_SIZE, &visits[count]);
        text_addf(&visits[count++], " %lld", (long long)newest_in(model, channel));
    }
    qsort(visits, (size_t)count, sizeof *visits, by_text);
    for (int i = 0; i < count; i++) {
        text_addf(&list, "%s%s", i > 0 ? "; " : "", text_str(&visits[i]));
        text_release(&visits[i]);
    }
    const char *got = message_get_or(reply, "list", "");
    int differs = strcmp(text_str(&list), got) != 0;
    if (differs)
        chat_differs(finding, list.length > 0 ? text_str(&list) : "no channel",
                     got[0] != '\0' ? got : "no channel");
    text_release(&list);
    free(visits);
    return differs;
}

static int judge_flood(const struct message *action, const struct message *reply,
                       struct finding *finding)
{
    char expected[96], got[96];
    long long count = (long long)chat_number(action, "count", 1000);
    snprintf(expected, sizeof expected, "the last number is %lld, and %lld are repetitions", count,
             count);
    snprintf(got, sizeof got, "the last number is %lld, and %lld are repetitions",
             (long long)chat_number(reply, "number", 0),
             (long long)chat_number(reply, "repeated", 0));
    return strcmp(expected, got) == 0 ? 0 : chat_differs(finding, expected, got);
}

static int model_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    struct log_model *model = state;
    const char *word = action->word;
    if (strcmp(word, "log") == 0) {
        forget(model, 0);
        model->exists = 1;
        model->is_lost = 0;
        return chat_code_differs(reply, "ok", finding);
    }
    if (!model->exists)
        return 0;
    if (strcmp(word, "flood") == 0) { /* nothing of it is stored */
        forget(model, 0);
        model->is_lost = 1;
        return judge_flood(action, reply, finding);
    }
    if (model->is_lost)
        return 0;
    if (strcmp(word, "drop") == 0)
        forget(model, model->count > 0 ? model->count - 1 : 0);
    if (strcmp(word, "drop") == 0 || strcmp(word, "restart") == 0)
        return chat_code_differs(reply, "ok", finding);
    if (strcmp(word, "send") == 0)
        return judge_send(model, action, reply, finding);
    if (strcmp(word, "replay") == 0)
        return judge_replay(model, action, reply, finding);
    return strcmp(word, "newest") == 0 ? judge_newest(model, reply, finding) : 0;
}

const struct oracle chat_log_oracle = {model_create, model_destroy, model_step};
