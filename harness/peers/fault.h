/*
 * Faults by name: the words that the cluster and the peers share on the control socket.
 *
 * One probe/message.h line a packet, answered by one:
 *     fault kind=latency value=200    ok
 *     counts                          ok requests=12 faulted=3 effects=9 health=40 ...
 * anything else is answered "bad text=...". A field id is echoed, so that an answer which comes
 * after its asker gave up is not taken for the next one.
 */
#ifndef PEERS_FAULT_H
#define PEERS_FAULT_H

enum fault_kind {
    FAULT_NONE,         /* honest again */
    FAULT_LATENCY,      /* does the work, answers after value ms */
    FAULT_STATUS,       /* value = HTTP status, no effect */
    FAULT_HANG,         /* takes the request, no effect, never answers, also not when healed */
    FAULT_CLOSE_BEFORE, /* closes the connection before the effect */
    FAULT_CLOSE_DURING, /* does the work, closes after the headers and half the body */
    FAULT_CLOSE_AFTER,  /* does the work, closes without an answer */
    FAULT_GARBAGE,      /* answers bytes that are not HTTP, no effect */
    FAULT_BAD_BODY,     /* 200 with a body that is not JSON, no effect */
    FAULT_SLOW_BYTES,   /* does the work, value = ms between bytes of the answer */
    FAULT_FLAP          /* every value-th request fails with 503, no effect */
};

enum {
    FAULT_DELAY_MAX_MS = 600000, /* the largest value of latency and slow_bytes */
    FAULT_FLAP_MAX = 100,        /* the largest value of flap; its proof makes that many calls */
    CONTROL_PACKET_MAX = 512     /* bytes of one line on the control socket */
};

/* A request with this header meets the fault like any other, and is not counted. */
#define CANARY_HEADER "X-Svclab-Canary"

const char *fault_name(enum fault_kind kind); /* "close_before" */
/* 0, or ERR_INVALID when there is no such kind or value is outside its range. */
int fault_parse(const char *name, long long value, enum fault_kind *kind);

#endif
