/*
 * Lab 01, step 3: the service over HTTP. The wire is written down in openapi.yaml.
 *
 * Refusals come in this order: 415, 413 (both by the kit), 400, 404, 422, 412, 409. If-Match may
 * list several tags: http_etag_listed() reads them.
 */
#ifndef ORDER_API_H
#define ORDER_API_H

#include "kit/http_client.h"
#include "kit/http_server.h"
#include "kit/json.h"
#include "kit/relay.h"
#include "kit/service.h"
#include "kit/sha256.h"
#include "order_health.h"
#include "order_store.h"

enum {
    ORDER_PAGE_DEFAULT = 20, /* orders in one page of a list */
    ORDER_PAGE_MAX = 100,
    ORDER_REQUEST_KEY_MAX = 255, /* bytes of an Idempotency-Key */
    ORDER_CURSOR_SIZE = 64,      /* bytes of a page's cursor and its NUL */
    ORDER_LOOKUP_MS = 500        /* deadline of the customer lookup */
};
#define ORDER_FALLBACK_NAME "Anonymous"

/* What every handler of this service builds on: the state of its struct service. */
struct order_service {
    struct service *host; /* clock, ids, HTTP client */
    struct order_store orders;
    struct bus *bus;
    struct relay *relay;  /* to be woken after a commit */
    const char *user_url; /* user-service; NULL = not configured, as if it did not answer */
    struct order_health health;
};

/* POST /orders, GET /orders, GET /orders/{id}, PATCH /orders/{id}/status, and the health routes. */
extern const struct http_route order_api_routes[];

/* Answers for a failed call: 404, 409 (ERR_REFUSED), 503 with Retry-After where trying again may
   help, else 500. */
void order_refuse(struct http_response *response, int code, const struct error *err);

/* Adds the ETag of an order's version. */
void order_set_etag(struct http_response *response, int64_t version);

/* ---- order_json.c: the order on the wire ---- */

/* Appends the order as GET answers it. */
void order_json_write(const struct order *order, struct text *out);

/* Writes the member "items" as in the order's JSON. */
void order_json_items(struct json_writer *writer, const struct order_item *items, int count);

/* Reads the body of POST /orders into a draft: customer_id and items. The rest becomes empty; id
   and customer_name are the caller's to fill. What is wrong goes to the reader's errors. */
void order_json_read(struct json_reader *reader, struct order *draft);

/* ---- order_view.c: the read side, inside the caller's transaction ---- */

/* Keeps the order as GET answers it from now on. */
int order_view_put(struct db_tx *tx, const struct order *order, struct error *err);

/* Appends the order's JSON to body and gives its version. ERR_NOT_FOUND. */
int order_view_get(struct db_tx *tx, const char *id, struct text *body, int64_t *version,
                   struct error *err);

/* Where a list goes on: after this order. The newest order comes after {INT64_MAX, ""}. */
struct order_cursor {
    int64_t created_at_ms;
    char id[ID_SIZE];
};
void order_cursor_format(const struct order_cursor *cursor, char text[ORDER_CURSOR_SIZE]);
int order_cursor_parse(const char *text, struct order_cursor *cursor, struct error *err);

/* Appends {"orders":[...],"nextCursor":...}: up to limit orders of the customer after cursor, by
   createdAt, then id, descending. nextCursor is null on the last page. */
int order_view_list(struct db_tx *tx, const char *customer_id, const struct order_cursor *cursor,
                    int limit, struct text *body, struct error *err);

/* 0 when there is such an order, ERR_NOT_FOUND, or what store_read returns. */
int order_exists(const struct order_service *service, const char *id, struct error *err);

/* GET /orders/{id} and GET /orders. Context: struct service *, as for every handler here. */
http_handler order_get_one, order_get_list;

/* ---- order_place.c: POST /orders, once for each Idempotency-Key ---- */

/* What a request is answered with, and what its key replays. */
struct order_answer {
    int status;             /* 201, or 422 */
    char order_id[ID_SIZE]; /* of the new order; "" for 422 */
    struct text *body;      /* the caller's, such as the response's */
};

struct order_placing {
    const char *key;                    /* Idempotency-Key, NULL = none */
    char body_sha256[SHA256_TEXT_SIZE]; /* of the request's body */
    const struct order *order;          /* the order to keep; not read for a 422 */
    const struct order_event *event;    /* its ORDER_CREATE event */
};

/*
 * In one store_write: when the key is known and its body is the same, *answer becomes the answer
 * that was stored, and nothing else happens; with another body ERR_EXISTS. Otherwise keeps the
 * order (when answer->status is 201), and the answer under the key (when there is one). Since
 * writes run one after the other, a concurrent duplicate waits, and finds the key.
 */
int order_place(const struct order_store *orders, const struct order_placing *placing,
                struct order_answer *answer, struct error *err);

/* ---- order_customer.c: the lookup at user-service (A6) ---- */

/*
 * Asks GET {user_url}/users/{id} for the customer's name, for at most ORDER_LOOKUP_MS.
 * ERR_NOT_FOUND when user-service says 404: there is no such customer. Anything else that is not
 * 200 with a {"name"}: the name is ORDER_FALLBACK_NAME, and 0, since orders go on without it.
 */
int order_customer_name(const struct order_service *service, const char *customer_id,
                        const struct trace *trace, char name[ORDER_NAME_MAX + 1],
                        struct error *err);

#endif
