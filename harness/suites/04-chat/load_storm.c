/*
 * A gateway is lost, and its clients come back: each connects to another one, then asks for what it
 * has missed. Who is refused tries again, as patiently as load_costs.h says.
 */
#include <stddef.h>
#include "04-chat/load_costs.h"
#include "suites/04-chat/load_run.h"

enum { LEAST_SPREAD_NS = 100000000 /* nobody is quicker than 100 ms */ };

/* Chance spreads them evenly over the jitter: as arrivals at one rate. */
static void time_next(struct load_run *run)
{
    const int64_t spread_ns =
        run->scenario->jitter_ns > LEAST_SPREAD_NS ? run->scenario->jitter_ns : LEAST_SPREAD_NS;
    if (run->connecting-- > 0)
        load_add(run, chance_exponential(&run->storm, spread_ns / run->seen.returning), LOAD_RETURN,
                 NULL);
}

void load_storm_begin(struct load_run *run)
{
    const struct workload *load = &run->workload;
    const int gateways = run->plan->model->services[run->plan->gateway].instances;
    run->seen.returning = (int64_t)(load->users * load->online_share * load->devices / gateways);
    run->connecting = run->seen.returning;
    time_next(run);
}

void load_return(struct load_run *run, int tries)
{
    if (tries == 0)
        time_next(run);
    struct visit *visit = load_visit(run, run->plan->handshake, NULL);
    if (visit == NULL)
        return;
    visit->tries = tries;
    load_reach(run, visit);
}

void load_refused_client(struct load_run *run, int tries)
{
    tries += tries < LOAD_TRIES_TOLD;
    load_add(run,
             load_backoff(run, tries, COST_RECONNECT_BACKOFF_US, COST_RECONNECT_BACKOFF_MAX_US),
             LOAD_RETURN + (uint32_t)tries, NULL);
}

void load_connected(struct load_run *run, int tries)
{
    if (run->plan->catch_up == PLAN_NONE) {
        load_is_back(run);
        return;
    }
    struct letter letter = {.sent_ns = run->events.now_ns,
                            .row = chance_below(&run->storm, UINT32_MAX),
                            .channel = chance_below(&run->storm, UINT32_MAX),
                            .workspace = chance_below(&run->storm, UINT32_MAX)};
    struct visit *client = load_visit(run, run->plan->catch_up, &letter);
    if (client == NULL)
        return;
    client->tries = tries;
    load_go_on(run, client);
}

void load_is_back(struct load_run *run)
{
    struct load_seen *seen = &run->seen;
    const int64_t since_ns = run->events.now_ns - run->scenario->measured_ns;
    const int64_t bin = since_ns / (LOAD_BACK_BIN_MS * INT64_C(1000000));
    seen->back++;
    if (bin < LOAD_BACK_BINS)
        seen->back_in[bin]++;
    if (seen->back_99_ns == 0 && seen->back * 100 >= seen->returning * 99)
        seen->back_99_ns = since_ns > 0 ? since_ns : 1;
}
