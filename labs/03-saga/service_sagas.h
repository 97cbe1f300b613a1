/*
 * The sagas that are under way, and everything that reaches them. Given: nothing to write here.
 *
 * Each saga takes one event at a time, under its own lock; what it asks for is carried out in its
 * order before the next event: a record is on disk before the command after it is queued. Sagas do
 * not wait for each other: commands wait at the pool of their own neighbour, timers in one heap,
 * and writes share commits. A saga that has ended or was parked is no longer kept in memory; its
 * log is all there is of it.
 */
#ifndef LAB03_SERVICE_SAGAS_H
#define LAB03_SERVICE_SAGAS_H

#include "kit/service.h"
#include "kit/store.h"
#include "saga.h"
#include "service_log.h"

enum {
    SAGAS_LIVE_MAX = 10000, /* under way at once; more are refused with ERR_LIMIT */
    SAGAS_RELOAD_MS = 500   /* until a saga whose record could not be written is read again */
};

struct sagas;
struct sagas_config {
    struct saga_config saga;
    const struct service *service; /* borrowed: clock, client, random */
    struct store *store;           /* borrowed */
    const char *urls[SAGA_STEPS];  /* whom each step's commands go to */
};

/* Opens, and lets every saga that has not ended go on. One whose own log is damaged, or of another
   version, is left as it is and said in the service's log; it stops neither the others nor the
   start, and goes on at the first start after its log was repaired. ERR_IO, ERR_LIMIT,
   ERR_UNAVAILABLE: what is wrong concerns them all. */
int sagas_open(struct sagas **out, const struct sagas_config *config, struct error *err);
/* Stops where it is; the logs say where that was. NULL is fine. */
void sagas_close(struct sagas *sagas);

/* On return the checkout has begun, durably, and so has its request. trace is the request's.
   ERR_EXISTS when the request's key was used meanwhile; what saga_handle says, ERR_LIMIT, ERR_IO,
   ERR_UNAVAILABLE: then nothing was begun. */
int sagas_start(struct sagas *sagas, const struct saga_checkout *checkout,
                const struct log_request *request, const struct trace *trace, struct error *err);
/* An operator says: go on. ERR_NOT_FOUND, ERR_REFUSED when it is not parked, ERR_CORRUPT,
   ERR_LIMIT, ERR_IO, ERR_UNAVAILABLE. */
int sagas_resume(struct sagas *sagas, const char *id, struct error *err);

#endif
