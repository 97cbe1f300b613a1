/*
 * Errors: a negative code for the program, a sentence for people.
 *
 * Functions that can fail return 0 or one of these codes, and put one plain sentence, with what
 * to do where that is known, into the caller's struct error. err may always be NULL.
 */
#ifndef KIT_ERROR_H
#define KIT_ERROR_H

enum {
    ERR_INVALID = -1,     /* the input breaks a rule */
    ERR_NOT_FOUND = -2,   /* there is no such thing */
    ERR_CONFLICT = -3,    /* somebody was there first: reload and decide again */
    ERR_REFUSED = -4,     /* understood, and not allowed in this state */
    ERR_UNAVAILABLE = -5, /* a dependency did not answer; it may later */
    ERR_IO = -6,          /* disk, socket or database failed */
    ERR_LIMIT = -7,       /* a named limit of limits.h was reached */
    ERR_CORRUPT = -8,     /* stored bytes are not what was stored */
    ERR_EXISTS = -9,      /* it is there already, and that is not what was asked for */
    ERR_TODO = -100       /* a skeleton's function that is still to be written */
};

struct error {
    char text[256]; /* one sentence; empty when nothing failed */
};

/* Formats the sentence into err (when not NULL) and returns code, so `return error_set(...)`.
   A sentence that is too long is cut. err->text may be among the arguments. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The code's name in lower case ("conflict", "not found"; "ok" for 0), "unknown error" for anything
   else. Static text. */
const char *error_name(int code);

#endif
