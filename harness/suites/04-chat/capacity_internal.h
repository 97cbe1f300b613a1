/*
 * What the files behind capacity_model.h share: a workload with a mistake in it.
 */
#ifndef SUITES_CHAT_CAPACITY_INTERNAL_H
#define SUITES_CHAT_CAPACITY_INTERNAL_H

#include "04-chat/workload_members.h"
#include "suites/04-chat/capacity_model.h"

/* A way of computing. Most mistakes are the right formulas with another workload. */
struct variant {
    struct workload workload;
    double mean;             /* divides the peak for bytes: the peak factor, or 1 when forgotten */
    double longest_days;     /* that are counted */
    double senders, busiest; /* times the deliveries, times the hottest partition */
};
struct variant variant_right(const struct workload *workload);

/* What a number is built on: the workload alone, or own's messages or deliveries. */
enum base { BASE_WORKLOAD, BASE_MESSAGES, BASE_DELIVERIES, BASES };
/* 1 when the number can be built on it, and own has it. */
int base_is_there(enum number number, enum base base, const struct capacity *own);
/* own: NULL when the base is the workload. */
double variant_number(enum number number, const struct variant *variant, enum base base,
                      const struct capacity *own);

struct mistake {
    const char *words;           /* NULL: the member is always as in the lab text */
    enum workload_member member; /* set to value, or given to change; shown with the words */
    double value;
    void (*change)(struct variant *variant);
    enum aspect aspect;
    int is_small; /* may be less than 3 %: told apart by all workloads together */
};
enum { MISTAKES_MAX = 80 };
/* All that may have been done, the likelier first. Returns how many. */
int mistake_list(struct mistake list[MISTAKES_MAX]);
void mistake_make(struct variant *variant, const struct mistake *mistake);

#endif
