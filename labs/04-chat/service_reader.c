#include "service_reader.h"

#include <stdio.h>
#include <string.h>
#include "kit/sse.h"
#include "service_wire.h"

void reader_format(struct text *out, const struct chat_message *message)
{
    struct text data = {0};
    char id[24];
    struct json_writer writer = json_writer(&data);
    text_clear(out);
    snprintf(id, sizeof id, "%lld", (long long)message->number);
    wire_put_message(&writer, NULL, message);
    (void)sse_event(out, id, "message", text_str(&data));
    text_release(&data);
}

void reader_write(struct reader *reader, const struct text *event, int64_t number)
{
    int has_room = reader->waiting < CHAT_QUEUE_MAX &&
                   http_stream_pending(reader->stream) + event->length <= READER_BYTES_MAX;
    if (has_room && http_stream_write(reader->stream, text_str(event), event->length) == 0) {
        reader->bytes += event->length;
        reader->ends[(reader->first + reader->waiting++) % CHAT_QUEUE_MAX] = reader->bytes;
        return;
    }
    reader_gap(reader, number);
    reader->is_unknown = 1;
}

int reader_say(struct reader *reader, const char *words)
{
    size_t length = strlen(words);
    int result = http_stream_write(reader->stream, words, length);
    if (result == 0)
        reader->bytes += length;
    return result;
}

void reader_end(struct reader *reader, const char *event, const char *data)
{
    struct text words = {0};
    if (event != NULL)
        (void)sse_event(&words, NULL, event, data);
    (void)http_stream_finish(reader->stream, text_str(&words), words.length);
    text_release(&words);
    reader->has_ended = 1;
}

void reader_lose(struct reader *reader)
{
    reader_end(reader, NULL, NULL);
    reader->is_unknown = 1;
}

void reader_gap(struct reader *reader, int64_t from)
{
    char data[64];
    snprintf(data, sizeof data, "{\"from\":%lld}", (long long)from);
    reader_end(reader, "gap", data);
}

int64_t reader_taken(struct reader *reader)
{
    uint64_t bytes = http_stream_written(reader->stream);
    int64_t taken = 0;
    while (reader->waiting > 0 && reader->ends[reader->first] <= bytes) {
        reader->first = (reader->first + 1) % CHAT_QUEUE_MAX;
        reader->waiting--;
        taken++;
    }
    return taken;
}
