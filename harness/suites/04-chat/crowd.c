/*
 * The crowd's loop, what it expects, and its story.
 */
#include "suites/04-chat/crowd_internal.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/clock.h"
#include "kit/error.h"

enum { TURN_MS = 5, SENDING_USERS = 4 };

/* --- opening ---------------------------------------------------------------------------------- */

int crowd_open(struct crowd **out, struct chat_cluster *cluster)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    *out = crowd;
    if (run_ended(cluster->run))
        return 1;
    if (crowd == NULL || (crowd->sends = calloc(CROWD_SENDS_MAX, sizeof *crowd->sends)) == NULL)
        return run_error(cluster->run, "out of memory for clients");
    crowd->cluster = cluster;
    crowd->blamed = -1;
    for (int i = 0; i < cluster->gateway_count; i++)
        sscanf(cluster_url(cluster->run->cluster, cluster->gateways[i]), "http://127.0.0.1:%d",
               &crowd->ports[i]);
    return 0;
}

void crowd_close(struct crowd *crowd)
{
    if (crowd == NULL)
        return;
    for (int i = 0; i < crowd->reader_count; i++) {
        line_close(&crowd->readers[i].line);
        text_release(&crowd->readers[i].line.in);
        text_release(&crowd->readers[i].line.out);
        sse_reader_release(&crowd->readers[i].events);
    }
    for (int i = 0; i < crowd->sender_count; i++) {
        line_close(&crowd->senders[i].line);
        text_release(&crowd->senders[i].line.in);
        text_release(&crowd->senders[i].line.out);
    }
    for (int i = 0; i < crowd->channel_count; i++)
        free(crowd->channels[i].sends);
    free(crowd->sends);
    free(crowd);
}

int crowd_channel(struct crowd *crowd, const char *name)
{
    struct crowd_channel *channel = &crowd->channels[crowd->channel_count];
    *channel = (struct crowd_channel){.home = -1};
    snprintf(channel->name, sizeof channel->name, "%s", name);
    return crowd->channel_count++;
}

int crowd_listen(struct crowd *crowd, int channel, const char *user, int64_t after)
{
    struct crowd_reader *reader = &crowd->readers[crowd->reader_count];
    *reader = (struct crowd_reader){.line = {.fd = -1},
                                    .channel = channel,
                                    .number = crowd->reader_count,
                                    .last = after,
                                    .retry_ms = -1};
    snprintf(reader->user, sizeof reader->user, "%s", user);
    return crowd->reader_count++;
}

void crowd_cut(struct crowd *crowd, int reader, int back)
{
    struct crowd_reader *r = &crowd->readers[reader];
    reader_note(crowd, reader, "%s after %lld", back ? "is cut off" : "goes", (long long)r->last);
    line_close(&r->line);
    sse_reader_release(&r->events);
    r->state = back ? CROWD_AWAY : CROWD_STOPPED;
    r->due_ms = 0;
}

void crowd_senders(struct crowd *crowd, int count)
{
    for (; crowd->sender_count < count; crowd->sender_count++)
        crowd->senders[crowd->sender_count] =
            (struct crowd_sender){.line = {.fd = -1},
                                  .gateway = crowd->sender_count % crowd->cluster->gateway_count,
                                  .send = -1};
}

int crowd_send(struct crowd *crowd, int channel, const char *user)
{
    struct crowd_send *send = &crowd->sends[crowd->send_count];
    *send = (struct crowd_send){.channel = channel};
    snprintf(send->user, sizeof send->user, "%s", user);
    return crowd->send_count++;
}

void crowd_listen_all(struct crowd *crowd, int channel, int first, int count)
{
    char user[32];
    for (int i = first; i < first + count; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        crowd_listen(crowd, channel, user, 0);
    }
}

void crowd_send_all(struct crowd *crowd, int count)
{
    char user[32];
    for (int i = 0; i < count; i++) {
        snprintf(user, sizeof user, "user-%d", i % SENDING_USERS);
        crowd_send(crowd, i % crowd->channel_count, user);
    }
}

/* --- turning ---------------------------------------------------------------------------------- */

