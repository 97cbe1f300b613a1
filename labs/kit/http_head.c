/*
 * Reading a request's head (RFC 9112, sections 2 to 6).
 *
 *   head  = [CRLF] method SP target SP "HTTP/" DIGIT "." DIGIT CRLF *(name ":" OWS value OWS CRLF)
 *           CRLF
 *
 * The end is looked for first, line by line, so that a line which no CRLF ends is refused before
 * the rest has come. Then the lines are cut where they stand: a NUL replaces the blank, the colon
 * or the CR behind each part. The framing of the body has its file, http_body.c.
 */
#include <string.h>
#include <strings.h>
#include "kit/http_head.h"

static int refuse(struct http_head *head, int status, const char *wrong)
{
    head->wrong = wrong;
    return -status;
}

int http_is_token_byte(unsigned char byte)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    unsigned char lower = byte | 0x20;
    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && memchr(others, byte, sizeof others - 1) != NULL);
}

static size_t token_length(const char *text)
{
    size_t length = 0;
    while (http_is_token_byte((unsigned char)text[length]))
        length++;
    return length;
}

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 2 when bytes begin with an empty line, as some clients end a body (RFC 9112, 2.2). */
static size_t empty_line_length(const char *bytes, size_t length)
{
    return length >= 2 && memcmp(bytes, "\r\n", 2) == 0 ? 2 : 0;
}

/* The length of the head with its empty line, 0 when that has not come, or a refusal. */
static int find_end(struct http_head *head, const char *bytes, size_t length)
{
    size_t start = empty_line_length(bytes, length);
    size_t limit = length < HTTP_HEAD_MAX ? length : HTTP_HEAD_MAX;
    for (size_t line = start; line < limit;) {
        const char *feed = memchr(bytes + line, '\n', limit - line);
        if (feed == NULL)
            break;
        size_t end = (size_t)(feed - bytes);
        if (end == line || bytes[end - 1] != '\r')
            return refuse(head, 400, "A line of the head ends without CR and LF.");
        if (end == line + 1)
            return line > start ? (int)end + 1
                                : refuse(head, 400, "A request begins with an empty line.");
        line = end + 1;
    }
    if (length < HTTP_HEAD_MAX)
        return 0;
    return memchr(bytes + start, '\n', limit - start) == NULL
               ? refuse(head, 414, "The request line is too long.")
               : refuse(head, 431, "The head of the request is too long.");
}

/* 1 when text holds only bytes that a URI may have (RFC 3986), and each % begins two digits. */
static int is_uri_text(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte <= ' ' || byte >= 0x7f || strchr("\"#<>\\^`{|}", byte) != NULL)
            return 0;
        if (byte == '%' && (!is_hex(text[1]) || !is_hex(text[2])))
            return 0;
    }
    return 1;
}

/* uri-host [":" port], which may be empty. */
static int is_host(const char *text)
{
    return is_uri_text(text) && strpbrk(text, "/?@") == NULL;
}

/* Cuts the target into path and query (RFC 9112, 3.2). */
static int read_target(struct http_head *head, char *target)
{
    static const char wrong[] = "The request target is not one that a URI can have.";
    if (!is_uri_text(target))
        return refuse(head, 400, wrong);
    if (strcmp(head->method, "CONNECT") == 0 ||
        (strcmp(head->method, "OPTIONS") == 0 && strcmp(target, "*") == 0)) {
        head->path = target;
        return 0;
    }
    char *query = strchr(target, '?');
    if (query != NULL) {
        *query = '\0';
        head->query = query + 1;
    }
    if (*target != '/') { /* absolute-form: whose service it is, is not asked here */
        size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                        : strncasecmp(target, "https://", 8) == 0 ? 8
                                                                  : 0;
        char *path = target + scheme + strcspn(target + scheme, "/");
        if (scheme == 0 || path == target + scheme ||
            memchr(target + scheme, '@', (size_t)(path - target) - scheme) != NULL)
            return refuse(head, 400, wrong);
        target = *path != '\0' ? path : memcpy(target, "/", 2);
    }
    head->path = target;
    return 0;
}

static int read_request_line(struct http_head *head, char *line)
{
    static const char wrong[] = "The request line is not that of HTTP.";
    size_t method = token_length(line);
    char *target = line + method + 1;
    char *version = method > 0 && line[method] == ' ' ? strchr(target, ' ') : NULL;
    if (version == NULL || version == target)
        return refuse(head, 400, wrong);
    line[method] = '\0';
    *version++ = '\0';
    head->method = line;
    if (strlen(version) != 8 || strncmp(version, "HTTP/", 5) != 0 || version[6] != '.' ||
        version[5] < '0' || version[5] > '9' || version[7] < '0' || version[7] > '9')
        return refuse(head, 400, wrong);
    if (version[5] != '1')
        return refuse(head, 505, "This service speaks HTTP/1.1.");
    head->minor = version[7] - '0';
    return read_target(head, target);
}

