/*
 * Problem details (RFC 9457): every error answer has this one shape.
 *
 *     {"type":"about:blank","title":"Conflict","status":409,"detail":"...","errors":[{...}]}
 */
#ifndef KIT_PROBLEM_H
#define KIT_PROBLEM_H

#include "kit/http_server.h"
#include "kit/json.h"

/* Fills response with status and application/problem+json; detail is one sentence. */
void problem(struct http_response *response, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 422 with one member of "errors" for each wrong field: {"field": path, "reason": reason}. */
void problem_fields(struct http_response *response, const struct json_errors *errors);

#endif
