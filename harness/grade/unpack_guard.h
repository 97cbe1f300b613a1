/*
 * What keeps the reader of archives to reading them.
 */
#ifndef GRADE_UNPACK_GUARD_H
#define GRADE_UNPACK_GUARD_H

#include "grade/unpack.h"

/* For a child just forked, with 0, 1 and 2 as it shall keep them: closes all other descriptors,
   sets its limits, and lets it call the system only to read, write, seek, have memory and end. 0,
   or -1 with errno. On a machine whose kernel or architecture has no such filter, the limits hold
   alone. */
int unpack_guard(const struct unpack_limits *limits);

#endif
