/*
 * Lab 03: the search. Every schedule of up to two faults at every point, then deeper ones by
 * chance, then a sample once more in lockstep.
 */
#include "judge/suites/03-saga.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RANDOM_SCHEDULES = 8000, /* of three to six faults */
    LOCKSTEP_SAMPLE = 100,
    PAIRS_MAX = WORLD_LOG_MAX * WORLD_FAULTS
};

/* A run whose faults were all met, and the points where a further one may strike. */
struct met {
    struct schedule schedule;
    int points;
    unsigned char is_send[WORLD_LOG_MAX]; /* else an append */
};

/* --- the grid --------------------------------------------------------------------------------- */

static void draw_grid(struct exploration *x, const struct met *sunny)
{
    int points = sunny->points + 12 < GRID_POINTS ? sunny->points + 12 : GRID_POINTS;
    static const char marks[] = {' ', '.', 'X'};
    struct text svg = {0};
    char alt[240];
    snprintf(alt, sizeof alt,
             "%lld schedules tried. Rows are faults, columns the points at which they "
             "strike, appends (a) and sends (s) of a run without faults; a dot passed, X broke a "
             "rule, blank cannot happen there.",
             (long long)x->tried);
    enum { CELL = 12, LEFT = 130, TOP = 40 };
    text_addf(&svg,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
              "aria-label=\"%s\"><g font-size=\"11\" fill=\"currentColor\">",
              LEFT + points * CELL + 10, TOP + (WORLD_FAULTS + 2) * 16, alt);
    for (int p = 0; p < points; p += 5)
        text_addf(&svg, "<text x=\"%d\" y=\"14\">%d</text>", LEFT + p * CELL, p);
    text_add(&svg, "<text x=\"0\" y=\"30\">without faults</text>");
    for (int p = 0; p < sunny->points; p++)
        text_addf(&svg, "<text x=\"%d\" y=\"30\">%c</text>", LEFT + p * CELL,
                  sunny->is_send[p] ? 's' : 'a');
    for (int f = 0; f < WORLD_FAULTS; f++) {
        text_addf(&svg, "<text x=\"0\" y=\"%d\">%s</text>", TOP + 12 + f * 16,
                  world_fault_name((enum world_fault)f));
        for (int p = 0; p < points; p++) {
            char mark = marks[x->grid[p][f]];
            if (mark != ' ')
                text_addf(&svg, "<text x=\"%d\" y=\"%d\">%c</text>", LEFT + p * CELL,
                          TOP + 12 + f * 16, mark);
        }
    }
    text_add(&svg, "</g></svg>");
    run_picture(x->run, "Where each fault struck", alt, text_str(&svg));
    text_release(&svg);
}

/* --- all schedules of up to two faults -------------------------------------------------------- */

struct frontier {
    struct met runs[PAIRS_MAX];
    int count;
};

static void keep_run(struct exploration *x, const struct schedule *schedule)
{
    struct frontier *frontier = x->context;
    if (frontier == NULL || x->world.struck != schedule->count || frontier->count == PAIRS_MAX)
        return;
    int at = frontier->count++;
    frontier->runs[at].schedule = *schedule;
    frontier->runs[at].points = x->world.points < WORLD_LOG_MAX ? x->world.points : WORLD_LOG_MAX;
    memcpy(frontier->runs[at].is_send, x->world.is_send, sizeof x->world.is_send);
}

/* Every schedule that is this run's and one fault more, at a later point. */
static int extend(struct exploration *x, const struct frontier *frontier, int at)
{
    struct schedule next = frontier->runs[at].schedule;
    int first = next.count == 0 ? 0 : next.faults[next.count - 1].point + 1;
    int stop = 0;
    next.count++;
    for (int p = first; p < frontier->runs[at].points && !stop; p++) {
        for (int f = 0; f < WORLD_FAULTS && !stop; f++) {
            if (!world_fault_fits((enum world_fault)f, frontier->runs[at].is_send[p]))
                continue;
            next.faults[next.count - 1].point = p;
            next.faults[next.count - 1].fault = (enum world_fault)f;
            stop = explore(x, &next);
        }
    }
    return stop;
}

