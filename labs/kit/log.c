/* Structured logs: one JSON object per line, one write per line. */
#include "kit/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/clock.h"
#include "kit/config.h"
#include "kit/json.h"
#include "kit/sink.h"
#include "kit/thread.h"
#include "kit/trace.h"

/* The one global of the kit: a line may be logged where no struct could be handed down to. Written
   by log_setup, before there are threads; afterwards only what is atomic or has a lock changes. */
static struct {
    const char *service;
    enum log_level level;
    struct sink sink;
    _Atomic int64_t reported;    /* of the lost lines, how many a line has reported */
    _Atomic int64_t reported_ns; /* monotonic, when; 0 = never */
} logger = {.service = "",
            .level = LOG_INFO,
            .sink = {.fd = STDERR_FILENO, .turn = PTHREAD_MUTEX_INITIALIZER}};

static const char *const LEVELS[] = {"debug", "info", "warn", "error", "off"};
static const char *const SEVERITIES[] = {"DEBUG", "INFO", "WARN", "ERROR"};

void log_setup(const char *service)
{
    logger.service = service;
    const char *wanted = config_text("LOG_LEVEL", "info");
    int level = LOG_DEBUG;
    while (level <= LOG_OFF && strcmp(LEVELS[level], wanted) != 0)
        level++;
    if (level > LOG_OFF) {
        fprintf(stderr, "LOG_LEVEL is '%.60s'. Set it to debug, info, warn, error or off.\n",
                wanted);
        exit(EXIT_FAILURE);
    }
    logger.level = (enum log_level)level;
    sink_close(&logger.sink);
    sink_open(&logger.sink, STDERR_FILENO);
    atomic_store(&logger.reported, 0);
}

int log_enabled(enum log_level level)
{
    return level >= logger.level && level < LOG_OFF;
}

int64_t log_lost(void)
{
    return sink_lost(&logger.sink);
}

/* Adds one field, unless the line would then be too long for its end. */
static int put_field(struct json_writer *line, const struct log_field *field)
{
    static const char END[] = ",\"cut\":true}\n";
    size_t before = line->out->length;
    if (field->text != NULL) {
        json_put_string(line, field->name, field->text);
    } else {
        json_put_int64(line, field->name, field->number);
    }
    if (line->out->length + sizeof END - 1 <= LOG_LINE_MAX)
        return 1;
    line->out->length = before;
    return 0;
}

/* 0, or -1 when nobody took the line. */
static int put_line(enum log_level level, const struct trace *trace, const char *message,
                    const struct log_field *fields)
{
    char kept[LOG_MESSAGE_MAX + 1];
    int cut = snprintf(kept, sizeof kept, "%s", message) >= (int)sizeof kept;

    struct text text = {0};
    struct json_writer line = json_writer(&text);
    json_open_object(&line, NULL);
    struct clock clock = clock_system();
    json_put_time(&line, "timestamp", clock_now(&clock).wall_ms);
    json_put_string(&line, "severity", SEVERITIES[level]);
    json_put_string(&line, "service", logger.service);
    json_put_string(&line, "message", kept);
    if (trace != NULL) {
        json_put_string(&line, "trace_id", trace->trace_id);
        json_put_string(&line, "span_id", trace->span_id);
        json_put_string(&line, "trace_flags", trace->sampled ? "01" : "00");
    }
    for (; fields != NULL && fields->name != NULL; fields++)
        cut |= !put_field(&line, fields);
    if (cut)
        json_put_bool(&line, "cut", 1);
    json_close_object(&line);
    text_append(&text, "\n", 1);
    int code = sink_write(&logger.sink, text.bytes, text.length);
    text_release(&text);
    return code;
}

/* Lines are taken again: says how many were not. */
static void log_lost_lines(void)
{
    int64_t lost = log_lost();
    int64_t reported = atomic_load(&logger.reported);
    int64_t now_ns = monotonic_ns();
    if (lost == reported ||
        now_ns - atomic_load(&logger.reported_ns) < SINK_LOG_MS * INT64_C(1000000) ||
        !atomic_compare_exchange_strong(&logger.reported, &reported, lost)) {
        return; /* or another thread says it */
    }
    if (put_line(LOG_WARN, NULL, "log lines were lost: nobody took them",
                 LOG_FIELDS(LOG_INT("lines", lost - reported))) < 0) {
        atomic_fetch_sub(&logger.reported, lost - reported);
    } else {
        atomic_store(&logger.reported_ns, now_ns);
    }
}

void log_write(enum log_level level, const struct trace *trace, const char *message,
               const struct log_field *fields)
{
    if (!log_enabled(level))
        return;
    int saved_errno = errno;
    if (put_line(level, trace, message, fields) == 0 && log_lost() > 0)
        log_lost_lines();
    errno = saved_errno;
}
