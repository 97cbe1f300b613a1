#define _GNU_SOURCE
/*
 * The given host of lab 03, around the reference saga: requests that are repeated, and bad ones.
 */
#include "tests/checkout_fixture.h"

#include <pthread.h>

enum { RACERS = 8, ROUNDS = 5 };

#define NOBODY "/checkouts/01890000-0000-7000-8000-000000000000"

static int count_checkouts(struct checkout_fixture *checkout)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(checkout->db, "SELECT COUNT(*) FROM checkouts", -1, &statement, NULL);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

/* --- repeated requests -------------------------------------------------------------------------
 */

START_TEST(a_repeated_request_is_the_same_checkout_also_after_kill)
{
    struct checkout_fixture checkout;
    char first[ID_SIZE], again[ID_SIZE];
    struct text answer = {0};
    checkout_open(&checkout);
    place(&checkout, "k-1", BODY, first);
    place(&checkout, "k-1", BODY, again);
    ck_assert_str_eq(again, first);
    wait_for(&checkout, first, "\"phase\":\"COMPLETED\"");
    kill_and_restart(&checkout);
    place(&checkout, "k-1", BODY, again);
    ck_assert_str_eq(again, first);
    ck_assert_int_eq(count_checkouts(&checkout), 1);

    int status = calls(&checkout, "POST", "/checkouts", "k-1",
                       "{\"cartId\":\"cart-121\",\"customerId\":\"user-1\"}", &answer);
    ck_assert_int_eq(status, 422);
    ck_assert_ptr_nonnull(
        strstr(text_str(&answer),
               "{\"field\":\"Idempotency-Key\",\"reason\":\"was used with another body\"}"));
    ck_assert_int_eq(count_checkouts(&checkout), 1);
    place(&checkout, "k-2", BODY, again);
    ck_assert_str_ne(again, first);
    place(&checkout, NULL, BODY, again);
    place(&checkout, NULL, BODY, again);
    ck_assert_int_eq(count_checkouts(&checkout), 4);
    text_release(&answer);
    checkout_close(&checkout);
}
END_TEST

START_TEST(a_refused_request_uses_no_key_up)
{
    struct checkout_fixture checkout;
    char id[ID_SIZE];
    checkout_open(&checkout);
    ck_assert_int_eq(calls(&checkout, "POST", "/checkouts", "k", "{\"cartId\":\"cart-1\"}", NULL),
                     422);
    place(&checkout, "k", BODY, id);
    checkout_close(&checkout);
}
END_TEST

START_TEST(a_key_is_visible_ascii_of_a_limited_length)
{
    struct checkout_fixture checkout;
    char longest[257], too_long[258], id[ID_SIZE];
    struct text answer = {0};
    checkout_open(&checkout);
    memset(longest, 'k', 255);
    memset(too_long, 'k', 256);
    longest[255] = too_long[256] = '\0';
    place(&checkout, longest, BODY, id);
    place(&checkout, "!~", BODY, id);
    const char *const bad[] = {too_long, "two words", "caf\xc3\xa9"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(calls(&checkout, "POST", "/checkouts", bad[i], BODY, &answer), 400);
        ck_assert_ptr_nonnull(
            strstr(text_str(&answer), "An Idempotency-Key is 1 to 255 visible ASCII characters."));
    }
    ck_assert_int_eq(count_checkouts(&checkout), 2);
    text_release(&answer);
    checkout_close(&checkout);
}
END_TEST

struct racer {
    struct checkout_fixture *checkout;
    const char *key, *body;
    pthread_barrier_t *start;
    pthread_t thread;
    int status;
    char id[ID_SIZE];
};

static void *race(void *context)
{
    struct racer *racer = context;
    struct text answer = {0};
    pthread_barrier_wait(racer->start);
    racer->status = calls(racer->checkout, "POST", "/checkouts", racer->key, racer->body, &answer);
    if (racer->status == 202)
        take_id(&answer, racer->id);
    text_release(&answer);
    return NULL;
}

/* All at once, under one key; every fourth has the other body. With kill_at the service dies as
   soon as so many checkouts have begun. */
