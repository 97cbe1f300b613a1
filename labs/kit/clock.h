/*
 * Time as an argument.
 *
 * Durations are measured in monotonic milliseconds, dates are kept in wall milliseconds since
 * 1970 UTC. Logic is handed a moment or a clock; it never asks the system itself.
 */
#ifndef KIT_CLOCK_H
#define KIT_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct error;

struct moment {
    int64_t mono_ms; /* never jumps back; meaningless after a restart, so never stored */
    int64_t wall_ms; /* since 1970-01-01T00:00:00Z; may jump back, so it never orders events */
};

/* A source of moments. The system's in a service, a scripted one in the judge's probe. */
struct clock {
    struct moment (*now)(void *context);
    void *context;
};

struct moment clock_now(const struct clock *clock);

/* The system's CLOCK_MONOTONIC and CLOCK_REALTIME. */
struct clock clock_system(void);

/* CLOCK_MONOTONIC in milliseconds or nanoseconds: for the time limits of code that no judge plays,
   which has no clock to ask. */
int64_t monotonic_ms(void);
int64_t monotonic_ns(void);

/* How much time has passed at now_ms since seen_ms, the latest wall time that was seen: 0 when the
   clock has been set back, and at most TIME_STEP_MAX_MS, since a longer pause cannot be told from a
   clock that was set forward. For what expires: a wrong clock may keep it longer, never wipe it. */
enum { TIME_STEP_MAX_MS = 3600000 };
int64_t time_passed_ms(int64_t seen_ms, int64_t now_ms);

enum { TIME_TEXT_SIZE = 25 }; /* "2026-11-22T09:30:00.000Z" and its NUL */

/* RFC 3339 in UTC with milliseconds. Years 0000 to 9999; outside, the nearest end. */
void time_format(int64_t wall_ms, char text[TIME_TEXT_SIZE]);

/* Reads what time_format writes. ERR_INVALID for anything else. */
int time_parse(const char *text, int64_t *wall_ms, struct error *err);

#endif
