/* Structured logs: one JSON object a line, one write a line. */
#include "kit/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/clock.h"
#include "kit/config.h"
#include "kit/json.h"
#include "kit/trace.h"

/* The one global of the kit: a line may be logged where no struct could be handed down to. Written
   by log_setup, before there are threads; only read afterwards. */
static struct {
    const char *service;
    enum log_level level;
} logger = {.service = "", .level = LOG_INFO};

static const char *const LEVELS[] = {"debug", "info", "warn", "error", "off"};
static const char *const SEVERITIES[] = {"DEBUG", "INFO", "WARN", "ERROR"};

void log_setup(const char *service)
{
    logger.service = service;
    const char *wanted = config_text("LOG_LEVEL", "info");
    int level = LOG_DEBUG;
    while (level <= LOG_OFF && strcmp(LEVELS[level], wanted) != 0) {
        level++;
    }
    if (level > LOG_OFF) {
        fprintf(stderr, "LOG_LEVEL is '%.60s'. Set it to debug, info, warn, error or off.\n",
                wanted);
        exit(EXIT_FAILURE);
    }
    logger.level = (enum log_level)level;
}

int log_enabled(enum log_level level)
{
    return level >= logger.level && level < LOG_OFF;
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
    if (line->out->length + sizeof END - 1 <= LOG_LINE_MAX) {
        return 1;
    }
    line->out->length = before;
    return 0;
}

void log_write(enum log_level level, const struct trace *trace, const char *message,
               const struct log_field *fields)
{
    if (!log_enabled(level)) {
        return;
    }
    int saved_errno = errno;
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
    for (; fields != NULL && fields->name != NULL; fields++) {
        cut |= !put_field(&line, fields);
    }
    if (cut) {
        json_put_bool(&line, "cut", 1);
    }
    json_close_object(&line);
    text_append(&text, "\n", 1);
    /* A log that nobody takes is no reason to fail. */
    ssize_t written = write(STDERR_FILENO, text.bytes, text.length);
    (void)written;
    text_release(&text);
    errno = saved_errno;
}
