/*
 * Lab 00, the tour. This file is what a lab looks like when it is done: all its checks pass.
 */
#include "tour.h"

#include <string.h>
#include "kit/error.h"

int tour_greet(const char *name, struct text *out, struct error *err)
{
    const size_t length = strlen(name);
    if (length == 0 || length > GUEST_NAME_MAX)
        return error_set(err, ERR_INVALID, "a name has 1 to %d bytes, this one has %zu",
                         GUEST_NAME_MAX, length);
    text_addf(out, "Hello, %s!", name);
    return 0;
}

void door_init(struct door *door, int64_t now_ms)
{
    *door = (struct door){.state = DOOR_CLOSED, .changed_ms = now_ms};
}

/* The state that command leads to, or -1 when it is refused. */
static int next_state(enum door_state state, enum door_command command)
{
    switch (state) {
    case DOOR_CLOSED:
        return command == DOOR_DO_OPEN ? DOOR_OPEN : command == DOOR_DO_LOCK ? DOOR_LOCKED : -1;
    case DOOR_OPEN:
        return command == DOOR_DO_CLOSE ? DOOR_CLOSED : -1;
    case DOOR_LOCKED:
        return command == DOOR_DO_UNLOCK ? DOOR_CLOSED : -1;
    }
    return -1;
}

int door_apply(struct door *door, enum door_command command, int64_t now_ms, struct error *err)
{
    const int next = next_state(door->state, command);
    if (next < 0)
        return error_set(err, ERR_REFUSED, "a door that is %s does not do that",
                         door_state_name(door->state));
    door->state = (enum door_state)next;
    door->changed_ms = now_ms;
    if (door->state == DOOR_OPEN)
        door->openings++;
    return 0;
}
