/*
 * A place where jobs wait and are served: some workers, one queue in the order of arrival.
 *
 * It knows no events: whoever simulates says when a job comes and when its work is done, and is
 * told which job begins next. A job that finds no worker free and the queue full is refused. Jobs
 * of one lane are served one at a time, in their order, however many workers are free (a partition,
 * a connection); while they wait for their lane they take up room in the queue, and hold up no job
 * of another. Every operation takes constant time, and a station and a lane hold no memory of their
 * own: the jobs that wait are linked to each other.
 */
#ifndef LOAD_STATION_H
#define LOAD_STATION_H

#include <stdint.h>
#include "load/chance.h"

/* Set by the station; the first member of whatever is served. A job is in one station at a time. */
struct station_job {
    struct station_job *next;
    struct station_lane *lane;
};

/* {0} is a lane that nobody uses. It belongs to one station. */
struct station_lane {
    struct station_job *first, *last; /* that wait for the one that is ahead of them */
    int is_taken;                     /* one of its jobs is served or stands in the queue */
};

struct station {
    int workers, queue; /* >= 1; >= 0: how many may wait */
    int busy, waiting, waiting_peak;
    int64_t served, refused; /* jobs that began; that were turned away */
    struct station_job *first, *last;
    /* Statistics, from station_measure on: how long so many were busy and waiting, in all. */
    int64_t since_ns, changed_ns;
    int64_t busy_ns, waiting_ns;
};

void station_begin(struct station *station, int workers, int queue);

enum station_answer { STATION_REFUSED, STATION_QUEUED, STATION_STARTED };
/* A job comes; lane may be NULL. When it is STARTED the caller works out when it will be done. */
enum station_answer station_offer(struct station *station, struct station_job *job,
                                  struct station_lane *lane, int64_t now_ns);
/* The job that was being served is done. Returns the one that begins now in its place, or NULL. */
struct station_job *station_finish(struct station *station, struct station_job *job,
                                   int64_t now_ns);

/* Forgets all statistics: the run has warmed up. */
void station_measure(struct station *station, int64_t now_ns);
/* Means since then: the share of the workers that were busy, and the length of the queue. */
double station_use(const struct station *station, int64_t now_ns);
double station_queue(const struct station *station, int64_t now_ns);

/* How long a job takes: a part that is always the same, and one by chance. */
struct service_time {
    int64_t fixed_ns;
    int64_t mean_ns; /* of the exponentially distributed part */
};
int64_t service_time_draw(const struct service_time *time, struct chance *chance);

#endif
