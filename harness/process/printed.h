/*
 * What a student's process prints: shown, never parsed. Its beginning and its end are kept, with
 * control characters escaped.
 */
#ifndef PROCESS_PRINTED_H
#define PROCESS_PRINTED_H

#include <stdint.h>
#include "kit/text.h"

struct printed {
    struct text first, last; /* bytes as they came; last begins when first is full */
    struct text escaped;     /* once it has ended */
    int64_t bytes;           /* printed in all */
};

void printed_add(struct printed *printed, const char *bytes, size_t count);
/* Escapes what was kept, in one piece: printed_text. Nothing may be added afterwards. */
void printed_end(struct printed *printed);
const char *printed_text(const struct printed *printed); /* "" before its end */
/* Cuts it off at `from`, a place in printed_text. */
void printed_cut(struct printed *printed, const char *from);
void printed_release(struct printed *printed);

#endif
