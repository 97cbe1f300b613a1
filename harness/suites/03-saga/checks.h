/*
 * Lab 03's checks: what their files share.
 */
#ifndef SUITES_SAGA_CHECKS_H
#define SUITES_SAGA_CHECKS_H

#include "03-saga/trace.h"
#include "03-saga/world.h"
#include "judge/run.h"
#include "suites/03-saga/actions.h"

/* --- batch.c: schedules in batches, each trace replayed in the judge's own world -------------- */

/* The grid of the report: for each point and fault, what the schedules that began there gave. */
enum { GRID_POINTS = 64, EXPLORE_BATCH = 256 /* schedules asked of the probe at once */ };
enum grid_cell { GRID_BLANK, GRID_PASSED, GRID_BROKEN };

struct exploration {
    struct check_run *run;
    struct probe *probe;
    struct world_setup setup; /* flush before it is changed */
    int only_reasons;         /* 1: only rules of turning back and parking are looked for */
    struct world world;       /* the judge's */
    int64_t tried, reached;   /* schedules; those whose faults were all met */
    int64_t completed, rolled_back, parked;
    unsigned char grid[GRID_POINTS][WORLD_FAULTS];
    int found; /* 1: broken holds a violation, the shortest of its batch */
    struct schedule broken;
    struct world_setup broken_setup;
    int broken_events;
    const char *rule; /* of it */
    /* the batch that is being filled */
    struct schedule batch[EXPLORE_BATCH];
    int batch_count;
    /* called for each schedule that was played, the world standing as it ended; may be NULL */
    void (*played)(struct exploration *exploration, const struct schedule *schedule);
    void *context;
};

/* Opens the probe; the setup is world_plain. 1 when a verdict stands. */
int explore_begin(struct exploration *exploration, struct check_run *run);
/* Adds a schedule; plays the batch when it is full. 1 when a verdict stands or one was found. */
int explore(struct exploration *exploration, const struct schedule *schedule);
int explore_flush(struct exploration *exploration);
/* Asks a probe for the traces of count schedules, played with the setup. */
enum probe_state explore_ask(struct probe *probe, const struct world_setup *setup,
                             const struct schedule *schedules, int count, struct message *reply);
/* Plays so many schedules of three to six faults, chosen by the run's seed. 1 as above. */
int explore_by_chance(struct exploration *exploration, int schedules);
/* Ends the probe; writes the story of the violation that was found, made as short as it goes, in
   lockstep, and gives the verdict. */
void explore_end(struct exploration *exploration);

/* --- reasons.c -------------------------------------------------------------------------------- */

/* A configuration and a checkout by chance, within the limits of world_setup.h. */
void saga_draw_setup(const struct random *random, struct world_setup *out);
void saga_check_reasons(struct check_run *run);

/* --- explore.c -------------------------------------------------------------------------------- */

/* Plays a schedule without faults, and every one of a single fault. 1 as above. */
int explore_one_fault(struct exploration *exploration);
/* Of those that were tried some complete, some roll back, some park; else the verdict is a fail. */
void saga_check_ends(const struct exploration *exploration);
void saga_figures(const struct exploration *exploration); /* how they ended, for the report */

/* --- lockstep.c ------------------------------------------------------------------------------- */

/* Runs one schedule event by event: the judge's world, the probe only asked for the next event; a
   crash kills it, and a new one is given the bytes of the log. 1 when a verdict stands. The trace
   is appended to trace (may be NULL); world stands as it ended. story: 1 = into the run's story. */
int lockstep(struct check_run *run, struct world *world, const struct world_setup *setup,
             const struct schedule *schedule, struct text *trace, int story);

/* --- schedule_story.c ------------------------------------------------------------------------- */

struct saga_story {
    struct check_run *run;
    struct text good;    /* commands that were answered OK at once, not in it yet */
    int64_t good_at_ms;  /* when the first of them was sent */
    char held[96];       /* the command or time-out that came last, not in it yet; "" = none */
    const char *held_to; /* NULL: a time-out */
    int64_t held_at_ms;
};
/* What is played, for whoever counts attempts and looks for the deadline. */
void saga_story_begin(struct saga_story *story, const struct world_setup *setup);
/* world->observer; the context is the story. */
void saga_story_observe(void *context, const struct world *world, const char *from, const char *to,
                        const char *text, int is_fault);
/* Adds what was kept back, and how a rule was broken. */
void saga_story_end(struct saga_story *story, const struct world *world);
/* What came of the schedule, in a few words, for whoever knows the rule that broke. */
void saga_story_facts(const struct world *world, struct text *out);

/* --- log.c, log_readable.c -------------------------------------------------------------------- */

enum { SAGA_RECORDS_MAX = 64, SAGA_HEX_SIZE = 2 * SAGA_PAYLOAD_MAX + 1, SAGA_JSON_SIZE = 4096 };

/* A log, fetched from the probe: each record's bytes, and what it says of itself. */
struct saga_log {
    char hex[SAGA_RECORDS_MAX][SAGA_HEX_SIZE];
    char json[SAGA_RECORDS_MAX][SAGA_JSON_SIZE];
    int count;
};
/* Plays a checkout that meets all that there is, and fetches its log, the caller's to free. NULL
   when a verdict stands. */
struct saga_log *saga_fetch_log(struct check_run *run, struct probe *probe);
void saga_check_story(struct check_run *run); /* of that checkout */

/* --- tables ----------------------------------------------------------------------------------- */

extern const struct oracle saga_oracle; /* model.c */
/* A checkout with any events in any order, now rising. In backward.c. */
void saga_generate_events(struct scenario *out, const struct random *random);

extern const struct check saga_participant_checks[]; /* step 3 */
extern const struct check saga_forward_checks[];     /* step 1 */
extern const struct check saga_backward_checks[];    /* step 2 */
extern const struct check saga_log_checks[];         /* step 4 */
extern const struct check saga_explorer_checks[];
extern const struct check saga_cluster_checks[]; /* step 5 */
void saga_storm(struct check_run *run);          /* storm.c */

void saga_pictures(struct check_run *run); /* pictures.c: the flow graph */

#endif
