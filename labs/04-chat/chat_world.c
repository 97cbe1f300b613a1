/* The world of the core: its clock, and who does what next. See chat_world.h. */
#include "chat_world.h"

#include <stdio.h>
#include <string.h>
#include "chat_world_internal.h"

const char *const chat_world_sender_names[CHAT_WORLD_SENDERS] = {"sam", "sue"};
const char *const chat_world_reader_names[CHAT_WORLD_READERS] = {"ria", "rob", "roy"};
const char *const chat_world_hub_names[CHAT_WORLD_HUBS] = {"hub 1", "hub 2"};

const char *chat_fault_name(enum chat_fault fault)
{
    static const char *const names[CHAT_FAULTS] = {"CRASH, not on disk", "CRASH, on disk",
                                                   "the answer is lost", "CRASH after the answer",
                                                   "a hint is lost",     "a hint comes twice",
                                                   "a hint comes late",  "the page comes late",
                                                   "breaks off",         "stalls",
                                                   "is removed"};
    return names[fault];
}

int chat_fault_fits(enum chat_fault fault, enum chat_point point)
{
    static const enum chat_point points[CHAT_FAULTS] = {
        POINT_APPEND,  POINT_APPEND, POINT_ACK,   POINT_ACK,   POINT_PUBLISH, POINT_PUBLISH,
        POINT_PUBLISH, POINT_FETCH,  POINT_WRITE, POINT_WRITE, POINT_WRITE};
    return points[fault] == point;
}

void chat_world_observe(struct chat_world *w, int reader, const char *from, const char *to,
                        const char *text)
{
    if (w->observer != NULL)
        w->observer(w->observer_context, w, reader, from, to, text, 0);
}

void chat_world_observe_number(struct chat_world *w, int reader, const char *from, const char *to,
                               const char *word, int64_t number)
{
    char text[64];
    if (w->observer == NULL)
        return;
    snprintf(text, sizeof text, "%s %lld", word, (long long)number);
    w->observer(w->observer_context, w, reader, from, to, text, 0);
}

/* --- what is on its way ----------------------------------------------------------------------- */

struct chat_mail *chat_world_post(struct chat_world *w, int64_t after_ms, enum chat_mail_kind kind,
                                  int who)
{
    static const char few[] = "Little is on its way at a time.";
    if (w->mail_count == CHAT_WORLD_MAIL) {
        chat_world_break(w, -1, few, "%d events wait", w->mail_count);
        w->mail_count--;
    }
    struct chat_mail *mail = &w->mail[w->mail_count++];
    *mail = (struct chat_mail){
        .at_ms = w->now_ms + after_ms, .order = w->order++, .kind = kind, .who = who};
    return mail;
}

static struct chat_mail take_earliest(struct chat_world *w)
{
    int first = 0;
    for (int i = 1; i < w->mail_count; i++) {
        const struct chat_mail *a = &w->mail[i], *b = &w->mail[first];
        if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order))
            first = i;
    }
    struct chat_mail mail = w->mail[first];
    w->mail[first] = w->mail[--w->mail_count];
    return mail;
}

/* The fault at this point, or -1. Counts the point. */
int chat_world_fault(struct chat_world *w, enum chat_point kind)
{
    int point = w->points++;
    if (point < CHAT_WORLD_POINTS)
        w->kinds[point] = (unsigned char)kind;
    if (w->faults_met == w->schedule->count || w->schedule->faults[w->faults_met].point > point ||
        !chat_fault_fits(w->schedule->faults[w->faults_met].fault, kind))
        return -1;
    return (int)w->schedule->faults[w->faults_met++].fault;
}

void chat_world_observe_fault(struct chat_world *w, int reader, const char *who, int fault)
{
    if (fault >= 0 && w->observer != NULL)
        w->observer(w->observer_context, w, reader, who, NULL,
                    chat_fault_name((enum chat_fault)fault), 1);
}

/* --- senders ---------------------------------------------------------------------------------- */

static void send_message(struct chat_world *w, int sender)
{
    struct chat_world_sender *its = &w->senders[sender];
    its->attempts++;
    chat_world_observe_number(w, -1, chat_world_sender_names[sender], "log",
                              its->attempts > 1 ? "again: message" : "message", its->next + 1);
    chat_world_post(w, NETWORK_MS, MAIL_SEND, sender);
    chat_world_post(w, RETRY_MS, MAIL_TIMEOUT, sender)->number = its->attempts + 1000 * its->next;
}

