/* The order by the rules O1 to O4, and its events as JSON. */
#include "suites/01-order/model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"

const char *const model_statuses[MODEL_STATUSES] = {"PENDING", "CONFIRMED", "SHIPPED", "DELIVERED",
                                                    "CANCELLED"};
const char *const model_command_words[MODEL_COMMANDS] = {"create", "confirm", "ship",
                                                         "track",  "deliver", "cancel"};
const char *const model_event_types[MODEL_COMMANDS] = {"order.created",   "order.confirmed",
                                                       "order.shipped",   "order.tracked",
                                                       "order.delivered", "order.cancelled"};

static const int64_t TOTAL_MAX = INT64_C(9999999999);

int model_next_status(int status, enum model_command command)
{
    enum { PENDING, CONFIRMED, SHIPPED, DELIVERED, CANCELLED };
    if (command == MODEL_CONFIRM && status == PENDING)
        return CONFIRMED;
    if (command == MODEL_SHIP && status == CONFIRMED)
        return SHIPPED;
    if (command == MODEL_TRACK && status == SHIPPED)
        return SHIPPED;
    if (command == MODEL_DELIVER && status == SHIPPED)
        return DELIVERED;
    if (command == MODEL_CANCEL && (status == PENDING || status == CONFIRMED || status == SHIPPED))
        return CANCELLED;
    return -1;
}

int model_command(const char *word, char place[MODEL_TEXT])
{
    const char *colon = strchr(word, ':');
    size_t length = colon != NULL ? (size_t)(colon - word) : strlen(word);
    if (place != NULL)
        snprintf(place, MODEL_TEXT, "%s", colon != NULL ? colon + 1 : "");
    for (int i = 0; i < MODEL_COMMANDS; i++)
        if (strlen(model_command_words[i]) == length &&
            strncmp(word, model_command_words[i], length) == 0)
            return i;
    return -1;
}

