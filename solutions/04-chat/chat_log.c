/*
 * The log of the channels. chat_log.h says what each function promises.
 *
 * Hint for the shape: what a send decides is a record; applying a record is one function, which
 * chat_log_replay calls too.
 */
#include "chat_log.h"

#include <stdlib.h>

struct chat_log {
    int unused; /* TODO(step 4): the channels, their last numbers, the messages by their nonces. */
};

int chat_log_create(struct chat_log **out, struct error *err)
{
    /* TODO(step 4) */
    *out = NULL;
    return error_set(err, ERR_TODO, "chat_log_create is not written yet (step 4).");
}

void chat_log_destroy(struct chat_log *log)
{
    free(log);
}

int chat_log_replay(struct chat_log *log, const struct chat_record *record, struct error *err)
{
    /* TODO(step 4): refuse what cannot follow, then apply it. */
    (void)log;
    (void)record;
    return error_set(err, ERR_TODO, "chat_log_replay is not written yet (step 4).");
}

int chat_log_send(struct chat_log *log, const struct chat_message *asked, enum chat_member member,
                  struct chat_log_actions *actions, struct error *err)
{
    /* TODO(step 4): the fields, the member, the nonce; then store, answer, publish. */
    (void)log;
    (void)asked;
    (void)member;
    actions->count = 0;
    return error_set(err, ERR_TODO, "chat_log_send is not written yet (step 4).");
}

void chat_log_newest(const struct chat_log *log,
                     void (*visit)(void *context, const char *channel, int64_t number),
                     void *context)
{
    /* TODO(step 4): each channel once. */
    (void)log;
    (void)visit;
    (void)context;
}
