/*
 * The oracle of presence: lists of devices and watches, looked through from one end to the other.
 * Changes of one moment may come in any order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "04-chat/core_words.h"
#include "04-chat/presence.h"
#include "suites/04-chat/core.h"

enum {
    USERS_MAX = 16384, /* names that a scenario has */
    DEVICES_MAX = 8192,
    WATCHES_MAX = 4096
};
enum { NOTHING = -1 };

struct watch_model {
    int64_t watcher;
    int user, told; /* told: 1, 0, or NOTHING */
    int64_t due;    /* 0, or since which moment, counted on, it is to be told */
};
struct presence_model {
    int exists;
    int64_t ttl_ms, moment;
    struct {
        char *name;
        int devices, watches;
    } users[USERS_MAX];
    int user_count;
    struct {
        int user;
        char name[CHAT_ID_SIZE];
        int64_t beat_ms;
    } devices[DEVICES_MAX]; /* in the order of their beats */
    int device_count;
    struct watch_model watches[WATCHES_MAX];
    int watch_count;
};

static void *model_create(const char *judged)
{
    (void)judged;
    return chat_memory(sizeof(struct presence_model));
}

static void forget(struct presence_model *model)
{
    for (int i = 0; i < model->user_count; i++)
        free(model->users[i].name);
    memset(model, 0, sizeof *model);
}

static void model_destroy(void *state)
{
    forget(state);
    free(state);
}

static int user_at(struct presence_model *model, const char *name)
{
    int i = 0;
    while (i < model->user_count && strcmp(model->users[i].name, name) != 0)
        i++;
    if (i == USERS_MAX)
        abort();
    if (i == model->user_count) {
        size_t size = strlen(name) + 1;
        model->users[i].name = memcpy(chat_memory(size), name, size);
        model->user_count++;
    }
    return i;
}

/* --- the rules -------------------------------------------------------------------------------- */

/* The user's watchers are due where what they were told is not so any more. */
static void notify(struct presence_model *model, int user)
{
    for (int i = 0; i < model->watch_count; i++) {
        struct watch_model *watch = &model->watches[i];
        if (watch->user != user)
            continue;
        int differs = watch->told != (model->users[user].devices > 0);
        if (!differs)
            watch->due = 0;
        else if (watch->due == 0)
            watch->due = model->moment;
    }
}

static void drop_device(struct presence_model *model, int at)
{
    int user = model->devices[at].user;
    model->device_count--;
    memmove(&model->devices[at], &model->devices[at + 1],
            (size_t)(model->device_count - at) * sizeof model->devices[0]);
    if (--model->users[user].devices == 0)
        notify(model, user);
}

/* Those that are over are gone, in the order in which they went. */
static void expire(struct presence_model *model, int64_t now_ms)
{
    int64_t last_ms = INT64_MIN;
    model->moment++;
    while (model->device_count > 0 && now_ms - model->devices[0].beat_ms >= model->ttl_ms) {
        if (model->devices[0].beat_ms != last_ms)
            model->moment++;
        last_ms = model->devices[0].beat_ms;
        drop_device(model, 0);
    }
    model->moment++;
}

static int find_device(const struct presence_model *model, int user, const char *name)
{
    int i = 0;
    while (i < model->device_count &&
           (model->devices[i].user != user || strcmp(model->devices[i].name, name) != 0))
        i++;
    return i < model->device_count ? i : -1;
}

static int has_place(const struct presence_model *model, int user)
{
    int users = 0;
    if (model->users[user].devices + model->users[user].watches > 0)
        return 1;
    for (int i = 0; i < model->user_count; i++)
        users += model->users[i].devices + model->users[i].watches > 0;
    return users < PRESENCE_USERS_MAX;
}

static const char *beat(struct presence_model *model, const char *name, const char *device,
                        int64_t now_ms)
{
    int user = user_at(model, name), at = find_device(model, user, device);
    if (!has_place(model, user) || (at < 0 && model->users[user].devices == PRESENCE_DEVICES_MAX))
        return "limit";
    if (at >= 0) {
        model->device_count--;
        memmove(&model->devices[at], &model->devices[at + 1],
                (size_t)(model->device_count - at) * sizeof model->devices[0]);
    } else {
        model->users[user].devices++;
    }
    if (model->device_count == DEVICES_MAX)
        abort();
    model->devices[model->device_count].user = user;
    model->devices[model->device_count].beat_ms = now_ms;
    snprintf(model->devices[model->device_count++].name, CHAT_ID_SIZE, "%s", device);
    notify(model, user);
    return "ok";
}

