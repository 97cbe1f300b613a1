/*
 * Configuration from the environment. An empty value is as good as none (compose files pass
 * them). A value that is present and wrong stops the program with a
 * sentence that names the variable; it is never silently replaced by a default.
 */
#ifndef KIT_CONFIG_H
#define KIT_CONFIG_H

#include <stdint.h>

struct error;

/* The value, borrowed from the environment, or otherwise (which may be NULL). */
const char *config_text(const char *name, const char *otherwise);
/* ERR_INVALID when set and not a whole number in [min, max]; *out is untouched then. */
int config_int64(const char *name, int64_t min, int64_t max, int64_t otherwise, int64_t *out,
                 struct error *err);

#endif
