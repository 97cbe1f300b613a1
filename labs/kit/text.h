/*
 * A growing buffer of text. `bytes` is always NUL-terminated; {0} or text_init is a valid empty one.
 * Running out of memory ends the process with a sentence on stderr: no caller could go on.
 */
#ifndef KIT_TEXT_H
#define KIT_TEXT_H

#include <stddef.h>

struct text {
    char *bytes;     /* NULL only before the first append of a {0} text; use text_str to read */
    size_t length;   /* without the NUL */
    size_t capacity;
};

const char *text_str(const struct text *text); /* "" for an empty one; valid until the next change */
void text_append(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *text);   /* empty, keeps the memory */
void text_release(struct text *text); /* frees; empty and usable again */
char *text_detach(struct text *text); /* the bytes, now the caller's to free; text is empty again */

#endif
