/*
 * What makes one declaration wrong by itself. The builder asks at the line, and chat_model_check
 * asks again of a whole model, so that nothing passes one and not the other. Given.
 *
 * Each function looks at one element of the model, at those it refers to, and at those before it
 * (for names that must differ). 0, or ERR_INVALID with a sentence. References must be places in the
 * arrays: chat_model_check sees to that first, for a model that came over a wire.
 */
#ifndef LAB04_CHAT_CHECK_H
#define LAB04_CHAT_CHECK_H

#include "chat_model.h"
#include "kit/error.h"

/* what: "instances", for the sentence. */
int design_check_range(const char *what, int64_t value, int64_t least, int64_t most,
                       struct error *err);
int design_check_name(const char *name, struct error *err);
int design_check_service(const struct chat_model *model, int at, struct error *err);
int design_check_entity(const struct chat_model *model, int at, struct error *err);
int design_check_message(const struct chat_model *model, int at, struct error *err);
int design_check_field(const struct design_field *fields, int at, struct error *err);
int design_check_on(const struct chat_model *model, int at, struct error *err);
int design_check_flow(const struct chat_model *model, int at, struct error *err);
int design_check_hop(const struct chat_model *model, int flow, int at, struct error *err);
int design_check_requirements(int requirements, struct error *err);
int design_check_presence(const struct chat_model *model, struct error *err);
int design_check_reconnect(const struct chat_model *model, struct error *err);
int design_check_upload(const struct chat_model *model, struct error *err);

#endif
