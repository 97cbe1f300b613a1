/* What a saga did in one schedule, as text. See trace.h. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "world_rules.h"

char trace_key_letter(struct trace_keys *keys, const char key[SAGA_KEY_SIZE])
{
    if (!world_can_use(key))
        return '-';
    for (int i = 0; i < keys->count; i++) {
        if (strcmp(keys->keys[i], key) == 0)
            return (char)('A' + i);
    }
    if (keys->count == TRACE_KEYS)
        return '?';
    memcpy(keys->keys[keys->count], key, SAGA_KEY_SIZE);
    return (char)('A' + keys->count++);
}

static void trace_command(struct text *out, struct trace_keys *keys,
                          const struct saga_command *command)
{
    char attempt = command->attempt <= 9 ? (char)('0' + command->attempt) : 'z';
    const char word[] = {
        's', (char)('0' + (char)command->step), command->direction == SAGA_BACK ? '<' : '>',
        command->attempt < 1 ? '0' : attempt, trace_key_letter(keys, command->key)};
    text_append(out, word, sizeof word);
    if (command->amount_cents != 0)
        text_add_int64(out, command->amount_cents);
}

void trace_actions(struct text *out, struct trace_keys *keys, const struct saga_actions *actions)
{
    int listed = actions->count >= 0 && actions->count <= SAGA_ACTIONS_MAX;
    text_add(out, listed ? "" : "X");
    for (int i = 0; listed && i < actions->count; i++) {
        const struct saga_action *action = &actions->list[i];
        if (!world_knows(action)) {
            text_append(out, "x", 1);
        } else if (action->kind == SAGA_APPEND) {
            text_append(out, world_can_log(action) ? "a" : "A", 1);
        } else if (action->kind == SAGA_SEND) {
            trace_command(out, keys, &action->as.command);
        } else if (action->kind == SAGA_TIMER) {
            text_append(out, "t", 1);
            text_add_int64(out, action->as.timer.after_ms);
            text_append(out, ";", 1);
        } else {
            const char word[] = {'d', (char)('0' + (char)action->as.phase)};
            text_append(out, word, sizeof word);
        }
    }
    text_append(out, "|", 1);
}

/* Reads "SDAK[c]" behind an s; NULL when it is none. */
static const char *read_command(const char *at, struct saga_command *command)
{
    *command = (struct saga_command){.attempt = 10};
    if (at[0] < '0' || at[0] > '5' || (at[1] != '<' && at[1] != '>') || at[2] == '\0' ||
        at[3] == '\0')
        return NULL;
    command->step = (enum saga_step)(at[0] - '0');
    command->direction = at[1] == '<' ? SAGA_BACK : SAGA_FORWARD;
    if (at[2] >= '0' && at[2] <= '9')
        command->attempt = at[2] - '0';
    command->key[0] = at[3] == '-' ? '\0' : at[3];
    at += 4;
    if (*at == '-' || (*at >= '0' && *at <= '9')) {
        char *end = NULL;
        command->amount_cents = strtoll(at, &end, 10);
        at = end;
    }
    return at;
}

static const char *read_action(const char *at, struct saga_action *action)
{
    char *end = NULL;
    switch (*at) {
    case 'a':
    case 'A':
        action->kind = SAGA_APPEND;
        action->as.payload.length = *at == 'a' ? 1 : 0;
        return at + 1;
    case 'x':
        action->kind = (enum saga_action_kind)(SAGA_DONE + 1);
        return at + 1;
    case 's':
        action->kind = SAGA_SEND;
        return read_command(at + 1, &action->as.command);
    case 't':
        action->kind = SAGA_TIMER;
        action->as.timer.number = 0;
        action->as.timer.after_ms = strtoll(at + 1, &end, 10);
        return *end == ';' ? end + 1 : NULL;
    case 'd':
        action->kind = SAGA_DONE;
        action->as.phase = (enum saga_phase)(at[1] - '0');
        return at[1] >= '0' && at[1] <= '5' ? at + 2 : NULL;
    default:
        return NULL;
    }
}

int trace_read(const char **at, struct saga_actions *actions)
{
    actions->count = 0;
    if (**at == '-') {
        ++*at;
        return 1;
    }
    if (**at == 'X') {
        ++*at;
        actions->count = -1;
    }
    while (**at != '|') {
        if (actions->count < 0 || actions->count == SAGA_ACTIONS_MAX)
            return ERR_INVALID;
        const char *next = read_action(*at, &actions->list[actions->count]);
        if (next == NULL)
            return ERR_INVALID;
        actions->count++;
        *at = next;
    }
    ++*at;
    return 0;
}

void schedule_write(struct text *out, const struct schedule *schedule)
{
    if (schedule->count == 0)
        text_append(out, "-", 1);
    for (int i = 0; i < schedule->count; i++) {
        if (i > 0)
            text_append(out, ",", 1);
        text_add_int64(out, schedule->faults[i].point);
        text_append(out, ".", 1);
        text_add_int64(out, (int)schedule->faults[i].fault);
    }
}

int schedule_read(const char *text, size_t length, struct schedule *schedule)
{
    const char *end = text + length;
    schedule->count = 0;
    if (length == 1 && text[0] == '-')
        return 0;
    while (text < end) {
        char *next = NULL;
        long point = strtol(text, &next, 10);
        if (schedule->count == WORLD_FAULTS_MAX || next == text || *next != '.')
            return ERR_INVALID;
        text = next + 1;
        long fault = strtol(text, &next, 10);
        if (next == text || next > end || fault < 0 || fault >= WORLD_FAULTS || point < 0)
            return ERR_INVALID;
        schedule->faults[schedule->count].point = (int)point;
        schedule->faults[schedule->count++].fault = (enum world_fault)fault;
        text = next < end && *next == ',' ? next + 1 : next;
        if (next < end && *next != ',')
            return ERR_INVALID;
    }
    return 0;
}
