/*
 * Lab 03: the search. Every schedule of up to two faults at every point, then deeper ones by
 * chance, then a sample once more in lockstep.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "judge/judge.h"
#include "report/svg.h"

enum {
    RANDOM_SETUPS = 16,
    RANDOM_SCHEDULES = 500, /* of three to six faults, in each */
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

enum { CELL = 16, GRID_LEFT = 150, GRID_TOP = 44, GRID_ROW = 18, GRID_WIDTH = 900 };

static void draw_marks(const struct exploration *x, int points, struct text *svg)
{
    for (int f = 0; f < WORLD_FAULTS; f++) {
        int y = GRID_TOP + (f + 1) * GRID_ROW;
        svg_text(svg, "small", 0, y, "%s", world_fault_name((enum world_fault)f));
        for (int p = 0; p < points; p++) {
            int mark = x->grid[p][f];
            if (mark != GRID_BLANK)
                svg_text(svg, mark == GRID_BROKEN ? "wrong" : "small", GRID_LEFT + p * CELL, y,
                         "%c", mark == GRID_BROKEN ? 'X' : '.');
        }
        text_add(svg, "\n");
    }
}

static void draw_legend(struct text *svg)
{
    static const char *const lines[] = {
        ". : every rule kept; X: a rule broken; a, s: an append, a send of the run without faults",
        "Blank cannot happen there: only an append can be torn, only what was sent can be lost.",
        "Points beyond that run's are reached after a fault, which moves all that follow it."};
    for (int i = 0; i < 3; i++)
        svg_text(svg, "quiet", 0, GRID_TOP + (WORLD_FAULTS + 2 + i) * GRID_ROW, "%s", lines[i]);
}

