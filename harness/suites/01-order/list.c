/*
 * Lab 01, step 3, A1: GET /orders?customerId=..., newest first, in pages.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/01-order/cluster.h"

enum { CROWD = 24, CROWDS_MAX = 10, ORDERS_MAX = CROWD * CROWDS_MAX };

struct placed {
    char created_at[40];
    char id[64];
};

/* As the list must have them: createdAt, then id, descending. */
static int newest_first(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    const int by_time = strcmp(right->created_at, left->created_at);
    return by_time != 0 ? by_time : strcmp(right->id, left->id);
}

static int note_placed(struct check_run *run, const struct http_reply *reply, struct placed *placed)
{
    char *id = NULL, *created_at = NULL;
    int wrong = run_expect_status(run, reply, 201);
    if (wrong == 0) {
        id = run_json(reply, "id");
        created_at = run_json(reply, "createdAt");
        if (id == NULL || created_at == NULL)
            wrong = run_fail(run, "wrong answer", "an order with id and createdAt", "%.400s",
                             text_str(&reply->body));
        else {
            snprintf(placed->id, sizeof placed->id, "%s", id);
            snprintf(placed->created_at, sizeof placed->created_at, "%s", created_at);
        }
    }
    free(id);
    free(created_at);
    return wrong;
}

static int place_crowd(struct check_run *run, struct placed *placed)
{
    struct order_call calls[CROWD];
    for (int i = 0; i < CROWD; i++)
        calls[i] = (struct order_call){.method = "POST", .path = "/orders", .body = ORDER_BODY};
    int wrong = order_together(run, calls, CROWD);
    for (int i = 0; i < CROWD && wrong == 0; i++)
        wrong = note_placed(run, &calls[i].reply, &placed[i]);
    order_together_release(calls, CROWD);
    return wrong;
}

/* Where the judge is in a list that it follows page by page. */
struct walk {
    const struct placed *expected; /* the whole list, as it must be */
    int expected_count;
    int limit;
    int count;        /* orders seen so far */
    char cursor[256]; /* of the next page; "" at the beginning and at the end */
};

/* The cursor is opaque: it may hold any character, so it is escaped. */
static void page_path(const struct walk *walk, struct text *path)
{
    text_addf(path, "/orders?customerId=" ORDER_CUSTOMER "&limit=%d", walk->limit);
    if (walk->cursor[0] != '\0')
        text_add(path, "&cursor=");
    for (const char *byte = walk->cursor; *byte != '\0'; byte++)
        text_addf(path, isalnum((unsigned char)*byte) ? "%c" : "%%%02X", (unsigned char)*byte);
}

/* Each order of the page must be the next one of the list. */
static int expect_orders(struct check_run *run, struct walk *walk, const struct http_reply *page)
{
    for (int place = 0;; place++, walk->count++) {
        char path[32];
        snprintf(path, sizeof path, "orders[%d].id", place);
        char *id = run_json(page, path);
        if (id == NULL)
            return 0;
        const int more = walk->count < walk->expected_count && place < walk->limit;
        const char *right = more ? walk->expected[walk->count].id : "no further order";
        const int wrong =
            strcmp(id, right) != 0 &&
            run_fail(run, "wrong answer", right, "%s at place %d of this page", id, place);
        free(id);
        if (wrong)
            return 1;
    }
}

static int read_page(struct check_run *run, struct walk *walk)
{
    struct text path = {0};
    struct http_reply page = {0};
    const int before = walk->count;
    page_path(walk, &path);
    order_get(run, text_str(&path), &page);
    int wrong = run_expect_status(run, &page, 200) || expect_orders(run, walk, &page);
    char *next = wrong ? NULL : run_json(&page, "nextCursor");
    const int last = next == NULL || strcmp(next, "null") == 0;
    snprintf(walk->cursor, sizeof walk->cursor, "%s", last ? "" : next);
    free(next);
    text_release(&path);
    http_reply_release(&page);
    if (!wrong && !last && walk->count == before)
        wrong = run_fail(run, "wrong answer", "nextCursor null after the last order",
                         "a page without orders that has a cursor");
    return wrong;
}

/* Reads on to the end of the list. */
static int read_all(struct check_run *run, struct walk *walk)
{
    do {
        if (read_page(run, walk) != 0)
            return 1;
    } while (walk->cursor[0] != '\0');
    if (walk->count == walk->expected_count)
        return 0;
    return run_fail(run, "wrong answer", walk->expected[walk->count].id,
                    "the list ends after %d of %d orders", walk->count, walk->expected_count);
}

