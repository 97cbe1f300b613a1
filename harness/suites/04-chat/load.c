/*
 * Lab 04, step 3: the design under load, at the peak of the standard workload.
 */
#include "suites/04-chat/load.h"

#include <math.h>
#include <stdio.h>
#include "04-chat/load_costs.h"

enum {
    CONNECTIONS_MAX = 100000, /* of one gateway */
    TOO_LARGE = 4             /* times what is needed, and two more */
};

/* --- services --------------------------------------------------------------------------------- */

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

static void services_keep_up(struct check_run *run)
{
    struct trial *trial = trial_open(run);
    struct load_scenario scenario = load_peak(run->seed);
    scenario.lost_gateways = 1;
    if (trial == NULL || trial_play(trial, &scenario, LOAD_RUNS)) {
        trial_close(trial);
        return;
    }
    draw_use(trial);
    for (int i = 0; i < trial->model->service_count && !run_ended(run); i++) {
        const struct design_service *service = &trial->model->services[i];
        const struct estimate *use = &trial->result->use[i];
        char name[DECLARED_SIZE];
        if (!estimate_is_above(use, USE_LIMIT_PERCENT / 100.0))
            continue;
        run_fail(run, "wrong answer",
                 "every service is busy for at most 80 percent of the time, one gateway being lost",
                 "%s is busy for %.1f +- %.1f percent of it: %d instances of %d workers, %.0f "
                 "messages a second, and %.1f requests in each queue. At 90 percent a queue is "
                 "ten times as long as at 50, and at 100 it has no end. Look at its workers and "
                 "instances, and at what its workers wait for.",
                 declared_service(trial->model, i, name), 100 * use->mean, 100 * use->error,
                 service->instances, service->workers,
                 (double)trial->result->last.sends / LOAD_MEASURED_S, trial->result->queue[i].mean);
    }
    if (!run_ended(run))
        too_many_connections(trial);
    run_figure(run, "percent of the time that the busiest service is busy",
               100 * trial->result->use[trial_busiest(trial)].mean);
    trial_close(trial);
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

static void no_service_is_too_large(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    int instances = 0, needed_in_all = 0;
    if (trial == NULL)
        return;
    for (int i = 0; i < trial->model->service_count; i++) {
        const struct design_service *service = &trial->model->services[i];
        const int needed = needed_instances(trial, i);
        char name[DECLARED_SIZE];
        instances += service->instances;
        needed_in_all += needed;
        if (run_ended(run) || service->instances <= TOO_LARGE * needed + 2)
            continue;
        run_fail(run, "wrong answer",
                 "at most four times the instances that a service needs, and two more",
                 "%s has %d instances, and %d would do: it is busy for %.1f percent of the time. "
                 "Each is a machine that somebody pays for. Look at its instances; a service that "
                 "this load does not touch needs two, or as many as its copies.",
                 declared_service(trial->model, i, name), service->instances, needed,
                 100 * trial->result->use[i].mean);
    }
    run_figure(run, "instances of all services", instances);
    run_figure(run, "instances that would do", needed_in_all);
    trial_close(trial);
}

/* --- times ------------------------------------------------------------------------------------ */

static void deliveries_are_quick(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    if (trial == NULL)
        return;
    const struct estimate *p99 = &trial->result->delivery_p99_ms;
    if (!trial_delivers_nothing(trial, &trial->result->deliveries)) {
        draw_latencies(trial);
        if (estimate_is_above(&trial->result->delivery_late, LATE_SHARE_MAX))
            run_fail(run, "wrong answer",
                     "99 of 100 readers have a message within 500 ms after it was sent",
                     "it takes %.0f +- %.0f ms, half of them have it after %.0f ms; an answer to "
                     "the sender takes %.0f ms (99 of 100). People talk across each other when "
                     "words come late. Look at batch_ms of the posts and streams on the way, and "
                     "at the busiest service.",
                     p99->mean, p99->error, trial->result->delivery_p50_ms.mean,
                     trial->result->answer_p99_ms.mean);
    }
    trial_figure(run, "ms from sending to delivery, p50", &trial->result->delivery_p50_ms);
    trial_figure(run, "ms from sending to delivery, p99", p99);
    trial_close(trial);
}

/* 1 when a verdict stands: most senders get no answer at all. */
static int answers_nobody(const struct trial *trial)
{
    const struct load_seen *seen = &trial->result->last;
    return seen->answers.count == 0 &&
           run_fail(trial->run, "wrong answer", "senders that get an answer",
                    "of %lld messages none was answered, and %lld were refused for good",
                    (long long)seen->sends, (long long)seen->failed);
}

static void answers_are_quick(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    if (trial == NULL)
        return;
    const struct load_result *result = trial->result;
    const struct estimate *p99 = &result->answer_p99_ms;
    char name[DECLARED_SIZE];
    if (!answers_nobody(trial) && estimate_is_above(&result->answer_late, LATE_SHARE_MAX))
        run_fail(run, "wrong answer", "99 of 100 senders have their answer within 200 ms",
                 "it takes %.0f +- %.0f ms, half of them have it after %.0f ms; %.0f messages of a "
                 "run fail. Until the answer comes a client shows the message in grey, and people "
                 "send again. The service that is used most is %s. Look at what a sender waits "
                 "for, and at partitions: each has one worker at a time.",
                 p99->mean, p99->error, result->answer_p50_ms.mean, result->failed.mean,
                 declared_service(trial->model, trial_busiest(trial), name));
    trial_figure(run, "ms from sending to the answer, p50", &result->answer_p50_ms);
    trial_figure(run, "ms from sending to the answer, p99", p99);
    trial_close(trial);
}

static void huge_channel_delays_no_other(struct check_run *run)
{
    struct trial *trial = trial_open(run);
    struct load_scenario scenario = load_peak(run->seed);
    scenario.has_huge_channel = 1;
    if (trial == NULL || trial_play(trial, &scenario, LOAD_RUNS)) {
        trial_close(trial);
        return;
    }
    const struct estimate *p99 = &trial->result->beside_p99_ms;
    if (!trial_delivers_nothing(trial, &trial->result->last.beside_huge) &&
        estimate_is_above(&trial->result->beside_late, LATE_SHARE_MAX)) {
        const struct plan_node *from = &trial->plan.nodes[trial->plan.delivery];
        char name[DECLARED_SIZE];
        run_fail(run, "wrong answer",
                 "channels that share a partition with one of 100000 readers are still read "
                 "within 500 ms",
                 "99 of 100 of their readers have a message after %.0f +- %.0f ms. %s sends to the "
                 "readers%s: %.0f ms of one worker for each message of the huge channel. Look at "
                 "where a message is multiplied: the gateways can share that work, and nobody's "
                 "partition has to wait for it.",
                 p99->mean, p99->error, declared_service(trial->model, from->service, name),
                 from->is_written ? " while it holds the partition" : "",
                 COST_HUGE_READERS * (double)from->reader_ns / 1e6);
    }
    trial_figure(run, "ms from sending to delivery beside a huge channel, p99", p99);
    trial_close(trial);
}

/* --- partitions and queues -------------------------------------------------------------------- */

static void hottest_partition_keeps_up(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    if (trial == NULL)
        return;
    const struct load_seen *last = &trial->result->last;
    const struct estimate *hottest = &trial->result->hottest;
    char name[DECLARED_SIZE];
    if (estimate_is_above(hottest, USE_LIMIT_PERCENT / 100.0))
        run_fail(
            run, "wrong answer",
            "the busiest partition keeps its worker busy for at most 80 percent of the time",
            "partition %u of the %d of %s keeps it busy for %.1f +- %.1f percent. More workers "
            "do not help: a partition has one at a time. The busiest channel has 0.2 percent "
            "of all messages, the busiest workspace 20. Look at the fields that are "
            "IN_PARTITION, and at the number of partitions.",
            (unsigned)last->hottest_partition,
            trial->model->services[last->hottest_service].partitions,
            declared_service(trial->model, last->hottest_service, name), 100 * hottest->mean,
            100 * hottest->error);
    run_figure(run, "percent of the time that the hottest partition is busy", 100 * hottest->mean);
    trial_close(trial);
}

static void nothing_is_refused(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    if (trial == NULL)
        return;
    const struct load_result *result = trial->result;
    const double sends = (double)result->last.sends;
    double refused = 0;
    for (int i = 0; i < trial->model->service_count; i++) {
        const struct design_service *service = &trial->model->services[i];
        char name[DECLARED_SIZE];
        refused += result->refused[i].mean;
        if (run_ended(run) || !estimate_is_above(&result->refused[i], 0))
            continue;
        run_fail(run, "wrong answer", "no request finds a full queue at the peak",
                 "%s turns %.0f +- %.0f away for %.0f messages: its queue takes %d. Each is sent "
                 "again, so that the load grows just when there is no room for it. Look at its "
                 "queue, and at workers and partitions that let it fill.",
                 declared_service(trial->model, i, name), result->refused[i].mean,
                 result->refused[i].error, sends, service->queue);
    }
    if (!run_ended(run) && estimate_is_above(&result->lost, 0))
        run_fail(run, "wrong answer", "nothing that was posted is lost at the peak",
                 "%.0f +- %.0f posted messages are lost for %.0f that are sent. Look at the "
                 "buffers of the posts, and at the receivers that do not keep up.",
                 result->lost.mean, result->lost.error, sends);
    run_figure(run, "requests refused in 5 s, retried ones too", refused);
    trial_close(trial);
}

#define CHECK(name, worth)                                                                         \
    .id = name, .step = 3, .tier = TIER_MODEL, .points = worth, .anchor = "under-load"

const struct check chat_load_checks[] = {
    {CHECK("services_keep_up", 2), .rules = "D10", .run = services_keep_up,
     .rule = "At the peak, with one gateway lost, no service is busy for more than 80 percent of "
             "the time, and no gateway has more than 100000 connections.",
     .hints = {"A worker that waits for an answer is busy too.",
               "Rate times the time that a request holds a worker is the number of busy workers; "
               "load_costs.h has the times. Divide by workers times instances."}},
    {CHECK("deliveries_are_quick", 1), .rules = "D1 D4", .run = deliveries_are_quick,
     .rule = "At the peak 99 of 100 readers have a message within 500 ms after it was sent.",
     .hints = {"Follow one message from hop to hop: where does it wait?",
               "Where few messages come, a batch does not fill, and each waits all of batch_ms."}},
    {CHECK("answers_are_quick", 1), .rules = "D3 D4", .run = answers_are_quick,
     .rule = "At the peak 99 of 100 senders have their answer within 200 ms.",
     .hints = {"Only what the sender waits for counts: the calls, one after the other.",
               "A queue that grows, or requests that time out and are sent again, show here "
               "first: 4630 messages a second have to pass every service that is called."}},
    {CHECK("huge_channel_delays_no_other", 1), .rules = "D4 D5",
     .run = huge_channel_delays_no_other,
     .rule = "While a channel of 100000 readers gets two messages a second, 99 of 100 readers of "
             "the other channels in its partition have theirs within 500 ms.",
     .hints = {"Who multiplies the message, and what does it hold meanwhile?",
               "Post the message to the gateways, and let each of them stream it to its own "
               "readers."}},
    {CHECK("hottest_partition_keeps_up", 1), .rules = "D5", .run = hottest_partition_keeps_up,
     .rule = "At the peak the worker of the busiest partition is busy for at most 80 percent of "
             "the time.",
     .hints = {"A partition is as strong as one worker, whatever the service is.",
               "One workspace may have a fifth of all messages; one channel never has."}},
    {CHECK("nothing_is_refused", 1), .rules = "D10", .run = nothing_is_refused,
     .rule = "At the peak no request finds a full queue, and no posted message is lost; what is "
             "sent again and then taken counts as refused.",
     .hints = {"Arrivals come by chance: several in one millisecond, and none in the next ten.",
               "A queue is there for the bunches: some hundred places cost nothing."}},
    {CHECK("storm_ends_in_a_minute", 1), .rules = "D10", .run = chat_check_storm_ends,
     .rule = "When a gateway is lost, 99 of 100 of its clients are connected again and have caught "
             "up within a minute.",
     .hints = {"Nobody is back before their time in the jitter has come.",
               "Handshakes and catching up take workers: 65000 times. Divide by the minute."}},
    {CHECK("sending_goes_on_in_the_storm", 1), .rules = "D10",
     .run = chat_check_sending_in_the_storm,
     .rule = "In the first ten seconds after a gateway is lost, 99 of 100 senders at the other "
             "gateways have their answer within 200 ms, and none is refused.",
     .hints = {"All clients of the lost gateway notice at the same moment.",
               "Let them come back at random times: the longer the jitter, the flatter the "
               "storm, and the later the last of them is back."}},
    {CHECK("no_service_is_too_large", 1), .rules = "D10", .run = no_service_is_too_large,
     .rule = "No service has more than four times the instances that its load, its copies and its "
             "connections need, and two more.",
     .hints = {"At 80 percent use, how many instances would do?",
               "The figures of services_keep_up say how busy each is now."}},
    {0},
};