static void draw_grid(struct exploration *x, const struct met *no_faults)
{
    static const char title[] = "Where each fault struck";
    int points = no_faults->points + 12 < GRID_POINTS ? no_faults->points + 12 : GRID_POINTS;
    struct text svg = {0};
    char alt[240];
    snprintf(alt, sizeof alt,
             "%lld schedules tried. Rows are faults, columns the points at which they "
             "strike, appends (a) and sends (s) of a run without faults; a dot passed, X broke a "
             "rule, blank cannot happen there.",
             (long long)x->tried);
    svg_begin(&svg, title, alt, GRID_WIDTH, GRID_TOP + (WORLD_FAULTS + 5) * GRID_ROW);
    for (int p = 0; p < points; p += 5)
        svg_text(&svg, "small", GRID_LEFT + p * CELL, 16, "%d", p);
    svg_text(&svg, "small", 0, 36, "without faults");
    for (int p = 0; p < no_faults->points; p++)
        svg_text(&svg, "small", GRID_LEFT + p * CELL, 36, "%c", no_faults->is_send[p] ? 's' : 'a');
    text_add(&svg, "\n");
    draw_marks(x, points, &svg);
    draw_legend(&svg);
    svg_end(&svg);
    run_picture(x->run, title, alt, text_str(&svg));
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
    if (frontier == NULL || x->world.faults_met != schedule->count || frontier->count == PAIRS_MAX)
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

/* No fault, then every single one. Those that were met are kept in singles, unless it is NULL. */
static int play_one_fault(struct exploration *x, struct met *no_faults, struct frontier *singles)
{
    static const struct schedule nothing = {0};
    struct frontier *none = calloc(1, sizeof *none);
    if (none == NULL)
        abort();
    x->played = keep_run;
    x->context = none;
    int stop = explore(x, &nothing) || explore_flush(x);
    x->context = singles;
    if (none->count > 0)
        *no_faults = none->runs[0];
    if (!stop && none->count > 0)
        stop = extend(x, none, 0) || explore_flush(x);
    x->played = NULL;
    free(none);
    return stop;
}

int explore_one_fault(struct exploration *x)
{
    struct met no_faults;
    return play_one_fault(x, &no_faults, NULL);
}

static int explore_two_faults(struct exploration *x, struct met *no_faults)
{
    struct frontier *singles = calloc(1, sizeof *singles);
    if (singles == NULL)
        abort();
    int stop = play_one_fault(x, no_faults, singles);
    for (int i = 0; i < singles->count && !stop; i++)
        stop = extend(x, singles, i);
    free(singles);
    return stop || explore_flush(x);
}

void saga_figures(const struct exploration *x)
{
    run_figure(x->run, "schedules tried", (double)x->tried);
    run_figure(x->run, "schedules whose faults were all met", (double)x->reached);
    run_figure(x->run, "ended completed", (double)x->completed);
    run_figure(x->run, "ended rolled back", (double)x->rolled_back);
    run_figure(x->run, "parked on the way", (double)x->parked);
}

void saga_check_ends(const struct exploration *x)
{
    if (x->completed == 0 || x->rolled_back == 0 || x->parked == 0)
        run_fail(x->run, "wrong answer", "schedules that complete, that roll back, and that park",
                 "%lld, %lld and %lld of them", (long long)x->completed, (long long)x->rolled_back,
                 (long long)x->parked);
}

static void check_two_faults(struct check_run *run)
{
    struct exploration *x = calloc(1, sizeof *x);
    struct met no_faults = {0};
    if (x == NULL)
        abort();
    if (explore_begin(x, run) == 0) {
        if (run->seed != SEED_DEFAULT) /* whose grid is the one that texts speak of */
            saga_draw_setup(&run->random, &x->setup);
        int stop = explore_two_faults(x, &no_faults);
        if (!stop)
            saga_check_ends(x);
        draw_grid(x, &no_faults);
        saga_figures(x);
        explore_end(x);
    }
    free(x);
}

/* --- deeper, by chance ------------------------------------------------------------------------ */

/* Fills the schedule's faults, each 1 to gap points behind the one before. */
static void draw_faults(const struct random *random, struct schedule *schedule, int point, int gap)
{
    for (int i = 0; i < schedule->count; i++) {
        point += 1 + (int)random_below(random, (uint64_t)gap);
        schedule->faults[i].point = point - 1;
        schedule->faults[i].fault = (enum world_fault)random_below(random, WORLD_FAULTS);
    }
}

/* Half of them are storms: faults so close together that attempts are used up, and sagas park. */
static struct schedule random_schedule(const struct random *random)
{
    struct schedule schedule = {.count = 3 + (int)random_below(random, WORLD_FAULTS_MAX - 2)};
    int storm = (int)random_below(random, 2);
    int point = storm ? (int)random_below(random, 16) : 0;
    draw_faults(random, &schedule, point, storm ? 2 : 9);
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
        int stop = 0;
        for (int i = 0; i < RANDOM_SETUPS && !stop; i++) {
            saga_draw_setup(&run->random, &x->setup);
            stop = explore_by_chance(x, RANDOM_SCHEDULES);
        }
        run_figure(run, "configurations", RANDOM_SETUPS);
        saga_figures(x);
        explore_end(x);
    }
    free(x);
}

/* --- the same in lockstep --------------------------------------------------------------------- */

/* What the batch says of one schedule, as a trace, asked of a probe of its own. */
static int batch_trace(struct check_run *run, const struct world_setup *setup,
                       const struct schedule *schedule, struct text *trace)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    enum probe_state state =
        probe == NULL ? PROBE_READY : explore_ask(probe, setup, schedule, 1, &reply);
    int ended = probe == NULL || (state != PROBE_READY && run_crash(run, state, probe));
    if (!ended)
        text_add(trace, message_get_or(&reply, "traces", ""));
    message_release(&reply);
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

static struct schedule short_schedule(const struct random *random)
{
    struct schedule schedule = {.count = (int)random_below(random, 4)};
    draw_faults(random, &schedule, 0, 8);
    return schedule;
}

