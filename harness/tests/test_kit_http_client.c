/*
 * The client against a server that misbehaves on purpose: each outcome, and no request twice.
 */
#include <check.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include "kit/http_client.h"
#include "kit/limits.h"
#include "kit/thread.h"
#include "kit/trace.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum mode { ANSWER, HANG, CLOSE, HALF, GARBAGE, NO_STATUS_LINE, LARGE, HANG_UP_AFTER };
enum { CONNECTIONS = 32, DEADLINE_MS = 5000 };

struct peer {
    pthread_t thread;
    int port;
    int stop[2]; /* a pipe: closing its end stops the thread */
    struct pollfd fds[2 + CONNECTIONS];
    atomic_int mode;
    atomic_int requests, connections, closed;
    pthread_mutex_t lock; /* guards last */
    char last[2048];      /* the last request */
};

/* Answers the request that has come on fd. 0 when the connection is to be closed. */
static int serve(struct peer *peer, int fd)
{
    static const char *const answers[] = {
        [ANSWER] =
            "HTTP/1.1 503 X\r\nX-Kind:  a b \r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nhi",
        [HANG] = "",
        [CLOSE] = "",
        [HALF] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        [GARBAGE] = "\x01\x02 what?\r\n\r\n",
        [NO_STATUS_LINE] = "hello there\r\n\r\n",
        [LARGE] = "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n",
        [HANG_UP_AFTER] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    };
    char request[sizeof peer->last];
    ssize_t length = recv(fd, request, sizeof request - 1, 0);
    if (length <= 0)
        return 0;
    request[length] = '\0';
    pthread_mutex_lock(&peer->lock);
    memcpy(peer->last, request, (size_t)length + 1);
    pthread_mutex_unlock(&peer->lock);
    atomic_fetch_add(&peer->requests, 1);
    int mode = atomic_load(&peer->mode);
    say(fd, answers[mode]);
    static const char filler[64 * 1024];
    for (int i = 0; mode == LARGE && i < 9000000 / (int)sizeof filler; i++)
        if (send(fd, filler, sizeof filler, MSG_NOSIGNAL) < 0)
            break;
    return mode == ANSWER || mode == HANG;
}

static void *peer_main(void *arg)
{
    struct peer *peer = arg;
    int count = 2;
    while (poll(peer->fds, (nfds_t)count, -1) >= 0 && peer->fds[0].revents == 0) {
        for (int i = count - 1; i >= 2; i--) {
            if (peer->fds[i].revents == 0 || serve(peer, peer->fds[i].fd))
                continue;
            close(peer->fds[i].fd);
            atomic_fetch_add(&peer->closed, 1);
            peer->fds[i] = peer->fds[--count];
        }
        if (peer->fds[1].revents != 0 && count < 2 + CONNECTIONS) {
            atomic_fetch_add(&peer->connections, 1);
            peer->fds[count++] =
                (struct pollfd){.fd = accept(peer->fds[1].fd, NULL, NULL), .events = POLLIN};
        }
    }
    for (int i = 1; i < count; i++)
        close(peer->fds[i].fd);
    return NULL;
}

/* Starts on a port; 0 = any. */
static void peer_start(struct peer *peer, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    ck_assert_int_eq(pipe(peer->stop), 0);
    pthread_mutex_init(&peer->lock, NULL);
    peer->port = ntohs(address.sin_port);
    peer->fds[0] = (struct pollfd){.fd = peer->stop[0], .events = POLLIN};
    peer->fds[1] = (struct pollfd){.fd = fd, .events = POLLIN};
    ck_assert_int_eq(thread_start(&peer->thread, peer_main, peer, NULL), 0);
}

static void peer_stop(struct peer *peer)
{
    close(peer->stop[1]);
    pthread_join(peer->thread, NULL);
    close(peer->stop[0]);
    pthread_mutex_destroy(&peer->lock);
}

