/* A strict check of JSON text: recursive descent, as deep as JSON_DEPTH_MAX at most. */
#include "kit/json_scan.h"

#include <string.h>

#include "kit/error.h"
#include "kit/hex.h"
#include "kit/limits.h"
#include "kit/utf8.h"

struct scan {
    const char *start;
    const char *at;
    const char *end;
    struct error *err;
};

static int scan_value(struct scan *scan, int depth);

/* Names the place where the scan stands, and what is wrong there. */
static int fault(const struct scan *scan, int code, const char *what)
{
    size_t line = 1;
    const char *line_start = scan->start;
    for (const char *at = scan->start; at < scan->at; at++) {
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    }
    return error_set(scan->err, code, "Line %zu, column %zu of the JSON text: %s.", line,
                     (size_t)(scan->at - line_start) + 1, what);
}

static int invalid(const struct scan *scan, const char *what)
{
    return fault(scan, ERR_INVALID, scan->at == scan->end ? "it ends too early" : what);
}

/* The next byte, or NUL at the end; a NUL in the text is no part of any rule either. */
static char peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

static int take(struct scan *scan, char byte)
{
    if (peek(scan) != byte)
        return 0;
    scan->at++;
    return 1;
}

static void skip_space(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')) {
        scan->at++;
    }
}

static int scan_literal(struct scan *scan, const char *literal)
{
    size_t length = strlen(literal);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, literal, length) != 0)
        return invalid(scan, "expected a value");
    scan->at += length;
    return 0;
}

static int skip_digits(struct scan *scan)
{
    const char *first = scan->at;
    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at > first ? 0 : invalid(scan, "expected a digit");
}

static int scan_number(struct scan *scan)
{
    const char *first = scan->at;
    take(scan, '-');
    /* After a 0 no digit may follow: 01 is refused by whoever expects a comma or the end. */
    if (!take(scan, '0') && skip_digits(scan) < 0)
        return ERR_INVALID;
    if (take(scan, '.') && skip_digits(scan) < 0)
        return ERR_INVALID;
    if (take(scan, 'e') || take(scan, 'E')) {
        if (!take(scan, '+'))
            take(scan, '-');
        if (skip_digits(scan) < 0)
            return ERR_INVALID;
    }
    if (scan->at - first > JSON_NUMBER_MAX) {
        scan->at = first;
        return fault(scan, ERR_LIMIT, "the number has too many digits");
    }
    return 0;
}

/* Reads the four digits of a \u escape; -1 when they are not there. */
static int scan_hex4(struct scan *scan)
{
    int unit = 0;
    for (int place = 0; place < 4; place++, scan->at++) {
        int digit = hex_value(peek(scan));
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* An escape, from behind its backslash on. */
static int scan_escape(struct scan *scan)
{
    char kind = peek(scan);
    if (kind != '\0' && strchr("\"\\/bfnrt", kind) != NULL) {
        scan->at++;
        return 0;
    }
    if (!take(scan, 'u'))
        return invalid(scan, "there is no such escape");
    int unit = scan_hex4(scan);
    if (unit < 0)
        return invalid(scan, "expected four hexadecimal digits");
    if (unit == 0)
        return invalid(scan, "a string may not hold U+0000");
    if (unit >= 0xD800 && unit <= 0xDBFF && take(scan, '\\') && take(scan, 'u')) {
        int low = scan_hex4(scan);
        if (low >= 0xDC00 && low <= 0xDFFF)
            return 0;
    }
    if (unit >= 0xD800 && unit <= 0xDFFF)
        return invalid(scan, "half of a surrogate pair");
    return 0;
}

static int scan_string(struct scan *scan)
{
    if (!take(scan, '"'))
        return invalid(scan, "expected a string in double quotes");
    while (!take(scan, '"')) {
        if (take(scan, '\\')) {
            if (scan_escape(scan) < 0)
                return ERR_INVALID;
            continue;
        }
        if (scan->at == scan->end || (unsigned char)*scan->at < ' ')
            return invalid(scan, "a control character must be escaped");
        size_t size = utf8_character(scan->at, (size_t)(scan->end - scan->at));
        if (size == 0)
            return invalid(scan, "not valid UTF-8");
        scan->at += size;
    }
    return 0;
}

static int scan_member(struct scan *scan, int depth)
{
    skip_space(scan);
    if (scan_string(scan) < 0)
        return ERR_INVALID;
    skip_space(scan);
    if (!take(scan, ':'))
        return invalid(scan, "expected a colon");
    return scan_value(scan, depth);
}

/* An object or array, from behind its opening bracket on. */
static int scan_container(struct scan *scan, char close, int depth)
{
    if (depth > JSON_DEPTH_MAX) {
        scan->at--;
        return fault(scan, ERR_LIMIT, "nested too deeply");
    }
    skip_space(scan);
    if (take(scan, close))
        return 0;
    do {
        int result = close == '}' ? scan_member(scan, depth) : scan_value(scan, depth);
        if (result < 0)
            return result;
        skip_space(scan);
    } while (take(scan, ','));
    if (!take(scan, close))
        return invalid(scan, close == '}' ? "expected a comma or }" : "expected a comma or ]");
    return 0;
}

static int scan_value(struct scan *scan, int depth)
{
    skip_space(scan);
    switch (peek(scan)) {
    case '{':
        scan->at++;
        return scan_container(scan, '}', depth + 1);
    case '[':
        scan->at++;
        return scan_container(scan, ']', depth + 1);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_literal(scan, "true");
    case 'f':
        return scan_literal(scan, "false");
    case 'n':
        return scan_literal(scan, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return scan_number(scan);
    default:
        return invalid(scan, "expected a value");
    }
}

int json_scan(const char *bytes, size_t length, struct error *err)
{
    struct scan scan = {.start = bytes, .at = bytes, .end = bytes + length, .err = err};
    int result = scan_value(&scan, 0);
    if (result < 0)
        return result;
    skip_space(&scan);
    return scan.at == scan.end ? 0 : invalid(&scan, "expected the end");
}
