/* SHA-256 as lower case hex. */
#include "kit/sha256.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <stdint.h>

void sha256_text(const void *bytes, size_t length, char text[SHA256_TEXT_SIZE])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, length, bytes);
    sha256_digest(&context, sizeof digest, digest);
    base16_encode_update(text, sizeof digest, digest);
    text[SHA256_TEXT_SIZE - 1] = '\0';
}
