/*
 * Lab 04's pictures: what their files share. Each is drawn from the design as data alone, in the
 * order of its declarations, so that the same design gives the same bytes.
 */
#ifndef SUITES_CHAT_PICTURES_H
#define SUITES_CHAT_PICTURES_H

#include "04-chat/chat_model.h"
#include "kit/text.h"
#include "suites/04-chat/capacity_model.h"

enum { PICTURE_WIDTH = 900, PICTURE_LINE = 17 };

/* DOT: services and who is outside, an edge for all calls, posts or streams from one to another;
   what a sender waits for is bold. */
void picture_service_map(const struct chat_model *model, struct text *dot);
/* SVG: a card a service with its entities and their fields. */
void picture_owners(const struct chat_model *model, const char *title, struct text *svg);
/* SVG: a flow from top to bottom, an arrow a hop. */
void picture_flow(const struct chat_model *model, const struct design_flow *flow, const char *title,
                  struct text *svg);
/* SVG: own's numbers as bars against what the declared services bear. own was asked for workload,
   which has the design's gateways and partitions. */
void picture_capacity(const struct chat_model *model, const struct workload *workload,
                      const struct capacity *own, const char *title, struct text *svg);

/* --- pictures_words.c ------------------------------------------------------------------------- */

/* The hops for which a client or reader waits, a bit each: its calls, and those of a service that
   such a call has reached. */
uint32_t flow_awaited(const struct design_flow *flow);
/* "send, deliver"; "no requirement". */
void add_requirements(struct text *out, int requirements);
/* "up to 300 ms, twice, then its copy"; "batches of 20 or 5 ms, keeps 5,000,000"; "to channel
   members". */
void add_terms(struct text *out, const struct design_hop *hop);
/* 1234567 as "1,234,567"; from 10^10 on, and below 100, with four digits. */
void add_number(struct text *out, double number);
/* "617 TB", powers of ten. */
void add_bytes(struct text *out, double bytes);

#endif