/* Asserts that the last request has each of the texts; the list ends with NULL. */
static void ck_last(struct peer *peer, const char *const *texts)
{
    pthread_mutex_lock(&peer->lock);
    for (int i = 0; texts[i] != NULL; i++)
        ck_assert_msg(strstr(peer->last, texts[i]) != NULL, "no '%s' in:\n%s", texts[i],
                      peer->last);
    pthread_mutex_unlock(&peer->lock);
}

/* Calls POST /x with a small body; the caller releases reply. */
static void call(struct http_client *client, const struct peer *peer, int64_t deadline_ms,
                 struct http_reply *reply)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", peer->port);
    struct http_call post = {
        .method = "POST", .url = url, .body = "{\"a\":1}", .deadline_ms = deadline_ms};
    http_client_call(client, &post, reply);
}

static void ck_outcome(struct http_client *client, const struct peer *peer, int64_t deadline_ms,
                       enum http_outcome expected)
{
    struct http_reply reply;
    call(client, peer, deadline_ms, &reply);
    ck_assert_msg(reply.outcome == expected, "mode %d: %s, expected %s", atomic_load(&peer->mode),
                  http_outcome_name(reply.outcome), http_outcome_name(expected));
    if (expected != HTTP_OK) {
        ck_assert_int_eq(reply.status, 0);
        ck_assert_uint_eq(reply.body.length, 0);
    }
    http_reply_release(&reply);
}

START_TEST(an_answer_is_read_whole_and_its_connection_kept)
{
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    for (int i = 0; i < 5; i++) {
        struct http_reply reply;
        char value[16];
        call(client, &peer, DEADLINE_MS, &reply);
        ck_assert_int_eq(reply.outcome, HTTP_OK);
        ck_assert_int_eq(reply.status, 503);
        ck_assert_str_eq(text_str(&reply.body), "hi");
        ck_assert_int_eq(reply.retry_after_s, 7);
        ck_assert_int_eq(http_reply_header(&reply, "x-KIND", value, sizeof value), 1);
        ck_assert_str_eq(value, "a b");
        ck_assert_int_eq(http_reply_header(&reply, "X-Kin", value, sizeof value), 0);
        http_reply_release(&reply);
    }
    ck_assert_int_eq(atomic_load(&peer.requests), 5);
    ck_assert_int_eq(atomic_load(&peer.connections), 1);
    ck_last(&peer,
            (const char *const[]){"POST /x HTTP/1.1\r\n", "Content-Type: application/json\r\n",
                                  "\r\n\r\n{\"a\":1}", NULL});
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

START_TEST(each_way_to_fail_has_its_outcome)
{
    static const struct {
        enum mode mode;
        enum http_outcome outcome;
        int64_t deadline_ms;
    } cases[] = {
        {HANG, HTTP_TIMEOUT, 100},
        {CLOSE, HTTP_RESET, DEADLINE_MS},
        {HALF, HTTP_RESET, DEADLINE_MS},
        {GARBAGE, HTTP_GARBAGE, DEADLINE_MS},
        {LARGE, HTTP_GARBAGE, DEADLINE_MS},
        {NO_STATUS_LINE, HTTP_GARBAGE, DEADLINE_MS},
        {HANG_UP_AFTER, HTTP_OK, DEADLINE_MS},
        {ANSWER, HTTP_OK, DEADLINE_MS},
    };
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        atomic_store(&peer.mode, cases[i].mode);
        ck_outcome(client, &peer, cases[i].deadline_ms, cases[i].outcome);
        /* The client must find a connection that was hung up, not one that is about to be. */
        while (cases[i].mode != ANSWER && atomic_load(&peer.closed) <= (int)i)
            sched_yield();
    }
    ck_assert_int_eq(atomic_load(&peer.requests), (int)(sizeof cases / sizeof cases[0]));
    peer_stop(&peer);
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_REFUSED);
    http_client_close(client);
}
END_TEST

