/*
 * Lab 03's story of one checkout in the failure block: what it says, and what it leaves out.
 *
 * Records and faults are seconds apart, so that no moment of the test's own matters.
 */
#include <stdio.h>
#include <string.h>

#include "kit/clock.h"
#include "kit/json.h"
#include "suites/03-saga/timeline.h"
#include "tests/run_tests.h"

enum { SECOND_MS = 1000, BLOCK_ROWS = 13 };

struct fixture {
    struct result result;
    struct check_run run;
    struct text body;
    int64_t base_wall_ms;
};

static void fixture_open(struct fixture *fixture, const char *phase)
{
    const struct clock clock = clock_system();
    *fixture = (struct fixture){.base_wall_ms = clock_now(&clock).wall_ms};
    fixture->run.result = &fixture->result;
    text_addf(&fixture->body,
              "{\"id\":\"01890000-0000-7000-8000-000000000001\",\"phase\":\"%s\","
              "\"cartId\":\"cart-120\",\"customerId\":\"user-123\",\"records\":[",
              phase);
}

/* A record: what it says, without its time. */
static void record(struct fixture *fixture, int second, const char *says)
{
    char at[TIME_TEXT_SIZE];
    time_format(fixture->base_wall_ms + (int64_t)second * SECOND_MS, at);
    text_addf(&fixture->body, "%s{\"at\":\"%s\",%s}",
              text_str(&fixture->body)[fixture->body.length - 1] == '[' ? "" : ",", at, says);
}

static void command(struct fixture *fixture, int second, const char *what, const char *step,
                    const char *direction, int attempt, const char *answer)
{
    char says[200];
    snprintf(says, sizeof says,
             "\"what\":\"%s\",\"step\":\"%s\",\"direction\":\"%s\",\"attempt\":%d%s%s%s", what,
             step, direction, attempt, answer[0] != '\0' ? ",\"answer\":\"" : "", answer,
             answer[0] != '\0' ? "\"" : "");
    record(fixture, second, says);
}

/* Sent and answered within the second. */
static void exchange(struct fixture *fixture, int second, const char *step, const char *direction,
                     int attempt, const char *answer)
{
    command(fixture, second, "sent", step, direction, attempt, "");
    command(fixture, second, "answered", step, direction, attempt, answer);
}

static void fault(struct fixture *fixture, int second, const char *service, const char *words)
{
    run_story(&fixture->run, second * SECOND_MS + SECOND_MS / 2, STORY_FAULT, service, NULL, "%s",
              words);
}

/* The story in one text, a line each: "from>to: words". */
static char *story_of(struct fixture *fixture, const char *wrong)
{
    struct timeline timeline = {0};
    struct text out = {0};
    text_add(&fixture->body, "]}");
    cJSON *body = json_parse(text_str(&fixture->body), fixture->body.length, NULL);
    ck_assert_ptr_nonnull(body);
    ck_assert_int_gt(timeline_read(&fixture->run, body, &timeline), 0);
    timeline_write_story(&fixture->run, &timeline, wrong);
    timeline_release(&timeline);
    cJSON_Delete(body);
    for (int i = 0; i < fixture->result.story.count; i++) {
        const struct story_line *line = &fixture->result.story.lines[i];
        text_addf(&out, "%s%s%.3s%s: %s\n",
                  line->kind == STORY_FAULT   ? "! "
                  : line->kind == STORY_WRONG ? "x "
                                              : "",
                  line->from, line->to != NULL ? " > " : "", line->to != NULL ? line->to : "",
                  line->text);
    }
    text_release(&fixture->body);
    return text_detach(&out);
}

static void fixture_close(struct fixture *fixture, char *story)
{
    free(story);
    result_release(&fixture->result);
}

START_TEST(what_went_well_is_one_line_and_attempts_that_failed_alike_another)
{
    struct fixture fixture;
    fixture_open(&fixture, "ROLLED_BACK");
    record(&fixture, 0, "\"what\":\"started\"");
    exchange(&fixture, 1, "validate", "forward", 1, "ok");
    exchange(&fixture, 2, "discount", "forward", 1, "ok");
    exchange(&fixture, 3, "pay", "forward", 1, "unknown");
    exchange(&fixture, 4, "pay", "forward", 2, "unknown");
    exchange(&fixture, 5, "pay", "forward", 3, "unknown");
    record(&fixture, 6, "\"what\":\"compensating\"");
    exchange(&fixture, 7, "pay", "back", 1, "rejected");
    exchange(&fixture, 8, "pay", "back", 2, "ok");
    exchange(&fixture, 9, "discount", "back", 1, "ok");
    record(&fixture, 9, "\"what\":\"ended\",\"phase\":\"ROLLED_BACK\"");
    fault(&fixture, 2, "payment-service", "hang");
    fault(&fixture, 2, "cart-service", "garbage"); /* it has not failed this checkout */
    char *story = story_of(&fixture, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "checkout-service: validate, discount: ok\n"
                            "! payment-service: hang\n"
                            "checkout-service > payment-service: pay #1 to #3: unknown\n"
                            "checkout-service: compensating\n"
                            "checkout-service > payment-service: undo pay: rejected\n"
                            "checkout-service: undo pay #2, undo discount: ok\n"
                            "checkout-service: ended: ROLLED_BACK\n"
                            "x checkout-service: wrong\n");
    fixture_close(&fixture, story);
}
END_TEST

