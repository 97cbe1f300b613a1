/*
 * Lab 04, step 3: how busy each service is, and how many instances of it would do.
 */
#include <math.h>
#include <stdio.h>
#include "04-chat/load_costs.h"
#include "suites/04-chat/load.h"

enum {
    CONNECTIONS_MAX = 100000, /* of one gateway */
    TOO_LARGE = 4             /* times what is needed, and two more */
};

static double connections(void)
{
    const struct workload load = workload_standard();
    return load.users * load.online_share * load.devices;
}

static int too_many_connections(const struct trial *trial)
{
    const int gateway = trial->plan.gateway;
    char name[DECLARED_SIZE];
    if (gateway < 0)
        return run_fail(trial->run, "wrong answer", "a service that owns OWNS_CONNECTIONS",
                        "no service does");
    const int left = trial->model->services[gateway].instances - 1;
    if (connections() <= (double)left * CONNECTIONS_MAX)
        return 0;
    return run_fail(trial->run, "wrong answer",
                    "at most 100000 connections for each gateway, one of them being lost",
                    "%s has %d instances: %.0f connections on the %d that are left are %.0f each. "
                    "One process runs out of memory and sockets there. Look at its instances.",
                    declared_service(trial->model, gateway, name), left + 1, connections(), left,
                    connections() / left);
}

static int is_overloaded(const struct trial *trial, int service)
{
    return service >= 0 &&
           estimate_is_above(&trial->result->use[service], USE_LIMIT_PERCENT / 100.0);
}

/* Its workers are busy because they wait for a service that is overloaded itself. */
static int waits_for_overloaded(const struct trial *trial, int service)
{
    for (int i = 0; i < trial->plan.node_count; i++) {
        const struct plan_node *node = &trial->plan.nodes[i];
        for (int k = 0; k < node->call_count && node->service == service; k++) {
            const int called = trial->plan.nodes[node->calls[k]].service;
            if (called != service && is_overloaded(trial, called))
                return 1;
        }
    }
    return 0;
}

static void blame_service(const struct trial *trial, int at)
{
    const struct design_service *service = &trial->model->services[at];
    const struct estimate *use = &trial->result->use[at];
    char name[DECLARED_SIZE];
    run_fail(trial->run, "wrong answer",
             "every service is busy for at most 80 percent of the time, one gateway being lost",
             "%s is busy for %.1f percent of it (+- %.1f, 95 percent interval of the runs): %d "
             "instances of %d workers, %.0f messages "
             "a second, and %.1f requests in each queue. At 90 percent a queue is ten times as "
             "long as at 50, and at 100 it has no end. Look at its workers and instances, and at "
             "what its workers wait for.",
             declared_service(trial->model, at, name), 100 * use->mean, 100 * use->error,
             service->instances, service->workers,
             (double)trial->result->last.sends / LOAD_MEASURED_S, trial->result->queue[at].mean);
}

void chat_check_services(struct check_run *run)
{
    struct trial *trial = trial_open(run);
    struct load_scenario scenario = load_peak(run->seed);
    scenario.lost_gateways = 1;
    scenario.has_beats = 1;
    if (trial == NULL || trial_play(trial, &scenario, LOAD_RUNS)) {
        trial_close(trial);
        return;
    }
    draw_use(trial);
    for (int i = 0; i < trial->model->service_count && !run_ended(run); i++)
        if (is_overloaded(trial, i) && !waits_for_overloaded(trial, i))
            blame_service(trial, i);
    for (int i = 0; i < trial->model->service_count && !run_ended(run); i++)
        if (is_overloaded(trial, i)) /* they wait for each other */
            blame_service(trial, i);
    if (!run_ended(run))
        too_many_connections(trial);
    for (int i = 0; i < trial->model->service_count; i++) {
        char figure[DECLARED_SIZE];
        snprintf(figure, sizeof figure, "percent of the time that \"%s\" is busy",
                 trial->model->services[i].name);
        run_figure(run, figure, 100 * trial->result->use[i].mean);
    }
    trial_close(trial);
}

/* Of all rows, or of the index, that one capability keeps after a year. */
static double year_bytes(enum capability capability)
{
    const struct workload load = workload_standard();
    const double days = load.retention_days < 365 ? load.retention_days : 365;
    const double messages = load.users * load.active_share * load.messages_per_user * days;
    switch (capability) {
    case OWNS_MESSAGES:
        return messages * (load.text_bytes + load.row_bytes) * load.copies;
    case OWNS_FILES: /* their bytes are in the store */
        return messages * load.attachment_share * load.row_bytes * load.copies;
    case OWNS_SEARCH:
        return messages * load.text_bytes * load.index_ratio * load.index_copies;
    default:
        return 0;
    }
}

static double kept_bytes(const struct chat_model *model, int service)
{
    double bytes = 0;
    for (int i = 0; i < CAPABILITIES; i++)
        if (design_owner(model, (enum capability)i) == service)
            bytes += year_bytes((enum capability)i);
    return bytes;
}

/* As many instances as its use, its copies and its connections ask for. */
static int needed_instances(const struct trial *trial, int service)
{
    const struct design_service *declared = &trial->model->services[service];
    const double busy = trial->result->use[service].mean * declared->instances;
    int needed = (int)ceil(busy / (USE_LIMIT_PERCENT / 100.0));
    if (service == trial->plan.gateway) {
        const int for_clients = (int)ceil(connections() / CONNECTIONS_MAX) + 1;
        needed = needed > for_clients ? needed : for_clients;
    }
    needed = needed > declared->copies ? needed : declared->copies;
    return needed > 2 ? needed : 2;
}

void chat_check_sizes(struct check_run *run)
{
    struct trial *trial = trial_with_beats(run);
    int instances = 0, needed_in_all = 0;
    if (trial == NULL)
        return;
    for (int i = 0; i < trial->model->service_count; i++) {
        const struct design_service *service = &trial->model->services[i];
        const double bytes = kept_bytes(trial->model, i);
        const int needed = needed_instances(trial, i);
        const int for_bytes = (int)ceil(bytes / COST_DISK_BYTES);
        const int would_do = needed > for_bytes ? needed : for_bytes;
        const int limit = TOO_LARGE * would_do + 2;
        char name[DECLARED_SIZE];
        instances += service->instances;
        needed_in_all += needed;
        if (run_ended(run) || service->instances <= limit)
            continue;
        run_fail(
            run, "wrong answer",
            "at most four times the instances that a service needs, and two more",
            "%s has %d instances. %d would do, so that %d is the limit: it is busy for %.1f "
            "percent of the time, has %d %s of its data, and %.1f TB on disks of %.0f TB each. "
            "Each is a machine that somebody pays for. Look at its instances; a service that "
            "this load does not touch needs two, or as many as its copies.",
            declared_service(trial->model, i, name), service->instances, would_do, limit,
            100 * trial->result->use[i].mean, service->copies,
            service->copies == 1 ? "copy" : "copies", bytes / 1e12, COST_DISK_BYTES / 1e12);
    }
    run_figure(run, "instances of all services", instances);
    run_figure(run, "instances that would do, disks aside", needed_in_all);
    trial_close(trial);
}
