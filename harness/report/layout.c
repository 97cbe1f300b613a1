#include "report/layout.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/id.h"
#include "kit/utf8.h"

/* The character at bytes, whose size utf8_character gave. */
static uint32_t decode(const char *bytes, size_t size)
{
    const unsigned char *u = (const unsigned char *)bytes;
    uint32_t value = size == 1 ? u[0] : u[0] & (0x7fU >> size);

    for (size_t i = 1; i < size; i++)
        value = value << 6 | (u[i] & 0x3fU);
    return value;
}

/* Characters that would move the cursor, turn the direction of text, or cannot be seen. */
static int is_hidden(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0xad ||
           (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0xfeff;
}

void layout_clean(struct text *out, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t size = utf8_character(bytes + at, length - at);
        uint32_t character = decode(bytes + at, size == 0 ? 1 : size);
        if (size == 0) {
            text_addf(out, "\\x%02x", (unsigned char)bytes[at]);
            size = 1;
        } else if (character == '\n') {
            text_add(out, "\\n");
        } else if (character == '\t') {
            text_add(out, "\\t");
        } else if (is_hidden(character)) {
            text_addf(out, character < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)character);
        } else {
            text_append(out, bytes + at, size);
        }
        at += size;
    }
}

void layout_clean_short(struct text *out, const char *bytes, size_t length)
{
    enum { LENGTH = ID_SIZE - 1, END = 4 };
    size_t done = 0;
    for (size_t at = 0; at + LENGTH <= length;) {
        char id[ID_SIZE];
        memcpy(id, bytes + at, LENGTH);
        id[LENGTH] = '\0';
        if (id_valid(id)) {
            layout_clean(out, bytes + done, at - done);
            text_addf(out, "%.*s..%s", END, id, id + LENGTH - END);
            done = at += LENGTH;
        } else {
            at++;
        }
    }
    layout_clean(out, bytes + done, length - done);
}

char *layout_clean_string(const char *string)
{
    struct text out = {0};
    text_add(&out, "");
    if (string != NULL)
        layout_clean(&out, string, strlen(string));
    return text_detach(&out);
}

static int character_columns(uint32_t c)
{
    if (c >= 0x300 && c <= 0x36f)
        return 0;
    int wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
               (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
               (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
               (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1f9ff) ||
               (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

/* The character at clean: its bytes, and the columns it takes. */
static size_t step(const char *clean, int *columns)
{
    size_t size = utf8_character(clean, strnlen(clean, 4));
    *columns = size == 0 ? 1 : character_columns(decode(clean, size));
    return size == 0 ? 1 : size;
}

int layout_columns(const char *clean)
{
    int total = 0;
    while (*clean != '\0') {
        int columns = 0;
        clean += step(clean, &columns);
        total += columns;
    }
    return total;
}

size_t layout_piece(const char *clean, int columns)
{
    size_t at = 0, after_space = 0;
    int used = 0;

    while (clean[at] != '\0') {
        int wide = 0;
        size_t size = step(clean + at, &wide);
        if (used + wide > columns && at > 0)
            return 2 * after_space > at ? after_space : at;
        if (clean[at] == ' ')
            after_space = at + 1;
        used += wide;
        at += size;
    }
    return at;
}

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("svclab: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static void add_line(struct lines *lines, enum tone tone, char *text)
{
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity == 0 ? 32 : 2 * lines->capacity;
        lines->lines = need(realloc(lines->lines, (size_t)lines->capacity * sizeof(struct line)));
    }
    lines->lines[lines->count++] = (struct line){.text = text, .tone = tone};
}

void lines_add(struct lines *lines, enum tone tone, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = need(malloc((size_t)length + 1));
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    add_line(lines, tone, text);
}

void lines_gap(struct lines *lines)
{
    if (lines->count > 0 && lines->lines[lines->count - 1].text[0] != '\0')
        lines_add(lines, TONE_PLAIN, "%s", "");
}

void lines_move(struct lines *to, struct lines *from)
{
    for (int i = 0; i < from->count; i++)
        add_line(to, from->lines[i].tone, from->lines[i].text);
    from->count = 0;
    lines_release(from);
}

void lines_cut(struct lines *lines, int count)
{
    while (lines->count > count && lines->count > 0)
        free(lines->lines[--lines->count].text);
}

void lines_release(struct lines *lines)
{
    lines_cut(lines, 0);
    free(lines->lines);
    *lines = (struct lines){0};
}

size_t lines_wrap(struct lines *lines, enum tone tone, const char *label, int indent,
                  const char *clean, int max_lines)
{
    const int width = LAYOUT_COLUMNS - indent;
    size_t at = 0;

    for (int i = 0; i == 0 || (clean[at] != '\0' && (max_lines == 0 || i < max_lines)); i++) {
        size_t size = layout_piece(clean + at, width);
        if (i == 0)
            lines_add(lines, tone, "%s%.*s", label, (int)size, clean + at);
        else
            lines_add(lines, tone, "%*s%.*s", indent, "", (int)size, clean + at);
        at += size;
    }
    return strlen(clean + at);
}
