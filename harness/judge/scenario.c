/*
 * Scenarios: owned lines, added, copied and released.
 */
#include "judge/scenario.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/text.h"

/* Takes over line. */
static void scenario_take(struct scenario *scenario, char *line)
{
    if (scenario->count == scenario->capacity) {
        scenario->capacity = scenario->capacity == 0 ? 16 : 2 * scenario->capacity;
        size_t bytes = (size_t)scenario->capacity * sizeof scenario->lines[0];
        char **grown = realloc(scenario->lines, bytes);
        if (grown == NULL) {
            fputs("svclab: out of memory\n", stderr);
            abort();
        }
        scenario->lines = grown;
    }
    scenario->lines[scenario->count++] = line;
}

static void scenario_take_bytes(struct scenario *scenario, const char *bytes, size_t length)
{
    struct text line = {0};
    text_append(&line, bytes, length);
    scenario_take(scenario, text_detach(&line));
}

void scenario_add(struct scenario *scenario, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    va_list again;
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    assert(length >= 0);
    char *line = malloc((size_t)length + 1);
    assert(line != NULL);
    vsnprintf(line, (size_t)length + 1, format, again);
    va_end(again);
    scenario_take(scenario, line);
}

const char *scenario_add_scene(struct scenario *scenario, const char *script)
{
    const int before = scenario->count;
    while (*script != '\0') {
        script += strspn(script, " \t");
        size_t length = strcspn(script, "\n");
        if (length > 0 && script[0] != '#')
            scenario_take_bytes(scenario, script, length);
        script += length;
        if (*script == '\n')
            script++;
        if (length == 0 && scenario->count > before)
            break;
    }
    return script;
}

void scenario_add_script(struct scenario *scenario, const char *script)
{
    while (*script != '\0')
        script = scenario_add_scene(scenario, script);
}

void scenario_copy_without(struct scenario *out, const struct scenario *from, int first, int count)
{
    for (int i = 0; i < from->count; i++)
        if (i < first || i >= first + count)
            scenario_take_bytes(out, from->lines[i], strlen(from->lines[i]));
}

void scenario_release(struct scenario *scenario)
{
    for (int i = 0; i < scenario->count; i++)
        free(scenario->lines[i]);
    free(scenario->lines);
    *scenario = (struct scenario){0};
}
