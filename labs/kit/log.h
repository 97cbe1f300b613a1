/*
 * Structured logs: one JSON object a line on stderr, one write a line.
 *
 *     log_info("order created", LOG_TEXT("order_id", id), LOG_INT("total_cents", cents));
 *
 * Fields: timestamp, severity, service, message, then the caller's. No personal data.
 */
#ifndef KIT_LOG_H
#define KIT_LOG_H

#include <stdint.h>

struct trace;
struct log_field {
    const char *name;
    const char *text; /* NULL: number is the value */
    int64_t number;
};
#define LOG_TEXT(name, value) ((struct log_field){(name), (value), 0})
#define LOG_INT(name, value)  ((struct log_field){(name), NULL, (value)})

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

/* service is borrowed for ever. From LOG_LEVEL in the environment: debug, info (default), ... */
void log_setup(const char *service);
int log_enabled(enum log_level level);
/* fields ends with a field whose name is NULL. trace may be NULL. */
void log_write(enum log_level level, const struct trace *trace, const char *message,
               const struct log_field *fields);

#define LOG_FIELDS(...)    ((const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})
#define log_info(msg, ...)  log_write(LOG_INFO, NULL, (msg), LOG_FIELDS(__VA_ARGS__))
#define log_warn(msg, ...)  log_write(LOG_WARN, NULL, (msg), LOG_FIELDS(__VA_ARGS__))
#define log_error(msg, ...) log_write(LOG_ERROR, NULL, (msg), LOG_FIELDS(__VA_ARGS__))

#endif
