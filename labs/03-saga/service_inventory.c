#include "service_inventory.h"

#include <string.h>
#include "inventory.h"
#include "kit/error.h"
#include "kit/json.h"
#include "kit/problem.h"
#include "kit/store.h"

/* One command, for the writer thread. */
struct reservation {
    struct inventory_request request;
    enum saga_answer answer;
};

static int reserve(struct db_tx *tx, void *arg, struct error *err)
{
    struct reservation *reservation = arg;
    return inventory_handle(tx, &reservation->request, &reservation->answer, err);
}

/* 503: the same again may help. */
static void ask_again(struct http_response *response, const char *why)
{
    problem(response, 503, "%s", why);
    http_set_header(response, "Retry-After", "1");
}

static void answer_command(struct http_response *response, int result, enum saga_answer answer,
                           const struct error *err)
{
    if (result == ERR_EXISTS || result == ERR_INVALID) {
        problem(response, 400, "%s", err->text);
    } else if (result == ERR_TODO) {
        problem(response, 501, "%s", err->text);
    } else if (result < 0) {
        ask_again(response, err->text);
    } else if (answer == SAGA_OK) {
        text_add(&response->body, "{\"answer\":\"ok\",\"cents\":0}");
    } else if (answer == SAGA_REJECTED) {
        response->status = 409;
        text_add(&response->body, "{\"answer\":\"rejected\"}");
    } else { /* 409 would be final: "surely no effect" */
        ask_again(response, "The inventory gave no final answer: neither OK nor REJECTED.");
    }
}

/* POST /commands -> 200 done, 409 rejected, 400, 501, 503. */
static void post_command(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct store *store = ((struct service *)context)->state;
    struct json_errors errors = {0};
    struct error err = {0};
    cJSON *body = json_parse(request->body, request->body_length, &err);
    struct json_reader reader = json_reader(body, &errors);
    const char *key = http_header(request, "Idempotency-Key");
    const char *cart = json_string(&reader, "cartId", 1, SAGA_WORD_SIZE - 1);
    const char *direction = json_string(&reader, "direction", 1, 8);
    int back = strcmp(direction, saga_direction_name(SAGA_BACK)) == 0;
    struct reservation reservation = {
        .request = {.key = key != NULL ? key : "",
                    .saga = json_string(&reader, "saga", 1, ID_SIZE - 1),
                    .direction = back ? SAGA_BACK : SAGA_FORWARD,
                    .product = strncmp(cart, "cart-", 5) == 0 ? "goods" : cart,
                    .quantity = 1},
        .answer = SAGA_UNKNOWN};
    if (!back && strcmp(direction, saga_direction_name(SAGA_FORWARD)) != 0)
        json_wrong(&reader, "direction", "is forward or back");
    if (body == NULL || errors.count > 0) {
        problem(response, 400, "This is no command: a field is missing or wrong.");
    } else {
        int result = store_write(store, reserve, &reservation, &err);
        answer_command(response, result, reservation.answer, &err);
    }
    cJSON_Delete(body);
}

static int settle(struct db_tx *tx, void *arg, struct error *err)
{
    const char *const *saga = arg;
    return inventory_settle(tx, *saga, err);
}

/* POST /settlements {"saga"} -> 200, 400, 503. */
static void post_settlement(const struct http_request *request, struct http_response *response,
                            void *context)
{
    struct store *store = ((struct service *)context)->state;
    struct json_errors errors = {0};
    struct error err = {0};
    cJSON *body = json_parse(request->body, request->body_length, &err);
    struct json_reader reader = json_reader(body, &errors);
    const char *saga = json_string(&reader, "saga", 1, ID_SIZE - 1);
    if (body == NULL || errors.count > 0)
        problem(response, 400, "A settlement names its saga.");
    else if (store_write(store, settle, &saga, &err) < 0)
        ask_again(response, err.text);
    else
        text_add(&response->body, "{}");
    cJSON_Delete(body);
}

static void put_state(struct json_writer *writer, int done, int undone, int barred)
{
    json_put_int64(writer, "done", done);
    json_put_int64(writer, "undone", undone);
    json_put_int64(writer, "barred", barred);
}

static int write_ledger(struct db_tx *tx, void *arg, struct error *err)
{
    struct json_writer *writer = arg;
    int done = 0, undone = 0, barred = 0;
    struct db_query *q =
        db_query(tx, "SELECT on_hand, pending FROM inventory_stock WHERE product = 'goods'");
    if (db_step(q) == DB_ROW) {
        json_put_int64(writer, "onHand", db_column_int64(q, 0));
        json_put_int64(writer, "pending", db_column_int64(q, 1));
    }
    int result = db_finish(q, err);
    if (result < 0)
        return result;
    json_open_array(writer, "sagas");
    q = db_query(tx, "SELECT saga, state FROM inventory_reservations ORDER BY saga");
    while (db_step(q) == DB_ROW) {
        int is_barred = strcmp(db_column_text(q, 1), "BARRED") == 0;
        int is_undone = strcmp(db_column_text(q, 1), "RELEASED") == 0;
        json_open_object(writer, NULL);
        json_put_string(writer, "saga", db_column_text(q, 0));
        put_state(writer, !is_barred, is_undone, is_barred);
        json_close_object(writer);
        done += !is_barred;
        undone += is_undone;
        barred += is_barred;
    }
    json_close_array(writer);
    put_state(writer, done, undone, barred);
    return db_finish(q, err);
}

/* GET /ledger -> 200, 503. */
static void get_ledger(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct store *store = ((struct service *)context)->state;
    struct json_writer writer = json_writer(&response->body);
    struct error err = {0};
    (void)request;
    json_open_object(&writer, NULL);
    json_put_string(&writer, "service", "inventory-service");
    int result = store_read(store, write_ledger, &writer, &err);
    json_close_object(&writer);
    if (result < 0)
        ask_again(response, err.text);
}

/* The stock is filled once in the life of the database. */
static int fill_stock(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    struct db_query *q = db_query(tx, "SELECT 1 FROM inventory_stock WHERE product = 'goods'");
    int filled = db_step(q) == DB_ROW;
    int result = db_finish(q, err);
    return result < 0 || filled ? result : inventory_stock_up(tx, "goods", INVENTORY_STOCK, err);
}

static int setup(struct service *service, struct error *err)
{
    struct store *store = NULL;
    const struct store_config config = {.db.url = service->database_url,
                                        .schema = INVENTORY_SCHEMA};
    int result = store_open(&store, &config, err);
    if (result < 0)
        return result;
    result = store_write(store, fill_stock, NULL, err);
    if (result < 0)
        store_close(store);
    service->state = store;
    service->store = store;
    return result;
}

static void teardown(struct service *service)
{
    store_close(service->state);
}

static const struct http_route routes[] = {
    {"POST", "/commands", HTTP_WORKER, "application/json", post_command},
    {"POST", "/settlements", HTTP_WORKER, "application/json", post_settlement},
    {"GET", "/ledger", HTTP_WORKER, NULL, get_ledger},
    {"GET", "/health/liveness", HTTP_INLINE, NULL, service_get_health},
    {"GET", "/health/readiness", HTTP_HEALTH, NULL, service_get_health},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct service_definition inventory_definition = {
    .name = "inventory-service", .setup = setup, .teardown = teardown, .routes = routes};
