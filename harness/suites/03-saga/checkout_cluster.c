#include "suites/03-saga/checkout_cluster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "03-saga/service_inventory.h"
#include "base/json_read.h"
#include "kit/error.h"
#include "kit/trace.h"
#include "suites/03-saga/timeline.h"

enum { ASK_MS = 10000, QUIET_MS = 2000, PICTURES_MAX = 6 };

static const char *const peers[SAGA_STEPS + 1] = {
    "cart-service",     "pricing-service",      "inventory-service", "payment-service",
    "shipping-service", "notification-service", "user-service"};

const char *service_of_step(enum saga_step step)
{
    return peers[step];
}

int checkout_cluster_open(struct checkout_cluster *cluster, struct check_run *run,
                          struct saga_patience patience)
{
    enum { SERVICES = SAGA_STEPS + 2 };
    struct service_entry services[SERVICES];
    const char *needs[SAGA_STEPS + 2] = {0};
    char program[1024], programs[SAGA_STEPS + 1][1024], answer[40], attempts[40], compensations[60];
    *cluster = (struct checkout_cluster){.run = run, .client = http_client_open()};
    if (cluster->client == NULL)
        return run_error(run, "out of memory for an HTTP client");
    snprintf(answer, sizeof answer, "SAGA_ANSWER_MS=%d", patience.answer_ms);
    snprintf(attempts, sizeof attempts, "SAGA_ATTEMPTS=%d", patience.attempts);
    snprintf(compensations, sizeof compensations, "SAGA_COMPENSATION_ATTEMPTS=%d",
             patience.compensation_attempts);
    const char *const environment[] = {
        answer, attempts, compensations, "SAGA_BACKOFF_BASE_MS=5", "SAGA_BACKOFF_CAP_MS=40", NULL};
    snprintf(program, sizeof program, "%s/service", run->programs);
    services[0] = (struct service_entry){.name = CHECKOUT,
                                         .program = program,
                                         .student = 1,
                                         .needs = needs,
                                         .environment = environment};
    for (int i = 0; i < SAGA_STEPS + 1; i++) {
        needs[i] = peers[i];
        snprintf(programs[i], sizeof programs[i], "%s/%s", run->peers, peers[i]);
        services[i + 1] = (struct service_entry){.name = peers[i], .program = programs[i]};
    }
    static const char *const as_inventory[] = {"HOST=inventory", NULL};
    services[SAGA_RESERVE + 1].program = program;
    services[SAGA_RESERVE + 1].student = 1;
    services[SAGA_RESERVE + 1].environment = as_inventory;
    return run_cluster(run, services, SERVICES);
}

int checkout_place(struct checkout_cluster *cluster, const char *cart, const char *customer,
                   const char *coupon, char id[ID_SIZE])
{
    struct check_run *run = cluster->run;
    struct http_reply reply = {0};
    struct text body = {0};
    char location[80];
    text_addf(&body, "{\"cartId\":\"%s\",\"customerId\":\"%s\",\"coupon\":\"%s\"}", cart, customer,
              coupon);
    run_http(run, CHECKOUT, "POST", "/checkouts", NULL, text_str(&body), ASK_MS, &reply);
    int ended = run_expect_status(run, &reply, 202);
    char *name = ended ? NULL : run_json(&reply, "id");
    snprintf(id, ID_SIZE, "%s", name != NULL ? name : "");
    snprintf(location, sizeof location, "/checkouts/%s", id);
    ended = ended || run_expect_header(run, &reply, "Location", location);
    if (id[0] != '\0' && cluster->checkouts < CHECKOUTS_KEPT_MAX)
        memcpy(cluster->ids[cluster->checkouts++], id, ID_SIZE);
    free(name);
    text_release(&body);
    http_reply_release(&reply);
    return ended;
}

/* A call that is in no story: where it only looks, it is not even in a trace. The caller releases
   reply. */
