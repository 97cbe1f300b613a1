/* A growing buffer of text. */
#include "kit/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST_SIZE = 128 }; /* most log lines and replies fit after one doubling */

const char *text_str(const struct text *text)
{
    return text->bytes != NULL ? text->bytes : "";
}

static void out_of_memory(size_t wanted)
{
    fprintf(stderr, "Out of memory: %zu bytes of text were not to be had. Give the process more.\n",
            wanted);
    abort();
}

char *text_room(struct text *text, size_t extra)
{
    if (extra >= SIZE_MAX / 2 - text->length)
        out_of_memory(extra);
    size_t needed = text->length + extra + 1;
    if (needed > text->capacity) {
        size_t capacity = text->capacity < TEXT_FIRST_SIZE ? TEXT_FIRST_SIZE : text->capacity;
        while (capacity < needed)
            capacity *= 2;
        char *bytes = realloc(text->bytes, capacity);
        if (bytes == NULL)
            out_of_memory(capacity);
        bytes[text->length] = '\0';
        text->bytes = bytes;
        text->capacity = capacity;
    }
    return text->bytes + text->length;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    char *end = text_room(text, length);
    if (length > 0)
        memcpy(end, bytes, length);
    end[length] = '\0';
    text->length += length;
}

void text_add(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);

    char *end = text_room(text, 64);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(end, room, format, args);
    if (length > 0) {
        if ((size_t)length >= room) {
            end = text_room(text, (size_t)length);
            vsnprintf(end, (size_t)length + 1, format, again);
        }
        text->length += (size_t)length;
    }
    text->bytes[text->length] = '\0'; /* also where a failed format left half a word */
    va_end(again);
    va_end(args);
}

void text_add_int64(struct text *text, int64_t value)
{
    char digits[20];
    size_t first = sizeof digits;
    /* Unsigned, because -INT64_MIN does not fit an int64_t. */
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--first] = '-';
    text_append(text, digits + first, sizeof digits - first);
}

void text_add_double(struct text *text, double value)
{
    enum { INTEGRAL_MAX = 1000000000 };
    if (isnan(value)) {
        text_add(text, "NaN");
    } else if (isinf(value)) {
        text_add(text, value > 0 ? "+Inf" : "-Inf");
    } else if (fabs(value) <= INTEGRAL_MAX && value == (double)(int64_t)value) {
        text_add_int64(text, (int64_t)value);
    } else {
        /* 15 digits are always kept by a double, 17 always tell two doubles apart. */
        char digits[32];
        for (int precision = 15; precision <= 17; precision++) {
            snprintf(digits, sizeof digits, "%.*g", precision, value);
            if (strtod(digits, NULL) == value)
                break;
        }
        text_add(text, digits);
    }
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->bytes != NULL)
        text->bytes[0] = '\0';
}

void text_release(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

char *text_detach(struct text *text)
{
    text_room(text, 0); /* an empty text has bytes to give away too */
    char *bytes = text->bytes;
    *text = (struct text){0};
    return bytes;
}
