#include "base/json_read.h"

#include <math.h>
#include "kit/clock.h"
#include "kit/json.h"

/* Beyond it a double skips whole numbers. */
static const double INT_MAX_EXACT = 9007199254740992.0;

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *json_member_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(json_member(object, name));
    return text != NULL ? text : "";
}

int64_t json_member_int64(const cJSON *object, const char *name)
{
    const cJSON *member = json_member(object, name);
    if (!cJSON_IsNumber(member) || !(fabs(member->valuedouble) <= INT_MAX_EXACT))
        return 0;
    return (int64_t)member->valuedouble;
}

int64_t json_member_time_ms(const cJSON *object, const char *name, int64_t otherwise)
{
    int64_t wall_ms = otherwise;
    (void)time_parse(json_member_text(object, name), &wall_ms, NULL);
    return wall_ms;
}

cJSON *json_of_text(const struct text *text)
{
    return json_parse(text_str(text), text->length, NULL);
}
