/*
 * HTTP/1.1 as bytes: as much of it as peers need, by hand, because a fault must be able to send
 * anything at all.
 */
#ifndef PEERS_PEER_HTTP_H
#define PEERS_PEER_HTTP_H

#include "peers/peer.h"

enum {
    PEER_HEADERS_MAX = 16 * 1024, /* bytes of request line and headers */
    PEER_BODY_MAX = 64 * 1024     /* bytes of a request body */
};

/* Reads one request from the front of input, which it cuts into strings in place. Returns the
   bytes it takes, 0 when it is not whole yet, or ERR_INVALID for what is not HTTP, is too large or
   has a chunked body. request borrows from input. */
long peer_http_parse(struct text *input, struct peer_request *request);

/* Appends the whole answer; keep_alive 0 adds Connection: close. */
void peer_http_format(struct text *output, const struct peer_response *response, int keep_alive);

#endif
