/* The model's store: what the model's files share. */
#ifndef SUITES_ORDER_MODEL_STORE_H
#define SUITES_ORDER_MODEL_STORE_H

#include "suites/01-order/model.h"

enum { MODEL_OUTBOX = 512, MODEL_SNAPSHOT_SCHEMA = 2 };

struct model_event {
    int64_t version, schema, at;
    char id[MODEL_TEXT]; /* "" when the student's code chose it */
    char type[MODEL_TEXT];
    char *payload; /* owned */
    int put;       /* 1: by put_event, so its bytes are known exactly */
};

struct model_snapshot {
    int64_t version, schema;
    struct model_order order; /* only for the current schema */
};

struct model_stream {
    struct model_stream *next;
    char name[MODEL_TEXT];
    struct model_event *events; /* by version */
    int event_count;
    struct model_snapshot *snapshots;
    int snapshot_count;
    int deleted;  /* events were deleted: as-of questions have no right answer */
    int unjudged; /* the rules leave open what is there: nothing is said any more */
};

struct model_message {
    char topic[MODEL_TEXT], key[MODEL_TEXT], id[MODEL_TEXT];
    char *payload; /* owned */
};

struct model {
    struct model_order order; /* the register */
    int every;
    struct model_stream *streams;
    struct model_message outbox[MODEL_OUTBOX];
    int outbox_count;
};

struct model_action {
    const char *word;
    void (*expect)(struct model *model, const struct message *action, struct text *expected);
};
extern const struct model_action model_pure_actions[];
extern const struct model_action model_store_actions[];
extern const struct model_action model_rows_actions[];

int64_t model_number(const struct message *action, const char *name, int64_t otherwise);
void model_refuse(struct text *expected, const char *code);
/* Forgets every stream and message. */
void model_forget(struct model *model);
/* The stream of that name, or of the action; made when it is new. */
struct model_stream *model_stream(struct model *model, const char *name);
struct model_stream *model_named(struct model *model, const struct message *action);
/* Puts the event at its place by version; takes over its payload. */
void model_add_event(struct model_stream *stream, const struct model_event *event);
/* Adds or replaces the snapshot of that version. */
void model_add_snapshot(struct model_stream *stream, const struct model_snapshot *snapshot);

#endif