static void take_answer(struct chat_world *w, int sender, int64_t number)
{
    struct chat_world_sender *its = &w->senders[sender];
    int asked = CHAT_WORLD_OLD + sender * CHAT_WORLD_EACH + its->next;
    if (its->next == CHAT_WORLD_EACH || number < 1 || number > w->shelf_count ||
        chat_world_known(w, &w->shelf[number - 1]) != asked)
        return; /* it answers an earlier attempt of what is answered */
    its->next++;
    its->attempts = 0;
    if (its->next < CHAT_WORLD_EACH)
        chat_world_post(w, PAUSE_MS, MAIL_NEXT, sender);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int is_at_rest(const struct chat_world *w)
{
    for (int i = 0; i < CHAT_WORLD_SENDERS; i++) {
        if (w->senders[i].next < CHAT_WORLD_EACH)
            return 0;
    }
    for (int i = 0; i < CHAT_WORLD_READERS; i++) {
        const struct chat_world_reader *reader = &w->readers[i];
        if (!reader->is_removed && (reader->stream < 0 || reader->last < w->shelf_count))
            return 0;
    }
    return 1;
}

static void deliver(struct chat_world *w, const struct chat_mail *mail)
{
    switch (mail->kind) {
    case MAIL_NEXT:
        send_message(w, mail->who);
        return;
    case MAIL_SEND:
        chat_world_at_log(w, mail->who);
        return;
    case MAIL_ANSWER:
        take_answer(w, mail->who, mail->number);
        return;
    case MAIL_TIMEOUT:
        if (w->senders[mail->who].next < CHAT_WORLD_EACH &&
            mail->number == w->senders[mail->who].attempts + 1000 * w->senders[mail->who].next)
            send_message(w, mail->who);
        return;
    case MAIL_PUBLISH:
    case MAIL_HINT:
        chat_world_hint(w, mail);
        return;
    case MAIL_FETCH:
        chat_world_at_shelf(w, mail);
        return;
    case MAIL_PAGE:
        chat_world_page(w, mail);
        return;
    case MAIL_DRAINED:
        chat_world_drain(w, mail->who, mail->count);
        return;
    case MAIL_CLOSED:
        chat_world_close(w, mail->who);
        return;
    case MAIL_OPEN:
        chat_world_open(w, mail->who);
        return;
    case MAIL_WAKE:
        chat_world_wake(w, mail->who);
        return;
    case MAIL_REMOVED:
        chat_world_remove(w, mail->who);
        return;
    case MAIL_RESTART:
        chat_world_observe(w, -1, "log", NULL, "restarts");
        chat_world_begin_log(w);
        if (w->rule == NULL)
            chat_world_send_hints(w);
        return;
    case MAIL_ROUND:
        if (is_at_rest(w) || mail->number == ROUNDS)
            return;
        if (w->is_alive)
            chat_world_send_hints(w);
        chat_world_post(w, ROUND_MS, MAIL_ROUND, 0)->number = mail->number + 1;
        return;
    }
}

void chat_world_prepare(struct chat_world *world)
{
    memset(world, 0, sizeof *world);
    for (int i = 0; i < CHAT_WORLD_MESSAGES; i++) {
        struct chat_message *one = &world->known[i];
        int new = i - CHAT_WORLD_OLD;
        const char *user = new < 0 ? "old" : chat_world_sender_names[new / CHAT_WORLD_EACH];
        int number = new < 0 ? i + 1 : new % CHAT_WORLD_EACH + 1;
        snprintf(one->channel, sizeof one->channel, "c");
        snprintf(one->user, sizeof one->user, "%s", user);
        snprintf(one->nonce, sizeof one->nonce, "n-%d", number);
        snprintf(one->text, sizeof one->text, "%s %d", user, number);
    }
    for (int i = 0; i < CHAT_WORLD_OLD; i++) {
        struct chat_record *record = &world->disk[i];
        *record = (struct chat_record){.kind = CHAT_RECORD_MESSAGE, .message = world->known[i]};
        record->message.number = i + 1;
        world->shelf[i] = record->message;
    }
}

int chat_world_known(const struct chat_world *world, const struct chat_message *message)
{
    for (int i = CHAT_WORLD_MESSAGES - 1; i >= 0; i--) {
        const struct chat_message *one = &world->known[i];
        if (strncmp(one->text, message->text, sizeof one->text) == 0 &&
            strncmp(one->nonce, message->nonce, sizeof one->nonce) == 0 &&
            strncmp(one->user, message->user, sizeof one->user) == 0 &&
            strncmp(one->file, message->file, sizeof one->file) == 0 &&
            strncmp(one->channel, message->channel, sizeof one->channel) == 0)
            return i;
    }
    return -1;
}

static void begin(struct chat_world *w, const struct chat_schedule *schedule, struct chat_core core)
{
    static const int opens_ms[CHAT_WORLD_READERS] = {0, 15, 26};
    w->schedule = schedule;
    w->core = core;
    w->rule = NULL;
    w->seen[0] = '\0';
    w->points = w->faults_met = w->events = w->crashes = w->order = 0;
    w->now_ms = 0;
    w->mail_count = w->stream_count = 0;
    memset(w->senders, 0, sizeof w->senders);
    w->disk_count = w->shelf_count = CHAT_WORLD_OLD;
    for (int i = 0; i < CHAT_WORLD_READERS; i++) {
        w->readers[i] = (struct chat_world_reader){
            .hub = i % CHAT_WORLD_HUBS, .stream = -1, .last = i == 1 ? CHAT_WORLD_OLD : 0};
        chat_world_post(w, opens_ms[i], MAIL_OPEN, i);
    }
    if (core.hubs_begin(core.context) < 0)
        chat_world_break(w, 0, "A hub is created with a queue of 16.", "it is not");
    chat_world_begin_log(w);
    chat_world_post(w, ROUND_MS, MAIL_ROUND, 0);
}

void chat_world_run(struct chat_world *world, const struct chat_schedule *schedule,
                    struct chat_core core)
{
    begin(world, schedule, core);
    for (int sender = 0; sender < CHAT_WORLD_SENDERS; sender++)
        chat_world_post(world, PAUSE_MS / 2 * (sender + 1), MAIL_NEXT, sender);
    while (world->rule == NULL && world->mail_count > 0) {
        struct chat_mail mail = take_earliest(world);
        world->now_ms = mail.at_ms;
        if (++world->events > CHAT_WORLD_EVENTS)
            chat_world_break(world, -1, "A run comes to rest.", "it does not");
        else
            deliver(world, &mail);
    }
    if (world->rule == NULL)
        chat_world_judge_end(world);
}
