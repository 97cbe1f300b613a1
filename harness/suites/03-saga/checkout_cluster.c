#include "suites/03-saga/checkout_cluster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "03-saga/service_inventory.h"
#include "suites/03-saga/timeline.h"
#include "kit/error.h"
#include "kit/json.h"
#include "kit/trace.h"

enum { ASK_MS = 10000, QUIET_MS = 2000, PICTURES_MAX = 6 };

static const char *const peers[SAGA_STEPS + 1] = {
    "cart-service",     "pricing-service",      "inventory-service", "payment-service",
    "shipping-service", "notification-service", "user-service"};

const char *shop_service(enum saga_step step)
{
    return peers[step];
}

int shop_open(struct shop *shop, struct check_run *run, struct shop_patience patience)
{
    enum { SERVICES = SAGA_STEPS + 2 };
    struct service_entry services[SERVICES];
    const char *needs[SAGA_STEPS + 2] = {NULL};
    char program[1024], programs[SAGA_STEPS + 1][1024], answer[40], attempts[40], compensations[60];
    *shop = (struct shop){.run = run, .client = http_client_open()};
    if (shop->client == NULL)
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

int shop_checkout(struct shop *shop, const char *cart, const char *customer, const char *coupon,
                  char id[ID_SIZE])
{
    struct check_run *run = shop->run;
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
    if (id[0] != '\0' && shop->checkouts < SHOP_CHECKOUTS_MAX)
        memcpy(shop->ids[shop->checkouts++], id, ID_SIZE);
    free(name);
    text_release(&body);
    http_reply_release(&reply);
    return ended;
}

/* A call that is in no story: where it only looks, it is not even in a trace. The caller releases
   reply. */
static void ask(struct shop *shop, const char *service, const char *method, const char *path,
                struct http_reply *reply)
{
    char url[256];
    struct trace trace = trace_from_header(NULL);
    trace.sampled = 0;
    snprintf(url, sizeof url, "%s%s", cluster_url(shop->run->cluster, service), path);
    struct http_call call = {.method = method, .url = url, .deadline_ms = QUIET_MS};
    if (strcmp(method, "GET") == 0)
        call.trace = &trace;
    http_client_call(shop->client, &call, reply);
}

enum saga_phase shop_phase(struct shop *shop, const char *id)
{
    char path[80];
    struct http_reply reply;
    enum saga_phase phase = SAGA_NEW;
    snprintf(path, sizeof path, "/checkouts/%s", id);
    ask(shop, CHECKOUT, "GET", path, &reply);
    if (reply.status == 501 && !run_ended(shop->run)) {
        http_reply_release(&reply); /* no use to wait: once more, for the story */
        run_http(shop->run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
        run_expect_status(shop->run, &reply, 200);
    }
    char *word = reply.status == 200 ? run_json(&reply, "phase") : NULL;
    for (int i = SAGA_RUNNING; i <= SAGA_ROLLED_BACK && word != NULL; i++)
        if (strcmp(word, saga_phase_name((enum saga_phase)i)) == 0)
            phase = (enum saga_phase)i;
    free(word);
    http_reply_release(&reply);
    return phase;
}

cJSON *shop_show(struct shop *shop, const char *id)
{
    char path[80];
    struct http_reply reply;
    snprintf(path, sizeof path, "/checkouts/%s", id);
    ask(shop, CHECKOUT, "GET", path, &reply);
    cJSON *body =
        reply.status == 200 ? json_parse(text_str(&reply.body), reply.body.length, NULL) : NULL;
    http_reply_release(&reply);
    return body;
}

struct waiting {
    struct shop *shop;
    const char *id, *service;
    enum saga_phase phase;
    int64_t faulted;
};

static int is_at_rest(void *context)
{
    struct waiting *waiting = context;
    waiting->phase = shop_phase(waiting->shop, waiting->id);
    return waiting->phase >= SAGA_PARKED || run_ended(waiting->shop->run);
}

int shop_expect_end(struct shop *shop, const char *id, enum saga_phase phase)
{
    struct waiting waiting = {.shop = shop, .id = id};
    struct http_reply reply = {0};
    char path[80];
    if (run_ended(shop->run))
        return 1;
    run_until(shop->run, SHOP_PATIENCE_MS, is_at_rest, &waiting);
    if (run_ended(shop->run) || waiting.phase == phase)
        return run_ended(shop->run);
    snprintf(path, sizeof path, "/checkouts/%s", id); /* once more, for the story */
    run_http(shop->run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(shop->run, &reply, 200) ||
                run_expect_json(shop->run, &reply, "phase", saga_phase_name(phase));
    if (ended && reply.status == 200)
        shop_accuse(shop, id, "it is %s, not %s", saga_phase_name(waiting.phase),
                    saga_phase_name(phase));
    http_reply_release(&reply);
    return ended;
}

int shop_expect_shown(struct shop *shop, const char *id)
{
    char path[80];
    struct http_reply reply = {0};
    snprintf(path, sizeof path, "/checkouts/%s", id);
    run_http(shop->run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(shop->run, &reply, 200);
    http_reply_release(&reply);
    return ended;
}

int shop_was_unheard(struct shop *shop, const char *id)
{
    struct timeline timeline = {.count = 0};
    cJSON *body = shop_show(shop, id);
    if (body != NULL)
        timeline_read(shop->run, body, &timeline);
    int unheard = timeline.unknown > 0;
    timeline_release(&timeline);
    cJSON_Delete(body);
    return unheard;
}

int shop_resume(struct shop *shop, const char *id)
{
    char path[80];
    struct http_reply reply;
    snprintf(path, sizeof path, "/checkouts/%s/resume", id);
    ask(shop, CHECKOUT, "POST", path, &reply);
    int status = reply.status;
    http_reply_release(&reply);
    return status;
}

static int is_struck(void *context)
{
    struct waiting *waiting = context;
    struct peer_counts counts = {0};
    cluster_counts(waiting->shop->run->cluster, waiting->service, &counts, NULL);
    return counts.faulted > waiting->faulted;
}

int shop_expect_struck(struct shop *shop, const char *service)
{
    struct waiting waiting = {.shop = shop, .service = service};
    if (run_ended(shop->run) || run_until(shop->run, SHOP_PATIENCE_MS, is_struck, &waiting))
        return run_ended(shop->run);
    int ended = run_fault_reached(shop->run, service); /* says so */
    if (shop->checkouts > 0)
        shop_accuse(shop, shop->ids[shop->checkouts - 1], "%s was never asked", service);
    return ended;
}

/* --- the books -------------------------------------------------------------------------------- */

static int64_t number(const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(value) ? (int64_t)value->valuedouble : 0;
}

/* The object of one checkout, or the whole; NULL when nothing was done for it. */
static const cJSON *entry_of(const cJSON *ledger, const char *id)
{
    const cJSON *entry = NULL;
    if (id == NULL)
        return ledger;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(ledger, "sagas"))
    {
        const cJSON *saga = cJSON_GetObjectItemCaseSensitive(entry, "saga");
        if (cJSON_IsString(saga) && strcmp(saga->valuestring, id) == 0)
            return entry;
    }
    return NULL;
}

int shop_book(struct shop *shop, const char *id, struct book *book)
{
    *book = (struct book){.paid_cents = 0};
    for (int i = 0; i < SAGA_STEPS && !run_ended(shop->run); i++) {
        struct http_reply reply;
        ask(shop, peers[i], "GET", "/ledger", &reply);
        cJSON *ledger = json_parse(text_str(&reply.body), reply.body.length, NULL);
        if (ledger == NULL || reply.status != 200)
            run_fail(shop->run, "wrong answer", "every service shows its ledger",
                     "GET /ledger at %s is answered %d", peers[i], reply.status);
        const cJSON *entry = entry_of(ledger, id);
        book->done[i] = (int)number(entry, "done");
        book->undone[i] = (int)number(entry, "undone");
        if (i == SAGA_PAY)
            book->paid_cents = number(entry, "cents");
        cJSON_Delete(ledger);
        http_reply_release(&reply);
    }
    return run_ended(shop->run);
}

struct shop_stock shop_stock(struct shop *shop)
{
    struct http_reply reply;
    ask(shop, peers[SAGA_RESERVE], "GET", "/ledger", &reply);
    cJSON *ledger = json_parse(text_str(&reply.body), reply.body.length, NULL);
    struct shop_stock stock = {.pending = -1};
    if (reply.status == 200)
        stock = (struct shop_stock){number(ledger, "pending"),
                                    INVENTORY_STOCK - number(ledger, "onHand")};
    cJSON_Delete(ledger);
    http_reply_release(&reply);
    return stock;
}

void shop_write_book(const struct book *book, struct text *out)
{
    for (int i = SAGA_DISCOUNT; i < SAGA_STEPS; i++)
        text_addf(out, "%s %d/%d ", saga_step_name((enum saga_step)i), book->done[i],
                  book->undone[i]);
    text_addf(out, "paid %lld.%02lld", (long long)(book->paid_cents / 100),
              (long long)(book->paid_cents % 100));
}

int shop_expect_book(struct shop *shop, const char *id, const char *wanted)
{
    struct book book;
    struct text got = {0}, expected = {0};
    if (run_ended(shop->run) || shop_book(shop, id, &book))
        return 1;
    shop_write_book(&book, &got);
    text_addf(&expected, "applied/taken back: %s", wanted);
    int ended = strcmp(text_str(&got), wanted) != 0 &&
                run_fail(shop->run, "wrong answer", text_str(&expected), "the ledgers say: %s",
                         text_str(&got));
    if (ended)
        shop_accuse_of_book(shop, id, &book, wanted);
    text_release(&got);
    text_release(&expected);
    return ended;
}

/* --- the end ---------------------------------------------------------------------------------- */

void shop_accuse(struct shop *shop, const char *id, const char *format, ...)
{
    va_list values;
    if (shop->accused[0] != '\0' || !run_ended(shop->run))
        return;
    snprintf(shop->accused, sizeof shop->accused, "%s", id);
    va_start(values, format);
    vsnprintf(shop->wrong, sizeof shop->wrong, format, values);
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

void shop_accuse_of_book(struct shop *shop, const char *id, const struct book *book,
                         const char *wanted)
{
    struct text words = {0};
    for (int i = SAGA_DISCOUNT; i < SAGA_STEPS; i++) {
        const char *step = saga_step_name((enum saga_step)i);
        char said[64];
        snprintf(said, sizeof said, "%s %d/%d ", step, book->done[i], book->undone[i]);
        if (strstr(wanted, said) == NULL)
            write_effect(step, book->done[i], book->undone[i], &words);
    }
    if (words.length == 0)
        text_addf(&words, "%lld.%02lld are paid", (long long)(book->paid_cents / 100),
                  (long long)(book->paid_cents % 100));
    shop_accuse(shop, id, "%s", text_str(&words));
    text_release(&words);
}

/* 1: something was sent twice, undone or left to a person. */
static int is_eventful(const struct timeline *timeline)
{
    for (int i = 0; i < timeline->count; i++) {
        const struct timeline_line *line = &timeline->lines[i];
        if (line->back || line->attempt > 1 || strncmp(line->words, "parked", 6) == 0)
            return 1;
    }
    return strcmp(timeline->phase, saga_phase_name(SAGA_ROLLED_BACK)) == 0;
}

/* Draws the checkouts: the accused first, then those with something to see. */
static void draw(struct shop *shop, const struct timeline *timelines, int count)
{
    int drawn = 0;
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < count && drawn < PICTURES_MAX; i++) {
            int is_accused = strcmp(timelines[i].id, shop->accused) == 0;
            if (turn != (is_accused ? 0 : is_eventful(&timelines[i]) ? 1 : 2))
                continue;
            timeline_draw(shop->run, &timelines[i]);
            drawn++;
        }
}

/* Where the service cannot be asked, the run's story stays. */
static void replace_story(struct shop *shop)
{
    struct timeline timeline = {.count = 0};
    cJSON *body = shop->accused[0] != '\0' ? shop_show(shop, shop->accused) : NULL;
    if (body != NULL && timeline_read(shop->run, body, &timeline) > 0)
        timeline_write_story(shop->run, &timeline, shop->wrong);
    timeline_release(&timeline);
    cJSON_Delete(body);
}

void shop_close(struct shop *shop)
{
    struct timeline timelines[SHOP_CHECKOUTS_MAX] = {{.count = 0}};
    int count = 0;
    while (shop->client != NULL && shop->run->cluster != NULL && count < shop->checkouts) {
        cJSON *body = shop_show(shop, shop->ids[count]);
        if (body == NULL)
            break;
        timeline_read(shop->run, body, &timelines[count++]);
        cJSON_Delete(body);
    }
    draw(shop, timelines, count);
    if (shop->client != NULL && shop->run->cluster != NULL)
        replace_story(shop);
    for (int i = 0; i < count; i++)
        timeline_release(&timelines[i]);
    http_client_close(shop->client);
}