/* Makes one call: REFUSED, because nobody listens or for another reason. */
static void ck_refused(struct http_client *client, int port, int64_t deadline_ms, int nobody)
{
    char url[64];
    struct http_reply reply;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    http_client_call(client, &(struct http_call){.url = url, .deadline_ms = deadline_ms}, &reply);
    ck_assert_int_eq(reply.outcome, HTTP_REFUSED);
    ck_assert_int_eq(reply.nobody_listens, nobody);
    http_reply_release(&reply);
}

/* A listener whose queue is full: who connects waits. fds: it, and those in the queue. */
static int listen_full(int fds[3])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(fds[0], 0), 0);
    ck_assert_int_eq(getsockname(fds[0], (struct sockaddr *)&address, &length), 0);
    for (int i = 1; i < 3; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fds[i], (struct sockaddr *)&address, length);
    }
    return ntohs(address.sin_port);
}

START_TEST(a_refusal_says_whether_nobody_listens)
{
    struct peer peer = {0};
    int fds[3];
    struct rlimit before, none;
    peer_start(&peer, 0);
    peer_stop(&peer);
    int full = listen_full(fds);
    struct http_client *client = http_client_open();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    for (int i = 0; i < 2; i++) { /* a call is not told the reason of the one before */
        ck_refused(client, peer.port, DEADLINE_MS, 1);
        ck_refused(client, full, DEADLINE_MS, 0);
        ck_refused(client, peer.port, DEADLINE_MS, 1);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
        ck_refused(client, peer.port, DEADLINE_MS, 0);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    }
    http_client_close(client);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}
END_TEST

