/* A station: workers, queue, lanes, and what is counted. */
#include "load/station.h"

#include <assert.h>
#include <stddef.h>

void station_begin(struct station *station, int workers, int queue)
{
    assert(workers >= 1 && queue >= 0);
    *station = (struct station){.workers = workers, .queue = queue};
}

static void append(struct station_job **first, struct station_job **last, struct station_job *job)
{
    job->next = NULL;
    if (*first == NULL)
        *first = job;
    else
        (*last)->next = job;
    *last = job;
}

static struct station_job *take(struct station_job **first)
{
    struct station_job *job = *first;
    if (job != NULL)
        *first = job->next;
    return job;
}

/* Adds up what was until now. */
static void pass_time(struct station *station, int64_t now_ns)
{
    const int64_t passed_ns = now_ns - station->changed_ns;
    station->busy_ns += station->busy * passed_ns;
    station->waiting_ns += station->waiting * passed_ns;
    station->changed_ns = now_ns;
}

enum station_answer station_offer(struct station *station, struct station_job *job,
                                  struct station_lane *lane, int64_t now_ns)
{
    const int must_wait = station->busy == station->workers || (lane != NULL && lane->is_taken);
    if (must_wait && station->waiting >= station->queue) {
        station->refused++;
        return STATION_REFUSED;
    }
    pass_time(station, now_ns);
    job->lane = lane;
    if (!must_wait) {
        if (lane != NULL)
            lane->is_taken = 1;
        station->busy++;
        station->served++;
        return STATION_STARTED;
    }
    if (++station->waiting > station->waiting_peak)
        station->waiting_peak = station->waiting;
    if (lane != NULL && lane->is_taken) {
        append(&lane->first, &lane->last, job);
    } else {
        if (lane != NULL)
            lane->is_taken = 1;
        append(&station->first, &station->last, job);
    }
    return STATION_QUEUED;
}

struct station_job *station_finish(struct station *station, struct station_job *job, int64_t now_ns)
{
    assert(station->busy > 0);
    pass_time(station, now_ns);
    struct station_lane *lane = job->lane;
    if (lane != NULL) {
        struct station_job *follower = take(&lane->first);
        if (follower != NULL)
            append(&station->first, &station->last, follower);
        else
            lane->is_taken = 0;
    }
    struct station_job *next = take(&station->first);
    if (next == NULL) {
        station->busy--;
        return NULL;
    }
    station->waiting--;
    station->served++;
    return next;
}

void station_measure(struct station *station, int64_t now_ns)
{
    station->since_ns = station->changed_ns = now_ns;
    station->busy_ns = station->waiting_ns = 0;
    station->served = station->refused = 0;
    station->waiting_peak = station->waiting;
}

static double mean_of(int64_t area_ns, int count, const struct station *station, int64_t now_ns)
{
    const int64_t all_ns = now_ns - station->since_ns;
    const double area = (double)area_ns + (double)count * (double)(now_ns - station->changed_ns);
    return all_ns > 0 ? area / (double)all_ns : 0;
}

double station_use(const struct station *station, int64_t now_ns)
{
    return mean_of(station->busy_ns, station->busy, station, now_ns) / station->workers;
}

double station_queue(const struct station *station, int64_t now_ns)
{
    return mean_of(station->waiting_ns, station->waiting, station, now_ns);
}

int64_t service_time_draw(const struct service_time *time, struct chance *chance)
{
    return time->fixed_ns + (time->mean_ns > 0 ? chance_exponential(chance, time->mean_ns) : 0);
}
