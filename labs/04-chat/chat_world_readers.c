/* The world of the core: the hosts of the hubs, and their readers. See chat_world.h. */
#include <stddef.h>
#include "chat_world_internal.h"

static void come_back(struct chat_world *w, int reader)
{
    w->readers[reader].stream = -1;
    w->readers[reader].hub = 1 - w->readers[reader].hub;
    w->readers[reader].is_stalled = 0;
    chat_world_post(w, RESUME_MS, MAIL_OPEN, reader);
}

/* The fault at what an event writes to a stream. */
static void strike_reader(struct chat_world *w, struct chat_world_stream *stream, int writes)
{
    struct chat_world_reader *reader = &w->readers[stream->reader];
    int has_it = reader->stream == (int)(stream - w->streams) && !reader->is_removed;
    int fault = has_it ? chat_world_fault(w, POINT_WRITE) : -1;
    chat_world_observe_fault(w, stream->reader, chat_world_reader_names[stream->reader], fault);
    if (fault == FAULT_RESUME)
        stream->receives = writes / 2;
    if (fault == FAULT_STALL) {
        reader->is_stalled = 1;
        chat_world_post(w, STALL_MS, MAIL_WAKE, stream->reader);
    }
    if (fault == FAULT_REMOVE) {
        reader->is_removed = 1;
        chat_world_post(w, 0, MAIL_REMOVED, stream->reader);
    }
}

static void receive(struct chat_world *w, struct chat_world_stream *stream, int64_t number)
{
    struct chat_world_reader *reader = &w->readers[stream->reader];
    stream->written = number;
    stream->room--;
    if (stream->receives > 0 && reader->stream == (int)(stream - w->streams)) {
        reader->last = number;
        if (stream->receives < CHAT_QUEUE_MAX)
            stream->receives--;
    }
}

/* Behind the last write of an event to a stream: what was taken, or that it broke off. */
static void settle_writes(struct chat_world *w, int id, int writes)
{
    struct chat_world_stream *stream = &w->streams[id];
    int has_it = w->readers[stream->reader].stream == id;
    if (!stream->is_open || !has_it)
        return;
    if (stream->receives == 0) {
        chat_world_post(w, 2 * NETWORK_MS, MAIL_CLOSED, id);
        come_back(w, stream->reader);
    } else if (w->readers[stream->reader].is_stalled) {
        stream->unread += writes;
    } else {
        chat_world_post(w, TAKE_MS, MAIL_DRAINED, id)->count = writes;
    }
}

static void end_stream(struct chat_world *w, struct chat_world_stream *stream, int comes_back)
{
    stream->is_open = 0;
    if (w->readers[stream->reader].stream != (int)(stream - w->streams))
        return;
    w->readers[stream->reader].stream = -1;
    if (comes_back && !w->readers[stream->reader].is_removed)
        come_back(w, stream->reader);
}

static void carry_out_hub(struct chat_world *w, const struct chat_hub_action *action)
{
    struct chat_world_stream *stream = &w->streams[action->stream];
    const char *hub = chat_world_hub_names[stream->hub],
               *reader = chat_world_reader_names[stream->reader];
    int fault = -1;
    switch (action->kind) {
    case CHAT_FETCH:
        fault = chat_world_fault(w, POINT_FETCH);
        chat_world_observe_number(w, stream->reader, hub, "log", "fetch after", action->number);
        chat_world_observe_fault(w, stream->reader, "log", fault);
        stream->limit = action->limit;
        chat_world_post(w, NETWORK_MS, MAIL_FETCH, (int)action->stream)->count =
            fault == FAULT_LATE_PAGE;
        return;
    case CHAT_WRITE:
        chat_world_observe_number(w, stream->reader, hub, reader, "message",
                                  action->message->number);
        receive(w, stream, action->message->number);
        return;
    case CHAT_LIVE:
        stream->is_live = 1;
        chat_world_observe(w, stream->reader, hub, reader, "live");
        return;
    case CHAT_GAP:
        chat_world_observe_number(w, stream->reader, hub, reader, "gap from", action->number);
        end_stream(w, stream, 1);
        return;
    case CHAT_PUT_OUT:
        chat_world_observe(w, stream->reader, hub, reader, "put out");
        end_stream(w, stream, 0);
        return;
    }
}

static int count_writes(const struct chat_hub_actions *actions, uint32_t stream)
{
    int writes = 0;
    for (int i = 0; i < actions->count; i++)
        writes += actions->list[i].kind == CHAT_WRITE && actions->list[i].stream == stream;
    return writes;
}

