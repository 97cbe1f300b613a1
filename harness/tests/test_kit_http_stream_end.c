/* How a streaming answer ends: by whom, in which order, and what is recorded of it. */
#include <check.h>
#include <pthread.h>
#include "kit/random.h"
#include "kit/thread.h"
#include "run_tests.h"
#include "stream_bench.h"

enum { MUCH = 16 << 20 }; /* more than a socket's buffers take */

/* Asks for a stream with room for MUCH bytes, and writes them; nobody reads. */
static int ask_and_write_much(struct stream_bench *bench)
{
    char *bytes = calloc(1, MUCH - 6);
    bench->limit = MUCH;
    int fd = bench_ask(bench, "/stream");
    struct opened *opened = &bench->opened[atomic_load(&bench->count) - 1];
    while (http_stream_write(opened->stream, bytes, MUCH - 6) == ERR_LIMIT)
        sem_wait(&opened->drained); /* hello may still be waiting */
    free(bytes);
    return fd;
}

static void ck_metric(struct stream_bench *bench, const char *line)
{
    struct text text = {0};
    metrics_render(bench->metrics, &text);
    ck_assert_msg(strstr(text_str(&text), line) != NULL, "%s in\n%s", line, text_str(&text));
    text_release(&text);
}

/* As much as a client may say while it listens, which changes nothing; then one byte more. */
static void say_too_much(int fd, struct opened *opened)
{
    static const char said[HTTP_STREAM_HEARD_MAX];
    for (size_t sent = 0; sent < sizeof said;) {
        ssize_t some = send(fd, said, sizeof said - sent, MSG_NOSIGNAL);
        ck_assert_int_gt(some, 0);
        sent += (size_t)some;
    }
    for (int i = 0; i < 2; i++) { /* when the second has gone, all that was said has been read */
        ck_assert_int_eq(http_stream_write(opened->stream, "x", 1), 0);
        sem_wait(&opened->drained);
    }
    say(fd, "x");
}

