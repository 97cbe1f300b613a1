/*
 * Command line flags of svclab's commands.
 */
#ifndef COMMANDS_FLAGS_H
#define COMMANDS_FLAGS_H

#include <stdint.h>

struct error;

struct flag {
    const char *name;   /* "lab" for --lab; a NULL name ends the list */
    const char **value; /* set to what follows the flag; for a switch to "1" */
    const char *help;   /* "NAME what it does"; a switch's help starts with a space */
};

/* Reads argv[1..]. 0; 1 when --help was printed; STATUS_USAGE with a sentence on stderr. */
int flags_parse(int argc, char **argv, const char *command, const struct flag *flags);

/* "20261122", or "random". ERR_INVALID with a sentence. NULL is the default seed. */
int flags_seed(const char *text, uint64_t *seed, struct error *err);

#endif