static int64_t number_of(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

int model_draft(const struct message *action, struct model_order *draft)
{
    memset(draft, 0, sizeof *draft);
    const char *id = message_get_or(action, "id", message_get_or(action, "stream", "o-1"));
    snprintf(draft->id, MODEL_TEXT, "%s", id);
    snprintf(draft->customer, MODEL_TEXT, "%s", message_get_or(action, "customer", "user-123"));
    snprintf(draft->name, MODEL_TEXT, "%s", message_get_or(action, "name", "Ada"));
    const char *text = message_get_or(action, "items", "prod-1/Pen*2@1990");
    int used = 0;
    for (; *text != '\0' && draft->count < MODEL_ITEMS;
         text += text[used] == ';' ? used + 1 : used) {
        struct model_item *item = &draft->items[draft->count++];
        char product[2 * MODEL_TEXT] = "";
        const char *star = strchr(text, '*');
        if (star == NULL || star - text >= (ptrdiff_t)sizeof product)
            return 0;
        memcpy(product, text, (size_t)(star - text));
        char *slash = strchr(product, '/');
        if (slash != NULL)
            *slash++ = '\0';
        snprintf(item->product, MODEL_TEXT, "%.*s", MODEL_TEXT - 1, product);
        snprintf(item->name, MODEL_TEXT, "%.*s", MODEL_TEXT - 1, slash != NULL ? slash : "");
        char *end = NULL;
        item->quantity = strtoll(star + 1, &end, 10);
        if (*end != '@')
            return 0;
        item->price = strtoll(end + 1, &end, 10);
        used = (int)(end - text) + (int)strcspn(end, ";");
    }
    draft->count = (int)number_of(action, "count", draft->count);
    return 1;
}

int model_create(struct model_order *order, const struct model_order *draft, int64_t at)
{
    if (draft->id[0] == '\0' || draft->customer[0] == '\0' || draft->count < 1 ||
        draft->count > MODEL_ITEMS)
        return -1;
    struct model_order made = *draft;
    made.total = 0;
    for (int i = 0; i < draft->count; i++) {
        struct model_item *item = &made.items[i];
        if (item->product[0] == '\0' || item->quantity < 1 || item->quantity > TOTAL_MAX ||
            item->price < 0)
            return -1;
        if (item->price > 0 && item->quantity > TOTAL_MAX / item->price)
            return -1;
        item->total = item->quantity * item->price;
        if (item->total > TOTAL_MAX - made.total)
            return -1;
        made.total += item->total;
    }
    made.status = 0;
    made.version = 1;
    made.created = made.updated = at;
    *order = made;
    return 0;
}

int model_apply(struct model_order *order, enum model_command command, int64_t at)
{
    int next = command == MODEL_CREATE ? -1 : model_next_status(order->status, command);
    if (next < 0)
        return -1;
    order->status = next;
    order->version++;
    order->updated = at;
    return 0;
}

void model_describe_items(const struct model_order *order, struct text *items)
{
    for (int i = 0; i < order->count; i++) {
        const struct model_item *item = &order->items[i];
        text_addf(items, "%s%s%s%s*%" PRId64 "@%" PRId64, i > 0 ? ";" : "", item->product,
                  item->name[0] != '\0' ? "/" : "", item->name, item->quantity, item->price);
    }
}

void model_describe(const struct model_order *order, struct text *expected)
{
    struct text items = {0}, totals = {0};
    model_describe_items(order, &items);
    for (int i = 0; i < order->count; i++)
        text_addf(&totals, "%s%" PRId64, i > 0 ? ";" : "", order->items[i].total);
    message_add(expected, "id", order->id);
    message_add(expected, "customer", order->customer);
    message_add(expected, "name", order->name);
    message_add(expected, "status", model_statuses[order->status]);
    message_add_int64(expected, "version", order->version);
    message_add_int64(expected, "total", order->total);
    message_add_int64(expected, "created", order->created);
    message_add_int64(expected, "updated", order->updated);
    message_add_int64(expected, "count", order->count);
    message_add(expected, "items", text_str(&items));
    message_add(expected, "item_totals", text_str(&totals));
    text_release(&items);
    text_release(&totals);
}

/* --- payloads ----------------------------------------------------------------------------- */

void model_payload(enum model_command command, const struct model_order *draft, const char *place,
                   struct text *out)
{
    cJSON *root = cJSON_CreateObject();
    if (command == MODEL_TRACK)
        cJSON_AddStringToObject(root, "place", place);
    if (command == MODEL_CREATE) {
        cJSON_AddStringToObject(root, "id", draft->id);
        cJSON_AddStringToObject(root, "customerId", draft->customer);
        cJSON_AddStringToObject(root, "customerName", draft->name);
        cJSON *items = cJSON_AddArrayToObject(root, "items");
        for (int i = 0; i < draft->count; i++) {
            cJSON *item = cJSON_CreateObject();
            cJSON_AddStringToObject(item, "productId", draft->items[i].product);
            cJSON_AddStringToObject(item, "productName", draft->items[i].name);
            cJSON_AddNumberToObject(item, "quantity", (double)draft->items[i].quantity);
            cJSON_AddNumberToObject(item, "unitPriceCents", (double)draft->items[i].price);
            cJSON_AddItemToArray(items, item);
        }
    }
    char *text = cJSON_PrintUnformatted(root);
    text_add(out, text != NULL ? text : "");
    cJSON_free(text);
    cJSON_Delete(root);
}

/* A string member of at most MODEL_TEXT - 1 bytes; without `required` it may be missing. */
static int read_string(const cJSON *object, const char *name, int required, char out[MODEL_TEXT])
{
    const cJSON *member = json_member(object, name);
    out[0] = '\0';
    if (member == NULL)
        return required ? -1 : 0;
    if (!cJSON_IsString(member) || strlen(member->valuestring) >= MODEL_TEXT)
        return -1;
    snprintf(out, MODEL_TEXT, "%s", member->valuestring);
    return 0;
}

/* A whole number once it is multiplied by scale: 1 for a count, 100 for a price in major units. */
static int read_number(const cJSON *object, const char *name, int scale, int64_t *out)
{
    const cJSON *member = json_member(object, name);
    if (!cJSON_IsNumber(member) || fabs(member->valuedouble) > 1e15)
        return -1;
    double scaled = round(member->valuedouble * scale);
    *out = (int64_t)scaled;
    return fabs(member->valuedouble - scaled / scale) < 1e-9 ? 0 : -1;
}

static int read_items(const cJSON *root, int64_t schema, struct model_order *draft)
{
    const cJSON *items = json_member(root, "items");
    const cJSON *item = NULL;
    if (!cJSON_IsArray(items))
        return -1;
    cJSON_ArrayForEach(item, items)
    {
        if (draft->count == MODEL_ITEMS)
            return -1;
        struct model_item *into = &draft->items[draft->count++];
        int wrong = read_string(item, "productId", 1, into->product) != 0 ||
                    read_string(item, "productName", 0, into->name) != 0 ||
                    read_number(item, "quantity", 1, &into->quantity) != 0 ||
                    (schema == 1 ? read_number(item, "price", 100, &into->price)
                                 : read_number(item, "unitPriceCents", 1, &into->price)) != 0;
        if (wrong)
            return -1;
    }
    return 0;
}

static int read_draft(const cJSON *root, int64_t schema, struct model_order *draft)
{
    struct model_order made;
    memset(draft, 0, sizeof *draft);
    if (read_string(root, "id", 1, draft->id) != 0 ||
        read_string(root, "customerId", 1, draft->customer) != 0 ||
        read_string(root, "customerName", 0, draft->name) != 0 ||
        read_items(root, schema, draft) != 0)
        return -1;
    return model_create(&made, draft, 0);
}

int model_read_payload(const char *type, int64_t schema, const char *payload,
                       enum model_command *command, struct model_order *draft,
                       char place[MODEL_TEXT])
{
    int found = -1;
    for (int i = 0; i < MODEL_COMMANDS; i++)
        if (strcmp(type, model_event_types[i]) == 0)
            found = i;
    if (found < 0 || schema < 1 || schema > (found == MODEL_CREATE ? 2 : 1))
        return -1;
    cJSON *root = cJSON_ParseWithOpts(payload, NULL, 1);
    int code = cJSON_IsObject(root) ? 0 : -1;
    *command = (enum model_command)found;
    if (code == 0 && found == MODEL_TRACK)
        code = read_string(root, "place", 1, place);
    if (code == 0 && found == MODEL_CREATE)
        code = read_draft(root, schema, draft);
    cJSON_Delete(root);
    return code;
}

void model_snapshot(const struct model_order *order, struct text *out)
{
    struct text payload = {0};
    model_payload(MODEL_CREATE, order, "", &payload);
    cJSON *root = cJSON_Parse(text_str(&payload));
    cJSON_AddStringToObject(root, "status", model_statuses[order->status]);
    cJSON_AddNumberToObject(root, "version", (double)order->version);
    cJSON_AddNumberToObject(root, "createdAtMs", (double)order->created);
    cJSON_AddNumberToObject(root, "updatedAtMs", (double)order->updated);
    char *text = cJSON_PrintUnformatted(root);
    text_add(out, text != NULL ? text : "");
    cJSON_free(text);
    cJSON_Delete(root);
    text_release(&payload);
}

int model_read_snapshot(const char *state, struct model_order *order)
{
    char status[MODEL_TEXT];
    struct model_order draft;
    cJSON *root = cJSON_ParseWithOpts(state, NULL, 1);
    int code = -1;
    if (cJSON_IsObject(root) && read_draft(root, 2, &draft) == 0 &&
        model_create(order, &draft, 0) == 0 && read_string(root, "status", 1, status) == 0 &&
        read_number(root, "version", 1, &order->version) == 0 &&
        read_number(root, "createdAtMs", 1, &order->created) == 0 &&
        read_number(root, "updatedAtMs", 1, &order->updated) == 0) {
        order->status = -1;
        for (int i = 0; i < MODEL_STATUSES; i++)
            if (strcmp(status, model_statuses[i]) == 0)
                order->status = i;
        code = order->status >= 0 ? 0 : -1;
    }
    cJSON_Delete(root);
    return code;
}
