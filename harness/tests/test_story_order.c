/*
 * Spans as a story: in which order its lines come, and what they say.
 */
#include "judge/cluster_story.h"
#include "judge/story_order.h"
#include "report/participants.h"
#include "tests/span_fixture.h"

#define BEGAN_NS INT64_C(1795394400000000000)
enum { NS_PER_MS = 1000000, HOUR_MS = 3600000, NEVER = -1 };

/* --- the order ------------------------------------------------------------------------------- */

START_TEST(a_cause_comes_before_its_effects_and_time_decides_the_rest)
{
    static const struct {
        struct story_event events[6];
        int count;
        const char *order;
    } rows[] = {
        {{{.at_ns = 3, .after = -1}, {.at_ns = 1, .after = -1}}, 2, "10"},
        {{{.at_ns = 3, .after = -1}, {.at_ns = 1, .after = 0}}, 2, "01"},
        {{{.at_ns = 1, .after = -1}, {.at_ns = 1, .after = -1}}, 2, "01"},
        {{{.at_ns = 1, .after = 2}, {.at_ns = 2, .after = -1}, {.at_ns = 3, .after = -1}},
         3,
         "120"},
        /* A circle, which no tree has, ends as well. */
        {{{.at_ns = 2, .after = 1}, {.at_ns = 1, .after = 0}}, 2, "10"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story_event events[6];
        int order[6];
        char got[8] = "";
        memcpy(events, rows[i].events, sizeof events);
        story_order(events, rows[i].count, order);
        for (int at = 0; at < rows[i].count; at++)
            got[at] = (char)('0' + order[at]);
        ck_assert_msg(strcmp(got, rows[i].order) == 0, "row %zu: %s", i, got);
    }
}
END_TEST

/* --- columns --------------------------------------------------------------------------------- */

START_TEST(the_judge_has_the_first_column_and_services_come_as_they_are_met)
{
    enum { LINES = 4, NAMES = 3 };
    static const struct {
        const char *lines[LINES][2];
        const char *expected;
    } rows[] = {
        {{{"user", NULL}, {"judge", "order"}, {"order", "user"}}, "judge order user"},
        {{{"cart", NULL}, {"order", "user"}, {"judge", "order"}}, "judge order user"},
        {{{"cart", NULL}, {"order", "judge"}}, "judge order cart"},
        {{{"caller A", "breaker"}, {"breaker", "user"}}, "caller A breaker user"},
        {{{"saga", NULL}, {"judge", NULL}}, "judge saga"},
        {{{NULL, NULL}}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story story = {0};
        struct text got = {0};
        const char *names[NAMES];
        for (int line = 0; line < LINES && rows[i].lines[line][0] != NULL; line++)
            story_add(&story, 0, rows[i].lines[line][1] != NULL ? STORY_CALL : STORY_FAULT,
                      rows[i].lines[line][0], rows[i].lines[line][1], "");
        int count = story_participants(&story, names, NAMES);
        for (int name = 0; name < count; name++)
            text_addf(&got, "%s%s", name > 0 ? " " : "", names[name]);
        ck_assert_str_eq(text_str(&got), rows[i].expected);
        text_release(&got);
        story_release(&story);
    }
}
END_TEST

/* --- stories --------------------------------------------------------------------------------- */

static const char *const order_needs[] = {"user-service", NULL};
static const struct story_service services[] = {
    {.name = "order-service", .address = "127.0.0.1:1", .needs = order_needs, .is_student = 1},
    {.name = "user-service", .address = "127.0.0.1:2"},
};

/* A line of the judge's, at the time that it has in the story. id: a call in the trace of that
   name; its reply is the next line with it. */
struct own_row {
    int at_ms;
    enum story_kind kind;
    const char *id, *service, *text;
};

struct span_row {
    const char *service, *kind, *trace, *id, *parent, *name, *target;
    int start_ms, end_ms, status;
};

struct story_row {
    const char *about;
    struct own_row own[8];
    struct span_row spans[9];
    const char *expected;
};

#define USER                              "user-service"
#define ORDER                             "order-service"
#define CLIENT(trace, id, parent, target) ORDER, "client", trace, id, parent, "GET", target
#define SERVER(trace, id, parent, name)   ORDER, "server", trace, id, parent, name, ""
#define PEER(trace, id, parent, name)     USER, "server", trace, id, parent, name, ""

static const struct story_row stories[] = {
    {"nothing", {{0}}, {{0}}, ""},
    {"children end, and are written, before their parents",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {20, STORY_REPLY, "t", ORDER, "201"}},
     {{PEER("t", "u1", "c1", "GET /users/1"), 13, 14, 200},
      {CLIENT("t", "c1", "s1", "/users/1?x=2"), 12, 15, 200},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 16, 201}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1?x=2\n"
     "r user order: 200\n"
     "r order judge: 201\n"},
    {"the judge is answered before the service writes its span",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {20, STORY_REPLY, "t", ORDER, "201"}},
     {{PEER("t", "u1", "c1", "GET /users/1"), 13, 14, 200},
      {CLIENT("t", "c1", "s1", "/users/1"), 12, 15, 200}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "r order judge: 201\n"},
    {"the service was killed at its call: only the peer's span is there",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"},
      {14, STORY_FAULT, NULL, ORDER, "kill -9"},
      {20, STORY_REPLY, "t", ORDER, "no answer: reset"}},
     {{PEER("t", "u1", "c1", "GET /users/1"), 12, 13, 200}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "f order : kill -9\n"
     "r order judge: no answer: reset\n"},
    {"a call that goes on behind the answer",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"},
      {20, STORY_REPLY, "t", ORDER, "202"},
      {40, STORY_CALL, "w", ORDER, "GET /orders/1"},
      {44, STORY_REPLY, "w", ORDER, "200"}},
     {{SERVER("t", "s1", "t", "POST /orders"), 11, 19, 202},
      {CLIENT("t", "c1", "s1", "/users/1"), 15, 30, 200},
      {SERVER("w", "s2", "w", "GET /orders/{id}"), 41, 43, 200}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r order judge: 202\n"
     "r user order: 200\n"
     "c judge order: GET /orders/1\n"
     "r order judge: 200\n"},
    {"a fault strikes, is numbered, and ends",
     {{5, STORY_FAULT, NULL, USER, "status 503"},
      {10, STORY_CALL, "t", ORDER, "POST /orders"},
      {30, STORY_REPLY, "t", ORDER, "503"},
      {40, STORY_NOTE, NULL, USER, "works again"},
      {50, STORY_CALL, "w", ORDER, "POST /orders"},
      {60, STORY_REPLY, "w", ORDER, "201"}},
     {{CLIENT("t", "c1", "s1", "/users/1"), 12, 14, 503},
      {CLIENT("t", "c2", "s1", "/users/1"), 16, 18, 0},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 29, 503},
      {CLIENT("w", "c3", "s2", "/users/1"), 52, 53, 200},
      {SERVER("w", "s2", "w", "POST /orders"), 51, 59, 201}},
     "f user : status 503\n"
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "f user order: 503 (status 503)\n"
     "c order user: GET /users/1, attempt 2\n"
     "f user order: no answer (status 503)\n"
     "r order judge: 503\n"
     "n user : works again\n"
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "r order judge: 201\n"},
    {"a flapping service answers well now and then; a failure of its own is none of ours",
     {{5, STORY_FAULT, NULL, USER, "flap 2"},
      {10, STORY_CALL, "t", ORDER, "POST /orders"},
      {30, STORY_REPLY, "t", ORDER, "503"}},
     {{CLIENT("t", "c1", "s1", "/users/1"), 12, 14, 200},
      {CLIENT("t", "c2", "s1", "/users/2"), 16, 18, 503},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 29, 503}},
     "f user : flap 2\n"
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "c order user: GET /users/2\n"
     "f user order: 503 (flap 2)\n"
     "r order judge: 503\n"},
    {"replies out of turn say what they answer",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {40, STORY_REPLY, "t", ORDER, "201"}},
     {{CLIENT("t", "c2", "s1", "/users/1"), 13, 15, 503},
      {CLIENT("t", "c1", "s1", "/users/1"), 12, 20, 200},
      {CLIENT("t", "c3", "s1", "/users/3"), 22, 26, 200},
      {CLIENT("t", "c4", "s1", "/users/4"), 24, 28, 404},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 39, 201}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "c order user: GET /users/1, attempt 2\n"
     "r user order: 503 to GET /users/1, attempt 2\n"
     "r user order: 200\n"
     "c order user: GET /users/3\n"
     "c order user: GET /users/4\n"
     "r user order: 200 to GET /users/3\n"
     "r user order: 404\n"
     "r order judge: 201\n"},
    {"replies to equal calls of two traces say when theirs was sent",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"},
      {20, STORY_REPLY, "t", ORDER, "202"},
      {22, STORY_CALL, "w", ORDER, "POST /orders"},
      {28, STORY_REPLY, "w", ORDER, "202"}},
     {{SERVER("t", "s1", "t", "POST /orders"), 11, 19, 202},
      {SERVER("w", "s2", "w", "POST /orders"), 23, 27, 202},
      {CLIENT("t", "c1", "s1", "/users/1"), 12, 40, 200},
      {CLIENT("w", "c2", "s2", "/users/1"), 24, 50, 404}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r order judge: 202\n"
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r order judge: 202\n"
     "r user order: 200 to GET /users/1, sent at 12 ms\n"
     "r user order: 404\n"},
    {"a call that never ended has no reply, and stays open",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {40, STORY_REPLY, "t", ORDER, "no answer"}},
     {{CLIENT("t", "c1", "s1", "/users/1"), 12, NEVER, 0},
      {CLIENT("t", "c2", "s1", "/users/2"), 14, 16, 200},
      {SERVER("t", "s1", "t", "POST /orders"), 11, NEVER, 0}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "c order user: GET /users/2\n"
     "r user order: 200 to GET /users/2\n"
     "r order judge: no answer\n"},
    {"the judge gives up, and the service, which began late, takes no longer",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {30, STORY_REPLY, "t", ORDER, "no answer"}},
     {{CLIENT("t", "c1", "s1", "/users/1"), 22, 34, 200},
      {SERVER("t", "s1", "t", "POST /orders"), 19, 35, 201}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r order judge: no answer\n"
     "r user order: 200\n"},
    {"the judge gives up before the service does",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {20, STORY_REPLY, "t", ORDER, "no answer"}},
     {{CLIENT("t", "c1", "s1", "/users/1"), 12, 16, 200},
      {CLIENT("t", "c2", "s1", "/users/2"), 17, 35, 200},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 38, 201}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "c order user: GET /users/2\n"
     "r order judge: no answer\n"
     "r user order: 200\n"},
    {"a service that passes no trace on; polls of the judge are in no story",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {40, STORY_REPLY, "t", ORDER, "201"}},
     {{PEER("v", "u1", "", "GET /users/1"), 13, 14, 200},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 39, 201},
      {SERVER("w", "s2", "", "GET /orders/{id}"), 12, 20, 200}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "r order judge: 201\n"},
    {"what came after the end of the story is not in it",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {90, STORY_REPLY, "t", ORDER, "no answer"}},
     {{CLIENT("t", "c1", "s1", "/users/1"), 40, 110, 0},
      {CLIENT("t", "c2", "s1", "/users/2"), 115, 120, 0},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 130, 503}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r order judge: no answer\n"},
    {"spans without a target, and one to nowhere",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {40, STORY_REPLY, "t", ORDER, "201"}},
     {{PEER("t", "u1", "c1", "GET /users/1"), 13, 14, 200},
      {CLIENT("t", "c1", "s1", ""), 12, 15, 200},
      {CLIENT("t", "c2", "s1", "nowhere"), 16, 17, 0},
      {SERVER("t", "s1", "t", "POST /orders"), 11, 39, 201}},
     "c judge order: POST /orders\n"
     "c order user: GET /users/1\n"
     "r user order: 200\n"
     "c order 127.0.0.1:9: GET nowhere\n"
     "r 127.0.0.1:9 order: no answer\n"
     "r order judge: 201\n"},
    {"a span that calls itself its parent, and two that call each other so",
     {{10, STORY_CALL, "t", ORDER, "POST /orders"}, {40, STORY_REPLY, "t", ORDER, "201"}},
     {{CLIENT("t", "c1", "c1", "/a"), 12, 13, 200},
      {CLIENT("t", "c2", "c3", "/b"), 16, 17, 200},
      {CLIENT("t", "c3", "c2", "/c"), 14, 18, 200}},
     "c judge order: POST /orders\n"
     "c order user: GET /a\n"
     "r user order: 200\n"
     "c order user: GET /c\n"
     "c order user: GET /b\n"
     "r user order: 200 to GET /b\n"
     "r user order: 200\n"
     "r order judge: 201\n"},
};

