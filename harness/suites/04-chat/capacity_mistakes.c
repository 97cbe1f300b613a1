/*
 * Mistakes that people make with a capacity sheet.
 */
#include "suites/04-chat/capacity_internal.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

/* --- the less plain ones ---------------------------------------------------------------------- */

static void average_the_classes(struct variant *variant)
{
    for (int i = 0; i < WORKLOAD_CHANNEL_CLASSES; i++)
        variant->workload.channels[i].message_share = 1.0 / WORKLOAD_CHANNEL_CLASSES;
}

static void only_small_channels(struct variant *variant)
{
    variant->workload.channels[0].message_share = 1;
    variant->workload.channels[1].message_share = 0;
    variant->workload.channels[2].message_share = 0;
}

static void one_reader(struct variant *variant)
{
    only_small_channels(variant);
    variant->workload.channels[0].readers = 1;
}

static void all_gateways_up(struct variant *variant)
{
    variant->workload.gateways++;
}

static void bytes_at_the_peak(struct variant *variant)
{
    variant->mean = 1;
}

static void no_longest(struct variant *variant)
{
    variant->longest_days = INFINITY;
}

static void a_year_of_360_days(struct variant *variant)
{
    variant->longest_days = 360;
}

static void files_as_rows(struct variant *variant)
{
    variant->workload.file_copies = variant->workload.copies;
}

static void rows_as_files(struct variant *variant)
{
    variant->workload.copies = variant->workload.file_copies;
}

static void files_are_not_copied_apart(struct variant *variant)
{
    variant->workload.file_copies *= variant->workload.copies;
}

static void index_of_rows(struct variant *variant)
{
    variant->workload.text_bytes += variant->workload.row_bytes;
}

static void rows_leave(struct variant *variant)
{
    variant->workload.envelope_bytes = variant->workload.row_bytes;
}

static void rows_for_envelopes(struct variant *variant)
{
    variant->workload.row_bytes = variant->workload.envelope_bytes;
}

static void busiest_twice(struct variant *variant)
{
    const struct workload *workload = &variant->workload;
    const double share = 1.0 / workload->partitions, busiest = workload->busiest_share;
    variant->busiest = (busiest + share) / (busiest + (1 - busiest) * share);
}

static void senders_devices(struct variant *variant)
{
    const struct workload *workload = &variant->workload;
    double readers = 0;
    for (int i = 0; i < WORKLOAD_CHANNEL_CLASSES; i++)
        readers += workload->channels[i].message_share * workload->channels[i].readers;
    const double connections = readers * workload->online_share * workload->devices;
    variant->senders = 1 + (workload->devices - 1) / connections;
}

