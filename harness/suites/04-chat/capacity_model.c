/*
 * The numbers of capacity.h by their formulas.
 */
#include "suites/04-chat/capacity_internal.h"

#include <math.h>

static const double day_s = 86400;

static const struct {
    const char *name, *words;
} numbers[NUMBERS] = {
    [NUMBER_MESSAGES] = {"messages", "messages a second at the peak"},
    [NUMBER_DELIVERIES] = {"deliveries", "deliveries a second at the peak"},
    [NUMBER_CONNECTIONS] = {"connections", "connections of one gateway"},
    [NUMBER_STORED] = {"stored_bytes", "bytes stored after a year"},
    [NUMBER_INDEX] = {"index_bytes", "bytes of the index after a year"},
    [NUMBER_HOTTEST] = {"hottest_partition", "messages a second in the hottest partition"},
    [NUMBER_OUTGOING] = {"outgoing_bytes", "bytes a second that leave the gateways"},
};

const char *number_name(enum number number)
{
    return numbers[number].name;
}

const char *number_words(enum number number)
{
    return numbers[number].words;
}

/* --- formulas --------------------------------------------------------------------------------- */

static double messages_of(const struct workload *workload)
{
    return workload->users * workload->active_share * workload->messages_per_user *
           workload->peak_factor / day_s;
}

static double deliveries_of(const struct workload *workload, double messages)
{
    double readers = 0;
    for (int i = 0; i < WORKLOAD_CHANNEL_CLASSES; i++)
        readers += workload->channels[i].message_share * workload->channels[i].readers;
    return messages * readers * workload->online_share * workload->devices;
}

/* Of one message, once it is stored or indexed. */
static double bytes_of(const struct workload *workload, enum number number)
{
    if (number == NUMBER_INDEX)
        return workload->text_bytes * workload->index_ratio * workload->index_copies;
    return (workload->text_bytes + workload->row_bytes) * workload->copies +
           workload->attachment_share * workload->attachment_bytes * workload->file_copies;
}

double variant_number(enum number number, const struct variant *variant, enum base base,
                      const struct capacity *own)
{
    const struct workload *workload = &variant->workload;
    const double messages =
        base == BASE_MESSAGES ? own->of[NUMBER_MESSAGES] : messages_of(workload);
    const double deliveries = base == BASE_DELIVERIES
                                  ? own->of[NUMBER_DELIVERIES]
                                  : deliveries_of(workload, messages) * variant->senders;
    const double days = fmin(workload->retention_days, variant->longest_days);
    const double busiest = workload->busiest_share;
    switch (number) {
    case NUMBER_DELIVERIES:
        return deliveries;
    case NUMBER_CONNECTIONS:
        return workload->users * workload->online_share * workload->devices /
               (workload->gateways - 1);
    case NUMBER_STORED:
    case NUMBER_INDEX:
        return messages / variant->mean * day_s * days * bytes_of(workload, number);
    case NUMBER_HOTTEST:
        return messages * (busiest + (1 - busiest) / workload->partitions) * variant->busiest;
    case NUMBER_OUTGOING:
        return deliveries * (workload->text_bytes + workload->envelope_bytes);
    case NUMBER_MESSAGES:
    case NUMBERS:
        break;
    }
    return messages;
}

struct variant variant_right(const struct workload *workload)
{
    return (struct variant){.workload = *workload,
                            .mean = workload->peak_factor,
                            .longest_days = 365,
                            .senders = 1,
                            .busiest = 1};
}

struct capacity capacity_of(const struct workload *workload)
{
    const struct variant right = variant_right(workload);
    struct capacity capacity;
    for (int i = 0; i < NUMBERS; i++)
        capacity.of[i] = variant_number((enum number)i, &right, BASE_WORKLOAD, NULL);
    return capacity;
}

/* --- right or not ----------------------------------------------------------------------------- */

int capacity_is_close(double got, double right)
{
    return isfinite(got) && right != 0 && fabs(got / right - 1) <= 0.01;
}

int base_is_there(enum number number, enum base base, const struct capacity *own)
{
    if (base == BASE_WORKLOAD)
        return 1;
    if (base == BASE_DELIVERIES)
        return number == NUMBER_OUTGOING && own->of[NUMBER_DELIVERIES] != 0;
    return number != NUMBER_MESSAGES && number != NUMBER_CONNECTIONS &&
           own->of[NUMBER_MESSAGES] != 0;
}

int capacity_is_right(enum number number, const struct workload *workload,
                      const struct capacity *own)
{
    const struct variant right = variant_right(workload);
    for (int i = 0; i < BASES; i++) {
        const enum base base = (enum base)i;
        if (base_is_there(number, base, own) &&
            capacity_is_close(own->of[number], variant_number(number, &right, base, own)))
            return 1;
    }
    return 0;
}
