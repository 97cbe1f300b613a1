/*
 * Lab 04, step 2: the numbers.
 *
 * A number is asked for eleven workloads. When it is wrong in one, the mistake that explains it in
 * all of them decides which check fails: the one that names it. A number that nothing explains
 * fails every check that looks at it.
 */
#include "suites/04-chat/checks.h"

#include <math.h>
#include <stdio.h>

#include "suites/04-chat/capacity_ask.h"

/* 1 when a verdict stands. The story has only the workload that is shown in the end. */
static int ask_quietly(struct check_run *run, struct probe *probe, const struct workload *workload,
                       struct capacity *own)
{
    enum probe_state state = capacity_ask(probe, workload, own);
    struct text line = {0};
    if (state == PROBE_READY)
        return 0;
    capacity_action(&line, workload);
    text_addf(&run->script, "%s\n", text_str(&line));
    run_story(run, 0, STORY_CALL, "judge", run->lab->subject, "%s", text_str(&line));
    text_release(&line);
    return run_crash(run, state, probe);
}

/* --- words ------------------------------------------------------------------------------------ */

/* "35,648", "0.0432", "6.1685e+14". */
static void write_number(struct text *out, double number)
{
    char digits[40];
    if (!isfinite(number) || fabs(number) < 1000 || fabs(number) >= 1e10) {
        text_addf(out, "%.5g", number);
        return;
    }
    int length = snprintf(digits, sizeof digits, "%.0f", fabs(number));
    text_add(out, number < 0 ? "-" : "");
    for (int i = 0; i < length; i++)
        text_addf(out, "%s%c", i > 0 && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

static void report(struct check_run *run, enum number number, const struct workload *workload,
                   double got, const struct explanation *explanation)
{
    struct text expected = {0}, words = {0};
    const struct capacity right = capacity_of(workload);
    text_addf(&expected, "%s: ", number_words(number));
    write_number(&expected, right.of[number]);
    text_add(&expected, ", 1 % more or less");
    write_number(&words, got);
    if (!isfinite(got) || got <= 0)
        text_add(&words, ", which is no number above 0");
    else if (explanation->is.length > 0)
        text_addf(&words, " comes out %s", text_str(&explanation->is));
    else
        text_add(&words, "; no one or two factors that are left out explain it");
    if (got == 0)
        run_fail(run, "not written yet", text_str(&expected), "capacity_%s gives 0",
                 number_name(number));
    else
        run_fail(run, "wrong answer", text_str(&expected), "%s", text_str(&words));
    text_release(&expected);
    text_release(&words);
}

/* --- judging ---------------------------------------------------------------------------------- */

static void judge_number(struct check_run *run, struct probe *probe, enum number number,
                         enum aspect aspect)
{
    struct workload workloads[DRAWN_WORKLOADS];
    struct capacity own[DRAWN_WORKLOADS];
    int shown = 0;
    capacity_draw(number, &run->random, workloads);
    for (int i = 0; i < DRAWN_WORKLOADS; i++)
        if (ask_quietly(run, probe, &workloads[i], &own[i]))
            return;
    while (shown < DRAWN_WORKLOADS && capacity_is_right(number, &workloads[shown], &own[shown]))
        shown++;
    if (shown == DRAWN_WORKLOADS)
        return;
    struct explanation explanation = {0};
    capacity_explain(number, workloads, own, DRAWN_WORKLOADS, shown, &explanation);
    if (explanation.aspects & 1 << aspect) {
        struct message reply = {0};
        struct text line = {0};
        capacity_action(&line, &workloads[shown]);
        if (!run_ask(run, probe, &reply, "%s", text_str(&line)))
            report(run, number, &workloads[shown], own[shown].of[number], &explanation);
        message_release(&reply);
        text_release(&line);
    }
    text_release(&explanation.is);
}

static void judge(struct check_run *run, int numbers, enum aspect aspect)
{
    struct probe *probe = run_probe(run);
    if (probe == NULL)
        return;
    for (int i = 0; i < NUMBERS && !run_ended(run); i++)
        if (numbers & 1 << i)
            judge_number(run, probe, (enum number)i, aspect);
    run_close(run, probe);
}

static void check_messages(struct check_run *run)
{
    judge(run, 1 << NUMBER_MESSAGES, ASPECT_NUMBER);
}

static void check_deliveries(struct check_run *run)
{
    judge(run, 1 << NUMBER_DELIVERIES, ASPECT_NUMBER);
}

static void check_channels(struct check_run *run)
{
    judge(run, 1 << NUMBER_DELIVERIES, ASPECT_CHANNELS);
}

static void check_connections(struct check_run *run)
{
    judge(run, 1 << NUMBER_CONNECTIONS, ASPECT_NUMBER);
}

static void check_stored(struct check_run *run)
{
    judge(run, 1 << NUMBER_STORED, ASPECT_NUMBER);
}

static void check_attachments(struct check_run *run)
{
    judge(run, 1 << NUMBER_STORED, ASPECT_ATTACHMENTS);
}

static void check_retention(struct check_run *run)
{
    judge(run, 1 << NUMBER_STORED | 1 << NUMBER_INDEX, ASPECT_RETENTION);
}

static void check_index(struct check_run *run)
{
    judge(run, 1 << NUMBER_INDEX, ASPECT_NUMBER);
}

static void check_hottest(struct check_run *run)
{
    judge(run, 1 << NUMBER_HOTTEST, ASPECT_NUMBER);
}

static void check_outgoing(struct check_run *run)
{
    judge(run, 1 << NUMBER_OUTGOING, ASPECT_NUMBER);
}

#define CHECK(name, its_rules, its_points, its_run)                                                \
    .id = name, .rules = its_rules, .step = 2, .points = its_points, .anchor = "the-numbers",      \
    .run = its_run

const struct check chat_capacity_checks[] = {
    {CHECK("messages_at_the_peak", "N1", 2, check_messages),
     .rule = "Messages a second are those of the busiest second, for any number of users.",
     .hints = {"The mean of a day is not what knocks a service over: which factor makes it the "
               "peak?",
               "users x active_share x messages_per_user x peak_factor / 86,400, in doubles: 10^10 "
               "users fit no int."}},
    {CHECK("deliveries_count_devices", "N2", 2, check_deliveries),
     .rule = "A delivery is one message to one connection: every device of a reader who is online.",
     .hints = {"Who is not online gets nothing now, and who has a phone beside the laptop gets it "
               "twice.",
               "messages x readers of a message x online_share x devices."}},
    {CHECK("large_channels_weigh_in", "N2", 1, check_channels),
     .rule = "Each class of channels counts with its share of the messages and its readers.",
     .hints = {"In the lab text one message in 1,000 goes to a huge channel. How many of all "
               "deliveries are its?",
               "The readers of a message are the sum of message_share x readers over the three "
               "classes."}},
    {CHECK("connections_allow_for_a_loss", "N3", 1, check_connections),
     .rule = "With one gateway lost, the others hold all connections.",
     .hints = {"Its clients come back within seconds. Where do they go?",
               "users x online_share x devices / (gateways - 1)."}},
    {CHECK("bytes_count_copies", "N4", 2, check_stored),
     .rule = "Each message is stored as text and row, in every copy, at the mean of the day.",
     .hints = {"A disk fills by what is written in a day, not by the busiest second. And who keeps "
               "the copies?",
               "Messages of a day x days x ((text + row) x copies + the file's share)."}},
    {CHECK("bytes_count_attachments", "N4", 1, check_attachments),
     .rule = "Files count with their share of the messages, their size and their own copies.",
     .hints = {"Few messages have a file, but a file is a thousand texts long.",
               "attachment_share x attachment_bytes x file_copies for each message; copies is for "
               "messages."}},
    {CHECK("retention_bounds_bytes", "N4 N5", 1, check_retention),
     .rule = "After a year there is a year of messages, or only as much as the retention keeps.",
     .hints = {"What is there after a year when messages are kept for 30 days? And for 400?",
               "Days that count: the smaller of 365 and retention_days, for the index too."}},
    {CHECK("index_counts_its_copies", "N5", 1, check_index),
     .rule = "The index has index_ratio bytes for each byte of text, in every copy of it.",
     .hints = {"It is made of the text alone, not of rows or files.",
               "Messages of a day x days x text_bytes x index_ratio x index_copies."}},
    {CHECK("hottest_partition_counts_skew", "N6", 1, check_hottest),
     .rule = "The hottest partition has the busiest channel whole, and its part of all others.",
     .hints = {"A channel cannot be cut: its messages are in one partition, in their order.",
               "messages x (busiest_share + (1 - busiest_share) / partitions)."}},
    {CHECK("outgoing_bytes_count_envelopes", "N7", 1, check_outgoing),
     .rule = "Each delivery carries its text and an envelope around it.",
     .hints = {"What is sent is larger than what was typed: ids, names, times, the frame.",
               "deliveries x (text_bytes + envelope_bytes)."}},
    {0},
};