START_TEST(a_client_that_goes_is_noticed_at_once)
{
    enum { WAYS = 4 };
    struct stream_bench bench;
    bench_open(&bench, (struct http_server_config){0});
    for (int way = 0; way < WAYS; way++) {
        struct opened *opened = &bench.opened[way];
        int fd = bench_ask(&bench, way % 2 == 0 ? "/stream" : "/worker");
        struct linger reset = {1, 0};
        sem_wait(&opened->drained);
        if (way == 0)
            close(fd);
        if (way == 1)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        if (way == 1)
            close(fd);
        if (way == 2)
            shutdown(fd, SHUT_WR);
        if (way == 3)
            say_too_much(fd, opened);
        sem_wait(&opened->closed);
        ck_assert_int_eq(atomic_load(&opened->why), HTTP_STREAM_GONE);
        ck_assert_int_eq(http_stream_write(opened->stream, "x", 1), ERR_REFUSED);
        if (way > 1)
            close(fd);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(a_client_that_has_said_all_still_hears_what_is_complete)
{
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    int fd = dial(bench.port);
    int stalled = bench_stall(&bench); /* so that the end is there before the answer is made */
    say(fd, "GET /stream?short=1 HTTP/1.1\r\nHost: t\r\n\r\n");
    shutdown(fd, SHUT_WR);
    sem_post(&bench.gate);
    listener_hear_head(&listener, fd);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_str_eq(text_str(&listener.body), "hello\n");
    sem_wait(&bench.has_opened);
    sem_wait(&bench.opened[0].closed);
    ck_assert_int_eq(atomic_load(&bench.opened[0].why), HTTP_STREAM_CLOSED);
    close(stalled);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(what_a_client_says_while_it_listens_is_dropped)
{
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    int fd = dial(bench.port);
    say(fd, "GET /stream HTTP/1.1\r\nHost: t\r\n\r\nGET /stream HTTP/1.1\r\nHost: t\r\n\r\n");
    sem_wait(&bench.has_opened);
    listener_hear_head(&listener, fd);
    say(fd, "GET /stream HTTP/1.1\r\nHost: t\r\n\r\n");
    ck_assert_int_eq(listener_hear(&listener, 6), 1);
    ck_assert_int_eq(http_stream_write(bench.opened[0].stream, "more\n", 5), 0);
    http_stream_close(bench.opened[0].stream);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_str_eq(text_str(&listener.body), "hello\nmore\n");
    ck_assert_int_eq(atomic_load(&bench.count), 1);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(a_client_that_takes_nothing_is_cut_off_and_an_idle_one_is_not)
{
    enum { STALL_MS = 200 };
    struct stream_bench bench;
    struct listener idle;
    bench_open(&bench, (struct http_server_config){.stream_stall_ms = STALL_MS,
                                                   .request_deadline_ms = STALL_MS / 2});
    listener_hear_head(&idle, bench_ask(&bench, "/stream"));
    int64_t start_ns = monotonic_ns();
    int fd = ask_and_write_much(&bench);
    struct opened *opened = &bench.opened[1];
    sem_wait(&opened->closed);
    ck_assert_int_eq(atomic_load(&opened->why), HTTP_STREAM_STALLED);
    ck_assert_int_ge(monotonic_ns() - start_ns, STALL_MS * INT64_C(1000000));
    ck_assert_uint_gt(http_stream_written(opened->stream), 6);
    ck_assert_uint_lt(http_stream_written(opened->stream), MUCH);
    close(fd);
    ck_metric(&bench, "http_server_requests_unanswered_total{http_request_method=\"GET\","
                      "http_route=\"/stream\",reason=\"too slow\"} 1\n");
    ck_assert_int_eq(atomic_load(&bench.opened[0].closes), 0);
    ck_assert_int_eq(http_stream_write(bench.opened[0].stream, "still\n", 6), 0);
    ck_assert_int_eq(listener_hear(&idle, 12), 1);
    listener_close(&idle);
    bench_close(&bench);
}
END_TEST

START_TEST(a_closed_stream_waits_for_no_client_that_takes_nothing)
{
    enum { STALL_MS = 200, DEADLINE_MS = 600000 };
    struct stream_bench bench;
    bench_open(&bench, (struct http_server_config){.stream_stall_ms = STALL_MS,
                                                   .request_deadline_ms = DEADLINE_MS});
    char *bytes = calloc(1, MUCH);
    bench.limit = MUCH;
    for (int i = 0; i < 2; i++) { /* and the bytes of the first count no more */
        int fd = bench_ask(&bench, "/stream");
        struct opened *opened = &bench.opened[i];
        sem_wait(&opened->drained);
        int stalled = bench_stall(&bench); /* the loop finds a stream that is closed already */
        ck_assert_int_eq(http_stream_write(opened->stream, bytes, MUCH), 0);
        http_stream_close(opened->stream);
        sem_post(&bench.gate);
        sem_wait(&opened->closed);
        ck_assert_int_eq(atomic_load(&opened->why), HTTP_STREAM_STALLED);
        ck_assert_int_eq(atomic_load(&opened->drains), 1);
        close(stalled);
        close(fd);
    }
    free(bytes);
    bench_close(&bench);
}
END_TEST

START_TEST(room_is_announced_at_half_and_not_after_close)
{
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    int fd = ask_and_write_much(&bench);
    struct opened *opened = &bench.opened[0];
    char *bytes = calloc(1, MUCH);
    while (sem_trywait(&opened->drained) == 0) /* hello */
        continue;
    ck_assert_int_eq(http_stream_write(opened->stream, bytes, MUCH), ERR_LIMIT);
    listener_hear_head(&listener, fd);
    ck_assert_int_eq(listener_hear(&listener, MUCH / 2), 1); /* the system has more than that */
    do
        sem_wait(&opened->drained);
    while (atomic_load(&opened->waiting) > MUCH / 2);
    ck_assert_int_eq(listener_hear(&listener, MUCH), 1);

    while (http_stream_pending(opened->stream) > 0)
        sem_wait(&opened->drained);
    int stalled = bench_stall(&bench);
    ck_assert_int_eq(http_stream_write(opened->stream, bytes, MUCH), 0);
    ck_assert_int_eq(http_stream_write(opened->stream, bytes, MUCH), ERR_LIMIT);
    int drains = atomic_load(&opened->drains);
    http_stream_close(opened->stream);
    sem_post(&bench.gate);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_uint_eq(listener.body.length, 2 * (size_t)MUCH);
    sem_wait(&opened->closed);
    ck_assert_int_eq(atomic_load(&opened->drains), drains);
    free(bytes);
    close(stalled);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(draining_flushes_and_ends_every_stream)
{
    enum { STREAMS = 20 };
    struct stream_bench bench;
    static struct listener listeners[STREAMS];
    bench_open(&bench, (struct http_server_config){0});
    for (int i = 0; i < STREAMS; i++) {
        listener_hear_head(&listeners[i], bench_ask(&bench, "/stream"));
        ck_assert_int_eq(http_stream_write(bench.opened[i].stream, "last\n", 5), 0);
    }
    ck_assert_int_eq(http_server_drain(bench.server, 20000), 0);
    for (int i = 0; i < STREAMS; i++) {
        ck_assert_int_eq(atomic_load(&bench.opened[i].closes), 1); /* before drain returned */
        ck_assert_int_eq(atomic_load(&bench.opened[i].why), HTTP_STREAM_ENDING);
        ck_assert_int_eq(http_stream_write(bench.opened[i].stream, "x", 1), ERR_REFUSED);
        ck_assert_int_eq(listener_hear_all(&listeners[i]), 1);
        ck_assert_str_eq(text_str(&listeners[i].body), "hello\nlast\n");
        listener_close(&listeners[i]);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(draining_waits_for_no_client_that_takes_nothing)
{
    enum { FLUSH_MS = 200, DRAIN_MS = 50000, LONG_MS = 600000 };
    struct stream_bench bench;
    bench_open(&bench, (struct http_server_config){.stream_flush_ms = FLUSH_MS,
                                                   .stream_stall_ms = LONG_MS,
                                                   .request_deadline_ms = LONG_MS});
    int fd = ask_and_write_much(&bench);
    int64_t start_ns = monotonic_ns();
    ck_assert_int_eq(http_server_drain(bench.server, DRAIN_MS), 0);
    int64_t took_ms = (monotonic_ns() - start_ns) / 1000000;
    ck_assert_int_ge(took_ms, FLUSH_MS);
    ck_assert_int_lt(took_ms, DRAIN_MS);
    ck_assert_int_eq(atomic_load(&bench.opened[0].why), HTTP_STREAM_ENDING);
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(open_streams_are_no_requests_in_flight)
{
    struct stream_bench bench;
    bench_open(&bench, (struct http_server_config){0});
    int fd = ask_and_write_much(&bench);
    ck_assert_int_eq(http_server_drain(bench.server, 0), 0);
    close(fd);
    bench_close(&bench);
}
END_TEST

static void *drain(void *arg)
{
    static int result;
    result = http_server_drain(arg, 20000);
    return &result;
}

START_TEST(a_stream_that_opens_while_the_server_drains_ends_in_order)
{
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    int kept = dial(bench.port);
    int fd = dial(bench.port);
    say(fd, "GET /held HTTP/1.1\r\nHost: t\r\n\r\n");
    sem_wait(&bench.entered);
    pthread_t thread;
    ck_assert_int_eq(thread_start(&thread, drain, bench.server, NULL), 0);
    char byte = 0;
    ck_assert_int_eq(recv(kept, &byte, 1, 0), 0); /* it has begun */
    sem_post(&bench.gate);
    listener_hear_head(&listener, fd);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_str_eq(text_str(&listener.body), "hello\n");
    void *result = NULL;
    pthread_join(thread, &result);
    ck_assert_int_eq(*(int *)result, 0);
    ck_assert_int_eq(atomic_load(&bench.opened[0].why), HTTP_STREAM_ENDING);
    close(kept);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(stopping_ends_every_stream_and_handles_outlive_the_server)
{
    enum { STREAMS = 10 };
    struct stream_bench bench;
    static struct listener listeners[STREAMS];
    bench_open(&bench, (struct http_server_config){0});
    for (int i = 0; i < STREAMS; i++)
        listener_hear_head(&listeners[i], bench_ask(&bench, "/worker"));
    for (int i = 0; i < STREAMS; i++)
        ck_assert_int_eq(http_stream_write(bench.opened[i].stream, "last\n", 5), 0);
    bench_close(&bench); /* uses each handle after the server has gone */
    for (int i = 0; i < STREAMS; i++) {
        ck_assert_int_eq(listener_hear_all(&listeners[i]), 1);
        ck_assert_str_eq(text_str(&listeners[i].body), "hello\nlast\n");
        listener_close(&listeners[i]);
    }
}
END_TEST

enum { STREAMS = 60, WRITERS = 3, WRITES = 4000 };

struct writer {
    pthread_t thread;
    struct stream_bench *bench;
    uint64_t seed;
};

static void *write_anywhere(void *arg)
{
    struct writer *writer = arg;
    struct random_seeded storage;
    struct random random = random_from_seed(&storage, writer->seed);
    static const char event[] = "data: something that happened\n\n";
    for (int i = 0; i < WRITES; i++) {
        int at = (int)random_below(&random, STREAMS);
        int code = http_stream_write(writer->bench->opened[at].stream, event, sizeof event - 1);
        ck_assert(code == 0 || code == ERR_LIMIT || code == ERR_REFUSED);
        if (i % 200 == 199)
            http_stream_close(writer->bench->opened[at].stream);
    }
    return NULL;
}

/* What a listener got is hello and whole events. */
static void ck_whole(struct listener *listener)
{
    (void)listener_hear_all(listener);
    if (listener->framing.state == HTTP_BODY_DONE)
        ck_assert_uint_eq((listener->body.length - 6) % 31, 0);
    listener_close(listener);
}

START_TEST(many_streams_end_in_many_ways_at_once)
{
    struct stream_bench bench;
    static struct listener listeners[STREAMS];
    struct writer writers[WRITERS];
    bench_open(&bench, (struct http_server_config){0});
    bench.limit = 4096;
    for (int i = 0; i < STREAMS; i++)
        listener_hear_head(&listeners[i], bench_ask(&bench, i % 2 == 0 ? "/stream" : "/worker"));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.bench = &bench, .seed = (uint64_t)i + 1};
        ck_assert_int_eq(thread_start(&writers[i].thread, write_anywhere, &writers[i], NULL), 0);
    }
    for (int i = 0; i < STREAMS; i += 3)
        listener_close(&listeners[i]); /* in the middle */
    for (int i = 1; i < STREAMS; i += 3)
        ck_assert_int_eq(listener_hear(&listeners[i], 6), 1);
    http_server_stop(bench.server);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    for (int i = 0; i < STREAMS; i++)
        if (i % 3 != 0)
            ck_whole(&listeners[i]);
    bench.server = NULL;
    bench_close(&bench);
}
END_TEST

START_TEST(streams_leave_the_connections_to_others)
{
    enum { OPEN = 20, ALL = HTTP_CONNECTIONS_MAX };
    struct stream_bench bench;
    static int fds[ALL];
    static struct listener listeners[OPEN];
    static struct answer answer;
    bench_open(&bench, (struct http_server_config){0});
    for (int i = 0; i < OPEN; i++)
        listener_hear_head(&listeners[i], bench_ask(&bench, "/stream"));
    for (int i = 0; i < OPEN; i++) { /* those that have ended count as none either */
        struct listener ended;
        listener_hear_head(&ended, bench_ask(&bench, "/stream?short=1"));
        ck_assert_int_eq(listener_hear_all(&ended), 1);
        listener_close(&ended);
    }
    for (int i = 0; i < ALL; i++) {
        fds[i] = dial(bench.port);
        say(fds[i], "HEAD /stream HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fds[i], 0, &answer);
        ck_assert_int_eq(answer.status, 200);
    }
    struct text text = {0};
    metrics_render(bench.metrics, &text);
    ck_assert_ptr_null(strstr(text_str(&text), "reason=\"room\"")); /* none had to go */
    text_release(&text);
    int more = dial(bench.port); /* for which one does, and no stream */
    say(more, "HEAD /stream HTTP/1.1\r\nHost: t\r\n\r\n");
    hear(more, 0, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_metric(&bench, "http_server_connections_closed_total{reason=\"room\"} 1\n");
    for (int i = 0; i < OPEN; i++) {
        http_stream_close(bench.opened[i].stream);
        ck_assert_int_eq(listener_hear_all(&listeners[i]), 1);
        listener_close(&listeners[i]);
    }
    for (int i = 0; i < ALL; i++)
        close(fds[i]);
    close(more);
    bench_close(&bench);
}
END_TEST

/* Takes the place of stderr: the socket from which its lines can be read. */
static int capture_log(void)
{
    int pair[2];
    struct timeval patience = {DIAL_SECONDS, 0};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    dup2(pair[1], STDERR_FILENO);
    close(pair[1]);
    setenv("LOG_LEVEL", "info", 1);
    log_setup("test");
    return pair[0];
}

static void ck_next_line(int log, const char *wanted)
{
    char line[LOG_LINE_MAX] = "";
    ck_assert_int_gt(recv(log, line, sizeof line - 1, 0), 0);
    ck_assert_msg(strstr(line, wanted) != NULL, "%s in %s", wanted, line);
}

START_TEST(the_record_is_written_at_the_end)
{
    struct stream_bench bench;
    int log = capture_log();
    bench_open(&bench, (struct http_server_config){.stream_flush_ms = 60000});
    for (int i = 0; i < 2; i++) {
        int fd = bench_ask(&bench, "/stream");
        sem_wait(&bench.opened[i].drained);
        char line[LOG_LINE_MAX];
        ck_assert_int_lt(recv(log, line, sizeof line, MSG_DONTWAIT), 0); /* nothing yet */
        struct listener listener;
        listener_hear_head(&listener, fd);
        if (i == 0)
            http_stream_close(bench.opened[i].stream);
        else
            shutdown(fd, SHUT_WR);
        ck_next_line(log, i == 0 ? "\"bytes\":6,\"ended\":\"closed\"}"
                                 : "\"bytes\":6,\"ended\":\"client gone\"}");
        listener_close(&listener);
    }
    ck_metric(&bench, "http_server_request_duration_seconds_count{http_request_method=\"GET\","
                      "http_route=\"/stream\",http_response_status_code=\"200\"} 2\n");
    int fd = ask_and_write_much(&bench);
    http_server_give_up(bench.server);
    ck_next_line(log, "\"unanswered\":\"service ended\"}");
    close(fd);
    bench_close(&bench);
    close(log);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {a_client_that_goes_is_noticed_at_once,
                                  a_client_that_has_said_all_still_hears_what_is_complete,
                                  what_a_client_says_while_it_listens_is_dropped,
                                  a_client_that_takes_nothing_is_cut_off_and_an_idle_one_is_not,
                                  a_closed_stream_waits_for_no_client_that_takes_nothing,
                                  room_is_announced_at_half_and_not_after_close,
                                  draining_flushes_and_ends_every_stream,
                                  draining_waits_for_no_client_that_takes_nothing,
                                  open_streams_are_no_requests_in_flight,
                                  a_stream_that_opens_while_the_server_drains_ends_in_order,
                                  stopping_ends_every_stream_and_handles_outlive_the_server,
                                  many_streams_end_in_many_ways_at_once,
                                  streams_leave_the_connections_to_others,
                                  the_record_is_written_at_the_end,
                                  NULL};
    return run_tests("kit http stream end", tests);
}
