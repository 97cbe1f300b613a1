/*
 * Lab 03's story of one checkout in the failure block: what it tells, and what it leaves out.
 *
 * Records and blows are seconds apart, so that no moment of the test's own matters.
 */
#include <stdio.h>
#include <string.h>

#include "suites/03-saga/timeline.h"
#include "kit/clock.h"
#include "tests/run_tests.h"

enum { SECOND_MS = 1000, BLOCK_ROWS = 13 };

struct desk {
    struct result result;
    struct check_run run;
    struct text body;
    int64_t base_wall_ms;
};

static void desk_open(struct desk *desk, const char *phase)
{
    const struct clock clock = clock_system();
    *desk = (struct desk){.base_wall_ms = clock_now(&clock).wall_ms};
    desk->run.result = &desk->result;
    text_addf(&desk->body,
              "{\"id\":\"01890000-0000-7000-8000-000000000001\",\"phase\":\"%s\","
              "\"cartId\":\"cart-120\",\"customerId\":\"user-123\",\"records\":[",
              phase);
}

/* A record: what it says, without its time. */
static void record(struct desk *desk, int second, const char *says)
{
    char at[TIME_TEXT_SIZE];
    time_format(desk->base_wall_ms + (int64_t)second * SECOND_MS, at);
    text_addf(&desk->body, "%s{\"at\":\"%s\",%s}",
              text_str(&desk->body)[desk->body.length - 1] == '[' ? "" : ",", at, says);
}

static void command(struct desk *desk, int second, const char *what, const char *step,
                    const char *direction, int attempt, const char *answer)
{
    char says[200];
    snprintf(says, sizeof says,
             "\"what\":\"%s\",\"step\":\"%s\",\"direction\":\"%s\",\"attempt\":%d%s%s%s", what,
             step, direction, attempt, answer[0] != '\0' ? ",\"answer\":\"" : "", answer,
             answer[0] != '\0' ? "\"" : "");
    record(desk, second, says);
}

/* Sent and answered within the second. */
static void exchange(struct desk *desk, int second, const char *step, const char *direction,
                     int attempt, const char *answer)
{
    command(desk, second, "sent", step, direction, attempt, "");
    command(desk, second, "answered", step, direction, attempt, answer);
}

static void blow(struct desk *desk, int second, const char *service, const char *words)
{
    run_story(&desk->run, second * SECOND_MS + SECOND_MS / 2, STORY_FAULT, service, NULL, "%s",
              words);
}

/* The story in one text, a line each: "from>to: words". */
static char *told(struct desk *desk, const char *wrong)
{
    struct tale tale = {.count = 0};
    struct text out = {0};
    text_add(&desk->body, "]}");
    cJSON *body = json_parse(text_str(&desk->body), desk->body.length, NULL);
    ck_assert_ptr_nonnull(body);
    ck_assert_int_gt(tale_read(&desk->run, body, &tale), 0);
    tale_tell(&desk->run, &tale, wrong);
    tale_release(&tale);
    cJSON_Delete(body);
    for (int i = 0; i < desk->result.story.count; i++) {
        const struct story_line *line = &desk->result.story.lines[i];
        text_addf(&out, "%s%s%.3s%s: %s\n",
                  line->kind == STORY_FAULT   ? "! "
                  : line->kind == STORY_WRONG ? "x "
                                              : "",
                  line->from, line->to != NULL ? " > " : "", line->to != NULL ? line->to : "",
                  line->text);
    }
    text_release(&desk->body);
    return text_detach(&out);
}

static void desk_close(struct desk *desk, char *story)
{
    free(story);
    result_release(&desk->result);
}

START_TEST(what_went_well_is_one_line_and_attempts_that_failed_alike_another)
{
    struct desk desk;
    desk_open(&desk, "ROLLED_BACK");
    record(&desk, 0, "\"what\":\"started\"");
    exchange(&desk, 1, "validate", "forward", 1, "ok");
    exchange(&desk, 2, "discount", "forward", 1, "ok");
    exchange(&desk, 3, "pay", "forward", 1, "unknown");
    exchange(&desk, 4, "pay", "forward", 2, "unknown");
    exchange(&desk, 5, "pay", "forward", 3, "unknown");
    record(&desk, 6, "\"what\":\"compensating\"");
    exchange(&desk, 7, "pay", "back", 1, "rejected");
    exchange(&desk, 8, "pay", "back", 2, "ok");
    exchange(&desk, 9, "discount", "back", 1, "ok");
    record(&desk, 9, "\"what\":\"ended\",\"phase\":\"ROLLED_BACK\"");
    blow(&desk, 2, "payment-service", "hang");
    blow(&desk, 2, "cart-service", "garbage"); /* it has not failed this checkout */
    char *story = told(&desk, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "checkout-service: validate, discount: ok\n"
                            "! payment-service: hang\n"
                            "checkout-service > payment-service: pay #1 to #3: unknown\n"
                            "checkout-service: compensating\n"
                            "checkout-service > payment-service: undo pay: rejected\n"
                            "checkout-service: undo pay #2, undo discount: ok\n"
                            "checkout-service: ended: ROLLED_BACK\n"
                            "x checkout-service: wrong\n");
    desk_close(&desk, story);
}
END_TEST

