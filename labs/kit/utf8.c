/* UTF-8: the table of well-formed byte sequences of RFC 3629, section 4, as code. */
#include "kit/utf8.h"

size_t utf8_character(const char *bytes, size_t length)
{
    if (length == 0)
        return 0;
    unsigned char lead = (unsigned char)bytes[0];
    if (lead < 0x80)
        return 1;
    /* The second byte's range is narrower after four leads: that shuts out overlong forms (E0, F0),
       surrogates (ED) and what lies beyond U+10FFFF (F4). */
    unsigned char lowest = 0x80;
    unsigned char highest = 0xBF;
    size_t size = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        size = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        size = 3;
        lowest = lead == 0xE0 ? 0xA0 : lowest;
        highest = lead == 0xED ? 0x9F : highest;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        size = 4;
        lowest = lead == 0xF0 ? 0x90 : lowest;
        highest = lead == 0xF4 ? 0x8F : highest;
    }
    if (size == 0 || size > length)
        return 0;
    for (size_t place = 1; place < size; place++) {
        unsigned char byte = (unsigned char)bytes[place];
        if (byte < lowest || byte > highest)
            return 0;
        lowest = 0x80;
        highest = 0xBF;
    }
    return size;
}
