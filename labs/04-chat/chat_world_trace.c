/* Schedules and runs as text. See chat_world_trace.h. */
#include "chat_world_trace.h"

#include <stdlib.h>
#include <string.h>

void chat_schedule_write(struct text *out, const struct chat_schedule *schedule)
{
    if (schedule->count == 0)
        text_add(out, "-");
    for (int i = 0; i < schedule->count; i++)
        text_addf(out, "%s%d.%d", i > 0 ? "," : "", schedule->faults[i].point,
                  (int)schedule->faults[i].fault);
}

/* A number of at most six digits; -1 = none. */
static int read_small(const char **at, const char *end)
{
    int number = 0, digits = 0;
    for (; *at < end && **at >= '0' && **at <= '9' && digits < 6; ++*at, digits++)
        number = 10 * number + (**at - '0');
    return digits > 0 ? number : -1;
}

int chat_schedule_read(const char *text, size_t length, struct chat_schedule *schedule)
{
    const char *at = text, *end = text + length;
    schedule->count = 0;
    if (length == 1 && *text == '-')
        return 0;
    while (at < end) {
        int point = read_small(&at, end);
        if (point < 0 || at == end || *at++ != '.')
            return -1;
        int fault = read_small(&at, end);
        if (fault < 0 || fault >= CHAT_FAULTS || schedule->count == CHAT_WORLD_FAULTS_MAX)
            return -1;
        schedule->faults[schedule->count].point = point;
        schedule->faults[schedule->count++].fault = (enum chat_fault)fault;
        if (at < end && *at++ != ',')
            return -1;
    }
    return schedule->count > 0 ? 0 : -1;
}

/* --- writing ---------------------------------------------------------------------------------- */

void chat_trace_call(struct text *out, char letter, int result)
{
    const char call[] = {letter, '\0'};
    text_add(out, result < 0 ? "!" : call);
    text_add(out, ";");
}

void chat_trace_newest(struct text *out, int64_t number)
{
    text_addf(out, "n%lld;", (long long)number);
}

void chat_trace_send(struct text *out, const struct chat_world *world, int result,
                     const struct chat_log_actions *actions)
{
    if (result < 0) {
        text_add(out, "!;");
        return;
    }
    text_add(out, "s");
    for (int i = 0; i < actions->count && i < CHAT_LOG_ACTIONS_MAX; i++) {
        const struct chat_log_action *action = &actions->list[i];
        const struct chat_message *message = &action->record.message;
        char letter = '?';
        if (action->kind == CHAT_APPEND)
            letter = action->record.kind == CHAT_RECORD_COUNTER ? 'c' : 'a';
        else if (action->kind == CHAT_ACK)
            letter = action->repeated ? 'K' : 'k';
        else if (action->kind == CHAT_PUBLISH)
            letter = 'p';
        text_addf(out, "%c%d.%lld@%lld", letter,
                  letter == 'c' ? 0 : chat_world_known(world, message), (long long)message->number,
                  (long long)message->sent_ms);
    }
    text_add(out, ";");
}

/* Which message of the event is written; -1 = none of them. */
static int place_of(const struct chat_hub_event *event, const struct chat_message *message)
{
    int count = event->kind == CHAT_PUBLISHED ? 1 : event->count;
    for (int i = 0; i < count; i++) {
        if (message == &event->messages[i])
            return i;
    }
    return -1;
}

void chat_trace_event(struct text *out, const struct chat_hub_event *event, int result,
                      const struct chat_hub_actions *actions)
{
    static const char letters[] = "fwlgo";
    if (result < 0) {
        text_add(out, "!;");
        return;
    }
    text_add(out, "e");
    for (int i = 0; i < actions->count && i < CHAT_HUB_ACTIONS_MAX; i++) {
        const struct chat_hub_action *action = &actions->list[i];
        text_addf(out, "%c%u", (unsigned)action->kind <= CHAT_PUT_OUT ? letters[action->kind] : '?',
                  (unsigned)action->stream);
        if (action->kind == CHAT_WRITE)
            text_addf(out, ".%d", place_of(event, action->message));
        if (action->kind == CHAT_FETCH)
            text_addf(out, ".%lld.%d", (long long)action->number, action->limit);
        if (action->kind == CHAT_GAP)
            text_addf(out, ".%lld", (long long)action->number);
    }
    text_add(out, ";");
}

