/* UTF-8 (RFC 3629), one character at a time. */
#ifndef KIT_UTF8_H
#define KIT_UTF8_H

#include <stddef.h>

/* The bytes, 1 to 4, of the character that begins at bytes, or 0 when the first of `length` bytes
   begin none: a stray or missing continuation byte, an overlong form, a surrogate (U+D800 to
   U+DFFF), more than U+10FFFF, or length 0. */
size_t utf8_character(const char *bytes, size_t length);

#endif
