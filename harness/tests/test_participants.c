#define _GNU_SOURCE
/*
 * The saga's participants: what they refuse, and what they remember, also after kill -9.
 */
#include "tests/cluster_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "kit/http_client.h"

struct participants {
    struct fixture fixture;
    struct cluster *cluster;
};

static void participants_open(struct participants *participants)
{
    static const struct service_entry rows[] = {
        {.name = "cart-service", .program = BUILD_FOLDER "/peers/cart-service"},
        {.name = "pricing-service", .program = BUILD_FOLDER "/peers/pricing-service"},
        {.name = "inventory-service", .program = BUILD_FOLDER "/peers/inventory-service"},
        {.name = "payment-service", .program = BUILD_FOLDER "/peers/payment-service"},
        {.name = "shipping-service", .program = BUILD_FOLDER "/peers/shipping-service"},
        {.name = "notification-service", .program = BUILD_FOLDER "/peers/notification-service"},
    };
    fixture_open(&participants->fixture);
    participants->cluster =
        fixture_start(&participants->fixture, rows, sizeof rows / sizeof rows[0]);
}

static void participants_close(struct participants *participants)
{
    cluster_stop(participants->cluster);
    fixture_close(&participants->fixture);
}

/* One command. Empty members are the first that stands here. */
struct sent {
    const char *service, *step, *direction, *saga, *cart, *customer, *coupon, *amount, *key;
    int attempt;
};

static const char *or_else(const char *value, const char *otherwise)
{
    return value != NULL ? value : otherwise;
}

/* Sends it; its status, and its body when the caller wants it. */
static int sends(struct participants *participants, struct sent sent, char body[512])
{
    char url[128], key[128], json[512];
    const char *saga = or_else(sent.saga, "s-1"), *direction = or_else(sent.direction, "forward");
    snprintf(url, sizeof url, "%s/commands", cluster_url(participants->cluster, sent.service));
    if (sent.key != NULL)
        snprintf(key, sizeof key, "Idempotency-Key: %s", sent.key);
    else
        snprintf(key, sizeof key, "Idempotency-Key: %s:%s:%s", saga, sent.step, direction);
    snprintf(json, sizeof json,
             "{\"saga\":\"%s\",\"step\":\"%s\",\"direction\":\"%s\",\"attempt\":%d,"
             "\"cartId\":\"%s\",\"customerId\":\"%s\",\"coupon\":\"%s\",\"amount\":%s}",
             saga, sent.step, direction, sent.attempt, or_else(sent.cart, "cart-120"),
             or_else(sent.customer, "user-1"), or_else(sent.coupon, ""), or_else(sent.amount, "0"));
    const char *const headers[] = {key, NULL};
    struct http_call call = {
        .method = "POST", .url = url, .body = json, .headers = headers, .deadline_ms = 5000};
    struct http_reply reply;
    struct http_client *client = http_client_open();
    http_client_call(client, &call, &reply);
    int status = reply.status;
    if (body != NULL)
        snprintf(body, 512, "%s", text_str(&reply.body));
    http_reply_release(&reply);
    http_client_close(client);
    return status;
}

static void expect_ledger(struct participants *participants, const char *service,
                          const char *wanted)
{
    char url[128];
    struct http_reply reply;
    struct http_client *client = http_client_open();
    snprintf(url, sizeof url, "%s/ledger", cluster_url(participants->cluster, service));
    http_client_call(client, &(struct http_call){.url = url, .deadline_ms = 5000}, &reply);
    ck_assert_msg(strstr(text_str(&reply.body), wanted) != NULL, "wanted %s: %s", wanted,
                  text_str(&reply.body));
    http_reply_release(&reply);
    http_client_close(client);
}

static void kill_and_restart(struct participants *participants, const char *service)
{
    struct error err = {0};
    ck_assert_int_eq(cluster_kill(participants->cluster, service, SIGKILL), 0);
    ck_assert_msg(cluster_restart(participants->cluster, service, &err) == 0, "%s", err.text);
}