static void write_spans(const struct span_folder *folder, const struct span_row *rows,
                        int order_skew_ms, int user_skew_ms)
{
    struct text bytes = {0};
    for (; rows->service != NULL; rows++) {
        int64_t skew_ms = strcmp(rows->service, ORDER) == 0 ? order_skew_ms : user_skew_ms;
        int64_t zero_ns = BEGAN_NS + skew_ms * NS_PER_MS;
        text_addf(
            &bytes,
            "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"service\":\"%s\","
            "\"kind\":\"%s\",\"name\":\"%s\",\"target\":\"%s\",\"peer\":\"127.0.0.1:%s\","
            "\"startUnixNano\":\"%lld\",\"endUnixNano\":\"%lld\",\"httpStatus\":%d}\n",
            rows->trace, rows->id, rows->parent, rows->service, rows->kind, rows->name,
            rows->target, strcmp(rows->target, "nowhere") == 0 ? "9" : "2",
            (long long)(zero_ns + (int64_t)rows->start_ms * NS_PER_MS),
            (long long)(rows->end_ms == NEVER ? 0 : zero_ns + (int64_t)rows->end_ms * NS_PER_MS),
            rows->status);
    }
    text_add(&bytes, "{\"service\":\"user-ser"); /* what a killed process leaves */
    span_folder_write(folder, &bytes);
    text_release(&bytes);
}

