/*
 * Can services of this machine be reached at all?
 */
#ifndef PROCESS_LOOPBACK_H
#define PROCESS_LOOPBACK_H

struct error;
struct launcher;

/* Connects to a listener of the launcher's on 127.0.0.1. Takes less than a millisecond, or
   CONNECT_WAIT_MS where packets are dropped. ERR_UNAVAILABLE, and the sentence says what to do. */
enum { CONNECT_WAIT_MS = 2000 };
int loopback_works(struct launcher *launcher, struct error *err);

#endif
