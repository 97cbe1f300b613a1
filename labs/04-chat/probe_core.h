/*
 * What the parts of the core's probe share. Given: nothing to write here.
 */
#ifndef LAB04_PROBE_CORE_H
#define LAB04_PROBE_CORE_H

#include <limits.h>
#include "chat_log.h"
#include "core_words.h"
#include "presence.h"
#include "probe.h"

/* Each NULL until an action of its file is used. */
struct core_rig {
    struct log_rig *log;           /* probe_log.c */
    struct hub_rig *hub;           /* probe_hub.c */
    struct presence_rig *presence; /* probe_presence.c */
    struct world_rig *world;       /* probe_world.c */
};
void log_rig_free(struct log_rig *log); /* NULL is fine, here and below */
void hub_rig_free(struct hub_rig *hub);
void presence_rig_free(struct presence_rig *presence);
void world_rig_free(struct world_rig *world);

/* The core's part of a probe's context, made when there is none. */
struct core_rig *core_of(void *context);
/* Zeroed memory; without any the process ends. */
void *core_memory(size_t size);

/* With starve=1 an action gives the same call again and again, with no memory at first and then
   with one allocation more each time, for as long as it is refused for it and changes nothing. The
   reply is of the last call.

       int grant = memory_begin(action);
       do {
           memory_grant(grant);
           result = ...
       } while (memory_is_short(result, &grant)); */
enum { MEMORY_ENOUGH = INT_MAX, MEMORY_GRANTS = 64 /* at most */ };
int memory_begin(const struct message *action);
void memory_grant(int count);
/* Was memory short since memory_grant? From now on there is enough. */
int memory_refused(void);
int memory_is_short(int result, int *grant);

/* A number of an action, or what it is when it is not there. */
int64_t core_number(const struct message *action, const char *name, int64_t otherwise);

/* The message that an action describes with channel=, user=, nonce=, file=, text=, number=, at=,
   each a value of core_words.h. What is not said: c, ann, n1, no file, hello, 0, now= or 0. */
void core_message(const struct message *action, struct chat_message *out);

#endif
