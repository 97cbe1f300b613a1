/*
 * One line of the probe protocol: a word and named values.
 *
 *     append stream=o-1 expected=3 note="two words, a \"quote\" and \x0a"
 *
 * The word and bare values are [A-Za-z0-9_.:/+*@%,-]+; every other value is quoted, with \" \\ and
 * \xNN for what cannot stand as it is (a reader refuses control characters there). Names are
 * [A-Za-z0-9_.]+. Spaces part the fields. The same source is compiled into the probe and the judge.
 */
#ifndef PROBE_MESSAGE_H
#define PROBE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include "kit/text.h"

struct error;

enum { MESSAGE_FIELDS_MAX = 1024 };

struct message_field {
    const char *name;
    const char *value; /* unquoted; may hold any byte but NUL */
};

struct message {
    char *storage; /* owns every string below */
    const char *word;
    struct message_field *fields;
    int field_count;
};

/* Parses one line (no newline), any bytes. On success the caller releases with message_release; on
   error the message is empty. ERR_INVALID with the column that is wrong, counted from 1; ERR_LIMIT
   beyond MESSAGE_FIELDS_MAX. */
int message_parse(const char *line, struct message *message, struct error *err);
void message_release(struct message *message);

/* The value of name (the first, should a name be there twice), or NULL / otherwise when there is
   none. Valid until message_release. */
const char *message_get(const struct message *message, const char *name);
const char *message_get_or(const struct message *message, const char *name, const char *otherwise);
/* A decimal number as message_add_int64 writes it. ERR_NOT_FOUND or ERR_INVALID; out is untouched
   then. */
int message_get_int64(const struct message *message, const char *name, int64_t *out);

/* Builds a line: message_begin(&text, "ok"); message_add(&text, "status", "PENDING"); ...
   message_begin empties the text first. Words and names must have the form above (asserted). */
void message_begin(struct text *line, const char *word);
void message_add(struct text *line, const char *name, const char *value);
void message_add_int64(struct text *line, const char *name, int64_t value);

#endif
