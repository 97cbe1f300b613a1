/* The records of a saga's log, as bytes. See saga_record.h. */
#include "saga_record.h"

#include <limits.h>
#include <string.h>
#include "kit/json.h"

enum { RECORD_VERSION = 1, FIXED_BYTES = 25 };

static void put(char *bytes, int count, uint64_t value)
{
    for (int i = 0; i < count; i++)
        bytes[i] = (char)(unsigned char)(value >> 8 * i);
}

static uint64_t get(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static size_t put_word(char *bytes, const char *word)
{
    size_t length = strlen(word) + 1;
    memcpy(bytes, word, length);
    return length;
}

size_t saga_record_encode(const struct saga_record *record, char bytes[SAGA_PAYLOAD_MAX])
{
    int ended = record->kind == RECORD_ENDED;
    int started = record->kind == RECORD_STARTED;
    put(bytes, 1, RECORD_VERSION);
    put(bytes + 1, 1, record->kind);
    put(bytes + 2, 1, record->step);
    put(bytes + 3, 1, record->direction);
    put(bytes + 4, 1, ended ? (uint64_t)record->phase : (uint64_t)record->answer);
    put(bytes + 5, 4, (uint64_t)record->attempt);
    put(bytes + 9, 8, (uint64_t)record->at_ms);
    put(bytes + 17, 8, (uint64_t)(started ? record->deadline_ms : record->cents));
    size_t length = FIXED_BYTES;
    if (started) {
        length += put_word(bytes + length, record->checkout.id);
        length += put_word(bytes + length, record->checkout.cart_id);
        length += put_word(bytes + length, record->checkout.customer_id);
        length += put_word(bytes + length, record->checkout.coupon);
    }
    return length;
}

/* Copies the next NUL-terminated word of the payload; 0 when there is none that fits. */
static int take_word(const char **at, const char *end, char *word, size_t size)
{
    const char *nul = memchr(*at, '\0', (size_t)(end - *at));
    if (nul == NULL || (size_t)(nul - *at) >= size)
        return 0;
    memcpy(word, *at, (size_t)(nul - *at) + 1);
    *at = nul + 1;
    return 1;
}

static int decode_checkout(const char *at, const char *end, struct saga_checkout *checkout)
{
    return take_word(&at, end, checkout->id, sizeof checkout->id) &&
           take_word(&at, end, checkout->cart_id, sizeof checkout->cart_id) &&
           take_word(&at, end, checkout->customer_id, sizeof checkout->customer_id) &&
           take_word(&at, end, checkout->coupon, sizeof checkout->coupon) && at == end;
}

int saga_record_decode(const void *payload, size_t length, struct saga_record *record,
                       struct error *err)
{
    const unsigned char *bytes = payload;
    if (length < FIXED_BYTES)
        return error_set(err, ERR_CORRUPT, "A record of %zu bytes is too short.", length);
    if (bytes[0] != RECORD_VERSION)
        return error_set(err, ERR_CORRUPT,
                         "A record has version %d; this program reads version %d.", bytes[0],
                         RECORD_VERSION);
    int ended = bytes[1] == RECORD_ENDED;
    int started = bytes[1] == RECORD_STARTED;
    if (bytes[1] >= RECORD_KINDS || bytes[2] >= SAGA_STEPS || bytes[3] > SAGA_BACK ||
        bytes[4] > (ended ? SAGA_ROLLED_BACK : SAGA_UNKNOWN) || get(bytes + 5, 4) > INT_MAX ||
        get(bytes + 17, 8) > INT64_MAX)
        return error_set(err, ERR_CORRUPT, "A record has a field out of range.");
    *record = (struct saga_record){
        .kind = (enum saga_record_kind)bytes[1],
        .step = (enum saga_step)bytes[2],
        .direction = (enum saga_direction)bytes[3],
        .answer = ended ? SAGA_OK : (enum saga_answer)bytes[4],
        .phase = ended ? (enum saga_phase)bytes[4] : SAGA_NEW,
        .attempt = (int)get(bytes + 5, 4),
        .at_ms = (int64_t)get(bytes + 9, 8),
        .cents = started ? 0 : (int64_t)get(bytes + 17, 8),
        .deadline_ms = started ? (int64_t)get(bytes + 17, 8) : 0,
    };
    const char *rest = (const char *)payload + FIXED_BYTES, *end = (const char *)payload + length;
    if (started ? !decode_checkout(rest, end, &record->checkout) : rest != end)
        return error_set(err, ERR_CORRUPT, "A record does not end where it should.");
    return 0;
}

int saga_record_json(const void *payload, size_t length, struct text *out, struct error *err)
{
    static const char *const what[RECORD_KINDS] = {"started",      "sent",   "answered", "noted",
                                                   "compensating", "parked", "resumed",  "ended"};
    struct saga_record record;
    int result = saga_record_decode(payload, length, &record, err);
    if (result < 0)
        return result;
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    json_put_time(&writer, "at", record.at_ms);
    json_put_string(&writer, "what", what[record.kind]);
    if (record.kind == RECORD_STARTED) {
        json_put_string(&writer, "cartId", record.checkout.cart_id);
        json_put_string(&writer, "customerId", record.checkout.customer_id);
    } else if (record.kind == RECORD_ENDED) {
        json_put_string(&writer, "phase", saga_phase_name(record.phase));
    } else {
        json_put_string(&writer, "step", saga_step_name(record.step));
        json_put_string(&writer, "direction", saga_direction_name(record.direction));
    }
    if (record.attempt > 0)
        json_put_int64(&writer, "attempt", record.attempt);
    if (record.kind == RECORD_ANSWERED || record.kind == RECORD_NOTED)
        json_put_string(&writer, "answer", saga_answer_name(record.answer));
    json_close_object(&writer);
    return 0;
}
