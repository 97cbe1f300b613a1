/*
 * How much of everything a workload needs. Step 2, yours: capacity.c.
 *
 * Each function works for any workload within the ranges of the lab text, not for one. SI units, no
 * rounding: 1 kB is 1000 bytes, a day has 86,400 s, a year 365 days (PIN). The judge accepts what
 * is within 1 % of its own result. "At the peak" is the busiest second of a day.
 */
#ifndef LAB04_CAPACITY_H
#define LAB04_CAPACITY_H

#include "workload.h"

/* Messages a second at the peak, all users together. */
double capacity_messages(const struct workload *workload);
/* Deliveries a second at the peak: each message once to each connection of each reader who is
   online. The sender's other devices are not counted (PIN). */
double capacity_deliveries(const struct workload *workload);
/* Connections that one gateway holds at the peak while one of the gateways is lost (PIN). */
double capacity_connections(const struct workload *workload);
/* Bytes of messages (text and row) and of files that are stored one year after the start, all
   copies of them, when each day was like the mean and nothing older than the retention is left. */
double capacity_stored_bytes(const struct workload *workload);
/* Bytes of the search index at the same time. */
double capacity_index_bytes(const struct workload *workload);
/* Messages a second at the peak in the partition of the busiest channel; all other messages are
   spread evenly over all partitions. */
double capacity_hottest_partition(const struct workload *workload);
/* Bytes a second that leave the gateways at the peak: the text and the envelope of each
   delivery. */
double capacity_outgoing_bytes(const struct workload *workload);

#endif
