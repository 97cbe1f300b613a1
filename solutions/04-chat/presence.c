/*
 * Who is there.
 *
 * Devices stand in one queue in the order of their last beats, so those that are over stand at its
 * head. A watch remembers what its watcher was told last, and stands in a second queue, once, while
 * that is not how things are: so what is kept back is bounded by the watches, in the order in which
 * it came, and what changed back in the meantime is not said at all.
 */
#include "presence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include "chat_hash.h"

enum { CHAINS = 4096 /* a power of two */ };
enum told { TOLD_NOTHING = -1, TOLD_OFFLINE, TOLD_ONLINE };

struct user {
    LIST_ENTRY(user) of_chain;
    LIST_HEAD(, device) devices;
    LIST_HEAD(, watch) watches;
    int device_count;
    char name[CHAT_ID_SIZE];
};
struct device {
    LIST_ENTRY(device) of_user;
    TAILQ_ENTRY(device) of_beats;
    struct user *user;
    int64_t beat_ms;
    char name[CHAT_ID_SIZE];
};
struct watch {
    LIST_ENTRY(watch) of_user;
    LIST_ENTRY(watch) of_watcher;
    TAILQ_ENTRY(watch) of_due;
    struct user *user;
    uint32_t watcher;
    enum told told;
    int is_due; /* 1: it stands in the queue */
};
LIST_HEAD(user_list, user);
LIST_HEAD(watch_list, watch);

struct presence {
    int64_t ttl_ms;
    int user_count, watch_count;
    TAILQ_HEAD(, device) beats; /* the oldest beat first */
    TAILQ_HEAD(, watch) due;    /* what its watcher has not been told yet */
    struct user_list users[CHAINS];
    struct watch_list watches[CHAINS]; /* by watcher */
};

/* --- what watchers are told ------------------------------------------------------------------- */

static void set_due(struct presence *presence, struct watch *watch, int is_due)
{
    if (is_due && !watch->is_due)
        TAILQ_INSERT_TAIL(&presence->due, watch, of_due);
    if (!is_due && watch->is_due)
        TAILQ_REMOVE(&presence->due, watch, of_due);
    watch->is_due = is_due;
}

static enum told state_of(const struct user *user)
{
    return user->device_count > 0 ? TOLD_ONLINE : TOLD_OFFLINE;
}

static void notify(struct presence *presence, struct user *user)
{
    struct watch *watch = NULL;
    LIST_FOREACH(watch, &user->watches, of_user)
    set_due(presence, watch, watch->told != state_of(user));
}

/* Fills the changes with what is due, the oldest first. */
static void tell(struct presence *presence, struct presence_changes *changes)
{
    while (changes->count < PRESENCE_CHANGES_MAX && !TAILQ_EMPTY(&presence->due)) {
        struct watch *watch = TAILQ_FIRST(&presence->due);
        struct presence_change *change = &changes->list[changes->count++];
        set_due(presence, watch, 0);
        watch->told = state_of(watch->user);
        change->watcher = watch->watcher;
        change->online = watch->told == TOLD_ONLINE;
        memcpy(change->user, watch->user->name, sizeof change->user);
    }
    changes->more = !TAILQ_EMPTY(&presence->due);
}

/* --- users, devices, watches ------------------------------------------------------------------ */

static int check_name(const char *what, const char *name, struct error *err)
{
    size_t length = strlen(name);
    if (length == 0 || length >= CHAT_ID_SIZE)
        return error_set(err, ERR_INVALID, "%s must have 1 to %d bytes", what, CHAT_ID_SIZE - 1);
    return 0;
}

static int check_names(const char *user, const char *device, struct error *err)
{
    int result = check_name("user", user, err);
    return result < 0 ? result : check_name("device", device, err);
}

static struct user *find_user(const struct presence *presence, const char *name)
{
    struct user *user = LIST_FIRST(&presence->users[chat_hash(0, name) % CHAINS]);
    while (user != NULL && strcmp(user->name, name) != 0)
        user = LIST_NEXT(user, of_chain);
    return user;
}

