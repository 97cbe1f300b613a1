/*
 * Lab 04's capacity sheet in the judge: formulas, tolerance, explanations, drawn workloads.
 */
#include <math.h>
#include <string.h>

#include "04-chat/workload_members.h"
#include "suites/04-chat/capacity_internal.h"
#include "tests/run_tests.h"

enum { SEEDS = 20 };

static void check_close(double got, double right)
{
    ck_assert_msg(fabs(got / right - 1) < 1e-3, "%.9g instead of %.9g", got, right);
}

START_TEST(the_lab_texts_workload_has_these_numbers)
{
    static const double right[NUMBERS] = {4629.6,   46342.6, 68421,   6.1685e14,
                                          7.884e12, 81.45,   1.8537e7};
    const struct workload standard = workload_standard();
    const struct capacity capacity = capacity_of(&standard);
    for (int i = 0; i < NUMBERS; i++)
        check_close(capacity.of[i], right[i]);
}
END_TEST

START_TEST(a_percent_is_close_and_no_more)
{
    ck_assert(capacity_is_close(100.9, 100));
    ck_assert(capacity_is_close(99.1, 100));
    ck_assert(!capacity_is_close(101.1, 100));
    ck_assert(!capacity_is_close(98.9, 100));
    ck_assert(!capacity_is_close(NAN, 100));
    ck_assert(!capacity_is_close(INFINITY, 100));
    ck_assert(!capacity_is_close(0, 100));
    ck_assert(!capacity_is_close(-100, 100));
    ck_assert(!capacity_is_close(0, 0));
}
END_TEST

/* 1 when the number is right although it, or the one before it, is `times` what it should be. */
static int right_when(enum number number, double times, enum number before, double before_times)
{
    const struct workload standard = workload_standard();
    struct capacity own = capacity_of(&standard);
    own.of[before] *= before_times;
    own.of[number] *= times;
    return capacity_is_right(number, &standard, &own);
}

START_TEST(near_misses_on_both_sides)
{
    for (int i = 0; i < NUMBERS; i++) {
        const enum number number = (enum number)i;
        ck_assert(right_when(number, 1.009, number, 1));
        ck_assert(right_when(number, 0.991, number, 1));
        ck_assert(!right_when(number, 1.011, number, 1));
        ck_assert(!right_when(number, 0.989, number, 1));
        ck_assert(!right_when(number, 0, number, 1));
        ck_assert(!right_when(number, -1, number, 1));
        ck_assert(!right_when(number, NAN, number, 1));
    }
}
END_TEST

START_TEST(a_number_may_follow_from_a_wrong_one)
{
    ck_assert(right_when(NUMBER_DELIVERIES, 0.25, NUMBER_MESSAGES, 0.25));
    ck_assert(right_when(NUMBER_STORED, 0.25, NUMBER_MESSAGES, 0.25));
    ck_assert(right_when(NUMBER_HOTTEST, 0.25, NUMBER_MESSAGES, 0.25));
    ck_assert(right_when(NUMBER_OUTGOING, 0.25, NUMBER_MESSAGES, 0.25));
    ck_assert(right_when(NUMBER_OUTGOING, 0.5, NUMBER_DELIVERIES, 0.5));
    /* ... or not make the same mistake again. */
    ck_assert(right_when(NUMBER_DELIVERIES, 1, NUMBER_MESSAGES, 0.25));
    ck_assert(!right_when(NUMBER_DELIVERIES, 0.5, NUMBER_MESSAGES, 0.25));
    ck_assert(!right_when(NUMBER_CONNECTIONS, 0.25, NUMBER_MESSAGES, 0.25));
    ck_assert(!right_when(NUMBER_HOTTEST, 0.5, NUMBER_DELIVERIES, 0.5));
    /* From nothing nothing follows. */
    ck_assert(!right_when(NUMBER_DELIVERIES, 0, NUMBER_MESSAGES, 0));
}
END_TEST

START_TEST(retention_counts_up_to_a_year)
{
    struct workload workload = workload_standard();
    double bytes[3];
    for (int i = 0; i < 3; i++) {
        workload.retention_days = 364 + i;
        bytes[i] = capacity_of(&workload).of[NUMBER_STORED];
    }
    ck_assert(bytes[0] < bytes[1]);
    ck_assert(bytes[1] <= bytes[2] && bytes[2] <= bytes[1]);
}
END_TEST

/* --- explanations ----------------------------------------------------------------------------- */

