/*
 * Lab 04, step 3: what the files of its checks share.
 */
#ifndef SUITES_CHAT_LOAD_H
#define SUITES_CHAT_LOAD_H

#include "suites/04-chat/checks.h"
#include "suites/04-chat/load_summary.h"

/* A design and what became of it under load. */
struct trial {
    struct check_run *run;
    struct chat_model *model;
    struct chat_plan plan;
    struct load_summary *result; /* NULL before trial_play */
};

/* load_trial.c. Reads the design and plans it. NULL when a verdict stands. */
struct trial *trial_open(struct check_run *run);
/* Plays it so often; a result from before is replaced. 1 when a verdict stands: that it is
   overloaded is one. */
int trial_play(struct trial *trial, const struct load_scenario *scenario, int runs);
void trial_close(struct trial *trial); /* NULL is fine */
/* Both, at the peak, nothing being wrong. NULL when a verdict stands. */
struct trial *trial_at_peak(struct check_run *run);
/* The same with all heartbeats: where services are measured. They are ten times as many as the
   messages, and cost the simulation as much. */
struct trial *trial_with_beats(struct check_run *run);
/* 1 when a verdict stands: not one of these was delivered. */
int trial_delivers_nothing(const struct trial *trial, const struct histogram *deliveries);
int trial_busiest(const struct trial *trial); /* the service that is used most */
/* After a number that is the mean of the runs: its error. */
#define PLUS_MINUS " (+- %.0f, 95 percent interval of the runs)"
/* The estimate as two figures of the report. */
void trial_figure(struct check_run *run, const char *name, const struct estimate *value);

/* "message" (chat_design.c:160), for a sentence. */
enum { DECLARED_SIZE = 160 };
const char *declared_service(const struct chat_model *model, int service, char out[DECLARED_SIZE]);

/* load_services.c */
void chat_check_services(struct check_run *run);
void chat_check_sizes(struct check_run *run);

/* load_storm_checks.c */
void chat_check_storm_ends(struct check_run *run);
void chat_check_sending_in_the_storm(struct check_run *run);

/* load_pictures.c: each attaches a picture to the run. */
enum { USE_LIMIT_PERCENT = 80 };
void draw_use(const struct trial *trial);
void draw_latencies(const struct trial *trial);
/* plain: the same storm without jitter; may be NULL. */
void draw_storm(const struct trial *trial, const struct load_seen *spread,
                const struct load_seen *plain);

#endif