START_TEST(each_decides_by_its_rule)
{
    static const struct {
        struct sent sent;
        int status;
        const char *says;
    } rows[] = {
        {{.service = "cart-service", .step = "validate"},
         200,
         "{\"answer\":\"ok\",\"cents\":12000}"},
        {{.service = "cart-service", .step = "validate", .saga = "a", .cart = "cart-99999999"},
         200,
         "9999999900"},
        {{.service = "cart-service", .step = "validate", .saga = "b", .cart = "cart-100000000"},
         409,
         "costs more"},
        {{.service = "cart-service", .step = "validate", .saga = "c", .cart = "cart-0"},
         409,
         "empty"},
        {{.service = "cart-service", .step = "validate", .saga = "d", .cart = "cart-"},
         409,
         "no such cart"},
        {{.service = "cart-service", .step = "validate", .saga = "e", .cart = "cart-1234567890"},
         409,
         "no such cart"},
        {{.service = "pricing-service", .step = "discount"}, 200, "\"cents\":0}"},
        {{.service = "pricing-service", .step = "discount", .saga = "a", .coupon = "coupon-20"},
         200,
         "\"cents\":2000}"},
        {{.service = "pricing-service", .step = "discount", .saga = "b", .coupon = "free"},
         409,
         "no such coupon"},
        {{.service = "pricing-service", .step = "discount", .saga = "c", .coupon = "coupon-120"},
         200,
         "\"cents\":12000}"},
        {{.service = "pricing-service", .step = "discount", .saga = "d", .coupon = "coupon-121"},
         409,
         "more than the cart costs"},
        {{.service = "inventory-service", .step = "reserve"}, 200, "\"ok\""},
        {{.service = "inventory-service", .step = "reserve", .saga = "a", .cart = "sold-out-1"},
         409,
         "sold out"},
        {{.service = "payment-service", .step = "pay", .amount = "100.00"}, 200, "\"cents\":0}"},
        {{.service = "payment-service", .step = "pay", .saga = "a", .amount = "10000.01"},
         409,
         "limit"},
        {{.service = "payment-service", .step = "pay", .saga = "b", .amount = "-0.01"},
         409,
         "less than nothing"},
        {{.service = "shipping-service", .step = "ship"}, 200, "\"ok\""},
        {{.service = "shipping-service", .step = "ship", .saga = "a", .customer = "user-900"},
         409,
         "island"},
        {{.service = "notification-service", .step = "confirm"}, 200, "\"ok\""},
        {{.service = "notification-service", .step = "confirm", .saga = "a", .customer = "user-0"},
         409,
         "no address"},
        {{.service = "notification-service", .step = "pay", .saga = "b"}, 400, "does not take"},
        {{.service = "shipping-service", .step = "ship", .direction = "back", .saga = "b"},
         400,
         "does not take"},
        {{.service = "payment-service", .step = "pay", .direction = "sideways", .saga = "c"},
         400,
         "does not take"},
        {{.service = "payment-service", .step = "pay", .saga = "c", .key = ""},
         400,
         "needs an Idempotency-Key"},
        {{.service = "payment-service", .step = "pay", .saga = "c", .amount = "0.001"},
         400,
         "missing or wrong"},
        {{.service = "payment-service", .step = "pay", .saga = "c", .amount = "}"},
         400,
         "missing or wrong"},
    };
    struct participants participants;
    participants_open(&participants);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[512];
        int status = sends(&participants, rows[i].sent, body);
        ck_assert_msg(status == rows[i].status && strstr(body, rows[i].says) != NULL,
                      "row %zu: %d %s", i, status, body);
    }
    participants_close(&participants);
}
END_TEST

START_TEST(the_first_answer_to_a_key_is_given_for_ever)
{
    const struct sent charge = {
        .service = "payment-service", .step = "pay", .amount = "100.00", .attempt = 1};
    const struct sent refused = {
        .service = "payment-service", .step = "pay", .saga = "s-2", .amount = "20000"};
    struct sent again = charge, other = charge;
    struct participants participants;
    participants_open(&participants);
    again.attempt = 2;
    other.amount = "99.00";
    ck_assert_int_eq(sends(&participants, charge, NULL), 200);
    ck_assert_int_eq(sends(&participants, refused, NULL), 409);
    for (int life = 0; life < 2; life++) {
        ck_assert_int_eq(sends(&participants, again, NULL), 200);
        ck_assert_int_eq(sends(&participants, refused, NULL), 409);
        ck_assert_int_eq(sends(&participants, other, NULL), 400);
        expect_ledger(&participants, "payment-service",
                      "\"done\":1,\"undone\":0,\"barred\":0,\"cents\":10000,");
        kill_and_restart(&participants, "payment-service");
    }
    participants_close(&participants);
}
END_TEST

START_TEST(a_compensation_takes_back_once_or_bars)
{
    const struct sent charge = {.service = "payment-service", .step = "pay", .amount = "100.00"};
    struct sent refund = charge, early = charge, late = charge, wrong = charge;
    struct participants participants;
    participants_open(&participants);
    refund.direction = wrong.direction = early.direction = "back";
    wrong.amount = "99.00";
    wrong.key = "another";
    early.saga = late.saga = "s-2";
    ck_assert_int_eq(sends(&participants, charge, NULL), 200);
    ck_assert_int_eq(sends(&participants, wrong, NULL), 409); /* and this is not kept */
    ck_assert_int_eq(sends(&participants, refund, NULL), 200);
    ck_assert_int_eq(sends(&participants, refund, NULL), 200);
    ck_assert_int_eq(sends(&participants, early, NULL), 200); /* nothing is there to refund */
    kill_and_restart(&participants, "payment-service");
    ck_assert_int_eq(sends(&participants, late, NULL), 409);
    expect_ledger(&participants, "payment-service",
                  "\"done\":1,\"undone\":1,\"barred\":1,\"cents\":0,");
    participants_close(&participants);
}
END_TEST

