/* JSON: parsing, and reading member by member with every error collected. */
#include "kit/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "kit/json_scan.h"

static const int64_t INTEGER_MAX = (INT64_C(1) << 53) - 1; /* every double up to here is exact */

/* --- parsing --------------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Refuses two members of one name. Sorting, because an attacker may send tens of thousands. */
static int check_members(const cJSON *object, struct error *err)
{
    enum { FEW = 32 };
    const char *few[FEW];
    size_t count = (size_t)cJSON_GetArraySize(object);
    const char **names = count <= FEW ? few : malloc(count * sizeof *names);
    if (names == NULL)
        return error_set(err, ERR_LIMIT, "Out of memory for an object of %zu members.", count);
    size_t filled = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, object)
    {
        names[filled++] = member->string;
    }
    qsort(names, count, sizeof *names, compare_names);
    int result = 0;
    for (size_t index = 1; index < count && result == 0; index++) {
        if (strcmp(names[index - 1], names[index]) == 0) {
            result = error_set(err, ERR_INVALID, "The JSON text has the member '%.60s' twice.",
                               names[index]);
        }
    }
    if (names != few)
        free(names);
    return result;
}

/* Checks all objects below value. json_scan has bounded the depth. */
static int check_objects(const cJSON *value, struct error *err)
{
    int result = cJSON_IsObject(value) ? check_members(value, err) : 0;
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, value)
    {
        if (result == 0)
            result = check_objects(child, err);
    }
    return result;
}

cJSON *json_parse(const char *bytes, size_t length, struct error *err)
{
    if (length == 0) {
        error_set(err, ERR_INVALID, "The JSON text is empty.");
        return NULL;
    }
    if (json_scan(bytes, length, err) < 0)
        return NULL;
    cJSON *root = cJSON_ParseWithLength(bytes, length);
    if (root == NULL) {
        error_set(err, ERR_LIMIT, "Out of memory for %zu bytes of JSON text.", length);
    } else if (check_objects(root, err) < 0) {
        cJSON_Delete(root);
        root = NULL;
    }
    return root;
}

/* --- errors ---------------------------------------------------------------------------------- */

/* Writes the path of the reader's member (of the reader's own object when name is NULL). */
static void member_path(const struct json_reader *reader, const char *name, char *path, size_t size)
{
    const char *base = reader->path;
    int length = snprintf(path, size, "%s%s%s", base, base[0] != '\0' && name != NULL ? "." : "",
                          name != NULL ? name : "");
    if (length < 0) { /* it cannot; a path that is too long is cut, and gcc wants that looked at */
        path[0] = '\0';
    }
}

void json_wrong(struct json_reader *reader, const char *name, const char *reason)
{
    struct json_errors *errors = reader->errors;
    if (errors->count < JSON_FIELD_ERRORS_MAX) {
        struct json_field_error *field = &errors->fields[errors->count];
        member_path(reader, name, field->path, sizeof field->path);
        snprintf(field->reason, sizeof field->reason, "%s", reason);
    }
    errors->count++;
}

void json_no_other_fields(struct json_reader *reader, const char *const *names)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, reader->object)
    {
        const char *const *name = names;
        while (*name != NULL && strcmp(*name, member->string) != 0)
            name++;
        if (*name == NULL)
            json_wrong(reader, member->string, "is not a known field");
    }
}

/* --- reading --------------------------------------------------------------------------------- */

struct json_reader json_reader(const cJSON *root, struct json_errors *errors)
{
    struct json_reader reader = {.errors = errors};
    if (cJSON_IsObject(root)) {
        reader.object = root;
    } else {
        json_wrong(&reader, NULL, "must be an object");
    }
    return reader;
}

/* The member, or NULL: then an error was added, unless the reader is empty. */
static const cJSON *required(struct json_reader *reader, const char *name)
{
    if (reader->object == NULL)
        return NULL;
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(reader->object, name);
    if (member == NULL)
        json_wrong(reader, name, "is required");
    return member;
}

/* 1 when the member is there and not null. */
static int present(const struct json_reader *reader, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(reader->object, name);
    return member != NULL && !cJSON_IsNull(member);
}

const char *json_string(struct json_reader *reader, const char *name, size_t min, size_t max)
{
    const cJSON *member = required(reader, name);
    if (member == NULL)
        return "";
    size_t length = cJSON_IsString(member) ? strlen(member->valuestring) : 0;
    if (!cJSON_IsString(member) || length < min || length > max) {
        char reason[96];
        snprintf(reason, sizeof reason, "must be text of %zu to %zu bytes", min, max);
        json_wrong(reader, name, reason);
        return "";
    }
    return member->valuestring;
}