static void run_racers(struct checkout_fixture *checkout, struct racer racers[RACERS],
                       const char *key, const char *other, int kill_at)
{
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){
            .checkout = checkout, .key = key, .body = i % 4 == 3 ? other : BODY, .start = &start};
        ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    while (count_checkouts(checkout) < kill_at)
        continue; /* it is a matter of some milliseconds, and the answers follow at once */
    if (kill_at > 0)
        kill_and_restart(checkout);
    for (int i = 0; i < RACERS; i++)
        pthread_join(racers[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

static void run_race(struct checkout_fixture *checkout, const char *key)
{
    struct racer racers[RACERS];
    const struct racer *winner = NULL;
    run_racers(checkout, racers, key, "{\"cartId\":\"cart-7\",\"customerId\":\"user-1\"}", 0);
    for (int i = 0; i < RACERS && winner == NULL; i++)
        if (racers[i].status == 202)
            winner = &racers[i];
    ck_assert_ptr_nonnull(winner);
    for (int i = 0; i < RACERS; i++) {
        ck_assert_int_eq(racers[i].status, racers[i].body == winner->body ? 202 : 422);
        if (racers[i].status == 202)
            ck_assert_str_eq(racers[i].id, winner->id);
    }
}

START_TEST(of_requests_that_race_one_begins_the_checkout)
{
    struct checkout_fixture checkout;
    char key[32];
    checkout_open(&checkout);
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(key, sizeof key, "race-%d", round);
        run_race(&checkout, key);
    }
    ck_assert_int_eq(count_checkouts(&checkout), ROUNDS);
    checkout_close(&checkout);
}
END_TEST

START_TEST(a_request_that_a_kill_left_without_an_answer_is_sent_again)
{
    struct checkout_fixture checkout;
    char key[32], id[ID_SIZE];
    struct racer racers[RACERS];
    checkout_open(&checkout);
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(key, sizeof key, "kill-%d", round);
        run_racers(&checkout, racers, key, BODY, round + 1);
        place(&checkout, key, BODY, id);
        for (int i = 0; i < RACERS; i++)
            if (racers[i].status == 202)
                ck_assert_str_eq(racers[i].id, id);
        wait_for(&checkout, id, "\"phase\":\"COMPLETED\"");
    }
    ck_assert_int_eq(count_checkouts(&checkout), ROUNDS);
    checkout_close(&checkout);
}
END_TEST

/* --- bad requests ------------------------------------------------------------------------------
 */

#define LONG_64 "cart-6789012345678901234567890123456789012345678901234567890abcd"

START_TEST(bad_requests_are_refused_with_a_sentence)
{
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *says;
    } rows[] = {
        {"POST", "/checkouts", "", 400, "The JSON text is empty."},
        {"POST", "/checkouts", "cart-120", 400, "Line 1, column 1 "},
        {"POST", "/checkouts", "{\"cartId\":\"cart-1\",}", 400, "Line 1, column "},
        {"POST", "/checkouts", "{\"cartId\":\"c\\u0000\",\"customerId\":\"u\"}", 400, "Line 1"},
        {"POST", "/checkouts", "[]", 422, "{\"field\":\"\",\"reason\":\"must be an object\"}"},
        {"POST", "/checkouts", "{}", 422, "\"field\":\"cartId\",\"reason\":\"is required\""},
        {"POST", "/checkouts", "{\"cartId\":\"\",\"customerId\":\"u\"}", 422, "\"cartId\""},
        {"POST", "/checkouts", "{\"cartId\":7,\"customerId\":[],\"coupon\":{}}", 422,
         "\"field\":\"coupon\""},
        {"POST", "/checkouts", "{\"cartId\":\"" LONG_64 "x\",\"customerId\":\"u\"}", 422,
         "64 bytes"},
        {"POST", "/checkouts", "{\"cartId\":\"c\",\"customerId\":\"../users/user-1\"}", 422,
         "may hold letters, digits, - _ and . only"},
        {"POST", "/checkouts", "{\"cartId\":\"c\",\"customerId\":\"nobody\"}", 422,
         "is nobody that user-service knows"},
        {"GET", NOBODY, NULL, 404, "There is no checkout 01890000"},
        {"POST", NOBODY "/resume", "", 404, "There is no checkout 01890000"},
        {"GET", "/checkouts/%27%22%00", NULL, 404, ""},
        {"GET", "/checkouts/%27%22%5c%c3%28%0a", NULL, 404, "an id is 36 characters"},
        {"POST", "/checkouts/..%2f..%2fx/resume", "", 404, "an id is 36 characters"},
    };
    struct checkout_fixture checkout;
    struct text answer = {0};
    checkout_open(&checkout);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int status = calls(&checkout, rows[i].method, rows[i].path, NULL, rows[i].body, &answer);
        ck_assert_msg(status == rows[i].status && strstr(text_str(&answer), rows[i].says) != NULL,
                      "%s %s %s: %d %s", rows[i].method, rows[i].path,
                      rows[i].body != NULL ? rows[i].body : "", status, text_str(&answer));
    }
    ck_assert_int_eq(count_checkouts(&checkout), 0);
    text_release(&answer);
    checkout_close(&checkout);
}
END_TEST

START_TEST(an_id_with_more_behind_it_is_another_id)
{
    struct checkout_fixture checkout;
    char id[ID_SIZE], path[128];
    checkout_open(&checkout);
    place(&checkout, NULL, BODY, id);
    snprintf(path, sizeof path, "/checkouts/%sx", id);
    ck_assert_int_eq(calls(&checkout, "GET", path, NULL, NULL, NULL), 404);
    snprintf(path, sizeof path, "/checkouts/%sx/resume", id);
    ck_assert_int_eq(calls(&checkout, "POST", path, NULL, "", NULL), 404);
    checkout_close(&checkout);
}
END_TEST

