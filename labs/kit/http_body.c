/*
 * Where a request's body ends (RFC 9112, sections 6 and 7).
 *
 *   chunked = *(1*HEXDIG [extension] CRLF data CRLF) 1*"0" [extension] CRLF *(field CRLF) CRLF
 *
 * A bare LF, a bare CR and a size that is no number are refused, as is a line without an end.
 * Extensions and trailers are checked for their shape and dropped.
 */
#include "kit/http_head.h"

enum { SIZE_DIGITS_MAX = 8 };

void http_body_begin(struct http_body *body, const struct http_head *head)
{
    *body = (struct http_body){.state = HTTP_BODY_SIZE, .left = 0};
    if (!head->chunked) {
        body->left = head->content_length;
        body->state = body->left > 0 ? HTTP_BODY_PLAIN : HTTP_BODY_DONE;
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int is_text_byte(char c)
{
    return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

/* A byte of the line that says a chunk's size. */
static enum http_body_state read_size(struct http_body *body, char c)
{
    int digit = body->state == HTTP_BODY_SIZE ? hex_value(c) : -1;
    if (++body->line_length > HTTP_CHUNK_LINE_MAX)
        return HTTP_BODY_WRONG;
    if (digit >= 0) {
        body->left = body->left * 16 + digit;
        return body->line_length <= SIZE_DIGITS_MAX ? HTTP_BODY_SIZE : HTTP_BODY_WRONG;
    }
    if (body->line_length == 1) /* no digit at all */
        return HTTP_BODY_WRONG;
    if (c == '\r')
        return HTTP_BODY_SIZE_LF;
    if (body->state == HTTP_BODY_SIZE)
        return c == ';' ? HTTP_BODY_EXTENSION : HTTP_BODY_WRONG;
    return is_text_byte(c) ? HTTP_BODY_EXTENSION : HTTP_BODY_WRONG;
}

/* A byte of the trailers. A line must begin like a field and hold no control byte. */
static enum http_body_state read_trailer(struct http_body *body, char c)
{
    if (++body->trailer_length > HTTP_TRAILER_MAX)
        return HTTP_BODY_WRONG;
    int at_start = body->state == HTTP_BODY_TRAILER;
    if (c == '\r' && body->state != HTTP_BODY_TRAILER_NAME)
        return at_start ? HTTP_BODY_END_LF : HTTP_BODY_TRAILER_LF;
    if (!is_text_byte(c))
        return HTTP_BODY_WRONG;
    if (body->state == HTTP_BODY_TRAILER_VALUE)
        return HTTP_BODY_TRAILER_VALUE;
    if (c == ':')
        return at_start ? HTTP_BODY_WRONG : HTTP_BODY_TRAILER_VALUE;
    return http_is_token_byte((unsigned char)c) ? HTTP_BODY_TRAILER_NAME : HTTP_BODY_WRONG;
}

static enum http_body_state read_byte(struct http_body *body, char c)
{
    switch (body->state) {
    case HTTP_BODY_SIZE:
    case HTTP_BODY_EXTENSION:
        return read_size(body, c);
    case HTTP_BODY_SIZE_LF:
        body->line_length = 0;
        if (c != '\n')
            return HTTP_BODY_WRONG;
        return body->left > 0 ? HTTP_BODY_CHUNK : HTTP_BODY_TRAILER;
    case HTTP_BODY_CHUNK_CR:
        return c == '\r' ? HTTP_BODY_CHUNK_LF : HTTP_BODY_WRONG;
    case HTTP_BODY_CHUNK_LF:
        return c == '\n' ? HTTP_BODY_SIZE : HTTP_BODY_WRONG;
    case HTTP_BODY_TRAILER:
    case HTTP_BODY_TRAILER_NAME:
    case HTTP_BODY_TRAILER_VALUE:
        return read_trailer(body, c);
    case HTTP_BODY_TRAILER_LF:
        return c == '\n' ? HTTP_BODY_TRAILER : HTTP_BODY_WRONG;
    case HTTP_BODY_END_LF:
        return c == '\n' ? HTTP_BODY_DONE : HTTP_BODY_WRONG;
    default:
        return HTTP_BODY_WRONG;
    }
}

size_t http_body_read(struct http_body *body, const char *bytes, size_t length, const char **piece,
                      size_t *piece_length)
{
    size_t taken = 0;
    *piece = bytes;
    *piece_length = 0;
    while (taken < length && body->state < HTTP_BODY_DONE) {
        if (body->state != HTTP_BODY_PLAIN && body->state != HTTP_BODY_CHUNK) {
            body->state = read_byte(body, bytes[taken++]);
            continue;
        }
        size_t some = length - taken;
        if ((int64_t)some > body->left)
            some = (size_t)body->left;
        *piece = bytes + taken;
        *piece_length = some;
        body->left -= (int64_t)some;
        if (body->left == 0)
            body->state = body->state == HTTP_BODY_PLAIN ? HTTP_BODY_DONE : HTTP_BODY_CHUNK_CR;
        return taken + some;
    }
    return taken;
}
