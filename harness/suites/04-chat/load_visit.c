/*
 * A visit from its coming to its end: it waits for a worker, works, makes its calls one after the
 * other, answers, and streams what it has to stream.
 */
#include "suites/04-chat/load_run.h"

#include <stddef.h>
#include "04-chat/load_costs.h"

#define US(microseconds) ((int64_t)1000 * (microseconds))

void load_drop(struct load_run *run, struct visit *visit)
{
    while (visit->first != NULL) {
        struct letter_item *item = visit->first;
        visit->first = item->next;
        pool_give(&run->letters, item);
    }
    pool_give(&run->visits, visit);
}

/* An event that was to come for it has come. */
static void let_go(struct load_run *run, struct visit *visit)
{
    if (--visit->holds == 0)
        load_drop(run, visit);
}

int64_t load_backoff(struct load_run *run, int attempt, int64_t base_us, int64_t max_us)
{
    int64_t most_us = base_us;
    for (int i = 1; i < attempt && most_us < max_us; i++)
        most_us *= 2;
    most_us = most_us < max_us ? most_us : max_us;
    return US((int64_t)chance_below(&run->backoffs, (uint32_t)most_us));
}

/* --- calls ------------------------------------------------------------------------------------ */

static void unlink_call(struct load_run *run, struct visit *call)
{
    struct load_line *line = &run->lines[load_node(run, call->node)];
    if (call->earlier != NULL)
        call->earlier->later = call->later;
    else
        line->first = call->later;
    if (call->later != NULL)
        call->later->earlier = call->earlier;
    else
        line->last = call->earlier;
    call->parent->pending = NULL;
    call->parent = NULL;
}

static void time_line(struct load_run *run, struct load_line *line)
{
    if (line->is_timed || line->first == NULL)
        return;
    line->is_timed = 1;
    load_add(run, line->first->deadline_ns - run->events.now_ns, LOAD_TIMEOUT, line);
}

static void make_call(struct load_run *run, struct visit *visit)
{
    const int node = visit->node->calls[visit->next_call];
    struct load_line *line = &run->lines[node];
    struct visit *call = load_visit(run, node, &visit->letter);
    if (call == NULL)
        return;
    visit->attempt++;
    visit->pending = call;
    call->parent = visit;
    call->letter_count = visit->letter_count;
    call->deadline_ns = run->events.now_ns + US(1000 * call->node->hop->timeout_ms);
    call->earlier = line->last;
    if (line->last != NULL)
        line->last->later = call;
    else
        line->first = call;
    line->last = call;
    time_line(run, line);
    load_add(run, run->plan->costs.hop_ns, LOAD_REACH, call);
}

/* The call that the visit waited for has come to nothing. */
static void call_failed(struct load_run *run, struct visit *visit)
{
    const struct design_hop *hop = run->plan->nodes[visit->node->calls[visit->next_call]].hop;
    if (visit->attempt < hop->attempts) {
        load_add(run, load_backoff(run, visit->attempt, COST_BACKOFF_US, COST_BACKOFF_MAX_US),
                 LOAD_RETRY, visit);
        return;
    }
    if (hop->fallback == OR_FAIL) {
        visit->has_failed = 1;
        visit->next_call = visit->node->call_count;
    } else {
        run->seen.degraded += load_is_measured(run);
        visit->next_call++;
    }
    visit->attempt = 0;
    load_go_on(run, visit);
}

void load_retry(struct load_run *run, struct visit *visit)
{
    make_call(run, visit);
}

void load_answer(struct load_run *run, struct visit *call)
{
    struct visit *visit = call->parent;
    const int has_failed = call->has_failed;
    if (visit != NULL)
        unlink_call(run, call);
    let_go(run, call);
    if (visit == NULL)
        return; /* it comes too late */
    if (has_failed) {
        call_failed(run, visit);
    } else {
        visit->next_call++;
        visit->attempt = 0;
        load_go_on(run, visit);
    }
}

