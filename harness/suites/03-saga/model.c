/*
 * The oracle of lab 03's orchestrator: what it must ask for after each event, worked out from the
 * events alone. Records are not compared, only that they are there and come first; keys are
 * compared with each other.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "03-saga/world_rules.h"

enum effect { NONE, MAYBE, DONE, UNDONE };

struct saga_judge {
    const char *judged;
    int created;
    int64_t attempts, compensations, answer_ms[SAGA_STEPS], base_ms, cap_ms, deadline_ms;
    double unit;

    enum saga_phase phase;
    enum saga_direction direction;
    int step; /* SAGA_STEPS: through */
    int64_t attempt;
    int waiting, unknown, rejected;
    int open; /* 1: the event may also be noted and change nothing */
    enum effect effects[SAGA_STEPS];
    int64_t total, reduction, deadline_wall_ms, wall_ms;
    char keys[SAGA_STEPS][2][SAGA_KEY_SIZE];
    char id[ID_SIZE], other_id[ID_SIZE]; /* this checkout and the one before it, with its keys */
    char other_keys[SAGA_STEPS][2][SAGA_KEY_SIZE];
    struct saga_actions wanted; /* that must come, but for records */
};

static void *judge_create(const char *judged)
{
    struct saga_judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL)
        abort();
    judge->judged = judged;
    return judge;
}

static struct saga_action *want(struct saga_judge *j, enum saga_action_kind kind)
{
    struct saga_action *action = &j->wanted.list[j->wanted.count++];
    action->kind = kind;
    return action;
}

static void want_timer(struct saga_judge *j, int64_t after_ms)
{
    want(j, SAGA_TIMER)->as.timer.after_ms = after_ms;
}

static void want_done(struct saga_judge *j, enum saga_phase phase)
{
    want(j, SAGA_DONE)->as.phase = phase;
}

/* --- the rules -------------------------------------------------------------------------------- */

static void want_send(struct saga_judge *j)
{
    want(j, SAGA_SEND)->as.command =
        (struct saga_command){.step = (enum saga_step)j->step,
                              .direction = j->direction,
                              .attempt = (int)j->attempt,
                              .amount_cents = j->step == SAGA_PAY ? j->total - j->reduction : 0};
    want_timer(j, j->answer_ms[j->step]);
}

static void send_new(struct saga_judge *j)
{
    j->attempt++;
    j->waiting = 1;
    j->unknown = j->rejected = 0;
    if (j->direction == SAGA_FORWARD)
        j->effects[j->step] = MAYBE;
    want_send(j);
}

static void begin(struct saga_judge *j, int step)
{
    j->step = step;
    j->attempt = 0;
    j->waiting = j->unknown = j->rejected = 0;
}

static int next_owed(const struct saga_judge *j)
{
    for (int i = SAGA_PAY; i >= SAGA_DISCOUNT; i--) {
        if (j->effects[i] == MAYBE || j->effects[i] == DONE)
            return i;
    }
    return SAGA_STEPS;
}

static void wait_and_retry(struct saga_judge *j)
{
    int64_t most = j->base_ms;
    for (int64_t i = 1; i < j->attempt && most < j->cap_ms; i++)
        most *= 2;
    most = most < j->cap_ms ? most : j->cap_ms;
    want_timer(j, (int64_t)(j->unit * (double)(most + 1)));
}

static void end(struct saga_judge *j, enum saga_phase phase)
{
    j->phase = phase;
    want_done(j, phase);
}

static void roll_back(struct saga_judge *j)
{
    j->phase = SAGA_COMPENSATING;
    j->direction = SAGA_BACK;
    begin(j, next_owed(j));
}

