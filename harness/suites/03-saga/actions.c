/* A saga's actions in words. See actions.h. */
#include "suites/03-saga/actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int step_named(const char *name, size_t length)
{
    for (int i = 0; i < SAGA_STEPS; i++) {
        const char *known = saga_step_name((enum saga_step)i);
        if (strlen(known) == length && strncmp(known, name, length) == 0)
            return i;
    }
    return SAGA_STEPS;
}

/* "STEP DIRECTION #ATTEMPT KEY CENTS", length bytes. How a key is spelled is the saga's business,
   so it is all that stands between the attempt and the last word. */
static int read_send(const char *at, size_t length, struct saga_command *command)
{
    const char *words[3], *end = at + length, *cents = end;
    size_t lengths[3];
    for (int i = 0; i < 3; i++) {
        words[i] = at;
        while (at < end && *at != ' ')
            at++;
        lengths[i] = (size_t)(at - words[i]);
        if (at++ == end)
            return -1;
    }
    while (cents > at && cents[-1] != ' ')
        cents--;
    size_t key = cents > at ? (size_t)(cents - 1 - at) : 0;
    *command = (struct saga_command){.step = (enum saga_step)step_named(words[0], lengths[0])};
    if (command->step == SAGA_STEPS || words[2][0] != '#' || key >= sizeof command->key)
        return -1;
    command->direction = strncmp(words[1], "back ", 5) == 0 ? SAGA_BACK : SAGA_FORWARD;
    command->attempt = (int)strtol(words[2] + 1, NULL, 10);
    memcpy(command->key, at, key);
    command->amount_cents = strtoll(cents, NULL, 10);
    return 0;
}

/* " HEX", or nothing when the bytes were not asked for. */
static void read_append(const char *hex, struct saga_action *action)
{
    action->kind = SAGA_APPEND;
    action->as.payload.length = 0;
    hex += *hex == ' ';
    while (hex[0] != '\0' && hex[0] != ';' && hex[1] != '\0' &&
           action->as.payload.length < SAGA_PAYLOAD_MAX) {
        const char digits[3] = {hex[0], hex[1], '\0'};
        action->as.payload.bytes[action->as.payload.length++] = (char)strtol(digits, NULL, 16);
        hex += 2;
    }
}

static int read_done(const char *text, size_t length, struct saga_action *action)
{
    for (int i = 0; i <= SAGA_ROLLED_BACK; i++) {
        const char *name = saga_phase_name((enum saga_phase)i);
        if (strlen(name) == length && strncmp(text, name, length) == 0) {
            action->as.phase = (enum saga_phase)i;
            return 0;
        }
    }
    return -1;
}

static int read_action(const char *text, size_t length, uint32_t *timers,
                       struct saga_action *action)
{
    if (strncmp(text, "append", 6) == 0) {
        read_append(text + 6, action);
    } else if (strncmp(text, "send ", 5) == 0) {
        action->kind = SAGA_SEND;
        return read_send(text + 5, length - 5, &action->as.command);
    } else if (strncmp(text, "timer ", 6) == 0) {
        action->kind = SAGA_TIMER;
        action->as.timer.number = ++*timers;
        action->as.timer.after_ms = strtoll(text + 6, NULL, 10);
    } else if (strncmp(text, "done ", 5) == 0) {
        action->kind = SAGA_DONE;
        return read_done(text + 5, length - 5, action);
    } else if (length == 1 && *text == '?') {
        action->kind = (enum saga_action_kind)(SAGA_DONE + 1);
    } else {
        return -1;
    }
    return 0;
}

int saga_read_actions(const char *list, uint32_t *timers, struct saga_actions *actions)
{
    actions->count = 0;
    while (*list != '\0') {
        const char *next = strstr(list, "; ");
        size_t length = next != NULL ? (size_t)(next - list) : strlen(list);
        if (actions->count == SAGA_ACTIONS_MAX ||
            read_action(list, length, timers, &actions->list[actions->count]) < 0)
            return -1;
        actions->count++;
        list += length + (next != NULL ? 2 : 0);
    }
    return 0;
}

void saga_write_actions(const struct saga_actions *actions, int records, struct text *out)
{
    const char *between = "";
    for (int i = 0; i < actions->count; i++) {
        const struct saga_action *action = &actions->list[i];
        const struct saga_command *command = &action->as.command;
        if (action->kind == SAGA_APPEND && !records)
            continue;
        text_add(out, between);
        between = "; ";
        if (action->kind == SAGA_APPEND)
            text_add(out, "append");
        else if (action->kind == SAGA_SEND)
            text_addf(out, "send %s %s #%d %lld", saga_step_name(command->step),
                      saga_direction_name(command->direction), command->attempt,
                      (long long)command->amount_cents);
        else if (action->kind == SAGA_TIMER)
            text_addf(out, "timer %lld", (long long)action->as.timer.after_ms);
        else if (action->kind == SAGA_DONE)
            text_addf(out, "done %s", saga_phase_name(action->as.phase));
        else
            text_add(out, "?");
    }
}

int64_t saga_number(const struct message *message, const char *name, int64_t otherwise)
{
    message_get_int64(message, name, &otherwise);
    return otherwise;
}

int saga_differs(struct finding *finding, const char *expected, const char *got)
{
    snprintf(finding->expected, sizeof finding->expected, "%s", expected);
    snprintf(finding->got, sizeof finding->got, "%s", got);
    return 1;
}
