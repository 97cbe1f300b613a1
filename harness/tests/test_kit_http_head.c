/*
 * The reader of heads and bodies against a strict model of RFC 9112, over made-up streams.
 *
 * The model is written differently, from the grammar, with regular expressions. It must never be
 * that the kit sees a request where the model sees none, or another one. HTTP_STREAMS sets how many
 * streams are tried.
 */
#define _GNU_SOURCE /* memmem */
#include <check.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "kit/http_head.h"
#include "kit/text.h"
#include "run_tests.h"

enum { STREAMS = 20000, STREAM_MAX = 2048 };

/* --- the kit's reading --- */

struct reading {
    int status;      /* 0: more must come; 1: a request; negative: refused */
    size_t consumed; /* bytes of the request */
    char target[STREAM_MAX + 8];
    struct text body;
};

/* Reads one request that comes in pieces of step bytes. */
static void read_by_kit(const char *bytes, size_t length, size_t step, struct reading *reading)
{
    static char buffer[STREAM_MAX + 1];
    static struct http_head head;
    int head_length = 0;
    memset(reading, 0, sizeof *reading);
    for (size_t come = 0; head_length == 0 && come < length;) {
        come = come + step < length ? come + step : length;
        memcpy(buffer, bytes, come);
        head_length = http_head_read(&head, buffer, come);
    }
    reading->status = head_length < 0 ? head_length : 0;
    if (head_length <= 0)
        return;
    snprintf(reading->target, sizeof reading->target, "%s %s%s%s", head.method, head.path,
             head.query != NULL ? "?" : "", head.query != NULL ? head.query : "");
    struct http_body body;
    http_body_begin(&body, &head);
    size_t at = (size_t)head_length;
    for (size_t end = at; body.state < HTTP_BODY_DONE && at < length;) {
        const char *piece = NULL;
        size_t piece_length = 0;
        if (at == end)
            end = end + step < length ? end + step : length;
        at += http_body_read(&body, bytes + at, end - at, &piece, &piece_length);
        text_append(&reading->body, piece, piece_length);
    }
    reading->consumed = at;
    reading->status = body.state == HTTP_BODY_DONE ? 1 : body.state == HTTP_BODY_WRONG ? -400 : 0;
}

/* --- the model's reading --- */

struct model {
    regex_t request_line, absolute, field, chunk, trailer;
};

static void model_open(struct model *model)
{
#define TCHAR "[-!#$%&'*+.^_`|~0-9A-Za-z]"
#define PCHAR "([-._~0-9A-Za-z!$&'()*+,;=:@/?]|%[0-9A-Fa-f][0-9A-Fa-f]|\\[|\\])"
    const int flags = REG_EXTENDED;
    ck_assert_int_eq(
        regcomp(&model->request_line, "^(" TCHAR "+) (" PCHAR "+) HTTP/1\\.([0-9])$", flags), 0);
    ck_assert_int_eq(regcomp(&model->absolute, "^[Hh][Tt][Tt][Pp][Ss]?://[^/@?]+([/?].*)?$", flags),
                     0);
    ck_assert_int_eq(regcomp(&model->field, "^(" TCHAR "+):[ \t]*(.*)$", flags), 0);
    ck_assert_int_eq(regcomp(&model->chunk, "^([0-9A-Fa-f]+)(;[^\r\n]*)?$", flags), 0);
    ck_assert_int_eq(regcomp(&model->trailer, "^" TCHAR "+:.*$", flags), 0);
}

static void model_close(struct model *model)
{
    regfree(&model->request_line);
    regfree(&model->absolute);
    regfree(&model->field);
    regfree(&model->chunk);
    regfree(&model->trailer);
}

/* A line that CR and LF end, as text without them; NULL when there is none, or when it has a byte
   that no line may have. *at moves behind it. */
static const char *line_at(const char *bytes, size_t length, size_t *at)
{
    static char line[STREAM_MAX];
    const char *end = memmem(bytes + *at, length - *at, "\r\n", 2);
    if (end == NULL)
        return NULL;
    size_t size = (size_t)(end - bytes) - *at;
    memcpy(line, bytes + *at, size);
    line[size] = '\0';
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
            return NULL;
    *at += size + 2;
    return line;
}

