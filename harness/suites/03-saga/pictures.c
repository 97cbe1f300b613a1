/*
 * Lab 03's picture of the saga: a flow graph of what the student's code does, beside the rules.
 *
 * A box is what the saga waits for: the answer to a step, the answer to an undoing, nothing more. A
 * walk gives it answers one after the other; the last of them is the edge that is looked at.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report/report.h"

/* An edge of the rules, and the walk that takes it: o OK, r REJECTED, u UNKNOWN (then its timer), +
   an operator's resume. Steps and undoings have two attempts. */
struct walk {
    struct state_edge rule;
    const char *answers;
};

static const struct walk walks[] = {
    {{"validate", "discount", "ok", STATE_OK}, "o"},
    {{"discount", "reserve", "ok", STATE_OK}, "oo"},
    {{"reserve", "pay", "ok", STATE_OK}, "ooo"},
    {{"pay", "ship", "ok", STATE_OK}, "oooo"},
    {{"ship", "confirm", "ok", STATE_OK}, "ooooo"},
    {{"confirm", "COMPLETED", "ok", STATE_OK}, "oooooo"},

    {{"validate", "ROLLED_BACK", "rejected", STATE_OK}, "r"},
    {{"discount", "ROLLED_BACK", "rejected", STATE_OK}, "or"},
    {{"reserve", "undo discount", "rejected", STATE_OK}, "oor"},
    {{"pay", "undo reserve", "rejected", STATE_OK}, "ooor"},
    {{"ship", "undo pay", "rejected", STATE_OK}, "oooor"},
    {{"confirm", "PARKED", "rejected", STATE_OK}, "ooooor"},

    {{"validate", "validate", "unknown", STATE_OK}, "u"},
    {{"discount", "discount", "unknown", STATE_OK}, "ou"},
    {{"reserve", "reserve", "unknown", STATE_OK}, "oou"},
    {{"pay", "pay", "unknown", STATE_OK}, "ooou"},
    {{"ship", "ship", "unknown, always", STATE_OK}, "oooouuuuu"},
    {{"confirm", "confirm", "unknown, always", STATE_OK}, "ooooouuuuu"},
    {{"validate", "ROLLED_BACK", "unknown, last", STATE_OK}, "uu"},
    {{"discount", "undo discount", "unknown, last", STATE_OK}, "ouu"},
    {{"reserve", "undo reserve", "unknown, last", STATE_OK}, "oouu"},
    {{"pay", "undo pay", "unknown, last", STATE_OK}, "ooouu"},

    {{"undo pay", "undo reserve", "ok", STATE_OK}, "ooooro"},
    {{"undo reserve", "undo discount", "ok", STATE_OK}, "oooro"},
    {{"undo discount", "ROLLED_BACK", "ok", STATE_OK}, "ooro"},
    {{"undo pay", "undo pay", "unknown", STATE_OK}, "ooooru"},
    {{"undo reserve", "undo reserve", "unknown", STATE_OK}, "oooru"},
    {{"undo discount", "undo discount", "unknown", STATE_OK}, "ooru"},
    {{"undo pay", "PARKED", "rejected, last", STATE_OK}, "oooorur"},
    {{"undo reserve", "PARKED", "rejected, last", STATE_OK}, "ooorur"},
    {{"undo discount", "PARKED", "rejected, last", STATE_OK}, "oorur"},

    {{"PARKED", "undo pay", "resume", STATE_OK}, "ooooruu+"},
    {{"PARKED", "undo reserve", "resume", STATE_OK}, "oooruu+"},
    {{"PARKED", "undo discount", "resume", STATE_OK}, "ooruu+"},
    {{"PARKED", "confirm", "resume", STATE_OK}, "ooooor+"},
};
enum { WALKS = sizeof walks / sizeof walks[0] };

static const char *const forward[SAGA_STEPS] = {"validate", "discount", "reserve",
                                                "pay",      "ship",     "confirm"};
static const char *const back[SAGA_STEPS] = {"undo validate", "undo discount", "undo reserve",
                                             "undo pay",      "undo ship",     "undo confirm"};
static const char *const boxes[] = {"validate",     "discount",      "reserve",     "pay",
                                    "ship",         "confirm",       "COMPLETED",   "undo pay",
                                    "undo reserve", "undo discount", "ROLLED_BACK", "PARKED"};
enum { BOXES = sizeof boxes / sizeof boxes[0] };

/* A walk under way: what the saga waits for, and the command that it sent last. */
struct walker {
    struct probe *probe;
    int64_t now_ms;
    const char *box; /* static: what the student's process says is never kept */
    int step, is_back, attempt;
};

static void sent(struct walker *walker, const struct saga_command *command)
{
    walker->is_back = command->direction == SAGA_BACK;
    walker->step = (int)command->step;
    walker->box = walker->is_back ? back[walker->step] : forward[walker->step];
    walker->attempt = command->attempt;
}

/* Asks, and sees where the saga stands. 1 when it moved, 0 when it did not, -1 without an answer.
 */
