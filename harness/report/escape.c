#include "report/escape.h"

#include <string.h>

#include "kit/utf8.h"
#include "report/layout.h"

static const char *entity(char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void escape_xml(struct text *out, const char *string)
{
    size_t length = string == NULL ? 0 : strlen(string);

    for (size_t at = 0; at < length;) {
        const char *here = string + at, *named = entity(*here);
        unsigned char byte = (unsigned char)*here;
        size_t size = utf8_character(here, length - at);
        int control = byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r';
        int beyond = size == 3 && memcmp(here, "\xef\xbf", 2) == 0 &&
                     (unsigned char)here[2] >= 0xbe; /* U+FFFE, U+FFFF */

        if (size == 0)
            text_add(out, "\xef\xbf\xbd");
        else if (named != NULL)
            text_add(out, named);
        else if (!control && !beyond)
            text_append(out, here, size);
        at += size == 0 ? 1 : size;
    }
}

void escape_visible(struct text *out, const char *string, int keep_lines)
{
    while (string != NULL && *string != '\0') {
        size_t length = keep_lines ? strcspn(string, "\n") : strlen(string);
        struct text clean = {0};
        layout_clean(&clean, string, length);
        escape_xml(out, text_str(&clean));
        text_release(&clean);
        string += length;
        if (*string == '\n') {
            text_add(out, "\n");
            string++;
        }
    }
}
