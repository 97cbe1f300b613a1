/*
 * What travels between nodes and to clients: ids, messages, refusals. Given: nothing to write here.
 */
#ifndef LAB04_SERVICE_WIRE_H
#define LAB04_SERVICE_WIRE_H

#include "chat.h"
#include "kit/http_client.h"
#include "kit/http_server.h"
#include "kit/json.h"

#define WIRE_JSON "application/json"
enum { WIRE_BODY_MAX = 16 * 1024 }; /* bytes of a request's body that a gateway takes */

/* 1 for 1 to 64 of A-Z a-z 0-9 . _ - : what means itself in a path. NULL is none. */
int wire_is_id(const char *text);
/* The id in the path; NULL, and a 404, when it cannot be one. */
const char *wire_id(const struct http_request *request, struct http_response *response,
                    const char *name);
/* Who asks; there is no login here (PIN). NULL, and a 401, without a good X-User. */
const char *wire_user(const struct http_request *request, struct http_response *response);
/* The body as an object, the caller's to cJSON_Delete. NULL, and a 400 or 413, when it is none. */
cJSON *wire_body(const struct http_request *request, struct http_response *response);
/* A whole number of the query, 0 or more. 0, and ERR_INVALID with a 400. */
int wire_number(const struct http_request *request, struct http_response *response,
                const char *name, int64_t otherwise, int64_t *out);

/* {channel, number, user, text, file?, sentAt} */
void wire_put_message(struct json_writer *writer, const char *name,
                      const struct chat_message *message);
/* 0, or ERR_CORRUPT when that is not what it is. */
int wire_get_message(const cJSON *object, struct chat_message *message);
/* A page of a log, {messages, last, more}: see GET /log/channels/{channel}. */
struct wire_page {
    struct chat_message *messages; /* the caller's */
    int room, count;               /* messages that fit in, and that are there */
    int64_t last;                  /* what to ask after next time */
    int more;                      /* 1: it ended for the answer's sake */
};
/* Adds the messages of an answer to the page. 0, or ERR_CORRUPT when that is not what it is. */
int wire_get_page(const cJSON *body, struct wire_page *page, struct error *err);

/* A percent sign and two digits for all but what wire_is_id takes. */
void wire_add_escaped(struct text *out, const char *value);
/* 503 with Retry-After: the same again may help. */
void wire_again(struct http_response *response, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The status for what a part said. */
void wire_refuse(struct http_response *response, int code, const char *sentence);
/* Another node's answer becomes ours; 503 when there is none. what: "the search", for that. */
void wire_pass_on(struct http_response *response, struct http_reply *reply, const char *what);

#endif