struct sheet {
    struct workload workloads[DRAWN_WORKLOADS];
    struct capacity own[DRAWN_WORKLOADS];
};

static void draw_sheet(struct sheet *sheet, enum number number, uint64_t seed)
{
    struct random_seeded state;
    const struct random random = random_from_seed(&state, seed);
    capacity_draw(number, &random, sheet->workloads);
    for (int i = 0; i < DRAWN_WORKLOADS; i++)
        sheet->own[i] = capacity_of(&sheet->workloads[i]);
}

static void explain(struct sheet *sheet, enum number number, struct explanation *explanation)
{
    capacity_explain(number, sheet->workloads, sheet->own, DRAWN_WORKLOADS, 0, explanation);
}

START_TEST(what_is_left_out_is_named_with_its_value)
{
    struct sheet sheet;
    struct explanation explanation;
    draw_sheet(&sheet, NUMBER_DELIVERIES, 1);
    for (int i = 0; i < DRAWN_WORKLOADS; i++)
        sheet.own[i].of[NUMBER_DELIVERIES] /= sheet.workloads[i].devices;
    check_close(sheet.own[0].of[NUMBER_DELIVERIES], 35648);
    explain(&sheet, NUMBER_DELIVERIES, &explanation);
    ck_assert_str_eq(text_str(&explanation.is), "without devices (1.3)");
    ck_assert_int_eq(explanation.aspects, 1 << ASPECT_NUMBER);
    text_release(&explanation.is);
    for (int i = 0; i < DRAWN_WORKLOADS; i++)
        sheet.own[i].of[NUMBER_DELIVERIES] /= sheet.workloads[i].peak_factor;
    explain(&sheet, NUMBER_DELIVERIES, &explanation);
    ck_assert_str_eq(text_str(&explanation.is),
                     "without peak_factor (4) and without devices (1.3)");
    text_release(&explanation.is);
}
END_TEST

