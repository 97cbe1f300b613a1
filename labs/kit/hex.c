/* Hexadecimal digits. */
#include "kit/hex.h"

int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

char *hex_write(char *text, uint64_t value, int digits)
{
    for (int place = digits - 1; place >= 0; place--) {
        text[place] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
    return text + digits;
}
