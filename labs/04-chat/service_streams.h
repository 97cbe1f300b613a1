/*
 * The open streams of a gateway: the student's hub, its readers, and what it asks for. Given:
 * nothing to write here.
 *
 * Everything that reaches the hub does so under one lock, and what it asks for is carried out there
 * before the next event. Nothing of that waits: writes are queued (kit/http_stream.h), fetches are
 * made by threads of their own (service_fetch.h).
 */
#ifndef LAB04_SERVICE_STREAMS_H
#define LAB04_SERVICE_STREAMS_H

#include "chat_hub.h"
#include "service_host.h"

struct streams;
int streams_open(struct streams **out, struct host *host, struct error *err);
void streams_close(struct streams *streams); /* NULL is fine */

/* Opens a stream of the channel for a user, who is a member, as the request's answer. after: the
   last number that the reader has. changes: streams_changes before the channel's home and the
   membership were looked up. 0: the response says what has become of it. ERR_CONFLICT: somebody was
   removed, or gateways were added meanwhile, so look again. */
int streams_add(struct streams *streams, const struct http_request *request,
                struct http_response *response, const char *channel, const char *user,
                int64_t after, int64_t changes);
int64_t streams_changes(struct streams *streams);
/* 1 while the stream is open. */
int streams_have(struct streams *streams, uint32_t stream);

/* Events for the hub from elsewhere. Any thread. */
void streams_published(struct streams *streams, const struct chat_message *message);
void streams_newest(struct streams *streams, const char *channel, int64_t number);
void streams_page(struct streams *streams, uint32_t stream, const struct chat_message *messages,
                  int count);
void streams_removed(struct streams *streams, const char *channel, const char *user);
/* Ends the streams of channels whose home is elsewhere by now, with the event "moved". */
void streams_move(struct streams *streams);
/* A sign of life on every stream. */
void streams_ping(struct streams *streams);

#endif
