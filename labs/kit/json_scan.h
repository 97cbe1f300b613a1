/*
 * A strict check of JSON text (RFC 8259) before a tree is built from it: one pass, no memory.
 *
 * Beyond the grammar it refuses what a C program could misread: invalid UTF-8, \u0000 (it would
 * end a C string), half of a surrogate pair, nesting beyond JSON_DEPTH_MAX, numbers of more than
 * JSON_NUMBER_MAX characters (cJSON cuts those off).
 */
#ifndef KIT_JSON_SCAN_H
#define KIT_JSON_SCAN_H

#include <stddef.h>

struct error;

/* 0, or ERR_INVALID or ERR_LIMIT with line and column (in bytes, from 1) of the first fault. */
int json_scan(const char *bytes, size_t length, struct error *err);

#endif
