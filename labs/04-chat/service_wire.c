#include "service_wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/problem.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

/* --- what was asked --------------------------------------------------------------------------- */

int wire_is_id(const char *text)
{
    size_t length = text != NULL ? strspn(text, plain) : 0;
    return length >= 1 && length < CHAT_ID_SIZE && text[length] == '\0';
}

const char *wire_id(const struct http_request *request, struct http_response *response,
                    const char *name)
{
    const char *id = http_param(request, name);
    if (wire_is_id(id))
        return id;
    problem(response, 404, "There is no such %s: an id is 1 to 64 of A-Z a-z 0-9 . _ -", name);
    return NULL;
}

const char *wire_user(const struct http_request *request, struct http_response *response)
{
    const char *user = http_header(request, "X-User");
    if (wire_is_id(user))
        return user;
    problem(response, 401, "Say who you are: X-User is 1 to 64 of A-Z a-z 0-9 . _ -");
    return NULL;
}

cJSON *wire_body(const struct http_request *request, struct http_response *response)
{
    struct error err = {0};
    if (request->body_length > WIRE_BODY_MAX) {
        problem(response, 413, "A body has at most %d bytes.", WIRE_BODY_MAX);
        return NULL;
    }
    cJSON *body = json_parse(request->body, request->body_length, &err);
    if (body == NULL)
        problem(response, 400, "%s", err.text);
    return body;
}

int wire_number(const struct http_request *request, struct http_response *response,
                const char *name, int64_t otherwise, int64_t *out)
{
    const char *text = http_query(request, name);
    *out = otherwise;
    if (text == NULL)
        return 0;
    size_t length = strspn(text, "0123456789");
    int is_number = length >= 1 && length <= 15 && text[length] == '\0';
    *out = 0;
    for (size_t i = 0; i < length && is_number; i++)
        *out = *out * 10 + (text[i] - '0');
    if (!is_number)
        problem(response, 400, "%s is a whole number, 0 or more.", name);
    return is_number ? 0 : ERR_INVALID;
}

/* --- messages --------------------------------------------------------------------------------- */

void wire_put_message(struct json_writer *writer, const char *name,
                      const struct chat_message *message)
{
    json_open_object(writer, name);
    json_put_string(writer, "channel", message->channel);
    json_put_int64(writer, "number", message->number);
    json_put_string(writer, "user", message->user);
    json_put_string(writer, "text", message->text);
    if (message->file[0] != '\0')
        json_put_string(writer, "file", message->file);
    json_put_time(writer, "sentAt", message->sent_ms);
    json_close_object(writer);
}

int wire_get_message(const cJSON *object, struct chat_message *message)
{
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(object, &errors);
    *message = (struct chat_message){.number = json_int64(&reader, "number", 1, INT64_MAX >> 10)};
    snprintf(message->channel, sizeof message->channel, "%s",
             json_string(&reader, "channel", 1, CHAT_ID_SIZE - 1));
    snprintf(message->user, sizeof message->user, "%s",
             json_string(&reader, "user", 1, CHAT_ID_SIZE - 1));
    snprintf(message->text, sizeof message->text, "%s",
             json_string(&reader, "text", 1, CHAT_TEXT_SIZE - 1));
    snprintf(message->file, sizeof message->file, "%s",
             json_string_or(&reader, "file", CHAT_ID_SIZE - 1, ""));
    int result =
        time_parse(json_string(&reader, "sentAt", 1, TIME_TEXT_SIZE), &message->sent_ms, NULL);
    return result == 0 && errors.count == 0 ? 0 : ERR_CORRUPT;
}

int wire_get_page(const cJSON *body, struct wire_page *page, struct error *err)
{
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(body, &errors);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "messages"))
    {
        if (page->count == page->room || wire_get_message(item, &page->messages[page->count]) < 0)
            return error_set(err, ERR_CORRUPT, "a page has %s",
                             page->count == page->room ? "more than it was asked for"
                                                       : "what is no message");
        page->count++;
    }
    page->last = json_int64(&reader, "last", 0, INT64_MAX >> 10);
    page->more = json_bool_or(&reader, "more", 0);
    return errors.count == 0 ? 0 : error_set(err, ERR_CORRUPT, "a page does not say its last");
}

void wire_add_escaped(struct text *out, const char *value)
{
    for (; *value != '\0'; value++)
        if (strchr(plain, *value) != NULL)
            text_append(out, value, 1);
        else
            text_addf(out, "%%%02X", (unsigned)(unsigned char)*value);
}

/* --- answers ---------------------------------------------------------------------------------- */

void wire_again(struct http_response *response, const char *format, ...)
{
    char words[256];
    va_list values;
    va_start(values, format);
    vsnprintf(words, sizeof words, format, values);
    va_end(values);
    problem(response, 503, "%s", words);
    http_set_header(response, "Retry-After", "1");
}

void wire_refuse(struct http_response *response, int code, const char *sentence)
{
    int status = code == ERR_NOT_FOUND                       ? 404
                 : code == ERR_REFUSED                       ? 403
                 : code == ERR_INVALID || code == ERR_EXISTS ? 422
                 : code == ERR_TODO                          ? 501
                 : code == ERR_CORRUPT                       ? 500
                                                             : 503;
    if (status == 503)
        wire_again(response, "%s", sentence);
    else
        problem(response, status, "%s", sentence);
}

void wire_pass_on(struct http_response *response, struct http_reply *reply, const char *what)
{
    char again[16];
    if (reply->status == 0) {
        wire_again(response, "%s does not answer: nothing is lost, try again.", what);
        return;
    }
    response->status = reply->status;
    if (reply->status >= 400)
        response->content_type = "application/problem+json";
    text_append(&response->body, text_str(&reply->body), reply->body.length);
    if (http_reply_header(reply, "Retry-After", again, sizeof again))
        http_set_header(response, "Retry-After", again);
}
