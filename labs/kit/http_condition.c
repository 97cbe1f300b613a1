/*
 * Conditional requests (RFC 9110, 13): If-Match and If-None-Match against the ETag of the answer to
 * a GET. A handler that writes decides itself, inside its transaction.
 */
#include <string.h>
#include <strings.h>
#include "kit/http_internal.h"
#include "kit/problem.h"

int http_etag_listed(const char *list, const char *etag, int weak)
{
    if (strcmp(list, "*") == 0)
        return 1;
    size_t opaque = strncmp(etag, "W/", 2) == 0 ? 2 : 0;
    int found = 0;
    for (const char *at = list + strspn(list, ", \t"); *at != '\0'; at += strspn(at, ", \t")) {
        int is_weak = strncmp(at, "W/", 2) == 0;
        at += is_weak ? 2 : 0;
        size_t inside = *at == '"' ? strcspn(at + 1, "\" \t") : 0;
        if (*at != '"' || at[1 + inside] != '"')
            return -1;
        size_t length = inside + 2;
        int same = strlen(etag + opaque) == length && memcmp(etag + opaque, at, length) == 0;
        found |= same && (weak || (!is_weak && opaque == 0));
        at += length;
        at += strspn(at, " \t");
        if (*at != '\0' && *at != ',')
            return -1; /* also behind the one that fits: what is no list fits nothing */
    }
    return found;
}

static const char *etag_of(const struct http_response *response)
{
    for (int i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, "ETag") == 0)
            return text_str(&response->headers[i].value);
    return NULL;
}

void http_condition_apply(struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    const char *method = exchange->request.method;
    const char *etag = response->status == 200 ? etag_of(response) : NULL;
    if (etag == NULL || (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0))
        return;
    const char *wanted = http_header(&exchange->request, "If-Match");
    const char *known = http_header(&exchange->request, "If-None-Match");
    if (wanted != NULL && http_etag_listed(wanted, etag, 0) != 1) {
        problem(response, 412, "What is here has another ETag than If-Match names.");
    } else if (known != NULL && http_etag_listed(known, etag, 1) == 1) {
        response->status = 304;
        text_clear(&response->body);
    }
}