static const struct mistake mistakes[] = {
    {"without online_share", WORKLOAD_ONLINE, .value = 1},
    {"without active_share", WORKLOAD_ACTIVE, .value = 1},
    {"without messages_per_user", WORKLOAD_MESSAGES, .value = 1},
    {"without peak_factor", WORKLOAD_PEAK, .value = 1},
    {"without devices", WORKLOAD_DEVICES, .value = 1},
    {"without text_bytes", WORKLOAD_TEXT, .value = 0},
    {"without row_bytes", WORKLOAD_ROW, .value = 0},
    {"without envelope_bytes", WORKLOAD_ENVELOPE, .value = 0},
    {"without attachment_share", WORKLOAD_ATTACHMENT_SHARE, .value = 1,
     .aspect = ASPECT_ATTACHMENTS},
    {"without the attachments: attachment_bytes", WORKLOAD_ATTACHMENT, .value = 0,
     .aspect = ASPECT_ATTACHMENTS},
    {"without file_copies", WORKLOAD_FILE_COPIES, .value = 1, .aspect = ASPECT_ATTACHMENTS},
    {"without copies", WORKLOAD_COPIES, .value = 1},
    {"without index_ratio", WORKLOAD_INDEX_RATIO, .value = 1},
    {"without index_copies", WORKLOAD_INDEX_COPIES, .value = 1},
    {"without partitions", WORKLOAD_PARTITIONS, .value = 1},
    {"without gateways", WORKLOAD_GATEWAYS, .value = 2},
    {"without busiest_share", WORKLOAD_BUSIEST, .value = 0},
    {"with the busiest channel alone: partitions", WORKLOAD_PARTITIONS, .value = 1e9},
    {"with the busiest channel counted twice: busiest_share", WORKLOAD_BUSIEST,
     .change = busiest_twice, .is_small = 1},
    {"with readers of which each is one: the readers in huge channels", WORKLOAD_HUGE_READERS,
     .change = one_reader},
    {"with the classes of channels averaged, without their shares: huge channels have",
     WORKLOAD_HUGE_SHARE, .change = average_the_classes, .aspect = ASPECT_CHANNELS},
    {"without the huge channels: their share", WORKLOAD_HUGE_SHARE, .value = 0,
     .aspect = ASPECT_CHANNELS},
    {"without the large channels: their share", WORKLOAD_LARGE_SHARE, .value = 0,
     .aspect = ASPECT_CHANNELS},
    {"without the small channels: their share", WORKLOAD_SMALL_SHARE, .value = 0,
     .aspect = ASPECT_CHANNELS, .is_small = 1},
    {"with small channels alone: the readers of a small channel", WORKLOAD_SMALL_READERS,
     .change = only_small_channels, .aspect = ASPECT_CHANNELS},
    {"with the sender's other devices, too: devices", WORKLOAD_DEVICES, .change = senders_devices,
     .is_small = 1},
    {"with all gateways up, none lost: gateways", WORKLOAD_GATEWAYS, .change = all_gateways_up,
     .is_small = 1},
    {"when every second of a day is the busiest: peak_factor", WORKLOAD_PEAK,
     .change = bytes_at_the_peak},
    {"when nothing is deleted within the year: retention_days", WORKLOAD_RETENTION, .value = 1e9,
     .aspect = ASPECT_RETENTION},
    {"when the year goes on for as long as the retention: retention_days", WORKLOAD_RETENTION,
     .change = no_longest, .aspect = ASPECT_RETENTION},
    {"with a year of 360 days: retention_days", WORKLOAD_RETENTION, .change = a_year_of_360_days,
     .is_small = 1},
    {"with files copied as often as messages: copies", WORKLOAD_COPIES, .change = files_as_rows,
     .aspect = ASPECT_ATTACHMENTS},
    {"with messages copied as often as files: file_copies", WORKLOAD_FILE_COPIES,
     .change = rows_as_files},
    {"with file_copies and copies for each file: copies", WORKLOAD_COPIES,
     .change = files_are_not_copied_apart, .aspect = ASPECT_ATTACHMENTS},
    {"with an index of the rows, too: row_bytes", WORKLOAD_ROW, .change = index_of_rows,
     .is_small = 1},
    {"with row_bytes for envelope_bytes", WORKLOAD_ROW, .change = rows_leave, .is_small = 1},
    {"with envelope_bytes for row_bytes", WORKLOAD_ENVELOPE, .change = rows_for_envelopes,
     .is_small = 1},
};
enum { MISTAKES = sizeof mistakes / sizeof mistakes[0] };

/* A member that is always as in the lab text: words is NULL. */
static struct mistake constant_member(enum workload_member member)
{
    const struct workload standard = workload_standard();
    enum aspect aspect = ASPECT_NUMBER;
    if (member >= WORKLOAD_SMALL_SHARE && member <= WORKLOAD_HUGE_READERS)
        aspect = ASPECT_CHANNELS;
    else if (member >= WORKLOAD_ATTACHMENT_SHARE && member <= WORKLOAD_FILE_COPIES)
        aspect = ASPECT_ATTACHMENTS;
    else if (member == WORKLOAD_RETENTION)
        aspect = ASPECT_RETENTION;
    return (struct mistake){NULL, member, workload_get(&standard, member), .aspect = aspect};
}

int mistake_list(struct mistake list[MISTAKES_MAX])
{
    int count = 0;
    for (int i = 0; i < MISTAKES; i++)
        list[count++] = mistakes[i];
    for (int i = 0; i < WORKLOAD_MEMBERS; i++)
        list[count++] = constant_member((enum workload_member)i);
    assert(count <= MISTAKES_MAX);
    return count;
}

void mistake_make(struct variant *variant, const struct mistake *mistake)
{
    if (mistake->change != NULL)
        mistake->change(variant);
    else
        workload_set(&variant->workload, mistake->member, mistake->value);
}

/* --- telling them apart ----------------------------------------------------------------------- */

static int are_apart(double one, double other)
{
    const double ratio = one > other ? one / other : other / one;
    return ratio >= 1.03 || ratio <= 1 + 1e-9;
}

int capacity_tells_apart(enum number number, const struct workload *workload)
{
    double values[MISTAKES + 1];
    int count = 0;
    for (int i = 0; i <= MISTAKES; i++) {
        struct variant variant = variant_right(workload);
        if (i < MISTAKES && mistakes[i].is_small)
            continue;
        if (i < MISTAKES)
            mistake_make(&variant, &mistakes[i]);
        values[count++] = variant_number(number, &variant, BASE_WORKLOAD, NULL);
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (!are_apart(values[i], values[k]))
                return 0;
    return 1;
}
