#include "service_story.h"

#include <stdio.h>
#include "kit/error.h"
#include "kit/json.h"
#include "service_log.h"

/* The records as JSON; the step of the last one into step, when it is about one. */
static int write_story(const struct logged *logged, struct json_writer *writer, char step[16],
                       struct error *err)
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
    }
    json_close_array(writer);
    cJSON *last = json_parse(text_str(&record), record.length, NULL);
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(last, "step");
    snprintf(step, 16, "%s", cJSON_IsString(name) ? name->valuestring : "");
    cJSON_Delete(last);
    text_release(&record);
    return result;
}

static int write_checkout(const struct logged *logged, enum saga_phase phase, struct text *out,
                          struct error *err)
{
    const struct saga_checkout *checkout = &logged->checkout;
    char step[16];
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "id", checkout->id);
    json_put_string(&writer, "phase", saga_phase_name(phase));
    json_put_string(&writer, "cartId", checkout->cart_id);
    json_put_string(&writer, "customerId", checkout->customer_id);
    if (checkout->coupon[0] != '\0')
        json_put_string(&writer, "coupon", checkout->coupon);
    int result = write_story(logged, &writer, step, err);
    if (phase == SAGA_PARKED)
        json_put_string(&writer, "parkedStep", step);
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
