/*
 * What the probe and the judge of the core both say: how a value is spelled short, and a message in
 * words. Given: nothing to write here.
 */
#ifndef LAB04_CORE_WORDS_H
#define LAB04_CORE_WORDS_H

#include "chat.h"
#include "kit/text.h"

/* Appends what a value of an action stands for: "65*ab" is ab repeated to 65 bytes, "63*a+xy" is 63
   times a and then xy, anything else itself. At most CORE_VALUE_MAX bytes are repeated. */
enum { CORE_VALUE_MAX = 10000 };
void core_expand(const char *value, struct text *out);
/* Fills a field of size bytes with a value, the rest with NULs: without any when it is too long. */
void core_fill(char *field, size_t size, const char *value);

/* Appends a string of at most size bytes, with or without a NUL, in a form of its own: in quotes,
   or, when it is long, its length and hash. */
void core_describe(const char *string, size_t size, struct text *out);
/* Appends 'CHANNEL USER NONCE FILE TEXT NUMBER @SENT_MS', strings as above. */
void core_describe_message(const struct chat_message *message, struct text *out);

#endif
