/* What a call brought back. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "kit/http_client.h"

void http_reply_release(struct http_reply *reply)
{
    text_release(&reply->body);
    text_release(&reply->headers);
}

int http_reply_header(const struct http_reply *reply, const char *name, char *value, size_t size)
{
    size_t name_length = strlen(name);
    const char *line = text_str(&reply->headers);
    while (*line != '\0') {
        size_t length = strcspn(line, "\r\n");
        if (length > name_length && line[name_length] == ':' &&
            strncasecmp(line, name, name_length) == 0) {
            const char *from = line + name_length + 1;
            const char *end = line + length;
            while (from < end && isspace((unsigned char)*from))
                from++;
            while (end > from && isspace((unsigned char)end[-1]))
                end--;
            snprintf(value, size, "%.*s", (int)(end - from), from);
            return 1;
        }
        line += length;
        line += strspn(line, "\r\n");
    }
    return 0;
}

const char *http_outcome_name(enum http_outcome outcome)
{
    static const char *const names[] = {
        [HTTP_OK] = "ok",       [HTTP_REFUSED] = "refused", [HTTP_TIMEOUT] = "timeout",
        [HTTP_RESET] = "reset", [HTTP_GARBAGE] = "garbage",
    };
    return names[outcome];
}
