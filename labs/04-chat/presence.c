/*
 * Who is there. presence.h says what each function promises.
 */
#include "presence.h"

#include <stdlib.h>

struct presence {
    int64_t ttl_ms; /* TODO(step 4): users, their devices, who watches them. */
};

int presence_create(struct presence **out, int64_t ttl_ms, struct error *err)
{
    /* TODO(step 4) */
    (void)ttl_ms;
    *out = NULL;
    return error_set(err, ERR_TODO, "presence_create is not written yet (step 4).");
}

void presence_destroy(struct presence *presence)
{
    free(presence);
}

int presence_beat(struct presence *presence, const char *user, const char *device, int64_t now_ms,
                  struct presence_changes *changes, struct error *err)
{
    /* TODO(step 4) */
    (void)presence;
    (void)user;
    (void)device;
    (void)now_ms;
    *changes = (struct presence_changes){0};
    return error_set(err, ERR_TODO, "presence_beat is not written yet (step 4).");
}

int presence_leave(struct presence *presence, const char *user, const char *device, int64_t now_ms,
                   struct presence_changes *changes, struct error *err)
{
    /* TODO(step 4) */
    (void)presence;
    (void)user;
    (void)device;
    (void)now_ms;
    *changes = (struct presence_changes){0};
    return error_set(err, ERR_TODO, "presence_leave is not written yet (step 4).");
}

void presence_tick(struct presence *presence, int64_t now_ms, struct presence_changes *changes)
{
    /* TODO(step 4) */
    (void)presence;
    (void)now_ms;
    *changes = (struct presence_changes){0};
}

int presence_watch(struct presence *presence, uint32_t watcher, const char *user, int64_t now_ms,
                   struct presence_changes *changes, struct error *err)
{
    /* TODO(step 4) */
    (void)presence;
    (void)watcher;
    (void)user;
    (void)now_ms;
    *changes = (struct presence_changes){0};
    return error_set(err, ERR_TODO, "presence_watch is not written yet (step 4).");
}

void presence_unwatch(struct presence *presence, uint32_t watcher)
{
    /* TODO(step 4) */
    (void)presence;
    (void)watcher;
}

int presence_is_online(const struct presence *presence, const char *user, int64_t now_ms)
{
    /* TODO(step 4) */
    (void)presence;
    (void)user;
    (void)now_ms;
    return 0;
}

int presence_wants_push(const struct presence *presence, const char *user, int64_t now_ms)
{
    /* TODO(step 4) */
    (void)presence;
    (void)user;
    (void)now_ms;
    return 0;
}