START_TEST(strange_carts_and_coupons_are_rolled_back)
{
    static const char *const bodies[] = {
        "{\"cartId\":\"cart-0\",\"customerId\":\"user-1\"}",
        "{\"cartId\":\"cart-100000000\",\"customerId\":\"user-1\"}",
        "{\"cartId\":\"" LONG_64 "\",\"customerId\":\"user-1\"}",
        "{\"cartId\":\"\\\"\\\\\\n\\u20ac\",\"customerId\":\"user-1\"}",
        "{\"cartId\":\"cart-1\",\"customerId\":\"user-1\",\"coupon\":\"\\\"|%s\"}",
    };
    struct checkout_fixture checkout;
    char id[ID_SIZE];
    checkout_open(&checkout);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        place(&checkout, NULL, bodies[i], id);
        wait_for(&checkout, id, "\"phase\":\"ROLLED_BACK\"");
    }
    checkout_close(&checkout);
}
END_TEST

START_TEST(only_a_parked_checkout_is_resumed)
{
    struct checkout_fixture checkout;
    char id[ID_SIZE], path[128];
    struct text answer = {0};
    checkout_open(&checkout);
    fault(&checkout, "payment-service", FAULT_HANG);
    place(&checkout, NULL, BODY, id);
    snprintf(path, sizeof path, "/checkouts/%s/resume", id);
    ck_assert_int_eq(calls(&checkout, "POST", path, NULL, "", &answer), 409);
    ck_assert_ptr_nonnull(strstr(text_str(&answer), " is under way."));
    fault(&checkout, "payment-service", FAULT_NONE);
    kill_and_restart(&checkout);
    wait_for(&checkout, id, "\"phase\":\"COMPLETED\"");
    int status = 409;
    for (int i = 0; i < 2; i++, status = calls(&checkout, "POST", path, NULL, "", &answer))
        ck_assert_int_eq(status, 409);
    ck_assert_int_eq(status, 409);
    text_release(&answer);
    checkout_close(&checkout);
}
END_TEST

START_TEST(it_does_not_start_with_a_backoff_that_no_saga_takes)
{
    static const char *const environment[] = {"SAGA_BACKOFF_BASE_MS=3000",
                                              "CART_SERVICE_URL=http://127.0.0.1:1",
                                              "PRICING_SERVICE_URL=http://127.0.0.1:1",
                                              "INVENTORY_SERVICE_URL=http://127.0.0.1:1",
                                              "PAYMENT_SERVICE_URL=http://127.0.0.1:1",
                                              "SHIPPING_SERVICE_URL=http://127.0.0.1:1",
                                              "NOTIFICATION_SERVICE_URL=http://127.0.0.1:1",
                                              NULL};
    static const struct service_entry row = {.name = CHECKOUT,
                                             .program =
                                                 BUILD_FOLDER "/trees/solutions/03-saga/service",
                                             .student = 1,
                                             .environment = environment};
    struct fixture fixture;
    struct cluster *cluster = NULL;
    const char *failed = NULL;
    struct error err = {0};
    fixture_open(&fixture);
    struct cluster_options options = {
        .services = &row, .service_count = 1, .work_dir = fixture.dir};
    int result = cluster_start(&cluster, fixture.launcher, &options, &failed, &err);
    if (result == 0)
        cluster_stop(cluster);
    ck_assert_int_ne(result, 0);
    ck_assert_msg(strstr(err.text, "SAGA_BACKOFF_CAP_MS is 2000: it must not be") != NULL, "%s",
                  err.text);
    fixture_close(&fixture);
}
END_TEST

/* It takes the five seconds for which the kit waits for a lock. */
START_TEST(a_database_that_is_held_is_no_fault_of_the_request)
{
    struct checkout_fixture checkout;
    char id[ID_SIZE];
    struct text answer = {0};
    checkout_open(&checkout);
    ck_assert_int_eq(sqlite3_exec(checkout.db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    int status = calls(&checkout, "POST", "/checkouts", "k", BODY, &answer);
    ck_assert_msg(status == 503, "%d %s", status, text_str(&answer));
    ck_assert_int_eq(sqlite3_exec(checkout.db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    place(&checkout, "k", BODY, id);
    text_release(&answer);
    checkout_close(&checkout);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_repeated_request_is_the_same_checkout_also_after_kill,
                                  a_refused_request_uses_no_key_up,
                                  a_key_is_visible_ascii_of_a_limited_length,
                                  of_requests_that_race_one_begins_the_checkout,
                                  a_request_that_a_kill_left_without_an_answer_is_sent_again,
                                  bad_requests_are_refused_with_a_sentence,
                                  an_id_with_more_behind_it_is_another_id,
                                  strange_carts_and_coupons_are_rolled_back,
                                  only_a_parked_checkout_is_resumed,
                                  it_does_not_start_with_a_backoff_that_no_saga_takes,
                                  a_database_that_is_held_is_no_fault_of_the_request,
                                  NULL};
    return run_tests("saga_host", tests);
}
