/*
 * What a saga did in one schedule, as a line of text. Given: nothing to write here.
 *
 *   b            a process began and replayed its log      B  it refused its log
 *   a            APPEND                                    A  one of 0 bytes, or of too many
 *   sSDAK[c]     SEND: S step '0'..'5', D '>' or '<', A attempt '1'.. ('z' = 10 and more, '0' =
 *                below 1), K which of the schedule's different keys, 'A'.. ('-' = no key), then
 *                the amount in cents when not 0
 *   tN;          TIMER after N ms
 *   dP           DONE: P the phase's number
 *   x            an action that is none                    X  a list of too many
 *   |            the end of what one event caused           -  the event was refused
 *
 * The probe writes it, the judge reads it back as actions and plays them in its own world. Records
 * stay in the probe: what is in them is the student's business, that they are there is the judge's.
 * What breaks a rule of the world by itself is carried too, so that it breaks it there as well.
 */
#ifndef LAB03_TRACE_H
#define LAB03_TRACE_H

#include "kit/text.h"
#include "world.h"

enum { TRACE_KEYS = 26 };
struct trace_keys {
    char keys[TRACE_KEYS][SAGA_KEY_SIZE];
    int count;
};

/* 'A' for the first key that it is asked for, 'B' for the next different one, ...; '?' when there
   are more than TRACE_KEYS, '-' for what is not a key. */
char trace_key_letter(struct trace_keys *keys, const char key[SAGA_KEY_SIZE]);

void trace_actions(struct text *out, struct trace_keys *keys, const struct saga_actions *actions);

/* Reads the actions of one event and moves *at behind them; a list of too many has the count -1.
   0, 1 when the event was refused, or ERR_INVALID when the text is not a trace. */
int trace_read(const char **at, struct saga_actions *actions);

/* A schedule as text, "3.1,17.8" (point.fault), "-" for none; and back (ERR_INVALID). */
void schedule_write(struct text *out, const struct schedule *schedule);
int schedule_read(const char *text, size_t length, struct schedule *schedule);

#endif
