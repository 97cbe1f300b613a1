/*
 * The host of lab 03's inventory: what its answers are on HTTP, whatever the student's inventory
 * says. Here the saga's name says it.
 */
#include "03-saga/service_inventory.h"

#include <string.h>
#include "03-saga/inventory.h"
#include "kit/error.h"
#include "kit/log.h"
#include "kit_fixture.h"
#include "run_tests.h"

int inventory_handle(struct db_tx *tx, const struct inventory_request *request,
                     enum saga_answer *answer, struct error *err)
{
    (void)tx;
    if (strcmp(request->saga, "none") == 0)
        return 0;
    if (strcmp(request->saga, "exists") == 0)
        return error_set(err, ERR_EXISTS, "Another body.");
    if (strcmp(request->saga, "todo") == 0)
        return error_set(err, ERR_TODO, "Not written.");
    *answer = strcmp(request->saga, "unknown") == 0    ? SAGA_UNKNOWN
              : strcmp(request->saga, "rejected") == 0 ? SAGA_REJECTED
              : request->direction == SAGA_BACK        ? SAGA_REJECTED
                                                       : SAGA_OK;
    return 0;
}

int inventory_settle(struct db_tx *tx, const char *saga, struct error *err)
{
    (void)tx;
    (void)saga;
    (void)err;
    return 0;
}

START_TEST(only_a_final_answer_is_final_on_http)
{
    static const struct {
        const char *saga, *direction;
        int status;
        const char *says;
    } rows[] = {
        {"ok", "forward", 200, "\"ok\""},
        {"ok", "back", 409, "\"rejected\""},
        {"rejected", "forward", 409, "\"rejected\""},
        {"unknown", "forward", 503, "no final answer"},
        {"none", "forward", 503, "no final answer"},
        {"exists", "forward", 400, "Another body."},
        {"todo", "forward", 501, "Not written."},
        {"ok", "sideways", 400, "no command"},
        {"ok", "backward", 400, "no command"},
        {"ok", "", 400, "no command"},
    };
    struct service service = {.name = "test", .database_url = ":memory:"};
    const struct http_route *const tables[] = {inventory_definition.routes, NULL};
    void *const contexts[] = {&service};
    const struct http_server_config config = {
        .listen_fd = -1, .service = "test", .tables = tables, .contexts = contexts};
    struct http_server *server = NULL;
    struct error err = {0};
    static struct answer answer;
    char body[256], request[512];
    ck_assert_msg(inventory_definition.setup(&service, &err) == 0, "%s", err.text);
    ck_assert_msg(http_server_start(&server, &config, &err) == 0, "%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(body, sizeof body, "{\"saga\":\"%s\",\"direction\":\"%s\",\"cartId\":\"cart-1\"}",
                 rows[i].saga, rows[i].direction);
        snprintf(request, sizeof request,
                 "POST /commands HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                 "Idempotency-Key: k\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(body), body);
        ask(http_server_port(server), request, &answer);
        ck_assert_msg(answer.status == rows[i].status && strstr(answer.body, rows[i].says) != NULL,
                      "%s: wanted %d %s, got %d %s", body, rows[i].status, rows[i].says,
                      answer.status, answer.body);
        ck_assert_int_eq(strstr(answer.head, "\r\nRetry-After: 1\r\n") != NULL,
                         answer.status == 503);
    }
    http_server_stop(server);
    inventory_definition.teardown(&service);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {only_a_final_answer_is_final_on_http, NULL};
    return run_tests("saga_inventory", tests);
}
