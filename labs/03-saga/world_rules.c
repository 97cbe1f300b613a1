/* The rules that the world holds a saga to. See world_rules.h. */
#include "world_rules.h"

#include <stdio.h>
#include <string.h>

int world_knows(const struct saga_action *action)
{
    switch (action->kind) {
    case SAGA_SEND:
        return action->as.command.step < SAGA_STEPS && action->as.command.direction <= SAGA_BACK;
    case SAGA_DONE:
        return action->as.phase <= SAGA_ROLLED_BACK;
    default:
        return action->kind < SAGA_DONE;
    }
}

int world_can_log(const struct saga_action *record)
{
    return record->as.payload.length > 0 && record->as.payload.length <= SAGA_PAYLOAD_MAX;
}

int world_can_use(const char key[SAGA_KEY_SIZE])
{
    return key[0] != '\0' && memchr(key, '\0', SAGA_KEY_SIZE) != NULL;
}

void world_break(struct world *w, const char *rule)
{
    if (w->rule == NULL) {
        w->rule = rule;
        w->end = WORLD_BROKE_RULE;
    }
}

static void break_reason(struct world *w, const char *rule)
{
    w->about_reasons |= w->rule == NULL;
    world_break(w, rule);
}

/* --- what is known of the commands ------------------------------------------------------------ */

/* The first send after a resume begins anew: until then, should the process die, the saga may
   still be parked by its log. */
void world_note_send(struct world *w, const struct saga_command *command)
{
    struct world_tries *tries = &w->tries[command->step][command->direction];
    if (w->resumed)
        tries->failed = tries->rejected_in = 0;
    w->resumed = 0;
    tries->sends++;
    w->last = *command;
    w->last_ms = w->now_ms;
}

void world_note_reply(struct world *w, const struct saga_command *command, enum saga_answer answer)
{
    struct world_tries *tries = &w->tries[command->step][command->direction];
    int back = command->direction == SAGA_BACK;
    if (command->step == w->last.step && command->direction == w->last.direction)
        w->awaited = 0;
    if (answer == SAGA_OK)
        tries->is_ok = 1;
    if (answer == SAGA_REJECTED)
        tries->rejected_in = w->crashes + 1;
    tries->failed += answer == SAGA_UNKNOWN || (back && answer == SAGA_REJECTED);
}

const char *world_note_timer(struct world *w)
{
    int awaited = w->awaited;
    w->awaited = 0;
    if (!awaited)
        return WORLD_WAITED;
    if (w->now_ms - w->last_ms < w->setup->config.answer_ms[w->last.step])
        return WORLD_EARLY;
    w->tries[w->last.step][w->last.direction].failed++;
    return WORLD_NO_ANSWER;
}

/* --- turning back and parking ----------------------------------------------------------------- */

/* Keeps what the world saw of the command that the rule is about; step -1: none was sent. */
static void keep_seen(struct world *w, const char *what, int step, int back)
{
    const struct saga_config *config = &w->setup->config;
    const struct world_tries *tries = step >= 0 ? &w->tries[step][back] : NULL;
    const char *name = step >= 0 ? saga_step_name((enum saga_step)step) : "";
    if (tries == NULL)
        snprintf(w->seen, sizeof w->seen, "it %s before anything was sent", what);
    else if (back)
        snprintf(w->seen, sizeof w->seen, "it %s at undo %s: %d of %d attempts failed", what, name,
                 tries->failed, config->compensation_attempts);
    else if (step >= SAGA_SHIP)
        snprintf(w->seen, sizeof w->seen, "it %s at %s, which was not rejected", what, name);
    else
        snprintf(w->seen, sizeof w->seen,
                 "it %s at %s: %s, %d of %d attempts failed, %lld of %lld ms are over", what, name,
                 tries->is_ok ? "answered ok" : "not rejected", tries->failed, config->attempts,
                 (long long)(w->now_ms - w->started_ms), (long long)config->deadline_ms);
}

/* A step that was begun goes on after the deadline; the pivot, once it was sent, is turned back by
   a refusal alone. After a crash the saga may know of fewer failures than the world has counted,
   never of more. */
static void judge_turn(struct world *w)
{
    const struct saga_config *config = &w->setup->config;
    int is_late = w->now_ms >= w->started_ms + config->deadline_ms;
    int step = SAGA_CONFIRM; /* the last one that was begun; -1 = none */
    while (step >= 0 && w->tries[step][SAGA_FORWARD].sends == 0)
        step--;
    const struct world_tries *tries = step >= 0 ? &w->tries[step][SAGA_FORWARD] : NULL;
    int may = is_late;
    if (tries != NULL)
        may = (step <= SAGA_SHIP && tries->rejected_in > 0) ||
              (step < SAGA_SHIP && tries->failed >= config->attempts) ||
              (step < SAGA_SHIP && tries->is_ok && is_late);
    if (may || w->rule != NULL)
        return;
    break_reason(w,
                 "A saga turns back for a reason: a step up to the pivot was rejected, or one "
                 "before it failed with all its attempts, or the deadline came before the next.");
    keep_seen(w, "turned back", step, SAGA_FORWARD);
}

static void judge_parking(struct world *w)
{
    int step = (int)w->last.step, back = w->last.direction == SAGA_BACK;
    const struct world_tries *tries = step < SAGA_STEPS ? &w->tries[step][back] : NULL;
    int may = 0;
    if (tries != NULL && back)
        may = tries->failed >= w->setup->config.compensation_attempts;
    else if (tries != NULL)
        may = step == SAGA_CONFIRM && tries->rejected_in > 0;
    if (may || w->rule != NULL)
        return;
    break_reason(w,
                 "A saga is parked for a reason: a compensation failed with all its attempts, or "
                 "the confirmation was rejected.");
    keep_seen(w, "parked", tries != NULL ? step : -1, back);
}

