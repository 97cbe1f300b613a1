/*
 * Who is online.
 */
#include "tabs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The place of the user of this name, or -1. */
static int find(const struct presence *presence, const char *name)
{
    for (int i = 0; i < presence->user_count; i++)
        if (strcmp(presence->users[i].name, name) == 0)
            return i;
    return -1;
}

static struct tab *find_tab(struct user *user, const char *name)
{
    for (int i = 0; i < user->tab_count; i++)
        if (strcmp(user->tabs[i].name, name) == 0)
            return &user->tabs[i];
    return NULL;
}

static void remove_tab(struct user *user, struct tab *tab)
{
    *tab = user->tabs[--user->tab_count];
}

/* Tabs that have been silent for too long are gone. */
static void expire(struct presence *presence, int64_t now_ms)
{
    for (int i = 0; i < presence->user_count; i++) {
        struct user *user = &presence->users[i];
        for (int k = user->tab_count - 1; k >= 0; k--)
            if (now_ms >= user->tabs[k].until_ms)
                remove_tab(user, &user->tabs[k]);
    }
}

/* Tells what has changed. Who is offline, and was told to be, leaves. */
static void tell_changes(struct presence *presence, const struct tabs_world *world)
{
    int kept = 0;
    for (int i = 0; i < presence->user_count; i++) {
        struct user *user = &presence->users[i];
        const int online = user->tab_count > 0;
        if (online != user->online)
            world->tell(world->context, user->name, online);
        user->online = online;
        if (online)
            presence->users[kept++] = *user;
    }
    presence->user_count = kept;
}

/* The tab's place, perhaps a new one; NULL when there is none. */
static struct tab *tab_of(struct presence *presence, const char *user, const char *tab)
{
    int at = find(presence, user);
    if (at < 0 && presence->user_count == USERS_MAX)
        return NULL;
    if (at < 0) {
        at = presence->user_count++;
        presence->users[at] = (struct user){0};
        snprintf(presence->users[at].name, TAB_NAME_SIZE, "%s", user);
    }
    struct user *found = &presence->users[at];
    struct tab *place = find_tab(found, tab);
    if (place == NULL && found->tab_count < TABS_MAX) {
        place = &found->tabs[found->tab_count++];
        snprintf(place->name, TAB_NAME_SIZE, "%s", tab);
    }
    return place;
}

int presence_beat(struct presence *presence, const char *user, const char *tab, int64_t now_ms,
                  const struct tabs_world *world)
{
    expire(presence, now_ms);
    tell_changes(presence, world);
    struct tab *place = tab_of(presence, user, tab);
    if (place == NULL)
        return -1;
    place->until_ms = now_ms + presence->ttl_ms;
    tell_changes(presence, world);
    return 0;
}

void presence_close(struct presence *presence, const char *user, const char *tab, int64_t now_ms,
                    const struct tabs_world *world)
{
    expire(presence, now_ms);
    const int at = find(presence, user);
    struct tab *place = at >= 0 ? find_tab(&presence->users[at], tab) : NULL;
    if (place != NULL)
        remove_tab(&presence->users[at], place);
    tell_changes(presence, world);
}

void presence_tick(struct presence *presence, int64_t now_ms, const struct tabs_world *world)
{
    expire(presence, now_ms);
    tell_changes(presence, world);
}

int presence_is_online(const struct presence *presence, const char *user, int64_t now_ms)
{
    const int at = find(presence, user);
    for (int k = 0; at >= 0 && k < presence->users[at].tab_count; k++)
        if (now_ms < presence->users[at].tabs[k].until_ms)
            return 1;
    return 0;
}
