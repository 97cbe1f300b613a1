/*
 * Lab 04, step 4: the search. Every schedule of up to two faults at every point, then deeper ones
 * by chance, then some in lockstep.
 */
#include "suites/04-chat/world.h"

#include <stdlib.h>
#include <string.h>
#include "suites/04-chat/checks.h"
#include "suites/04-chat/core.h"

enum {
    RANDOM_SCHEDULES = 2000, /* of three to five faults */
    LOCKSTEP_SCHEDULES = 100,
    SINGLES_MAX = CHAT_WORLD_POINTS * CHAT_FAULTS
};

/* A run whose faults were all met, and the points where a further one may strike. */
struct met {
    struct chat_schedule schedule;
    int points;
    unsigned char kinds[CHAT_WORLD_POINTS];
};
struct frontier {
    struct met runs[SINGLES_MAX];
    int count;
};

static void keep_run(struct chat_search *search, const struct chat_schedule *schedule)
{
    struct frontier *frontier = search->context;
    const struct chat_world *world = &search->world;
    if (world->faults_met != schedule->count || frontier->count == SINGLES_MAX)
        return;
    struct met *met = &frontier->runs[frontier->count++];
    met->schedule = *schedule;
    met->points = world->points < CHAT_WORLD_POINTS ? world->points : CHAT_WORLD_POINTS;
    memcpy(met->kinds, world->kinds, sizeof met->kinds);
}

/* Every schedule that is this run's and one fault more, at a later point. */
static int extend(struct chat_search *search, const struct met *run)
{
    struct chat_schedule next = run->schedule;
    int first = next.count == 0 ? 0 : next.faults[next.count - 1].point + 1, stop = 0;
    next.count++;
    for (int point = first; point < run->points && !stop; point++) {
        for (int fault = 0; fault < CHAT_FAULTS && !stop; fault++) {
            if (!chat_fault_fits((enum chat_fault)fault, (enum chat_point)run->kinds[point]))
                continue;
            next.faults[next.count - 1].point = point;
            next.faults[next.count - 1].fault = (enum chat_fault)fault;
            stop = chat_search_try(search, &next);
        }
    }
    return stop;
}

/* No fault, every single one, every pair. 1 when it is over. */
static int try_pairs(struct chat_search *search)
{
    static const struct chat_schedule nothing = {0};
    struct frontier *none = chat_memory(sizeof *none), *singles = chat_memory(sizeof *singles);
    search->played = keep_run;
    search->context = none;
    int stop = chat_search_try(search, &nothing) || chat_search_flush(search);
    search->context = singles;
    stop = stop || none->count == 0 || extend(search, &none->runs[0]) || chat_search_flush(search);
    search->played = NULL;
    for (int i = 0; i < singles->count && !stop; i++)
        stop = extend(search, &singles->runs[i]);
    free(none);
    free(singles);
    return stop || chat_search_flush(search);
}

static struct chat_schedule draw(const struct random *random)
{
    struct chat_schedule schedule = {.count = 3 + (int)random_below(random, 3)};
    int point = 0;
    for (int i = 0; i < schedule.count; i++) {
        point += (int)random_below(random, 14);
        schedule.faults[i].point = point++;
        schedule.faults[i].fault = (enum chat_fault)random_below(random, CHAT_FAULTS);
    }
    return schedule;
}

static int try_by_chance(struct chat_search *search)
{
    int stop = 0;
    for (int i = 0; i < RANDOM_SCHEDULES && !stop; i++) {
        struct chat_schedule schedule = draw(&search->run->random);
        stop = chat_search_try(search, &schedule);
    }
    return stop || chat_search_flush(search);
}

static void try_in_lockstep(struct chat_search *search)
{
    struct chat_remote remote = {.run = search->run};
    int ended = 0;
    for (int i = 0; i < LOCKSTEP_SCHEDULES && !ended; i++) {
        struct chat_schedule schedule = draw(&search->run->random);
        ended = chat_lockstep(&remote, &search->world, &schedule);
        if (!ended && search->world.rule != NULL) {
            chat_world_story(&remote, &search->world, &schedule);
            ended = 1;
        }
    }
    chat_lockstep_end(&remote);
}

static void check_schedules(struct check_run *run)
{
    struct chat_search *search = chat_memory(sizeof *search);
    if (chat_search_begin(search, run) == 0) {
        int stop = try_pairs(search) || try_by_chance(search);
        run_figure(run, "schedules tried", (double)search->tried);
        run_figure(run, "schedules whose faults were all met", (double)search->met);
        if (!stop) {
            try_in_lockstep(search);
            run_figure(run, "schedules in lockstep", LOCKSTEP_SCHEDULES);
        }
        chat_search_end(search);
    }
    free(search);
}

const struct check chat_world_checks[] = {
    {.id = "schedules_leave_equal_lists",
     .step = 4,
     .points = 3,
     .tier = TIER_MODEL,
     .rules = "C1-C5",
     .anchor = "schedules-of-faults",
     .cpu_ms = 20000,
     .run = check_schedules,
     .rule =
         "With any two faults, at any two points, and with more by chance: what was answered is "
         "in the log once, every reader gets each number once and in order, and at rest all "
         "have the same.",
     .hints = {"Expected is the rule that broke. Follow the reader that the story is about, from "
               "the fault on: what was it written last, what had it heard of, what was on its way?",
               "After CRASH a new log knows the records and nothing else. A reader that comes back "
               "is a new stream at the other hub.",
               "Many faults end in the same few states: a fetch under way, no room, a hole that is "
               "known. In each of them, what may still be written, and what makes it go on?"}},
    {0},
};