/* Nothing is pending: what comes next. */
static void go_on(struct saga_judge *j, int wait)
{
    int forward = j->direction == SAGA_FORWARD;
    int before_pivot = forward && j->step < SAGA_SHIP;
    int tries = j->attempt >= (forward ? j->attempts : j->compensations);
    if (forward && j->step <= SAGA_SHIP &&
        (j->rejected || (j->unknown && before_pivot && tries) ||
         (j->attempt == 0 && j->wall_ms >= j->deadline_wall_ms)))
        roll_back(j);
    forward = j->direction == SAGA_FORWARD;
    if (j->step == SAGA_STEPS)
        end(j, forward ? SAGA_COMPLETED : SAGA_ROLLED_BACK);
    else if (!j->unknown && !j->rejected)
        send_new(j);
    else if ((forward && j->rejected) || (!forward && tries))
        end(j, SAGA_PARKED);
    else if (wait)
        wait_and_retry(j);
    else
        send_new(j);
}

static void answered(struct saga_judge *j, enum saga_answer answer, int64_t cents)
{
    j->waiting = 0;
    if (answer == SAGA_UNKNOWN) {
        j->unknown = 1;
    } else if (answer == SAGA_REJECTED) {
        j->rejected = 1;
        j->unknown = 0;
        if (j->direction == SAGA_FORWARD)
            j->effects[j->step] = NONE;
    } else if (j->direction == SAGA_FORWARD) {
        j->effects[j->step] = DONE;
        if (j->step == SAGA_VALIDATE)
            j->total = cents;
        if (j->step == SAGA_DISCOUNT)
            j->reduction = cents;
        begin(j, j->step + 1);
    } else {
        j->effects[j->step] = UNDONE;
        begin(j, next_owed(j));
    }
    go_on(j, 1);
}

static int active(const struct saga_judge *j)
{
    return j->phase == SAGA_RUNNING || j->phase == SAGA_COMPENSATING;
}

static void on_reply(struct saga_judge *j, const struct message *action)
{
    const char *answer = message_get_or(action, "answer", "ok");
    int current = active(j) && j->step < SAGA_STEPS &&
                  strcmp(message_get_or(action, "step", "validate"),
                         saga_step_name((enum saga_step)j->step)) == 0 &&
                  strcmp(message_get_or(action, "direction", "forward"),
                         saga_direction_name(j->direction)) == 0 &&
                  message_get(action, "saga") == NULL && j->attempt > 0;
    enum saga_answer said = SAGA_OK;
    if (strcmp(answer, "ok") != 0)
        said = strcmp(answer, "rejected") == 0 ? SAGA_REJECTED : SAGA_UNKNOWN;
    /* What is heard while backing off counts. But where it says no more than was known, that it has
       failed, or takes a failure back, a saga may as well do nothing: the texts do not decide. */
    j->open = !j->waiting && (said == SAGA_UNKNOWN || j->rejected ||
                              (said == SAGA_REJECTED && j->direction == SAGA_BACK));
    if (current)
        answered(j, said, saga_number(action, "cents", 0));
}

/* --- replaying events ------------------------------------------------------------------------- */

static const char *bad_field(const struct saga_judge *j)
{
    for (int i = 0; i < SAGA_STEPS; i++) {
        if (j->answer_ms[i] < 1)
            return "answer_ms";
    }
    if (j->attempts < 1)
        return "attempts";
    if (j->compensations < 1)
        return "compensation_attempts";
    if (j->base_ms < 1)
        return "backoff_base_ms";
    if (j->cap_ms < j->base_ms)
        return "backoff_cap_ms";
    return j->deadline_ms < 1 ? "deadline_ms" : NULL;
}

static const char *on_create(struct saga_judge *j, const struct message *action)
{
    const char *judged = j->judged;
    char id[ID_SIZE], keys[SAGA_STEPS][2][SAGA_KEY_SIZE];
    memcpy(id, j->id, sizeof id);
    memcpy(keys, j->keys, sizeof keys);
    memset(j, 0, sizeof *j);
    memcpy(j->other_id, id, sizeof id);
    memcpy(j->other_keys, keys, sizeof keys);
    j->judged = judged;
    j->attempts = saga_number(action, "attempts", 2);
    j->compensations = saga_number(action, "compensations", 2);
    for (int i = 0; i < SAGA_STEPS; i++)
        j->answer_ms[i] = saga_number(action, saga_step_name((enum saga_step)i),
                                      saga_number(action, "answer", 100) + SETUP_STEP_MS * i);
    j->base_ms = saga_number(action, "base", 20);
    j->cap_ms = saga_number(action, "cap", 80);
    j->deadline_ms = saga_number(action, "deadline", 60000);
    j->unit = strtod(message_get_or(action, "unit", "0.5"), NULL);
    const char *field = bad_field(j);
    j->created = field == NULL;
    return field;
}

