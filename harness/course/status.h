/*
 * The exit statuses of svclab and its commands. 3 wins over 2, 2 over 1.
 */
#ifndef COURSE_STATUS_H
#define COURSE_STATUS_H

enum {
    STATUS_FULL = 0,     /* full marks; the command did what it should */
    STATUS_FAILED = 1,   /* a check failed */
    STATUS_NO_BUILD = 2, /* something does not build */
    STATUS_GRADER = 3,   /* the grader's own error */
    STATUS_USAGE = 64,   /* a flag, a lab, a check or a folder that is not there */
    STATUS_INTERRUPTED = 130
};

#endif
