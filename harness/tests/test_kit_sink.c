/* Lines that nobody takes: dropped and counted, never waited for, never torn. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "kit/limits.h"
#include "kit/log.h"
#include "kit/sink.h"
#include "kit/thread.h"
#include "kit/trace.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { LINES = 4000, LINE = 1000 }; /* far more than any pipe holds */

static const char *line_of(int number)
{
    static char line[LINE + 1];
    snprintf(line, sizeof line, "%-*d\n", LINE - 1, number);
    return line;
}

/* Reads what is there; asserts that it is whole lines with growing numbers. Their count. */
static int take_lines(int fd)
{
    static char bytes[2 * LINES * LINE];
    size_t length = 0;
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    for (ssize_t some = 1; some > 0; length += some > 0 ? (size_t)some : 0)
        some = read(fd, bytes + length, sizeof bytes - length);
    ck_assert_uint_eq(length % LINE, 0);
    long last = -1;
    for (size_t at = 0; at < length; at += LINE) {
        ck_assert_int_eq(bytes[at + LINE - 1], '\n');
        long number = strtol(bytes + at, NULL, 10);
        ck_assert_int_gt(number, last);
        last = number;
    }
    return (int)(length / LINE);
}

/* Fills the sink until lines are dropped, empties it, and writes again. */
static void fill_and_empty(struct sink *sink, int reader)
{
    int kept = 0;
    for (int n = 0; n < LINES; n++)
        kept += sink_write(sink, line_of(n), LINE) == 0;
    ck_assert_int_gt(kept, 0);
    ck_assert_int_lt(kept, LINES);
    ck_assert_int_eq(sink_lost(sink), LINES - kept);
    ck_assert_int_eq(take_lines(reader), kept);
    ck_assert_int_eq(sink_write(sink, line_of(LINES), LINE), 0);
    ck_assert_int_eq(take_lines(reader), 1);
    ck_assert_int_eq(sink_lost(sink), LINES - kept);
}

START_TEST(a_full_pipe_stops_nobody_and_stays_as_it_was_for_others)
{
    static const int looks_first[] = {0, 1}; /* 1: as if the pipe were another user's */
    for (int i = 0; i < 2; i++) {
        int ends[2];
        struct sink sink;
        ck_assert_int_eq(pipe(ends), 0);
        sink_open(&sink, ends[1]);
        ck_assert_int_eq(sink.way, SINK_WRITE);
        if (looks_first[i]) {
            sink_close(&sink);
            sink_open(&sink, ends[1]);
            close(sink.fd);
            sink.fd = ends[1];
            sink.way = SINK_LOOK_FIRST;
            sink.is_own = 0;
        }
        fill_and_empty(&sink, ends[0]);
        ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
        sink_close(&sink);
        close(ends[0]);
        close(ends[1]);
    }
}
END_TEST

START_TEST(a_socket_and_a_fifo_are_no_other)
{
    int ends[2];
    struct sink sink;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    sink_open(&sink, ends[1]);
    ck_assert_int_eq(sink.way, SINK_SEND);
    int kept = 0;
    for (int n = 0; n < LINES; n++)
        kept += sink_write(&sink, line_of(n), LINE) == 0;
    ck_assert_int_lt(kept, LINES);
    sink_close(&sink);

    struct folder folder = folder_make();
    ck_assert_int_eq(mkfifo(folder.database, 0600), 0);
    ck_assert_int_eq(sink_open_path(&sink, folder.database), 0); /* nobody reads it yet */
    int reader = open(folder.database, O_RDONLY | O_NONBLOCK);
    fill_and_empty(&sink, reader);
    close(reader); /* nor any more */
    for (int n = 0; n < LINES; n++)
        (void)sink_write(&sink, line_of(n), LINE);
    sink_close(&sink);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_reader_that_went_away_is_an_error_code)
{
    int ends[2];
    struct sink sink;
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(ends), 0);
    sink_open(&sink, ends[1]);
    close(ends[0]);
    ck_assert_int_eq(sink_write(&sink, "x\n", 2), -1);
    ck_assert_int_eq(sink_lost(&sink), 1);
    sink_close(&sink);
    close(ends[1]);
}
END_TEST

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_disk_that_is_full_tears_one_line_and_joins_none)
{
    struct folder folder = folder_make();
    struct sink sink;
    char content[64] = "";
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(sink_open_path(&sink, folder.database), 0);
    ck_assert_int_eq(sink_write(&sink, "whole\n", 6), 0);
    limit_files(10);
    ck_assert_int_eq(sink_write(&sink, "torn here\n", 10), -1);
    ck_assert_int_eq(sink_write(&sink, "dropped\n", 8), -1);
    limit_files(0);
    ck_assert_int_eq(sink_write(&sink, "whole again\n", 12), 0);
    ck_assert_int_eq(sink_lost(&sink), 2);
    sink_close(&sink);
    FILE *file = fopen(folder.database, "r");
    ck_assert_uint_gt(fread(content, 1, sizeof content - 1, file), 0);
    fclose(file);
    ck_assert_str_eq(content, "whole\ntorn\nwhole again\n");
    folder_remove(&folder);
}
END_TEST

