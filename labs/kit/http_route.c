/*
 * Routes: a template such as "/orders/{id}/status" against a path.
 *
 * Tables are short, so they are searched from the front. A parameter is one whole, non-empty
 * segment of the path.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "kit/http_internal.h"

/* 1 when path fits; the parameters then point into template and path. */
static int fits(const char *template, const char *path, struct http_parameter *parameters,
                size_t *lengths, int *count)
{
    *count = 0;
    while (*template != '\0') {
        if (*template != '{') {
            if (*template ++ != *path++)
                return 0;
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

/* Gives each parameter a NUL-terminated copy of its own. */
static void keep_values(struct http_exchange *exchange, const size_t *lengths)
{
    char *to = exchange->values;
    for (int i = 0; i < exchange->parameter_count; i++) {
        memcpy(to, exchange->parameters[i].value, lengths[i]);
        to[lengths[i]] = '\0';
        exchange->parameters[i].value = to;
        to += lengths[i] + 1; /* fits: in the path a slash stood before each */
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
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    size_t lengths[HTTP_PARAMS_MAX] = {0};
    for (int table = 0; config->tables[table] != NULL; table++) {
        for (const struct http_route *route = config->tables[table]; route->method != NULL;
             route++) {
            if (!fits(route->path, exchange->path, exchange->parameters, lengths,
                      &exchange->parameter_count))
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

const char *http_query(const struct http_request *request, const char *name)
{
    const char *value = NULL;
    size_t length = 0;
    if (MHD_lookup_connection_value_n(request->exchange->mhd, MHD_GET_ARGUMENT_KIND, name,
                                      strlen(name), &value, &length) != MHD_YES)
        return NULL;
    return value != NULL ? value : ""; /* "?name" without a value */
}

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->exchange->mhd, MHD_HEADER_KIND, name);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t http_unescape(void *context, struct MHD_Connection *mhd, char *text)
{
    (void)context;
    (void)mhd;
    char *to = text;
    for (const char *from = text; *from != '\0';) {
        int high = *from == '%' ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;
        if (low >= 0 && high + low > 0) {
            *to++ = (char)(high * 16 + low);
            from += 3;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}