void crowd_turn(struct crowd *crowd, int wait_ms)
{
    struct pollfd fds[CROWD_READERS_MAX + CROWD_SENDERS_MAX];
    int who[CROWD_READERS_MAX + CROWD_SENDERS_MAX], count = 0;
    int64_t now_ms = monotonic_ms();
    for (int i = 0; i < crowd->sender_count; i++) {
        struct crowd_sender *sender = &crowd->senders[i];
        sender_turn(crowd, sender, now_ms);
        fds[count] = (struct pollfd){sender->line.fd, line_events(&sender->line), 0};
        who[count++] = -1 - i;
    }
    for (int i = 0; i < crowd->reader_count; i++) {
        struct crowd_reader *reader = &crowd->readers[i];
        reader_turn(crowd, i, now_ms);
        if (reader->line.fd < 0 || reader->is_silent)
            continue;
        fds[count] = (struct pollfd){reader->line.fd, line_events(&reader->line), 0};
        who[count++] = i;
    }
    if (poll(fds, (nfds_t)count, wait_ms) <= 0)
        return;
    for (int i = 0; i < count; i++) {
        struct crowd_line *line =
            who[i] < 0 ? &crowd->senders[-1 - who[i]].line : &crowd->readers[who[i]].line;
        if (fds[i].revents == 0)
            continue;
        int is_closed = line_move(line) < 0;
        if (who[i] < 0)
            sender_moved(crowd, &crowd->senders[-1 - who[i]], is_closed);
        else
            reader_moved(crowd, who[i], is_closed);
    }
}

int crowd_until(struct crowd *crowd, int (*until)(struct crowd *crowd, void *context),
                void *context, const char *expected)
{
    int64_t deadline_ms = monotonic_ms() + CHAT_WAIT_MS;
    while (!run_ended(crowd->cluster->run) && crowd->expected[0] == '\0') {
        if (until(crowd, context))
            return 0;
        if (monotonic_ms() >= deadline_ms) {
            int behind = -1;
            for (int i = 0; i < crowd->reader_count && behind < 0; i++)
                if (crowd->readers[i].state < CROWD_OUT && !crowd->readers[i].is_silent &&
                    crowd->readers[i].last < crowd->channels[crowd->readers[i].channel].highest)
                    behind = i;
            crowd_wrong(crowd, behind, expected,
                        "after %d s %d of %d messages are acknowledged; %s %s%lld",
                        CHAT_WAIT_MS / 1000, crowd->acknowledged, crowd->send_count,
                        behind >= 0 ? crowd->readers[behind].user : "nobody",
                        behind >= 0 ? "has read up to " : "is behind ",
                        behind >= 0 ? (long long)crowd->readers[behind].last : 0LL);
        }
        crowd_turn(crowd, TURN_MS);
    }
    return crowd_verdict(crowd);
}

int crowd_is_live(struct crowd *crowd, void *context)
{
    (void)context;
    for (int i = 0; i < crowd->reader_count; i++)
        if (crowd->readers[i].state < CROWD_OUT && !crowd->readers[i].is_silent &&
            !crowd->readers[i].is_live)
            return 0;
    return 1;
}

int crowd_is_sending(struct crowd *crowd, void *context)
{
    int under_way = 0;
    (void)context;
    for (int i = 0; i < crowd->sender_count; i++)
        under_way += crowd->senders[i].send >= 0 && crowd->senders[i].due_ms == 0;
    return under_way > 0;
}

int crowd_is_sent(struct crowd *crowd, void *context)
{
    (void)context;
    return crowd->acknowledged == crowd->send_count;
}

int crowd_is_quiet(struct crowd *crowd, void *context)
{
    if (!crowd_is_sent(crowd, context))
        return 0;
    for (int i = 0; i < crowd->reader_count; i++) {
        const struct crowd_reader *reader = &crowd->readers[i];
        if (reader->state < CROWD_OUT && !reader->is_silent &&
            (!reader->is_live || reader->last < crowd->channels[reader->channel].highest))
            return 0;
    }
    return 1;
}

/* --- what was seen ---------------------------------------------------------------------------- */

void crowd_saw(struct crowd *crowd, int channel, int64_t number, int64_t send, int reader)
{
    struct crowd_channel *c = &crowd->channels[channel];
    if (number < 1 || number > CROWD_SENDS_MAX || send < 0 || send >= crowd->send_count ||
        crowd->sends[send].channel != channel) {
        crowd_wrong(crowd, reader, "a channel has the messages that were sent to it",
                    "%s has number %lld, with the text of message %lld", c->name, (long long)number,
                    (long long)send);
        return;
    }
    if (number > c->capacity) {
        int64_t capacity = number + 255;
        int64_t *more = realloc(c->sends, (size_t)capacity * sizeof *more);
        if (more == NULL)
            abort();
        for (int64_t i = c->capacity; i < capacity; i++)
            more[i] = -1;
        c->sends = more;
        c->capacity = capacity;
    }
    if (c->sends[number - 1] >= 0 && c->sends[number - 1] != send)
        crowd_wrong(crowd, reader, "a number is the same message for everybody, and for its sender",
                    "number %lld of %s is message %lld, and message %lld too", (long long)number,
                    c->name, (long long)c->sends[number - 1], (long long)send);
    c->sends[number - 1] = send;
    if (number > c->highest)
        c->highest = number;
    if (reader >= 0 && crowd->delays_ms != NULL && crowd->delay_count < crowd->delays_max)
        crowd->delays_ms[crowd->delay_count++] =
            (double)(monotonic_ns() - crowd->sends[send].asked_ns) / 1e6;
}

