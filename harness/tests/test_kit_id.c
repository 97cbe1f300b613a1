/* Ids: the form of RFC 9562, and an order that neither clocks nor threads can break. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/id.h"
#include "run_tests.h"

static const int64_t NOW_MS = 1795339800123; /* 0x01a2028f763b */

START_TEST(an_id_has_the_form_of_version_7)
{
    struct id_generator generator;
    struct id_source source = id_source_from(&generator, random_system());
    for (int round = 0; round < 1000; round++) {
        char id[ID_SIZE];
        id_next(&source, NOW_MS, id);
        ck_assert_msg(id_valid(id), "%s", id);
        ck_assert_int_eq(id[14], '7');
        ck_assert_msg(strchr("89ab", id[19]) != NULL, "variant of %s", id);
    }
}
END_TEST

START_TEST(an_id_begins_with_its_milliseconds)
{
    struct id_generator generator;
    struct id_source source = id_source_from(&generator, random_system());
    char id[ID_SIZE];
    id_next(&source, NOW_MS, id);
    char expected[16];
    snprintf(expected, sizeof expected, "%08llx-%04llx", (unsigned long long)NOW_MS >> 16,
             (unsigned long long)NOW_MS & 0xffff);
    ck_assert_int_eq(strncmp(id, expected, 13), 0);
}
END_TEST

START_TEST(ids_increase_whatever_the_clock_does)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 5);
    struct id_generator generator;
    struct id_source source = id_source_from(&generator, random);
    char last[ID_SIZE] = "";
    for (int round = 0; round < 50000; round++) {
        /* Mostly the same millisecond, sometimes a jump forward or back. */
        int64_t jump_ms = random_below(&random, 50) == 0 ? (int64_t)random_below(&random, 200) : 0;
        char id[ID_SIZE];
        id_next(&source, NOW_MS + (round % 2 == 0 ? jump_ms : -jump_ms), id);
        ck_assert_str_lt(last, id);
        memcpy(last, id, sizeof last);
    }
}
END_TEST

START_TEST(more_ids_than_the_counter_holds_still_increase)
{
    struct id_generator generator;
    struct id_source source = id_source_from(&generator, random_system());
    char last[ID_SIZE] = "";
    for (int round = 0; round < 3 * 4096; round++) {
        char id[ID_SIZE];
        id_next(&source, NOW_MS, id);
        ck_assert_str_lt(last, id);
        memcpy(last, id, sizeof last);
    }
}
END_TEST

START_TEST(impossible_times_still_give_ids)
{
    const int64_t times_ms[] = {INT64_MIN, -1, 0, INT64_C(1) << 48, INT64_MAX};
    struct id_generator generator;
    struct id_source source = id_source_from(&generator, random_system());
    char last[ID_SIZE] = "";
    for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
        char id[ID_SIZE];
        id_next(&source, times_ms[i], id);
        ck_assert_msg(id_valid(id), "%s", id);
        ck_assert_str_lt(last, id);
        memcpy(last, id, sizeof last);
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_ids)
{
    struct random_seeded first_seeded;
    struct random_seeded second_seeded;
    struct id_generator first;
    struct id_generator second;
    struct id_source one = id_source_from(&first, random_from_seed(&first_seeded, 9));
    struct id_source two = id_source_from(&second, random_from_seed(&second_seeded, 9));
    for (int round = 0; round < 100; round++) {
        char id[ID_SIZE];
        char again[ID_SIZE];
        id_next(&one, NOW_MS + round / 10, id);
        id_next(&two, NOW_MS + round / 10, again);
        ck_assert_str_eq(id, again);
    }
}
END_TEST

enum { THREADS = 4, IDS_PER_THREAD = 5000 };

struct maker {
    struct id_source source;
    char (*ids)[ID_SIZE];
};

static void *make_ids(void *context)
{
    struct maker *maker = context;
    for (int i = 0; i < IDS_PER_THREAD; i++)
        id_next(&maker->source, NOW_MS + i / 100, maker->ids[i]);
    return NULL;
}

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, ID_SIZE);
}

START_TEST(threads_share_a_source_without_doubles)
{
    static char ids[THREADS * IDS_PER_THREAD][ID_SIZE];
    struct id_generator generator;
    struct id_source source = id_source_from(&generator, random_system());
    pthread_t threads[THREADS];
    struct maker makers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        makers[i] = (struct maker){source, ids + (ptrdiff_t)i * IDS_PER_THREAD};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_ids, &makers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        for (int made = 1; made < IDS_PER_THREAD; made++)
            ck_assert_str_lt(makers[i].ids[made - 1], makers[i].ids[made]);
    }
    qsort(ids, THREADS * IDS_PER_THREAD, ID_SIZE, compare_ids);
    for (int i = 1; i < THREADS * IDS_PER_THREAD; i++) {
        /* Even without their random tail: it is the counter that must tell them apart. */
        ck_assert_msg(strncmp(ids[i - 1], ids[i], 18) != 0, "twice: %s", ids[i]);
    }
}
END_TEST

START_TEST(only_the_form_of_a_uuid_is_valid)
{
    const struct {
        const char *text;
        int valid;
    } cases[] = {{"01a2028f-763b-7abc-8def-0123456789ab", 1},
                 {"00000000-0000-0000-0000-000000000000", 1},
                 {"01A2028F-763B-4ABC-8DEF-0123456789AB", 1},
                 {"", 0},
                 {"01a2028f-763b-7abc-8def-0123456789a", 0},
                 {"01a2028f-763b-7abc-8def-0123456789abc", 0},
                 {"01a2028f-763b-7abc-8def-0123456789ag", 0},
                 {"01a2028f-763b-7abc-8def_0123456789ab", 0},
                 {"01a2028f0763b-7abc-8def-0123456789ab", 0},
                 {"{1a2028f-763b-7abc-8def-0123456789a}", 0},
                 {"01a2028f-763b-7abc-8def-0123456789\xc3\xa9", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(id_valid(cases[i].text) == cases[i].valid, "'%s'", cases[i].text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_id_has_the_form_of_version_7,
                                  an_id_begins_with_its_milliseconds,
                                  ids_increase_whatever_the_clock_does,
                                  more_ids_than_the_counter_holds_still_increase,
                                  impossible_times_still_give_ids,
                                  the_same_seed_gives_the_same_ids,
                                  threads_share_a_source_without_doubles,
                                  only_the_form_of_a_uuid_is_valid,
                                  NULL};
    return run_tests("kit id", tests);
}
