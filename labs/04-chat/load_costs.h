/*
 * What things cost in the simulation of step 3, and how it works. Given; changing it changes
 * nothing, for the judge has its own copy.
 *
 * An instance of a service is `workers` that work side by side and a queue of `queue` requests. A
 * request that finds it full is refused, and sent again as the hop's `attempts` say. A worker that
 * makes a call waits for the answer and does nothing else. Where a row is written there is one
 * worker at a time on each partition: those of others wait in the queue meanwhile, and hold up no
 * other partition. A hash of what is IN_PARTITION decides the partition, and partition p lies on
 * instance p modulo instances; reading goes to any copy, all else to any instance.
 *
 * A post gathers messages until there are `batch` of them or `batch_ms` have passed. What is posted
 * to a service that streams to channel members goes to each of its instances that has readers of
 * the channel; what these write then, each writes for itself, and no partition waits. Sending to
 * readers takes a worker of the service that streams: its time is COST_FAN_OUT_US and
 * COST_CONNECTION_US for each reader, one after the other.
 *
 * What is in the load, all of it as workload_standard (workload.h) has it at the peak:
 *   messages    in every check: one flow of CAN_SEND, and what follows up to the readers;
 *   heartbeats  where services are measured (services_keep_up, nothing_is_refused,
 *               no_service_is_too_large): each connection every heartbeat_ms, by the flow that
 *               writes what OWNS_PRESENCE (a command, or an event with its on), up to there.
 *               1.3 million every 30 s are 43,333 a second, ten for each message;
 *   one lost gateway's clients, in the two checks of the storm: a handshake, then CAN_CATCH_UP.
 * What is not, for the workload has no figure of it, and it is rare beside ten messages and a
 * hundred heartbeats of each user: who signs in, joins, shares a file, searches, comes or goes; nor
 * what goes to a phone, which is not ours.
 *
 * Connections lie in the memory of their gateway, and presence where the gateways own it: these
 * cost what a request does that writes nothing. A client's post waits for no batch.
 *
 * A time is a fixed part and one by chance, exponentially distributed with that mean. Microseconds.
 */
#ifndef LAB04_LOAD_COSTS_H
#define LAB04_LOAD_COSTS_H

enum {
    COST_HOP_US = 500, /* over the network, one way */

    /* A request or event that reads and writes nothing. */
    COST_PASS_US = 100,
    COST_PASS_MEAN_US = 100,
    /* A query of an entity. */
    COST_QUERY_US = 200,
    COST_QUERY_MEAN_US = 300,
    /* A command that writes an entity, or an event that does: a commit, and each row in it. */
    COST_COMMIT_US = 500,
    COST_COMMIT_MEAN_US = 500,
    COST_ROW_US = 50,

    COST_FAN_OUT_US = 50, /* a message at one instance that streams */
    COST_CONNECTION_US = 4,
    COST_POLL_US = 200, /* instead of it, where readers call: each asks again */

    /* A client that connects. */
    COST_HANDSHAKE_US = 1000,
    COST_HANDSHAKE_MEAN_US = 1000,

    /* Before it is sent again: a random time up to this, which doubles up to the second. */
    COST_BACKOFF_US = 50000,
    COST_BACKOFF_MAX_US = 1000000,
    /* The same for a client whose connection is refused. */
    COST_RECONNECT_BACKOFF_US = 500000,
    COST_RECONNECT_BACKOFF_MAX_US = 8000000
};

/* What one instance keeps on its disks. The simulation knows no disks; no_service_is_too_large lets
   a service that owns MESSAGES, FILES or SEARCH have an instance for each so many bytes of its rows
   or its index after a year, with all copies. */
#define COST_DISK_BYTES 4e12

/* What the workload does not say. */
#define COST_BUSIEST_WORKSPACE_SHARE 0.2    /* of all messages */
#define COST_WORKSPACE_READERS       13000  /* connections of a workspace's members */
#define COST_HUGE_READERS            100000 /* connections to the one huge channel ... */
#define COST_HUGE_PER_S              2      /* ... which gets so many messages more, at once */

#endif
