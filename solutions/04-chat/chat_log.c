/*
 * The log of the channels.
 *
 * What a send decides is a record, and apply() is the only function that changes the log: a send
 * and a replay both go through it. So a log that has replayed what was stored knows what the old
 * one knew.
 *
 * Two tables, each a hash table with chains that doubles when it is full: the channels by their
 * names, and what was sent by channel, user and nonce. A message is kept in as many bytes as it
 * has.
 */
#include "chat_log.h"

#include <stdlib.h>
#include <string.h>
#include "chat_hash.h"
#include "kit/utf8.h"

struct entry { /* what a table holds: the first member of a channel and of what was sent */
    struct entry *next;
    uint64_t hash;
};
struct table {
    struct entry **buckets;
    size_t size, count; /* size: a power of two, or 0 */
};

struct channel {
    struct entry entry;
    int64_t newest; /* the last number that was given */
    char name[CHAT_ID_SIZE];
};
struct sent {
    struct entry entry;
    const struct channel *channel;
    int64_t number, sent_ms;
    const char *user, *nonce, *file, *text; /* in bytes */
    char bytes[];
};

struct chat_log {
    struct table channels, sends;
};

/* --- tables ----------------------------------------------------------------------------------- */

enum { TABLE_SIZE = 64 /* of the first buckets */ };

/* Where the chain of the hash begins; the table has buckets. */
static struct entry **chain_of(const struct table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->size - 1)];
}

