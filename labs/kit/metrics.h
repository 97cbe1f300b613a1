/*
 * Metrics in Prometheus text format 0.0.4, named by the OpenTelemetry and Prometheus conventions.
 *
 * A family is registered once, at start; its labelled members come into being at first use and
 * stay. Counting takes no lock once a member is there, and is safe from several threads. Keep label
 * values few, never an id or a raw path: from METRICS_MEMBERS_MAX members on, new ones are counted
 * together under the value "other" for every label.
 */
#ifndef KIT_METRICS_H
#define KIT_METRICS_H

#include <stdint.h>
#include "kit/text.h"

struct metrics; /* a registry */
struct metric;  /* one family */

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metrics *metrics_open(void);
void metrics_close(struct metrics *metrics);

/* labels: comma-separated names ("" for none). Names, help and labels are static text. Asking for
   a name again gives the same family; it is a mistake (asserted) to ask for another kind or other
   labels then, or for more than METRICS_MAX families. Histograms have the OpenTelemetry HTTP
   buckets, in seconds. */
struct metric *metrics_family(struct metrics *metrics, enum metric_kind kind, const char *name,
                              const char *help, const char *labels);

/* values: comma-separated, in the order of the family's labels; "" for none. The last label takes
   what is left, commas too; labels without a value are "". A counter's amount is >= 0. */
void metric_add(struct metric *metric, const char *values, double amount);      /* counter, gauge */
void metric_set(struct metric *metric, const char *values, double value);       /* gauge */
void metric_observe(struct metric *metric, const char *values, double seconds); /* histogram */

/* Appends all families in the order they were registered. */
void metrics_render(struct metrics *metrics, struct text *out);

#endif