static const char *leave(struct presence_model *model, const char *name, const char *device)
{
    int at = find_device(model, user_at(model, name), device);
    if (at >= 0)
        drop_device(model, at);
    return "ok";
}

static const char *watch(struct presence_model *model, int64_t watcher, const char *name)
{
    int user = user_at(model, name), at = 0;
    while (at < model->watch_count &&
           (model->watches[at].watcher != watcher || model->watches[at].user != user))
        at++;
    if (at == model->watch_count && (at == WATCHES_MAX || !has_place(model, user)))
        return "limit";
    if (at == model->watch_count) {
        model->watches[model->watch_count++] =
            (struct watch_model){.watcher = watcher, .user = user};
        model->users[user].watches++;
    }
    model->watches[at].told = NOTHING;
    if (model->watches[at].due == 0)
        model->watches[at].due = model->moment;
    return "ok";
}

static void unwatch(struct presence_model *model, int64_t watcher)
{
    int kept = 0;
    for (int i = 0; i < model->watch_count; i++) {
        if (model->watches[i].watcher == watcher)
            model->users[model->watches[i].user].watches--;
        else
            model->watches[kept++] = model->watches[i];
    }
    model->watch_count = kept;
}

/* --- what watchers are told ------------------------------------------------------------------- */

/* The first that is due, of the oldest moment; NULL = none is. */
static struct watch_model *first_due(struct presence_model *model)
{
    struct watch_model *first = NULL;
    for (int i = 0; i < model->watch_count; i++) {
        struct watch_model *one = &model->watches[i];
        if (one->due > 0 && (first == NULL || one->due < first->due))
            first = one;
    }
    return first;
}

static int count_due(const struct presence_model *model)
{
    int count = 0;
    for (int i = 0; i < model->watch_count; i++)
        count += model->watches[i].due > 0;
    return count;
}

static void describe(const struct presence_model *model, const struct watch_model *one,
                     struct text *out)
{
    text_addf(out, "%lld ", (long long)one->watcher);
    core_describe(model->users[one->user].name, CHAT_ID_SIZE, out);
    text_add(out, model->users[one->user].devices > 0 ? " on" : " off");
}

/* What is told is what is now: the first of the same moment that is described so is done. 0 when
   there is none. */
static int take_told(struct presence_model *model, const char *told, size_t length)
{
    const struct watch_model *first = first_due(model);
    struct text text = {0};
    int found = 0;
    for (int i = 0; i < model->watch_count && first != NULL && !found; i++) {
        struct watch_model *one = &model->watches[i];
        if (one->due != first->due)
            continue;
        text_clear(&text);
        describe(model, one, &text);
        found = text.length == length && strncmp(text_str(&text), told, length) == 0;
        if (found) {
            one->due = 0;
            one->told = model->users[one->user].devices > 0;
        }
    }
    text_release(&text);
    return found;
}

static int wrong_change(struct presence_model *model, const char *told, size_t length,
                        struct finding *finding)
{
    struct text expected = {0}, got = {0};
    const struct watch_model *first = first_due(model);
    if (first != NULL) {
        text_add(&expected, "next ");
        describe(model, first, &expected);
        text_addf(&expected, ", of %d that are to be told", count_due(model));
    } else {
        text_add(&expected, "nobody is told anything more");
    }
    text_append(&got, told, length);
    chat_differs(finding, text_str(&expected), got.length > 0 ? text_str(&got) : "nothing");
    text_release(&expected);
    text_release(&got);
    return 1;
}

static int compare_changes(struct presence_model *model, const struct message *reply,
                           struct finding *finding)
{
    const char *list = message_get_or(reply, "changes", "none");
    int left = count_due(model) < PRESENCE_CHANGES_MAX ? count_due(model) : PRESENCE_CHANGES_MAX;
    if (strcmp(list, "none") == 0)
        list = "";
    for (; *list != '\0'; left--) {
        const char *next = strstr(list, "; ");
        size_t length = next != NULL ? (size_t)(next - list) : strlen(list);
        if (left == 0 || !take_told(model, list, length))
            return wrong_change(model, list, length, finding);
        list += length + (next != NULL ? 2 : 0);
    }
    if (left > 0)
        return wrong_change(model, "", 0, finding);
    int more = count_due(model) > 0;
    if (chat_number(reply, "more", -1) != more)
        return chat_differs(finding, more ? "more 1" : "more 0", message_get_or(reply, "more", ""));
    return 0;
}

/* --- actions ---------------------------------------------------------------------------------- */

