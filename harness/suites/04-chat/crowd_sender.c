/*
 * The senders of a crowd: each sends one message after the other, and the same again, with its
 * nonce, until it is acknowledged.
 */
#include "suites/04-chat/crowd_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/clock.h"

static void write_request(struct crowd *crowd, int place, struct text *request)
{
    const struct crowd_send *send = &crowd->sends[place];
    struct text body = {0};
    text_addf(&body, "{\"nonce\":\"n-%d\",\"text\":\"%d ", place, place);
    for (int i = 0; i < crowd->text_bytes; i++)
        text_add(&body, "\\u0001"); /* six bytes on the wire, one in the text */
    text_add(&body, "\"}");
    text_addf(request,
              "POST /channels/%s/messages HTTP/1.1\r\nHost: chat\r\nX-User: %s\r\n"
              "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
              crowd->channels[send->channel].name, send->user, body.length, text_str(&body));
    text_release(&body);
}

/* Its answer does not come: the same again, at the next gateway. */
static void try_again(struct crowd *crowd, struct crowd_sender *sender, int64_t after_ms)
{
    line_close(&sender->line);
    sender->gateway = (sender->gateway + 1) % crowd->cluster->gateway_count;
    sender->due_ms = monotonic_ms() + after_ms;
}

void sender_turn(struct crowd *crowd, struct crowd_sender *sender, int64_t now_ms)
{
    if (sender->send < 0) {
        if (crowd->begun == crowd->send_count)
            return;
        sender->send = crowd->begun++;
        crowd->sends[sender->send].asked_ns = monotonic_ns();
        sender->due_ms = now_ms;
    } else if (sender->due_ms == 0 || sender->due_ms > now_ms) {
        return;
    }
    struct text request = {0};
    sender->due_ms = 0;
    crowd->sends[sender->send].attempts++;
    write_request(crowd, sender->send, &request);
    if (sender->line.fd >= 0) {
        text_clear(&sender->line.out);
        sender->line.sent = 0;
        text_append(&sender->line.out, request.bytes, request.length);
    } else if (line_open(&sender->line, crowd->ports[sender->gateway], request.bytes,
                         request.length) < 0) {
        try_again(crowd, sender, CROWD_AGAIN_MS);
    }
    text_release(&request);
}

static void on_answer(struct crowd *crowd, struct crowd_sender *sender, int status,
                      const char *bytes)
{
    struct crowd_send *send = &crowd->sends[sender->send];
    if (status == 503) {
        try_again(crowd, sender, CROWD_AGAIN_MS);
        return;
    }
    cJSON *body = cJSON_Parse(bytes);
    send->number = json_member_int64(body, "number");
    send->is_repeated = status == 200;
    if ((status != 201 && status != 200) || send->number < 1)
        crowd_wrong(crowd, -1, "a member's message is answered 201 or 200, with its number",
                    "%d: %.160s", status, bytes);
    else
        crowd_saw(crowd, send->channel, send->number, sender->send, -1);
    if (send->number > crowd->channels[send->channel].acknowledged)
        crowd->channels[send->channel].acknowledged = send->number;
    crowd->acknowledged++;
    sender->send = -1;
    cJSON_Delete(body);
}

void sender_moved(struct crowd *crowd, struct crowd_sender *sender, int is_closed)
{
    int status = 0;
    char length[24] = "0";
    size_t head = line_head(&sender->line, &status);
    line_header(&sender->line, head, "Content-Length", length, sizeof length);
    size_t body = (size_t)strtoul(length, NULL, 10);
    if (head > 0 && sender->line.in.length >= head + body) {
        char *answer = strndup(sender->line.in.bytes + head, body);
        line_drop(&sender->line, head + body);
        if (sender->send >= 0)
            on_answer(crowd, sender, status, answer != NULL ? answer : "");
        free(answer);
        if (is_closed)
            line_close(&sender->line);
    } else if (is_closed && sender->send >= 0) {
        try_again(crowd, sender, CROWD_AGAIN_MS);
    } else if (is_closed) {
        line_close(&sender->line);
    }
}
