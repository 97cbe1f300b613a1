/* One line of the probe protocol: a word and named values. */
#include "probe/message.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "kit/hex.h"

#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."
#define BARE_BYTES NAME_BYTES ":/+*@%,-"

/* --- reading: the line is copied once, and the copy is cut up and unquoted where it lies ----- */

struct parser {
    char *start;
    char *at;
    struct error *err;
};

static int wrong(const struct parser *parser, const char *expected)
{
    return error_set(parser->err, ERR_INVALID, "Column %zu of the message: expected %s.",
                     (size_t)(parser->at - parser->start) + 1, expected);
}

/* Reads an escape, from its backslash on, into *byte. */
static int parse_escape(struct parser *parser, char *byte)
{
    const char *escape = parser->at;
    if (escape[1] == '"' || escape[1] == '\\') {
        *byte = escape[1];
        parser->at += 2;
        return 0;
    }
    int high = escape[1] == 'x' ? hex_value(escape[2]) : -1;
    int low = high >= 0 ? hex_value(escape[3]) : -1;
    if (low < 0 || (high == 0 && low == 0))
        return wrong(parser, "\\\", \\\\ or \\x and two digits other than 00");
    *byte = (char)(high * 16 + low);
    parser->at += 4;
    return 0;
}

/* Unquotes in place: what is written never overtakes what is read. */
static int parse_quoted(struct parser *parser, const char **value)
{
    char *out = ++parser->at;
    *value = out;
    while (*parser->at != '"') {
        if ((unsigned char)*parser->at < ' ') {
            return wrong(parser, *parser->at == '\0' ? "the closing quote"
                                                     : "\\xNN for a control character");
        }
        if (*parser->at != '\\') {
            *out++ = *parser->at++;
        } else if (parse_escape(parser, out++) < 0) {
            return ERR_INVALID;
        }
    }
    *out = '\0'; /* no later than the closing quote: what comes behind is not touched */
    parser->at++;
    return 0;
}

/* Reads name=value, from the name on. The caller makes sure that there is something. */
static int parse_field(struct parser *parser, struct message_field *field)
{
    size_t name_length = strspn(parser->at, NAME_BYTES);
    if (name_length == 0)
        return wrong(parser, "a name of letters, digits, _ and .");
    field->name = parser->at;
    parser->at += name_length;
    if (*parser->at != '=')
        return wrong(parser, "= and a value");
    *parser->at++ = '\0';
    if (*parser->at == '"')
        return parse_quoted(parser, &field->value);
    size_t value_length = strspn(parser->at, BARE_BYTES);
    if (value_length == 0)
        return wrong(parser, "a value (in quotes when it is empty or has other characters)");
    field->value = parser->at;
    parser->at += value_length;
    return 0;
}

/* Ends the token that was read and goes to the next: 1 when there is one, 0 at the end. */
static int next_token(struct parser *parser)
{
    if (*parser->at == '\0')
        return 0;
    if (*parser->at != ' ')
        return wrong(parser, "a space or the end (or quotes around the value)");
    *parser->at++ = '\0';
    parser->at += strspn(parser->at, " ");
    return *parser->at != '\0';
}

static int parse(struct parser *parser, struct message *message)
{
    size_t word_length = strspn(parser->at, BARE_BYTES);
    if (word_length == 0)
        return wrong(parser, "a word");
    message->word = parser->at;
    parser->at += word_length;
    int more = 0;
    while ((more = next_token(parser)) > 0) {
        if (message->field_count == MESSAGE_FIELDS_MAX) {
            return error_set(parser->err, ERR_LIMIT, "The message has more than %d fields.",
                             MESSAGE_FIELDS_MAX);
        }
        if (parse_field(parser, &message->fields[message->field_count]) < 0)
            return ERR_INVALID;
        message->field_count++;
    }
    return more;
}

int message_parse(const char *line, struct message *message, struct error *err)
{
    *message = (struct message){0};
    struct text copy = {0};
    text_add(&copy, line);
    message->storage = text_detach(&copy);

    /* Each field has an '='; one more, for a name that lacks it and is refused. */
    size_t fields_max = 1;
    for (const char *at = strchr(line, '='); at != NULL; at = strchr(at + 1, '='))
        fields_max++;
    if (fields_max > MESSAGE_FIELDS_MAX)
        fields_max = MESSAGE_FIELDS_MAX;
    int result = 0;
    message->fields = calloc(fields_max, sizeof *message->fields);
    if (message->fields == NULL) {
        result = error_set(err, ERR_LIMIT, "Out of memory for %zu fields.", fields_max);
    } else {
        struct parser parser = {message->storage, message->storage, err};
        result = parse(&parser, message);
    }
    if (result < 0)
        message_release(message);
    return result;
}

void message_release(struct message *message)
{
    free(message->fields);
    free(message->storage);
    *message = (struct message){0};
}

const char *message_get(const struct message *message, const char *name)
{
    for (int index = 0; index < message->field_count; index++) {
        if (strcmp(message->fields[index].name, name) == 0)
            return message->fields[index].value;
    }
    return NULL;
}

const char *message_get_or(const struct message *message, const char *name, const char *otherwise)
{
    const char *value = message_get(message, name);
    return value != NULL ? value : otherwise;
}

int message_get_int64(const struct message *message, const char *name, int64_t *out)
{
    const char *value = message_get(message, name);
    if (value == NULL)
        return ERR_NOT_FOUND;
    const char *digits = value + (*value == '-');
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return ERR_INVALID; /* strtoimax would take spaces and a plus too */
    }
    errno = 0;
    intmax_t number = strtoimax(value, NULL, 10);
    if (errno != 0)
        return ERR_INVALID;
    *out = number;
    return 0;
}

/* --- writing --------------------------------------------------------------------------------- */

static int made_of(const char *string, const char *bytes)
{
    return string[0] != '\0' && string[strspn(string, bytes)] == '\0';
}

void message_begin(struct text *line, const char *word)
{
    assert(made_of(word, BARE_BYTES));
    text_clear(line);
    text_add(line, word);
}

static void add_name(struct text *line, const char *name)
{
    assert(made_of(name, NAME_BYTES));
    text_append(line, " ", 1);
    text_add(line, name);
    text_append(line, "=", 1);
}

void message_add(struct text *line, const char *name, const char *value)
{
    add_name(line, name);
    if (made_of(value, BARE_BYTES)) {
        text_add(line, value);
        return;
    }
    text_append(line, "\"", 1);
    for (const char *at = value; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < ' ' || byte == 0x7f) {
            text_addf(line, "\\x%02x", byte);
        } else {
            if (byte == '"' || byte == '\\')
                text_append(line, "\\", 1);
            text_append(line, at, 1);
        }
    }
    text_append(line, "\"", 1);
}

void message_add_int64(struct text *line, const char *name, int64_t value)
{
    add_name(line, name);
    text_add_int64(line, value);
}
