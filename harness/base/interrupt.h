/*
 * Ctrl-C: from begin to end, SIGINT, SIGTERM and SIGHUP are noted instead of ending the process, so
 * that it can end what it started and remove what it made.
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <poll.h>

void interrupt_begin(void);
int interrupted(void); /* 1 once a signal came */
/* poll(2) without a time limit; a signal that is waiting ends it at once. */
int interrupt_poll(struct pollfd *polls, nfds_t count);
void interrupt_end(void);

#endif