/* The content of a chunked body. 1, or 0 when it is none, or not whole. */
static int model_chunks(const struct model *model, const char *bytes, size_t length, size_t *at,
                        struct text *body)
{
    for (size_t size = 1; size > 0;) {
        const char *line = line_at(bytes, length, at);
        if (line == NULL || regexec(&model->chunk, line, 0, NULL, 0) != 0)
            return 0;
        size = strtoul(line, NULL, 16);
        if (size == 0)
            break;
        if (size > length - *at || length - *at - size < 2 ||
            memcmp(bytes + *at + size, "\r\n", 2) != 0)
            return 0;
        text_append(body, bytes + *at, size);
        *at += size + 2;
    }
    for (;;) {
        const char *line = line_at(bytes, length, at);
        if (line == NULL)
            return 0;
        if (line[0] == '\0')
            return 1;
        if (regexec(&model->trailer, line, 0, NULL, 0) != 0)
            return 0;
    }
}

/* The path that a request line asks for, behind its method. 0 when it asks for none. */
static int model_target(const struct model *model, const char *line, const regmatch_t *parts,
                        struct reading *reading)
{
    char target[STREAM_MAX];
    regmatch_t rest[2];
    int method = (int)parts[1].rm_eo;
    snprintf(target, sizeof target, "%.*s", (int)(parts[2].rm_eo - parts[2].rm_so),
             line + parts[2].rm_so);
    const char *path = target, *slash = "";
    if (regexec(&model->absolute, target, 2, rest, 0) == 0 && strncmp(line, "CONNECT ", 8) != 0) {
        path = rest[1].rm_so >= 0 ? target + rest[1].rm_so : "";
        slash = path[0] == '/' ? "" : "/";
    }
    int known = slash[0] == '/' || path[0] == '/' || strncmp(line, "CONNECT ", 8) == 0 ||
                strncmp(line, "OPTIONS * ", 10) == 0;
    snprintf(reading->target, sizeof reading->target, "%.*s %s%s", method, line, slash, path);
    return known;
}

/* 1 for a whole request that has one reading, else 0. */
static int read_by_model(const struct model *model, const char *bytes, size_t length,
                         struct reading *reading)
{
    size_t at = length >= 2 && memcmp(bytes, "\r\n", 2) == 0 ? 2 : 0;
    int hosts = 0, lengths = 0, codings = 0, chunked = 0;
    size_t content = 0;
    regmatch_t parts[5];
    memset(reading, 0, sizeof *reading);
    const char *line = line_at(bytes, length, &at);
    if (line == NULL || regexec(&model->request_line, line, 5, parts, 0) != 0)
        return 0;
    int old = line[parts[4].rm_so] == '0';
    if (!model_target(model, line, parts, reading))
        return 0;
    for (line = line_at(bytes, length, &at); line != NULL && line[0] != '\0';
         line = line_at(bytes, length, &at)) {
        if (regexec(&model->field, line, 3, parts, 0) != 0)
            return 0;
        size_t name = (size_t)parts[1].rm_eo;
        const char *value = line + parts[2].rm_so;
        size_t size = strlen(value);
        while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
            size--;
        hosts += name == 4 && strncasecmp(line, "host", 4) == 0;
        if (name == 14 && strncasecmp(line, "content-length", 14) == 0) {
            lengths++;
            if (size == 0 || strspn(value, "0123456789") != size)
                return 0;
            content = strtoul(value, NULL, 10);
        } else if (name == 17 && strncasecmp(line, "transfer-encoding", 17) == 0) {
            codings++;
            chunked = size == 7 && strncasecmp(value, "chunked", 7) == 0;
        }
    }
    if (line == NULL || hosts > 1 || (hosts == 0 && !old) || lengths + codings > 1 ||
        (codings > 0 && (!chunked || old)))
        return 0;
    if (chunked) {
        if (!model_chunks(model, bytes, length, &at, &reading->body))
            return 0;
    } else {
        if (content > length - at)
            return 0;
        text_append(&reading->body, bytes + at, content);
        at += content;
    }
    reading->consumed = at;
    return 1;
}

/* --- streams --- */

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