START_TEST(a_kill_stands_between_a_command_and_its_answer)
{
    struct desk desk;
    desk_open(&desk, "COMPLETED");
    exchange(&desk, 1, "validate", "forward", 1, "ok");
    command(&desk, 2, "sent", "pay", "forward", 1, "");
    command(&desk, 4, "answered", "pay", "forward", 1, "ok");
    command(&desk, 5, "noted", "pay", "forward", 1, "ok");
    blow(&desk, 2, "checkout-service", "kill -9");
    char *story = told(&desk, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "checkout-service: validate: ok\n"
                            "checkout-service > payment-service: pay\n"
                            "! checkout-service: kill -9\n"
                            "payment-service > checkout-service: pay: ok\n"
                            "payment-service > checkout-service: late: pay: ok\n"
                            "x checkout-service: wrong\n");
    desk_close(&desk, story);
}
END_TEST

START_TEST(a_checkout_that_has_not_ended_is_told_up_to_now)
{
    struct desk desk;
    desk_open(&desk, "RUNNING");
    record(&desk, -9,
           "\"what\":\"started\",\"then\":[{\"what\":\"sent\",\"step\":\"pay\","
           "\"direction\":\"forward\",\"attempt\":1}]");
    blow(&desk, -12, "payment-service", "hang");
    blow(&desk, -8, "checkout-service", "kill -9");
    char *story = told(&desk, "wrong");
    ck_assert_str_eq(story, "checkout-service: cart-120 for user-123\n"
                            "! payment-service: hang, before it began\n"
                            "checkout-service > payment-service: pay\n"
                            "! checkout-service: kill -9\n"
                            "x checkout-service: wrong\n");
    desk_close(&desk, story);
}
END_TEST

/* Forty attempts with a blow between any two: the turn, the parking and the last of the way forward
   stay, and whatever is left out is counted. */
START_TEST(a_long_story_keeps_what_matters_within_its_rows)
{
    struct desk desk;
    int more = 0, left_out = 0;
    desk_open(&desk, "PARKED");
    record(&desk, -99, "\"what\":\"started\"");
    for (int i = 1; i <= 40; i++) {
        exchange(&desk, i - 95, "reserve", "forward", i, "unknown");
        blow(&desk, i - 95, i % 2 == 0 ? "inventory-service" : "checkout-service", "kill -9");
    }
    record(&desk, -50, "\"what\":\"compensating\"");
    exchange(&desk, -49, "reserve", "back", 1, "rejected");
    record(&desk, -48, "\"what\":\"parked\",\"step\":\"reserve\"");
    char *story = told(&desk, "wrong");
    ck_assert_int_le(desk.result.story.count, BLOCK_ROWS);
    ck_assert_ptr_nonnull(strstr(story, "reserve #40: unknown\n"));
    ck_assert_ptr_nonnull(strstr(story, "checkout-service: compensating\n"));
    ck_assert_ptr_nonnull(strstr(story, "undo reserve: rejected\n"));
    ck_assert_ptr_nonnull(strstr(story, "checkout-service: parked: reserve\n"));
    int shown = 0;
    for (int i = 0; i < desk.result.story.count; i++) {
        int is_gap = sscanf(desk.result.story.lines[i].text, "... %d more", &more) == 1;
        left_out += is_gap ? more : 0;
        shown += !is_gap;
    }
    ck_assert_int_eq(shown + left_out, 1 + 40 + 40 + 3 + 1);
    desk_close(&desk, story);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_went_well_is_one_line_and_attempts_that_failed_alike_another,
        a_kill_stands_between_a_command_and_its_answer,
        a_checkout_that_has_not_ended_is_told_up_to_now,
        a_long_story_keeps_what_matters_within_its_rows,
        NULL,
    };
    return run_tests("saga tale", tests);
}