/* Writes the schedule's story, and the first event after which the two traces differ. */
static int report_difference(struct check_run *run, struct world *world,
                             const struct world_setup *setup, const struct schedule *schedule,
                             const char *batch, const char *step)
{
    struct text expected = {0}, got = {0};
    size_t same = 0, piece = 0;
    for (; batch[same] != '\0' && batch[same] == step[same]; same++)
        piece = batch[same] == '|' ? same + 1 : piece;
    piece_in_words(batch + piece, &expected);
    piece_in_words(step + piece, &got);
    lockstep(run, world, setup, schedule, NULL, 1);
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
        struct world_setup setup;
        struct text batch = {0}, step = {0};
        saga_draw_setup(&run->random, &setup);
        struct schedule schedule = short_schedule(&run->random);
        ended = batch_trace(run, &setup, &schedule, &batch) ||
                lockstep(run, world, &setup, &schedule, &step, 0);
        text_append(&step, "/", 1);
        if (!ended && strcmp(text_str(&batch), text_str(&step)) != 0)
            ended =
                report_difference(run, world, &setup, &schedule, text_str(&batch), text_str(&step));
        if (!ended && world->rule != NULL) {
            lockstep(run, world, &setup, &schedule, NULL, 1);
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

const struct check saga_explorer_checks[] = {
    {CHECK("every_pair_of_faults_keeps_the_books", 4, 5, "every-fault"), .rules = "S2-S7 S10",
     .run = check_two_faults,
     .rule = "With any two faults, at any two points, every saga ends and the ledgers balance.",
     .hints = {"Expected is the rule that broke. If it is about a ledger, follow the service that "
               "is named through the story. If it is about keys, attempts or records, the last "
               "action shown breaks it by itself.",
               "After CRASH a new process knows the log and nothing else. At that line, write down "
               "what your records say: which step, which direction, how many attempts, what is "
               "owed? Compare it with what was going on.",
               "What is forgotten was changed without a record, or after the action that tells of "
               "it. Undone is what was ever SENT and not surely refused, not only what answered "
               "OK; and SENT is logged before the send."}},
    {CHECK("deeper_faults_keep_the_books", 4, 3, "every-fault"), .rules = "S2-S7 S10",
     .run = check_deeper,
     .rule = "With three to six faults at random, every saga ends and the ledgers balance.",
     .hints = {"It was made as short as it can be; each fault left in it matters. SEED=n plays the "
               "same schedules again.",
               "So many faults use up attempts: look at what parks, at what the operator's resume "
               "finds, and at a crash after each.",
               "Does a replayed RESUMED give the direction, the step and fresh attempts? Is the "
               "refund's amount worked out from logged answers? Does a late answer count for a "
               "step that is backing off?"}},
    {CHECK("turning_back_and_parking_have_their_reasons", 4, 2, "every-fault"), .rules = "S2-S4 S6",
     .run = saga_check_reasons,
     .rule = "Whatever the checkout and the configuration: a saga turns back or parks where a rule "
             "says so, and nowhere else.",
     .hints = {"The last line of the story says at which step, and how often that failed; count "
               "along, from the attempts given in the first line.",
               "Turned back: REJECTED of a step up to SHIP; attempts used up before SHIP; the "
               "deadline, when the next step is not begun. Parked: a compensation's attempts used "
               "up since the last resume; CONFIRM rejected. Does anything else lead there?",
               "Attempts are counted for each command alone, from its SENT records; a restart "
               "repeats one and is not one itself. All limits are in the config that saga_create "
               "was given; none is a number in your code."}},
    {CHECK("a_kill_is_no_different_from_a_crash", 4, 3, "every-fault"), .rules = "S7",
     .run = check_lockstep,
     .rule =
         "Event by event, in processes that are killed and know nothing of what is to come, the "
         "saga does the same.",
     .hints =
         {"Expected is what it did where many schedules ran in one process; got is the same event "
          "in a process of its own. What did the first one know that this one cannot?",
          "A new process has only the bytes of the log. Look for static and global variables, and "
          "for a pool or cache that outlives saga_destroy.",
          "Then for memory that is read before it was written: saga_create must set every field "
          "(calloc does), and replay must set what handling sets."}},
    {0},
};
