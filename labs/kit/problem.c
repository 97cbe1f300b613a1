/* Problem details (RFC 9457). */
#include <stdarg.h>
#include <stdio.h>
#include "kit/http_status.h"
#include "kit/problem.h"

enum { DETAIL_BYTES = 512 };

/* Starts the object and leaves it open. detail is NULL when there is none. */
static struct json_writer begin(struct http_response *response, int status, const char *detail)
{
    text_clear(&response->body);
    response->status = status;
    response->content_type = "application/problem+json";
    const char *title = http_reason(status);
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "type", "about:blank");
    json_put_string(&writer, "title", title);
    json_put_int64(&writer, "status", status);
    json_put_string(&writer, "detail", detail);
    return writer;
}

void problem(struct http_response *response, int status, const char *format, ...)
{
    char detail[DETAIL_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    struct json_writer writer = begin(response, status, detail);
    json_close_object(&writer);
}

void problem_fields(struct http_response *response, const struct json_errors *errors)
{
    struct json_writer writer = begin(response, 422, "Some fields of the body are wrong.");
    json_open_array(&writer, "errors");
    for (int i = 0; i < errors->count && i < JSON_FIELD_ERRORS_MAX; i++) {
        json_open_object(&writer, NULL);
        json_put_string(&writer, "field", errors->fields[i].path);
        json_put_string(&writer, "reason", errors->fields[i].reason);
        json_close_object(&writer);
    }
    json_close_array(&writer);
    json_close_object(&writer);
}
