/*
 * A workload member by member. Given.
 */
#include "workload_members.h"

#include <assert.h>
#include <stddef.h>

#define MEMBER(name) #name, offsetof(struct workload, name)

static const struct {
    const char *name;
    size_t offset;
} members[] = {
    [WORKLOAD_USERS] = {MEMBER(users)},
    [WORKLOAD_ONLINE] = {MEMBER(online_share)},
    [WORKLOAD_ACTIVE] = {MEMBER(active_share)},
    [WORKLOAD_MESSAGES] = {MEMBER(messages_per_user)},
    [WORKLOAD_PEAK] = {MEMBER(peak_factor)},
    [WORKLOAD_SMALL_SHARE] = {"small_share", offsetof(struct workload, channels[0].message_share)},
    [WORKLOAD_SMALL_READERS] = {"small_readers", offsetof(struct workload, channels[0].readers)},
    [WORKLOAD_LARGE_SHARE] = {"large_share", offsetof(struct workload, channels[1].message_share)},
    [WORKLOAD_LARGE_READERS] = {"large_readers", offsetof(struct workload, channels[1].readers)},
    [WORKLOAD_HUGE_SHARE] = {"huge_share", offsetof(struct workload, channels[2].message_share)},
    [WORKLOAD_HUGE_READERS] = {"huge_readers", offsetof(struct workload, channels[2].readers)},
    [WORKLOAD_BUSIEST] = {MEMBER(busiest_share)},
    [WORKLOAD_DEVICES] = {MEMBER(devices)},
    [WORKLOAD_TEXT] = {MEMBER(text_bytes)},
    [WORKLOAD_ROW] = {MEMBER(row_bytes)},
    [WORKLOAD_ENVELOPE] = {MEMBER(envelope_bytes)},
    [WORKLOAD_ATTACHMENT_SHARE] = {MEMBER(attachment_share)},
    [WORKLOAD_ATTACHMENT] = {MEMBER(attachment_bytes)},
    [WORKLOAD_FILE_COPIES] = {MEMBER(file_copies)},
    [WORKLOAD_COPIES] = {MEMBER(copies)},
    [WORKLOAD_INDEX_RATIO] = {MEMBER(index_ratio)},
    [WORKLOAD_INDEX_COPIES] = {MEMBER(index_copies)},
    [WORKLOAD_RETENTION] = {MEMBER(retention_days)},
    [WORKLOAD_GATEWAYS] = {MEMBER(gateways)},
    [WORKLOAD_PARTITIONS] = {MEMBER(partitions)},
};

static int is_whole(enum workload_member member)
{
    return member == WORKLOAD_GATEWAYS || member == WORKLOAD_PARTITIONS;
}

const char *workload_member_name(enum workload_member member)
{
    assert((unsigned)member < WORKLOAD_MEMBERS);
    return members[member].name;
}

double workload_get(const struct workload *workload, enum workload_member member)
{
    assert((unsigned)member < WORKLOAD_MEMBERS);
    const void *place = (const char *)workload + members[member].offset;
    return is_whole(member) ? (double)*(const int *)place : *(const double *)place;
}

void workload_set(struct workload *workload, enum workload_member member, double value)
{
    assert((unsigned)member < WORKLOAD_MEMBERS);
    void *place = (char *)workload + members[member].offset;
    if (is_whole(member))
        *(int *)place = (int)value;
    else
        *(double *)place = value;
}