/* Fills the judge's lines and calls; returns the number of calls. */
static int write_own(const struct own_row *rows, struct story *own, struct judged_call *judged)
{
    int count = 0;
    for (; rows->service != NULL; rows++) {
        int is_judges = rows->id != NULL;
        int is_reply = rows->kind == STORY_REPLY;
        story_add(own, rows->at_ms, rows->kind, is_judges && !is_reply ? "judge" : rows->service,
                  !is_judges ? NULL
                  : is_reply ? "judge"
                             : rows->service,
                  rows->text);
        if (!is_judges)
            continue;
        struct judged_call *call = &judged[is_reply ? count - 1 : count];
        if (is_reply) {
            call->reply_line = own->count - 1;
            call->is_answered = strncmp(rows->text, "no answer", strlen("no answer")) != 0;
            call->end_ns = (int64_t)rows->at_ms * NS_PER_MS;
            continue;
        }
        *call = (struct judged_call){.call_line = own->count - 1,
                                     .start_ns = (int64_t)rows->at_ms * NS_PER_MS};
        snprintf(call->trace_id, sizeof call->trace_id, "%s", rows->id);
        snprintf(call->span_id, sizeof call->span_id, "%s", rows->id);
        snprintf(call->service, sizeof call->service, "%s", rows->service);
        count++;
    }
    return count;
}

