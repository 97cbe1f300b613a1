/*
 * The table of fault kinds. Compiled into the harness and into the peers.
 */
#include "peers/fault.h"

#include <string.h>
#include "kit/error.h"

static const struct {
    const char *name;
    long long min, max; /* of value */
} kinds[] = {
    [FAULT_NONE] = {"none", 0, 0},
    [FAULT_LATENCY] = {"latency", 1, FAULT_DELAY_MAX_MS},
    [FAULT_STATUS] = {"status", 200, 599},
    [FAULT_HANG] = {"hang", 0, 0},
    [FAULT_CLOSE_BEFORE] = {"close_before", 0, 0},
    [FAULT_CLOSE_DURING] = {"close_during", 0, 0},
    [FAULT_CLOSE_AFTER] = {"close_after", 0, 0},
    [FAULT_GARBAGE] = {"garbage", 0, 0},
    [FAULT_BAD_BODY] = {"bad_body", 0, 0},
    [FAULT_SLOW_BYTES] = {"slow_bytes", 1, FAULT_DELAY_MAX_MS},
    [FAULT_FLAP] = {"flap", 1, FAULT_FLAP_MAX},
};

const char *fault_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

int fault_parse(const char *name, long long value, enum fault_kind *kind)
{
    for (int i = 0; i < (int)(sizeof kinds / sizeof *kinds); i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        /* Kinds without a value take any: 0 is not worth an error. */
        if (kinds[i].max > 0 && (value < kinds[i].min || value > kinds[i].max))
            return ERR_INVALID;
        *kind = (enum fault_kind)i;
        return 0;
    }
    return ERR_INVALID;
}
