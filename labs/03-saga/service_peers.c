#include "service_peers.h"

#include <stdio.h>
#include <string.h>
#include "kit/json.h"

static void write_body(const struct peer_command *what, struct text *body)
{
    const struct saga_command *command = what->command;
    struct json_writer writer = json_writer(body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "saga", what->checkout->id);
    json_put_string(&writer, "step", saga_step_name(command->step));
    json_put_string(&writer, "direction", saga_direction_name(command->direction));
    json_put_int64(&writer, "attempt", command->attempt);
    json_put_string(&writer, "cartId", what->checkout->cart_id);
    json_put_string(&writer, "customerId", what->checkout->customer_id);
    json_put_string(&writer, "coupon", what->checkout->coupon);
    json_put_cents(&writer, "amount", command->amount_cents);
    json_close_object(&writer);
}

static enum saga_answer read_answer(const struct http_reply *reply, int64_t *cents)
{
    if (reply->outcome != HTTP_OK)
        return SAGA_UNKNOWN;
    if (reply->status == 409 || reply->status == 422)
        return SAGA_REJECTED;
    if (reply->status != 200)
        return SAGA_UNKNOWN;
    struct json_errors errors = {0};
    cJSON *body = json_parse(text_str(&reply->body), reply->body.length, NULL);
    struct json_reader reader = json_reader(body, &errors);
    int ok = strcmp(json_string(&reader, "answer", 1, 16), "ok") == 0;
    *cents = json_int64_or(&reader, "cents", 0, JSON_CENTS_MAX, 0);
    cJSON_Delete(body);
    return ok && errors.count == 0 ? SAGA_OK : SAGA_UNKNOWN;
}

int peer_send(struct http_client *client, const struct peer_command *what, struct saga_reply *reply)
{
    const struct saga_command *command = what->command;
    char url[512], key[SAGA_KEY_SIZE + 32];
    struct text body = {0};
    struct http_reply answer;
    snprintf(url, sizeof url, "%s/commands", what->url);
    snprintf(key, sizeof key, "Idempotency-Key: %s", command->key);
    write_body(what, &body);
    const char *const headers[] = {key, NULL};
    struct http_call call = {.method = "POST",
                             .url = url,
                             .body = text_str(&body),
                             .headers = headers,
                             .deadline_ms = what->deadline_ms,
                             .trace = what->trace};
    http_client_call(client, &call, &answer);
    *reply = (struct saga_reply){
        .step = command->step, .direction = command->direction, .attempt = command->attempt};
    snprintf(reply->saga, sizeof reply->saga, "%s", what->checkout->id);
    reply->answer = read_answer(&answer, &reply->cents);
    int in_time = answer.outcome != HTTP_TIMEOUT;
    http_reply_release(&answer);
    text_release(&body);
    return in_time;
}

int peer_settle(struct http_client *client, const struct peer_command *what)
{
    char url[512], body[64];
    struct http_reply answer;
    snprintf(url, sizeof url, "%s/settlements", what->url);
    snprintf(body, sizeof body, "{\"saga\":\"%s\"}", what->checkout->id);
    struct http_call call = {.method = "POST",
                             .url = url,
                             .body = body,
                             .deadline_ms = what->deadline_ms,
                             .trace = what->trace};
    http_client_call(client, &call, &answer);
    int heard = answer.status == 200;
    http_reply_release(&answer);
    return heard;
}
