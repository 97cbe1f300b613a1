/* What lab 04's gateway passes on, with the rest of the node played by the test. */
#include <check.h>
#include <string.h>
#include "04-chat/service_ask.h"
#include "kit/error.h"
#include "kit/http_server.h"
#include "kit/log.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { USERS = 100, NAME_BYTES = 64, SPARE_BYTES = 512 };

static const char *const home = "http://127.0.0.1:65535";

struct host *host_of(void *context)
{
    static struct host host;
    return context == NULL ? &host : NULL;
}

const char *nodes_keeper(struct nodes *nodes, enum capability capability, const char *channel)
{
    return nodes == NULL && capability == OWNS_PRESENCE && channel == NULL ? "presence-1" : NULL;
}

const char *nodes_url(const struct nodes *nodes, const char *name)
{
    return nodes == NULL && strcmp(name, "presence-1") == 0 ? home : NULL;
}

void ask_for(struct host *host, const struct http_request *request, struct http_response *response,
             const struct ask *ask)
{
    ck_abort_msg("asks %s of %p for %s, %d", ask->path, (void *)host, request->path,
                 response->status);
}

static const struct http_route door_routes[] = {
    {"GET", "/presence/stream", HTTP_INLINE, NULL, get_presence_stream},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

/* Asks for the presence of so many users, whose names are as long as they may be. */
static void ask_for_users(int count, struct answer *answer)
{
    const struct http_route *const tables[] = {door_routes, NULL};
    struct http_server *server = NULL;
    struct error err = {0};
    struct text request = {0};
    const struct http_server_config config = {
        .listen_fd = -1, .service = "test", .tables = tables, .contexts = (void *const[]){NULL}};
    ck_assert_msg(http_server_start(&server, &config, &err) == 0, "%s", err.text);
    text_add(&request, "GET /presence/stream?users=");
    for (int i = 0; i < count; i++)
        text_addf(&request, "%s%0*d", i > 0 ? "," : "", NAME_BYTES, i);
    text_add(&request, " HTTP/1.1\r\nHost: t\r\n\r\n");
    ask(http_server_port(server), text_str(&request), answer);
    text_release(&request);
    http_server_stop(server);
}

START_TEST(all_watched_users_are_sent_on)
{
    static struct answer answer;
    struct text expected = {0};
    ask_for_users(USERS, &answer);
    ck_assert_int_eq(answer.status, 307);
    text_addf(&expected, "\r\nLocation: %s/node/presence-stream?users=", home);
    for (int i = 0; i < USERS; i++)
        text_addf(&expected, "%s%0*d", i > 0 ? "%2C" : "", NAME_BYTES, i);
    text_add(&expected, "\r\n");
    ck_assert_ptr_nonnull(strstr(answer.head, text_str(&expected)));
    /* Whoever follows it has room for headers of its own. */
    ck_assert_uint_lt(expected.length + SPARE_BYTES, HTTP_HEAD_MAX);
    text_release(&expected);
}
END_TEST

START_TEST(more_users_than_a_header_holds_are_refused)
{
    static struct answer answer;
    ask_for_users(USERS + 10, &answer);
    ck_assert_int_eq(answer.status, 400);
    ck_assert_ptr_nonnull(strstr(answer.body, "ask for fewer"));
    ck_assert_ptr_null(strstr(answer.head, "Location"));
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {all_watched_users_are_sent_on,
                                  more_users_than_a_header_holds_are_refused, NULL};
    return run_tests("chat door", tests);
}