void load_timeout(struct load_run *run, int node)
{
    struct load_line *line = &run->lines[node];
    line->is_timed = 0;
    while (line->first != NULL && line->first->deadline_ns <= run->events.now_ns) {
        struct visit *visit = line->first->parent;
        unlink_call(run, line->first); /* it goes on by itself, and nobody hears of it */
        run->seen.timed_out += load_is_measured(run);
        call_failed(run, visit);
    }
    time_line(run, line);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void client_is_done(struct load_run *run, struct visit *visit)
{
    const int is_send = load_node(run, visit->node) == PLAN_CLIENT;
    const int is_back = load_node(run, visit->node) == run->plan->catch_up;
    const int has_failed = visit->has_failed, tries = visit->tries;
    if (is_send && visit->letter.is_counted) {
        const int64_t took_ns = run->events.now_ns - visit->letter.sent_ns;
        run->seen.failed += has_failed;
        if (has_failed) {
            load_due(run, &visit->letter, -1);
        } else {
            histogram_add(&run->seen.answers, took_ns);
            load_came(run, &run->seen.answered, &visit->letter, ANSWER_LIMIT_MS, took_ns, 1);
        }
    }
    for (int i = 0; i < visit->node->post_count && !has_failed; i++)
        load_post(run, visit->node->posts[i], 0, &visit->letter);
    load_drop(run, visit);
    if (is_back && has_failed)
        load_refused_client(run, tries);
    else if (is_back)
        load_is_back(run);
}

static void post_all(struct load_run *run, const struct visit *visit)
{
    for (int i = 0; i < visit->node->post_count; i++) {
        if (visit->first == NULL)
            load_post(run, visit->node->posts[i], visit->instance, &visit->letter);
        for (struct letter_item *item = visit->first; item != NULL; item = item->next)
            load_post(run, visit->node->posts[i], visit->instance, &item->letter);
    }
}

/* All calls are done: the answer goes out, then what follows from it. */
static void finish(struct load_run *run, struct visit *visit)
{
    if (visit->node->service == DESIGN_CLIENT) {
        client_is_done(run, visit);
        return;
    }
    int64_t stream_ns = 0;
    if (!visit->has_failed) {
        post_all(run, visit);
        stream_ns = load_stream(run, visit, run->events.now_ns);
    } else if (visit->first != NULL) {
        load_lose(run, visit->node, visit->letter_count);
    }
    visit->holds = 1;
    if (visit->parent != NULL) {
        visit->holds++;
        load_add(run, run->plan->costs.hop_ns, LOAD_ANSWER, visit);
    }
    if (stream_ns > 0)
        load_add(run, stream_ns, LOAD_RELEASE, visit);
    else
        load_release(run, visit);
}

void load_go_on(struct load_run *run, struct visit *visit)
{
    if (visit->next_call < visit->node->call_count)
        make_call(run, visit);
    else
        finish(run, visit);
}

/* --- work ------------------------------------------------------------------------------------- */

static void begin_work(struct load_run *run, struct visit *visit)
{
    const struct plan_node *node = visit->node;
    const int64_t rows = visit->letter_count > 1 ? visit->letter_count : 1;
    visit->began_ns = run->events.now_ns;
    load_add(run, service_time_draw(&node->work, &run->services) + rows * node->row_ns, LOAD_WORKED,
             visit);
}

void load_worked(struct load_run *run, struct visit *visit)
{
    load_go_on(run, visit);
}

void load_release(struct load_run *run, struct visit *visit)
{
    struct load_service *served = &run->served[visit->node->service];
    if (visit->node->is_written && load_is_measured(run)) {
        const int64_t measured_ns = run->scenario->measured_ns;
        served->lanes[visit->partition].busy_ns +=
            run->events.now_ns - (visit->began_ns > measured_ns ? visit->began_ns : measured_ns);
    }
    struct station_job *next =
        station_finish(&served->stations[visit->instance], &visit->job, run->events.now_ns);
    if (next != NULL)
        begin_work(run, (struct visit *)next);
    const int is_handshake = visit->node->hop == NULL, tries = visit->tries;
    let_go(run, visit);
    if (is_handshake)
        load_connected(run, tries);
}

/* The instance that the visit goes to; of a batch it is chosen already. */
static void choose_instance(struct load_run *run, struct visit *visit)
{
    const struct plan_node *node = visit->node;
    const struct design_service *service = &run->plan->model->services[node->service];
    const int lost = node->service == run->plan->gateway ? run->scenario->lost_gateways : 0;
    const uint32_t instances = (uint32_t)(service->instances - lost);
    if (node->target == TARGET_ANY || node->target == TARGET_READERS) {
        visit->instance = (int)chance_below(&run->routes, instances);
        return;
    }
    visit->partition = load_partition(run, node, &visit->letter);
    uint32_t instance = visit->partition;
    if (!node->is_written)
        instance += chance_below(&run->routes, (uint32_t)service->copies);
    visit->instance = (int)(instance % instances);
}

static void refused(struct load_run *run, struct visit *visit)
{
    if (load_is_measured(run) && load_node(run, visit->node) < run->plan->handshake)
        run->seen.refused[visit->node->service]++;
    if (visit->parent != NULL) {
        visit->has_failed = 1;
        visit->holds = 1;
        load_add(run, run->plan->costs.hop_ns, LOAD_ANSWER, visit);
    } else if (visit->node->hop == NULL) {
        const int tries = visit->tries;
        load_drop(run, visit);
        load_refused_client(run, tries);
    } else if (visit->first != NULL) {
        load_post_refused(run, visit);
    } else {
        load_drop(run, visit); /* a call that nobody waits for any more */
    }
}

void load_reach(struct load_run *run, struct visit *visit)
{
    const struct plan_node *node = visit->node;
    struct load_service *served = &run->served[node->service];
    if (visit->first == NULL)
        choose_instance(run, visit);
    struct station_lane *lane = node->is_written ? &served->lanes[visit->partition].lane : NULL;
    switch (
        station_offer(&served->stations[visit->instance], &visit->job, lane, run->events.now_ns)) {
    case STATION_STARTED:
        begin_work(run, visit);
        break;
    case STATION_REFUSED:
        refused(run, visit);
        break;
    case STATION_QUEUED:
        break;
    }
}
