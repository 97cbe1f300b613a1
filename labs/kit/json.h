/*
 * JSON: a strict reader that names every wrong field, and a writer that keeps numbers exact.
 *
 * Reading stands on cJSON and refuses what it lets through: invalid UTF-8, raw control bytes,
 * trailing bytes, 01 and 1., NUL in strings, duplicate keys, nesting beyond JSON_DEPTH_MAX.
 * Unknown keys are ignored (a tolerant reader) unless json_no_other_fields is asked.
 * Money: a number with at most two decimals; in C a count of cents.
 */
#ifndef KIT_JSON_H
#define KIT_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>
#include "kit/limits.h"
#include "kit/text.h"

struct error;

/* Parses length bytes (no NUL needed) into a tree, the caller's to cJSON_Delete. NULL with a
   sentence on error, which names line and column. */
cJSON *json_parse(const char *bytes, size_t length, struct error *err);

/* Collects what is wrong with a body, field by field, for a 422. Start with {0}. What is too long
   for a path or a reason is cut. */
struct json_field_error {
    char path[96];   /* "items[2].quantity" */
    char reason[96]; /* "must be a whole number from 1 to 1000000" */
};
struct json_errors {
    struct json_field_error fields[JSON_FIELD_ERRORS_MAX];
    int count; /* of all errors; only the first JSON_FIELD_ERRORS_MAX are kept */
};

/* Where reading stands: an object, its path from the root, and the list that errors go to. */
struct json_reader {
    const cJSON *object;
    char path[64];
    struct json_errors *errors;
};

/* The root reader. Anything but an object is one error with path "". Reading from an empty reader
   (object NULL) adds no further errors. */
struct json_reader json_reader(const cJSON *root, struct json_errors *errors);

/* Each reads one member. A required one that is missing, or one that is wrong, adds an error and
   gives "", 0 or an empty reader; the caller goes on and looks at errors->count once at the end.
   The ones called _or take a member that is missing or null as `otherwise`.
   Strings are borrowed from the tree; their length limits count bytes of UTF-8. Whole numbers lie
   within +-(2^53 - 1), where a double is exact. */
const char *json_string(struct json_reader *reader, const char *name, size_t min, size_t max);
const char *json_string_or(struct json_reader *reader, const char *name, size_t max,
                           const char *otherwise);
int64_t json_int64(struct json_reader *reader, const char *name, int64_t min, int64_t max);
int64_t json_int64_or(struct json_reader *reader, const char *name, int64_t min, int64_t max,
                      int64_t otherwise);
int64_t json_cents(struct json_reader *reader, const char *name, int64_t min, int64_t max);
int json_bool_or(struct json_reader *reader, const char *name, int otherwise);
/* The member's element count (0 when wrong), each element an object read through json_element,
   which walks to it: fine for the hundreds that max should allow. */
int json_array(struct json_reader *reader, const char *name, int min, int max);
struct json_reader json_element(struct json_reader *reader, const char *name, int index);
/* Adds an error of the caller's own; name NULL means the object itself. */
void json_wrong(struct json_reader *reader, const char *name, const char *reason);
/* Adds an error for each member not named in the NULL-terminated list. */
void json_no_other_fields(struct json_reader *reader, const char *const *names);

/* A double that was read from JSON as cents: finite, within +-JSON_CENTS_MAX, and at most two
   decimals. The cents are v x 100, rounded; they are right when their decimal text reads back as
   exactly v, so digits too far behind the point to change the double do no harm. ERR_INVALID, and
   *cents is untouched then. */
#define JSON_CENTS_MAX INT64_C(1000000000000000)
int json_cents_from_double(double value, int64_t *cents);

/* Writer: appends to a text. Commas and quoting are its business; nesting is the caller's. name is
   NULL for the root and in arrays. Bytes that are not valid UTF-8 are written as U+FFFD. */
struct json_writer {
    struct text *out;
    int comma;
};
struct json_writer json_writer(struct text *out);
void json_open_object(struct json_writer *writer, const char *name);
void json_close_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer, const char *name);
void json_close_array(struct json_writer *writer);
void json_put_string(struct json_writer *writer, const char *name, const char *value);
void json_put_int64(struct json_writer *writer, const char *name, int64_t value);
/* The shortest text that reads back as this double; null when it is not finite. */
void json_put_double(struct json_writer *writer, const char *name, double value);
/* 1990 is written 19.90 */
void json_put_cents(struct json_writer *writer, const char *name, int64_t cents);
void json_put_bool(struct json_writer *writer, const char *name, int value);
void json_put_null(struct json_writer *writer, const char *name);
/* RFC 3339, see kit/clock.h */
void json_put_time(struct json_writer *writer, const char *name, int64_t wall_ms);
/* JSON that is written already, as it is */
void json_put_raw(struct json_writer *writer, const char *name, const char *json);

#endif
