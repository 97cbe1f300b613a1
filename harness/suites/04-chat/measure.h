/*
 * Lab 04: how long things take in the running cluster, for the report and the benchmark. The other
 * half of a calibration: what the simulation of step 3 predicts stands beside it.
 */
#ifndef SUITES_CHAT_MEASURE_H
#define SUITES_CHAT_MEASURE_H

#include "suites/04-chat/crowd.h"

enum { MEASURE_READERS = 60, MEASURE_LONE = 200 /* requests, one after the other */ };

struct chat_delays {
    double p50_ms, p99_ms; /* from the moment a message is to be sent to each delivery */
    double per_s;          /* deliveries */
    int deliveries;
};
/* Sends so many messages at an even pace, to the crowd's channels in turn (an open loop: nobody
   waits for an answer before the next one), and waits until all is read. 1 when a verdict stands.
 */
int chat_measure(struct crowd *crowd, int sends_per_s, int sends, struct chat_delays *out);

/* Of MEASURE_LONE lone requests, in microseconds: the quickest, and the one in the middle. */
struct chat_took {
    double least_us, median_us;
};
/* What the simulation's costs would be here. All but the hop without the round trip. */
struct chat_costs {
    double hop_us;           /* half of a round trip that finds an answer at once: the median */
    struct chat_took pass;   /* a gateway is told of no messages */
    struct chat_took query;  /* is somebody a member */
    struct chat_took commit; /* one message in a commit of its own */
    double reader_us;        /* from one reader of a message to the next: the median */
    double slow_ms;          /* of each kind 99 of 100 were quicker, round trips and all */
};
/* channel: of the crowd, with readers, user-0 a member. 1 when a verdict stands, or a lone request
   is answered otherwise than ever: there are no costs then. */
int chat_measure_costs(struct crowd *crowd, int channel, struct chat_costs *out);

/* Makes so many channels, with so many readers in all, waits until these are live, and lets each
   sender send one message: the first of a connection takes longer, and is not measured. 1 when a
   verdict stands. */
int chat_measure_open(struct crowd *crowd, int channels, int readers);

#endif
