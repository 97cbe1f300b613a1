/*
 * One run of the simulation: a plan under load, in virtual time. The parts of its inside too, for
 * the files load_*.c only.
 */
#ifndef SUITES_CHAT_LOAD_RUN_H
#define SUITES_CHAT_LOAD_RUN_H

#include "04-chat/workload.h"
#include "load/chance.h"
#include "load/events.h"
#include "load/histogram.h"
#include "load/pool.h"
#include "load/station.h"
#include "suites/04-chat/load_plan.h"

enum {
    ANSWER_LIMIT_MS = 200, /* to the sender */
    DELIVERY_LIMIT_MS = 500,
    LOAD_VISITS_MAX = 1 << 18,  /* at once: 50 MB */
    LOAD_LETTERS_MAX = 1 << 20, /* that wait in posts at once: 40 MB */
    LOAD_EVENTS_MAX = 25000000, /* of all runs of a check; beyond them it is overloaded */
    LOAD_TRIES_TOLD = 16,       /* tries that are told apart: later ones wait no longer */
    LOAD_BACK_BINS = 280,       /* of LOAD_BACK_BIN_MS */
    LOAD_BACK_BIN_MS = 250
};

/* What is simulated. Times from the beginning of a run, in nanoseconds. */
struct load_scenario {
    uint64_t seed;
    struct workload workload;
    int is_even;  /* 1: messages come at an even pace, not by chance */
    int has_home; /* 1: all readers of a channel are at one instance, as in the cluster */
    int64_t measured_ns, end_ns; /* statistics count from there, to the end */
    int lost_gateways;           /* instances of the gateway that are down, all the time */
    int has_huge_channel;
    int has_beats;      /* clients say that they are there, as often as declared */
    int has_storm;      /* at measured_ns the clients of one lost gateway begin to come back ... */
    int64_t jitter_ns;  /* ... within that time */
    int ends_when_back; /* 1: the run ends when 99 of 100 are back */
    int64_t events_max;
};

/* One message on its way. */
struct letter {
    int64_t sent_ns;
    uint32_t row, channel, workspace; /* hashes */
    int readers;                      /* connections that it is to reach, from where it is */
    unsigned char is_counted, is_huge;
};

struct letter_item {
    struct letter_item *next;
    struct letter letter;
};

/* Something that is done at one instance of a service, or by the client (which has no station). */
struct visit {
    struct station_job job; /* first: the station hands it back */
    const struct plan_node *node;
    struct visit *parent;          /* waits for it; NULL: nobody does, or no longer */
    struct visit *pending;         /* the call that it waits for */
    struct visit *earlier, *later; /* in the line of calls that may time out */
    int64_t deadline_ns, began_ns;
    struct letter letter;
    struct letter_item *first, *last; /* of a batch */
    int letter_count, instance;
    int next_call, attempt; /* of the node's calls; of that one */
    int tries;              /* of a client that comes back: refusals so far */
    uint32_t partition;
    unsigned char has_failed, holds; /* holds: events that still come for it */
};

struct load_lane {
    struct station_lane lane;
    int64_t busy_ns; /* since measured_ns */
};

/* What a post keeps until it leaves: one for each instance that sends. */
struct outbox {
    const struct plan_node *node;
    struct letter_item *first, *last;
    int64_t due_ns;
    int count;
};

struct load_service {
    struct station *stations; /* one for each instance; NULL when the plan does not come here */
    struct load_lane *lanes;  /* one for each partition; NULL when nothing is written */
};

struct load_line {
    struct visit *first, *last; /* by deadline: each call of a node waits for the same time */
    int is_timed;
};

/* Of those that had the time before the run ended: how many came within their limit. What has not
   come at all is late too. */
struct punctual {
    int64_t due, in_time;
};

/* What a run has seen since measured_ns. */
struct load_seen {
    struct histogram answers, deliveries;
    struct histogram beside_huge; /* deliveries of other channels in the huge one's partition */
    struct punctual answered, delivered, delivered_beside;
    int64_t sends, failed;             /* messages of that time; those whose sender was told "no" */
    int64_t degraded, timed_out, lost; /* fallbacks; calls; messages that left an outbox for ever */
    int64_t lost_on[PLAN_NODES_MAX];   /* the hop that leads there */
    int64_t refused[DESIGN_SERVICES_MAX]; /* requests that found a full queue, clients that come
                                             back aside */
    int64_t returning, back;              /* clients of the lost gateway */
    int64_t back_in[LOAD_BACK_BINS];      /* so many in each bin, from the storm's beginning */
    int64_t back_99_ns; /* after the storm began, when 99 % were; 0: they were not */
    double use[DESIGN_SERVICES_MAX], queue[DESIGN_SERVICES_MAX];
    int queue_peak[DESIGN_SERVICES_MAX];
    double hottest; /* share of its one worker's time that the busiest partition of all needs */
    int hottest_service;
    uint32_t hottest_partition;
    int64_t events;
    int is_overloaded; /* 1: cut short, because more waited or happened than there is room for */
};