/* A request, or two, with some bytes changed, left out, doubled or put in. */
static size_t make_stream(uint32_t *seed, char stream[STREAM_MAX])
{
    static const char chunked[] =
        "POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=y\r\nabc\r\n0a\r\n0123456789\r\n0\r\nT: u\r\n\r\n";
    static const char *const requests[] = {
        "GET /a HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET http://t/a?b HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /a?b=c&d HTTP/1.0\r\nX:  y \r\nZ:\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n\r\nGET / HTTP/1",
        "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        chunked,
        "POST /a%2Fb HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    static const char *const insertions[] = {
        "\n",
        "\r",
        "\r\n",
        " ",
        "\t",
        ":",
        "0",
        "+",
        ";",
        ",",
        "x",
        "\x01",
        "\xff",
        "\r\n\r\n",
        ": ",
        "%2",
        "-",
        "1",
        "\r\nHost: u",
        "\r\nContent-Length: 3",
        "\r\nTransfer-Encoding: chunked",
        "\r\n ",
        "GET / HTTP/1.1",
    };
    struct text text = {0};
    for (uint32_t i = 1 + draw(seed, 2); i > 0; i--)
        text_add(&text, requests[draw(seed, sizeof requests / sizeof requests[0])]);
    for (uint32_t changes = draw(seed, 4); changes > 0; changes--) {
        const char *put = insertions[draw(seed, sizeof insertions / sizeof insertions[0])];
        uint32_t at = draw(seed, (uint32_t)text.length), kind = draw(seed, 4);
        size_t skip = kind == 0 ? 0 : kind == 1 ? 1 : draw(seed, 4);
        struct text changed = {0};
        text_append(&changed, text.bytes, at);
        if (kind != 3)
            text_add(&changed, put);
        else if (skip == 0)
            text_append(&changed, "\0", 1);
        if (at + skip < text.length)
            text_append(&changed, text.bytes + at + skip, text.length - at - skip);
        text_release(&text);
        text = changed;
    }
    size_t length = text.length < STREAM_MAX ? text.length : STREAM_MAX;
    memcpy(stream, text_str(&text), length);
    text_release(&text);
    return length;
}

/* 1 when both readings are of one request. */
static int same(const struct reading *one, const struct reading *other)
{
    return one->consumed == other->consumed && one->body.length == other->body.length &&
           memcmp(text_str(&one->body), text_str(&other->body), one->body.length) == 0 &&
           strcmp(one->target, other->target) == 0;
}

static long streams(void)
{
    const char *wanted = getenv("HTTP_STREAMS");
    return wanted != NULL ? strtol(wanted, NULL, 10) : STREAMS;
}

START_TEST(it_never_sees_a_request_where_a_strict_reader_sees_none_or_another)
{
    static struct reading whole, piecewise, expected;
    static char stream[STREAM_MAX];
    struct model model;
    uint32_t seed = 20261201;
    long taken = 0, refused = 0;
    model_open(&model);
    for (long i = 0; i < streams(); i++) {
        size_t length = make_stream(&seed, stream);
        read_by_kit(stream, length, length, &whole);
        read_by_kit(stream, length, 1 + draw(&seed, 7), &piecewise);
        int is_request = read_by_model(&model, stream, length, &expected);
        ck_assert_msg(whole.status == piecewise.status && same(&whole, &piecewise),
                      "stream %ld in pieces: %d, then %d:\n%.*s", i, whole.status, piecewise.status,
                      (int)length, stream);
        ck_assert_msg(whole.status != 1 || (is_request && same(&whole, &expected)),
                      "stream %ld: the kit sees a request of %zu bytes, the model %d, %zu:\n%.*s",
                      i, whole.consumed, is_request, expected.consumed, (int)length, stream);
        ck_assert_msg(!is_request || whole.status != 0, "stream %ld is waited for:\n%.*s", i,
                      (int)length, stream);
        taken += whole.status == 1;
        refused += whole.status < 0;
        text_release(&whole.body);
        text_release(&piecewise.body);
        text_release(&expected.body);
    }
    model_close(&model);
    ck_assert_int_gt(taken, streams() / 5); /* so both have been seen */
    ck_assert_int_gt(refused, streams() / 5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_never_sees_a_request_where_a_strict_reader_sees_none_or_another, NULL};
    return run_tests("kit http head", tests);
}
