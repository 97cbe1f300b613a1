/*
 * Two halves: the first bytes stay, of the rest the last ones.
 */
#include "process/printed.h"

#include "process/probe_client.h"

enum { HALF = PROBE_OUTPUT_MAX / 2 };

static void escape(struct text *out, const struct text *raw)
{
    for (size_t i = 0; i < raw->length; i++) {
        unsigned char byte = (unsigned char)raw->bytes[i];
        if (byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7f))
            text_append(out, &raw->bytes[i], 1);
        else
            text_addf(out, "\\x%02x", byte);
    }
}

/* Leaves the last HALF bytes of text. */
static void keep_end(struct text *text)
{
    if (text->length <= HALF)
        return;
    struct text kept = {0};
    text_append(&kept, text->bytes + (text->length - HALF), HALF);
    text_release(text);
    *text = kept;
}

void printed_add(struct printed *printed, const char *bytes, size_t count)
{
    printed->bytes += (int64_t)count;
    if (printed->first.length < HALF) {
        size_t room = HALF - printed->first.length;
        size_t take = count < room ? count : room;
        text_append(&printed->first, bytes, take);
        bytes += take;
        count -= take;
    }
    text_append(&printed->last, bytes, count);
    if (printed->last.length > 2 * (size_t)HALF) /* not at each call: it copies */
        keep_end(&printed->last);
}

void printed_end(struct printed *printed)
{
    keep_end(&printed->last);
    escape(&printed->escaped, &printed->first);
    if (printed->bytes > PROBE_OUTPUT_MAX)
        text_add(&printed->escaped, "\n[... some of the output is left out ...]\n");
    escape(&printed->escaped, &printed->last);
    text_release(&printed->first);
    text_release(&printed->last);
}

const char *printed_text(const struct printed *printed)
{
    return text_str(&printed->escaped);
}

void printed_cut(struct printed *printed, const char *from)
{
    struct text kept = {0};
    text_append(&kept, printed->escaped.bytes, (size_t)(from - printed->escaped.bytes));
    text_release(&printed->escaped);
    printed->escaped = kept;
}

void printed_release(struct printed *printed)
{
    text_release(&printed->first);
    text_release(&printed->last);
    text_release(&printed->escaped);
    printed->bytes = 0;
}
