/* The right replies to the actions on the order in the register, and on texts. */
#include "suites/01-order/model_store.h"

#include <string.h>

static void expect_create(struct model *model, const struct message *action, struct text *expected)
{
    struct model_order draft;
    if (!model_draft(action, &draft))
        return;
    if (model_create(&model->order, &draft, model_number(action, "at", 0)) == 0)
        message_begin(expected, "ok");
    else
        model_refuse(expected, "invalid");
    model_describe(&model->order, expected);
}

static void expect_do(struct model *model, const struct message *action, struct text *expected)
{
    int command = model_command(message_get_or(action, "command", ""), NULL);
    if (command < 0 || model->order.version == 0)
        return;
    int64_t at = model_number(action, "at", 0);
    if (model_apply(&model->order, (enum model_command)command, at) == 0)
        message_begin(expected, "ok");
    else
        model_refuse(expected, "refused");
    model_describe(&model->order, expected);
}

static void expect_show(struct model *model, const struct message *action, struct text *expected)
{
    (void)action;
    message_begin(expected, "ok");
    model_describe(&model->order, expected);
}

static void expect_forget(struct model *model, const struct message *action, struct text *expected)
{
    memset(&model->order, 0, sizeof model->order);
    expect_show(model, action, expected);
}

static void expect_fold(struct model *model, const struct message *action, struct text *expected)
{
    struct model_order *order = &model->order;
    struct model_order draft;
    int command = model_command(message_get_or(action, "command", ""), NULL);
    int64_t at = model_number(action, "at", 0);
    if (command < 0 || !model_draft(action, &draft))
        return;
    int code = -1;
    if (command == MODEL_CREATE && order->version == 0)
        code = model_create(order, &draft, at);
    else if (command != MODEL_CREATE && order->version > 0)
        code = model_apply(order, (enum model_command)command, at);
    if (code == 0)
        message_begin(expected, "ok");
    else
        model_refuse(expected, "corrupt");
    model_describe(order, expected);
}

static void expect_status_name(struct model *model, const struct message *action,
                               struct text *expected)
{
    int64_t status = model_number(action, "status", 0);
    (void)model;
    if (status < 0 || status >= MODEL_STATUSES)
        return;
    message_begin(expected, "ok");
    message_add(expected, "word", model_statuses[status]);
}

static void expect_status_parse(struct model *model, const struct message *action,
                                struct text *expected)
{
    (void)model;
    for (int i = 0; i < MODEL_STATUSES; i++) {
        if (strcmp(message_get_or(action, "word", ""), model_statuses[i]) == 0) {
            message_begin(expected, "ok");
            message_add_int64(expected, "status", i);
            return;
        }
    }
    model_refuse(expected, "invalid");
}

static void expect_encode(struct model *model, const struct message *action, struct text *expected)
{
    struct model_order draft;
    struct text payload = {0};
    char place[MODEL_TEXT];
    (void)model;
    int command = model_command(message_get_or(action, "command", ""), place);
    if (command < 0 || !model_draft(action, &draft))
        return;
    model_payload((enum model_command)command, &draft, place, &payload);
    message_begin(expected, "ok");
    message_add(expected, "type", model_event_types[command]);
    message_add_int64(expected, "schema", command == MODEL_CREATE ? 2 : 1);
    message_add(expected, "payload.json", text_str(&payload));
    text_release(&payload);
}

static void expect_decode(struct model *model, const struct message *action, struct text *expected)
{
    enum model_command command = MODEL_CREATE;
    struct model_order draft, priced;
    char place[MODEL_TEXT] = "";
    (void)model;
    if (model_read_payload(message_get_or(action, "type", ""), model_number(action, "schema", 1),
                           message_get_or(action, "payload", ""), &command, &draft, place) != 0) {
        model_refuse(expected, "corrupt");
        return;
    }
    message_begin(expected, "ok");
    message_add(expected, "command", model_command_words[command]);
    if (command == MODEL_TRACK)
        message_add(expected, "place", place);
    if (command == MODEL_CREATE && model_create(&priced, &draft, 0) == 0) {
        message_add(expected, "id", draft.id);
        message_add(expected, "customer", draft.customer);
        message_add(expected, "name", draft.name);
        struct text items = {0};
        model_describe_items(&draft, &items);
        message_add(expected, "items", text_str(&items));
        text_release(&items);
    }
}

static void expect_snapshot_encode(struct model *model, const struct message *action,
                                   struct text *expected)
{
    struct text state = {0};
    (void)action;
    if (model->order.version == 0)
        return;
    model_snapshot(&model->order, &state);
    message_begin(expected, "ok");
    message_add(expected, "state.json", text_str(&state));
    text_release(&state);
}

static void expect_snapshot_decode(struct model *model, const struct message *action,
                                   struct text *expected)
{
    struct model_order order;
    if (model_read_snapshot(message_get_or(action, "state", ""), &order) != 0) {
        model_refuse(expected, "corrupt");
        return;
    }
    model->order = order;
    message_begin(expected, "ok");
    model_describe(&order, expected);
}

const struct model_action model_pure_actions[] = {
    {"create", expect_create},
    {"do", expect_do},
    {"show", expect_show},
    {"forget", expect_forget},
    {"fold", expect_fold},
    {"status_name", expect_status_name},
    {"status_parse", expect_status_parse},
    {"encode", expect_encode},
    {"decode", expect_decode},
    {"snapshot_encode", expect_snapshot_encode},
    {"snapshot_decode", expect_snapshot_decode},
    {NULL, NULL},
};