/* The user of the name, made when there is none. NULL: there is no place. */
static struct user *user_for(struct presence *presence, const char *name)
{
    struct user *user = find_user(presence, name);
    if (user != NULL || presence->user_count == PRESENCE_USERS_MAX)
        return user;
    user = calloc(1, sizeof *user);
    if (user == NULL)
        return NULL;
    memcpy(user->name, name, strlen(name) + 1);
    LIST_INSERT_HEAD(&presence->users[chat_hash(0, name) % CHAINS], user, of_chain);
    presence->user_count++;
    return user;
}

/* A user that is neither online nor watched takes no place. */
static void drop_unused(struct presence *presence, struct user *user)
{
    if (!LIST_EMPTY(&user->devices) || !LIST_EMPTY(&user->watches))
        return;
    LIST_REMOVE(user, of_chain);
    presence->user_count--;
    free(user);
}

static struct device *find_device(const struct user *user, const char *name)
{
    struct device *device = LIST_FIRST(&user->devices);
    while (device != NULL && strcmp(device->name, name) != 0)
        device = LIST_NEXT(device, of_user);
    return device;
}

/* Adds a device that has not beaten yet. NULL: there is no place. */
static struct device *add_device(struct presence *presence, struct user *user, const char *name)
{
    if (user->device_count == PRESENCE_DEVICES_MAX)
        return NULL;
    struct device *device = calloc(1, sizeof *device);
    if (device == NULL)
        return NULL;
    device->user = user;
    memcpy(device->name, name, strlen(name) + 1);
    LIST_INSERT_HEAD(&user->devices, device, of_user);
    TAILQ_INSERT_TAIL(&presence->beats, device, of_beats);
    user->device_count++;
    return device;
}

static void drop_device(struct presence *presence, struct device *device)
{
    struct user *user = device->user;
    LIST_REMOVE(device, of_user);
    TAILQ_REMOVE(&presence->beats, device, of_beats);
    free(device);
    user->device_count--;
    notify(presence, user);
    drop_unused(presence, user);
}

/* What every call begins with: devices that have been silent too long are gone. */
static void expire(struct presence *presence, int64_t now_ms, struct presence_changes *changes)
{
    struct device *oldest = NULL;
    while ((oldest = TAILQ_FIRST(&presence->beats)) != NULL &&
           now_ms - oldest->beat_ms >= presence->ttl_ms)
        drop_device(presence, oldest);
    changes->count = 0;
    changes->more = !TAILQ_EMPTY(&presence->due);
}

static void drop_watch(struct presence *presence, struct watch *watch)
{
    struct user *user = watch->user;
    set_due(presence, watch, 0);
    LIST_REMOVE(watch, of_user);
    LIST_REMOVE(watch, of_watcher);
    free(watch);
    presence->watch_count--;
    drop_unused(presence, user);
}

/* The watch of the user by the watcher, made when there is none. NULL: there is no place. */
static struct watch *watch_for(struct presence *presence, uint32_t watcher, struct user *user)
{
    struct watch_list *chain = &presence->watches[watcher % CHAINS];
    struct watch *watch = NULL;
    LIST_FOREACH(watch, chain, of_watcher)
    {
        if (watch->watcher == watcher && watch->user == user)
            return watch;
    }
    watch = presence->watch_count < PRESENCE_WATCHES_MAX ? calloc(1, sizeof *watch) : NULL;
    if (watch == NULL)
        return NULL;
    watch->user = user;
    watch->watcher = watcher;
    LIST_INSERT_HEAD(chain, watch, of_watcher);
    LIST_INSERT_HEAD(&user->watches, watch, of_user);
    presence->watch_count++;
    return watch;
}

/* --- public ----------------------------------------------------------------------------------- */

int presence_create(struct presence **out, int64_t ttl_ms, struct error *err)
{
    *out = NULL;
    if (ttl_ms < 1)
        return error_set(err, ERR_INVALID, "ttl_ms must be at least 1");
    struct presence *presence = calloc(1, sizeof *presence); /* empty lists are zero */
    if (presence == NULL)
        return error_set(err, ERR_LIMIT, "no memory for presence");
    presence->ttl_ms = ttl_ms;
    TAILQ_INIT(&presence->beats);
    TAILQ_INIT(&presence->due);
    *out = presence;
    return 0;
}

