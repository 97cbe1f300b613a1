/*
 * Who is there: soft state, kept in memory, true only as long as somebody repeats it. Step 4,
 * yours: presence.c.
 *
 * A user is online while at least one device is: each device beats, and one beat lasts ttl_ms. Two
 * tabs are two devices; closing one changes nothing for who watches. All times are the host's
 * monotonic milliseconds, and never run back.
 */
#ifndef LAB04_PRESENCE_H
#define LAB04_PRESENCE_H

#include "chat.h"
#include "kit/error.h"

enum {
    PRESENCE_USERS_MAX = 4096, /* that are online or watched */
    PRESENCE_DEVICES_MAX = 16, /* of one user */
    PRESENCE_WATCHES_MAX = 4096,
    PRESENCE_CHANGES_MAX = 256 /* that one call gives */
};

/* What a watcher is told: how things are when it is told. Once for each change, in the order of the
   changes, those of one millisecond in any. What changed back before it was told is not told. */
struct presence_change {
    uint32_t watcher;
    char user[CHAT_ID_SIZE];
    int online; /* 1, or 0 */
};
/* Each call below replaces what was in it. What has no place is kept back, more is 1, and it comes
   with the following calls, before what is newer: the host calls presence_tick until more is 0.
   After an error count is 0, and what there was to tell is kept back; more may then be 0 or 1. */
struct presence_changes {
    struct presence_change list[PRESENCE_CHANGES_MAX];
    int count;
    int more;
};

struct presence; /* yours */

/* ttl_ms: at least 1, else ERR_INVALID. *out is the caller's to destroy. */
int presence_create(struct presence **out, int64_t ttl_ms, struct error *err);
void presence_destroy(struct presence *presence); /* NULL is fine */

/* The device is there, from now until now + ttl_ms (PIN: at that moment it is not any more).
   ERR_INVALID when a name is empty or longer than CHAT_ID_SIZE allows; ERR_LIMIT when there is no
   place for the user or the device: nothing changes then. */
int presence_beat(struct presence *presence, const char *user, const char *device, int64_t now_ms,
                  struct presence_changes *changes, struct error *err);
/* The device says that it goes. One that is not there changes nothing. ERR_INVALID as above. */
int presence_leave(struct presence *presence, const char *user, const char *device, int64_t now_ms,
                   struct presence_changes *changes, struct error *err);
/* Time has passed: devices that have been silent too long are gone. The host calls it every ttl / 4
   or so; every call above and below takes expiry into account by itself as well. */
void presence_tick(struct presence *presence, int64_t now_ms, struct presence_changes *changes);

/* From now on the watcher, any number with 0, is told of the user, and at once of how things are.
   Watching again what is watched tells it again, and counts once. Either tell comes whatever the
   user does while it is kept back: it keeps its place and says how things are by then (PIN).
   ERR_INVALID and ERR_LIMIT as above. */
int presence_watch(struct presence *presence, uint32_t watcher, const char *user, int64_t now_ms,
                   struct presence_changes *changes, struct error *err);
/* The watcher is told of nobody any more. Nothing that was kept back for it comes. */
void presence_unwatch(struct presence *presence, uint32_t watcher);

int presence_is_online(const struct presence *presence, const char *user, int64_t now_ms);
/* 1 when the phone should be woken for the user: no device is there. Who was never seen is absent:
   better a push too many (PIN). */
int presence_wants_push(const struct presence *presence, const char *user, int64_t now_ms);

#endif
