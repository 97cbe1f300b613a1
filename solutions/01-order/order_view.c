/* Step 3: the read side, a row for each order with the answer to GET. See order_api.h. */
#include "order_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"

int order_view_put(struct db_tx *tx, const struct order *order, struct error *err)
{
    struct text body = {0};
    order_json_write(order, &body);
    struct db_query *q = db_query(
        tx, "INSERT INTO order_views (id, customer_id, created_at_ms, version, body)"
            " VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body");
    db_bind_text(q, 1, order->id);
    db_bind_text(q, 2, order->customer_id);
    db_bind_int64(q, 3, order->created_at_ms);
    db_bind_int64(q, 4, order->version);
    db_bind_text(q, 5, text_str(&body));
    db_step(q);
    text_release(&body);
    return db_finish(q, err);
}

int order_view_get(struct db_tx *tx, const char *id, struct text *body, int64_t *version,
                   struct error *err)
{
    int found = 0;
    struct db_query *q = db_query(tx, "SELECT version, body FROM order_views WHERE id = ?");
    db_bind_text(q, 1, id);
    if (db_step(q) == DB_ROW) {
        found = 1;
        *version = db_column_int64(q, 0);
        text_append(body, db_column_text(q, 1), db_column_length(q, 1));
    }
    int result = db_finish(q, err);
    if (result == 0 && !found)
        return error_set(err, ERR_NOT_FOUND, "There is no order %.64s.", id);
    return result;
}

void order_cursor_format(const struct order_cursor *cursor, char text[ORDER_CURSOR_SIZE])
{
    snprintf(text, ORDER_CURSOR_SIZE, "%" PRId64 ".%s", cursor->created_at_ms, cursor->id);
}

int order_cursor_parse(const char *text, struct order_cursor *cursor, struct error *err)
{
    static const char wrong[] = "The cursor is not one that a list has given.";
    char *end = NULL, given[ORDER_CURSOR_SIZE];
    cursor->created_at_ms = strtoll(text, &end, 10);
    if (end == text || *end != '.' || !id_valid(end + 1))
        return error_set(err, ERR_INVALID, wrong);
    snprintf(cursor->id, sizeof cursor->id, "%s", end + 1);
    order_cursor_format(cursor, given); /* a list writes no +, no blanks and no leading zeros */
    return strcmp(given, text) == 0 ? 0 : error_set(err, ERR_INVALID, wrong);
}

/* Asks for one row more than the page holds, to know whether another page follows. */
int order_view_list(struct db_tx *tx, const char *customer_id, const struct order_cursor *cursor,
                    int limit, struct text *body, struct error *err)
{
    struct json_writer writer = json_writer(body);
    json_open_object(&writer, NULL);
    json_open_array(&writer, "orders");

    struct db_query *q = db_query(tx, "SELECT created_at_ms, id, body FROM order_views"
                                      " WHERE customer_id = ? AND (created_at_ms, id) < (?, ?)"
                                      " ORDER BY created_at_ms DESC, id DESC LIMIT ?");
    db_bind_text(q, 1, customer_id);
    db_bind_int64(q, 2, cursor->created_at_ms);
    db_bind_text(q, 3, cursor->id);
    db_bind_int64(q, 4, limit + 1);

    struct order_cursor last = *cursor;
    int count = 0;
    while (db_step(q) == DB_ROW && ++count <= limit) {
        last.created_at_ms = db_column_int64(q, 0);
        snprintf(last.id, sizeof last.id, "%s", db_column_text(q, 1));
        json_put_raw(&writer, NULL, db_column_text(q, 2));
    }
    int result = db_finish(q, err);

    json_close_array(&writer);
    if (count > limit) {
        char next[ORDER_CURSOR_SIZE];
        order_cursor_format(&last, next);
        json_put_string(&writer, "nextCursor", next);
    } else {
        json_put_null(&writer, "nextCursor");
    }
    json_close_object(&writer);
    return result;
}

/* ---- GET /orders/{id} ---- */

struct viewing {
    const char *id;
    struct text *body;
    int64_t version;
};

static int read_view(struct db_tx *tx, void *arg, struct error *err)
{
    struct viewing *viewing = arg;
    return order_view_get(tx, viewing->id, viewing->body, &viewing->version, err);
}

int order_exists(const struct order_service *service, const char *id, struct error *err)
{
    struct text body = {0};
    struct viewing viewing = {.id = id, .body = &body};
    int result = store_read(service->orders.store, read_view, &viewing, err);
    text_release(&body);
    return result;
}

/* GET /orders/{id}: 200, 404 */
void order_get_one(const struct http_request *request, struct http_response *response,
                   void *context)
{
    const struct service *host = context;
    const struct order_service *service = host->state;
    struct viewing viewing = {.id = http_param(request, "id"), .body = &response->body};
    struct error err = {0};
    int result = store_read(service->orders.store, read_view, &viewing, &err);
    if (result == 0)
        order_set_etag(response, viewing.version);
    else
        order_refuse(response, result, &err);
}

/* ---- GET /orders ---- */

struct listing {
    const char *customer_id;
    struct order_cursor cursor;
    int limit;
    struct text *body;
};

static int read_list(struct db_tx *tx, void *arg, struct error *err)
{
    struct listing *listing = arg;
    return order_view_list(tx, listing->customer_id, &listing->cursor, listing->limit,
                           listing->body, err);
}

static void read_query(const struct http_request *request, struct listing *listing,
                       struct json_errors *errors)
{
    struct json_reader reader = {.errors = errors};
    const char *customer_id = http_query(request, "customerId");
    const char *limit = http_query(request, "limit");
    const char *cursor = http_query(request, "cursor");
    if (customer_id == NULL || customer_id[0] == '\0' || strlen(customer_id) > ORDER_KEY_MAX)
        json_wrong(&reader, "customerId", "must be text of 1 to 64 bytes");
    listing->customer_id = customer_id;

    listing->limit = ORDER_PAGE_DEFAULT;
    if (limit != NULL) {
        char *end = NULL;
        long value = strtol(limit, &end, 10);
        int plain = limit[0] >= '1' && limit[0] <= '9' && *end == '\0';
        if (!plain || value > ORDER_PAGE_MAX)
            json_wrong(&reader, "limit", "must be a whole number from 1 to 100");
        listing->limit = (int)value;
    }
    listing->cursor = (struct order_cursor){.created_at_ms = INT64_MAX};
    if (cursor != NULL && order_cursor_parse(cursor, &listing->cursor, NULL) != 0)
        json_wrong(&reader, "cursor", "must be the nextCursor of another page");
}

/* GET /orders?customerId=...&limit=...&cursor=...: 200, 422 */
void order_get_list(const struct http_request *request, struct http_response *response,
                    void *context)
{
    const struct service *host = context;
    const struct order_service *service = host->state;
    struct listing listing = {.body = &response->body};
    struct json_errors errors = {0};
    read_query(request, &listing, &errors);
    if (errors.count > 0) {
        problem_fields(response, &errors);
        return;
    }
    struct error err = {0};
    int result = store_read(service->orders.store, read_list, &listing, &err);
    if (result != 0)
        order_refuse(response, result, &err);
}