START_TEST(a_kill_stands_between_a_command_and_its_answer)
{
    struct fixture fixture;
    fixture_open(&fixture, "COMPLETED");
    exchange(&fixture, 1, "validate", "forward", 1, "ok");
    command(&fixture, 2, "sent", "pay", "forward", 1, "");
    command(&fixture, 4, "answered", "pay", "forward", 1, "ok");
    command(&fixture, 5, "noted", "pay", "forward", 1, "ok");
    fault(&fixture, 2, "checkout-service", "kill -9");
    char *story = story_of(&fixture, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "checkout-service: validate: ok\n"
                            "checkout-service > payment-service: pay\n"
                            "! checkout-service: kill -9\n"
                            "payment-service > checkout-service: pay: ok\n"
                            "payment-service > checkout-service: late: pay: ok\n"
                            "x checkout-service: wrong\n");
    fixture_close(&fixture, story);
}
END_TEST

START_TEST(an_answer_says_which_attempt_it_answers_when_that_is_not_the_pending_one)
{
    struct fixture fixture;
    fixture_open(&fixture, "COMPLETED");
    exchange(&fixture, 1, "pay", "forward", 1, "unknown");
    command(&fixture, 2, "sent", "pay", "forward", 2, "");
    command(&fixture, 3, "answered", "pay", "forward", 1, "ok");
    command(&fixture, 4, "noted", "pay", "forward", 2, "ok");
    char *story = story_of(&fixture, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "checkout-service > payment-service: pay: unknown\n"
                            "checkout-service > payment-service: pay #2\n"
                            "payment-service > checkout-service: pay #1: ok\n"
                            "payment-service > checkout-service: late: pay #2: ok\n"
                            "x checkout-service: wrong\n");
    fixture_close(&fixture, story);
}
END_TEST

START_TEST(a_checkout_that_has_not_ended_is_shown_up_to_now)
{
    struct fixture fixture;
    fixture_open(&fixture, "RUNNING");
    record(&fixture, -9,
           "\"what\":\"started\",\"then\":[{\"what\":\"sent\",\"step\":\"pay\","
           "\"direction\":\"forward\",\"attempt\":1}]");
    fault(&fixture, -12, "payment-service", "hang");
    fault(&fixture, -8, "checkout-service", "kill -9");
    char *story = story_of(&fixture, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "! payment-service: hang, before it began\n"
                            "checkout-service > payment-service: pay\n"
                            "! checkout-service: kill -9\n"
                            "x checkout-service: wrong\n");
    fixture_close(&fixture, story);
}
END_TEST

/* Forty attempts with a fault between any two: the turn, the parking and the last of the way
   forward stay, and whatever is left out is counted. */
START_TEST(a_long_story_keeps_what_matters_within_its_rows)
{
    struct fixture fixture;
    int more = 0, left_out = 0;
    fixture_open(&fixture, "PARKED");
    record(&fixture, -99, "\"what\":\"started\"");
    for (int i = 1; i <= 40; i++) {
        exchange(&fixture, i - 95, "reserve", "forward", i, "unknown");
        fault(&fixture, i - 95, i % 2 == 0 ? "inventory-service" : "checkout-service", "kill -9");
    }
    record(&fixture, -50, "\"what\":\"compensating\"");
    exchange(&fixture, -49, "reserve", "back", 1, "rejected");
    record(&fixture, -48, "\"what\":\"parked\",\"step\":\"reserve\"");
    char *story = story_of(&fixture, "wrong");
    ck_assert_int_le(fixture.result.story.count, BLOCK_ROWS);
    ck_assert_ptr_nonnull(strstr(story, "reserve #40: unknown\n"));
    ck_assert_ptr_nonnull(strstr(story, "checkout-service: compensating\n"));
    ck_assert_ptr_nonnull(strstr(story, "undo reserve: rejected\n"));
    ck_assert_ptr_nonnull(strstr(story, "checkout-service: parked: reserve\n"));
    int shown = 0;
    for (int i = 0; i < fixture.result.story.count; i++) {
        int is_gap = sscanf(fixture.result.story.lines[i].text, "... %d more", &more) == 1;
        left_out += is_gap ? more : 0;
        shown += !is_gap;
    }
    ck_assert_int_eq(shown + left_out, 1 + 40 + 40 + 3 + 1);
    fixture_close(&fixture, story);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_went_well_is_one_line_and_attempts_that_failed_alike_another,
        a_kill_stands_between_a_command_and_its_answer,
        an_answer_says_which_attempt_it_answers_when_that_is_not_the_pending_one,
        a_checkout_that_has_not_ended_is_shown_up_to_now,
        a_long_story_keeps_what_matters_within_its_rows,
        NULL,
    };
    return run_tests("saga timeline", tests);
}
