/*
 * The host of a service: everything a main() would repeat.
 *
 * Environment (kit/config.h):
 *   LISTEN_FDS=1     a bound socket is descriptor 3 (as systemd passes it); otherwise
 *   PORT             port on 127.0.0.1 (BIND_ADDRESS for another), 0 = any; default 8080
 *   DATABASE_URL     for services that keep data
 *   BUS_URL          for those that publish; default a file beside the database, FILE.bus, and in
 *                    memory when that is
 *   BUS_KEEP_COUNT, BUS_KEEP_MS, BUS_BYTES_MAX    how long messages stay there: kit/bus.h
 *   TRACE_FILE       where spans go;  LOG_LEVEL  debug, info, warn, error, off
 *   WORKERS          handler threads
 *   DRAIN_NOTICE_MS  after SIGTERM, how long new connections are still answered, so that whoever
 *                    looks at readiness sees the 503 before it sees a refusal; default 0
 *   DRAIN_MS         then, time for the requests in flight; default 10000
 *
 * GET /metrics is always there. SIGTERM or SIGINT: service_draining turns true (readiness must say
 * 503), DRAIN_NOTICE_MS later the server stops accepting, requests in flight are finished, the
 * process exits 0; it exits 1 when DRAIN_MS cut some off. `PROGRAM --healthcheck` asks the service
 * on PORT for /health/readiness and exits 0 or 1.
 */
#ifndef KIT_SERVICE_H
#define KIT_SERVICE_H

#include "kit/clock.h"
#include "kit/http_client.h"
#include "kit/http_server.h"
#include "kit/id.h"
#include "kit/metrics.h"
#include "kit/trace.h"

/* What the host offers; filled before setup is called, borrowed until service_main returns. */
struct service {
    const char *name;
    struct clock clock;
    struct random random;
    struct id_source ids;
    struct http_client *client;
    struct metrics *metrics;
    struct tracer *tracer;
    const char *database_url;
    const char *bus_url;
    void *state;         /* the service's own, set by setup */
    struct store *store; /* the database without which it is not ready; set by setup, or NULL */
};

struct service_definition {
    const char *name;
    /* Opens stores, fills service->state. Runs before the first request. Negative stops the start.
     */
    int (*setup)(struct service *service, struct error *err);
    void (*teardown)(struct service *service); /* after the last request */
    const struct http_route *routes;           /* context of each handler: struct service * */
};

/* main() of every service; returns the exit status. */
int service_main(int argc, char **argv, const struct service_definition *definition);

/* 1 from SIGTERM on. */
int service_draining(const struct service *service);

/* GET /health/liveness and /health/readiness for a service that looks at nothing but itself: 200,
   and 503 for readiness once it drains, or while its store cannot be written. With a store
   readiness may have to wait for the disk, so it is an HTTP_HEALTH route then. */
http_handler service_get_health;

/* What --healthcheck does: GET /health/readiness on PORT. 0 for a 200, else 1 with a sentence on
   stderr. */
int service_healthcheck(void);

#endif
