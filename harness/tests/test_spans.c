#define _GNU_SOURCE
/*
 * Spans as a story: who called whom, in order, and what failed.
 */
#include "tests/cluster_fixture.h"

#include <string.h>
#include "cluster/spans.h"
#include "kit/http_client.h"
#include "kit/text.h"
#include "kit/trace.h"

/* Stands in for a student's service: only its name and address matter here. */
static const struct service_entry services[] = {
    {.name = "user-service", .program = BUILD_FOLDER "/peers/user-service"},
    {.name = "order-service", .program = BUILD_FOLDER "/asan/tests/fake_liar", .student = 1},
};

struct span_row {
    const char *service, *kind, *id, *parent, *name, *peer; /* peer: a service's name, or as is */
    int start_ms, end_ms, status;
};

static void write_spans(struct cluster *cluster, const struct span_row *rows)
{
    FILE *file = fopen(cluster_spans(cluster), "we");
    ck_assert_ptr_nonnull(file);
    for (; rows->service; rows++) {
        const char *peer = rows->peer;
        if (strcmp(peer, "user-service") == 0)
            peer = cluster_url(cluster, peer) + strlen("http://");
        fprintf(file,
                "{\"service\":\"%s\",\"kind\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\","
                "\"name\":\"%s\",\"peer\":\"%s\",\"startUnixNano\":\"17953944%02d000000000\","
                "\"endUnixNano\":\"17953944%02d000000000\",\"httpStatus\":%d}\n",
                rows->service, rows->kind, rows->id, rows->parent, rows->name, peer, rows->start_ms,
                rows->end_ms, rows->status);
    }
    fprintf(file, "{\"service\":\"user-ser"); /* what a killed process leaves */
    fclose(file);
}

/* One line each: "at kind from to text". */
static void check_story(const struct story *story, const char *expected)
{
    static const char kinds[] = "crfnw";
    struct text lines = {0};
    for (int i = 0; i < story->count; i++) {
        const struct story_line *line = &story->lines[i];
        text_addf(&lines, "%d %c %s %s %s\n", (int)line->at_ms, kinds[line->kind], line->from,
                  line->to ? line->to : "", line->text);
    }
    ck_assert_str_eq(text_str(&lines), expected);
    text_release(&lines);
}

START_TEST(calls_and_answers_come_in_the_order_of_time)
{
    static const struct {
        struct span_row spans[6];
        const char *expected;
    } rows[] = {
        {{{0}}, ""},
        {{{"user-service", "server", "u1", "c1", "GET /users/user-1", "", 12, 13, 200},
          {"order-service", "client", "c1", "o1", "GET", "user-service", 11, 14, 200},
          {"order-service", "server", "o1", "", "POST /orders", "", 10, 15, 201}},
         "0 c judge order-service POST /orders\n"
         "1000 c order-service user-service GET /users/user-1\n"
         "4000 r user-service order-service 200\n"
         "5000 r order-service judge 201\n"},
        /* The peer wrote nothing, or failed; the address is nobody's. */
        {{{"order-service", "client", "c1", "o1", "GET", "user-service", 11, 14, 0},
          {"order-service", "client", "c2", "o1", "GET", "user-service", 14, 15, 503},
          {"order-service", "client", "c3", "o1", "GET", "127.0.0.1:1", 16, 17, 0}},
         "0 c order-service user-service GET\n"
         "3000 f user-service order-service (no answer)\n"
         "3000 c order-service user-service GET\n"
         "4000 f user-service order-service 503\n"
         "5000 c order-service 127.0.0.1:1 GET\n"
         "6000 r 127.0.0.1:1 order-service (no answer)\n"},
        {{{"order-service", "server", "o1", "", "GET /health/readiness", "", 10, 11, 200},
          {"order-service", "server", "o2", "x1", "GET /orders", "", 12, 13, 500}},
         "0 c judge order-service GET /orders\n"
         "1000 r order-service judge 500\n"},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, services, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story story = {0};
        struct error err = {0};
        write_spans(cluster, rows[i].spans);
        ck_assert_msg(cluster_story(cluster, "judge", &story, &err) == 0, "%s", err.text);
        check_story(&story, rows[i].expected);
        story_release(&story);
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_peer_writes_a_span_below_its_callers)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, services, 1);
    struct story story = {0};
    ck_assert_int_eq(cluster_story(cluster, "judge", &story, NULL), 0);
    ck_assert_int_eq(story.count, 0);

    struct http_client *client = http_client_open();
    struct text url = {0};
    struct trace trace = trace_from_header(NULL);
    text_addf(&url, "%s/users/user-1", cluster_url(cluster, "user-service"));
    struct http_call call = {.url = url.bytes, .deadline_ms = 5000, .trace = &trace};
    struct http_reply reply = {0};
    http_client_call(client, &call, &reply);
    ck_assert_int_eq(reply.status, 200);
    http_reply_release(&reply);
    ck_assert_int_eq(cluster_fault(cluster, "user-service", FAULT_CLOSE_BEFORE, 0, NULL), 0);
    http_client_call(client, &call, &reply);
    http_reply_release(&reply);
    http_client_close(client);
    text_release(&url);

    ck_assert_int_eq(cluster_story(cluster, "judge", &story, NULL), 0);
    ck_assert_int_ge(story.count, 4); /* a client may try a closed connection twice */
    for (int i = 0; i < story.count; i++)
        story.lines[i].at_ms = 0;
    story.count = 4;
    check_story(&story, "0 c judge user-service GET /users/user-1\n"
                        "0 r user-service judge 200\n"
                        "0 c judge user-service GET /users/user-1\n"
                        "0 r user-service judge (no answer)\n");
    story_release(&story);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {calls_and_answers_come_in_the_order_of_time,
                                  a_peer_writes_a_span_below_its_callers, NULL};
    return run_tests("spans", tests);
}
