/* Event streams: exact text, and the same events from pieces of any size. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/random.h"
#include "kit/sse.h"
#include "run_tests.h"

/* Writes an event down as [id|event|data]. */
static void note(void *context, const struct sse_message *message)
{
    struct text *notes = context;
    ck_assert_int_eq(message->data[message->data_length], '\0');
    text_addf(notes, "[%s|%s|", message->id, message->event);
    text_append(notes, message->data, message->data_length);
    text_add(notes, "]");
}

/* Feeds the stream in pieces of up to `most` bytes, whose sizes chance decides. */
static int feed(struct sse_reader *reader, const char *stream, size_t length, size_t most,
                const struct random *random, struct text *notes)
{
    int code = 0;
    for (size_t at = 0; at < length && code == 0;) {
        size_t some = 1 + (most > 1 ? (size_t)random_below(random, most) : 0);
        some = some < length - at ? some : length - at;
        code = sse_reader_feed(reader, stream + at, some, note, notes);
        at += some;
    }
    return code;
}

START_TEST(events_have_this_text)
{
    const struct {
        const char *id, *event, *data, *text;
    } cases[] = {
        {NULL, NULL, "hello", "data: hello\n\n"},
        {"18", "message", "{\"n\":1}", "id: 18\nevent: message\ndata: {\"n\":1}\n\n"},
        {"", NULL, "", "id: \ndata: \n\n"},
        {NULL, "live", " x:y ", "event: live\ndata:  x:y \n\n"},
        {NULL, NULL, "a\nb\r\nc\rd", "data: a\ndata: b\ndata: c\ndata: d\n\n"},
        {NULL, NULL, "\n\n", "data: \ndata: \ndata: \n\n"},
        {NULL, NULL, "end\r\n", "data: end\ndata: \n\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text = {0};
        ck_assert_int_eq(sse_event(&text, cases[i].id, cases[i].event, cases[i].data), 0);
        ck_assert_str_eq(text_str(&text), cases[i].text);
        text_release(&text);
    }
    struct text text = {0};
    sse_retry(&text, 1500);
    sse_comment(&text, "ping");
    sse_comment(&text, "two\nlines");
    ck_assert_str_eq(text_str(&text), "retry: 1500\n: ping\n: two\n: lines\n");
    text_release(&text);
}
END_TEST

START_TEST(an_id_or_a_name_that_breaks_the_line_is_refused)
{
    static const char *const wrong[] = {"a\nb", "a\rb", "\n", "a\r\ndata: forged"};
    struct text text = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_int_eq(sse_event(&text, wrong[i], NULL, "x"), ERR_INVALID);
        ck_assert_int_eq(sse_event(&text, "1", wrong[i], "x"), ERR_INVALID);
    }
    ck_assert_int_eq(sse_event(&text, "1", "", "x"), ERR_INVALID);
    ck_assert_uint_eq(text.length, 0);
    text_release(&text);
}
END_TEST

START_TEST(streams_are_read_as_html_has_it)
{
    const struct {
        const char *stream, *notes;
    } cases[] = {
        /* the examples of 9.2.6 */
        {"data: YHOO\ndata: +2\ndata: 10\n\n", "[|message|YHOO\n+2\n10]"},
        {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
         "[1|message|first event][|message|second event]"},
        {"data\n\ndata\ndata\n\ndata:", "[|message|][|message|\n]"},
        {"data:test\n\ndata: test\n\n", "[|message|test][|message|test]"},
        /* line ends */
        {"data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[|message|a][|message|b][|message|c]"},
        {"data: a\r\n\ndata: b\n\r\n", "[|message|a][|message|b]"},
        {"data: a\rdata: b\r\ndata: c\n\r", "[|message|a\nb\nc]"},
        {"data: cut off\n", ""},
        /* a byte order mark counts at the start only */
        {"\xef\xbb\xbf"
         "data: a\n\n",
         "[|message|a]"},
        {"\xef\xbb\xbf\ndata: a\n\n", "[|message|a]"},
        {"\xef\xbb\xbf\xef\xbb\xbf"
         "data: a\n\n",
         ""},
        {"\n\xef\xbb\xbf"
         "data: a\n\n",
         ""},
        /* fields */
        {"event: add\ndata: 1\n\ndata: 2\n\n", "[|add|1][|message|2]"},
        {"event: add\n\ndata: 2\n\n", "[|message|2]"},
        {"event: add\nevent:\ndata: 1\n\n", "[|message|1]"},
        {"event:\tadd\ndata: 1\n\n", "[|\tadd|1]"},
        {"id: 7\n\ndata: a\n\ndata: b\n\n", "[7|message|a][7|message|b]"},
        {"DATA: a\ndata : b\n data: c\nunknown: d\n\n", ""},
        {":data: a\n: b\n:\n\n", ""},
        {"data:a:b\n\n", "[|message|a:b]"},
    };
    struct random_seeded storage;
    struct random random = random_from_seed(&storage, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t most = 1; most < 8; most++) {
            struct sse_reader reader = {0};
            struct text notes = {0};
            ck_assert_int_eq(
                feed(&reader, cases[i].stream, strlen(cases[i].stream), most, &random, &notes), 0);
            ck_assert_msg(strcmp(text_str(&notes), cases[i].notes) == 0, "case %zu: %s", i,
                          text_str(&notes));
            sse_reader_release(&reader);
            text_release(&notes);
        }
}
END_TEST

