/*
 * A design on the probe's line: one element of a chat_model as the fields of a message, written in
 * the probe and read in the judge. Given.
 *
 * Every member has the name that it has in chat_model.h; words are numbers, as in chat_words.h. A
 * place is file= and line=; what stands in an array has its number before the name: f0.name=.
 */
#ifndef LAB04_CHAT_WIRE_H
#define LAB04_CHAT_WIRE_H

#include "chat_model.h"
#include "kit/text.h"
#include "probe/message.h"

/* Adds the element to a line that message_begin has begun. */
void wire_put_counts(const struct chat_model *model, struct text *line);
void wire_put_rest(const struct chat_model *model, struct text *line);
void wire_put_service(const struct design_service *service, struct text *line);
void wire_put_entity(const struct design_entity *entity, struct text *line);
void wire_put_message(const struct design_message *message, struct text *line);
void wire_put_on(const struct design_on *on, struct text *line);
void wire_put_flow(const struct design_flow *flow, struct text *line); /* without its hops */
void wire_put_hop(const struct design_hop *hop, struct text *line);

/* Each reads what its counterpart has put. ERR_INVALID names the member that is not there, not a
   number, or too long. Whether the values make sense is for chat_model_check to say; only counts
   are held to their limits here, as the caller goes by them. */
int wire_get_counts(const struct message *line, struct chat_model *model, struct error *err);
int wire_get_rest(const struct message *line, struct chat_model *model, struct error *err);
int wire_get_service(const struct message *line, struct design_service *service, struct error *err);
int wire_get_entity(const struct message *line, struct design_entity *entity, struct error *err);
int wire_get_message(const struct message *line, struct design_message *message, struct error *err);
int wire_get_on(const struct message *line, struct design_on *on, struct error *err);
int wire_get_flow(const struct message *line, struct design_flow *flow, struct error *err);
int wire_get_hop(const struct message *line, struct design_hop *hop, struct error *err);

#endif
