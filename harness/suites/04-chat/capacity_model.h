/*
 * What capacity.h asks for, computed by the judge; and the mistakes that explain a number which is
 * off.
 *
 * A number that is built on another one is right, too, when it follows from the student's own: a
 * peak that is forgotten in capacity_messages costs nothing more in capacity_deliveries.
 */
#ifndef SUITES_CHAT_CAPACITY_MODEL_H
#define SUITES_CHAT_CAPACITY_MODEL_H

#include "04-chat/workload.h"
#include "kit/random.h"
#include "kit/text.h"

/* The functions of capacity.h, in its order. */
enum number {
    NUMBER_MESSAGES,
    NUMBER_DELIVERIES,
    NUMBER_CONNECTIONS,
    NUMBER_STORED,
    NUMBER_INDEX,
    NUMBER_HOTTEST,
    NUMBER_OUTGOING,
    NUMBERS
};
const char *number_name(enum number number);  /* "stored_bytes": of the function and of the probe */
const char *number_words(enum number number); /* "bytes stored after a year" */

struct capacity {
    double of[NUMBERS];
};
struct capacity capacity_of(const struct workload *workload);

/* 1 when got is within 1 % of right. */
int capacity_is_close(double got, double right);
/* 1 when own's number is right for the workload, or follows from own's earlier numbers. One that is
   not finite or not above 0 is wrong, unless the one that it follows from is. */
int capacity_is_right(enum number number, const struct workload *workload,
                      const struct capacity *own);

/* --- explanations (capacity_explain.c) ------------------------------------------------------- */

/* The aspects of a number that have a check of their own. */
enum aspect {
    ASPECT_NUMBER, /* all the rest */
    ASPECT_CHANNELS,
    ASPECT_ATTACHMENTS,
    ASPECT_RETENTION,
    ASPECTS
};

struct explanation {
    int is_known; /* 1: one or two mistakes, or one constant, give own's number in each workload */
    int aspects;  /* a set: 1 << ASPECT_NUMBER ...; all of the number's when nothing is known */
    struct text is; /* "without devices (1.3)", for workloads[shown]; empty when nothing is known */
};
/* Why own's number is not right in all of these workloads. Release `is`. */
void capacity_explain(enum number number, const struct workload *workloads,
                      const struct capacity *own, int count, int shown,
                      struct explanation *explanation);

/* capacity_mistakes.c: 1 when every single mistake either leaves the number as it is or moves it,
   and any two of them give numbers, that are at least 3 % apart: then the one that is found is the
   one that was made.
 */
int capacity_tells_apart(enum number number, const struct workload *workload);

/* --- workloads (capacity_draw.c) -------------------------------------------------------------- */

enum { DRAWN_WORKLOADS = 11 };
/* The lab text's, eight by chance whose mistakes can be told apart in the number, and two corners.
   The retention is below a year in half of the eight. */
void capacity_draw(enum number number, const struct random *random,
                   struct workload workloads[DRAWN_WORKLOADS]);

#endif
