/*
 * Part by part, in the order in which the check names them.
 */
#include "judge/compare.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { PART_NAME_MAX = 64 };

static const char *part_of(const struct message *message, const char *name)
{
    return strcmp(name, "word") == 0 ? message->word : message_get(message, name);
}

static void describe(char *out, size_t size, const char *name, const char *value)
{
    if (value == NULL)
        snprintf(out, size, "no %s", name);
    else if (strcmp(name, "word") == 0)
        snprintf(out, size, "%s", value);
    else
        snprintf(out, size, "%s=\"%s\"", name, value);
}

int compare_reply(const struct message *reply, const char *expected, const char *judged,
                  struct finding *finding)
{
    struct message right = {0};
    int code = message_parse(expected, &right, NULL);
    assert(code == 0); /* the oracle's own line */
    (void)code;
    int differs = 0;
    for (const char *at = judged; *at != '\0' && !differs;) {
        char name[PART_NAME_MAX];
        size_t length = strcspn(at, " ");
        assert(length > 0 && length < sizeof name);
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        const char *want = part_of(&right, name), *got = part_of(reply, name);
        differs = (want == NULL) != (got == NULL) || (want != NULL && strcmp(want, got) != 0);
        if (differs) {
            describe(finding->expected, sizeof finding->expected, name, want);
            describe(finding->got, sizeof finding->got, name, got);
        }
        at += length;
        at += strspn(at, " ");
    }
    message_release(&right);
    return differs;
}