/* What the event must be refused with, "refused"; or NULL, and wanted holds the actions. */
static const char *on_event(struct saga_judge *j, const struct message *action)
{
    const char *word = action->word;
    int64_t now = saga_number(action, "now", 0);
    j->open = 0;
    j->wall_ms = saga_number(action, "wall", 1700000000000 + now);
    if (strcmp(word, "start") == 0) {
        if (j->phase != SAGA_NEW)
            return "refused";
        j->phase = SAGA_RUNNING;
        snprintf(j->id, sizeof j->id, "%s", message_get_or(action, "id", world_plain.checkout.id));
        j->deadline_wall_ms = j->wall_ms + j->deadline_ms;
        go_on(j, 1);
    } else if (strcmp(word, "reply") == 0) {
        on_reply(j, action);
    } else if (strcmp(word, "timer") == 0 && saga_number(action, "older", 0) == 0 && active(j)) {
        if (j->waiting)
            answered(j, SAGA_UNKNOWN, 0);
        else
            go_on(j, 0);
    } else if (strcmp(word, "resume") == 0) {
        if (j->phase != SAGA_PARKED)
            return "refused";
        j->phase = j->direction == SAGA_FORWARD ? SAGA_RUNNING : SAGA_COMPENSATING;
        begin(j, j->step);
        go_on(j, 0);
    } else if (strcmp(word, "restart") == 0) {
        if (active(j) && j->waiting)
            want_send(j);
        else if (active(j))
            go_on(j, 0);
        else if (j->phase != SAGA_NEW)
            want_done(j, j->phase);
    }
    return NULL;
}

/* --- comparing -------------------------------------------------------------------------------- */

static int is_spelled(const char *key)
{
    static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789:-_.";
    return key[strspn(key, may)] == '\0';
}

/* A command's key must be the step's and direction's, and nobody else's. */
static int take_key(struct saga_judge *j, const struct saga_command *command,
                    struct finding *finding)
{
    const char *key = command->key;
    int back = command->direction == SAGA_BACK;
    if (key[0] == '\0')
        return saga_differs(finding, "a command with a key", "a key of no characters");
    if (j->judged != NULL && !is_spelled(key)) /* where keys are judged; it is one mistake */
        return saga_differs(finding, "a key of letters, digits, and any of : - _ .", key);
    for (int i = 0; i < SAGA_STEPS; i++) {
        int mine = i == (int)command->step;
        char *known = j->keys[i][back];
        if (mine && known[0] == '\0')
            snprintf(known, SAGA_KEY_SIZE, "%s", key);
        else if (mine && strcmp(known, key) != 0)
            return saga_differs(finding, "the same key on every send of this command", key);
        if (strcmp(j->id, j->other_id) != 0 &&
            (strcmp(j->other_keys[i][0], key) == 0 || strcmp(j->other_keys[i][1], key) == 0))
            return saga_differs(finding, "a key of its own for every checkout", key);
        if (!mine && (strcmp(j->keys[i][0], key) == 0 || strcmp(j->keys[i][1], key) == 0))
            return saga_differs(finding, "a key of its own for every step", key);
        if (mine && strcmp(j->keys[i][!back], key) == 0)
            return saga_differs(finding, "different keys for an action and its compensation", key);
    }
    return 0;
}

