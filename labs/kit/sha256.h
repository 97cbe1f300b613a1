/* SHA-256 (FIPS 180-4) as lower case hex, by nettle. */
#ifndef KIT_SHA256_H
#define KIT_SHA256_H

#include <stddef.h>

enum { SHA256_TEXT_SIZE = 65 };
void sha256_text(const void *bytes, size_t length, char text[SHA256_TEXT_SIZE]);

#endif
