/*
 * The search for the mistake that was made. What holds for all workloads together is no accident.
 */
#include "suites/04-chat/capacity_internal.h"

#include <stddef.h>

/* --- the search ------------------------------------------------------------------------------- */

/* A number, what it was for each workload, and what it may be built on. */
struct search {
    enum number number;
    const struct workload *workloads;
    const struct capacity *own;
    int count;
};

static int fits_at(const struct search *search, int at, enum base base, const struct mistake *first,
                   const struct mistake *second)
{
    const struct capacity *own = &search->own[at];
    struct variant variant = variant_right(&search->workloads[at]);
    if (!base_is_there(search->number, base, own))
        return 0;
    mistake_make(&variant, first);
    if (second != NULL)
        mistake_make(&variant, second);
    return capacity_is_close(own->of[search->number],
                             variant_number(search->number, &variant, base, own));
}

/* 1 when the mistakes give own's number everywhere, on one base. second may be NULL. */
static int fits(const struct search *search, const struct mistake *first,
                const struct mistake *second)
{
    for (int base = 0; base < BASES; base++) {
        int at = 0;
        while (at < search->count && fits_at(search, at, (enum base)base, first, second))
            at++;
        if (at == search->count)
            return 1;
    }
    return 0;
}

/* The constant by which own's number is off everywhere; 0 when there is none. */
static double constant_factor(const struct search *search)
{
    const struct capacity right = capacity_of(&search->workloads[0]);
    const double factor = search->own[0].of[search->number] / right.of[search->number];
    for (int i = 0; i < search->count; i++) {
        const struct capacity here = capacity_of(&search->workloads[i]);
        if (!capacity_is_close(search->own[i].of[search->number], factor * here.of[search->number]))
            return 0;
    }
    return factor;
}

static int is_one_number(const struct search *search)
{
    for (int i = 1; i < search->count; i++)
        if (search->own[i].of[search->number] != search->own[0].of[search->number])
            return 0;
    return 1;
}

/* --- its words -------------------------------------------------------------------------------- */

static void describe(struct text *words, const struct mistake *mistake,
                     const struct workload *workload)
{
    if (mistake->words == NULL)
        text_addf(words, "with %s always as in the lab text (%g)",
                  workload_member_name(mistake->member), mistake->value);
    else
        text_addf(words, "%s (%g)", mistake->words, workload_get(workload, mistake->member));
}

static void describe_factor(struct text *words, double factor)
{
    static const struct {
        double factor;
        const char *words;
    } known[] = {
        {24, "with 3,600 s for a day"},
        {1.0 / 24, "with a day of 24 x 86,400 s"},
        {1440, "with 60 s for a day"},
        {86400, "for a day, not for a second"},
        {1.0 / 365, "for one day of 365"},
        {30.0 / 365, "for a month of 30 days"},
        {8, "in bits"},
        {1e-3, "in thousands"},
        {1.0 / 1024, "in units of 1,024"},
        {1e-6, "in millions"},
        {1e-9, "in thousands of millions"},
        {1e-12, "in millions of millions"},
        {1.0 / 1048576, "in units of 1,024 x 1,024"},
        {1.0 / 1073741824, "in units of 1,024 x 1,024 x 1,024"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (capacity_is_close(factor, known[i].factor))
            text_add(words, known[i].words);
    if (words->length == 0)
        text_addf(words, "in every workload times %.4g: a constant is off", factor);
}

/* The aspects of a number that have checks. */
static int aspects_of(enum number number)
{
    int aspects = 1 << ASPECT_NUMBER;
    if (number == NUMBER_DELIVERIES)
        aspects |= 1 << ASPECT_CHANNELS;
    if (number == NUMBER_STORED)
        aspects |= 1 << ASPECT_ATTACHMENTS;
    if (number == NUMBER_STORED || number == NUMBER_INDEX)
        aspects |= 1 << ASPECT_RETENTION;
    return aspects;
}

static int aspect_in(enum number number, const struct mistake *mistake)
{
    const int aspect = 1 << mistake->aspect;
    return aspects_of(number) & aspect ? aspect : 1 << ASPECT_NUMBER;
}

static void explain_by(struct explanation *explanation, const struct search *search,
                       const struct mistake *first, const struct mistake *second, int shown)
{
    explanation->is_known = 1;
    explanation->aspects = aspect_in(search->number, first);
    describe(&explanation->is, first, &search->workloads[shown]);
    if (second == NULL)
        return;
    explanation->aspects |= aspect_in(search->number, second);
    text_add(&explanation->is, " and ");
    describe(&explanation->is, second, &search->workloads[shown]);
}

static int explain_by_one(struct explanation *explanation, const struct search *search,
                          const struct mistake *list, int count, int shown)
{
    for (int i = 0; i < count; i++) {
        if (fits(search, &list[i], NULL)) {
            explain_by(explanation, search, &list[i], NULL, shown);
            return 1;
        }
    }
    return 0;
}

static int explain_by_two(struct explanation *explanation, const struct search *search,
                          const struct mistake *list, int count, int shown)
{
    for (int i = 0; i < count; i++) {
        for (int k = i + 1; k < count; k++) {
            if (fits(search, &list[i], &list[k])) {
                explain_by(explanation, search, &list[i], &list[k], shown);
                return 1;
            }
        }
    }
    return 0;
}

void capacity_explain(enum number number, const struct workload *workloads,
                      const struct capacity *own, int count, int shown,
                      struct explanation *explanation)
{
    const struct search search = {number, workloads, own, count};
    struct mistake list[MISTAKES_MAX];
    const int list_count = mistake_list(list);
    *explanation = (struct explanation){.aspects = aspects_of(number)};
    if (is_one_number(&search)) {
        text_add(&explanation->is, "the same for every workload");
        return;
    }
    if (explain_by_one(explanation, &search, list, list_count, shown))
        return;
    const double factor = constant_factor(&search);
    if (factor > 0) {
        explanation->is_known = 1;
        explanation->aspects = 1 << ASPECT_NUMBER;
        describe_factor(&explanation->is, factor);
        return;
    }
    explain_by_two(explanation, &search, list, list_count, shown);
}
