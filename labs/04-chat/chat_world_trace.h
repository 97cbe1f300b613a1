/*
 * Schedules and runs of the core's world as text. Given: nothing to write here.
 *
 * A schedule is "3.1,17.8": point and fault, or "-" for none. A trace is what the core answered,
 * call by call, each ended by ';', or "!;" when it refused:
 *
 *   b           chat_log_begin                  n18        chat_log_newest
 *   h           both hubs anew
 *   s a12.13@5  a send: its actions, letters a (append), k (ack), K (ack, repeated), p (publish), c
 *               (append of a counter); which of the world's messages, number, time
 *   e f0.12.16  an event of a hub: its actions, letters f (fetch: stream, number, limit), w (write:
 *               stream, which message of the event), l (live), g (gap: stream, number), o (put out)
 */
#ifndef LAB04_CHAT_WORLD_TRACE_H
#define LAB04_CHAT_WORLD_TRACE_H

#include "chat_world.h"
#include "kit/text.h"

void chat_schedule_write(struct text *out, const struct chat_schedule *schedule);
/* The first `length` bytes. Negative when they are no schedule. */
int chat_schedule_read(const char *text, size_t length, struct chat_schedule *schedule);

/* result: what the call returned. */
void chat_trace_call(struct text *out, char letter, int result);
void chat_trace_newest(struct text *out, int64_t number);
void chat_trace_send(struct text *out, const struct chat_world *world, int result,
                     const struct chat_log_actions *actions);
void chat_trace_event(struct text *out, const struct chat_hub_event *event, int result,
                      const struct chat_hub_actions *actions);

/* Each moves *at behind one call: 0, or 1 when it refused; negative when the text is none of it. */
int chat_trace_read_call(const char **at, char letter);
int chat_trace_read_newest(const char **at, int64_t *number);
int chat_trace_read_send(const char **at, const struct chat_world *world,
                         struct chat_log_actions *actions);
int chat_trace_read_event(const char **at, const struct chat_hub_event *event,
                          struct chat_hub_actions *actions);

#endif
