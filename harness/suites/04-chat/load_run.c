/*
 * One run of the simulation: what it is made of, what happens, and what was seen in the end.
 */
#include "suites/04-chat/load_run.h"

#include <stdlib.h>
#include "kit/error.h"

#define MS_NS INT64_C(1000000)

void load_add(struct load_run *run, int64_t after_ns, uint32_t kind, void *subject)
{
    (void)events_add(&run->events, run->events.now_ns + after_ns, kind, subject);
}

int load_node(const struct load_run *run, const struct plan_node *node)
{
    return (int)(node - run->plan->nodes);
}

int load_is_measured(const struct load_run *run)
{
    return run->events.now_ns >= run->scenario->measured_ns;
}

void load_lose(struct load_run *run, const struct plan_node *node, int count)
{
    if (!load_is_measured(run))
        return;
    run->seen.lost += count;
    run->seen.lost_on[load_node(run, node)] += count;
}

/* NULL when there is no room; the run is overloaded then. */
struct visit *load_visit(struct load_run *run, int node, const struct letter *letter)
{
    struct visit *visit = pool_take(&run->visits);
    if (visit == NULL) {
        run->events.overloaded = 1;
        return NULL;
    }
    visit->node = &run->plan->nodes[node];
    if (letter != NULL)
        visit->letter = *letter;
    return visit;
}

uint32_t load_partition(const struct load_run *run, const struct plan_node *node,
                        const struct letter *letter)
{
    const uint32_t partitions = (uint32_t)run->plan->model->services[node->service].partitions;
    const uint32_t hash = node->target == TARGET_CHANNEL     ? letter->channel
                          : node->target == TARGET_WORKSPACE ? letter->workspace
                                                             : letter->row;
    return hash % partitions;
}

/* --- what is in time -------------------------------------------------------------------------- */

static int has_time(const struct load_run *run, const struct letter *letter, int limit_ms)
{
    return letter->is_counted && letter->sent_ns + limit_ms * MS_NS <= run->scenario->end_ns;
}

/* In the partition of the huge channel, and not of it. */
int load_is_beside(const struct load_run *run, const struct letter *letter)
{
    return run->scenario->has_huge_channel && !letter->is_huge && run->plan->store != PLAN_NONE &&
           load_partition(run, &run->plan->nodes[run->plan->store], letter) == run->huge_partition;
}

void load_due(struct load_run *run, const struct letter *letter, int sign)
{
    struct load_seen *seen = &run->seen;
    if (sign > 0)
        seen->answered.due += has_time(run, letter, ANSWER_LIMIT_MS);
    if (!has_time(run, letter, DELIVERY_LIMIT_MS))
        return;
    seen->delivered.due += sign * letter->readers;
    if (load_is_beside(run, letter))
        seen->delivered_beside.due += sign * letter->readers;
}

void load_came(struct load_run *run, struct punctual *punctual, const struct letter *letter,
               int limit_ms, int64_t took_ns, int64_t count)
{
    if (has_time(run, letter, limit_ms) && took_ns <= limit_ms * MS_NS)
        punctual->in_time += count;
}

/* --- the run ---------------------------------------------------------------------------------- */

static int make_service(struct load_run *run, const struct plan_node *node)
{
    const struct design_service *service = &run->plan->model->services[node->service];
    struct load_service *served = &run->served[node->service];
    if (served->stations == NULL) {
        served->stations = calloc((size_t)service->instances, sizeof *served->stations);
        for (int i = 0; i < service->instances && served->stations != NULL; i++)
            station_begin(&served->stations[i], service->workers, service->queue);
    }
    if (node->is_written && served->lanes == NULL) {
        served->lanes = calloc((size_t)service->partitions, sizeof *served->lanes);
        return served->stations != NULL && served->lanes != NULL;
    }
    return served->stations != NULL;
}

static int make_outboxes(struct load_run *run, int node)
{
    const int from = run->plan->nodes[node].hop->from;
    const int count = from >= 0 ? run->plan->model->services[from].instances : 1;
    run->outboxes[node] = calloc((size_t)count, sizeof *run->outboxes[node]);
    for (int i = 0; i < count && run->outboxes[node] != NULL; i++)
        run->outboxes[node][i].node = &run->plan->nodes[node];
    return run->outboxes[node] != NULL;
}

/* 0 when memory is out. */
static int make_parts(struct load_run *run)
{
    const struct chat_plan *plan = run->plan;
    int made = 1;
    for (int i = 0; i < plan->node_count && made; i++) {
        const struct plan_node *node = &plan->nodes[i];
        if (node->service >= 0)
            made = make_service(run, node);
        if (made && node->hop != NULL && node->hop->kind != DESIGN_CALL)
            made = make_outboxes(run, i);
    }
    pool_begin(&run->visits, sizeof(struct visit), LOAD_VISITS_MAX);
    pool_begin(&run->letters, sizeof(struct letter_item), LOAD_LETTERS_MAX);
    return made;
}

