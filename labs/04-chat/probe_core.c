/*
 * What the parts of the core's probe share. Given: nothing to write here.
 */
#include "probe_core.h"

#include <stdlib.h>

void *core_memory(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL)
        abort();
    return memory;
}

struct core_rig *core_of(void *context)
{
    struct rig *rig = context;
    if (rig->core == NULL)
        rig->core = core_memory(sizeof *rig->core);
    return rig->core;
}

void core_rig_free(struct core_rig *core)
{
    if (core == NULL)
        return;
    log_rig_free(core->log);
    hub_rig_free(core->hub);
    presence_rig_free(core->presence);
    world_rig_free(core->world);
    free(core);
}

int64_t core_number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

void core_message(const struct message *action, struct chat_message *out)
{
    core_fill(out->channel, sizeof out->channel, message_get_or(action, "channel", "c"));
    core_fill(out->user, sizeof out->user, message_get_or(action, "user", "ann"));
    core_fill(out->nonce, sizeof out->nonce, message_get_or(action, "nonce", "n1"));
    core_fill(out->file, sizeof out->file, message_get_or(action, "file", ""));
    core_fill(out->text, sizeof out->text, message_get_or(action, "text", "hello"));
    out->number = core_number(action, "number", 0);
    out->sent_ms = core_number(action, "at", core_number(action, "now", 0));
}
