/*
 * Lab 04: schedules of faults, in batches and one event at a time.
 */
#ifndef SUITES_CHAT_WORLD_H
#define SUITES_CHAT_WORLD_H

#include "04-chat/chat_world.h"
#include "judge/run.h"

enum { CHAT_BATCH = 32 /* schedules asked of the probe at once */ };

/* --- world_batch.c: the probe plays many, each trace is played again in the judge's own world ---
 */

struct chat_search {
    struct check_run *run;
    struct probe *probe;
    struct chat_world world; /* the judge's */
    int64_t tried, met;      /* schedules; those whose faults were all met */
    int found;               /* 1: broken holds a violation, the shortest of its batch */
    struct chat_schedule broken;
    const char *rule; /* of it */
    struct chat_schedule batch[CHAT_BATCH];
    int batch_count;
    /* Called for each schedule that was played, the world standing as it ended; may be NULL. */
    void (*played)(struct chat_search *search, const struct chat_schedule *schedule);
    void *context;
};

/* Opens the probe. 1 when a verdict stands. */
int chat_search_begin(struct chat_search *search, struct check_run *run);
/* Adds a schedule; plays the batch when it is full. 1 when a verdict stands or one was found. */
int chat_search_try(struct chat_search *search, const struct chat_schedule *schedule);
int chat_search_flush(struct chat_search *search);
/* Ends the probe. Of what was found, made as short as it goes: its story, in lockstep, and the
   verdict. */
void chat_search_end(struct chat_search *search);

/* --- world_lockstep.c: the probes know nothing of what is to come; a crash is a kill ---------- */

/* A process for the log and one for each hub, kept from schedule to schedule. */
struct chat_remote {
    struct check_run *run;
    struct chat_world *world;
    struct probe *log, *hubs[CHAT_WORLD_HUBS];
    int is_fresh;     /* 1: the log's process has not been used yet */
    int ended;        /* 1: a verdict stands */
    struct text said; /* by the code when it refused something */
};
/* Plays a schedule. The world stands as it ended. 1 when a verdict stands. */
int chat_lockstep(struct chat_remote *remote, struct chat_world *world,
                  const struct chat_schedule *schedule);
void chat_lockstep_end(struct chat_remote *remote);

/* --- world_story.c ---------------------------------------------------------------------------- */

/* The schedule once more, with its story, of whom the broken rule is about; then the verdict. */
void chat_world_story(struct chat_remote *remote, struct chat_world *world,
                      const struct chat_schedule *schedule);

#endif