static void release_parts(struct load_run *run)
{
    for (int i = 0; i < DESIGN_SERVICES_MAX; i++) {
        free(run->served[i].stations);
        free(run->served[i].lanes);
    }
    for (int i = 0; i < PLAN_NODES_MAX; i++)
        free(run->outboxes[i]);
    pool_release(&run->visits);
    pool_release(&run->letters);
    events_release(&run->events);
}

static void happen(struct load_run *run, const struct event *event)
{
    switch (event->kind) {
    case LOAD_ARRIVE:
        load_arrive(run);
        break;
    case LOAD_ARRIVE_HUGE:
        load_arrive_huge(run);
        break;
    case LOAD_BEAT:
        load_beat(run);
        break;
    case LOAD_REACH:
        load_reach(run, event->subject);
        break;
    case LOAD_WORKED:
        load_worked(run, event->subject);
        break;
    case LOAD_RELEASE:
        load_release(run, event->subject);
        break;
    case LOAD_ANSWER:
        load_answer(run, event->subject);
        break;
    case LOAD_RETRY:
        load_retry(run, event->subject);
        break;
    case LOAD_TIMEOUT:
        load_timeout(run, (int)((struct load_line *)event->subject - run->lines));
        break;
    case LOAD_FLUSH:
        load_flush(run, event->subject, 1);
        break;
    default:
        load_return(run, (int)(event->kind - LOAD_RETURN));
        break;
    }
}

static void measure_from_here(struct load_run *run)
{
    const struct chat_model *model = run->plan->model;
    for (int i = 0; i < model->service_count; i++)
        for (int k = 0; run->served[i].stations != NULL && k < model->services[i].instances; k++)
            station_measure(&run->served[i].stations[k], run->scenario->measured_ns);
    if (run->scenario->has_storm)
        load_storm_begin(run);
}

static void play(struct load_run *run)
{
    const struct load_scenario *scenario = run->scenario;
    struct event event;
    int is_warm = 0;
    load_arrive_first(run);
    while (events_next(&run->events, &event) && event.at_ns < scenario->end_ns) {
        if (!is_warm && event.at_ns >= scenario->measured_ns) {
            measure_from_here(run);
            is_warm = 1;
        }
        happen(run, &event);
        if (++run->seen.events >= scenario->events_max)
            run->events.overloaded = 1;
        if (scenario->ends_when_back && run->seen.back_99_ns > 0)
            break;
    }
    run->seen.is_overloaded = run->events.overloaded;
}

/* What each service and each partition was busy with. */
static void look_back(struct load_run *run)
{
    const struct chat_model *model = run->plan->model;
    const int64_t end_ns = run->scenario->end_ns;
    for (int i = 0; i < model->service_count; i++) {
        const struct load_service *served = &run->served[i];
        const int instances = model->services[i].instances -
                              (i == run->plan->gateway ? run->scenario->lost_gateways : 0);
        for (int k = 0; served->stations != NULL && k < instances; k++) {
            const struct station *station = &served->stations[k];
            run->seen.use[i] += station_use(station, end_ns) / instances;
            run->seen.queue[i] += station_queue(station, end_ns) / instances;
            if (station->waiting_peak > run->seen.queue_peak[i])
                run->seen.queue_peak[i] = station->waiting_peak;
        }
        for (int k = 0; served->lanes != NULL && k < model->services[i].partitions; k++) {
            const double share =
                (double)served->lanes[k].busy_ns / (double)(end_ns - run->scenario->measured_ns);
            if (share <= run->seen.hottest)
                continue;
            run->seen.hottest = share;
            run->seen.hottest_service = i;
            run->seen.hottest_partition = (uint32_t)k;
        }
    }
}

int load_play(const struct chat_plan *plan, const struct load_scenario *scenario,
              struct load_seen *seen, struct error *err)
{
    if (plan->gateway >= 0 &&
        plan->model->services[plan->gateway].instances <= scenario->lost_gateways)
        return error_set(err, ERR_REFUSED, "no instance of \"%s\" is left",
                         plan->model->services[plan->gateway].name);
    struct load_run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return error_set(err, ERR_LIMIT, "no memory");
    run->plan = plan;
    run->scenario = scenario;
    run->workload = scenario->workload;
    struct chance *const streams[] = {&run->arrivals, &run->traits, &run->services, &run->routes,
                                      &run->backoffs, &run->storm,  &run->beats};
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
        chance_begin(streams[i], scenario->seed, i);
    const int made = make_parts(run);
    if (made) {
        play(run);
        look_back(run);
        *seen = run->seen;
    }
    release_parts(run);
    free(run);
    return made ? 0 : error_set(err, ERR_LIMIT, "no memory");
}