START_TEST(a_ledger_cut_off_in_its_last_row_is_repaired)
{
    const struct sent charge = {.service = "payment-service", .step = "pay", .amount = "100.00"};
    struct sent second = charge;
    struct participants participants;
    char path[512];
    struct stat status;
    participants_open(&participants);
    second.saga = "s-2";
    ck_assert_int_eq(sends(&participants, charge, NULL), 200);
    ck_assert_int_eq(sends(&participants, second, NULL), 200);
    snprintf(path, sizeof path, "%s/payment-service.ledger",
             cluster_dir(participants.cluster, "payment-service"));
    ck_assert_int_eq(cluster_kill(participants.cluster, "payment-service", SIGKILL), 0);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(truncate(path, status.st_size - 1), 0);
    struct error err = {0};
    ck_assert_int_eq(cluster_restart(participants.cluster, "payment-service", &err), 0);
    expect_ledger(&participants, "payment-service", "\"done\":1,");
    ck_assert_int_eq(sends(&participants, second, NULL), 200);
    kill_and_restart(&participants, "payment-service");
    expect_ledger(&participants, "payment-service", "\"done\":2,");
    participants_close(&participants);
}
END_TEST

/* The file may grow up to there; RLIM_INFINITY lifts the limit again. */
static void limit_files(struct participants *participants, const char *service, rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    ck_assert_int_eq(
        prlimit(cluster_pid(participants->cluster, service), RLIMIT_FSIZE, &limit, NULL), 0);
}

START_TEST(a_row_that_did_not_fit_leaves_nothing_behind)
{
    const struct sent charge = {.service = "payment-service", .step = "pay", .amount = "100.00"};
    struct sent long_one = charge, short_one = charge;
    struct participants participants;
    char path[512], body[512];
    struct stat status, after;
    participants_open(&participants);
    long_one.saga = "s-2";
    long_one.cart = long_one.customer = long_one.coupon =
        "words-that-make-this-row-a-good-deal-longer-than-the-others";
    short_one.saga = "s-3";
    ck_assert_int_eq(sends(&participants, charge, NULL), 200);
    snprintf(path, sizeof path, "%s/payment-service.ledger",
             cluster_dir(participants.cluster, "payment-service"));
    ck_assert_int_eq(stat(path, &status), 0);
    limit_files(&participants, "payment-service", (rlim_t)(2 * status.st_size + 50));
    ck_assert_int_eq(sends(&participants, long_one, body), 503);
    ck_assert_msg(strstr(body, "the ledger cannot be written") != NULL, "%s", body);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_int_eq(after.st_size, status.st_size);

    limit_files(&participants, "payment-service", RLIM_INFINITY);
    ck_assert_int_eq(sends(&participants, short_one, NULL), 200);
    kill_and_restart(&participants, "payment-service");
    expect_ledger(&participants, "payment-service", "\"done\":2,");
    ck_assert_int_eq(sends(&participants, long_one, NULL), 200);
    participants_close(&participants);
}
END_TEST

START_TEST(a_damaged_ledger_is_refused)
{
    const struct sent charge = {.service = "payment-service", .step = "pay", .amount = "100.00"};
    struct participants participants;
    char path[512];
    participants_open(&participants);
    ck_assert_int_eq(sends(&participants, charge, NULL), 200);
    snprintf(path, sizeof path, "%s/payment-service.ledger",
             cluster_dir(participants.cluster, "payment-service"));
    ck_assert_int_eq(cluster_kill(participants.cluster, "payment-service", SIGKILL), 0);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(pwrite(fd, "!", 1, 40), 1);
    close(fd);
    struct error err = {0};
    ck_assert_int_ne(cluster_restart(participants.cluster, "payment-service", &err), 0);
    ck_assert_msg(strstr(err.text, "damaged at offset 0") != NULL, "%s", err.text);
    participants_close(&participants);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_decides_by_its_rule,
                                  the_first_answer_to_a_key_is_given_for_ever,
                                  a_compensation_takes_back_once_or_bars,
                                  a_ledger_cut_off_in_its_last_row_is_repaired,
                                  a_row_that_did_not_fit_leaves_nothing_behind,
                                  a_damaged_ledger_is_refused,
                                  NULL};
    return run_tests("participants", tests);
}
