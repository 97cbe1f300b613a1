#include "peers/participant.h"

#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/json.h"
#include "peers/ledger.h"

enum { WORD_MAX = 64, KEY_MAX = 255 };

struct host {
    struct participant participant;
    struct ledger *ledger;
};

int participant_open(void **state, const struct participant *participant, struct error *err)
{
    struct text path = {0};
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a participant");
    host->participant = *participant;
    text_addf(&path, "%s.ledger", participant->name);
    int result = ledger_open(&host->ledger, text_str(&path), err);
    text_release(&path);
    if (result == 0)
        *state = host;
    else
        free(host);
    return result;
}

void participant_close(void *state)
{
    struct host *host = state;
    ledger_close(host->ledger);
    free(host);
}

int64_t participant_number(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(text, prefix, length) != 0 || text[length] != '-')
        return -1;
    const char *number = text + length + 1;
    size_t digits = strspn(number, "0123456789");
    if (digits < 1 || digits > 9 || number[digits] != '\0')
        return -1;
    return strtol(number, NULL, 10);
}

int64_t participant_cart(const char *cart_id)
{
    int64_t dollars = participant_number(cart_id, "cart");
    return dollars >= 0 ? dollars : participant_number(cart_id, "sold-out");
}

static void say_ok(struct peer_response *response, int64_t cents)
{
    text_addf(&response->body, "{\"answer\":\"ok\",\"cents\":%lld}", (long long)cents);
}

/* Not a problem document: a rejection is an answer. */
static void say_rejected(struct peer_response *response, const char *reason)
{
    response->status = 409;
    text_addf(&response->body, "{\"answer\":\"rejected\",\"reason\":\"%s\"}", reason);
}

/* Why a command is refused, NULL when it is not. A compensation is never refused for having come
   first. */
static const char *refusal(const struct host *host, const struct command *command, int64_t *cents)
{
    struct ledger_saga saga = ledger_saga(host->ledger, command->saga);
    if (!command->back && saga.barred > 0)
        return "it was called off before it came";
    if (!command->back)
        return host->participant.refuse(command, cents);
    if (saga.done > saga.undone && command->amount_cents > 0 && command->amount_cents != saga.cents)
        return "this is not the amount that was moved";
    return NULL;
}

static void carry_out(struct host *host, const struct command *command, const char *body,
                      struct peer_response *response)
{
    struct error err = {0};
    const struct ledger_row *before = ledger_find(host->ledger, command->key);
    struct ledger_row row = {
        .key = command->key, .saga = command->saga, .body = body, .back = command->back};
    if (before != NULL && strcmp(before->body, body) != 0) {
        peer_problem(response, 400, "this Idempotency-Key was used with another body");
    } else if (before != NULL && before->reason[0] != '\0') {
        say_rejected(response, before->reason);
    } else if (before != NULL) {
        say_ok(response, before->cents);
    } else {
        const char *reason = refusal(host, command, &row.cents);
        int kept = reason == NULL || (!command->back && !host->participant.retried);
        row.reason = reason != NULL ? reason : "";
        row.moved_cents = row.cents + command->amount_cents;
        if (kept && ledger_add(host->ledger, &row, &err) != 0)
            peer_problem(response, 503, "the ledger cannot be written");
        else if (reason != NULL)
            say_rejected(response, reason);
        else
            say_ok(response, row.cents);
    }
}

/* POST /commands  200 | 409 | 400 | 503 */
void participant_command(void *state, const struct peer_request *request,
                         struct peer_response *response)
{
    struct host *host = state;
    char key[KEY_MAX + 1];
    struct error err = {0};
    struct json_errors errors = {0};
    cJSON *root = json_parse(request->body, request->body_length, &err);
    struct json_reader reader = json_reader(root, &errors);
    const char *direction = json_string(&reader, "direction", 1, WORD_MAX);
    struct command command = {.key = key, .back = strcmp(direction, "back") == 0};
    command.saga = json_string(&reader, "saga", 1, WORD_MAX);
    command.step = json_string(&reader, "step", 1, WORD_MAX);
    command.cart_id = json_string(&reader, "cartId", 1, WORD_MAX);
    command.customer_id = json_string(&reader, "customerId", 1, WORD_MAX);
    command.coupon = json_string_or(&reader, "coupon", WORD_MAX, "");
    command.amount_cents = json_cents(&reader, "amount", -JSON_CENTS_MAX, JSON_CENTS_MAX);
    int known =
        strcmp(command.step, host->participant.step) == 0 &&
        (strcmp(direction, "forward") == 0 || (command.back && host->participant.compensated));
    if (root == NULL || errors.count > 0) {
        peer_problem(response, 400, "this is not a command: a field is missing or wrong");
    } else if (!peer_header(request, "Idempotency-Key", key, sizeof key) || key[0] == '\0') {
        peer_problem(response, 400, "a command needs an Idempotency-Key");
    } else if (!known) {
        peer_problem(response, 400, "this service does not take that step in that direction");
    } else {
        struct text body = {0};
        text_addf(&body, "%s|%s|%s|%s|%s|%s|%lld", command.saga, command.step, direction,
                  command.cart_id, command.customer_id, command.coupon,
                  (long long)command.amount_cents);
        carry_out(host, &command, text_str(&body), response);
        text_release(&body);
    }
    cJSON_Delete(root);
}

/* GET /ledger  200 */
void participant_ledger(void *state, const struct peer_request *request,
                        struct peer_response *response)
{
    const struct host *host = state;
    struct json_writer writer = json_writer(&response->body);
    (void)request;
    json_open_object(&writer, NULL);
    json_put_string(&writer, "service", host->participant.name);
    ledger_json(host->ledger, &writer);
    json_close_object(&writer);
}

const struct peer_route participant_routes[] = {
    {"POST", "/commands", participant_command},
    {"GET", "/ledger", participant_ledger},
    {NULL, NULL, NULL},
};
