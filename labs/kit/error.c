/* Errors: codes for the program, sentences for people. */
#include "kit/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *err, int code, const char *format, ...)
{
    if (err != NULL) {
        /* Formatted apart, because an argument may point into err->text: "cannot load: %s". */
        struct error fresh = {0};
        va_list args;
        va_start(args, format);
        vsnprintf(fresh.text, sizeof fresh.text, format, args);
        va_end(args);
        *err = fresh;
    }
    return code;
}

const char *error_name(int code)
{
    switch (code) {
    case 0:
        return "ok";
    case ERR_INVALID:
        return "invalid";
    case ERR_NOT_FOUND:
        return "not found";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_REFUSED:
        return "refused";
    case ERR_UNAVAILABLE:
        return "unavailable";
    case ERR_IO:
        return "io";
    case ERR_LIMIT:
        return "limit";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_EXISTS:
        return "exists";
    case ERR_TODO:
        return "todo";
    default:
        return "unknown error";
    }
}
