/*
 * Log lines for what may go wrong a thousand times a second. Given: nothing to write here.
 */
#ifndef LAB04_SERVICE_COMPLAIN_H
#define LAB04_SERVICE_COMPLAIN_H

#include <stdatomic.h>

enum { COMPLAIN_MS = 1000 /* from one line of a kind to the next */ };

/* One kind of trouble; static, and {0} at the start. */
struct complaint {
    atomic_llong next_ms;
};
/* Warns, unless this kind was warned of less than COMPLAIN_MS ago. about: the channel or node that
   it is about; why: a sentence. Any thread. */
void complain(struct complaint *complaint, const char *what, const char *about, const char *why);

#endif