START_TEST(dots_stay_in_the_path_and_tracestate_is_passed_on)
{
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    struct trace trace =
        trace_from_header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    snprintf(trace.state, sizeof trace.state, "vendor=a,other=b");
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/users/..", peer.port);
    struct http_call call = {.url = url, .deadline_ms = DEADLINE_MS, .trace = &trace};
    struct http_reply reply;
    http_client_call(client, &call, &reply);
    ck_assert_int_eq(reply.outcome, HTTP_OK);
    ck_last(&peer, (const char *const[]){"GET /users/.. HTTP/1.1\r\n",
                                         "tracestate: vendor=a,other=b\r\n", NULL});
    http_reply_release(&reply);
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

START_TEST(a_broken_kept_connection_is_reported_and_not_tried_again)
{
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    atomic_store(&peer.mode, CLOSE); /* takes the request, does its work, hangs up */
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_RESET);
    ck_assert_int_eq(atomic_load(&peer.requests), 2);
    atomic_store(&peer.mode, ANSWER);
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    ck_assert_int_eq(atomic_load(&peer.requests), 3);
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

START_TEST(a_peer_that_was_restarted_is_found_again)
{
    struct peer peer = {0}, again = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    peer_stop(&peer); /* the kept connection has ended, and the client has not looked yet */
    peer_start(&again, peer.port);
    ck_outcome(client, &again, DEADLINE_MS, HTTP_OK);
    http_client_close(client);
    peer_stop(&again);
}
END_TEST

static void *call_often(void *arg)
{
    void **both = arg;
    for (int i = 0; i < 50; i++)
        ck_outcome(both[0], both[1], DEADLINE_MS, HTTP_OK);
    return NULL;
}

START_TEST(threads_share_one_client)
{
    enum { THREADS = 8 };
    struct peer peer = {0};
    pthread_t threads[THREADS];
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    void *both[2] = {client, &peer};
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(thread_start(&threads[i], call_often, both, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(atomic_load(&peer.requests), THREADS * 50);
    ck_assert_int_le(atomic_load(&peer.connections), THREADS);
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

START_TEST(methods_headers_and_the_trace_are_sent)
{
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    struct trace trace = trace_from_header(NULL);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/y?z=1", peer.port);
    static const char *const methods[] = {"GET", "PATCH", "DELETE", "PUT", "GET"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct http_call one = {
            .method = methods[i],
            .url = url,
            .body = i % 2 == 1 ? "body" : NULL,
            .content_type = "text/plain",
            .headers = (const char *const[]){"If-Match: \"3\"", NULL},
            .deadline_ms = DEADLINE_MS,
            .trace = &trace,
        };
        struct http_reply reply;
        http_client_call(client, &one, &reply);
        ck_assert_int_eq(reply.outcome, HTTP_OK);
        char line[64], traceparent[64];
        snprintf(line, sizeof line, "%s /y?z=1 HTTP/1.1\r\n", methods[i]);
        snprintf(traceparent, sizeof traceparent, "traceparent: 00-%s-", trace.trace_id);
        ck_last(&peer,
                (const char *const[]){line, "If-Match: \"3\"\r\n", traceparent,
                                      one.body != NULL ? "Content-Type: text/plain\r\n" : NULL,
                                      "\r\n\r\nbody", NULL});
        http_reply_release(&reply);
    }
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

START_TEST(a_call_with_a_trace_is_a_span)
{
    struct folder folder = folder_make();
    struct peer peer = {0};
    peer_start(&peer, 0);
    char spans[128], line[1024] = "", expected[64];
    snprintf(spans, sizeof spans, "%s/spans", folder.path);
    struct tracer *tracer = tracer_open("test", spans);
    struct http_client *client = http_client_open();
    http_client_trace(client, tracer);
    struct trace trace = trace_from_header(NULL);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x/7?full=1", peer.port);
    struct http_call get = {.url = url, .deadline_ms = DEADLINE_MS, .trace = &trace};
    struct http_reply reply;
    http_client_call(client, &get, &reply);
    http_reply_release(&reply);
    http_client_close(client);
    tracer_close(tracer);
    FILE *file = fopen(spans, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    snprintf(expected, sizeof expected, "\"parentSpanId\":\"%s\"", trace.span_id);
    ck_assert_msg(strstr(line, expected) != NULL, "no %s in %s", expected, line);
    ck_assert_ptr_nonnull(strstr(line, "\"kind\":\"client\""));
    snprintf(expected, sizeof expected, "\"peer\":\"127.0.0.1:%d\"", peer.port);
    ck_assert_msg(strstr(line, expected) != NULL, "no %s in %s", expected, line);
    ck_assert_ptr_nonnull(strstr(line, "\"target\":\"/x/7?full=1\""));
    peer_stop(&peer);
    folder_remove(&folder);
}
END_TEST

START_TEST(connections_that_were_not_used_for_a_while_are_closed)
{
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    http_client_tidy(client, 2 * DEADLINE_MS);
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    ck_assert_int_eq(atomic_load(&peer.connections), 1);
    http_client_tidy(client, 0);
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    ck_assert_int_eq(atomic_load(&peer.connections), 2);
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

START_TEST(without_descriptors_a_call_is_refused)
{
    struct peer peer = {0};
    peer_start(&peer, 0);
    struct http_client *client = http_client_open();
    struct rlimit before, none;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_REFUSED);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_outcome(client, &peer, DEADLINE_MS, HTTP_OK);
    http_client_close(client);
    peer_stop(&peer);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_answer_is_read_whole_and_its_connection_kept,
                                  each_way_to_fail_has_its_outcome,
                                  a_refusal_says_whether_nobody_listens,
                                  dots_stay_in_the_path_and_tracestate_is_passed_on,
                                  a_broken_kept_connection_is_reported_and_not_tried_again,
                                  a_peer_that_was_restarted_is_found_again,
                                  threads_share_one_client,
                                  methods_headers_and_the_trace_are_sent,
                                  a_call_with_a_trace_is_a_span,
                                  connections_that_were_not_used_for_a_while_are_closed,
                                  without_descriptors_a_call_is_refused,
                                  NULL};
    return run_tests("kit http client", tests);
}
