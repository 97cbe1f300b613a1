/*
 * Configuration from the environment. A value that is present and wrong stops the program with a
 * sentence that names the variable; it is never replaced by a default in silence.
 */
#ifndef KIT_CONFIG_H
#define KIT_CONFIG_H

#include <stdint.h>

struct error;

const char *config_text(const char *name, const char *otherwise);
/* ERR_INVALID when set and not a whole number in [min, max]. */
int config_int64(const char *name, int64_t min, int64_t max, int64_t otherwise, int64_t *out,
                 struct error *err);

#endif
