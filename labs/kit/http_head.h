/*
 * A request's head and the framing of its body, read as strictly as RFC 9112 and RFC 9110 allow.
 *
 * Where a proxy in front could read other bytes as the end of a request than we do, a request can
 * be smuggled past it. So whatever has two readings is refused here, also where the RFCs let a
 * server guess: a bare LF or CR, blanks before a colon, a folded line, a Content-Length that is not
 * one number, or that stands beside Transfer-Encoding.
 */
#ifndef KIT_HTTP_HEAD_H
#define KIT_HTTP_HEAD_H

#include <stddef.h>
#include <stdint.h>
#include "kit/limits.h"

struct http_field {
    const char *name;
    const char *value; /* without blanks around it; inside only visible bytes, blanks and tabs */
};

/* All text is NUL-terminated and lies in the buffer that was read. */
struct http_head {
    const char *method;
    const char *path;  /* still encoded; "*" and CONNECT's host:port as they came */
    const char *query; /* behind the '?', still encoded; NULL when there is none */
    int field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
    int64_t content_length; /* bytes; 0 when none was announced, INT64_MAX for 19 digits and more */
    int chunked;
    int minor;            /* of the version, HTTP/1.minor */
    int keeps_connection; /* the client wants to go on with it */
    int expects_continue;
    const char *wrong; /* a sentence, static, when the head is refused */
};

/* Looks for a whole head at the front of bytes. Its length, when it is there: the bytes are then
   cut into the texts of *head, which is valid as long as they stay. 0 when more must come. A
   negative status (-400, -414, -417, -431, -501, -505) when it is refused; head->wrong says why,
   and nothing behind it can be believed. At HTTP_HEAD_MAX bytes it is never 0. */
int http_head_read(struct http_head *head, char *bytes, size_t length);

/* The value of the first field of that name (case-insensitive) from place *at on, which moves
   behind it; NULL when there is none. Begin with *at = 0. */
const char *http_head_value(const struct http_head *head, const char *name, int *at);

/* 1 for what names and methods are made of: tchar of RFC 9110, 5.6.2. */
int http_is_token_byte(unsigned char byte);

enum http_body_state {
    HTTP_BODY_PLAIN, /* left bytes of an announced length */
    HTTP_BODY_SIZE,  /* chunked, in the digits of a chunk's size */
    HTTP_BODY_EXTENSION,
    HTTP_BODY_SIZE_LF,
    HTTP_BODY_CHUNK, /* left bytes of a chunk */
    HTTP_BODY_CHUNK_CR,
    HTTP_BODY_CHUNK_LF,
    HTTP_BODY_TRAILER,      /* at the beginning of a line */
    HTTP_BODY_TRAILER_NAME, /* of a field */
    HTTP_BODY_TRAILER_VALUE,
    HTTP_BODY_TRAILER_LF,
    HTTP_BODY_END_LF,
    HTTP_BODY_DONE,
    HTTP_BODY_WRONG
};

struct http_body {
    enum http_body_state state;
    int64_t left;
    int line_length;    /* of a chunk's size with its extensions */
    int trailer_length; /* of all trailers; they are read and dropped */
};

void http_body_begin(struct http_body *body, const struct http_head *head);
/* Takes bytes up to the end of one piece of content: the number taken. The piece, which lies in
   bytes, is *piece with *piece_length bytes, 0 when there is none. Call it again until the state is
   DONE or WRONG (400, and nothing behind it can be believed), or all bytes are taken. */
size_t http_body_read(struct http_body *body, const char *bytes, size_t length, const char **piece,
                      size_t *piece_length);

#endif
