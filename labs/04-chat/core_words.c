/* Values and messages in words. See core_words.h. */
#include "core_words.h"

#include <stdlib.h>
#include <string.h>
#include "chat_hash.h"

enum { SHOWN = 40 /* bytes of a string that are shown as they are */ };

void core_expand(const char *value, struct text *out)
{
    char *end = NULL;
    long bytes = strtol(value, &end, 10);
    if (end == value || *end != '*' || end[1] == '\0' || bytes < 0 || bytes > CORE_VALUE_MAX) {
        text_add(out, value);
        return;
    }
    const char *unit = end + 1;
    size_t length = strcspn(unit, "+");
    for (size_t i = 0; i < (size_t)bytes && length > 0; i++)
        text_append(out, &unit[i % length], 1);
    if (unit[length] == '+')
        text_add(out, unit + length + 1);
}

void core_fill(char *field, size_t size, const char *value)
{
    struct text whole = {0};
    core_expand(value, &whole);
    memset(field, 0, size);
    memcpy(field, text_str(&whole), whole.length < size ? whole.length : size);
    text_release(&whole);
}

void core_describe(const char *string, size_t size, struct text *out)
{
    const char *end = memchr(string, '\0', size);
    if (end == NULL) {
        text_addf(out, "(%zu bytes without an end)", size);
        return;
    }
    if (end - string <= SHOWN)
        text_addf(out, "'%s'", string);
    else
        text_addf(out, "(%zu bytes %08x)", (size_t)(end - string),
                  (unsigned)(chat_hash(0, string) & 0xffffffffU));
}

void core_describe_message(const struct chat_message *message, struct text *out)
{
    core_describe(message->channel, sizeof message->channel, out);
    text_add(out, " ");
    core_describe(message->user, sizeof message->user, out);
    text_add(out, " ");
    core_describe(message->nonce, sizeof message->nonce, out);
    text_add(out, " ");
    core_describe(message->file, sizeof message->file, out);
    text_add(out, " ");
    core_describe(message->text, sizeof message->text, out);
    text_addf(out, " %lld @%lld", (long long)message->number, (long long)message->sent_ms);
}
