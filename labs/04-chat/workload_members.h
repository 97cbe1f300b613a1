/*
 * A workload member by member, for the lines between judge and probe. Given: nothing to write here.
 */
#ifndef LAB04_WORKLOAD_MEMBERS_H
#define LAB04_WORKLOAD_MEMBERS_H

#include "workload.h"

enum workload_member {
    WORKLOAD_USERS,
    WORKLOAD_ONLINE,
    WORKLOAD_ACTIVE,
    WORKLOAD_MESSAGES,
    WORKLOAD_PEAK,
    WORKLOAD_SMALL_SHARE, /* of the classes of channels: small, large, huge */
    WORKLOAD_SMALL_READERS,
    WORKLOAD_LARGE_SHARE,
    WORKLOAD_LARGE_READERS,
    WORKLOAD_HUGE_SHARE,
    WORKLOAD_HUGE_READERS,
    WORKLOAD_BUSIEST,
    WORKLOAD_DEVICES,
    WORKLOAD_TEXT,
    WORKLOAD_ROW,
    WORKLOAD_ENVELOPE,
    WORKLOAD_ATTACHMENT_SHARE,
    WORKLOAD_ATTACHMENT,
    WORKLOAD_FILE_COPIES,
    WORKLOAD_COPIES,
    WORKLOAD_INDEX_RATIO,
    WORKLOAD_INDEX_COPIES,
    WORKLOAD_RETENTION,
    WORKLOAD_GATEWAYS, /* whole numbers, as the next */
    WORKLOAD_PARTITIONS,
    WORKLOAD_MEMBERS
};

/* As struct workload spells it, the classes of channels as "small_share", "huge_readers". Static.
 */
const char *workload_member_name(enum workload_member member);
double workload_get(const struct workload *workload, enum workload_member member);
/* The whole numbers take what lies below value; value is within the range of an int then. */
void workload_set(struct workload *workload, enum workload_member member, double value);

#endif
