/*
 * A growing buffer of text. {0} is a valid empty one, and what `bytes` points to ends with a NUL.
 * Running out of memory ends the process with a sentence on stderr: no caller could go on.
 */
#ifndef KIT_TEXT_H
#define KIT_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes;     /* NULL only before the first append to a {0} text; text_str is never NULL */
    size_t length;   /* without the NUL */
    size_t capacity; /* bytes allocated, the NUL's included */
};

/* The bytes, "" for an empty text; valid until the next change. */
const char *text_str(const struct text *text);
/* What is appended must not lie in the text itself: it may move. */
void text_append(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The number in decimal, without the cost of a format. */
void text_add_int64(struct text *text, int64_t value);
/* The shortest decimal text that reads back as exactly this double; "NaN", "+Inf" or "-Inf". */
void text_add_double(struct text *text, double value);
/* The fast way in: room for `extra` more bytes behind the text, at the place returned. The caller
   writes there, adds what it wrote to text->length and ends it with a NUL. */
char *text_room(struct text *text, size_t extra);
void text_clear(struct text *text);   /* empty, keeps the memory */
void text_release(struct text *text); /* frees; empty and usable again */
char *text_detach(struct text *text); /* the bytes, now the caller's to free; text is empty again */

#endif