/* One field line, whose CR has become a NUL. */
static int read_field(struct http_head *head, char *line, size_t length)
{
    if (head->field_count == HTTP_FIELDS_MAX)
        return refuse(head, 431, "The head of the request has too many fields.");
    size_t name = token_length(line);
    if (name == 0 || line[name] != ':')
        return refuse(head, 400, "A field's name is empty, folded, or not followed by a colon.");
    line[name] = '\0';
    char *value = line + name + 1;
    char *end = line + length;
    for (const char *c = value; c < end; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return refuse(head, 400, "A field's value has a control byte.");
    value += strspn(value, " \t");
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    head->fields[head->field_count++] = (struct http_field){line, value};
    return 0;
}

const char *http_head_value(const struct http_head *head, const char *name, int *at)
{
    while (*at < head->field_count) {
        const struct http_field *field = &head->fields[(*at)++];
        if (strcasecmp(field->name, name) == 0)
            return field->value;
    }
    return NULL;
}

/* Content-Length: nothing but digits. */
static int read_length(struct http_head *head, const char *digits)
{
    enum { DIGITS_MAX = 18 };
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || digits[length] != '\0')
        return refuse(head, 400, "Content-Length is not one number.");
    int64_t bytes = 0;
    for (; *digits != '\0' && bytes != INT64_MAX; digits++)
        bytes = length > DIGITS_MAX ? INT64_MAX : bytes * 10 + (*digits - '0');
    head->content_length = bytes;
    return 0;
}

/* 1 when the list in value has the word; *last tells whether it ends with it. */
static int list_has(const char *value, const char *word, int *last)
{
    int found = 0;
    *last = 0;
    while (*value != '\0') {
        value += strspn(value, ", \t");
        size_t length = strcspn(value, ", \t");
        if (length > 0)
            *last = length == strlen(word) && strncasecmp(value, word, length) == 0;
        found |= *last;
        value += length;
    }
    return found;
}

static int read_coding(struct http_head *head, const char *value)
{
    int last = 0;
    list_has(value, "chunked", &last);
    if (head->minor == 0)
        return refuse(head, 400, "HTTP/1.0 has no Transfer-Encoding.");
    if (!last)
        return refuse(head, 400, "A request's last transfer coding must be chunked.");
    if (strcasecmp(value, "chunked") != 0)
        return refuse(head, 501, "The only transfer coding here is chunked.");
    head->chunked = 1;
    return 0;
}

/* The fields that rule the connection and the framing. Each stands at most once, but Connection. */
static int read_framing(struct http_head *head)
{
    int at = 0, again = 0, last = 0;
    const char *host = http_head_value(head, "Host", &at);
    if ((host == NULL && head->minor > 0) || http_head_value(head, "Host", &at) != NULL)
        return refuse(head, 400, "A request must have one Host.");
    if (host != NULL && !is_host(host))
        return refuse(head, 400, "Host is not the name of a host.");

    at = 0;
    const char *coding = http_head_value(head, "Transfer-Encoding", &at);
    const char *length = http_head_value(head, "Content-Length", &again);
    if ((coding != NULL && (length != NULL || http_head_value(head, "Transfer-Encoding", &at))) ||
        (length != NULL && http_head_value(head, "Content-Length", &again)))
        return refuse(head, 400, "The end of the body is said twice.");
    int code = length != NULL ? read_length(head, length) : 0;
    if (coding != NULL)
        code = read_coding(head, coding);
    if (code != 0)
        return code;

    head->keeps_connection = head->minor > 0;
    at = 0;
    for (const char *value = NULL; (value = http_head_value(head, "Connection", &at)) != NULL;)
        if (list_has(value, "close", &last))
            head->keeps_connection = 0;
    at = 0;
    const char *expects = head->minor > 0 ? http_head_value(head, "Expect", &at) : NULL;
    if (expects != NULL && strcasecmp(expects, "100-continue") != 0)
        return refuse(head, 417, "The only expectation here is 100-continue.");
    head->expects_continue = expects != NULL;
    return 0;
}

int http_head_read(struct http_head *head, char *bytes, size_t length)
{
    head->method = "";
    head->path = "";
    head->query = NULL;
    head->field_count = 0;
    head->content_length = 0;
    head->chunked = 0;
    head->minor = 0;
    head->keeps_connection = 0;
    head->expects_continue = 0;
    head->wrong = NULL;

    int whole = find_end(head, bytes, length);
    if (whole <= 0)
        return whole;
    char *const end = bytes + whole - 2; /* the empty line */
    char *line = bytes + empty_line_length(bytes, length);
    for (int first = 1; line < end; first = 0) {
        char *feed = memchr(line, '\n', (size_t)(end - line));
        size_t line_length = (size_t)(feed - line) - 1;
        line[line_length] = '\0';
        if (first && strlen(line) != line_length)
            return refuse(head, 400, "The request line has a control byte.");
        int code = first ? read_request_line(head, line) : read_field(head, line, line_length);
        if (code != 0)
            return code;
        line = feed + 1;
    }
    int code = read_framing(head);
    return code != 0 ? code : whole;
}
