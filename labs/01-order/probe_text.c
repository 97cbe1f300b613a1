/* Given: orders and events as words in the probe's action and reply lines. */
#include "probe_lab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const COMMAND_WORDS[ORDER_COMMANDS] = {"create", "confirm", "ship",
                                                          "track",  "deliver", "cancel"};
static const char *const STATUS_WORDS[ORDER_STATUSES] = {"PENDING", "CONFIRMED", "SHIPPED",
                                                         "DELIVERED", "CANCELLED"};

void lab_bad(struct text *reply, const char *what)
{
    text_clear(reply);
    message_begin(reply, "bad");
    message_add(reply, "text", what);
}

int64_t lab_int64(const struct message *action, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;
    message_get_int64(action, name, &value);
    return value;
}

void lab_copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
}

int lab_next_word(const char **list, char *word, size_t size)
{
    *list += strspn(*list, " ");
    size_t length = strcspn(*list, " ");
    snprintf(word, size, "%.*s", (int)length, *list);
    *list += length;
    return length > 0;
}

/* One item; `end` is where its text ends. */
static int read_item(const char *text, const char *end, struct order_item *item)
{
    const char *star = memchr(text, '*', (size_t)(end - text));
    if (star == NULL)
        return 0;
    const char *slash = memchr(text, '/', (size_t)(star - text));
    const char *product_end = slash != NULL ? slash : star;
    snprintf(item->product_id, sizeof item->product_id, "%.*s", (int)(product_end - text), text);
    if (slash != NULL)
        snprintf(item->product_name, sizeof item->product_name, "%.*s", (int)(star - slash - 1),
                 slash + 1);
    char *next = NULL;
    item->quantity = strtoll(star + 1, &next, 10);
    if (*next != '@')
        return 0;
    item->unit_price_cents = strtoll(next + 1, &next, 10);
    if (*next == '=')
        item->total_price_cents = strtoll(next + 1, &next, 10);
    return next == end;
}

int lab_draft(const struct message *action, struct order *draft)
{
    memset(draft, 0, sizeof *draft);
    lab_copy(draft->id, sizeof draft->id,
             message_get_or(action, "id", message_get_or(action, "stream", "o-1")));
    lab_copy(draft->customer_id, sizeof draft->customer_id,
             message_get_or(action, "customer", "user-123"));
    lab_copy(draft->customer_name, sizeof draft->customer_name,
             message_get_or(action, "name", "Ada"));
    const char *text = message_get_or(action, "items", "prod-1/Pen*2@1990");
    while (*text != '\0' && draft->item_count < ORDER_ITEMS_MAX) {
        const char *end = text + strcspn(text, ";");
        if (!read_item(text, end, &draft->items[draft->item_count++]))
            return 0;
        text = *end == ';' ? end + 1 : end;
    }
    draft->item_count = (int)lab_int64(action, "count", draft->item_count);
    draft->total_cents = lab_int64(action, "total", 0);
    draft->status = (enum order_status)lab_int64(action, "status", 0);
    draft->version = lab_int64(action, "version", 0);
    return 1;
}

const char *lab_command_word(enum order_command command)
{
    return (unsigned)command < ORDER_COMMANDS ? COMMAND_WORDS[command] : "unknown";
}

int lab_command(const char *word, enum order_command *command, char place[ORDER_NAME_MAX + 1])
{
    size_t length = strcspn(word, ":");
    lab_copy(place, ORDER_NAME_MAX + 1, word[length] == ':' ? word + length + 1 : "");
    for (int i = 0; i < ORDER_COMMANDS; i++) {
        if (strlen(COMMAND_WORDS[i]) == length && strncmp(word, COMMAND_WORDS[i], length) == 0) {
            *command = (enum order_command)i;
            return 1;
        }
    }
    return 0;
}

int lab_event(const struct message *action, const char *word, struct order *draft,
              struct order_event *event)
{
    memset(event, 0, sizeof *event);
    event->draft = draft;
    if (!lab_command(word, &event->command, event->place))
        return 0;
    return event->command != ORDER_CREATE || lab_draft(action, draft);
}

/* An order with a count out of range is described as far as its array reaches. */
static void add_items(struct text *reply, const struct order_item *items, int count)
{
    struct text text = {0}, totals = {0};
    message_add_int64(reply, "count", count);
    for (int i = 0; i < count && i < ORDER_ITEMS_MAX; i++) {
        const struct order_item *item = &items[i];
        const char *between = i > 0 ? ";" : "";
        text_addf(&text, "%s%s%s%s*%" PRId64 "@%" PRId64, between, item->product_id,
                  item->product_name[0] != '\0' ? "/" : "", item->product_name, item->quantity,
                  item->unit_price_cents);
        text_addf(&totals, "%s%" PRId64, between, item->total_price_cents);
    }
    message_add(reply, "items", text_str(&text));
    message_add(reply, "item_totals", text_str(&totals));
    text_release(&text);
    text_release(&totals);
}

void lab_add_draft(struct text *reply, const struct order *draft)
{
    message_add(reply, "id", draft->id);
    message_add(reply, "customer", draft->customer_id);
    message_add(reply, "name", draft->customer_name);
    add_items(reply, draft->items, draft->item_count);
}

void lab_add_order(struct text *reply, const struct order *order)
{
    message_add(reply, "id", order->id);
    message_add(reply, "customer", order->customer_id);
    message_add(reply, "name", order->customer_name);
    message_add(reply, "status",
                (unsigned)order->status < ORDER_STATUSES ? STATUS_WORDS[order->status] : "unknown");
    message_add_int64(reply, "version", order->version);
    message_add_int64(reply, "total", order->total_cents);
    message_add_int64(reply, "created", order->created_at_ms);
    message_add_int64(reply, "updated", order->updated_at_ms);
    add_items(reply, order->items, order->item_count);
}
