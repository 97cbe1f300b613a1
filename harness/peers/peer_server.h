/*
 * Serves a peer on one thread: connections, timers, faults and the control socket in one epoll
 * loop. Nothing in it blocks, so a request that hangs is only a connection that waits.
 */
#ifndef PEERS_PEER_SERVER_H
#define PEERS_PEER_SERVER_H

#include "peers/peer.h"

struct tracer;

enum { PEER_CONNECTIONS_MAX = 900 }; /* below the usual 1024 descriptors; more are closed */

struct peer_server_config {
    const struct peer *peer;
    void *state;           /* the peer's own */
    int listen_fd;         /* listening; borrowed, like the others */
    int control_fd;        /* SOCK_SEQPACKET; -1: no control */
    int stop_fd;           /* readable when it is time to end */
    struct tracer *tracer; /* NULL: no spans */
};

/* Runs until stop_fd is readable or the control socket's other end is closed. 0 or ERR_IO. */
int peer_serve(const struct peer_server_config *config, struct error *err);

#endif
