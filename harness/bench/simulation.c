/*
 * How much can be simulated: messages that come by chance, are stored by one of 64 partitions, and
 * go out through 20 gateways to 80 readers each. One core, a release build.
 *
 * A delivery is counted one by one, as a suite counts it: its latency goes into a histogram.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "bench/bench.h"
#include "kit/error.h"
#include "load/chance.h"
#include "load/events.h"
#include "load/histogram.h"
#include "load/station.h"

enum {
    PARTITIONS = 64,
    GATEWAYS = 20,
    READERS = 4, /* of a message at a gateway */
    JOBS = 1 << 16,
    ROUNDS = 5,
    MESSAGES = 200000 /* a round; 80 deliveries each */
};

enum happening { ARRIVE, STORED, DELIVERED };

struct work {
    struct station_job job; /* first: the station hands it back */
    struct work *next_free;
    struct station *station;
    int64_t sent_ns;
};

struct simulation {
    struct events events;
    struct chance arrivals, services, partitions;
    struct station store, gateways[GATEWAYS];
    struct station_lane lanes[PARTITIONS];
    struct histogram latencies;
    struct work jobs[JOBS], *free;
    int messages;
    int64_t happened;
};

static void begin_work(struct simulation *simulation, struct work *work)
{
    static const struct service_time store = {500000, 500000}, deliver = {50000, 4000 * READERS};
    const int is_stored = work->station == &simulation->store;
    const int64_t took_ns = service_time_draw(is_stored ? &store : &deliver, &simulation->services);
    events_add(&simulation->events, simulation->events.now_ns + took_ns,
               is_stored ? STORED : DELIVERED, work);
}

static void give(struct simulation *simulation, struct station *station, struct station_lane *lane,
                 int64_t sent_ns)
{
    struct work *work = simulation->free;
    if (work == NULL)
        return; /* lost; the row says how many were delivered */
    simulation->free = work->next_free;
    *work = (struct work){.station = station, .sent_ns = sent_ns};
    switch (station_offer(station, &work->job, lane, simulation->events.now_ns)) {
    case STATION_STARTED:
        begin_work(simulation, work);
        break;
    case STATION_REFUSED:
        work->next_free = simulation->free;
        simulation->free = work;
        break;
    case STATION_QUEUED:
        break;
    }
}

static void arrive(struct simulation *simulation)
{
    const int64_t now_ns = simulation->events.now_ns;
    const int64_t gap_ns = chance_exponential(&simulation->arrivals, 216000); /* 4,630 a second */
    if (++simulation->messages < MESSAGES)
        events_add(&simulation->events, now_ns + gap_ns, ARRIVE, NULL);
    give(simulation, &simulation->store,
         &simulation->lanes[chance_below(&simulation->partitions, PARTITIONS)], now_ns);
}

static void finish(struct simulation *simulation, struct work *work, uint32_t kind)
{
    const int64_t now_ns = simulation->events.now_ns;
    struct station_job *next = station_finish(work->station, &work->job, now_ns);
    if (next != NULL)
        begin_work(simulation, (struct work *)next);
    for (int i = 0; i < GATEWAYS && kind == STORED; i++)
        give(simulation, &simulation->gateways[i], NULL, work->sent_ns);
    for (int i = 0; i < READERS && kind == DELIVERED; i++)
        histogram_add(&simulation->latencies, now_ns - work->sent_ns);
    work->next_free = simulation->free;
    simulation->free = work;
}

static void simulate(struct simulation *simulation, uint64_t seed)
{
    struct event event;
    *simulation = (struct simulation){.free = &simulation->jobs[0]};
    for (int i = 0; i + 1 < JOBS; i++)
        simulation->jobs[i].next_free = &simulation->jobs[i + 1];
    chance_begin(&simulation->arrivals, seed, 1);
    chance_begin(&simulation->services, seed, 2);
    chance_begin(&simulation->partitions, seed, 3);
    station_begin(&simulation->store, 16, 2000);
    for (int i = 0; i < GATEWAYS; i++)
        station_begin(&simulation->gateways[i], 8, 1000);
    events_add(&simulation->events, 0, ARRIVE, NULL);
    for (; events_next(&simulation->events, &event); simulation->happened++) {
        if (event.kind == ARRIVE)
            arrive(simulation);
        else
            finish(simulation, event.subject, event.kind);
    }
    events_release(&simulation->events);
}

int bench_simulation(struct bench *bench, struct error *err)
{
    (void)bench;
    struct simulation *simulation = malloc(sizeof *simulation);
    double per_s[ROUNDS], events_per_s[ROUNDS];
    if (simulation == NULL)
        return error_set(err, ERR_LIMIT, "no memory");
    for (int round = 0; round < ROUNDS; round++) {
        struct rusage before, after;
        getrusage(RUSAGE_SELF, &before);
        simulate(simulation, (uint64_t)round);
        getrusage(RUSAGE_SELF, &after);
        const double cpu_s = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                             (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6;
        per_s[round] = (double)simulation->latencies.count / cpu_s;
        events_per_s[round] = (double)simulation->happened / cpu_s;
    }
    printf("simulation, %d messages to %d readers each through %d gateways   %.1f M deliveries/s "
           "of one core, %.1f M events/s; median of %d; %.0f MB\n",
           MESSAGES, GATEWAYS * READERS, GATEWAYS, bench_percentile(per_s, ROUNDS, 0.5) / 1e6,
           bench_percentile(events_per_s, ROUNDS, 0.5) / 1e6, ROUNDS,
           bench_memory_mb(getpid(), "VmHWM:"));
    free(simulation);
    return 0;
}
