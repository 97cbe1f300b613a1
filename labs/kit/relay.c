/*
 * The relay: the thread that moves messages from the outbox to the bus.
 *
 * Being woken is a hint, not a duty: the outbox holds what is to be done, so a wake that is lost in
 * a crash costs a second, not a message.
 */
#include "kit/relay.h"

#include <stdlib.h>
#include "kit/error.h"
#include "kit/log.h"
#include "kit/thread.h"

static const int64_t IDLE_NS = 1000000000;
/* A pass costs two commits, one on the bus and one in the outbox. After a pass that found little,
   a short rest lets the next one find more: under a steady trickle of messages the relay then takes
   a tenth of the disk's syncs instead of two thirds. */
static const int64_t GATHER_NS = 10000000;
enum { LITTLE = 32 };

struct relay {
    struct store *store;
    struct bus *bus;
    relay_pass *pass;
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    int wanted;
    int stopping;
};

/* Waits for duration_ns, or until the relay is woken, if it may be. Needs the lock. */
static void rest(struct relay *relay, int64_t duration_ns, int wakes)
{
    int64_t until_ns = monotonic_ns() + duration_ns;
    while (!relay->stopping && !(wakes && relay->wanted) &&
           thread_wait(&relay->changed, &relay->lock, until_ns))
        continue;
}

static void *relay_main(void *arg)
{
    struct relay *relay = arg;
    pthread_mutex_lock(&relay->lock);
    while (!relay->stopping) {
        relay->wanted = 0;
        pthread_mutex_unlock(&relay->lock);
        struct error err = {0};
        int moved = relay->pass(relay->store, relay->bus, relay->arg, &err);
        if (moved < 0)
            log_warn("messages were not passed on; trying again", LOG_TEXT("reason", err.text));
        pthread_mutex_lock(&relay->lock);
        if (moved < 0) /* a wake is no reason to believe that the next try succeeds */
            rest(relay, IDLE_NS, 0);
        else if (moved == 0)
            rest(relay, IDLE_NS, 1);
        if (moved >= 0 && moved < LITTLE)
            rest(relay, GATHER_NS, 0);
    }
    pthread_mutex_unlock(&relay->lock);
    return NULL;
}

struct relay *relay_start(struct store *store, struct bus *bus, relay_pass *pass, void *arg)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL)
        return NULL;
    relay->store = store;
    relay->bus = bus;
    relay->pass = pass;
    relay->arg = arg;
    pthread_mutex_init(&relay->lock, NULL);
    thread_condition_init(&relay->changed);
    if (thread_start(&relay->thread, relay_main, relay, NULL) < 0) {
        pthread_cond_destroy(&relay->changed);
        pthread_mutex_destroy(&relay->lock);
        free(relay);
        return NULL;
    }
    return relay;
}

void relay_wake(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    if (!relay->wanted)
        pthread_cond_signal(&relay->changed);
    relay->wanted = 1;
    pthread_mutex_unlock(&relay->lock);
}

void relay_stop(struct relay *relay)
{
    if (relay == NULL)
        return;
    pthread_mutex_lock(&relay->lock);
    relay->stopping = 1;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(relay->thread, NULL);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}
