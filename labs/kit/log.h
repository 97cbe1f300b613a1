/*
 * Structured logs: one JSON object per line on stderr, one write per line. A line that nobody takes
 * is dropped (kit/sink.h); once lines are taken again, one says how many are missing.
 *
 *     log_info("order created", LOG_TEXT("order_id", id), LOG_INT("total_cents", cents));
 *     log_info("ready");
 *
 * Members: timestamp (RFC 3339 UTC), severity, service, message, then trace_id, span_id and
 * trace_flags where there is a trace, then the caller's. No personal data. A line is at most
 * LOG_LINE_MAX bytes, which a pipe takes in one piece (PIPE_BUF): a message is cut to
 * LOG_MESSAGE_MAX bytes, fields that do not fit are left out, and "cut":true marks either.
 */
#ifndef KIT_LOG_H
#define KIT_LOG_H

#include <stddef.h>
#include <stdint.h>
#include "kit/limits.h"

struct trace;
struct log_field {
    const char *name;
    const char *text; /* NULL: number is the value */
    int64_t number;
};
#define LOG_TEXT(name, value) ((struct log_field){(name), (value), 0})
#define LOG_INT(name, value)  ((struct log_field){(name), NULL, (value)})

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

/* Once, before other threads log. service is borrowed for ever. The level is LOG_LEVEL of the
   environment: debug, info (default), warn, error or off; another word ends the process. Without
   log_setup the service is "" and the level info. */
void log_setup(const char *service);
int log_enabled(enum log_level level);
/* Lines that were dropped since the start. */
int64_t log_lost(void);
/* fields ends with a field whose name is NULL, or is NULL itself; trace may be NULL. errno is kept.
   From any thread. */
void log_write(enum log_level level, const struct trace *trace, const char *message,
               const struct log_field *fields);

/* The list for log_write: LOG_FIELDS(LOG_TEXT(...), LOG_INT(...)). */
#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, LOG_END})

/* Message first, then any number of fields. */
#define log_info(...)  log_write(LOG_INFO, NULL, LOG_SPLIT(__VA_ARGS__, LOG_END))
#define log_warn(...)  log_write(LOG_WARN, NULL, LOG_SPLIT(__VA_ARGS__, LOG_END))
#define log_error(...) log_write(LOG_ERROR, NULL, LOG_SPLIT(__VA_ARGS__, LOG_END))

/* C11 wants at least one argument for "...", so the list's end is handed along from the start. */
#define LOG_END                 ((struct log_field){NULL, NULL, 0})
#define LOG_SPLIT(message, ...) (message), ((const struct log_field[]){__VA_ARGS__})

#endif
