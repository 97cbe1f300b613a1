/*
 * One connection of a peer: a request comes in, meets the standing fault, and is answered.
 *
 *     READING --whole request--> ANSWERING --all sent--> READING
 *                                DELAYED   --due-->      ANSWERING
 *                                TRICKLING --a byte each value ms, all sent--> READING
 *                                HANGING   --the client leaves--> closed
 */
#ifndef PEERS_PEER_CONNECTION_H
#define PEERS_PEER_CONNECTION_H

#include <stdint.h>
#include "kit/trace.h"
#include "peers/peer_fault.h"
#include "peers/peer_server.h"

enum connection_state { READING, ANSWERING, DELAYED, TRICKLING, HANGING };

struct connection {
    int fd;
    enum connection_state state;
    struct text input;  /* READING: bytes of the request so far */
    struct text output; /* the answer */
    size_t sent;        /* of it */
    int keep_alive;     /* 0: close when all is sent */
    int64_t due_ms;     /* DELAYED, TRICKLING: when to go on; monotonic */
    int64_t gap_ms;     /* TRICKLING */

    int spanned; /* 1: what follows is filled, and a span is owed for the request */
    struct trace trace;
    struct text span_name;
    int64_t start_unix_ns;
    int span_status;
};

/* What connections share; owned by the loop. */
struct peer_loop {
    const struct peer_server_config *config;
    struct peer_faults faults;
    int64_t now_ms; /* monotonic, when the loop last woke */
};

/* Goes on as far as it can without waiting, after the socket or the clock said that it may.
   0, or ERR_IO when the connection is to be closed. */
int connection_go_on(struct peer_loop *loop, struct connection *connection);

/* The client closed, or the loop ends: writes the span that is owed. Closes and releases. */
void connection_close(struct peer_loop *loop, struct connection *connection);

#endif