/* A writer of its own, to a sink that all share. */
struct shared {
    pthread_t thread;
    struct sink *sink;
    int kept;
};

static void *write_lines(void *arg)
{
    struct shared *shared = arg;
    char line[LINE + 1];
    snprintf(line, sizeof line, "%-*d\n", LINE - 1, 7);
    for (int n = 0; n < LINES / 2; n++)
        shared->kept += sink_write(shared->sink, line, LINE) == 0;
    return NULL;
}

START_TEST(threads_may_share_a_sink)
{
    enum { THREADS = 4 };
    static char bytes[2 * LINES * LINE];
    struct shared threads[THREADS];
    struct sink sink;
    int ends[2], kept = 0;
    size_t length = 0;
    ck_assert_int_eq(pipe(ends), 0);
    sink_open(&sink, ends[1]);
    for (int i = 0; i < THREADS; i++) {
        threads[i] = (struct shared){.sink = &sink};
        ck_assert_int_eq(thread_start(&threads[i].thread, write_lines, &threads[i], NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i].thread, NULL);
        kept += threads[i].kept;
    }
    ck_assert_int_eq(kept + sink_lost(&sink), THREADS * (LINES / 2));
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    for (ssize_t some = 1; some > 0; length += some > 0 ? (size_t)some : 0)
        some = read(ends[0], bytes + length, sizeof bytes - length);
    ck_assert_uint_eq(length, (size_t)kept * LINE);
    for (size_t at = 0; at < length; at += LINE)
        ck_assert(bytes[at] == '7' && bytes[at + LINE - 1] == '\n');
    sink_close(&sink);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Reads the log from the pipe until its lines are done. */
static void take_text(int fd, char *text, size_t size)
{
    size_t length = 0;
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    for (ssize_t some = 1; some > 0; length += some > 0 ? (size_t)some : 0)
        some = read(fd, text + length, size - 1 - length);
    text[length] = '\0';
}

START_TEST(the_log_says_how_many_lines_are_missing)
{
    static char text[LINES * LINE];
    static char field[LINE];
    int ends[2], before = dup(STDERR_FILENO);
    memset(field, 'x', sizeof field - 1);
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_setup("test");
    for (int n = 0; n < LINES; n++)
        log_info("much", LOG_TEXT("field", field));
    int64_t lost = log_lost();
    take_text(ends[0], text, sizeof text);
    log_info("after");
    take_text(ends[0], text, sizeof text);
    dup2(before, STDERR_FILENO);
    char expected[80];
    snprintf(expected, sizeof expected,
             "\"message\":\"log lines were lost: nobody took them\",\"lines\":%lld}\n",
             (long long)lost);
    ck_assert_int_gt(lost, 0);
    ck_assert_ptr_nonnull(strstr(text, "\"message\":\"after\""));
    ck_assert_msg(strstr(text, expected) != NULL, "no %s in %s", expected, text);
}
END_TEST

START_TEST(the_log_says_when_spans_are_lost_and_kept_again)
{
    static char text[LINES * LINE];
    struct folder folder = folder_make();
    int ends[2], before = dup(STDERR_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_setup("test");
    ck_assert_int_eq(mkfifo(folder.database, 0600), 0);
    struct tracer *tracer = tracer_open("test", folder.database);
    struct trace trace = trace_from_header(NULL);
    const struct span span = {.trace = &trace, .name = "GET /", .kind = "server"};
    while (tracer_lost(tracer) < 3)
        tracer_write(tracer, &span);
    take_text(ends[0], text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "spans are lost"));
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1); /* once */
    int reader = open(folder.database, O_RDONLY | O_NONBLOCK);
    take_text(reader, text, sizeof text);
    text[0] = '\0';
    while (text[0] == '\0') { /* until it is time for the next line */
        static char spans[LINES * LINE];
        tracer_write(tracer, &span);
        take_text(reader, spans, sizeof spans);
        take_text(ends[0], text, sizeof text);
    }
    dup2(before, STDERR_FILENO);
    ck_assert_ptr_nonnull(strstr(text, "\"message\":\"spans are kept again\",\"lost\":3}"));
    tracer_close(tracer);
    close(reader);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_full_pipe_stops_nobody_and_stays_as_it_was_for_others,
                                  a_socket_and_a_fifo_are_no_other,
                                  a_reader_that_went_away_is_an_error_code,
                                  a_disk_that_is_full_tears_one_line_and_joins_none,
                                  threads_may_share_a_sink,
                                  the_log_says_how_many_lines_are_missing,
                                  the_log_says_when_spans_are_lost_and_kept_again,
                                  NULL};
    return run_tests("kit sink", tests);
}
