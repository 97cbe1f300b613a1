/* Hexadecimal digits. */
#ifndef KIT_HEX_H
#define KIT_HEX_H

#include <stdint.h>

/* 0 to 15 for a digit of either case, -1 for any other byte. */
int hex_value(char digit);

/* Writes the lowest `digits` digits of value in lower case, without a NUL, and returns the place
   behind them. */
char *hex_write(char *text, uint64_t value, int digits);

#endif
