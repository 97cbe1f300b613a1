/*
 * Reading JSON that somebody else wrote, where what is missing is no error: each reader gives the
 * empty value for a member that is not there, or is of another kind. Bodies that must be right are
 * read by kit/json.h, which names every wrong field.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include "kit/text.h"

/* The member, borrowed from the tree; NULL when there is none, and when object is NULL. */
const cJSON *json_member(const cJSON *object, const char *name);
/* A string, borrowed from the tree; "" for anything else. */
const char *json_member_text(const cJSON *object, const char *name);
/* A whole number; 0 for anything else. A part behind the point is cut off. */
int64_t json_member_int64(const cJSON *object, const char *name);
/* Milliseconds since 1970 UTC, written as kit/clock.h does; otherwise for anything else. */
int64_t json_member_time_ms(const cJSON *object, const char *name, int64_t otherwise);

/* The tree of a text, the caller's to cJSON_Delete; NULL when it is no JSON. */
cJSON *json_of_text(const struct text *text);

#endif