/* 1 with a finding: keys, or an act before its record. */
static int breaks_order(struct saga_judge *j, const char *word, const char *list,
                        const struct saga_actions *actions, struct finding *finding)
{
    int logged = strcmp(word, "restart") == 0; /* what a restart repeats was logged before */
    for (int i = 0; i < actions->count; i++) {
        const struct saga_action *action = &actions->list[i];
        logged |= action->kind == SAGA_APPEND;
        if (action->kind == SAGA_SEND && take_key(j, &action->as.command, finding))
            return 1;
        if ((action->kind == SAGA_SEND || action->kind == SAGA_DONE) && !logged)
            return saga_differs(finding, "a record before what it says is done", list);
    }
    return 0;
}

/* What was asked for against what is wanted, both without their records. */
static int asks_for_other(const struct saga_judge *j, const struct saga_actions *actions,
                          struct finding *finding)
{
    struct text wanted = {0}, got = {0};
    saga_write_actions(&j->wanted, 0, &wanted);
    saga_write_actions(actions, 0, &got);
    int other = strcmp(text_str(&wanted), text_str(&got)) != 0;
    if (other)
        saga_differs(finding, wanted.length > 0 ? text_str(&wanted) : "nothing is asked for",
                     got.length > 0 ? text_str(&got) : "nothing");
    text_release(&wanted);
    text_release(&got);
    return other;
}

static int only_notes(const struct saga_actions *actions)
{
    for (int i = 0; i < actions->count; i++) {
        if (actions->list[i].kind != SAGA_APPEND)
            return 0;
    }
    return 1;
}

static int compare(struct saga_judge *j, const struct saga_judge *before,
                   const struct message *action, const struct message *reply, const char *refusal,
                   struct finding *finding)
{
    const char *code = message_get_or(reply, "code", reply->word);
    const char *list = message_get_or(reply, "actions", "");
    const char *phase = message_get_or(reply, "phase", "?");
    struct saga_actions actions;
    uint32_t timers = 0;
    if (refusal != NULL || strcmp(reply->word, "ok") != 0)
        return refusal != NULL && strcmp(code, refusal) == 0
                   ? 0
                   : saga_differs(finding, refusal != NULL ? refusal : "ok", code);
    if (saga_read_actions(list, &timers, &actions) < 0)
        return saga_differs(finding, "a list of actions", list);
    if (breaks_order(j, action->word, list, &actions, finding))
        return 1;
    if (j->open && only_notes(&actions)) /* it may change nothing: the rules go on from before */
        *j = *before;
    if (asks_for_other(j, &actions, finding))
        return 1;
    return strcmp(phase, saga_phase_name(j->phase)) == 0
               ? 0
               : saga_differs(finding, saga_phase_name(j->phase), phase);
}

/* A configuration out of range is refused by the name of the field. */
static int judge_configuration(struct saga_judge *j, const struct message *action,
                               const struct message *reply, struct finding *finding)
{
    const char *field = on_create(j, action), *text = message_get_or(reply, "text", reply->word);
    if (field == NULL)
        return strcmp(reply->word, "ok") == 0 ? 0 : saga_differs(finding, "ok", text);
    if (strcmp(message_get_or(reply, "code", ""), "invalid") == 0 && strstr(text, field) != NULL)
        return 0;
    char expected[64];
    snprintf(expected, sizeof expected, "ERR_INVALID that names the field %s", field);
    return saga_differs(finding, expected, text);
}

static int judge_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    static const char *const events[] = {"start", "reply", "timer", "restart", "resume"};
    struct saga_judge *j = state;
    j->wanted.count = 0;
    if (strcmp(action->word, "create") == 0)
        return judge_configuration(j, action, reply, finding);
    for (size_t i = 0; i < sizeof events / sizeof events[0] && j->created; i++) {
        if (strcmp(action->word, events[i]) == 0) {
            const struct saga_judge before = *j;
            const char *refusal = on_event(j, action);
            return compare(j, &before, action, reply, refusal, finding);
        }
    }
    return 0;
}

const struct oracle saga_oracle = {judge_create, free, judge_step};
