/*
 * The hub of one gateway. chat_hub.h says what each function promises.
 *
 * Hint for the shape: a stream knows the number it was written last, the newest it has heard of,
 * how many writes are under way, and whether it fetches or is live. After each event, what it does
 * next is read off these.
 */
#include "chat_hub.h"

#include <stdlib.h>

struct chat_hub {
    int queue; /* TODO(step 4): the streams. */
};

int chat_hub_create(struct chat_hub **out, int queue, struct error *err)
{
    /* TODO(step 4) */
    (void)queue;
    *out = NULL;
    return error_set(err, ERR_TODO, "chat_hub_create is not written yet (step 4).");
}

void chat_hub_destroy(struct chat_hub *hub)
{
    free(hub);
}

int chat_hub_handle(struct chat_hub *hub, const struct chat_hub_event *event,
                    struct chat_hub_actions *actions, struct error *err)
{
    /* TODO(step 4): open and page first, then published, then the rest. */
    (void)hub;
    (void)event;
    actions->count = 0;
    return error_set(err, ERR_TODO, "chat_hub_handle is not written yet (step 4).");
}

int chat_hub_streams(const struct chat_hub *hub)
{
    /* TODO(step 4) */
    (void)hub;
    return 0;
}