/* Gives the event, judges and carries out what the hub asks for. */
static void give(struct chat_world *w, int hub, const struct chat_hub_event *event)
{
    struct chat_hub_actions *actions = &w->hub_actions;
    int begun[CHAT_WORLD_STREAMS] = {0};
    actions->count = 0;
    if (w->core.hub_handle(w->core.context, hub, event, actions) < 0) {
        chat_world_break(w, 0, "A hub takes what its host has to say.", "it refuses event %d",
                         (int)event->kind);
        return;
    }
    if (actions->count < 0 || actions->count > CHAT_HUB_ACTIONS_MAX)
        chat_world_break(w, 0, "An event has at most 508 actions.", "it has %d", actions->count);
    for (int i = 0; w->rule == NULL && i < actions->count; i++) {
        const struct chat_hub_action *action = &actions->list[i];
        chat_world_judge_hub(w, hub, event, action);
        if (w->rule != NULL)
            return;
        if (action->kind == CHAT_WRITE && begun[action->stream] == 0) {
            begun[action->stream] = count_writes(actions, action->stream);
            strike_reader(w, &w->streams[action->stream], begun[action->stream]);
        }
        carry_out_hub(w, action);
    }
    for (int id = 0; id < w->stream_count; id++) {
        if (begun[id] > 0)
            settle_writes(w, id, begun[id]);
    }
}

void chat_world_open(struct chat_world *w, int reader)
{
    struct chat_world_reader *its = &w->readers[reader];
    if (its->is_removed || w->stream_count == CHAT_WORLD_STREAMS)
        return;
    int id = w->stream_count++;
    w->streams[id] = (struct chat_world_stream){.reader = reader,
                                                .hub = its->hub,
                                                .is_open = 1,
                                                .written = its->last,
                                                .room = CHAT_QUEUE_MIN,
                                                .receives = CHAT_QUEUE_MAX};
    its->stream = id;
    chat_world_observe_number(w, reader, chat_world_reader_names[reader],
                              chat_world_hub_names[its->hub], "opens after", its->last);
    give(w, its->hub,
         &(struct chat_hub_event){.kind = CHAT_OPEN,
                                  .stream = (uint32_t)id,
                                  .channel = "c",
                                  .user = chat_world_reader_names[reader],
                                  .number = its->last});
}

void chat_world_page(struct chat_world *w, const struct chat_mail *mail)
{
    struct chat_world_stream *stream = &w->streams[mail->who];
    stream->was_short |= mail->count < stream->limit;
    stream->limit = 0;
    chat_world_observe_number(w, stream->reader, "log", chat_world_hub_names[stream->hub],
                              "a page of", mail->count);
    give(w, stream->hub,
         &(struct chat_hub_event){.kind = CHAT_PAGE,
                                  .stream = (uint32_t)mail->who,
                                  .messages = &w->shelf[mail->number],
                                  .count = mail->count});
}

/* Both hubs are told; the one that has the reader must put it out. */
void chat_world_remove(struct chat_world *w, int reader)
{
    for (int hub = 0; hub < CHAT_WORLD_HUBS && w->rule == NULL; hub++)
        give(w, hub,
             &(struct chat_hub_event){
                 .kind = CHAT_REMOVED, .channel = "c", .user = chat_world_reader_names[reader]});
    for (int id = 0; id < w->stream_count && w->rule == NULL; id++) {
        if (w->streams[id].reader == reader && w->streams[id].is_open)
            chat_world_break(w, reader, "Who is removed is put out at once.",
                             "the stream of %s is still open", chat_world_reader_names[reader]);
    }
}

void chat_world_close(struct chat_world *w, int stream)
{
    w->streams[stream].is_open = 0;
    give(w, w->streams[stream].hub,
         &(struct chat_hub_event){.kind = CHAT_CLOSED, .stream = (uint32_t)stream});
}

void chat_world_drain(struct chat_world *w, int id, int count)
{
    struct chat_world_stream *stream = &w->streams[id];
    stream->room += count;
    if (count > 0)
        give(w, stream->hub,
             &(struct chat_hub_event){
                 .kind = CHAT_DRAINED, .stream = (uint32_t)id, .number = count});
}

void chat_world_wake(struct chat_world *w, int reader)
{
    int id = w->readers[reader].stream;
    if (!w->readers[reader].is_stalled || id < 0)
        return;
    int unread = w->streams[id].unread;
    w->readers[reader].is_stalled = 0;
    w->streams[id].unread = 0;
    chat_world_observe_number(w, reader, chat_world_reader_names[reader], NULL, "wakes, and takes",
                              unread);
    chat_world_drain(w, id, unread);
}

void chat_world_hint(struct chat_world *w, const struct chat_mail *mail)
{
    int is_message = mail->kind == MAIL_PUBLISH;
    struct chat_hub_event event = {.kind = is_message ? CHAT_PUBLISHED : CHAT_NEWEST,
                                   .channel = "c"};
    if (is_message)
        event.messages = &w->shelf[mail->number - 1];
    else
        event.number = mail->number;
    for (int i = 0; i < CHAT_WORLD_READERS; i++) {
        if (w->readers[i].hub == mail->who && w->readers[i].stream >= 0)
            chat_world_observe_number(w, i, "log", chat_world_hub_names[mail->who],
                                      is_message ? "published" : "the newest is", mail->number);
    }
    give(w, mail->who, &event);
}
