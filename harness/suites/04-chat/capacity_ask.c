/*
 * The numbers of capacity.h on the probe's line.
 */
#include "suites/04-chat/capacity_ask.h"

#include <math.h>
#include <stdlib.h>

#include "04-chat/workload_members.h"
#include "probe/message.h"

void capacity_action(struct text *line, const struct workload *workload)
{
    const struct workload standard = workload_standard();
    message_begin(line, "capacity");
    for (int i = 0; i < WORKLOAD_MEMBERS; i++) {
        const enum workload_member member = (enum workload_member)i;
        const double number = workload_get(workload, member);
        struct text value = {0};
        if (!(number < workload_get(&standard, member) || number > workload_get(&standard, member)))
            continue;
        text_add_double(&value, number);
        message_add(line, workload_member_name(member), text_str(&value));
        text_release(&value);
    }
}

static double number_in(const struct message *reply, enum number number)
{
    const char *value = message_get_or(reply, number_name(number), "");
    char *end = NULL;
    double read = strtod(value, &end);
    return end == value || *end != '\0' ? NAN : read;
}

enum probe_state capacity_ask(struct probe *probe, const struct workload *workload,
                              struct capacity *own)
{
    struct message reply = {0};
    struct text line = {0};
    capacity_action(&line, workload);
    enum probe_state state = probe_ask(probe, text_str(&line), &reply);
    for (int i = 0; i < NUMBERS; i++)
        own->of[i] = state == PROBE_READY ? number_in(&reply, (enum number)i) : NAN;
    message_release(&reply);
    text_release(&line);
    return state;
}

int capacity_is_usable(const struct capacity *own)
{
    for (int i = 0; i < NUMBERS; i++)
        if (!isfinite(own->of[i]) || own->of[i] <= 0)
            return 0;
    return 1;
}
