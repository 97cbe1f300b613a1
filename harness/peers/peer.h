/*
 * A peer: one of the trusted services that student code lives among.
 *
 * What makes one is this table; listening, faults, counting and health are the same for all. A
 * peer runs on one thread and its handlers never block: that is why its control socket answers
 * even while every request hangs.
 */
#ifndef PEERS_PEER_H
#define PEERS_PEER_H

#include <stddef.h>
#include "kit/text.h"

struct error;

enum { PEER_PARAMETER_MAX = 128 };

/* What a handler is given; borrowed until it returns. */
struct peer_request {
    const char *method;
    const char *path;    /* without the query */
    const char *headers; /* lines "Name: value", each ended by \r\n */
    const char *body;    /* "" when there is none */
    size_t body_length;
    char parameter[PEER_PARAMETER_MAX]; /* what {id} stood for, "" when the route has none */
};
/* The value of a header (case-insensitive) copied into value, 1; or 0. */
int peer_header(const struct peer_request *request, const char *name, char *value, size_t size);

/* What it fills; starts as 200 with an empty body. JSON, or problem+json from 400 on. */
struct peer_response {
    int status;
    struct text body;
};
/* Fills response with a problem (RFC 9457) of one sentence. */
void peer_problem(struct peer_response *response, int status, const char *detail);

struct peer_route {
    const char *method; /* a NULL method ends the table */
    const char *path;   /* "/users/{id}": a parameter only at the end */
    void (*handle)(void *state, const struct peer_request *request, struct peer_response *response);
};

struct peer {
    const char *name; /* also the program's: build/peers/NAME */
    const struct peer_route *routes;
    int (*open)(void **state, struct error *err); /* NULL: the peer keeps nothing */
    void (*close)(void *state);
};

extern const struct peer user_service, cart_service, pricing_service, inventory_service,
    payment_service, shipping_service, notification_service;

/* Whether path fits the template; copies the parameter. */
int peer_route_fits(const char *template, const char *path, char parameter[PEER_PARAMETER_MAX]);

#endif
