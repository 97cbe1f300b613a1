/*
 * One byte to a thread and back, over TCP on the loopback, every two milliseconds: what the machine
 * needs for that alone while something else is measured. Where it needs long, so does everything. A
 * thread that only sleeps and wakes is preferred by the scheduler, though; so it also looks how
 * many threads of the whole machine want to run.
 */
#ifndef SUITES_CHAT_ECHO_H
#define SUITES_CHAT_ECHO_H

struct echo;
struct error;

/* Begins. The caller ends it. ERR_UNAVAILABLE, ERR_LIMIT. */
int echo_begin(struct echo **out, struct error *err);
struct echo_heard {
    double p99_ms; /* within which 99 of 100 bytes came back */
    double others; /* threads that ran or wanted to, besides the one that asked, in the mean */
};
/* Ends and frees it; out may be NULL. NULL is fine: all is 0. */
void echo_end(struct echo *echo, struct echo_heard *out);

#endif