struct load_run {
    const struct chat_plan *plan;
    const struct load_scenario *scenario;
    struct workload workload;
    struct events events;
    struct pool visits, letters;
    struct chance arrivals, traits, services, routes, backoffs, storm, beats;
    struct load_service served[DESIGN_SERVICES_MAX];
    struct outbox *outboxes[PLAN_NODES_MAX];
    int64_t buffered[PLAN_NODES_MAX]; /* letters that a post still keeps */
    struct load_line lines[PLAN_NODES_MAX];
    struct visit *open[DESIGN_INSTANCES_MAX]; /* of a batch that is being parted; else NULL */
    int touched[DESIGN_INSTANCES_MAX];
    int64_t gap_ns;          /* between messages, in the mean */
    int64_t beat_gap_ns;     /* between heartbeats */
    uint32_t huge_partition; /* of the store */
    int64_t connecting;      /* clients of the lost gateway that have still to begin */
    struct load_seen seen;
};

enum load_event {
    LOAD_ARRIVE,
    LOAD_ARRIVE_HUGE,
    LOAD_BEAT,
    LOAD_REACH,   /* a visit comes to its instance */
    LOAD_WORKED,  /* its own work is done */
    LOAD_RELEASE, /* it gives its worker back */
    LOAD_ANSWER,  /* its answer comes to who called */
    LOAD_RETRY,   /* a call is made again */
    LOAD_TIMEOUT, /* for the first of a node's line */
    LOAD_FLUSH,   /* an outbox's batch_ms have passed */
    LOAD_RETURN /* a client of the lost gateway: the next of them, or + how often it was refused */
};

/* Plays one run. Allocates its own memory, and frees it. */
int load_play(const struct chat_plan *plan, const struct load_scenario *scenario,
              struct load_seen *seen, struct error *err);

/* load_run.c */
struct visit *load_visit(struct load_run *run, int node, const struct letter *letter);
void load_add(struct load_run *run, int64_t after_ns, uint32_t kind, void *subject);
int load_node(const struct load_run *run, const struct plan_node *node);
int load_is_measured(const struct load_run *run);
/* So many messages left that node's outbox, or never got into it, for ever. */
void load_lose(struct load_run *run, const struct plan_node *node, int count);
/* A message was sent: what is due now; or it failed, and nobody is to have it. */
void load_due(struct load_run *run, const struct letter *letter, int sign);
/* So many of it came after that time. */
void load_came(struct load_run *run, struct punctual *punctual, const struct letter *letter,
               int limit_ms, int64_t took_ns, int64_t count);
int load_is_beside(const struct load_run *run, const struct letter *letter);
uint32_t load_partition(const struct load_run *run, const struct plan_node *node,
                        const struct letter *letter);

/* load_arrive.c */
void load_arrive_first(struct load_run *run);
void load_arrive(struct load_run *run);
void load_arrive_huge(struct load_run *run);
void load_beat(struct load_run *run);

/* load_visit.c: a visit from its coming to its end. */
void load_drop(struct load_run *run, struct visit *visit);
void load_go_on(struct load_run *run, struct visit *visit);
void load_reach(struct load_run *run, struct visit *visit);
void load_worked(struct load_run *run, struct visit *visit);
void load_release(struct load_run *run, struct visit *visit);
void load_answer(struct load_run *run, struct visit *visit);
void load_retry(struct load_run *run, struct visit *visit);
void load_timeout(struct load_run *run, int node);
int64_t load_backoff(struct load_run *run, int attempt, int64_t base_us, int64_t max_us);

/* load_post.c: what nobody waits for. */
void load_post(struct load_run *run, int node, int instance, const struct letter *letter);
void load_flush(struct load_run *run, struct outbox *outbox, int is_timed);
void load_post_refused(struct load_run *run, struct visit *visit);
/* Streams what the visit holds to readers, from `start_ns` on; how long its worker is busy with
   that. */
int64_t load_stream(struct load_run *run, struct visit *visit, int64_t start_ns);

/* load_storm.c: clients that come back. */
void load_storm_begin(struct load_run *run);
void load_return(struct load_run *run, int tries);
void load_connected(struct load_run *run, int tries);
void load_refused_client(struct load_run *run, int tries);
void load_is_back(struct load_run *run);

#endif
