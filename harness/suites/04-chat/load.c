/*
 * Lab 04, step 3: the design under load, at the peak of the standard workload.
 */
#include "suites/04-chat/load.h"

#include <stdio.h>
#include "04-chat/load_costs.h"

/* --- times ------------------------------------------------------------------------------------ */

/* The hop that leads to the service that streams: with its batch, where it has one. */
static const char *declared_way(const struct trial *trial, char out[2 * DECLARED_SIZE])
{
    const struct design_hop *hop = trial->plan.nodes[trial->plan.delivery].hop;
    const char *kind = hop->kind == DESIGN_CALL ? "call" : "post";
    int length = snprintf(out, 2 * DECLARED_SIZE, "A %s from \"%s\" to \"%s\"", kind,
                          design_party_name(trial->model, hop->from),
                          design_party_name(trial->model, hop->to));
    if (hop != &trial->plan.poll)
        length += snprintf(out + length, 2 * DECLARED_SIZE - (size_t)length, " (%s:%d)",
                           hop->place.file, hop->place.line);
    if (hop->kind != DESIGN_CALL && hop->batch > 1)
        snprintf(out + length, 2 * DECLARED_SIZE - (size_t)length,
                 ", where %d messages gather for at most %lld ms,", hop->batch,
                 (long long)hop->batch_ms);
    return out;
}

static void deliveries_are_quick(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    if (trial == NULL)
        return;
    const struct load_summary *result = trial->result;
    const struct estimate *p99 = &result->delivery_p99_ms;
    const int busy = trial_busiest(trial);
    char name[DECLARED_SIZE], way[2 * DECLARED_SIZE];
    if (!trial_delivers_nothing(trial, &result->deliveries)) {
        draw_latencies(trial);
        if (estimate_is_above(&result->delivery_late, LATE_SHARE_MAX))
            run_fail(
                run, "wrong answer",
                "99 of 100 readers have a message within 500 ms after it was sent",
                "%.1f percent have it later, or never: half of them after %.0f ms, 99 of 100 "
                "after %.0f ms" PLUS_MINUS ". People talk across each other when words come "
                "late. %s leads to them, and the busiest service is %s, busy for %.0f percent of "
                "the time. Look at both.",
                100 * result->delivery_late.mean, result->delivery_p50_ms.mean, p99->mean,
                p99->error, declared_way(trial, way), declared_service(trial->model, busy, name),
                100 * result->use[busy].mean);
    }
    trial_figure(run, "ms from sending to delivery, p50", &result->delivery_p50_ms);
    trial_figure(run, "ms from sending to delivery, p99", p99);
    trial_close(trial);
}