static int explore_two_faults(struct exploration *x, struct met *sunny)
{
    static const struct schedule nothing = {.count = 0};
    struct frontier *none = calloc(1, sizeof *none), *singles = calloc(1, sizeof *singles);
    if (none == NULL || singles == NULL)
        abort();
    x->played = keep_run;
    x->context = none;
    int stop = explore(x, &nothing) || explore_flush(x);
    if (none->count > 0)
        *sunny = none->runs[0];
    x->context = singles;
    if (!stop && none->count > 0)
        stop = extend(x, none, 0) || explore_flush(x);
    x->context = NULL;
    for (int i = 0; i < singles->count && !stop; i++)
        stop = extend(x, singles, i);
    if (!stop)
        stop = explore_flush(x);
    x->played = NULL;
    free(none);
    free(singles);
    return stop;
}

static void figures(struct exploration *x)
{
    run_figure(x->run, "schedules tried", (double)x->tried);
    run_figure(x->run, "schedules whose faults were all met", (double)x->reached);
    run_figure(x->run, "ended completed", (double)x->completed);
    run_figure(x->run, "ended rolled back", (double)x->rolled_back);
    run_figure(x->run, "parked on the way", (double)x->parked);
}

static void check_two_faults(struct check_run *run)
{
    struct exploration *x = calloc(1, sizeof *x);
    struct met sunny = {.points = 0};
    if (x == NULL)
        abort();
    if (explore_begin(x, run) == 0) {
        int stop = explore_two_faults(x, &sunny);
        if (!stop && (x->completed == 0 || x->rolled_back == 0 || x->parked == 0))
            run_fail(run, "wrong answer", "schedules that complete, that roll back, and that park",
                     "%lld, %lld and %lld of them", (long long)x->completed,
                     (long long)x->rolled_back, (long long)x->parked);
        draw_grid(x, &sunny);
        figures(x);
        explore_end(x);
    }
    free(x);
}

/* --- deeper, by chance ------------------------------------------------------------------------ */

/* Half of them are storms: faults so close together that attempts are used up, and sagas park. */
static struct schedule random_schedule(const struct random *random)
{
    struct schedule schedule = {.count = 3 + (int)random_below(random, WORLD_FAULTS_MAX - 2)};
    int storm = (int)random_below(random, 2);
    int point = storm ? (int)random_below(random, 16) : 0;
    for (int i = 0; i < schedule.count; i++) {
        point += 1 + (int)random_below(random, storm ? 2 : 9);
        schedule.faults[i].point = point - 1;
        schedule.faults[i].fault = (enum world_fault)random_below(random, WORLD_FAULTS);
    }
    return schedule;
}

int explore_by_chance(struct exploration *x, int schedules)
{
    int stop = 0;
    for (int i = 0; i < schedules && !stop; i++) {
        struct schedule schedule = random_schedule(&x->run->random);
        stop = explore(x, &schedule);
    }
    return stop || explore_flush(x);
}

static void check_deeper(struct check_run *run)
{
    struct exploration *x = calloc(1, sizeof *x);
    if (x == NULL)
        abort();
    if (explore_begin(x, run) == 0) {
        explore_by_chance(x, RANDOM_SCHEDULES);
        figures(x);
        explore_end(x);
    }
    free(x);
}

/* --- the same in lockstep --------------------------------------------------------------------- */

/* What the batch says of one schedule, as a trace, asked of a probe of its own. */
static int batch_trace(struct check_run *run, const struct schedule *schedule, struct text *trace)
{
    struct text line = {0};
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    text_add(&line, "explore schedules=");
    schedule_write(&line, schedule);
    enum probe_state state =
        probe == NULL ? PROBE_READY : probe_ask(probe, text_str(&line), &reply);
    int ended = probe == NULL || (state != PROBE_READY && run_crash(run, state, probe));
    if (!ended)
        text_add(trace, message_get_or(&reply, "traces", ""));
    message_release(&reply);
    text_release(&line);
    probe_free(probe);
    return ended;
}

