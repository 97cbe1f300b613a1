/* JSON: writing. On the path of every request, so bytes are copied in runs, not one by one. */
#include <math.h>
#include <string.h>

#include "kit/clock.h"
#include "kit/json.h"
#include "kit/utf8.h"

struct json_writer json_writer(struct text *out)
{
    return (struct json_writer){.out = out};
}

/* 1 for the bytes that stand in a string as they are: ASCII but " \ and control characters. */
static int is_plain(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value >= ' ' && value < 0x80 && value != '"' && value != '\\';
}

/* Writes what stands for the character at bytes, and returns how many bytes were dealt with. */
static size_t write_special(struct text *out, const char *bytes, size_t length)
{
    static const char SHORT[] = "\"\\\b\f\n\r\t";
    static const char LETTER[] = "\"\\bfnrt";
    char byte = bytes[0];
    const char *found = memchr(SHORT, byte, sizeof SHORT - 1);
    if (found != NULL) {
        char escape[2] = {'\\', LETTER[found - SHORT]};
        text_append(out, escape, sizeof escape);
        return 1;
    }
    if ((unsigned char)byte < ' ') {
        text_addf(out, "\\u%04x", (unsigned)byte);
        return 1;
    }
    size_t size = utf8_character(bytes, length);
    if (size == 0) {
        text_add(out, "\xEF\xBF\xBD"); /* U+FFFD, the replacement character */
        return 1;
    }
    text_append(out, bytes, size);
    return size;
}

static size_t plain_length(const char *bytes, size_t length)
{
    size_t place = 0;
    while (place < length && is_plain(bytes[place]))
        place++;
    return place;
}

static void write_string(struct text *out, const char *string)
{
    size_t length = strlen(string);
    size_t plain = plain_length(string, length);
    /* Room for all that most strings need: both quotes and the bytes as they are. */
    char *end = text_room(out, length + 2);
    *end = '"';
    memcpy(end + 1, string, plain);
    out->length += 1 + plain;
    while (plain < length) {
        plain += write_special(out, string + plain, length - plain);
        size_t run = plain_length(string + plain, length - plain);
        text_append(out, string + plain, run);
        plain += run;
    }
    text_append(out, "\"", 1);
}

/* What comes before every value: the comma after the one before, and the key. */
static void begin(struct json_writer *writer, const char *name)
{
    if (writer->comma)
        text_append(writer->out, ",", 1);
    if (name != NULL) {
        write_string(writer->out, name);
        text_append(writer->out, ":", 1);
    }
    writer->comma = 1;
}

static void open_container(struct json_writer *writer, const char *name, const char *bracket)
{
    begin(writer, name);
    text_append(writer->out, bracket, 1);
    writer->comma = 0;
}

static void close_container(struct json_writer *writer, const char *bracket)
{
    text_append(writer->out, bracket, 1);
    writer->comma = 1;
}

void json_open_object(struct json_writer *writer, const char *name)
{
    open_container(writer, name, "{");
}

void json_close_object(struct json_writer *writer)
{
    close_container(writer, "}");
}

void json_open_array(struct json_writer *writer, const char *name)
{
    open_container(writer, name, "[");
}

void json_close_array(struct json_writer *writer)
{
    close_container(writer, "]");
}

void json_put_string(struct json_writer *writer, const char *name, const char *value)
{
    begin(writer, name);
    write_string(writer->out, value);
}

void json_put_int64(struct json_writer *writer, const char *name, int64_t value)
{
    begin(writer, name);
    text_add_int64(writer->out, value);
}

void json_put_double(struct json_writer *writer, const char *name, double value)
{
    if (!isfinite(value)) {
        json_put_null(writer, name);
        return;
    }
    begin(writer, name);
    text_add_double(writer->out, value);
}

void json_put_cents(struct json_writer *writer, const char *name, int64_t cents)
{
    begin(writer, name);
    /* The sign apart: -5 / 100 is 0, which has none. */
    uint64_t amount = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    if (cents < 0)
        text_append(writer->out, "-", 1);
    text_add_int64(writer->out, (int64_t)(amount / 100));
    char decimals[3] = {'.', (char)('0' + amount / 10 % 10), (char)('0' + amount % 10)};
    text_append(writer->out, decimals, sizeof decimals);
}

void json_put_bool(struct json_writer *writer, const char *name, int value)
{
    json_put_raw(writer, name, value ? "true" : "false");
}

void json_put_null(struct json_writer *writer, const char *name)
{
    json_put_raw(writer, name, "null");
}

void json_put_time(struct json_writer *writer, const char *name, int64_t wall_ms)
{
    char time[TIME_TEXT_SIZE];
    time_format(wall_ms, time);
    json_put_string(writer, name, time);
}

void json_put_raw(struct json_writer *writer, const char *name, const char *json)
{
    begin(writer, name);
    text_add(writer->out, json);
}
