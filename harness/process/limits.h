/*
 * The limits (ulimit) that programs under test inherit from this process.
 */
#ifndef PROCESS_LIMITS_H
#define PROCESS_LIMITS_H

struct error;

/* 0 when right code can run within them. A soft limit that is too low is raised where the hard one
   allows it; otherwise ERR_UNAVAILABLE, and the sentence names the limit and how to raise it. */
int limits_suffice(struct error *err);
/* 0 when so many clusters may run side by side: each has its services' threads. ERR_UNAVAILABLE.
   Takes some milliseconds. */
int limits_allow_clusters(int count, struct error *err);

#endif