/* What the saga asked for after one event: a piece of a trace, up to '|', in words. */
static void piece_in_words(const char *piece, struct text *out)
{
    struct saga_actions actions;
    if (*piece == 'b' || *piece == 'B') {
        text_add(out, *piece == 'b' ? "replays its log; " : "refuses its log");
        piece++;
    }
    actions.count = 0;
    if (*piece != '\0' && *piece != '/' && trace_read(&piece, &actions) < 0)
        text_add(out, "?");
    saga_write_actions(&actions, 1, out);
    if (actions.count <= 0)
        text_add(out, actions.count == 0 ? "nothing" : "more than 8 actions");
}

/* Tells the schedule as a story and the first event after which the two traces differ. */
static int tell_difference(struct check_run *run, struct world *world,
                           const struct schedule *schedule, const char *batch, const char *step)
{
    struct text expected = {0}, got = {0};
    size_t same = 0, piece = 0;
    for (; batch[same] != '\0' && batch[same] == step[same]; same++)
        piece = batch[same] == '|' ? same + 1 : piece;
    piece_in_words(batch + piece, &expected);
    piece_in_words(step + piece, &got);
    lockstep(run, world, schedule, NULL, 1);
    int ended =
        run_ended(run) || run_fail(run, "wrong answer", text_str(&expected), "%s", text_str(&got));
    text_release(&expected);
    text_release(&got);
    return ended;
}

static void check_lockstep(struct check_run *run)
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL)
        abort();
    int ended = 0;
    for (int i = 0; i < LOCKSTEP_SAMPLE && !ended; i++) {
        struct schedule schedule = {.count = (int)random_below(&run->random, 4)};
        int point = 0;
        for (int f = 0; f < schedule.count; f++) {
            point += 1 + (int)random_below(&run->random, 8);
            schedule.faults[f].point = point - 1;
            schedule.faults[f].fault = (enum world_fault)random_below(&run->random, WORLD_FAULTS);
        }
        struct text batch = {0}, step = {0};
        ended = batch_trace(run, &schedule, &batch) || lockstep(run, world, &schedule, &step, 0);
        text_append(&step, "/", 1);
        if (!ended && strcmp(text_str(&batch), text_str(&step)) != 0)
            ended = tell_difference(run, world, &schedule, text_str(&batch), text_str(&step));
        if (!ended && world->rule != NULL) {
            lockstep(run, world, &schedule, NULL, 1);
            struct text facts = {0};
            saga_story_facts(world, &facts);
            ended = run_fail(run, "wrong answer", world->rule, "%s", text_str(&facts));
            text_release(&facts);
        }
        text_release(&batch);
        text_release(&step);
    }
    run_figure(run, "schedules in lockstep", LOCKSTEP_SAMPLE);
    free(world);
}

#define CHECK(name, its_step, its_points, its_anchor)                                              \
    .id = name, .step = its_step, .points = its_points, .anchor = its_anchor, .tier = TIER_MODEL,  \
    .cpu_ms = 20000

const struct check saga_explorer_checks[SAGA_EXPLORER_CHECKS] = {
    {CHECK("every_pair_of_faults_keeps_the_books", 4, 6, "every-fault"), .rules = "S2-S7 S10",
     .run = check_two_faults,
     .rule = "With any two faults, at any two points, every saga ends and the ledgers balance.",
     .hints = {"The story is the shortest schedule that breaks the rule; follow the ledger of the "
               "service where money or stock went missing.",
               "After a restart nothing is known but the log: which record was missing?",
               "A rule of one action, such as the length of a record, breaks before any ledger is "
               "looked at: print what saga_handle returns."}},
    {CHECK("deeper_faults_keep_the_books", 4, 4, "every-fault"), .rules = "S2-S7 S10",
     .run = check_deeper,
     .rule = "With three to six faults by chance, every saga ends and the ledgers balance.",
     .hints = {"It was made as short as it goes; each fault left in it matters.",
               "SEED=n plays the same schedules again."}},
    {CHECK("a_kill_is_no_different_from_a_crash", 4, 3, "every-fault"), .rules = "S7",
     .run = check_lockstep,
     .rule =
         "Event by event, in processes that are killed and know nothing of what is to come, the "
         "saga does the same.",
     .hints =
         {"Does your saga keep anything outside the struct, or look at what it should not know?",
          "A new process has only the bytes of the log."}},
};