int crowd_compare(struct crowd *crowd)
{
    int *seen = calloc((size_t)crowd->send_count + 1, sizeof *seen);
    if (seen == NULL)
        abort();
    for (int i = 0; i < crowd->channel_count && !run_ended(crowd->cluster->run); i++) {
        struct crowd_channel *channel = &crowd->channels[i];
        char **texts = NULL;
        int count = chat_list(crowd->cluster, channel->name, &texts);
        for (int n = 0; n < count; n++) {
            int64_t send = strtoll(texts[n], NULL, 10);
            crowd_saw(crowd, i, n + 1, send, -1);
            if (send >= 0 && send < crowd->send_count && ++seen[send] > 1)
                crowd_wrong(crowd, -1, "a message that is sent twice is stored once",
                            "message %lld is in %s twice", (long long)send, channel->name);
        }
        if (count >= 0 && count < channel->highest)
            crowd_wrong(crowd, -1, "what was acknowledged, or read, is in the list",
                        "%s has %d messages; number %lld was acknowledged", channel->name, count,
                        (long long)channel->highest);
        chat_free_texts(texts, count);
    }
    for (int i = 0; i < crowd->send_count && !run_ended(crowd->cluster->run); i++)
        if (crowd->sends[i].number > 0 && seen[i] == 0)
            crowd_wrong(crowd, -1, "what was acknowledged is in the list",
                        "message %d was acknowledged as number %lld of %s, and is nowhere", i,
                        (long long)crowd->sends[i].number,
                        crowd->channels[crowd->sends[i].channel].name);
    free(seen);
    return crowd_verdict(crowd);
}

/* --- the story -------------------------------------------------------------------------------- */

int crowd_kill(struct crowd *crowd, const char *const *nodes, int count)
{
    struct check_run *run = crowd->cluster->run;
    for (int i = 0; i < count; i++)
        if (run_kill(run, nodes[i], SIGKILL))
            return 1;
    for (int i = 0; i < count; i++)
        if (run_restart(run, nodes[i]))
            return 1;
    return 0;
}

void crowd_wrong(struct crowd *crowd, int reader, const char *expected, const char *format, ...)
{
    va_list values;
    if (crowd->expected[0] != '\0')
        return;
    snprintf(crowd->expected, sizeof crowd->expected, "%s", expected);
    va_start(values, format);
    vsnprintf(crowd->got, sizeof crowd->got, format, values);
    va_end(values);
    crowd->blamed = reader;
}

/* The blamed reader's last things, between what was done to nodes. */
static void write_story(struct crowd *crowd)
{
    struct check_run *run = crowd->cluster->run;
    const struct crowd_reader *reader = &crowd->readers[crowd->blamed];
    const struct story *own = &run->result->story;
    struct story story = {0};
    int line = 0,
        note = reader->note_count > CROWD_NOTES_MAX ? reader->note_count - CROWD_NOTES_MAX : 0;
    while (line < own->count || note < reader->note_count) {
        const struct crowd_note *next = &reader->notes[note % CROWD_NOTES_MAX];
        const struct story_line *other = line < own->count ? &own->lines[line] : NULL;
        if (other != NULL && (note == reader->note_count || other->at_ms <= next->at_ms)) {
            if (other->to == NULL)
                story_add(&story, other->at_ms, other->kind, other->from, NULL, other->text);
            line++;
        } else {
            story_add(&story, next->at_ms, STORY_NOTE, reader->user, NULL, next->words);
            note++;
        }
    }
    story_add(&story, run_story_ms(run), STORY_WRONG, reader->user, NULL, crowd->got);
    run_story_instead(run, &story);
}

int crowd_verdict(struct crowd *crowd)
{
    struct check_run *run = crowd->cluster->run;
    if (run_ended(run) || crowd->expected[0] == '\0')
        return run_ended(run);
    run_fail(run, "wrong answer", crowd->expected, "%s", crowd->got);
    if (crowd->blamed >= 0)
        write_story(crowd);
    return 1;
}
