/*
 * Loopback ports that stay ours while nobody listens: the launcher's reserve_port and listen
 * (cluster/launcher.h, which has their contracts).
 */
#ifndef CLUSTER_PORTS_H
#define CLUSTER_PORTS_H

#include "cluster/launcher.h"

int port_reserve(struct launcher *launcher, int *port, int *fd, struct error *err);
int port_listen(struct launcher *launcher, int port, int *fd, struct error *err);

#endif
