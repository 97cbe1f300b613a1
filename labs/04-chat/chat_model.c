/*
 * A design as data: looking things up. chat_model.h says what each function promises. Given.
 */
#include "chat_model.h"

#include <stddef.h>

const char *design_party_name(const struct chat_model *model, int party)
{
    if (party >= 0 && party < model->service_count)
        return model->services[party].name;
    return party == DESIGN_CLIENT   ? "client"
           : party == DESIGN_READER ? "reader"
           : party == DESIGN_PHONE  ? "phone"
           : party == DESIGN_STORE  ? "store"
                                    : "nobody";
}

int design_owner(const struct chat_model *model, enum capability capability)
{
    for (int i = 0; i < model->entity_count; i++)
        if (model->entities[i].original == DESIGN_NONE &&
            model->entities[i].capability == capability)
            return model->entities[i].service;
    return DESIGN_NONE;
}

const struct design_field *design_field_of(const struct design_field *fields, int count,
                                           enum meaning meaning)
{
    for (int i = 0; i < count; i++)
        if (fields[i].meaning == meaning)
            return &fields[i];
    return NULL;
}
