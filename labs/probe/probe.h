/*
 * The probe: the small program in which the judge drives a lab's code, one call at a time.
 *
 * A lab's probe.c is a table of actions. probe_main reads an action line, runs it and writes one
 * reply line, on a private pair of descriptors (PROBE_IN, PROBE_OUT in the environment, closed to
 * nobody else). Lines are probe/message.h. Before the first action it writes "hello protocol=1
 * lab=01-order". Handlers know no expected values: they call the student's function and describe
 * what came back.
 *
 *     probe --script FILE      runs the actions of FILE and prints each reply (make debug)
 *
 * What the student's code does to this process - prints, exits, closes descriptors, starts
 * threads - ends or breaks the conversation, and the judge says so; it cannot make a verdict.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "kit/text.h"
#include "probe/message.h"

struct error;

/* Runs one action. Writes the reply with message_begin/add into reply; leaving it empty is "ok". */
typedef void probe_handler(void *context, const struct message *action, struct text *reply);

/* Exit status of a probe whose descriptors were closed under it. */
enum { PROBE_LINE_LOST = 74 };

struct probe_action {
    const char *word; /* first word of the action line; a NULL word ends the table */
    probe_handler *handle;
};

/* main() of every probe. context is passed to the handlers. Returns the exit status. An unknown
   word is answered "bad word=...". End of input is a clean exit 0. */
int probe_main(int argc, char **argv, const char *lab, const struct probe_action *actions,
               void *context);

/* The usual reply for a result code: "ok", "error code=conflict" or "todo"; text goes along as
   `text=`, which no check compares. */
void probe_result(struct text *reply, int code, const struct error *err);

/* Called in script mode just before the last action, and does nothing: a place for a breakpoint.
   In gdb, `break *handle` there stops at the action that failed. */
void probe_last_action(probe_handler *handle);

#endif
