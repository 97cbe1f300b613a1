/*
 * Given: the probe of lab 00, in which the judge drives your code one action at a time.
 *
 *     greet name="Ada"            tour_greet                 said="Hello, Ada!"
 *     door now=0                  door_init                  state=closed openings=0 changed=0
 *     do command=open now=10      door_apply                 state= openings= changed=
 *
 * Try it:
 *     printf 'do command=open now=10\ndo command=lock now=20\n' > /tmp/script
 *     build/trees/labs/00-tour/probe --script /tmp/script
 */
#include "kit/error.h"
#include "probe/probe.h"
#include "tour.h"

static void add_door(struct text *reply, const struct door *door)
{
    message_add(reply, "state", door_state_name(door->state));
    message_add_int64(reply, "openings", door->openings);
    message_add_int64(reply, "changed", door->changed_ms);
}

static void do_greet(void *context, const struct message *action, struct text *reply)
{
    struct text said = {0};
    struct error err = {0};
    (void)context;
    probe_result(reply, tour_greet(message_get_or(action, "name", ""), &said, &err), &err);
    message_add(reply, "said", text_str(&said));
    text_release(&said);
}

static void do_door(void *context, const struct message *action, struct text *reply)
{
    struct door *door = context;
    int64_t now_ms = 0;
    message_get_int64(action, "now", &now_ms);
    door_init(door, now_ms);
    probe_result(reply, 0, NULL);
    add_door(reply, door);
}

static void do_command(void *context, const struct message *action, struct text *reply)
{
    struct door *door = context;
    struct error err = {0};
    enum door_command command;
    int64_t now_ms = 0;
    message_get_int64(action, "now", &now_ms);
    if (door_command_parse(message_get_or(action, "command", ""), &command) != 0) {
        message_begin(reply, "bad");
        message_add(reply, "text", "there is no such command");
        return;
    }
    probe_result(reply, door_apply(door, command, now_ms, &err), &err);
    add_door(reply, door);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"greet", do_greet}, {"door", do_door}, {"do", do_command}, {0}};
    struct door door;
    door_init(&door, 0);
    return probe_main(argc, argv, "00-tour", actions, &door);
}
