/*
 * The part of lab 04's probe that tells the judge the design. Given: nothing to write here.
 *
 *   design        declares it, anew each time: ok service_count= entity_count= message_count=
 *                 on_count= flow_count= | error code= text= file= line= (where it is wrong; line=0:
 *                 nowhere)
 *   service n=0   ok name= instances= ...: the members of that element of struct chat_model by
 *                 their names, as chat_wire.h says
 *   entity n=0    the same; so do message n=0, on n=0, flow n=0 (with hop_count=), hop flow=0 n=0
 *   rest          ok heartbeat_ms= ttl_ms= jitter_ms= upload_bytes= and where each was said
 *
 * Each but the first is answered error code="not found" when there is no such element.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "chat_model.h"
#include "chat_wire.h"
#include "kit/error.h"

struct design_rig {
    struct chat_model model;
    int declared; /* 1: the model is whole */
};

void design_rig_free(struct design_rig *design)
{
    free(design);
}

void do_design(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {0};
    struct design_place place = {0};
    (void)action;
    if (rig->design == NULL)
        rig->design = calloc(1, sizeof *rig->design);
    if (rig->design == NULL)
        abort();
    int result = chat_model_build(&rig->design->model, &place, &err);
    rig->design->declared = result == 0;
    probe_result(reply, result, &err);
    if (result == 0) {
        wire_put_counts(&rig->design->model, reply);
    } else if (result != ERR_TODO) {
        message_add(reply, "file", place.file);
        message_add_int64(reply, "line", place.line);
    }
}

/* The element of an array with `count` that the action asks for, or -1. */
static int asked(const struct message *action, const char *name, int count)
{
    int64_t at = -1;
    message_get_int64(action, name, &at);
    return at >= 0 && at < count ? (int)at : -1;
}

static int put_hop(const struct chat_model *model, const struct message *action, struct text *reply)
{
    int flow = asked(action, "flow", model->flow_count);
    int at = flow >= 0 ? asked(action, "n", model->flows[flow].hop_count) : -1;
    if (at >= 0)
        wire_put_hop(&model->flows[flow].hops[at], reply);
    return at >= 0;
}

/* 1 when there was such an element. */
static int put_element(const struct chat_model *model, const struct message *action,
                       struct text *reply)
{
    const char *word = action->word;
    int at = -1;
    if (strcmp(word, "hop") == 0)
        return put_hop(model, action, reply);
    if (strcmp(word, "service") == 0 && (at = asked(action, "n", model->service_count)) >= 0)
        wire_put_service(&model->services[at], reply);
    else if (strcmp(word, "entity") == 0 && (at = asked(action, "n", model->entity_count)) >= 0)
        wire_put_entity(&model->entities[at], reply);
    else if (strcmp(word, "message") == 0 && (at = asked(action, "n", model->message_count)) >= 0)
        wire_put_message(&model->messages[at], reply);
    else if (strcmp(word, "on") == 0 && (at = asked(action, "n", model->on_count)) >= 0)
        wire_put_on(&model->ons[at], reply);
    else if (strcmp(word, "flow") == 0 && (at = asked(action, "n", model->flow_count)) >= 0)
        wire_put_flow(&model->flows[at], reply);
    return at >= 0;
}

void do_element(void *context, const struct message *action, struct text *reply)
{
    const struct rig *rig = context;
    struct error err = {0};
    message_begin(reply, "ok");
    if (rig->design != NULL && rig->design->declared &&
        put_element(&rig->design->model, action, reply))
        return;
    probe_result(reply, error_set(&err, ERR_NOT_FOUND, "there is no such element"), &err);
}

void do_rest(void *context, const struct message *action, struct text *reply)
{
    const struct rig *rig = context;
    struct error err = {0};
    (void)action;
    message_begin(reply, "ok");
    if (rig->design != NULL && rig->design->declared)
        wire_put_rest(&rig->design->model, reply);
    else
        probe_result(reply, error_set(&err, ERR_NOT_FOUND, "no design is declared"), &err);
}