static int judge_look(struct presence_model *model, const char *user, int64_t now_ms,
                      const struct message *reply, struct finding *finding)
{
    int at = user_at(model, user), online = 0;
    char expected[32], got[64];
    for (int i = 0; i < model->device_count; i++)
        online |=
            model->devices[i].user == at && now_ms - model->devices[i].beat_ms < model->ttl_ms;
    snprintf(expected, sizeof expected, "online %d, push %d", online, !online);
    snprintf(got, sizeof got, "online %s, push %s", message_get_or(reply, "online", "?"),
             message_get_or(reply, "push", "?"));
    return strcmp(expected, got) == 0 ? 0 : chat_differs(finding, expected, got);
}

/* Only how many were taken and told is compared. */
static int judge_crowd(struct presence_model *model, const struct message *action,
                       const struct message *reply, struct finding *finding)
{
    int64_t users = chat_number(action, "users", 1), from = chat_number(action, "from", 1);
    int64_t watcher = chat_number(action, "watcher", 0), now_ms = chat_number(action, "now", 0);
    int64_t count = 0, told = 0;
    const char *code = "ok";
    char expected[96], got[160];
    for (; count < users; count++) {
        char name[32];
        snprintf(name, sizeof name, "u%lld", (long long)(from + count));
        expire(model, now_ms);
        code = watcher > 0 ? watch(model, watcher, name) : beat(model, name, "d", now_ms);
        if (strcmp(code, "ok") != 0)
            break;
        for (int i = 0; i < PRESENCE_CHANGES_MAX; i++) {
            struct watch_model *first = first_due(model);
            if (first == NULL)
                break;
            first->due = 0;
            first->told = model->users[first->user].devices > 0;
            told++;
        }
    }
    snprintf(expected, sizeof expected, "%lld taken, then %s, %lld told", (long long)count, code,
             (long long)told);
    snprintf(got, sizeof got, "%s taken, then %s, %s told", message_get_or(reply, "count", "?"),
             message_get_or(reply, "code", "?"), message_get_or(reply, "changes", "?"));
    return strcmp(expected, got) == 0 ? 0 : chat_differs(finding, expected, got);
}

static int is_bad(const struct text *name)
{
    return name->length < 1 || name->length > 64;
}

/* The code of a call that tells changes; NULL when the action is none. */
static const char *on_call(struct presence_model *model, const struct message *action,
                           const struct text *user, const struct text *device, int64_t now_ms)
{
    const char *word = action->word;
    int has_device = strcmp(word, "beat") == 0 || strcmp(word, "leave") == 0;
    int is_watch = strcmp(word, "watch") == 0;
    if (!has_device && !is_watch && strcmp(word, "tick") != 0)
        return NULL;
    if ((has_device && (is_bad(user) || is_bad(device))) || (is_watch && is_bad(user)))
        return "invalid";
    expire(model, now_ms);
    if (strcmp(word, "beat") == 0)
        return beat(model, text_str(user), text_str(device), now_ms);
    if (is_watch)
        return watch(model, chat_number(action, "watcher", 1), text_str(user));
    return has_device ? leave(model, text_str(user), text_str(device)) : "ok";
}

static int judge_call(struct presence_model *model, const struct message *action,
                      const struct message *reply, struct finding *finding)
{
    struct text user = {0}, device = {0};
    int64_t now_ms = chat_number(action, "now", 0);
    int differs = 0;
    core_expand(message_get_or(action, "user", "ann"), &user);
    core_expand(message_get_or(action, "device", "d1"), &device);
    const char *code = on_call(model, action, &user, &device, now_ms);
    if (code != NULL)
        differs = chat_code_differs(reply, code, finding);
    else if (strcmp(action->word, "look") == 0)
        differs = judge_look(model, text_str(&user), now_ms, reply, finding);
    else if (strcmp(action->word, "crowd") == 0)
        differs = judge_crowd(model, action, reply, finding);
    else if (strcmp(action->word, "unwatch") == 0)
        unwatch(model, chat_number(action, "watcher", 1));
    if (code != NULL && !differs && strcmp(code, "ok") == 0)
        differs = compare_changes(model, reply, finding);
    else if (code != NULL && !differs &&
             strcmp(message_get_or(reply, "changes", "none"), "none") != 0)
        differs = chat_differs(finding, "no changes after an error",
                               message_get_or(reply, "changes", ""));
    text_release(&user);
    text_release(&device);
    return differs;
}

static int model_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    struct presence_model *model = state;
    if (strcmp(action->word, "presence") != 0)
        return model->exists ? judge_call(model, action, reply, finding) : 0;
    forget(model);
    model->ttl_ms = chat_number(action, "ttl", 1000);
    model->exists = model->ttl_ms >= 1;
    return chat_code_differs(reply, model->exists ? "ok" : "invalid", finding);
}

const struct oracle chat_presence_oracle = {model_create, model_destroy, model_step};
