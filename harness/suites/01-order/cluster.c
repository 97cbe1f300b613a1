/*
 * What lab 01's cluster checks share: the cluster, single calls, calls at once, comparisons.
 */
#include "suites/01-order/cluster.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/clock.h"
#include "kit/error.h"

const char ORDER_BODY[] =
    "{\"customerId\":\"" ORDER_CUSTOMER "\",\"items\":["
    "{\"productId\":\"prod-1\",\"productName\":\"Pen\",\"quantity\":2,\"unitPrice\":19.9},"
    "{\"productId\":\"prod-2\",\"quantity\":4,\"unitPrice\":5}]}";

int order_cluster(struct check_run *run, enum order_peers with, const char *const *environment)
{
    /* The first is all that an order needs; the others are only asked for their health. */
    static const char *const neighbours[] = {"user-service", "payment-service", "inventory-service",
                                             NULL};
    static const char *const users[] = {"user-service", NULL};
    char service[512], peers[3][512];
    const int peer_count = with == ORDER_WITH_ALL ? 3 : 1;
    struct service_entry services[4];
    for (int i = 0; i < peer_count; i++) {
        snprintf(peers[i], sizeof peers[i], "%s/%s", run->peers, neighbours[i]);
        services[i] = (struct service_entry){.name = neighbours[i], .program = peers[i]};
    }
    snprintf(service, sizeof service, "%s/service", run->programs);
    services[peer_count] =
        (struct service_entry){.name = "order-service",
                               .program = service,
                               .student = 1,
                               .needs = with == ORDER_WITH_ALL ? neighbours : users,
                               .environment = environment};
    return run_cluster(run, services, peer_count + 1);
}

/* --- single calls ---------------------------------------------------------------------------- */

void order_get(struct check_run *run, const char *path, struct http_reply *reply)
{
    run_http(run, "order-service", "GET", path, NULL, NULL, ORDER_ASK_MS, reply);
}

void order_post(struct check_run *run, const char *const *headers, const char *body,
                struct http_reply *reply)
{
    run_http(run, "order-service", "POST", "/orders", headers, body, ORDER_ASK_MS, reply);
}

void order_patch(struct check_run *run, const char *id, const char *status, const char *if_match,
                 struct http_reply *reply)
{
    char path[128], body[128], match[128];
    snprintf(path, sizeof path, "/orders/%s/status", id);
    snprintf(body, sizeof body, "{\"status\":\"%s\"}", status);
    snprintf(match, sizeof match, "If-Match: %s", if_match != NULL ? if_match : "");
    const char *const headers[] = {if_match != NULL ? match : NULL, NULL};
    run_http(run, "order-service", "PATCH", path, headers, body, ORDER_ASK_MS, reply);
}

int64_t order_lookups_faulted(struct check_run *run)
{
    struct peer_counts counts = {0};
    struct error err = {0};
    if (run_ended(run))
        return -1;
    if (cluster_counts(run->cluster, "user-service", &counts, &err) == 0)
        return counts.faulted;
    run_error(run, "%s", err.text);
    return -1;
}

int order_expect_lookup(struct check_run *run, int64_t before)
{
    const int64_t now = order_lookups_faulted(run);
    if (run_ended(run) || now > before)
        return run_ended(run);
    return run_fail(run, "fault not reached", "POST /orders asks user-service for the customer",
                    "user-service was not asked while it was broken");
}

char *order_placed(struct check_run *run)
{
    struct http_reply reply = {0};
    char *id = NULL;
    order_post(run, NULL, ORDER_BODY, &reply);
    if (run_expect_status(run, &reply, 201) == 0) {
        id = run_json(&reply, "id");
        if (id == NULL)
            run_fail(run, "wrong answer", "the order that was made, with its id", "%.400s",
                     text_str(&reply.body));
    }
    http_reply_release(&reply);
    return id;
}

/* --- comparisons ----------------------------------------------------------------------------- */

int order_expect_stored(struct check_run *run, const char *id, const char *status)
{
    char path[128];
    struct http_reply reply = {0};
    snprintf(path, sizeof path, "/orders/%s", id);
    order_get(run, path, &reply);
    const int wrong = run_expect_status(run, &reply, 200) ||
                      run_expect_json(run, &reply, "id", id) ||
                      run_expect_json(run, &reply, "status", status);
    http_reply_release(&reply);
    return wrong;
}

int order_expect_field(struct check_run *run, const struct http_reply *reply, const char *field)
{
    char path[64];
    char expected[160];
    char *named = NULL;
    int found = 0;
    if (run_expect_problem(run, reply, 422) != 0)
        return 1;
    for (int i = 0; !found; i++, free(named)) {
        snprintf(path, sizeof path, "errors[%d].field", i);
        named = run_json(reply, path);
        if (named == NULL)
            break;
        found = strcmp(named, field) == 0;
    }
    if (found)
        return 0;
    snprintf(expected, sizeof expected, "a member of \"errors\" whose \"field\" is \"%s\"", field);
    return run_fail(run, "wrong answer", expected, "%.600s", text_str(&reply->body));
}

int order_expect_same(struct check_run *run, const char *what, const struct text *first,
                      const struct text *second)
{
    cJSON *left = cJSON_Parse(text_str(first)), *right = cJSON_Parse(text_str(second));
    const int same = left != NULL && right != NULL && cJSON_Compare(left, right, 1);
    cJSON_Delete(left);
    cJSON_Delete(right);
    if (same)
        return 0;
    char expected[900];
    snprintf(expected, sizeof expected, "%s: %.700s", what, text_str(first));
    return run_fail(run, "wrong answer", expected, "%.700s", text_str(second));
}

