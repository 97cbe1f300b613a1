/*
 * Looking into the JSON of a reply.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "judge/cluster_check.h"
#include "kit/error.h"
#include "kit/json.h"

enum { KEY_MAX = 128 };

/* The element at "items[0].totalPrice"; NULL when there is none. "" is the root. */
static const cJSON *find(const cJSON *at, const char *path)
{
    while (at != NULL && *path != '\0') {
        if (*path == '[') {
            char *end = NULL;
            long index = strtol(path + 1, &end, 10);
            at = cJSON_IsArray(at) && index >= 0 ? cJSON_GetArrayItem(at, (int)index) : NULL;
            path = *end == ']' ? end + 1 : end;
        } else {
            char key[KEY_MAX];
            size_t length = strcspn(path, ".[");
            snprintf(key, sizeof key, "%.*s", (int)length, path);
            at = json_member(at, key);
            path += length;
        }
        path += *path == '.';
    }
    return at;
}

static char *value_of(const cJSON *element)
{
    if (element == NULL)
        return NULL;
    if (cJSON_IsString(element))
        return strdup(element->valuestring);
    return cJSON_PrintUnformatted(element);
}

char *run_json(const struct http_reply *reply, const char *path)
{
    cJSON *root = json_of_text(&reply->body);
    char *value = value_of(find(root, path));
    cJSON_Delete(root);
    return value;
}

static int agrees(const cJSON *element, const char *value)
{
    char *got = value_of(element);
    int same = got != NULL && strcmp(got, value) == 0;
    if (cJSON_IsNumber(element)) {
        char *end = NULL;
        double wanted = strtod(value, &end);
        same = end != value && *end == '\0' && !(wanted < element->valuedouble) &&
               !(wanted > element->valuedouble);
    }
    free(got);
    return same;
}

int run_expect_json(struct check_run *run, const struct http_reply *reply, const char *path,
                    const char *value)
{
    if (run_ended(run))
        return 1;
    struct text expected = {0};
    struct error err = {0};
    text_addf(&expected, "%s = %s", path, value);
    cJSON *root = json_parse(text_str(&reply->body), reply->body.length, &err);
    const cJSON *element = find(root, path);
    int wrong = 0;
    if (root == NULL) {
        wrong = run_fail(run, "wrong answer", text_str(&expected), "no JSON (%s): %.400s", err.text,
                         text_str(&reply->body));
    } else if (!agrees(element, value)) {
        char *got = value_of(element);
        if (got != NULL)
            wrong = run_fail(run, "wrong answer", text_str(&expected), "%s = %.1000s", path, got);
        else
            wrong = run_fail(run, "wrong answer", text_str(&expected), "no %s in %.600s", path,
                             text_str(&reply->body));
        free(got);
    }
    cJSON_Delete(root);
    text_release(&expected);
    return wrong;
}

int run_expect_problem(struct check_run *run, const struct http_reply *reply, int status)
{
    char type[128] = "no Content-Type", number[16];
    snprintf(number, sizeof number, "%d", status);
    if (run_expect_status(run, reply, status) != 0)
        return 1;
    http_reply_header(reply, "Content-Type", type, sizeof type);
    size_t length = strcspn(type, "; ");
    if (strncmp(type, "application/problem+json", length) != 0 ||
        length != strlen("application/problem+json"))
        return run_fail(run, "wrong answer", "Content-Type: application/problem+json",
                        "Content-Type: %s", type);
    return run_expect_json(run, reply, "status", number);
}
