#include "service_story.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/json.h"
#include "service_log.h"

/* What the records say about a saga that was parked. */
struct parking {
    char parked[16]; /* the step */
    int back;        /* 1: it was parked on its way back */
    int owed[SAGA_STEPS];
};

static const char *word(const cJSON *record, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(record, name);
    return cJSON_IsString(value) ? value->valuestring : "";
}

/* Takes in one record, and what it says besides. What was sent may have happened, until it is
   refused or taken back. */
static void read_record(struct parking *parking, const cJSON *record)
{
    const char *what = word(record, "what"), *answer = word(record, "answer");
    const char *step = word(record, "step");
    int back = strcmp(word(record, "direction"), "back") == 0;
    for (int i = 0; i < SAGA_STEPS; i++) {
        if (strcmp(step, saga_step_name((enum saga_step)i)) != 0)
            continue;
        if (strcmp(what, "sent") == 0 && !back)
            parking->owed[i] = saga_is_compensated((enum saga_step)i);
        if (strcmp(what, "answered") == 0 && strcmp(answer, back ? "ok" : "rejected") == 0)
            parking->owed[i] = 0;
    }
    if (strcmp(what, "parked") == 0) {
        snprintf(parking->parked, sizeof parking->parked, "%s", step);
        parking->back = back;
    }
    const cJSON *more = cJSON_GetObjectItemCaseSensitive(record, "then");
    for (more = cJSON_IsArray(more) ? more->child : NULL; more != NULL; more = more->next)
        read_record(parking, more);
}

static int write_records(const struct logged *logged, struct json_writer *writer,
                         struct parking *parking, struct error *err)
{
    struct frame_reader reader = {.bytes = text_str(&logged->frames),
                                  .length = logged->frames.length};
    const void *payload = NULL;
    size_t length = 0;
    struct text record = {0};
    int result = 0;
    json_open_array(writer, "records");
    while ((result = frame_next(&reader, &payload, &length, err)) == 1) {
        text_clear(&record);
        result = saga_record_json(payload, length, &record, err);
        if (result < 0)
            break;
        json_put_raw(writer, NULL, text_str(&record));
        cJSON *read = json_parse(text_str(&record), record.length, NULL);
        read_record(parking, read);
        cJSON_Delete(read);
    }
    json_close_array(writer);
    text_release(&record);
    return result;
}

/* Where it was parked, and what is still to be taken back, the next one first. */
static void write_parked(const struct parking *parking, struct json_writer *writer)
{
    json_put_string(writer, "parkedStep", parking->parked);
    json_open_array(writer, "owed");
    for (int i = SAGA_STEPS - 1; i >= 0 && parking->back; i--) {
        if (parking->owed[i])
            json_put_string(writer, NULL, saga_step_name((enum saga_step)i));
    }
    json_close_array(writer);
}

static int write_checkout(const struct logged *logged, enum saga_phase phase, struct text *out,
                          struct error *err)
{
    const struct saga_checkout *checkout = &logged->checkout;
    struct parking parking = {0};
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "id", checkout->id);
    json_put_string(&writer, "phase", saga_phase_name(phase));
    json_put_string(&writer, "cartId", checkout->cart_id);
    json_put_string(&writer, "customerId", checkout->customer_id);
    if (checkout->coupon[0] != '\0')
        json_put_string(&writer, "coupon", checkout->coupon);
    int result = write_records(logged, &writer, &parking, err);
    if (phase == SAGA_PARKED)
        write_parked(&parking, &writer);
    json_close_object(&writer);
    return result;
}

int story_write(struct store *store, const struct saga_config *config, const char *id,
                struct text *out, struct error *err)
{
    struct logged logged;
    struct saga *saga = NULL;
    int result = log_load(store, id, &logged, err);
    if (result < 0)
        return result;
    result = saga_create(&saga, config, random_system(), err);
    if (result == 0)
        result = log_replay(&logged, saga, err);
    if (result >= 0)
        result = write_checkout(&logged, saga_phase(saga), out, err);
    saga_destroy(saga);
    text_release(&logged.frames);
    return result;
}