void presence_destroy(struct presence *presence)
{
    if (presence == NULL)
        return;
    for (int i = 0; i < CHAINS; i++) {
        while (!LIST_EMPTY(&presence->watches[i]))
            drop_watch(presence, LIST_FIRST(&presence->watches[i]));
    }
    while (!TAILQ_EMPTY(&presence->beats))
        drop_device(presence, TAILQ_FIRST(&presence->beats));
    free(presence);
}

int presence_beat(struct presence *presence, const char *user, const char *device, int64_t now_ms,
                  struct presence_changes *changes, struct error *err)
{
    expire(presence, now_ms, changes);
    int result = check_names(user, device, err);
    if (result < 0)
        return result;
    struct user *its_user = user_for(presence, user);
    if (its_user == NULL)
        return error_set(err, ERR_LIMIT, "there is no place for one more user");
    struct device *its_device = find_device(its_user, device);
    if (its_device == NULL)
        its_device = add_device(presence, its_user, device);
    if (its_device == NULL) {
        drop_unused(presence, its_user);
        return error_set(err, ERR_LIMIT, "there is no place for one more device of %s", user);
    }
    its_device->beat_ms = now_ms;
    TAILQ_REMOVE(&presence->beats, its_device, of_beats);
    TAILQ_INSERT_TAIL(&presence->beats, its_device, of_beats);
    notify(presence, its_user);
    tell(presence, changes);
    return 0;
}

int presence_leave(struct presence *presence, const char *user, const char *device, int64_t now_ms,
                   struct presence_changes *changes, struct error *err)
{
    expire(presence, now_ms, changes);
    int result = check_names(user, device, err);
    if (result < 0)
        return result;
    struct user *its_user = find_user(presence, user);
    struct device *its_device = its_user != NULL ? find_device(its_user, device) : NULL;
    if (its_device != NULL)
        drop_device(presence, its_device);
    tell(presence, changes);
    return 0;
}

void presence_tick(struct presence *presence, int64_t now_ms, struct presence_changes *changes)
{
    expire(presence, now_ms, changes);
    tell(presence, changes);
}

int presence_watch(struct presence *presence, uint32_t watcher, const char *user, int64_t now_ms,
                   struct presence_changes *changes, struct error *err)
{
    expire(presence, now_ms, changes);
    int result = check_name("user", user, err);
    if (result < 0)
        return result;
    struct user *its_user = user_for(presence, user);
    if (its_user == NULL)
        return error_set(err, ERR_LIMIT, "there is no place for one more user");
    struct watch *watch = watch_for(presence, watcher, its_user);
    if (watch == NULL) {
        drop_unused(presence, its_user);
        return error_set(err, ERR_LIMIT, "there is no place for one more watch");
    }
    watch->told = TOLD_NOTHING;
    set_due(presence, watch, 1);
    tell(presence, changes);
    return 0;
}

void presence_unwatch(struct presence *presence, uint32_t watcher)
{
    struct watch *watch = LIST_FIRST(&presence->watches[watcher % CHAINS]);
    while (watch != NULL) {
        struct watch *next = LIST_NEXT(watch, of_watcher);
        if (watch->watcher == watcher)
            drop_watch(presence, watch);
        watch = next;
    }
}

/* 1 when a device of the user is there at now; those that are over count no more. */
int presence_is_online(const struct presence *presence, const char *user, int64_t now_ms)
{
    const struct user *its_user = find_user(presence, user);
    const struct device *device = NULL;
    if (its_user == NULL)
        return 0;
    LIST_FOREACH(device, &its_user->devices, of_user)
    {
        if (now_ms - device->beat_ms < presence->ttl_ms)
            return 1;
    }
    return 0;
}

int presence_wants_push(const struct presence *presence, const char *user, int64_t now_ms)
{
    return !presence_is_online(presence, user, now_ms);
}
