/*
 * The fault that stands at a peer, and what the peer has counted.
 */
#ifndef PEERS_PEER_FAULT_H
#define PEERS_PEER_FAULT_H

#include <stdint.h>
#include "peers/fault.h"

/* Requests are counted apart by what they are for, so that a health poll in between does not
   shift which business request a flapping peer refuses. */
enum request_class { REQUEST_BUSINESS, REQUEST_HEALTH, REQUEST_CANARY, REQUEST_CLASSES };

struct peer_faults {
    enum fault_kind kind;
    int64_t value;
    int64_t sequence[REQUEST_CLASSES]; /* requests since the fault was set, for flap */
    int64_t taken[REQUEST_CLASSES];    /* since the start */
    int64_t faulted[REQUEST_CLASSES];  /* of them */
    int64_t effects;                   /* business requests whose work was done */
};

/* Counts a request and says which fault it meets. */
enum fault_kind peer_fault_meet(struct peer_faults *faults, enum request_class class);

/* 1 when a request that meets the fault still has its effect. */
int peer_fault_works(enum fault_kind kind);

/* Answers one line of the control socket (peers/fault.h). */
struct text;
void peer_control(struct peer_faults *faults, const char *line, struct text *reply);

#endif