int order_fits(const char *value, const char *wanted)
{
    if (value == NULL)
        return 0;
    return wanted[0] == '!' ? strcmp(value, wanted + 1) != 0 : strcmp(value, wanted) == 0;
}

int order_expect_member(struct check_run *run, const struct http_reply *reply, const char *path,
                        const char *wanted)
{
    char expected[160];
    char *value = wanted[0] == '!' ? run_json(reply, path) : NULL;
    const int fits = order_fits(value, wanted);
    free(value);
    if (wanted[0] != '!')
        return run_expect_json(run, reply, path, wanted);
    snprintf(expected, sizeof expected, "%s is there and not %s", path, wanted + 1);
    return fits ? 0 : run_fail(run, "wrong answer", expected, "%.700s", text_str(&reply->body));
}

int order_expect_count(struct check_run *run, const char *customer, int count)
{
    char path[128], last[32], past[32], expected[64];
    struct http_reply reply = {0};
    snprintf(path, sizeof path, "/orders?customerId=%s&limit=100", customer);
    snprintf(last, sizeof last, "orders[%d].id", count - 1);
    snprintf(past, sizeof past, "orders[%d].id", count);
    snprintf(expected, sizeof expected, "a list of %d orders of %s", count, customer);
    order_get(run, path, &reply);
    int wrong = run_expect_status(run, &reply, 200);
    if (wrong == 0) {
        char *first_missing = run_json(&reply, past);
        char *last_there = count > 0 ? run_json(&reply, last) : NULL;
        if (first_missing != NULL || (count > 0 && last_there == NULL))
            wrong = run_fail(run, "wrong answer", expected, "%.900s", text_str(&reply.body));
        free(first_missing);
        free(last_there);
    }
    http_reply_release(&reply);
    return wrong;
}

int order_hold_writes(struct check_run *run, const char *file, struct db **lock)
{
    char path[600];
    struct error err = {0};
    if (run_ended(run))
        return 1;
    snprintf(path, sizeof path, "%s/%s", cluster_dir(run->cluster, "order-service"), file);
    const struct db_config config = {.url = path, .busy_ms = ORDER_SETTLE_MS};
    if (db_open(lock, &config, &err) != 0 || db_script(*lock, "BEGIN IMMEDIATE", &err) != 0)
        return run_error(run, "cannot hold %s: %s", path, err.text);
    run_story(run, run_story_ms(run), STORY_FAULT, "order-service", NULL, "nobody can write to %s",
              file);
    return 0;
}

/* --- calls at once --------------------------------------------------------------------------- */

struct order_crowd {
    struct check_run *run;
    struct http_client *client;
    struct order_call *calls;
    char urls[ORDER_TOGETHER_MAX][512];
    pthread_t threads[ORDER_TOGETHER_MAX];
    int count; /* threads that run */
    atomic_int next, finished;
};

/* Each thread takes the next call; which thread makes which does not matter. */
static void *make_call(void *argument)
{
    struct order_crowd *crowd = argument;
    const int i = atomic_fetch_add(&crowd->next, 1);
    struct order_call *call = &crowd->calls[i];
    const struct http_call http = {.method = call->method,
                                   .url = crowd->urls[i],
                                   .body = call->body,
                                   .headers = call->headers,
                                   .deadline_ms = 2 * ORDER_ASK_MS};
    http_client_call(crowd->client, &http, &call->reply);
    atomic_fetch_add(&crowd->finished, 1);
    return NULL;
}

struct order_crowd *order_crowd_start(struct check_run *run, struct order_call *calls, int count)
{
    struct order_crowd *crowd = calloc(1, sizeof *crowd);
    if (crowd == NULL || (crowd->client = http_client_open()) == NULL) {
        run_error(run, "no memory for %d calls at once", count);
        free(crowd);
        return NULL;
    }
    crowd->run = run;
    crowd->calls = calls;
    const char *url = cluster_url(run->cluster, "order-service");
    for (int i = 0; i < count && i < ORDER_TOGETHER_MAX; i++) {
        snprintf(crowd->urls[i], sizeof crowd->urls[i], "%s%s", url, calls[i].path);
        run_story(run, run_story_ms(run), STORY_CALL, "judge", "order-service",
                  "%s %s (call %d, not waited for)", calls[i].method, calls[i].path, i + 1);
        if (pthread_create(&crowd->threads[i], NULL, make_call, crowd) != 0) {
            run_error(run, "cannot start a thread for a call");
            break;
        }
        crowd->count++;
    }
    return crowd;
}

int order_crowd_finished(const struct order_crowd *crowd)
{
    return atomic_load(&crowd->finished);
}

void order_crowd_wait(struct order_crowd *crowd)
{
    if (crowd == NULL)
        return;
    for (int i = 0; i < crowd->count; i++)
        pthread_join(crowd->threads[i], NULL);
    for (int i = 0; i < crowd->count; i++) {
        const struct http_reply *reply = &crowd->calls[i].reply;
        if (reply->outcome == HTTP_OK)
            run_story(crowd->run, run_story_ms(crowd->run), STORY_REPLY, "order-service", "judge",
                      "%d to call %d (%s)", reply->status, i + 1, crowd->calls[i].path);
        else
            run_story(crowd->run, run_story_ms(crowd->run), STORY_REPLY, "order-service", "judge",
                      "no answer to call %d (%s): %s", i + 1, crowd->calls[i].path,
                      http_outcome_name(reply->outcome));
    }
    http_client_close(crowd->client);
    free(crowd);
}

int order_together(struct check_run *run, struct order_call *calls, int count)
{
    struct order_crowd *crowd = order_crowd_start(run, calls, count);
    order_crowd_wait(crowd);
    return run_ended(run);
}

void order_together_release(struct order_call *calls, int count)
{
    for (int i = 0; i < count; i++)
        http_reply_release(&calls[i].reply);
}