static int send_event(struct walker *walker, const char *line)
{
    struct message reply = {0};
    struct text timed = {0};
    uint32_t timers = 0;
    int moved = 0;
    text_addf(&timed, "%s now=%lld", line, (long long)(walker->now_ms += 500));
    if (probe_ask(walker->probe, text_str(&timed), &reply) != PROBE_READY)
        moved = -1;
    struct saga_actions actions = {0};
    if (moved == 0)
        saga_read_actions(message_get_or(&reply, "actions", ""), &timers, &actions);
    for (int i = 0; i < actions.count; i++) {
        const struct saga_action *action = &actions.list[i];
        if (action->kind == SAGA_SEND)
            sent(walker, &action->as.command);
        else if (action->kind == SAGA_DONE)
            walker->box = saga_phase_name(action->as.phase);
        moved |= action->kind == SAGA_SEND || action->kind == SAGA_DONE;
    }
    message_release(&reply);
    text_release(&timed);
    return moved;
}

static int answer(struct walker *walker, char letter)
{
    char line[160];
    const char *word = letter == 'o' ? "ok" : (letter == 'u' ? "unknown" : "rejected");
    int cents = walker->step == SAGA_VALIDATE ? 12000 : (walker->step == SAGA_DISCOUNT ? 2000 : 0);
    if (letter == '+')
        snprintf(line, sizeof line, "resume");
    else
        snprintf(line, sizeof line, "reply step=%s direction=%s attempt=%d answer=%s cents=%d",
                 forward[walker->step], walker->is_back ? "back" : "forward", walker->attempt, word,
                 letter == 'o' ? cents : 0);
    int moved = send_event(walker, line);
    if (moved == 0 && letter != '+')
        moved = send_event(walker, "timer"); /* it waits before it sends again */
    return moved;
}

/* Where the walk's last answer leads from its rule's box; NULL when the saga did not get there, or
   the probe has ended. */
static const char *take(struct probe *probe, const struct walk *walk)
{
    struct walker walker = {.probe = probe, .box = "nowhere"};
    struct message reply = {0};
    int ready = probe_ask(probe, "create list=1 attempts=2 compensations=2", &reply) == PROBE_READY;
    message_release(&reply);
    int moved = ready ? send_event(&walker, "start cart=cart-1 coupon=SPRING") : -1;
    const char *at = walk->answers;
    for (; moved > 0 && at[1] != '\0'; at++)
        moved = answer(&walker, *at);
    if (moved <= 0 || strcmp(walker.box, walk->rule.from) != 0)
        return NULL;
    moved = answer(&walker, *at);
    return moved < 0 ? NULL : (moved == 0 ? "no command, no end" : walker.box);
}

/* Steps go down; below and beside each stands what follows when it fails, and goes up again. */
static void lay_out(struct text *dot)
{
    struct text whole = {0};
    text_append(&whole, text_str(dot), dot->length - strlen("}\n"));
    text_add(&whole, "  rankdir=TB ranksep=0.55 nodesep=0.9\n"
                     "  {rank=same \"reserve\" \"ROLLED_BACK\"}\n"
                     "  {rank=same \"pay\" \"undo discount\"}\n"
                     "  {rank=same \"ship\" \"undo reserve\"}\n"
                     "  {rank=same \"confirm\" \"undo pay\"}\n"
                     "  {rank=same \"COMPLETED\" \"PARKED\"}\n}\n");
    text_release(dot);
    *dot = whole;
}

/* 1 when edges[count] is one of the edges before it: in wrong sagas several walks may meet. */
static int is_among(const struct state_edge *edges, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(edges[i].from, edges[count].from) == 0 &&
            strcmp(edges[i].to, edges[count].to) == 0 &&
            strcmp(edges[i].label, edges[count].label) == 0)
            return 1;
    return 0;
}

void saga_pictures(struct check_run *run)
{
    struct state_edge rule[WALKS], observed[WALKS], edges[2 * WALKS];
    int seen = 0, wrong = 0, missing = 0;
    struct probe *probe = run_probe(run);
    if (probe == NULL)
        return;
    for (int i = 0; i < WALKS; i++) {
        const char *to = take(probe, &walks[i]);
        rule[i] = walks[i].rule;
        if (to == NULL)
            continue;
        observed[seen] = walks[i].rule;
        observed[seen].to = to;
        seen += !is_among(observed, seen);
    }
    probe_free(probe);
    int count = states_compare(rule, WALKS, observed, seen, edges, 2 * WALKS);
    for (int i = 0; i < count; i++) {
        wrong += edges[i].kind == STATE_WRONG;
        missing += edges[i].kind == STATE_MISSING;
    }
    char alt[240];
    snprintf(alt, sizeof alt,
             "Six steps from validate to COMPLETED, the undoings of pay, reserve and discount to "
             "ROLLED_BACK, and PARKED, with %d edges: %d wrong, %d missing.",
             count, wrong, missing);
    struct text dot = {0};
    picture_states(boxes, BOXES, edges, count, &dot);
    lay_out(&dot);
    run_picture(run, "The checkout as a flow, as your code goes through it", alt, text_str(&dot));
    text_release(&dot);
}
