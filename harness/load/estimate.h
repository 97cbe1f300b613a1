/*
 * What several runs say together: their mean, and how far off it may be.
 *
 * The runs are independent and few, so the mean lies within Student's t interval with 95 %
 * confidence (Jain, "The Art of Computer Systems Performance Analysis", chapter 13). A limit counts
 * as crossed only when the whole interval lies beyond it: chance alone fails nobody.
 */
#ifndef LOAD_ESTIMATE_H
#define LOAD_ESTIMATE_H

struct estimate {
    double mean;
    double error; /* the interval is mean - error ... mean + error */
};

/* Of so many values, one a run; count >= 1. One value alone has no error that could be known: 0. */
struct estimate estimate_of(const double *values, int count);
int estimate_is_above(const struct estimate *estimate, double limit);
int estimate_is_below(const struct estimate *estimate, double limit);

#endif
