/* The world of the core: the host of the log. See chat_world.h. */
#include <stddef.h>
#include "chat_world_internal.h"

static void crash(struct chat_world *w)
{
    w->is_alive = 0;
    w->crashes++;
    chat_world_post(w, RESTART_MS, MAIL_RESTART, 0);
}

void chat_world_send_hints(struct chat_world *w)
{
    int64_t newest = w->core.log_newest(w->core.context);
    if (newest != w->shelf_count)
        chat_world_break(w, -1, "chat_log_newest visits the channel once, with its last number.",
                         "%lld, and the last on disk is %d", (long long)newest, w->shelf_count);
    for (int hub = 0; hub < CHAT_WORLD_HUBS; hub++)
        chat_world_post(w, NETWORK_MS, MAIL_HINT, hub)->number = newest;
}

void chat_world_begin_log(struct chat_world *w)
{
    if (w->core.log_begin(w->core.context, w->disk, w->disk_count) < 0)
        chat_world_break(w, -1, "A log reads its own records.", "it refuses one of %d",
                         w->disk_count);
    w->is_alive = 1;
}

static void store(struct chat_world *w, const struct chat_record *record)
{
    if (w->disk_count == CHAT_WORLD_DISK) {
        chat_world_break(w, -1, "A message is a record or two.", "%d are on disk", w->disk_count);
        return;
    }
    w->disk[w->disk_count++] = *record;
    if (record->kind != CHAT_RECORD_MESSAGE)
        return;
    w->shelf[w->shelf_count++] = record->message;
    chat_world_observe_number(w, -1, "log", NULL, "stores", record->message.number);
}

static void publish(struct chat_world *w, int64_t number)
{
    for (int hub = 0; hub < CHAT_WORLD_HUBS; hub++) {
        int fault = chat_world_fault(w, POINT_PUBLISH);
        chat_world_observe_fault(w, -1, chat_world_hub_names[hub], fault);
        if (fault != FAULT_LOSE_HINT)
            chat_world_post(w, fault == FAULT_LATE_HINT ? LATE_MS : NETWORK_MS, MAIL_PUBLISH, hub)
                ->number = number;
        if (fault == FAULT_DOUBLE_HINT)
            chat_world_post(w, LATE_MS, MAIL_PUBLISH, hub)->number = number;
    }
}

/* An answer, or a publication. The fault after it, or -1. */
static int carry_out_log(struct chat_world *w, const struct chat_log_action *action, int sender)
{
    const struct chat_message *message = &action->record.message;
    if (action->kind == CHAT_PUBLISH) {
        publish(w, message->number);
        return -1;
    }
    int fault = chat_world_fault(w, POINT_ACK);
    chat_world_observe_number(w, -1, "log", chat_world_sender_names[sender], "it is",
                              message->number);
    chat_world_observe_fault(w, -1, "log", fault);
    if (fault != FAULT_LOSE_ACK)
        chat_world_post(w, NETWORK_MS, MAIL_ANSWER, sender)->number = message->number;
    return fault;
}

/* The actions of one send, in their order: its appends are one commit. */
static void carry_out_send(struct chat_world *w, int sender, int asked)
{
    const struct chat_log_actions *actions = &w->log_actions;
    int fault = -1, begun = 0, answered = 0;
    if (actions->count < 0 || actions->count > CHAT_LOG_ACTIONS_MAX)
        chat_world_break(w, -1, "A send has at most 8 actions.", "it has %d", actions->count);
    for (int i = 0; w->rule == NULL && i < actions->count; i++) {
        const struct chat_log_action *action = &actions->list[i];
        if (action->kind == CHAT_APPEND && !begun) {
            begun = 1;
            fault = chat_world_fault(w, POINT_APPEND);
        }
        if (fault == FAULT_CRASH_BEFORE ||
            (fault == FAULT_CRASH_AFTER && action->kind != CHAT_APPEND) ||
            fault == FAULT_CRASH_ANSWERED)
            break;
        chat_world_judge_log(w, action, asked);
        if (w->rule != NULL)
            return;
        answered |= action->kind == CHAT_ACK;
        if (action->kind == CHAT_APPEND)
            store(w, &action->record);
        else
            fault = carry_out_log(w, action, sender);
    }
    int crashes =
        fault == FAULT_CRASH_BEFORE || fault == FAULT_CRASH_AFTER || fault == FAULT_CRASH_ANSWERED;
    if (fault == FAULT_CRASH_BEFORE || fault == FAULT_CRASH_AFTER)
        chat_world_observe_fault(w, -1, "log", fault);
    if (crashes)
        crash(w);
    else if (!answered)
        chat_world_break(w, -1, "Every send is answered.", "this one is not");
}

void chat_world_at_log(struct chat_world *w, int sender)
{
    int asked = CHAT_WORLD_OLD + sender * CHAT_WORLD_EACH + w->senders[sender].next;
    if (!w->is_alive || w->senders[sender].next == CHAT_WORLD_EACH)
        return;
    struct chat_message message = w->known[asked];
    message.sent_ms = w->now_ms;
    w->log_actions.count = 0;
    if (w->core.log_send(w->core.context, &message, &w->log_actions) < 0)
        chat_world_break(w, -1, "A member's message is taken, however often it is sent.",
                         "'%s' is refused", message.text);
    else
        carry_out_send(w, sender, asked);
}

/* A page is read now, and comes at once or late. */
void chat_world_at_shelf(struct chat_world *w, const struct chat_mail *mail)
{
    const struct chat_world_stream *stream = &w->streams[mail->who];
    if (!w->is_alive) {
        chat_world_post(w, FETCH_MS, MAIL_FETCH, mail->who)->count = mail->count;
        return;
    }
    int64_t left = w->shelf_count - stream->written;
    struct chat_mail *page =
        chat_world_post(w, mail->count ? LATE_MS : NETWORK_MS, MAIL_PAGE, mail->who);
    page->number = stream->written;
    page->count = left < 0 ? 0 : left < stream->limit ? (int)left : stream->limit;
}
