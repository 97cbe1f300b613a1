#include "peers/peer_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "kit/error.h"

int peer_header(const struct peer_request *request, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = request->headers; *line; line += strcspn(line, "\n") + 1) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        const char *from = line + length + 1 + strspn(line + length + 1, " \t");
        snprintf(value, size, "%.*s", (int)strcspn(from, "\r\n"), from);
        return 1;
    }
    return 0;
}

/* The body's length by Content-Length, 0 without one; ERR_INVALID. */
static long body_length(const struct peer_request *request)
{
    char value[16];
    char *end = NULL;
    if (peer_header(request, "Transfer-Encoding", value, sizeof value))
        return ERR_INVALID;
    if (!peer_header(request, "Content-Length", value, sizeof value))
        return 0;
    long length = strtol(value, &end, 10);
    if (end == value || *end != '\0' || length < 0 || length > PEER_BODY_MAX)
        return ERR_INVALID;
    return length;
}

/* "GET /path?query HTTP/1.1", already without its line end. */
static int cut_request_line(char *line, struct peer_request *request)
{
    char *path = strchr(line, ' ');
    char *version = path ? strchr(path + 1, ' ') : NULL;
    if (!version || path[1] != '/' || strncmp(version + 1, "HTTP/1.", 7) != 0)
        return ERR_INVALID;
    *path++ = '\0';
    *version = '\0';
    path[strcspn(path, "?")] = '\0';
    request->method = line;
    request->path = path;
    return 0;
}

long peer_http_parse(struct text *input, struct peer_request *request)
{
    char *end = input->length > 0 ? strstr(input->bytes, "\r\n\r\n") : NULL;
    if (!end)
        return input->length > PEER_HEADERS_MAX ? ERR_INVALID : 0;
    char *headers = strstr(input->bytes, "\r\n") + 2;
    size_t head = (size_t)(end - input->bytes) + 4;
    end[2] = '\0'; /* the headers are a string now, the last line with its end */
    *request = (struct peer_request){.headers = end < headers ? "" : headers};
    long length = body_length(request);
    if (length < 0)
        return ERR_INVALID;
    if (input->length < head + (size_t)length) {
        end[2] = '\r'; /* as it was: this is read again when more has come */
        return 0;
    }
    headers[-2] = '\0';
    request->body = input->bytes + head;
    request->body_length = (size_t)length;
    if (cut_request_line(input->bytes, request) != 0)
        return ERR_INVALID;
    return (long)head + length;
}

void peer_http_format(struct text *output, const struct peer_response *response, int keep_alive)
{
    text_addf(output,
              "HTTP/1.1 %d %s\r\nContent-Type: application/%s\r\nContent-Length: %zu\r\n%s\r\n",
              response->status, response->status < 400 ? "OK" : "Error",
              response->status < 400 ? "json" : "problem+json", response->body.length,
              keep_alive ? "" : "Connection: close\r\n");
    text_append(output, text_str(&response->body), response->body.length);
}

void peer_problem(struct peer_response *response, int status, const char *detail)
{
    response->status = status;
    text_clear(&response->body);
    text_addf(&response->body,
              "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
              status == 404   ? "Not Found"
              : status == 405 ? "Method Not Allowed"
                              : "Error",
              status, detail);
}

int peer_route_fits(const char *template, const char *path, char parameter[PEER_PARAMETER_MAX])
{
    size_t fixed = strcspn(template, "{");
    parameter[0] = '\0';
    if (template[fixed] == '\0')
        return strcmp(template, path) == 0;
    if (strncmp(template, path, fixed) != 0 || path[fixed] == '\0' || strchr(path + fixed, '/'))
        return 0;
    return snprintf(parameter, PEER_PARAMETER_MAX, "%s", path + fixed) < PEER_PARAMETER_MAX;
}
