/*
 * One byte to a thread and back, over TCP on the loopback, every two milliseconds: what the machine
 * needs for that alone while something else is measured. Where it needs long, so does everything.
 */
#ifndef SUITES_CHAT_ECHO_H
#define SUITES_CHAT_ECHO_H

struct echo;
struct error;

/* Begins. The caller ends it. ERR_UNAVAILABLE, ERR_LIMIT. */
int echo_begin(struct echo **out, struct error *err);
/* Ends and frees it: milliseconds within which 99 of 100 bytes came back. NULL is 0. */
double echo_end(struct echo *echo);

#endif
