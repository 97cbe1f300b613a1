/* Step 3: the read side, a row for each order with the answer to GET. See order_api.h. */
#include "kit/error.h"
#include "kit/problem.h"
#include "order_api.h"

int order_view_put(struct db_tx *tx, const struct order *order, struct error *err)
{
    /* TODO(step 3): INSERT ... ON CONFLICT (id) DO UPDATE SET ... */
    (void)tx, (void)order;
    return error_set(err, ERR_TODO, "TODO(step 3): order_view_put");
}

int order_view_get(struct db_tx *tx, const char *id, struct text *body, int64_t *version,
                   struct error *err)
{
    /* TODO(step 3): one row. */
    (void)tx, (void)id, (void)body, (void)version;
    return error_set(err, ERR_TODO, "TODO(step 3): order_view_get");
}

void order_cursor_format(const struct order_cursor *cursor, char text[ORDER_CURSOR_SIZE])
{
    /* TODO(step 3): text that order_cursor_parse reads again, and that a URL may hold. */
    (void)cursor;
    text[0] = '\0';
}

int order_cursor_parse(const char *text, struct order_cursor *cursor, struct error *err)
{
    /* TODO(step 3): it comes from outside: it may hold anything. */
    (void)text, (void)cursor;
    return error_set(err, ERR_TODO, "TODO(step 3): order_cursor_parse");
}

int order_view_list(struct db_tx *tx, const char *customer_id, const struct order_cursor *cursor,
                    int limit, struct text *body, struct error *err)
{
    /* TODO(step 3): SQL compares pairs: (created_at_ms, id) < (?, ?). How will you know that
       there is a next page without asking twice? */
    (void)tx, (void)customer_id, (void)cursor, (void)limit, (void)body;
    return error_set(err, ERR_TODO, "TODO(step 3): order_view_list");
}

int order_exists(const struct order_service *service, const char *id, struct error *err)
{
    /* TODO(step 3): order_view_get inside a store_read. */
    (void)service, (void)id;
    return error_set(err, ERR_TODO, "TODO(step 3): order_exists");
}

/* GET /orders/{id}: 200, 404 */
void order_get_one(const struct http_request *request, struct http_response *response,
                   void *context)
{
    /* TODO(step 3): the view's body and its ETag. context is the struct service. */
    (void)request, (void)context;
    problem(response, 501, "TODO(step 3): GET /orders/{id}");
}

/* GET /orders?customerId=...&limit=...&cursor=...: 200, 422 */
void order_get_list(const struct http_request *request, struct http_response *response,
                    void *context)
{
    /* TODO(step 3): check the query, name each wrong parameter, list. */
    (void)request, (void)context;
    problem(response, 501, "TODO(step 3): GET /orders");
}