/* --- commands --------------------------------------------------------------------------------- */

/* Each life of the process sends what was pending once more, as the same attempt. */
static int is_once_too_often(const struct world *w, const struct saga_command *command)
{
    const struct saga_config *config = &w->setup->config;
    int back = command->direction == SAGA_BACK;
    int limit = back ? config->compensation_attempts : config->attempts;
    return command->step < SAGA_SHIP &&
           (command->attempt > limit || w->tries[command->step][command->direction].sends >=
                                            limit * (w->resumes + 1) + w->crashes);
}

/* A compensation: every later step that was sent is undone, or was surely without effect. */
static void judge_back(struct world *w, enum saga_step step)
{
    judge_turn(w);
    for (int later = (int)step + 1; later <= SAGA_PAY; later++) {
        const struct world_tries *tries = w->tries[later];
        if (tries[SAGA_FORWARD].sends > 0 && tries[SAGA_FORWARD].rejected_in == 0 &&
            !tries[SAGA_BACK].is_ok)
            world_break(w, "Steps are undone in reverse order, each when the one before it was "
                           "answered OK.");
    }
}

/* A step forward: the one before it is done, it was not refused, and it is not too late for it. A
   restart repeats what was begun before the deadline. */
static void judge_forward(struct world *w, enum saga_step step)
{
    const struct world_tries *tries = &w->tries[step][SAGA_FORWARD];
    if (step > SAGA_VALIDATE && !w->tries[step - 1][SAGA_FORWARD].is_ok)
        break_reason(w, "A step is begun when the one before it was answered OK.");
    else if (tries->rejected_in == w->crashes + 1 && !w->resumed)
        break_reason(w, "A step that was rejected is not sent again: the saga turns back, and a "
                        "confirmation is parked.");
    else if (step <= SAGA_SHIP && tries->sends == 0 && w->event != SAGA_EVENT_RESTART &&
             w->now_ms >= w->started_ms + w->setup->config.deadline_ms)
        break_reason(w, "From the deadline on no step up to the pivot is begun.");
}

void world_judge_send(struct world *w, const struct saga_command *command)
{
    if (!world_can_use(command->key)) {
        world_break(w, "A command has a key of 1 to 63 characters.");
        return;
    }
    struct world_ledger *ledger = &w->ledgers[command->step];
    char *known = ledger->keys[command->direction];
    int back = command->direction == SAGA_BACK;
    if (command->attempt < 1)
        world_break(w, "Sends of a command are numbered from 1.");
    else if (back && !saga_is_compensated(command->step))
        world_break(w, "Only discount, reserve and pay are compensated.");
    else if (back && ledger->keys[SAGA_FORWARD][0] == '\0')
        world_break(w, "What was never sent is not undone.");
    else if (is_once_too_often(w, command))
        break_reason(w, "Before the pivot, a command has a limited number of attempts.");
    else if (known[0] != '\0' && strcmp(known, command->key) != 0)
        world_break(w, "Every send of a command carries the same key.");
    else if (known[0] != '\0' && ledger->amount_cents[command->direction] != command->amount_cents)
        world_break(w, "Every send of a command carries the same amount.");
    memcpy(known, command->key, sizeof command->key);
    ledger->amount_cents[command->direction] = command->amount_cents;
    if (ledger->keys[SAGA_FORWARD][0] != '\0' &&
        strcmp(ledger->keys[SAGA_FORWARD], ledger->keys[SAGA_BACK]) == 0)
        world_break(w, "A step and its compensation have different keys.");
    if (back)
        judge_back(w, command->step);
    else
        judge_forward(w, command->step);
}

/* --- ends ------------------------------------------------------------------------------------- */

void world_judge_done(struct world *w, enum saga_phase phase)
{
    int is_end = phase == SAGA_COMPLETED || phase == SAGA_ROLLED_BACK;
    if ((w->phase == SAGA_COMPLETED || w->phase == SAGA_ROLLED_BACK) && phase != w->phase)
        world_break(w, "A saga that has ended stays ended.");
    if (!is_end && phase != SAGA_PARKED)
        world_break(w, "DONE says COMPLETED, ROLLED_BACK or PARKED.");
    if (phase == SAGA_ROLLED_BACK)
        judge_turn(w);
    if (phase == SAGA_PARKED)
        judge_parking(w);
}

/* What participants applied, by the end that the saga claims. */
void world_judge_ledgers(struct world *w)
{
    for (int i = SAGA_DISCOUNT; i < SAGA_STEPS; i++) {
        const struct world_ledger *ledger = &w->ledgers[i];
        if (ledger->done > 1 || ledger->undone > 1 || ledger->undone > ledger->done)
            world_break(w, "No effect is applied twice, and none is undone that was not applied.");
        if (w->phase == SAGA_COMPLETED && (ledger->done != 1 || ledger->undone != 0))
            world_break(w, "COMPLETED: every effect exactly once, none undone.");
        if (w->phase == SAGA_ROLLED_BACK && ledger->done != ledger->undone)
            world_break(w, "ROLLED_BACK: every effect that was applied is undone.");
    }
    const struct world_ledger *pay = &w->ledgers[SAGA_PAY];
    if (pay->done > 0 &&
        pay->amount_cents[SAGA_FORWARD] != w->setup->total_cents - w->setup->reduction_cents)
        world_break(w, "The customer pays the total less the reduction.");
    if (pay->undone > 0 && pay->amount_cents[SAGA_BACK] != pay->amount_cents[SAGA_FORWARD])
        world_break(w, "The refund is what was charged.");
}