/* The story of the row when clocks differ by this much. */
static void write_story(const struct span_folder *folder, const struct story_row *row,
                        int order_skew_ms, int user_skew_ms, struct text *out)
{
    struct story own = {0}, story = {0};
    struct judged_call judged[4];
    struct span_file spans;
    write_spans(folder, row->spans, order_skew_ms, user_skew_ms);
    ck_assert_int_eq(spans_read(folder->path, &spans, NULL), 0);
    struct cluster_story in = {.own = &own,
                               .judged = judged,
                               .judged_count = write_own(row->own, &own, judged),
                               .services = services,
                               .service_count = sizeof services / sizeof *services,
                               .spans = &spans,
                               .began_unix_ns = BEGAN_NS,
                               .end_ns = INT64_C(100) * NS_PER_MS};
    cluster_story_write(&in, &story);
    story_text(&story, out);
    story_release(&own);
    story_release(&story);
    spans_release(&spans);
}

START_TEST(causes_come_before_their_effects)
{
    struct span_folder folder;
    span_folder_open(&folder);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        struct text got = {0};
        write_story(&folder, &stories[i], 0, 0, &got);
        ck_assert_msg(strcmp(text_str(&got), stories[i].expected) == 0, "%s:\n%s", stories[i].about,
                      text_str(&got));
        text_release(&got);
    }
    span_folder_close(&folder);
}
END_TEST

START_TEST(clocks_that_differ_turn_nothing_round)
{
    static const int skews[] = {-HOUR_MS, -7, 7, HOUR_MS};
    struct span_folder folder;
    span_folder_open(&folder);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        const struct story_row *row = &stories[i];
        int has_server = 0; /* without one nothing ties the service's clock to the judge's */
        for (const struct span_row *span = row->spans; span->service != NULL; span++)
            has_server |= strcmp(span->service, ORDER) == 0 && strcmp(span->kind, "server") == 0;
        for (size_t skew = 0; skew < sizeof skews / sizeof *skews; skew++) {
            struct text got = {0};
            if (skews[skew] > 0 && !has_server)
                continue; /* it is taken for what came after the story's end */
            if (strstr(row->about, "gives up") != NULL)
                continue; /* when it began is anybody's guess then */
            write_story(&folder, row, skews[skew],
                        strstr(row->about, "no trace") != NULL ? 0
                        : has_server                           ? -skews[skew]
                                                               : skews[skew],
                        &got);
            ck_assert_msg(strcmp(text_str(&got), row->expected) == 0, "%s, skew %d:\n%s",
                          row->about, skews[skew], text_str(&got));
            text_release(&got);
        }
    }
    span_folder_close(&folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_cause_comes_before_its_effects_and_time_decides_the_rest,
        the_judge_has_the_first_column_and_services_come_as_they_are_met,
        causes_come_before_their_effects,
        clocks_that_differ_turn_nothing_round,
        NULL,
    };
    return run_tests("story order", tests);
}