/* Makes room for one entry more. ERR_LIMIT: nothing has changed. */
static int make_room(struct table *table, struct error *err)
{
    if (table->count < table->size)
        return 0;
    struct table larger = {.size = table->size > 0 ? 2 * table->size : TABLE_SIZE,
                           .count = table->count};
    larger.buckets = calloc(larger.size, sizeof *larger.buckets);
    if (larger.buckets == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a larger table");
    for (size_t i = 0; i < table->size; i++) {
        for (struct entry *entry = table->buckets[i], *next = NULL; entry != NULL; entry = next) {
            struct entry **chain = chain_of(&larger, entry->hash);
            next = entry->next;
            entry->next = *chain;
            *chain = entry;
        }
    }
    free(table->buckets);
    *table = larger;
    return 0;
}

static void put(struct table *table, struct entry *entry)
{
    struct entry **chain = chain_of(table, entry->hash);
    entry->next = *chain;
    *chain = entry;
    table->count++;
}

static void free_table(struct table *table)
{
    for (size_t i = 0; i < table->size; i++) {
        for (struct entry *entry = table->buckets[i], *next = NULL; entry != NULL; entry = next) {
            next = entry->next;
            free(entry);
        }
    }
    free(table->buckets);
}

/* --- channels and what was sent --------------------------------------------------------------- */

static struct channel *find_channel(const struct chat_log *log, const char *name)
{
    uint64_t hash = chat_hash(0, name);
    struct entry *entry = log->channels.size > 0 ? *chain_of(&log->channels, hash) : NULL;
    for (; entry != NULL; entry = entry->next) {
        struct channel *channel = (struct channel *)entry;
        if (entry->hash == hash && strcmp(channel->name, name) == 0)
            return channel;
    }
    return NULL;
}

/* A nonce belongs to one user in one channel: all three are the key. */
static uint64_t hash_of_send(const struct chat_message *message)
{
    return chat_hash(chat_hash(chat_hash(0, message->channel), message->user), message->nonce);
}

static const struct sent *find_sent(const struct chat_log *log, const struct chat_message *message)
{
    uint64_t hash = hash_of_send(message);
    const struct entry *entry = log->sends.size > 0 ? *chain_of(&log->sends, hash) : NULL;
    for (; entry != NULL; entry = entry->next) {
        const struct sent *sent = (const struct sent *)entry;
        if (entry->hash == hash && strcmp(sent->channel->name, message->channel) == 0 &&
            strcmp(sent->user, message->user) == 0 && strcmp(sent->nonce, message->nonce) == 0)
            return sent;
    }
    return NULL;
}

static int64_t newest_in(const struct chat_log *log, const char *name)
{
    const struct channel *channel = find_channel(log, name);
    return channel != NULL ? channel->newest : 0;
}

/* The channel of the name, made when there is none. NULL: no memory. */
static struct channel *channel_for(struct chat_log *log, const char *name, struct error *err)
{
    struct channel *channel = find_channel(log, name);
    if (channel != NULL)
        return channel;
    channel = make_room(&log->channels, err) == 0 ? calloc(1, sizeof *channel) : NULL;
    if (channel == NULL) {
        error_set(err, ERR_LIMIT, "no memory for a channel");
        return NULL;
    }
    channel->entry.hash = chat_hash(0, name);
    memcpy(channel->name, name, strlen(name) + 1);
    put(&log->channels, &channel->entry);
    return channel;
}

/* Copies a string to *end, which moves behind it. */
static const char *keep(char **end, const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = memcpy(*end, string, size);
    *end += size;
    return copy;
}

static struct sent *new_sent(const struct chat_message *message)
{
    size_t size = strlen(message->user) + strlen(message->nonce) + strlen(message->file) +
                  strlen(message->text) + 4;
    struct sent *sent = malloc(sizeof *sent + size);
    if (sent == NULL)
        return NULL;
    char *end = sent->bytes;
    *sent = (struct sent){.entry.hash = hash_of_send(message),
                          .number = message->number,
                          .sent_ms = message->sent_ms};
    sent->user = keep(&end, message->user);
    sent->nonce = keep(&end, message->nonce);
    sent->file = keep(&end, message->file);
    sent->text = keep(&end, message->text);
    return sent;
}

/* Takes a message that may come next, its number given. ERR_LIMIT: no number has been used. */
static int apply(struct chat_log *log, const struct chat_message *message, struct error *err)
{
    struct channel *channel = channel_for(log, message->channel, err);
    if (channel == NULL)
        return ERR_LIMIT;
    struct sent *sent = make_room(&log->sends, err) == 0 ? new_sent(message) : NULL;
    if (sent == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a message");
    sent->channel = channel;
    channel->newest = message->number;
    put(&log->sends, &sent->entry);
    return 0;
}

/* --- the limits of chat.h --------------------------------------------------------------------- */

/* 1 when there is a NUL within size bytes and at least `least` bytes before it. */
static int fits(const char *bytes, size_t size, size_t least)
{
    const char *end = memchr(bytes, '\0', size);
    return end != NULL && (size_t)(end - bytes) >= least;
}

static int is_visible(const char *string)
{
    while (*string > ' ' && *string <= '~')
        string++;
    return *string == '\0';
}

static int is_utf8(const char *string)
{
    size_t left = strlen(string);
    for (size_t size = 1; left > 0 && size > 0; left -= size, string += size)
        size = utf8_character(string, left);
    return left == 0;
}

static int check_fields(const struct chat_message *message, struct error *err)
{
    if (!fits(message->channel, sizeof message->channel, 1))
        return error_set(err, ERR_INVALID, "channel must have 1 to 64 bytes");
    if (!fits(message->user, sizeof message->user, 1))
        return error_set(err, ERR_INVALID, "user must have 1 to 64 bytes");
    if (!fits(message->nonce, sizeof message->nonce, 1) || !is_visible(message->nonce))
        return error_set(err, ERR_INVALID, "nonce must have 1 to 64 visible ASCII characters");
    if (!fits(message->file, sizeof message->file, 0))
        return error_set(err, ERR_INVALID, "file must have at most 64 bytes");
    if (!fits(message->text, sizeof message->text, 1) || !is_utf8(message->text))
        return error_set(err, ERR_INVALID, "text must have 1 to 4000 bytes of UTF-8");
    return 0;
}

/* --- public ----------------------------------------------------------------------------------- */

int chat_log_create(struct chat_log **out, struct error *err)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : error_set(err, ERR_LIMIT, "no memory for a log");
}

void chat_log_destroy(struct chat_log *log)
{
    if (log == NULL)
        return;
    free_table(&log->channels);
    free_table(&log->sends);
    free(log);
}

int chat_log_replay(struct chat_log *log, const struct chat_record *record, struct error *err)
{
    const struct chat_message *message = &record->message;
    if (!fits(message->channel, sizeof message->channel, 1))
        return error_set(err, ERR_CORRUPT, "a record has no channel of 1 to 64 bytes");
    int64_t newest = newest_in(log, message->channel);
    if (record->kind == CHAT_RECORD_COUNTER)
        return message->number == newest
                   ? 0
                   : error_set(err, ERR_CORRUPT, "a counter says %lld, the messages of %s say %lld",
                               (long long)message->number, message->channel, (long long)newest);
    if (record->kind != CHAT_RECORD_MESSAGE || check_fields(message, NULL) < 0)
        return error_set(err, ERR_CORRUPT, "a record of %s is none that was stored",
                         message->channel);
    if (message->number != newest + 1 || find_sent(log, message) != NULL)
        return error_set(err, ERR_CORRUPT, "message %lld of %s cannot follow message %lld",
                         (long long)message->number, message->channel, (long long)newest);
    return apply(log, message, err);
}

static void add_action(struct chat_log_actions *actions, enum chat_log_action_kind kind,
                       const struct chat_message *message, int repeated)
{
    struct chat_log_action *action = &actions->list[actions->count++];
    action->kind = kind;
    action->repeated = repeated;
    action->record.kind = CHAT_RECORD_MESSAGE;
    action->record.message = *message;
}

/* The nonce has been used: for this very message, or for another. */
static int answer_again(const struct sent *sent, const struct chat_message *asked,
                        struct chat_log_actions *actions, struct error *err)
{
    if (strcmp(sent->text, asked->text) != 0 || strcmp(sent->file, asked->file) != 0)
        return error_set(err, ERR_EXISTS, "nonce %s was used for another message", asked->nonce);
    struct chat_message stored = *asked; /* all else is the same */
    stored.number = sent->number;
    stored.sent_ms = sent->sent_ms;
    add_action(actions, CHAT_ACK, &stored, 1);
    return 0;
}

int chat_log_send(struct chat_log *log, const struct chat_message *asked, enum chat_member member,
                  struct chat_log_actions *actions, struct error *err)
{
    actions->count = 0;
    int result = check_fields(asked, err);
    if (result < 0)
        return result;
    if (member == CHAT_NO)
        return error_set(err, ERR_REFUSED, "%s is not a member of %s", asked->user, asked->channel);
    if (member != CHAT_YES)
        return error_set(err, ERR_UNAVAILABLE, "nobody could say whether %s is a member of %s",
                         asked->user, asked->channel);
    const struct sent *sent = find_sent(log, asked);
    if (sent != NULL)
        return answer_again(sent, asked, actions, err);
    struct chat_message message = *asked;
    message.number = newest_in(log, asked->channel) + 1;
    result = apply(log, &message, err);
    if (result < 0)
        return result;
    add_action(actions, CHAT_APPEND, &message, 0);
    add_action(actions, CHAT_ACK, &message, 0);
    add_action(actions, CHAT_PUBLISH, &message, 0);
    return 0;
}

void chat_log_newest(const struct chat_log *log,
                     void (*visit)(void *context, const char *channel, int64_t number),
                     void *context)
{
    for (size_t i = 0; i < log->channels.size; i++) {
        for (const struct entry *entry = log->channels.buckets[i]; entry; entry = entry->next) {
            const struct channel *channel = (const struct channel *)entry;
            if (channel->newest > 0) /* else memory ran out at its first message */
                visit(context, channel->name, channel->newest);
        }
    }
}