START_TEST(an_id_with_a_nul_counts_as_none)
{
    static const char stream[] = "id: 7\nid: a\0b\ndata: x\0y\n\n";
    struct sse_reader reader = {0};
    struct text notes = {0};
    ck_assert_int_eq(sse_reader_feed(&reader, stream, sizeof stream - 1, note, &notes), 0);
    ck_assert_uint_eq(notes.length, strlen("[7|message|x.y]"));
    ck_assert_mem_eq(notes.bytes, "[7|message|x\0y]", notes.length);
    sse_reader_release(&reader);
    text_release(&notes);
}
END_TEST

START_TEST(retry_is_digits_only)
{
    const struct {
        const char *stream;
        int has;
        int64_t ms;
    } cases[] = {
        {"data: a\n\n", 0, 0},
        {"retry: 1500\n", 1, 1500},
        {"retry:0\n", 1, 0},
        {"retry: 1\nretry: 2\n\n", 1, 2},
        {"retry: 5\nretry: 1s\nretry:\nretry: -1\nretry:  1\nretry\n", 1, 5},
        {"retry: 999999999999999999\n", 1, INT64_C(999999999999999999)},
        {"retry: 1000000000000000000\n", 0, 0},
        {"retry: 7", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sse_reader reader = {0};
        struct text notes = {0};
        (void)sse_reader_feed(&reader, cases[i].stream, strlen(cases[i].stream), note, &notes);
        ck_assert_msg(reader.has_retry == cases[i].has, "%s", cases[i].stream);
        ck_assert_int_eq(reader.retry_ms, cases[i].ms);
        sse_reader_release(&reader);
        text_release(&notes);
    }
}
END_TEST

/* Fills bytes with the line "data: xxx", `length` bytes long without its end. */
static void fill_line(char *bytes, size_t length)
{
    memset(bytes, 'x', length);
    memcpy(bytes, "data: ", 6);
    bytes[length] = '\n';
}

START_TEST(lines_and_events_have_limits)
{
    enum { LINES = SSE_EVENT_MAX / (SSE_LINE_MAX / 2) };
    static char line[SSE_LINE_MAX + 2];
    for (int more = 0; more < 2; more++) {
        struct sse_reader reader = {0};
        struct text notes = {0};
        fill_line(line, SSE_LINE_MAX + (size_t)more);
        int code = sse_reader_feed(&reader, "data: a\n\n", 9, note, &notes);
        ck_assert_int_eq(code, 0);
        code = sse_reader_feed(&reader, line, SSE_LINE_MAX + (size_t)more, note, &notes);
        ck_assert_int_eq(code, more ? ERR_LIMIT : 0); /* before its end has come */
        code = sse_reader_feed(&reader, "\n\ndata: b\n\n", 11, note, &notes);
        ck_assert_int_eq(code, more ? ERR_LIMIT : 0); /* and from then on */
        ck_assert_uint_eq(notes.length,
                          strlen("[|message|a]") +
                              (more ? 0 : SSE_LINE_MAX - 6 + 2 * strlen("[|message|]") + 1));
        sse_reader_release(&reader);
        text_release(&notes);
    }
    /* Data of SSE_EVENT_MAX bytes, with the LFs between its lines; then one more. */
    for (int more = 0; more < 2; more++) {
        struct sse_reader reader = {0};
        struct text notes = {0};
        int code = 0;
        for (int i = 0; i < LINES && code == 0; i++) {
            size_t length =
                6 + SSE_LINE_MAX / 2 - 1 + (size_t)(i == LINES - 1) * (1 + (size_t)more);
            fill_line(line, length);
            code = sse_reader_feed(&reader, line, length + 1, note, &notes);
        }
        ck_assert_int_eq(code, more ? ERR_LIMIT : 0);
        code = sse_reader_feed(&reader, "\n", 1, note, &notes);
        ck_assert_int_eq(code, more ? ERR_LIMIT : 0);
        ck_assert_uint_eq(notes.length, more ? 0 : SSE_EVENT_MAX + strlen("[|message|]"));
        sse_reader_release(&reader);
        text_release(&notes);
    }
}
END_TEST

START_TEST(a_released_reader_begins_anew)
{
    static const char first[] = "id: 7\nretry: 5\nevent: add\ndata: a\n\nda";
    struct sse_reader reader = {0};
    struct text notes = {0};
    ck_assert_int_eq(sse_reader_feed(&reader, first, sizeof first - 1, note, &notes), 0);
    sse_reader_release(&reader);
    ck_assert_int_eq(reader.has_retry, 0);
    ck_assert_int_eq(sse_reader_feed(&reader,
                                     "\xef\xbb\xbf"
                                     "data: b\n\n",
                                     12, note, &notes),
                     0);
    ck_assert_str_eq(text_str(&notes), "[7|add|a][|message|b]");
    sse_reader_release(&reader);
    text_release(&notes);
}
END_TEST

START_TEST(what_is_made_reads_back_from_any_pieces)
{
    enum { ROUNDS = 300, EVENTS = 20 };
    static const char *const datas[] = {"",
                                        "a",
                                        "\n",
                                        "two\nlines",
                                        "{\"text\":\"\xc3\xa9\"}",
                                        " ",
                                        ": no comment",
                                        "data: no field",
                                        "\n\n",
                                        "id\n"};
    struct random_seeded storage;
    struct random random = random_from_seed(&storage, 2026);
    for (int round = 0; round < ROUNDS; round++) {
        struct text stream = {0}, wanted = {0}, notes = {0};
        struct sse_reader reader = {0};
        char id[24] = "";
        sse_retry(&stream, round);
        for (int i = 0; i < EVENTS; i++) {
            const char *data = datas[random_below(&random, sizeof datas / sizeof datas[0])];
            const char *event = random_below(&random, 2) == 0 ? NULL : "add";
            int has_id = random_below(&random, 2) == 0;
            if (has_id)
                snprintf(id, sizeof id, "%d", i);
            ck_assert_int_eq(sse_event(&stream, has_id ? id : NULL, event, data), 0);
            text_addf(&wanted, "[%s|%s|%s]", id, event != NULL ? event : "message", data);
            if (random_below(&random, 3) == 0)
                sse_comment(&stream, "ping");
        }
        size_t most = round % 3 == 0 ? 1 : 1 + (size_t)random_below(&random, 2 * stream.length);
        ck_assert_int_eq(feed(&reader, text_str(&stream), stream.length, most, &random, &notes), 0);
        ck_assert_str_eq(text_str(&notes), text_str(&wanted));
        ck_assert_int_eq(reader.retry_ms, round);
        sse_reader_release(&reader);
        text_release(&stream);
        text_release(&wanted);
        text_release(&notes);
    }
}
END_TEST

START_TEST(made_up_streams_read_alike_byte_by_byte_and_in_pieces)
{
    enum { ROUNDS = 3000, TOKENS = 40 };
    static const char *const tokens[] = {
        "data", "id",   "event", "retry",        ":", " ",  "\n",
        "\r",   "\r\n", "\n\n",  "\xef\xbb\xbf", "x", "17", "data: y\n"};
    struct random_seeded storage;
    struct random random = random_from_seed(&storage, 9);
    for (int round = 0; round < ROUNDS; round++) {
        struct text stream = {0}, notes[3] = {{0}, {0}, {0}};
        for (int i = 0; i < TOKENS; i++)
            text_add(&stream, tokens[random_below(&random, sizeof tokens / sizeof tokens[0])]);
        const size_t most[3] = {stream.length, 1, 9};
        for (int way = 0; way < 3; way++) {
            struct sse_reader reader = {0};
            int code = way == 0 ? sse_reader_feed(&reader, text_str(&stream), stream.length, note,
                                                  &notes[0])
                                : feed(&reader, text_str(&stream), stream.length, most[way],
                                       &random, &notes[way]);
            ck_assert_int_eq(code, 0);
            ck_assert_str_eq(text_str(&notes[way]), text_str(&notes[0]));
            sse_reader_release(&reader);
        }
        for (int way = 0; way < 3; way++)
            text_release(&notes[way]);
        text_release(&stream);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {events_have_this_text,
                                  an_id_or_a_name_that_breaks_the_line_is_refused,
                                  streams_are_read_as_html_has_it,
                                  an_id_with_a_nul_counts_as_none,
                                  retry_is_digits_only,
                                  lines_and_events_have_limits,
                                  a_released_reader_begins_anew,
                                  what_is_made_reads_back_from_any_pieces,
                                  made_up_streams_read_alike_byte_by_byte_and_in_pieces,
                                  NULL};
    return run_tests("kit sse", tests);
}
