/*
 * Routes: a template such as "/orders/{id}/status" against a path.
 *
 * Tables are short, so they are searched from the front. A parameter is one whole, non-empty
 * segment of the path.
 */
#include <stdio.h>
#include <string.h>
#include "kit/http_internal.h"

/* The value of %XX at text, or -1. */
static int escaped(const char *text)
{
    static const char digits[] = "0123456789abcdef";
    int value = 0;
    for (int i = 1; i <= 2; i++) {
        char lower = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] | 0x20 : text[i]);
        const char *digit = lower != '\0' ? strchr(digits, lower) : NULL;
        if (digit == NULL)
            return -1;
        value = value * 16 + (int)(digit - digits);
    }
    return value;
}

/* The next character of encoded text, which moves on. %00 stays as it is: it would cut the text. */
static char decode(const char **at)
{
    int value = **at == '%' ? escaped(*at) : -1;
    *at += value > 0 ? 3 : 1;
    return value > 0 ? (char)value : (*at)[-1];
}

/* Decodes the characters from text to end into *to, which moves behind them and their NUL. */
static void decode_all(const char *text, const char *end, char **to)
{
    while (text < end)
        *(*to)++ = decode(&text);
    *(*to)++ = '\0';
}

/* As decode_all, with + for a blank. */
static void decode_form(const char *text, const char *end, char **to)
{
    for (; text < end; (*to)++) {
        int blank = *text == '+';
        **to = decode(&text);
        if (blank)
            **to = ' ';
    }
    *(*to)++ = '\0';
}

/* 1 when path fits; the parameters then point into template and path. A slash that is encoded
   belongs to its segment, and a segment is decoded after it has been found (RFC 3986, 2.4). */
static int fits(const char *template, const char *path, struct http_parameter *parameters,
                size_t *lengths, int *count)
{
    *count = 0;
    while (*template != '\0') {
        if (*template != '{') {
            int encoded = *path == '%';
            if (*path == '\0' || decode(&path) != *template || (encoded && *template == '/'))
                return 0;
            template ++;
            continue;
        }
        struct http_parameter *parameter = &parameters[*count];
        parameter->name = template + 1;
        parameter->name_length = strcspn(template, "}") - 1;
        parameter->value = path;
        lengths[*count] = strcspn(path, "/");
        if (lengths[*count] == 0)
            return 0;
        path += lengths[(*count)++];
        template += parameter->name_length + 2;
    }
    return *path == '\0';
}

/* Gives each parameter a decoded, NUL-terminated copy of its own. */
static void keep_values(struct http_exchange *exchange, const size_t *lengths)
{
    char *to = exchange->values; /* fits: in the path a slash stood before each */
    for (int i = 0; i < exchange->parameter_count; i++) {
        const char *encoded = exchange->parameters[i].value;
        exchange->parameters[i].value = to;
        decode_all(encoded, encoded + lengths[i], &to);
    }
}

/* Adds a method to the Allow header, once. */
static void allow(struct http_exchange *exchange, const char *method)
{
    if (strstr(exchange->allow, method) != NULL)
        return;
    size_t length = strlen(exchange->allow);
    snprintf(exchange->allow + length, sizeof exchange->allow - length, "%s%s%s",
             length > 0 ? ", " : "", method, strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

void http_route_find(struct http_exchange *exchange)
{
    const struct http_server_config *config = &exchange->server->config;
    const char *method = exchange->request.method;
    const char *path = exchange->request.path;
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    if (strlen(path) >= HTTP_PATH_MAX)
        path = ""; /* no route has that */
    size_t lengths[HTTP_PARAMS_MAX] = {0};
    for (int table = 0; config->tables[table] != NULL; table++) {
        for (const struct http_route *route = config->tables[table]; route->method != NULL;
             route++) {
            if (!fits(route->path, path, exchange->parameters, lengths, &exchange->parameter_count))
                continue;
            if (strcmp(route->method, method) != 0) {
                allow(exchange, route->method);
                continue;
            }
            exchange->route = route;
            exchange->context = config->contexts[table];
            exchange->request.route = route->path;
            keep_values(exchange, lengths);
            return;
        }
    }
    exchange->parameter_count = 0;
    exchange->refusal = exchange->allow[0] != '\0' ? 405 : 404;
}

const char *http_param(const struct http_request *request, const char *name)
{
    const struct http_exchange *exchange = request->exchange;
    for (int i = 0; i < exchange->parameter_count; i++) {
        const struct http_parameter *parameter = &exchange->parameters[i];
        if (strncmp(parameter->name, name, parameter->name_length) == 0 &&
            name[parameter->name_length] == '\0')
            return parameter->value;
    }
    return "";
}

/* Reads the query as a form (application/x-www-form-urlencoded) into name, NUL, value, NUL, ... */
static void read_query(struct http_exchange *exchange)
{
    const char *query = exchange->head.query;
    size_t length = strlen(query);
    char *to = text_room(&exchange->query, 2 * length + 2);
    char *const start = to;
    while (*query != '\0') {
        size_t pair = strcspn(query, "&"), name = strcspn(query, "=&");
        decode_form(query, query + name, &to);
        decode_form(query + (name < pair ? name + 1 : pair), query + pair, &to);
        query += pair + (query[pair] == '&');
    }
    exchange->query.length = (size_t)(to - start);
    *to = '\0';
}

const char *http_query(const struct http_request *request, const char *name)
{
    struct http_exchange *exchange = request->exchange;
    if (exchange->head.query == NULL)
        return NULL;
    if (exchange->query.length == 0)
        read_query(exchange);
    const char *end = exchange->query.bytes + exchange->query.length;
    for (const char *at = exchange->query.bytes; at < end;) {
        const char *value = at + strlen(at) + 1;
        if (strcmp(at, name) == 0)
            return value; /* "" also for "?name" */
        at = value + strlen(value) + 1;
    }
    return NULL;
}
