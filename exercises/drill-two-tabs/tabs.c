/*
 * Who is online. tabs.h says what it should do; five things here are wrong.
 */
#include "tabs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The user of this name, or NULL. */
static struct user *find(struct presence *presence, const char *name)
{
    for (int i = 0; i < presence->user_count; i++)
        if (strcmp(presence->users[i].name, name) == 0)
            return &presence->users[i];
    return NULL;
}

static struct user *add(struct presence *presence, const char *name)
{
    if (presence->user_count == USERS_MAX)
        return NULL;
    struct user *user = &presence->users[presence->user_count++];
    *user = (struct user){0};
    snprintf(user->name, sizeof user->name, "%s", name);
    return user;
}

static void set(struct user *user, int online, const struct tabs_world *world)
{
    user->online = online;
    world->tell(world->context, user->name, online);
}

int presence_beat(struct presence *presence, const char *user, const char *tab, int64_t now_ms,
                  const struct tabs_world *world)
{
    struct user *found = find(presence, user);
    (void)tab;
    if (found == NULL)
        found = add(presence, user);
    if (found == NULL)
        return -1;
    found->tabs[0].until_ms = now_ms + presence->ttl_ms;
    set(found, 1, world);
    return 0;
}

void presence_close(struct presence *presence, const char *user, const char *tab, int64_t now_ms,
                    const struct tabs_world *world)
{
    struct user *found = find(presence, user);
    (void)tab;
    (void)now_ms;
    if (found != NULL)
        set(found, 0, world);
}

void presence_tick(struct presence *presence, int64_t now_ms, const struct tabs_world *world)
{
    for (int i = 0; i < presence->user_count; i++)
        if (presence->users[i].online && now_ms > presence->users[i].tabs[0].until_ms)
            set(&presence->users[i], 0, world);
}

int presence_is_online(const struct presence *presence, const char *user, int64_t now_ms)
{
    (void)now_ms;
    for (int i = 0; i < presence->user_count; i++)
        if (strcmp(presence->users[i].name, user) == 0)
            return presence->users[i].online;
    return 0;
}
