/* Comparing what a reply says with what the rules say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "suites/01-order/model.h"

int model_json_has(const cJSON *pattern, const cJSON *value)
{
    const cJSON *part = NULL;
    if (cJSON_IsString(pattern) && value == NULL)
        return pattern->valuestring[0] == '\0';
    if (value == NULL || cJSON_IsObject(pattern) != cJSON_IsObject(value) ||
        cJSON_IsArray(pattern) != cJSON_IsArray(value))
        return 0;
    if (cJSON_IsObject(pattern)) {
        cJSON_ArrayForEach(part, pattern)
        {
            if (!model_json_has(part, json_member(value, part->string)))
                return 0;
        }
        return 1;
    }
    if (cJSON_IsArray(pattern)) {
        if (cJSON_GetArraySize(pattern) != cJSON_GetArraySize(value))
            return 0;
        int i = 0;
        cJSON_ArrayForEach(part, pattern)
        {
            if (!model_json_has(part, cJSON_GetArrayItem(value, i++)))
                return 0;
        }
        return 1;
    }
    return cJSON_Compare(pattern, value, 1);
}

static int same_json(const char *expected, const char *got)
{
    cJSON *pattern = cJSON_ParseWithOpts(expected, NULL, 1);
    cJSON *value = cJSON_ParseWithOpts(got, NULL, 1);
    int same = pattern != NULL && value != NULL && model_json_has(pattern, value);
    cJSON_Delete(pattern);
    cJSON_Delete(value);
    return same;
}

/* The reply's word, with the code of an error. */
static void describe_code(const struct message *line, char *out, size_t size)
{
    const char *code = message_get(line, "code");
    snprintf(out, size, "%s%s%s", line->word, code != NULL ? " code=" : "",
             code != NULL ? code : "");
}

static int code_differs(const struct message *expected, const struct message *reply,
                        struct finding *finding)
{
    char wanted[96], got[96];
    describe_code(expected, wanted, sizeof wanted);
    describe_code(reply, got, sizeof got);
    if (strcmp(wanted, got) == 0)
        return 0;
    snprintf(finding->expected, sizeof finding->expected, "%s", wanted);
    snprintf(finding->got, sizeof finding->got, "%s", got);
    return 1;
}

/* "payload.3.json" is compared with the reply's payload.3, as JSON. */
static int field_differs(const struct message_field *field, const struct message *reply,
                         struct finding *finding)
{
    static const char suffix[] = ".json";
    char name[64], code[96];
    snprintf(name, sizeof name, "%s", field->name);
    size_t length = strlen(name), tail = sizeof suffix - 1;
    int json = length > tail && strcmp(name + length - tail, suffix) == 0;
    if (json)
        name[length - tail] = '\0';
    const char *got = message_get(reply, name);
    if (got != NULL && (json ? same_json(field->value, got) : strcmp(field->value, got) == 0))
        return 0;
    snprintf(finding->expected, sizeof finding->expected, "%s=%s", name, field->value);
    if (got != NULL) {
        snprintf(finding->got, sizeof finding->got, "%s=%s", name, got);
        return 1;
    }
    describe_code(reply, code, sizeof code);
    snprintf(finding->got, sizeof finding->got, "%s, without %s", code, name);
    return 1;
}

/* Whether a word of judged, such as "row.*", names the field. */
static int names(const char *word, size_t length, const char *field)
{
    if (length > 0 && word[length - 1] == '*')
        return strncmp(word, field, length - 1) == 0;
    return strlen(field) == length && strncmp(word, field, length) == 0;
}

int model_compare(const char *judged, const struct message *expected, const struct message *reply,
                  struct finding *finding)
{
    for (const char *word = judged; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (names(word, length, "code") && code_differs(expected, reply, finding))
            return 1;
        for (int i = 0; i < expected->field_count; i++)
            if (strcmp(expected->fields[i].name, "code") != 0 &&
                names(word, length, expected->fields[i].name) &&
                field_differs(&expected->fields[i], reply, finding))
                return 1;
        word += length;
        word += strspn(word, " ");
    }
    return 0;
}
