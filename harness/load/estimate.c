/* What several runs say together. */
#include "load/estimate.h"

#include <assert.h>
#include <math.h>

/* Student's t, 97.5 %, for 1, 2, ... degrees of freedom. */
static const double students_t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                    2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                    2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                    2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
enum { T_COUNT = sizeof students_t / sizeof students_t[0] };

struct estimate estimate_of(const double *values, int count)
{
    assert(count >= 1);
    struct estimate estimate = {0};
    double squares = 0;
    for (int i = 0; i < count; i++)
        estimate.mean += values[i] / count;
    for (int i = 0; i < count; i++)
        squares += (values[i] - estimate.mean) * (values[i] - estimate.mean);
    if (count > 1) {
        /* Beyond the table the last value is a little too careful: 2.042 for 1.960. */
        const double t = students_t[count - 2 < T_COUNT ? count - 2 : T_COUNT - 1];
        estimate.error = t * sqrt(squares / (count - 1) / count);
    }
    return estimate;
}

int estimate_is_above(const struct estimate *estimate, double limit)
{
    return estimate->mean - estimate->error > limit;
}

int estimate_is_below(const struct estimate *estimate, double limit)
{
    return estimate->mean + estimate->error < limit;
}
