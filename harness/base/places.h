/*
 * Where the course's own build is.
 */
#ifndef BASE_PLACES_H
#define BASE_PLACES_H

#include "kit/text.h"

/* Appends BUILD/below, or BUILD for "". BUILD is the build folder that this program lies in, as a
   path from the working folder where it is below that ("build"), else from the root. It is known by
   its file `sources` (harness/fresh.sh); without one it is "build". */
void place_in_build(struct text *path, const char *below);

#endif
