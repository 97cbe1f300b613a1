/*
 * The model: histories as arrays, a load as a loop over one. See 01-order-model.h.
 */
#include "suites/01-order/model_store.h"

#include <stdlib.h>
#include <string.h>

struct model *model_open(void)
{
    struct model *model = calloc(1, sizeof *model);
    if (model == NULL)
        abort();
    model->every = 100;
    return model;
}

void model_forget(struct model *model)
{
    while (model->streams != NULL) {
        struct model_stream *stream = model->streams;
        model->streams = stream->next;
        for (int i = 0; i < stream->event_count; i++)
            free(stream->events[i].payload);
        free(stream->events);
        free(stream->snapshots);
        free(stream);
    }
    while (model->outbox_count > 0)
        free(model->outbox[--model->outbox_count].payload);
}

void model_close(struct model *model)
{
    if (model == NULL)
        return;
    model_forget(model);
    free(model);
}

int64_t model_number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

void model_refuse(struct text *expected, const char *code)
{
    message_begin(expected, "error");
    message_add(expected, "code", code);
}

void model_expect(struct model *model, const struct message *action, struct text *expected)
{
    const struct model_action *const tables[] = {model_pure_actions, model_store_actions,
                                                 model_rows_actions};
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct model_action *entry = tables[t]; entry->word != NULL; entry++)
            if (strcmp(entry->word, action->word) == 0)
                entry->expect(model, action, expected);
}

/* --- the oracle --------------------------------------------------------------------------- */

struct oracle_state {
    struct model *model;
    const char *judged;
};

static void *oracle_create(const char *judged)
{
    struct oracle_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        abort();
    state->model = model_open();
    state->judged = judged;
    return state;
}

static void oracle_destroy(void *context)
{
    struct oracle_state *state = context;
    if (state != NULL)
        model_close(state->model);
    free(state);
}

static int oracle_step(void *context, const struct message *action, const struct message *reply,
                       struct finding *finding)
{
    struct oracle_state *state = context;
    struct text line = {0};
    struct message expected = {0};
    int broken = 0;
    model_expect(state->model, action, &line);
    if (line.length > 0 && message_parse(text_str(&line), &expected, NULL) == 0)
        broken = model_compare(state->judged, &expected, reply, finding);
    message_release(&expected);
    text_release(&line);
    return broken;
}

const struct oracle order_oracle = {oracle_create, oracle_destroy, oracle_step};
