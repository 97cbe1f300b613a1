/*
 * Loopback ports that stay ours while nobody listens: the launcher's reserve_port and listen
 * (process/launcher.h, which has their contracts).
 */
#ifndef PROCESS_PORTS_H
#define PROCESS_PORTS_H

#include "process/launcher.h"

int port_reserve(struct launcher *launcher, int *port, int *fd, struct error *err);
int port_listen(struct launcher *launcher, int port, int *fd, struct error *err);

#endif
