#include "peers/peer_fault.h"

#include <string.h>
#include "kit/error.h"
#include "probe/message.h"

enum fault_kind peer_fault_meet(struct peer_faults *faults, enum request_class class)
{
    faults->taken[class]++;
    faults->sequence[class]++;
    enum fault_kind kind = faults->kind;
    if (kind == FAULT_FLAP && faults->sequence[class] % faults->value != 0)
        kind = FAULT_NONE;
    if (kind != FAULT_NONE)
        faults->faulted[class]++;
    return kind;
}

int peer_fault_works(enum fault_kind kind)
{
    return kind == FAULT_NONE || kind == FAULT_LATENCY || kind == FAULT_CLOSE_DURING ||
           kind == FAULT_CLOSE_AFTER || kind == FAULT_SLOW_BYTES;
}

static int set_fault(struct peer_faults *faults, const struct message *message)
{
    int64_t value = 0;
    enum fault_kind kind = FAULT_NONE;
    if (message_get(message, "value") && message_get_int64(message, "value", &value) != 0)
        return ERR_INVALID;
    if (fault_parse(message_get_or(message, "kind", ""), value, &kind) != 0)
        return ERR_INVALID;
    faults->kind = kind;
    faults->value = value;
    memset(faults->sequence, 0, sizeof faults->sequence);
    return 0;
}

static void say_counts(const struct peer_faults *faults, struct text *reply)
{
    message_begin(reply, "ok");
    message_add_int64(reply, "requests", faults->taken[REQUEST_BUSINESS]);
    message_add_int64(reply, "faulted", faults->faulted[REQUEST_BUSINESS]);
    message_add_int64(reply, "effects", faults->effects);
    message_add_int64(reply, "health", faults->taken[REQUEST_HEALTH]);
    message_add_int64(reply, "health_faulted", faults->faulted[REQUEST_HEALTH]);
}

void peer_control(struct peer_faults *faults, const char *line, struct text *reply)
{
    struct message message = {0};
    struct error err = {0};
    int parsed = message_parse(line, &message, &err);
    if (parsed == 0 && strcmp(message.word, "counts") == 0) {
        say_counts(faults, reply);
    } else if (parsed == 0 && strcmp(message.word, "fault") == 0 &&
               set_fault(faults, &message) == 0) {
        message_begin(reply, "ok");
    } else {
        message_begin(reply, "bad");
        message_add(reply, "text", parsed == 0 ? "no such command, fault or value" : err.text);
    }
    if (parsed == 0 && message_get(&message, "id"))
        message_add(reply, "id", message_get(&message, "id"));
    if (parsed == 0)
        message_release(&message);
}