static void ask(struct checkout_cluster *cluster, const char *service, const char *method,
                const char *path, struct http_reply *reply)
{
    char url[256];
    struct trace trace = trace_from_header(NULL);
    trace.sampled = 0;
    snprintf(url, sizeof url, "%s%s", cluster_url(cluster->run->cluster, service), path);
    struct http_call call = {.method = method, .url = url, .deadline_ms = QUIET_MS};
    if (strcmp(method, "GET") == 0)
        call.trace = &trace;
    http_client_call(cluster->client, &call, reply);
}

enum saga_phase checkout_phase(struct checkout_cluster *cluster, const char *id)
{
    char path[80];
    struct http_reply reply;
    enum saga_phase phase = SAGA_NEW;
    snprintf(path, sizeof path, "/checkouts/%s", id);
    ask(cluster, CHECKOUT, "GET", path, &reply);
    if (reply.status == 501 && !run_ended(cluster->run)) {
        http_reply_release(&reply); /* no use to wait: once more, for the story */
        run_http(cluster->run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
        run_expect_status(cluster->run, &reply, 200);
    }
    char *word = reply.status == 200 ? run_json(&reply, "phase") : NULL;
    for (int i = SAGA_RUNNING; i <= SAGA_ROLLED_BACK && word != NULL; i++)
        if (strcmp(word, saga_phase_name((enum saga_phase)i)) == 0)
            phase = (enum saga_phase)i;
    free(word);
    http_reply_release(&reply);
    return phase;
}

cJSON *checkout_get(struct checkout_cluster *cluster, const char *id)
{
    char path[80];
    struct http_reply reply;
    snprintf(path, sizeof path, "/checkouts/%s", id);
    ask(cluster, CHECKOUT, "GET", path, &reply);
    cJSON *body = reply.status == 200 ? json_of_text(&reply.body) : NULL;
    http_reply_release(&reply);
    return body;
}

struct waiting {
    struct checkout_cluster *cluster;
    const char *id, *service;
    enum saga_phase phase;
    int64_t faulted;
};

static int is_at_rest(void *context)
{
    struct waiting *waiting = context;
    waiting->phase = checkout_phase(waiting->cluster, waiting->id);
    return waiting->phase >= SAGA_PARKED || run_ended(waiting->cluster->run);
}

int checkout_expect_end(struct checkout_cluster *cluster, const char *id, enum saga_phase phase)
{
    struct waiting waiting = {.cluster = cluster, .id = id};
    struct http_reply reply = {0};
    char path[80];
    if (run_ended(cluster->run))
        return 1;
    run_until(cluster->run, CHECKOUT_WAIT_MS, is_at_rest, &waiting);
    if (run_ended(cluster->run) || waiting.phase == phase)
        return run_ended(cluster->run);
    snprintf(path, sizeof path, "/checkouts/%s", id); /* once more, for the story */
    run_http(cluster->run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(cluster->run, &reply, 200) ||
                run_expect_json(cluster->run, &reply, "phase", saga_phase_name(phase));
    if (ended && reply.status == 200)
        checkout_blame(cluster, id, "it is %s, not %s", saga_phase_name(waiting.phase),
                       saga_phase_name(phase));
    http_reply_release(&reply);
    return ended;
}

int checkout_expect_found(struct checkout_cluster *cluster, const char *id)
{
    char path[80];
    struct http_reply reply = {0};
    snprintf(path, sizeof path, "/checkouts/%s", id);
    run_http(cluster->run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(cluster->run, &reply, 200);
    http_reply_release(&reply);
    return ended;
}

int checkout_had_unknown(struct checkout_cluster *cluster, const char *id)
{
    struct timeline timeline = {0};
    cJSON *body = checkout_get(cluster, id);
    if (body != NULL)
        timeline_read(cluster->run, body, &timeline);
    int unheard = timeline.unknown > 0;
    timeline_release(&timeline);
    cJSON_Delete(body);
    return unheard;
}

int checkout_resume(struct checkout_cluster *cluster, const char *id)
{
    char path[80];
    struct http_reply reply;
    snprintf(path, sizeof path, "/checkouts/%s/resume", id);
    ask(cluster, CHECKOUT, "POST", path, &reply);
    int status = reply.status;
    http_reply_release(&reply);
    return status;
}

static int has_met_fault(void *context)
{
    struct waiting *waiting = context;
    struct peer_counts counts = {0};
    cluster_counts(waiting->cluster->run->cluster, waiting->service, &counts, NULL);
    return counts.faulted > waiting->faulted;
}

int checkout_expect_fault_met(struct checkout_cluster *cluster, const char *service)
{
    struct waiting waiting = {.cluster = cluster, .service = service};
    if (run_ended(cluster->run) ||
        run_until(cluster->run, CHECKOUT_WAIT_MS, has_met_fault, &waiting))
        return run_ended(cluster->run);
    int ended = run_fault_reached(cluster->run, service); /* says so */
    if (cluster->checkouts > 0)
        checkout_blame(cluster, cluster->ids[cluster->checkouts - 1], "%s was never asked",
                       service);
    return ended;
}

/* --- the ledgers --------------------------------------------------------------------------------
 */

/* The object of one checkout, or the whole; NULL when nothing was done for it. */
static const cJSON *entry_of(const cJSON *ledger, const char *id)
{
    const cJSON *entry = NULL;
    if (id == NULL)
        return ledger;
    cJSON_ArrayForEach(entry, json_member(ledger, "sagas"))
    {
        if (strcmp(json_member_text(entry, "saga"), id) == 0)
            return entry;
    }
    return NULL;
}

int ledgers_read(struct checkout_cluster *cluster, const char *id, struct ledger_totals *totals)
{
    *totals = (struct ledger_totals){0};
    for (int i = 0; i < SAGA_STEPS && !run_ended(cluster->run); i++) {
        struct http_reply reply;
        ask(cluster, peers[i], "GET", "/ledger", &reply);
        cJSON *ledger = json_of_text(&reply.body);
        if (ledger == NULL || reply.status != 200)
            run_fail(cluster->run, "wrong answer", "every service shows its ledger",
                     "GET /ledger at %s is answered %d", peers[i], reply.status);
        const cJSON *entry = entry_of(ledger, id);
        totals->done[i] = (int)json_member_int64(entry, "done");
        totals->undone[i] = (int)json_member_int64(entry, "undone");
        if (i == SAGA_PAY)
            totals->paid_cents = json_member_int64(entry, "cents");
        cJSON_Delete(ledger);
        http_reply_release(&reply);
    }
    return run_ended(cluster->run);
}

struct stock_totals stock_read(struct checkout_cluster *cluster)
{
    struct http_reply reply;
    ask(cluster, peers[SAGA_RESERVE], "GET", "/ledger", &reply);
    cJSON *ledger = json_of_text(&reply.body);
    struct stock_totals stock = {.pending = -1};
    if (reply.status == 200)
        stock = (struct stock_totals){json_member_int64(ledger, "pending"),
                                      INVENTORY_STOCK - json_member_int64(ledger, "onHand")};
    cJSON_Delete(ledger);
    http_reply_release(&reply);
    return stock;
}

void ledgers_write(const struct ledger_totals *totals, struct text *out)
{
    for (int i = SAGA_DISCOUNT; i < SAGA_STEPS; i++)
        text_addf(out, "%s %d/%d ", saga_step_name((enum saga_step)i), totals->done[i],
                  totals->undone[i]);
    text_addf(out, "paid %lld.%02lld", (long long)(totals->paid_cents / 100),
              (long long)(totals->paid_cents % 100));
}

int ledgers_expect(struct checkout_cluster *cluster, const char *id, const char *wanted)
{
    struct ledger_totals totals;
    struct text got = {0}, expected = {0};
    if (run_ended(cluster->run) || ledgers_read(cluster, id, &totals))
        return 1;
    ledgers_write(&totals, &got);
    text_addf(&expected, "applied/taken back: %s", wanted);
    int ended = strcmp(text_str(&got), wanted) != 0 &&
                run_fail(cluster->run, "wrong answer", text_str(&expected), "the ledgers say: %s",
                         text_str(&got));
    if (ended)
        checkout_blame_ledgers(cluster, id, &totals, wanted);
    text_release(&got);
    text_release(&expected);
    return ended;
}

/* --- the end ---------------------------------------------------------------------------------- */

void checkout_blame(struct checkout_cluster *cluster, const char *id, const char *format, ...)
{
    va_list values;
    if (cluster->blamed[0] != '\0' || !run_ended(cluster->run))
        return;
    snprintf(cluster->blamed, sizeof cluster->blamed, "%s", id);
    va_start(values, format);
    vsnprintf(cluster->wrong, sizeof cluster->wrong, format, values);
    va_end(values);
}

static const char *times(int count)
{
    return count == 1 ? "once" : count == 2 ? "twice" : "many times";
}

/* "pay was done once and never undone" */
static void write_effect(const char *step, int done, int undone, struct text *out)
{
    text_addf(out, "%s%s was ", out->length > 0 ? ", " : "", step);
    if (done == 0)
        text_add(out, "never done");
    else
        text_addf(out, "done %s", times(done));
    if (done > 0 && undone == 0)
        text_add(out, " and never undone");
    else if (undone > 0)
        text_addf(out, " and undone %s", times(undone));
}

void checkout_blame_ledgers(struct checkout_cluster *cluster, const char *id,
                            const struct ledger_totals *totals, const char *wanted)
{
    struct text words = {0};
    for (int i = SAGA_DISCOUNT; i < SAGA_STEPS; i++) {
        const char *step = saga_step_name((enum saga_step)i);
        char said[64];
        snprintf(said, sizeof said, "%s %d/%d ", step, totals->done[i], totals->undone[i]);
        if (strstr(wanted, said) == NULL)
            write_effect(step, totals->done[i], totals->undone[i], &words);
    }
    if (words.length == 0)
        text_addf(&words, "%lld.%02lld are paid", (long long)(totals->paid_cents / 100),
                  (long long)(totals->paid_cents % 100));
    checkout_blame(cluster, id, "%s", text_str(&words));
    text_release(&words);
}

/* 1: something was sent twice, undone or left to a person. */
static int is_eventful(const struct timeline *timeline)
{
    for (int i = 0; i < timeline->count; i++) {
        const struct timeline_line *entry = &timeline->lines[i];
        if (entry->back || entry->attempt > 1 || strncmp(entry->words, "parked", 6) == 0)
            return 1;
    }
    return strcmp(timeline->phase, saga_phase_name(SAGA_ROLLED_BACK)) == 0;
}

/* Draws the checkouts: the blamed one first, then those with something to see. */
static void draw(struct checkout_cluster *cluster, const struct timeline *timelines, int count)
{
    int drawn = 0;
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < count && drawn < PICTURES_MAX; i++) {
            int is_blamed = strcmp(timelines[i].id, cluster->blamed) == 0;
            if (turn != (is_blamed ? 0 : is_eventful(&timelines[i]) ? 1 : 2))
                continue;
            timeline_draw(cluster->run, &timelines[i]);
            drawn++;
        }
}

/* Where the service cannot be asked, the run's story stays. */
static void write_story(struct checkout_cluster *cluster)
{
    struct timeline timeline = {0};
    cJSON *body = cluster->blamed[0] != '\0' ? checkout_get(cluster, cluster->blamed) : NULL;
    if (body != NULL && timeline_read(cluster->run, body, &timeline) > 0)
        timeline_write_story(cluster->run, &timeline, cluster->wrong);
    timeline_release(&timeline);
    cJSON_Delete(body);
}

void checkout_cluster_close(struct checkout_cluster *cluster)
{
    struct timeline timelines[CHECKOUTS_KEPT_MAX] = {0};
    int count = 0;
    while (cluster->client != NULL && cluster->run->cluster != NULL && count < cluster->checkouts) {
        cJSON *body = checkout_get(cluster, cluster->ids[count]);
        if (body == NULL)
            break;
        timeline_read(cluster->run, body, &timelines[count++]);
        cJSON_Delete(body);
    }
    draw(cluster, timelines, count);
    if (cluster->client != NULL && cluster->run->cluster != NULL)
        write_story(cluster);
    for (int i = 0; i < count; i++)
        timeline_release(&timelines[i]);
    http_client_close(cluster->client);
}
