/*
 * What arrives: messages by chance, as many as at the peak of the workload, and heartbeats of all
 * who are connected.
 */
#include <stddef.h>
#include "04-chat/load_costs.h"
#include "suites/04-chat/load_run.h"

enum {
    SECOND_NS = 1000000000,
    MS_NS = 1000000,
    /* Hashes. Others are drawn, and may be the same by chance. */
    BUSIEST_CHANNEL = 1,
    HUGE_CHANNEL,
    BUSIEST_WORKSPACE,
    HUGE_WORKSPACE
};

/* A whole number with that mean. */
static int about(struct chance *chance, double mean)
{
    const int whole = (int)mean;
    return whole + (chance_unit(chance) < mean - whole);
}

static uint32_t hash_of(struct chance *chance)
{
    return chance_below(chance, UINT32_MAX);
}

static uint32_t workspace_of(struct chance *chance)
{
    return chance_unit(chance) < COST_BUSIEST_WORKSPACE_SHARE ? BUSIEST_WORKSPACE : hash_of(chance);
}

static struct letter draw_letter(struct load_run *run)
{
    const struct workload *load = &run->workload;
    struct letter letter = {.sent_ns = run->events.now_ns,
                            .is_counted = load_is_measured(run) != 0};
    struct chance *traits = &run->traits;
    double share = chance_unit(traits);
    int class = 0;
    while (class < WORKLOAD_CHANNEL_CLASSES - 1 && share >= load->channels[class].message_share)
        share -= load->channels[class ++].message_share;
    letter.readers =
        about(traits, load->channels[class].readers * load->online_share * load->devices);
    letter.row = hash_of(traits);
    letter.channel = chance_unit(traits) < load->busiest_share ? BUSIEST_CHANNEL : hash_of(traits);
    letter.workspace = workspace_of(traits);
    return letter;
}

static void send_letter(struct load_run *run, const struct letter *letter)
{
    struct visit *client = load_visit(run, PLAN_CLIENT, letter);
    run->seen.sends += letter->is_counted;
    load_due(run, letter, 1);
    if (client != NULL)
        load_go_on(run, client);
}

/* --- the busiest time of the day -------------------------------------------------------------- */

static void time_next(struct load_run *run)
{
    const int64_t gap_ns =
        run->scenario->is_even ? run->gap_ns : chance_exponential(&run->arrivals, run->gap_ns);
    load_add(run, gap_ns, LOAD_ARRIVE, NULL);
}

void load_arrive(struct load_run *run)
{
    const struct letter letter = draw_letter(run);
    time_next(run);
    send_letter(run, &letter);
}

/* --- the huge channel ------------------------------------------------------------------------- */

static struct letter huge_letter(struct load_run *run)
{
    struct letter letter = draw_letter(run);
    letter.readers = COST_HUGE_READERS;
    letter.channel = HUGE_CHANNEL;
    letter.workspace = HUGE_WORKSPACE;
    letter.is_huge = 1;
    return letter;
}

/* Somebody writes, and somebody answers at once: every second. */
void load_arrive_huge(struct load_run *run)
{
    load_add(run, SECOND_NS, LOAD_ARRIVE_HUGE, NULL);
    for (int i = 0; i < COST_HUGE_PER_S; i++) {
        const struct letter letter = huge_letter(run);
        send_letter(run, &letter);
    }
}

/* --- heartbeats ------------------------------------------------------------------------------- */

static void time_beat(struct load_run *run)
{
    load_add(run, chance_exponential(&run->beats, run->beat_gap_ns), LOAD_BEAT, NULL);
}

void load_beat(struct load_run *run)
{
    const struct letter letter = {.sent_ns = run->events.now_ns,
                                  .row = hash_of(&run->beats),
                                  .channel = hash_of(&run->beats),
                                  .workspace = workspace_of(&run->beats)};
    struct visit *client = load_visit(run, run->plan->beat, &letter);
    time_beat(run);
    if (client != NULL)
        load_go_on(run, client);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static void begin_beats(struct load_run *run)
{
    const struct workload *load = &run->workload;
    if (!run->scenario->has_beats || run->plan->beat == PLAN_NONE)
        return;
    run->beat_gap_ns = (int64_t)((double)run->plan->model->heartbeat_ms * MS_NS /
                                 (load->users * load->online_share * load->devices));
    time_beat(run);
}

void load_arrive_first(struct load_run *run)
{
    const struct workload *load = &run->workload;
    const double per_s =
        load->users * load->active_share * load->messages_per_user * load->peak_factor / 86400;
    run->gap_ns = (int64_t)(SECOND_NS / per_s);
    time_next(run);
    begin_beats(run);
    if (!run->scenario->has_huge_channel)
        return;
    const struct letter huge = huge_letter(run);
    if (run->plan->store != PLAN_NONE)
        run->huge_partition = load_partition(run, &run->plan->nodes[run->plan->store], &huge);
    load_add(run, chance_below(&run->arrivals, SECOND_NS), LOAD_ARRIVE_HUGE, NULL);
}