static void list_is_newest_first(struct check_run *run)
{
    struct placed placed[3];
    struct walk walk = {.expected = placed, .expected_count = 3, .limit = 20};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0 ||
        order_expect_count(run, ORDER_CUSTOMER, 0) != 0)
        return;
    for (int i = 0; i < 3; i++) {
        struct http_reply reply = {0};
        order_post(run, NULL, ORDER_BODY, &reply);
        const int wrong = note_placed(run, &reply, &placed[i]);
        http_reply_release(&reply);
        if (wrong != 0)
            return;
    }
    qsort(placed, 3, sizeof placed[0], newest_first);
    (void)(read_all(run, &walk) || order_expect_count(run, "user-456", 0));
}

static int share_a_time(const struct placed *placed, int count)
{
    for (int i = 1; i < count; i++)
        if (strcmp(placed[i - 1].created_at, placed[i].created_at) == 0)
            return 1;
    return 0;
}

/* Crowds of orders until two share their createdAt, sorted; how many, or 0 once a verdict stands. A
   service that never gives two orders one time is let off: there is nothing to mix up. */
static int place_twins(struct check_run *run, struct placed *placed)
{
    int count = 0;
    do {
        if (place_crowd(run, placed + count) != 0)
            return 0;
        count += CROWD;
        qsort(placed, (size_t)count, sizeof placed[0], newest_first);
    } while (!share_a_time(placed, count) && count < ORDERS_MAX);
    return count;
}

static void pages_have_no_holes(struct check_run *run)
{
    struct placed *placed = calloc(ORDERS_MAX, sizeof *placed);
    struct walk walk = {.expected = placed, .limit = 1};
    if (placed != NULL && order_cluster(run, ORDER_WITH_USERS, NULL) == 0 &&
        (walk.expected_count = place_twins(run, placed)) > 0 && read_page(run, &walk) == 0) {
        /* A newer order between two pages moves nothing that is still to come. */
        free(order_placed(run));
        (void)(run_ended(run) || read_all(run, &walk));
    }
    free(placed);
}

static void limit_is_1_to_100(struct check_run *run)
{
    static const struct {
        const char *query;
        int at_most;
    } lists[] = {{"", 20}, {"&limit=1", 1}, {"&limit=100", CROWD}};
    struct placed placed[CROWD];
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0 || place_crowd(run, placed) != 0)
        return;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        char path[128], last[32], past[32], expected[64];
        snprintf(path, sizeof path, "/orders?customerId=" ORDER_CUSTOMER "%s", lists[i].query);
        snprintf(last, sizeof last, "orders[%d].id", lists[i].at_most - 1);
        snprintf(past, sizeof past, "orders[%d].id", lists[i].at_most);
        snprintf(expected, sizeof expected, "%d of the %d orders", lists[i].at_most, CROWD);
        order_get(run, path, &reply);
        if (run_expect_status(run, &reply, 200) == 0) {
            char *there = run_json(&reply, last), *missing = run_json(&reply, past);
            if (there == NULL || missing != NULL)
                run_fail(run, "wrong answer", expected, "%s of them for %s",
                         there == NULL ? "fewer" : "more", path);
            free(there);
            free(missing);
        }
        http_reply_release(&reply);
    }
}

const struct check order_list_checks[] = {
    {.id = "list_is_newest_first",
     .rule = "GET /orders?customerId= lists that customer's orders, newest first; none is an empty "
             "list.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "lists",
     .hints = {"Look at what is left when createdAt does not decide.",
               "ORDER BY created_at_ms DESC, id DESC, for this customer alone."},
     .run = list_is_newest_first},
    {.id = "pages_have_no_holes_or_doubles",
     .rule = "Pages follow each other by the cursor without a gap or a duplicate, even when orders "
             "share createdAt and newer ones arrive in between.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "lists",
     .hints = {"What does page 2 show when an order arrives after page 1 was read?",
               "A cursor names the last order that was given (createdAt and id), never a place "
               "number.",
               "WHERE (created_at_ms, id) < (?, ?): both columns, since many orders share a "
               "millisecond."},
     .run = pages_have_no_holes},
    {.id = "list_limit_is_1_to_100_and_20_by_itself",
     .rule = "limit is 1 to 100, and 20 when it is not given.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "lists",
     .hints = {"http_query gives NULL for a parameter that is not there.",
               "ORDER_PAGE_DEFAULT and ORDER_PAGE_MAX name both numbers."},
     .run = limit_is_1_to_100},
    {0},
};
