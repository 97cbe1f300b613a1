/*
 * Lab 01's rules, written down a second time and as plainly as possible: the oracle of its probe
 * checks. No database, no cleverness: a history is an array, a load is a loop over it.
 *
 * The model is asked for the right reply to each action. Where the rules leave a choice it says
 * nothing. It is defined on every sub-list of a scenario.
 */
#ifndef SUITES_ORDER_MODEL_H
#define SUITES_ORDER_MODEL_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include "course/lab.h"
#include "judge/scenario.h"
#include "kit/text.h"

enum { MODEL_ITEMS = 100, MODEL_TEXT = 128, MODEL_STATUSES = 5 };

enum model_command {
    MODEL_CREATE,
    MODEL_CONFIRM,
    MODEL_SHIP,
    MODEL_TRACK,
    MODEL_DELIVER,
    MODEL_CANCEL,
    MODEL_COMMANDS
};

struct model_item {
    char product[MODEL_TEXT], name[MODEL_TEXT];
    int64_t quantity, price, total;
};

struct model_order {
    char id[MODEL_TEXT], customer[MODEL_TEXT], name[MODEL_TEXT];
    int status; /* PENDING, CONFIRMED, SHIPPED, DELIVERED, CANCELLED */
    int64_t version, total, created, updated;
    int count;
    struct model_item items[MODEL_ITEMS];
};

/* --- 01-order-model-entity.c --------------------------------------------------------------- */

extern const char *const model_statuses[MODEL_STATUSES];
extern const char *const model_command_words[MODEL_COMMANDS];
extern const char *const model_event_types[MODEL_COMMANDS];

/* The status after the command; -1 when it is refused. */
int model_next_status(int status, enum model_command command);
/* The command of "track:Hamburg"; place may be NULL. -1 when unknown. */
int model_command(const char *word, char place[MODEL_TEXT]);
/* The draft that an action describes. 0 when its items cannot be read. */
int model_draft(const struct message *action, struct model_order *draft);
/* Both: 0, or -1 with the order untouched when the rules refuse. */
int model_create(struct model_order *order, const struct model_order *draft, int64_t at);
int model_apply(struct model_order *order, enum model_command command, int64_t at);
/* Appends "product/name*quantity@price;..." */
void model_describe_items(const struct model_order *order, struct text *items);
/* Adds the fields by which the probe describes an order. */
void model_describe(const struct model_order *order, struct text *expected);
/* The payload that an event must have, as JSON. */
void model_payload(enum model_command command, const struct model_order *draft, const char *place,
                   struct text *out);
/* Reads a payload. 0, or -1 when it is none of the type and schema. */
int model_read_payload(const char *type, int64_t schema, const char *payload,
                       enum model_command *command, struct model_order *draft,
                       char place[MODEL_TEXT]);
/* The state that a snapshot must have, as JSON; and back. */
void model_snapshot(const struct model_order *order, struct text *out);
int model_read_snapshot(const char *state, struct model_order *order);

/* --- 01-order-model-compare.c --------------------------------------------------------------- */

/*
 * Compares the fields that `judged` names, where the expected line has them. "code" is the first
 * word with its code, "row.*" all fields that begin so. An expected "payload.3.json" is compared
 * with the reply's payload.3 as JSON: each member that is expected must be there.
 * 1 with finding filled when they differ.
 */
int model_compare(const char *judged, const struct message *expected, const struct message *reply,
                  struct finding *finding);
/* 1 when value has all that pattern has; "" in the pattern may be missing. */
int model_json_has(const cJSON *pattern, const cJSON *value);

/* --- 01-order-model.c ------------------------------------------------------------------------ */

extern const struct oracle order_oracle;

/* The model by itself, for checks of their own shape. */
struct model;
struct model *model_open(void);
void model_close(struct model *model);
/* The right reply to an action; left empty where the rules say nothing. */
void model_expect(struct model *model, const struct message *action, struct text *expected);

#endif
