/*
 * Who is online: users with tabs, each of which says now and then that it is there. Given: nothing
 * to fix here.
 */
#ifndef DRILL_TABS_H
#define DRILL_TABS_H

#include <stdint.h>

enum { USERS_MAX = 4, TABS_MAX = 4 /* of a user */, TAB_NAME_SIZE = 16 };

/* Somebody who wants to know of all users: told once for each change, online or not. */
struct tabs_world {
    void (*tell)(void *context, const char *user, int online);
    void *context;
};

/* A tab is there until `until_ms`, and at that moment not any more. */
struct tab {
    char name[TAB_NAME_SIZE];
    int64_t until_ms;
};

struct user {
    char name[TAB_NAME_SIZE];
    int online; /* what was told last */
    struct tab tabs[TABS_MAX];
    int tab_count;
};

struct presence {
    int64_t ttl_ms; /* how long one beat lasts */
    struct user users[USERS_MAX];
    int user_count;
};

/*
 * Names are shorter than TAB_NAME_SIZE. now_ms never runs back. Each function that is given a world
 * first notices who has been silent for too long, and tells it; then it does its own part, and
 * tells that. Several changes are told in the order in which their users came.
 */

/* The tab is there, from now_ms for ttl_ms; it may be a new one. 0, or -1 when there is no place
   for the user or the tab: then nobody is added. */
int presence_beat(struct presence *presence, const char *user, const char *tab, int64_t now_ms,
                  const struct tabs_world *world);
/* The tab is closed. One that is not there changes nothing. */
void presence_close(struct presence *presence, const char *user, const char *tab, int64_t now_ms,
                    const struct tabs_world *world);
/* Called now and then, so that silence is noticed when nothing else happens. */
void presence_tick(struct presence *presence, int64_t now_ms, const struct tabs_world *world);

/* 1 while at least one tab of the user is there. Tells nobody. */
int presence_is_online(const struct presence *presence, const char *user, int64_t now_ms);

#endif
