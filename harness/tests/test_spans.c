#define _GNU_SOURCE
/*
 * Reading spans: what is taken from a file into which anybody may write.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "cluster/spans.h"
#include "judge/cluster_story.h"
#include "kit/error.h"
#include "tests/span_fixture.h"

static void add_span(struct text *out, const char *id, const char *parent)
{
    text_addf(out,
              "{\"traceId\":\"t\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"kind\":\"server\","
              "\"service\":\"a\",\"startUnixNano\":\"5\",\"endUnixNano\":\"6\"}\n",
              id, parent);
}

#define SPAN_START "{\"spanId\":\"1\",\"service\":\"a\",\"kind\":\"server\","

START_TEST(what_is_no_span_is_skipped)
{
    static const struct {
        const char *line;
        int count, status;
        int64_t start_ns, end_ns;
    } rows[] = {
        {SPAN_START "\"startUnixNano\":\"5\",\"endUnixNano\":\"9\",\"httpStatus\":200}", 1, 200, 5,
         9},
        {SPAN_START "\"startUnixNano\":\"5\"}", 1, 0, 5, 0}, /* never ended */
        {SPAN_START "\"startUnixNano\":\"5\",\"endUnixNano\":\"3\"}", 1, 0, 5, 5},
        {SPAN_START "\"startUnixNano\":\"5\",\"endUnixNano\":\"99999999999999999999\"}", 1, 0, 5,
         0},
        {SPAN_START "\"startUnixNano\":\"5\",\"httpStatus\":1e300}", 1, 0, 5, 0},
        {SPAN_START "\"startUnixNano\":\"5\",\"httpStatus\":\"200\"}", 1, 0, 5, 0},
        {SPAN_START "\"startUnixNano\":\"5\",\"name\":[{}],\"peer\":7}", 1, 0, 5, 0},
        {SPAN_START "\"startUnixNano\":\"9223372036854775807\"}", 0, 0, 0, 0},
        {SPAN_START "\"startUnixNano\":\"-5\"}", 0, 0, 0, 0},
        {SPAN_START "\"startUnixNano\":5}", 0, 0, 0, 0},
        {SPAN_START "\"startUnixNano\":\"5\"", 0, 0, 0, 0}, /* what a killed process leaves */
        {"{\"spanId\":\"1\",\"service\":\"a\",\"startUnixNano\":\"5\"}", 0, 0, 0, 0},
        {"{\"spanId\":\"\",\"service\":\"a\",\"kind\":\"server\",\"startUnixNano\":\"5\"}", 0, 0, 0,
         0},
        {"[]", 0, 0, 0, 0},
        {"\xff\xfe\x00", 0, 0, 0, 0},
        {"", 0, 0, 0, 0},
    };
    struct span_folder folder;
    span_folder_open(&folder);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text bytes = {0};
        struct span_file file;
        text_add(&bytes, rows[i].line); /* without a line's end, too */
        span_folder_write(&folder, &bytes);
        ck_assert_int_eq(spans_read(folder.path, &file, NULL), 0);
        ck_assert_msg(file.count == rows[i].count, "%s: %d spans", rows[i].line, file.count);
        if (file.count > 0) {
            ck_assert_msg(file.spans[0].status == rows[i].status, "%s: %d", rows[i].line,
                          file.spans[0].status);
            ck_assert_int_eq(file.spans[0].start_ns, rows[i].start_ns);
            ck_assert_msg(file.spans[0].end_ns == rows[i].end_ns, "%s: %lld", rows[i].line,
                          (long long)file.spans[0].end_ns);
        }
        spans_release(&file);
        text_release(&bytes);
    }
    span_folder_close(&folder);
}
END_TEST