static void answers_are_quick(struct check_run *run)
{
    struct trial *trial = trial_at_peak(run);
    if (trial == NULL)
        return;
    const struct load_summary *result = trial->result;
    const struct estimate *p99 = &result->answer_p99_ms;
    char name[DECLARED_SIZE], hottest[DECLARED_SIZE];
    if (result->answers.count == 0)
        run_fail(run, "wrong answer", "99 of 100 senders have their answer within 200 ms",
                 "of %lld messages none is answered, and %.0f fail for good. The busiest partition "
                 "is one of %s, busy for %.0f percent of the time. Look at the timeouts of what a "
                 "sender waits for, and at partitions: each has one worker at a time.",
                 (long long)result->last.sends, result->failed.mean,
                 declared_service(trial->model, result->last.hottest_service, hottest),
                 100 * result->hottest.mean);
    else if (estimate_is_above(&result->answer_late, LATE_SHARE_MAX))
        run_fail(
            run, "wrong answer", "99 of 100 senders have their answer within 200 ms",
            "%.1f percent have it later, or never: half of them after %.0f ms, 99 of 100 "
            "after %.0f ms" PLUS_MINUS ", and %.0f messages of %lld fail. Until the answer comes "
            "a client shows the message in grey, and people send again. The busiest service is "
            "%s, the busiest partition one of %s. Look at what a sender waits for; a "
            "partition has one worker at a time.",
            100 * result->answer_late.mean, result->answer_p50_ms.mean, p99->mean, p99->error,
            result->failed.mean, (long long)result->last.sends,
            declared_service(trial->model, trial_busiest(trial), name),
            declared_service(trial->model, result->last.hottest_service, hottest));
    if (result->answers.count > 0) {
        trial_figure(run, "ms from sending to the answer, p50", &result->answer_p50_ms);
        trial_figure(run, "ms from sending to the answer, p99", p99);
    }
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
    const struct load_summary *result = trial->result;
    const struct estimate *p99 = &result->beside_p99_ms;
    const int has_others = result->beside_due > 0; /* few channels share one of many partitions */
    if (!trial_delivers_nothing(trial, has_others ? &result->beside_huge : &result->deliveries) &&
        (estimate_is_above(&result->beside_late, LATE_SHARE_MAX) ||
         result->beside_late.mean > 10 * LATE_SHARE_MAX)) { /* few readers: runs differ */
        const struct plan_node *from = &trial->plan.nodes[trial->plan.delivery];
        char name[DECLARED_SIZE];
        run_fail(
            run, "wrong answer",
            "channels that share a partition with one of 100000 readers are still read "
            "within 500 ms",
            "%.1f percent of their readers have a message later: 99 of 100 after %.0f ms" PLUS_MINUS
            ". %s sends to the readers%s: %.0f ms of one worker for each message of the "
            "huge channel. Look at "
            "where a message is multiplied: the gateways can share that work, and nobody's "
            "partition has to wait for it.",
            100 * result->beside_late.mean, p99->mean, p99->error,
            declared_service(trial->model, from->service, name),
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
            "partition %u of the %d of %s keeps it busy for %.1f percent of the time (+- %.1f, 95 "
            "percent interval of the runs). More workers do not help: a partition has one at a "
            "time. The busiest channel has 0.2 percent "
            "of all messages, the busiest workspace 20. Look at the fields that are "
            "IN_PARTITION, and at the number of partitions.",
            (unsigned)last->hottest_partition,
            trial->model->services[last->hottest_service].partitions,
            declared_service(trial->model, last->hottest_service, name), 100 * hottest->mean,
            100 * hottest->error);
    run_figure(run, "percent of the time that the hottest partition is busy", 100 * hottest->mean);
    trial_close(trial);
}

/* The hop that loses most. */
static void blame_lost(const struct trial *trial)
{
    const struct load_summary *result = trial->result;
    int worst = 0;
    for (int i = 1; i < trial->plan.node_count; i++)
        if (result->last.lost_on[i] > result->last.lost_on[worst])
            worst = i;
    const struct design_hop *hop = trial->plan.nodes[worst].hop;
    char place[DECLARED_SIZE] = "";
    if (hop != &trial->plan.poll)
        snprintf(place, sizeof place, " (%s:%d)", hop->place.file, hop->place.line);
    run_fail(trial->run, "wrong answer", "nothing that was posted is lost at the peak",
             "%.0f posted messages are lost" PLUS_MINUS " for %.0f that are sent, most of them on "
             "the %s of \"%s\" from \"%s\" to \"%s\"%s. %s",
             result->lost.mean, result->lost.error, (double)result->last.sends,
             hop->kind == DESIGN_POST ? "post" : "stream",
             trial->model->messages[hop->message].name, design_party_name(trial->model, hop->from),
             design_party_name(trial->model, hop->to), place,
             hop->kind == DESIGN_POST
                 ? "Look at its buffer, and at whether the receiver keeps up and can do what it is "
                   "told."
                 : "A stream keeps nothing for a receiver that is full. Look at the receiver's "
                   "queue and workers.");
}

static void nothing_is_refused(struct check_run *run)
{
    struct trial *trial = trial_with_beats(run);
    if (trial == NULL)
        return;
    const struct load_summary *result = trial->result;
    const double sends = (double)result->last.sends;
    double refused = 0;
    for (int i = 0; i < trial->model->service_count; i++) {
        const struct design_service *service = &trial->model->services[i];
        char name[DECLARED_SIZE];
        refused += result->refused[i].mean;
        if (run_ended(run) || !estimate_is_above(&result->refused[i], 0))
            continue;
        run_fail(run, "wrong answer", "no request finds a full queue at the peak",
                 "%s turns %.0f requests away" PLUS_MINUS " for %.0f messages: its queue takes %d. "
                 "Each is sent again, so that the load grows just when there is no room for it. "
                 "Look at its "
                 "queue, and at workers and partitions that let it fill.",
                 declared_service(trial->model, i, name), result->refused[i].mean,
                 result->refused[i].error, sends, service->queue);
    }
    if (!run_ended(run) && estimate_is_above(&result->lost, 0))
        blame_lost(trial);
    run_figure(run, "requests refused in 3 s, retried ones too", refused);
    trial_close(trial);
}

#define CHECK(name, worth)                                                                         \
    .id = name, .step = 3, .tier = TIER_MODEL, .points = worth, .anchor = "under-load"

const struct check chat_load_checks[] = {
    {CHECK("services_keep_up", 2), .rules = "D10", .run = chat_check_services,
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
     .rule = "In the first five seconds after a gateway is lost, 99 of 100 senders at the other "
             "gateways have their answer within 200 ms, and none is refused; its clients have a "
             "jitter of a second or more.",
     .hints = {"All clients of the lost gateway notice at the same moment.",
               "Let them come back at random times: the longer the jitter, the flatter the "
               "storm, and the later the last of them is back."}},
    {CHECK("no_service_is_too_large", 1), .rules = "D10", .run = chat_check_sizes,
     .rule = "No service has more than four times the instances that its load, its copies, its "
             "connections and its bytes on disks need, and two more.",
     .hints = {"At 80 percent use, how many instances would do? And how many for the bytes of a "
               "year, at COST_DISK_BYTES each?",
               "How busy each is now: the picture of services_keep_up, \"How busy each service is "
               "at the peak\", in build/report/index.html, and as a file from make diagrams "
               "LAB=04."}},
    {0},
};
