/*
 * The part of lab 04's probe that asks for the numbers. Given: nothing to write here.
 *
 *   capacity [users=] [devices=] [huge_readers=] ...     (workload_members.h has all names)
 *        ok messages= deliveries= connections= stored_bytes= index_bytes=
 *           hottest_partition= outgoing_bytes=
 *
 * A member that is not named is as in the workload of the lab text. Every number has all its
 * digits: read as a double it is the one that the function returned, "NaN" and "+Inf" included.
 */
#include "probe.h"

#include <math.h>
#include <stdlib.h>
#include "capacity.h"
#include "workload_members.h"

/* 1 when each member that is named is a number, and fits. */
static int read_workload(const struct message *action, struct workload *workload)
{
    *workload = workload_standard();
    for (int i = 0; i < WORKLOAD_MEMBERS; i++) {
        const enum workload_member member = (enum workload_member)i;
        const char *value = message_get(action, workload_member_name(member));
        char *end = NULL;
        if (value == NULL)
            continue;
        const double number = strtod(value, &end);
        if (end == value || *end != '\0' || !isfinite(number))
            return 0;
        if (member >= WORKLOAD_GATEWAYS && (number < 1 || number > 1000000))
            return 0;
        workload_set(workload, member, number);
    }
    return 1;
}

void do_capacity(void *context, const struct message *action, struct text *reply)
{
    static const struct {
        const char *name;
        double (*capacity)(const struct workload *workload);
    } numbers[] = {
        {"messages", capacity_messages},
        {"deliveries", capacity_deliveries},
        {"connections", capacity_connections},
        {"stored_bytes", capacity_stored_bytes},
        {"index_bytes", capacity_index_bytes},
        {"hottest_partition", capacity_hottest_partition},
        {"outgoing_bytes", capacity_outgoing_bytes},
    };
    struct workload workload;
    (void)context;
    if (!read_workload(action, &workload)) {
        message_begin(reply, "bad");
        message_add(reply, "text", "a member of the workload is no number, or out of its range");
        return;
    }
    message_begin(reply, "ok");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct text digits = {0};
        text_add_double(&digits, numbers[i].capacity(&workload));
        message_add(reply, numbers[i].name, text_str(&digits));
        text_release(&digits);
    }
}