/* --- reading ---------------------------------------------------------------------------------- */

/* 0 behind the letter, 1 behind "!;", else negative. */
static int read_letter(const char **at, char letter)
{
    if (strncmp(*at, "!;", 2) == 0) {
        *at += 2;
        return 1;
    }
    if (**at != letter)
        return -1;
    ++*at;
    return 0;
}

/* A number behind the character `before`. Negative when there is none. */
static int read_number(const char **at, char before, int64_t *out)
{
    char *end = NULL;
    if (before != '\0' && *(*at)++ != before)
        return -1;
    *out = strtoll(*at, &end, 10);
    int result = end == *at ? -1 : 0;
    *at = end;
    return result;
}

static int read_end(const char **at)
{
    return *(*at)++ == ';' ? 0 : -1;
}

int chat_trace_read_call(const char **at, char letter)
{
    int result = read_letter(at, letter);
    return result == 0 ? read_end(at) : result;
}

int chat_trace_read_newest(const char **at, int64_t *number)
{
    int result = read_letter(at, 'n');
    if (result != 0)
        return result;
    return read_number(at, '\0', number) < 0 ? -1 : read_end(at);
}

static int read_log_action(const char **at, const struct chat_world *world,
                           struct chat_log_action *action)
{
    int64_t known = 0, number = 0, sent_ms = 0;
    char letter = *(*at)++;
    if (letter == '\0' || read_number(at, '\0', &known) < 0 || read_number(at, '.', &number) < 0 ||
        read_number(at, '@', &sent_ms) < 0 || known < -1 || known >= CHAT_WORLD_MESSAGES)
        return -1;
    action->kind = letter == 'a' || letter == 'c' ? CHAT_APPEND
                   : letter == 'p'                ? CHAT_PUBLISH
                                                  : CHAT_ACK;
    if (strchr("ackKp", letter) == NULL)
        action->kind = (enum chat_log_action_kind)(CHAT_PUBLISH + 1);
    action->repeated = letter == 'K';
    action->record.kind = letter == 'c' ? CHAT_RECORD_COUNTER : CHAT_RECORD_MESSAGE;
    if (known >= 0)
        action->record.message = world->known[known];
    else
        action->record.message.text[0] = '\0'; /* no message of this world */
    action->record.message.number = number;
    action->record.message.sent_ms = sent_ms;
    return 0;
}

int chat_trace_read_send(const char **at, const struct chat_world *world,
                         struct chat_log_actions *actions)
{
    int result = read_letter(at, 's');
    actions->count = 0;
    if (result != 0)
        return result;
    while (**at != ';') {
        if (actions->count == CHAT_LOG_ACTIONS_MAX ||
            read_log_action(at, world, &actions->list[actions->count++]) < 0)
            return -1;
    }
    return read_end(at);
}

static int read_hub_action(const char **at, const struct chat_hub_event *event,
                           struct chat_hub_action *action)
{
    static const char letters[] = "fwlgo";
    int64_t stream = 0, number = 0, limit = 0;
    char letter = *(*at)++;
    const char *known = letter != '\0' ? strchr(letters, letter) : NULL;
    if ((known == NULL && letter != '?') || read_number(at, '\0', &stream) < 0)
        return -1;
    *action = (struct chat_hub_action){
        .kind = (enum chat_hub_action_kind)(known != NULL ? known - letters : CHAT_PUT_OUT + 1),
        .stream = (uint32_t)stream};
    if (letter != 'f' && letter != 'w' && letter != 'g')
        return 0;
    if (read_number(at, '.', &number) < 0 || (letter == 'f' && read_number(at, '.', &limit) < 0))
        return -1;
    action->number = number;
    action->limit = (int)limit;
    int count = event->kind == CHAT_PUBLISHED ? 1 : event->count;
    if (letter == 'w')
        action->message = number >= 0 && number < count ? &event->messages[number] : NULL;
    return 0;
}

int chat_trace_read_event(const char **at, const struct chat_hub_event *event,
                          struct chat_hub_actions *actions)
{
    int result = read_letter(at, 'e');
    actions->count = 0;
    if (result != 0)
        return result;
    while (**at != ';') {
        if (actions->count == CHAT_HUB_ACTIONS_MAX ||
            read_hub_action(at, event, &actions->list[actions->count++]) < 0)
            return -1;
    }
    return read_end(at);
}
