/* Configuration from the environment. */
#include "kit/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"

const char *config_text(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

int config_int64(const char *name, int64_t min, int64_t max, int64_t otherwise, int64_t *out,
                 struct error *err)
{
    const char *value = config_text(name, NULL);
    if (value == NULL) {
        *out = otherwise;
        return 0;
    }
    char *end = NULL;
    errno = 0;
    intmax_t number = strtoimax(value, &end, 10);
    /* strtoimax skips spaces before a number; a value that has them is a slip of its writer. */
    int starts_well = strchr("+-0123456789", value[0]) != NULL;
    if (!starts_well || *end != '\0' || errno != 0 || number < min || number > max) {
        return error_set(err, ERR_INVALID,
                         "%s is '%.60s'. Set it to a whole number from %" PRId64 " to %" PRId64
                         ", or unset it for %" PRId64 ".",
                         name, value, min, max, otherwise);
    }
    *out = number;
    return 0;
}