const char *json_string_or(struct json_reader *reader, const char *name, size_t max,
                           const char *otherwise)
{
    return present(reader, name) ? json_string(reader, name, 0, max) : otherwise;
}

int64_t json_int64(struct json_reader *reader, const char *name, int64_t min, int64_t max)
{
    assert(min <= max);
    const cJSON *member = required(reader, name);
    if (member == NULL)
        return 0;
    int64_t lowest = min < -INTEGER_MAX ? -INTEGER_MAX : min;
    int64_t highest = max > INTEGER_MAX ? INTEGER_MAX : max;
    double value = member->valuedouble;
    /* The comparisons are exact, since the bounds are; they are false for NaN and out of range. */
    if (!cJSON_IsNumber(member) || !(value >= (double)lowest && value <= (double)highest) ||
        value != floor(value)) {
        char reason[96];
        snprintf(reason, sizeof reason, "must be a whole number from %" PRId64 " to %" PRId64,
                 lowest, highest);
        json_wrong(reader, name, reason);
        return 0;
    }
    return (int64_t)value;
}

int64_t json_int64_or(struct json_reader *reader, const char *name, int64_t min, int64_t max,
                      int64_t otherwise)
{
    return present(reader, name) ? json_int64(reader, name, min, max) : otherwise;
}

/*
 * The nearest double of c / 100, which is what reading the text "units.cents" gives, is also what
 * the one division c / 100.0 gives: IEEE 754 rounds it correctly, and both operands are exact. So
 * no text is needed to ask whether the text of c reads back as value.
 */
int json_cents_from_double(double value, int64_t *cents)
{
    const double largest = (double)JSON_CENTS_MAX / 100.0;
    if (!(value >= -largest && value <= largest)) {
        return ERR_INVALID; /* also NaN, which no comparison holds for */
    }
    int64_t rounded = llround(value * 100.0);
    if ((double)rounded / 100.0 != value)
        return ERR_INVALID;
    *cents = rounded;
    return 0;
}

int64_t json_cents(struct json_reader *reader, const char *name, int64_t min, int64_t max)
{
    assert(min <= max);
    const cJSON *member = required(reader, name);
    if (member == NULL)
        return 0;
    int64_t cents = 0;
    if (!cJSON_IsNumber(member) || json_cents_from_double(member->valuedouble, &cents) < 0 ||
        cents < min || cents > max) {
        struct text reason = {0};
        text_add(&reason, "must be an amount from ");
        json_put_cents(&(struct json_writer){.out = &reason}, NULL, min);
        text_add(&reason, " to ");
        json_put_cents(&(struct json_writer){.out = &reason}, NULL, max);
        text_add(&reason, " with at most two decimals");
        json_wrong(reader, name, text_str(&reason));
        text_release(&reason);
        return 0;
    }
    return cents;
}

int json_bool_or(struct json_reader *reader, const char *name, int otherwise)
{
    if (!present(reader, name))
        return otherwise;
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(reader->object, name);
    if (!cJSON_IsBool(member))
        json_wrong(reader, name, "must be true or false");
    return cJSON_IsTrue(member);
}

int json_array(struct json_reader *reader, const char *name, int min, int max)
{
    const cJSON *member = required(reader, name);
    if (member == NULL)
        return 0;
    int count = cJSON_GetArraySize(member);
    if (!cJSON_IsArray(member) || count < min || count > max) {
        char reason[96];
        snprintf(reason, sizeof reason, "must be a list of %d to %d elements", min, max);
        json_wrong(reader, name, reason);
        return 0;
    }
    return count;
}

struct json_reader json_element(struct json_reader *reader, const char *name, int index)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(reader->object, name);
    const cJSON *value = cJSON_IsArray(array) ? cJSON_GetArrayItem(array, index) : NULL;
    struct json_reader element = {.errors = reader->errors};
    char path[sizeof element.path];
    member_path(reader, name, path, sizeof path);
    /* Cut to what leaves room for the index, which says more than the end of a long name. */
    snprintf(element.path, sizeof element.path, "%.*s[%d]", (int)sizeof path - 14, path, index);
    if (cJSON_IsObject(value)) {
        element.object = value;
    } else if (value != NULL) {
        json_wrong(&element, NULL, "must be an object");
    }
    return element;
}