START_TEST(a_constant_is_named_or_given)
{
    static const struct {
        double factor;
        const char *words;
    } cases[] = {
        {24, "with 3,600 s for a day"},
        {1e-9, "in thousands of millions"},
        {1.5, "in every workload times 1.5: a constant is off"},
        {1.011, "in every workload times 1.011: a constant is off"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct sheet sheet;
        struct explanation explanation;
        draw_sheet(&sheet, NUMBER_STORED, k);
        for (int i = 0; i < DRAWN_WORKLOADS; i++)
            sheet.own[i].of[NUMBER_STORED] *= cases[k].factor;
        explain(&sheet, NUMBER_STORED, &explanation);
        ck_assert_str_eq(text_str(&explanation.is), cases[k].words);
        ck_assert_int_eq(explanation.aspects, 1 << ASPECT_NUMBER);
        text_release(&explanation.is);
    }
}
END_TEST

START_TEST(what_nothing_explains_concerns_every_aspect)
{
    struct sheet sheet;
    struct explanation explanation;
    draw_sheet(&sheet, NUMBER_STORED, 5);
    for (int i = 0; i < DRAWN_WORKLOADS; i++)
        sheet.own[i].of[NUMBER_STORED] = sqrt(sheet.own[i].of[NUMBER_STORED]);
    explain(&sheet, NUMBER_STORED, &explanation);
    ck_assert(!explanation.is_known);
    ck_assert_int_eq(explanation.aspects,
                     1 << ASPECT_NUMBER | 1 << ASPECT_ATTACHMENTS | 1 << ASPECT_RETENTION);
    ck_assert_str_eq(text_str(&explanation.is), "");
    for (int i = 0; i < DRAWN_WORKLOADS; i++)
        sheet.own[i].of[NUMBER_STORED] = 6.1685e14;
    explain(&sheet, NUMBER_STORED, &explanation);
    ck_assert(!explanation.is_known);
    ck_assert_str_eq(text_str(&explanation.is), "the same for every workload");
    text_release(&explanation.is);
}
END_TEST

/* Makes the mistake in the number, in every workload. 0 when it is right all the same. */
static int make_everywhere(struct sheet *sheet, enum number number, const struct mistake *mistake)
{
    int is_wrong = 0;
    for (int i = 0; i < DRAWN_WORKLOADS; i++) {
        struct variant variant = variant_right(&sheet->workloads[i]);
        mistake_make(&variant, mistake);
        sheet->own[i] = capacity_of(&sheet->workloads[i]);
        sheet->own[i].of[number] = variant_number(number, &variant, BASE_WORKLOAD, NULL);
        is_wrong |= !capacity_is_right(number, &sheet->workloads[i], &sheet->own[i]);
    }
    return is_wrong;
}

START_TEST(each_mistake_is_found_in_each_number)
{
    struct mistake list[MISTAKES_MAX];
    const int count = mistake_list(list);
    int found = 0;
    for (int k = 0; k < NUMBERS * SEEDS; k++) {
        const enum number number = (enum number)(k % NUMBERS);
        struct sheet sheet;
        draw_sheet(&sheet, number, (uint64_t)k);
        for (int m = 0; m < count; m++) {
            struct explanation explanation;
            if (!make_everywhere(&sheet, number, &list[m]))
                continue;
            if (list[m].words == NULL && list[m].member == WORKLOAD_RETENTION)
                continue; /* 400 days are as good as no retention */
            if (sheet.own[0].of[number] <= 0)
                continue; /* as if it were not written */
            explain(&sheet, number, &explanation);
            const char *words = list[m].words != NULL ? list[m].words : "with ";
            ck_assert_msg(strncmp(text_str(&explanation.is), words, strlen(words)) == 0,
                          "%s: \"%s\" is found as \"%s\"", number_name(number), words,
                          text_str(&explanation.is));
            text_release(&explanation.is);
            found++;
        }
    }
    ck_assert_int_gt(found, 60 * SEEDS);
}
END_TEST

/* --- workloads -------------------------------------------------------------------------------- */

START_TEST(draws_tell_mistakes_apart_and_keep_within_bounds)
{
    for (int k = 0; k < NUMBERS * SEEDS; k++) {
        const enum number number = (enum number)(k % NUMBERS);
        struct sheet sheet;
        int below_a_year = 0;
        draw_sheet(&sheet, number, (uint64_t)k);
        for (int i = 0; i < DRAWN_WORKLOADS; i++) {
            const struct workload *workload = &sheet.workloads[i];
            double shares = 0;
            for (int c = 0; c < WORKLOAD_CHANNEL_CLASSES; c++)
                shares += workload->channels[c].message_share;
            ck_assert_double_eq_tol(shares, 1, 1e-9);
            ck_assert(workload->users >= 1000 && workload->users <= 1e10);
            ck_assert(workload->gateways >= 2 && workload->partitions >= 1);
            if (i >= 1 && i <= 8) {
                ck_assert_msg(capacity_tells_apart(number, workload), "%s, seed %d, draw %d",
                              number_name(number), k, i);
                below_a_year += workload->retention_days < 365;
            }
        }
        ck_assert_int_eq(below_a_year, 4);
        ck_assert_int_eq(sheet.workloads[9].gateways, 2);
        ck_assert_int_eq(sheet.workloads[9].partitions, 1);
        ck_assert_double_eq(sheet.workloads[10].users, 1e10);
    }
}
END_TEST

START_TEST(members_are_read_and_written_by_name)
{
    struct workload workload = {0};
    for (int i = 0; i < WORKLOAD_MEMBERS; i++) {
        const enum workload_member member = (enum workload_member)i;
        ck_assert_str_ne(workload_member_name(member), "");
        workload_set(&workload, member, i + 1);
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(workload_member_name((enum workload_member)k),
                             workload_member_name(member));
    }
    for (int i = 0; i < WORKLOAD_MEMBERS; i++)
        ck_assert_double_eq(workload_get(&workload, (enum workload_member)i), i + 1);
    ck_assert_int_eq(workload.partitions, WORKLOAD_PARTITIONS + 1);
    ck_assert_str_eq(workload_member_name(WORKLOAD_HUGE_READERS), "huge_readers");
    ck_assert_double_eq(workload.channels[2].readers, WORKLOAD_HUGE_READERS + 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_lab_texts_workload_has_these_numbers,
                                  a_percent_is_close_and_no_more,
                                  near_misses_on_both_sides,
                                  a_number_may_follow_from_a_wrong_one,
                                  retention_counts_up_to_a_year,
                                  what_is_left_out_is_named_with_its_value,
                                  a_constant_is_named_or_given,
                                  what_nothing_explains_concerns_every_aspect,
                                  each_mistake_is_found_in_each_number,
                                  draws_tell_mistakes_apart_and_keep_within_bounds,
                                  members_are_read_and_written_by_name,
                                  NULL};
    return run_tests("chat capacity", tests);
}
