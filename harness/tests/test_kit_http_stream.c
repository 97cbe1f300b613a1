/* Streaming answers: what goes over the wire, and who may write how much. */
#include <check.h>
#include <pthread.h>
#include "kit/thread.h"
#include "run_tests.h"
#include "stream_bench.h"

START_TEST(a_stream_is_an_answer_in_chunks)
{
    static const char *const targets[] = {"/stream?short=1", "/worker?short=1"};
    struct stream_bench bench;
    bench_open(&bench, (struct http_server_config){0});
    for (int i = 0; i < 2; i++) {
        int fd = bench_ask(&bench, targets[i]);
        struct listener listener;
        listener_hear_head(&listener, fd);
        const char *head = listener.answer.head;
        ck_assert_int_eq(listener.answer.status, 200);
        ck_assert_ptr_nonnull(strstr(head, "\r\nContent-Type: text/event-stream\r\n"));
        ck_assert_ptr_nonnull(strstr(head, "\r\nCache-Control: no-cache\r\n"));
        ck_assert_ptr_nonnull(strstr(head, "\r\nTransfer-Encoding: chunked\r\n"));
        ck_assert_ptr_nonnull(strstr(head, "\r\nConnection: close\r\n"));
        ck_assert_ptr_null(strstr(head, "Content-Length"));
        ck_assert_int_eq(listener_hear_all(&listener), 1);
        ck_assert_str_eq(text_str(&listener.body), "hello\n");
        char byte = 0;
        ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
        listener_close(&listener);
        sem_wait(&bench.opened[i].closed);
        ck_assert_int_eq(atomic_load(&bench.opened[i].why), HTTP_STREAM_CLOSED);
        ck_assert_uint_eq(http_stream_written(bench.opened[i].stream), 6);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(the_handler_sets_headers_and_the_first_bytes)
{
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    listener_hear_head(&listener, bench_ask(&bench, "/stream?plain=1&body=1"));
    const char *head = listener.answer.head;
    ck_assert_ptr_nonnull(strstr(head, "\r\nContent-Type: text/plain\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nCache-Control: no-store\r\n"));
    ck_assert_ptr_null(strstr(head, "no-cache"));
    sem_wait(&bench.opened[0].drained);
    ck_assert_uint_eq(http_stream_pending(bench.opened[0].stream), 0);
    ck_assert_uint_eq(http_stream_written(bench.opened[0].stream), 11);
    http_stream_close(bench.opened[0].stream);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_str_eq(text_str(&listener.body), "body\nhello\n");
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(http_1_0_gets_no_chunks)
{
    struct stream_bench bench;
    bench_open(&bench, (struct http_server_config){0});
    int fd = dial(bench.port);
    say(fd, "GET /stream HTTP/1.0\r\n\r\n");
    sem_wait(&bench.has_opened);
    ck_assert_int_eq(http_stream_write(bench.opened[0].stream, "more\n", 5), 0);
    http_stream_close(bench.opened[0].stream);
    struct listener listener;
    listener_hear_head(&listener, fd);
    ck_assert_int_eq(listener.answer.status, 200);
    ck_assert_ptr_null(strstr(listener.answer.head, "Transfer-Encoding"));
    ck_assert_ptr_null(strstr(listener.answer.head, "Content-Length"));
    (void)listener_hear_all(&listener); /* to the end of the connection */
    ck_assert_str_eq(text_str(&listener.body), "hello\nmore\n");
    sem_wait(&bench.opened[0].closed);
    ck_assert_int_eq(atomic_load(&bench.opened[0].why), HTTP_STREAM_CLOSED);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(head_gets_the_head_alone)
{
    struct stream_bench bench;
    static struct answer answer;
    bench_open(&bench, (struct http_server_config){0});
    int fd = dial(bench.port);
    for (int i = 0; i < 2; i++) { /* and the connection goes on */
        say(fd, "HEAD /stream HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fd, 0, &answer);
        ck_assert_int_eq(answer.status, 200);
        ck_assert_ptr_nonnull(strstr(answer.head, "\r\nContent-Type: text/event-stream\r\n"));
        ck_assert_ptr_null(strstr(answer.head, "Content-Length"));
    }
    ck_assert_int_eq(atomic_load(&bench.count), 0); /* none was opened */
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(a_status_without_a_body_ends_the_stream)
{
    struct stream_bench bench;
    static struct answer answer;
    bench_open(&bench, (struct http_server_config){0});
    int fd = dial(bench.port);
    for (int i = 0; i < 2; i++) {
        say(fd, "GET /stream?tag=1 HTTP/1.1\r\nHost: t\r\nIf-None-Match: \"7\"\r\n\r\n");
        sem_wait(&bench.has_opened);
        hear(fd, 0, &answer);
        ck_assert_int_eq(answer.status, 304);
        ck_assert_ptr_null(strstr(answer.head, "Content-Type"));
        sem_wait(&bench.opened[i].closed);
        ck_assert_int_eq(atomic_load(&bench.opened[i].why), HTTP_STREAM_CLOSED);
        ck_assert_uint_eq(http_stream_written(bench.opened[i].stream), 0);
    }
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(a_write_is_taken_whole_or_not_at_all)
{
    enum { LIMIT = 1000 };
    static char bytes[LIMIT + 1];
    struct stream_bench bench;
    struct listener listener;
    memset(bytes, 'b', sizeof bytes);
    bench_open(&bench, (struct http_server_config){0});
    bench.limit = LIMIT;
    listener_hear_head(&listener, bench_ask(&bench, "/stream"));
    struct opened *opened = &bench.opened[0];
    ck_assert_int_eq(listener_hear(&listener, 6), 1);
    sem_wait(&opened->drained); /* hello */

    int fd = bench_stall(&bench);
    ck_assert_int_eq(http_stream_write(opened->stream, bytes, LIMIT + 1), ERR_INVALID);
    ck_assert_int_eq(http_stream_write(opened->stream, bytes, LIMIT - 1), 0);
    ck_assert_int_eq(http_stream_write(opened->stream, "xy", 2), ERR_LIMIT);
    ck_assert_uint_eq(http_stream_pending(opened->stream), LIMIT - 1);
    ck_assert_int_eq(http_stream_write(opened->stream, "z", 1), 0);
    ck_assert_int_eq(http_stream_write(opened->stream, "y", 1), ERR_LIMIT);
    ck_assert_int_eq(http_stream_write(opened->stream, "", 0), 0);
    ck_assert_uint_eq(http_stream_pending(opened->stream), LIMIT);
    ck_assert_uint_eq(http_stream_written(opened->stream), 6);
    sem_post(&bench.gate);
    close(fd);
    sem_wait(&opened->drained);
    ck_assert_uint_eq(http_stream_pending(opened->stream), 0);
    ck_assert_uint_eq(http_stream_written(opened->stream), LIMIT + 6);
    http_stream_close(opened->stream);
    ck_assert_int_eq(http_stream_write(opened->stream, "x", 1), ERR_REFUSED);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_uint_eq(listener.body.length, LIMIT + 6);
    ck_assert_int_eq(text_str(&listener.body)[LIMIT + 5], 'z');
    ck_assert_int_eq(atomic_load(&opened->drains), 2);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(all_streams_together_have_a_limit)
{
    struct stream_bench bench;
    struct listener many, none;
    bench_open(&bench, (struct http_server_config){.request_deadline_ms = 500});
    bench.limit = HTTP_STREAM_MEMORY_MAX;
    listener_hear_head(&many, bench_ask(&bench, "/stream"));
    listener_hear_head(&none, bench_ask(&bench, "/stream"));
    for (int i = 0; i < 2; i++)
        sem_wait(&bench.opened[i].drained);
    char *bytes = calloc(1, HTTP_STREAM_MEMORY_MAX);
    ck_assert_int_eq(http_stream_write(bench.opened[0].stream, bytes, HTTP_STREAM_MEMORY_MAX), 0);
    free(bytes);
    /* The system takes some of it, not nearly all: what remains is more than one that fits. */
    bytes = calloc(1, HTTP_STREAM_MEMORY_MAX - 1);
    ck_assert_int_eq(http_stream_write(bench.opened[1].stream, bytes, HTTP_STREAM_MEMORY_MAX - 1),
                     ERR_LIMIT);
    ck_assert_uint_eq(http_stream_pending(bench.opened[1].stream), 0);
    sem_wait(&bench.opened[1].drained); /* nothing of its own moves, and it hears of room */
    ck_assert_int_eq(listener_hear(&many, HTTP_STREAM_MEMORY_MAX + 6), 1);
    wait_until_empty(&bench.opened[0]);
    ck_assert_int_eq(http_stream_write(bench.opened[1].stream, bytes, HTTP_STREAM_MEMORY_MAX - 1),
                     0);
    ck_assert_int_eq(listener_hear(&none, HTTP_STREAM_MEMORY_MAX - 1 + 6), 1);
    free(bytes);
    listener_close(&many);
    listener_close(&none);
    bench_close(&bench);
}
END_TEST

enum { SILENT = 30, LONG_EVENT = 16 * 1024 };

/* Writes to the streams 1 to SILENT, which nobody reads, until each refuses. */
static void fill_silent(struct stream_bench *bench)
{
    static const char event[LONG_EVENT];
    for (int i = 1; i <= SILENT; i++) {
        int code = 0;
        while ((code = http_stream_write(bench->opened[i].stream, event, LONG_EVENT)) == 0)
            continue;
        ck_assert_int_eq(code, ERR_LIMIT);
    }
}

START_TEST(silent_readers_take_no_room_from_a_good_one)
{
    enum { EVENTS = 200, SHORT_EVENT = 100 };
    static const char event[LONG_EVENT];
    struct stream_bench bench;
    struct listener good, last;
    int fds[SILENT + 1];
    bench_open(&bench, (struct http_server_config){.stream_stall_ms = 600000});
    bench.limit = 1 << 20;
    listener_hear_head(&good, bench_ask(&bench, "/stream"));
    for (int i = 1; i <= SILENT; i++)
        fds[i] = bench_ask(&bench, "/stream");
    ck_assert_int_eq(listener_hear(&good, 6), 1);
    sem_wait(&bench.opened[0].drained);

    fds[0] = bench_stall(&bench);
    fill_silent(&bench); /* all together; the last ones got no more than their share */
    struct http_stream *stream = bench.opened[0].stream;
    size_t waiting = 0, heard = 6;
    while (http_stream_write(stream, event, SHORT_EVENT) == 0)
        heard += SHORT_EVENT;
    ck_assert_uint_le(http_stream_pending(stream), HTTP_STREAM_SHARE);
    ck_assert_uint_gt(http_stream_pending(stream), HTTP_STREAM_SHARE - SHORT_EVENT);
    for (int i = 1; i <= SILENT; i++)
        waiting += http_stream_pending(bench.opened[i].stream);
    ck_assert_uint_gt(waiting, HTTP_STREAM_MEMORY_MAX - LONG_EVENT);
    ck_assert_uint_le(waiting, 2 * HTTP_STREAM_MEMORY_MAX);
    sem_post(&bench.gate);
    ck_assert_int_eq(listener_hear(&good, heard), 1);
    for (int i = 0; i < EVENTS; i++) {
        fill_silent(&bench);
        while (http_stream_pending(stream) > 0)
            sem_wait(&bench.opened[0].drained);
        ck_assert_int_eq(http_stream_write(stream, event, LONG_EVENT), 0);
        ck_assert_int_eq(listener_hear(&good, heard += LONG_EVENT), 1);
    }
    /* What ends a stream gets through to the slowest. */
    fill_silent(&bench);
    ck_assert_int_eq(http_stream_finish(bench.opened[1].stream, "gap\n", 4), 0);
    listener_hear_head(&last, fds[1]);
    ck_assert_int_eq(listener_hear_all(&last), 1);
    ck_assert_str_eq(last.body.bytes + last.body.length - 4, "gap\n");
    for (int i = 0; i <= SILENT; i++)
        if (i != 1)
            close(fds[i]);
    listener_close(&good);
    listener_close(&last);
    bench_close(&bench);
}
END_TEST

START_TEST(last_bytes_have_a_limit)
{
    static const char bytes[HTTP_STREAM_LAST_MAX + 1];
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    bench.limit = 6; /* hello fills it */
    for (int i = 0; i < 2; i++) {
        size_t is_long = i == 1;
        listener_hear_head(&listener, bench_ask(&bench, "/stream"));
        struct http_stream *stream = bench.opened[i].stream;
        ck_assert_int_eq(http_stream_finish(stream, bytes, HTTP_STREAM_LAST_MAX + is_long),
                         is_long ? ERR_INVALID : 0);
        ck_assert_int_eq(http_stream_finish(stream, "x", 1), ERR_REFUSED);
        ck_assert_int_eq(listener_hear_all(&listener), 1);
        ck_assert_uint_eq(listener.body.length, is_long ? 6 : 6 + HTTP_STREAM_LAST_MAX);
        listener_close(&listener);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(a_reader_that_stays_behind_is_heard_of)
{
    enum { MUCH = 16 << 20, SOME = 4 << 20 }; /* much: more than a socket's buffers take */
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    bench.limit = MUCH;
    listener_hear_head(&listener, bench_ask(&bench, "/stream"));
    struct opened *opened = &bench.opened[0];
    wait_until_empty(opened); /* hello */
    char *bytes = calloc(1, MUCH);
    ck_assert_int_eq(http_stream_write(opened->stream, bytes, MUCH), 0);
    free(bytes);
    sem_wait(&opened->drained); /* nobody reads, and most of it waits */
    ck_assert_uint_gt(atomic_load(&opened->waiting), 0);
    uint64_t written = http_stream_written(opened->stream);
    ck_assert_int_eq(listener_hear(&listener, SOME), 1);
    while (http_stream_written(opened->stream) <= written)
        sem_wait(&opened->drained);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

enum { LINE_BYTES = 10 };

/* Reads lines of increasing numbers. */
static void *hear_numbers(void *arg)
{
    struct listener *listener = arg;
    ck_assert_int_eq(listener_hear_all(listener), 1);
    size_t numbers = (listener->body.length - 6) / LINE_BYTES;
    for (size_t i = 0; i < numbers; i++)
        ck_assert_uint_eq(strtoul(listener->body.bytes + 6 + i * LINE_BYTES, NULL, 10), i);
    return NULL;
}

START_TEST(a_slow_reader_holds_up_its_writer_alone)
{
    enum { NUMBERS = 600 * 1000 };
    struct stream_bench bench;
    struct listener slow, other;
    static struct answer answer;
    bench_open(&bench, (struct http_server_config){0});
    listener_hear_head(&slow, bench_ask(&bench, "/stream"));
    listener_hear_head(&other, bench_ask(&bench, "/stream"));
    struct http_stream *stream = bench.opened[0].stream;
    pthread_t thread;
    int refused = 0;
    for (int i = 0; i < NUMBERS; i++) {
        char line[32];
        snprintf(line, sizeof line, "%09d\n", i);
        while (http_stream_write(stream, line, LINE_BYTES) == ERR_LIMIT) {
            if (refused++ == 0) {
                ck_assert_int_eq(http_stream_write(bench.opened[1].stream, "quick\n", 6), 0);
                ck_assert_int_eq(listener_hear(&other, 12), 1);
                ck_assert_int_eq(thread_start(&thread, hear_numbers, &slow, NULL), 0);
            }
            sem_wait(&bench.opened[0].drained);
        }
    }
    http_stream_close(stream);
    ck_assert_int_gt(refused, 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(slow.body.length, 6 + (size_t)NUMBERS * LINE_BYTES);
    ask(bench.port, "HEAD /stream HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    listener_close(&slow);
    listener_close(&other);
    bench_close(&bench);
}
END_TEST

enum { WRITERS = 4, EVENTS = 2000, EVENT_BYTES = 8 };

struct writer {
    pthread_t thread;
    struct http_stream *stream;
    int id;
};

static void *write_events(void *arg)
{
    struct writer *writer = arg;
    for (int i = 0; i < EVENTS; i++) {
        char event[32];
        snprintf(event, sizeof event, "%d %05d\n", writer->id, i);
        ck_assert_int_eq(http_stream_write(writer->stream, event, EVENT_BYTES), 0);
    }
    return NULL;
}

START_TEST(writes_of_several_threads_stay_whole_and_in_order)
{
    struct stream_bench bench;
    struct listener listener;
    struct writer writers[WRITERS];
    int next[WRITERS] = {0};
    bench_open(&bench, (struct http_server_config){0});
    bench.limit = 1 << 20;
    listener_hear_head(&listener, bench_ask(&bench, "/worker"));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.stream = bench.opened[0].stream, .id = i};
        ck_assert_int_eq(thread_start(&writers[i].thread, write_events, &writers[i], NULL), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    http_stream_close(bench.opened[0].stream);
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_uint_eq(listener.body.length, 6 + WRITERS * EVENTS * EVENT_BYTES);
    for (size_t at = 6; at < listener.body.length; at += EVENT_BYTES) {
        int id = listener.body.bytes[at] - '0';
        ck_assert(id >= 0 && id < WRITERS);
        ck_assert_int_eq((int)strtol(listener.body.bytes + at + 2, NULL, 10), next[id]++);
    }
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(callbacks_may_write_and_close)
{
    enum { CHAIN = 50 };
    struct stream_bench bench;
    struct listener listener;
    bench_open(&bench, (struct http_server_config){0});
    bench.chain = CHAIN;
    listener_hear_head(&listener, bench_ask(&bench, "/stream"));
    ck_assert_int_eq(listener_hear_all(&listener), 1);
    ck_assert_uint_eq(listener.body.length, 6 + CHAIN * 6);
    sem_wait(&bench.opened[0].closed);
    ck_assert_int_eq(atomic_load(&bench.opened[0].drains), CHAIN + 1); /* none after close */
    ck_assert_int_eq(atomic_load(&bench.opened[0].why), HTTP_STREAM_CLOSED);
    listener_close(&listener);
    bench_close(&bench);
}
END_TEST

START_TEST(open_streams_hold_no_worker_and_have_a_limit)
{
    enum { STREAMS = 3 };
    struct stream_bench bench;
    static struct answer answer;
    struct listener listeners[STREAMS];
    bench_open(&bench, (struct http_server_config){.workers = 1, .streams = STREAMS});
    for (int i = 0; i < STREAMS; i++)
        listener_hear_head(&listeners[i], bench_ask(&bench, "/worker"));
    ask(bench.port, "GET /worker HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_nonnull(strstr(answer.head, "\r\nRetry-After: 1\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.head, "\r\nContent-Type: application/problem+json\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.body, "Too many streams")); /* it has a length */
    ck_assert_int_eq(atomic_load(&bench.count), STREAMS);

    http_stream_close(bench.opened[0].stream);
    ck_assert_int_eq(listener_hear_all(&listeners[0]), 1);
    do /* its place is given back behind its last byte */
        ask(bench.port, "GET /worker?short=1 HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    while (answer.status == 503);
    ck_assert_int_eq(answer.status, 200);
    for (int i = 0; i < STREAMS; i++)
        listener_close(&listeners[i]);
    bench_close(&bench);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {a_stream_is_an_answer_in_chunks,
                                  the_handler_sets_headers_and_the_first_bytes,
                                  http_1_0_gets_no_chunks,
                                  head_gets_the_head_alone,
                                  a_status_without_a_body_ends_the_stream,
                                  a_write_is_taken_whole_or_not_at_all,
                                  all_streams_together_have_a_limit,
                                  silent_readers_take_no_room_from_a_good_one,
                                  last_bytes_have_a_limit,
                                  a_reader_that_stays_behind_is_heard_of,
                                  a_slow_reader_holds_up_its_writer_alone,
                                  writes_of_several_threads_stay_whole_and_in_order,
                                  callbacks_may_write_and_close,
                                  open_streams_hold_no_worker_and_have_a_limit,
                                  NULL};
    return run_tests("kit http stream", tests);
}
