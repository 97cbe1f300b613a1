/*
 * The relay: a thread that moves messages from the outbox (kit/outbox.h) to the bus (kit/bus.h).
 */
#ifndef KIT_RELAY_H
#define KIT_RELAY_H

struct bus;
struct error;
struct store;
struct relay;

/* What one pass does is the student's: peek, publish, remove, in the order that loses nothing. It
   returns how many messages it moved, 0 when nothing was left, or a negative code. */
typedef int relay_pass(struct store *store, struct bus *bus, void *arg, struct error *err);

/* Starts a thread that calls pass until it returns 0, then waits for relay_wake or a second; after
   a negative code it waits and tries again. After a pass that moved little it rests some
   milliseconds, so that the next moves more. store, bus and arg are borrowed until relay_stop.
   NULL when there is no memory or no thread left. */
struct relay *relay_start(struct store *store, struct bus *bus, relay_pass *pass, void *arg);
/* There is something to move. From any thread. */
void relay_wake(struct relay *relay);
/* Waits for the pass that runs, then frees the relay. NULL is allowed. */
void relay_stop(struct relay *relay);

#endif