START_TEST(parents_are_found_in_the_same_trace_and_never_in_a_circle)
{
    static const struct {
        const char *spans;   /* "id<parent id<parent ..." */
        const char *parents; /* "place place ..." */
    } rows[] = {
        {"a< b<a c<b", "-1 0 1"},  {"c<b b<a a<", "1 2 -1"}, /* children end first */
        {"a<x b<a", "-1 0"},                                 /* x was never written */
        {"a<a b<a", "-1 0"},       {"a<b b<a c<b", "1 -1 1"}, {"a<b b<c c<a d<a e<d", "1 2 -1 0 3"},
        {"a< a< b<a", "-1 -1 0"}, /* of two with one id the first counts */
        {"a<b a<b b<a", "2 2 -1"},
    };
    struct span_folder folder;
    span_folder_open(&folder);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text bytes = {0}, parents = {0};
        struct span_file file;
        for (const char *at = rows[i].spans; *at != '\0'; at += strcspn(at, " ")) {
            char id[2] = "", parent[2] = "";
            at += *at == ' ';
            sscanf(at, "%1[a-z]<%1[a-z]", id, parent);
            add_span(&bytes, id, parent);
        }
        text_add(&bytes, "{\"traceId\":\"other\",\"spanId\":\"x\",\"kind\":\"server\","
                         "\"service\":\"a\",\"startUnixNano\":\"5\"}\n");
        span_folder_write(&folder, &bytes);
        ck_assert_int_eq(spans_read(folder.path, &file, NULL), 0);
        for (int at = 0; at < file.count - 1; at++)
            text_addf(&parents, "%s%d", at > 0 ? " " : "", file.spans[at].parent);
        ck_assert_msg(strcmp(text_str(&parents), rows[i].parents) == 0, "%s: %s", rows[i].spans,
                      text_str(&parents));
        spans_release(&file);
        text_release(&bytes);
        text_release(&parents);
    }
    span_folder_close(&folder);
}
END_TEST

START_TEST(of_too_much_the_end_is_read)
{
    enum { MORE = 10 };
    struct span_folder folder;
    struct text bytes = {0};
    struct span_file file;
    char last[16];
    span_folder_open(&folder);
    for (int i = 0; i < SPANS_MAX + MORE; i++) {
        char id[16], parent[16];
        snprintf(id, sizeof id, "%d", i);
        snprintf(parent, sizeof parent, "%d", i + 1); /* one line of descent, as deep as can be */
        add_span(&bytes, id, parent);
    }
    span_folder_write(&folder, &bytes);
    ck_assert_int_eq(spans_read(folder.path, &file, NULL), 0);
    ck_assert_int_eq(file.count, SPANS_MAX);
    ck_assert_int_eq(file.is_cut, 1);
    snprintf(last, sizeof last, "%d", SPANS_MAX + MORE - 1);
    ck_assert_str_eq(file.spans[SPANS_MAX - 1].id, last);
    struct story own = {0}, out = {0};
    struct cluster_story in = {.own = &own, .spans = &file, .end_ns = 10};
    cluster_story_write(&in, &out);
    ck_assert_int_eq(out.count, 1 + 2 * STORY_CALLS_MAX); /* a note, and the last ones */
    ck_assert_str_eq(out.lines[0].text,
                     "earlier calls between services are left out: 3800 and more");
    story_release(&out);
    spans_release(&file);

    /* Bytes, and a line that is too long. */
    text_clear(&bytes);
    add_span(&bytes, "lost", "");
    for (size_t length = bytes.length; length <= SPANS_BYTES_MAX + 1; length++)
        text_append(&bytes, "x", 1);
    text_add(&bytes, "\n");
    add_span(&bytes, "kept", "");
    span_folder_write(&folder, &bytes);
    ck_assert_int_eq(spans_read(folder.path, &file, NULL), 0);
    ck_assert_int_eq(file.count, 1);
    ck_assert_int_eq(file.is_cut, 1);
    ck_assert_str_eq(file.spans[0].id, "kept");
    spans_release(&file);
    text_release(&bytes);
    span_folder_close(&folder);
}
END_TEST

START_TEST(what_is_no_file_is_refused_at_once)
{
    struct span_folder folder;
    struct span_file file;
    struct error err = {0};
    span_folder_open(&folder);
    ck_assert_int_eq(spans_read(folder.path, &file, &err), 0); /* nobody wrote */
    ck_assert_int_eq(file.count, 0);
    spans_release(&file);
    ck_assert_int_eq(mkfifo(folder.path, 0600), 0);
    ck_assert_int_eq(spans_read(folder.path, &file, &err), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.text, "is no regular file"));
    spans_release(&file);
    ck_assert_int_eq(unlink(folder.path), 0);
    ck_assert_int_eq(symlink("/dev/zero", folder.path), 0);
    ck_assert_int_eq(spans_read(folder.path, &file, &err), ERR_INVALID);
    spans_release(&file);
    ck_assert_int_eq(unlink(folder.path), 0);
    ck_assert_int_eq(mkdir(folder.path, 0700), 0);
    ck_assert_int_eq(spans_read(folder.path, &file, &err), ERR_INVALID);
    spans_release(&file);
    span_folder_close(&folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_no_span_is_skipped,
        parents_are_found_in_the_same_trace_and_never_in_a_circle,
        of_too_much_the_end_is_read,
        what_is_no_file_is_refused_at_once,
        NULL,
    };
    return run_tests("spans", tests);
}
