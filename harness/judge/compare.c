/*
 * Part by part, in the order in which the check names them.
 */
#include "judge/compare.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "kit/text.h"

enum { PART_NAME_MAX = 64 };

/* Copies the next name of a list and moves on. 0 at its end. */
static int next_part(const char **at, char name[PART_NAME_MAX])
{
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " ");
    assert(length < PART_NAME_MAX);
    snprintf(name, PART_NAME_MAX, "%.*s", (int)length, *at);
    *at += length;
    return length > 0;
}

static const char *part_of(const struct message *message, const char *name)
{
    return strcmp(name, "word") == 0 ? message->word : message_get(message, name);
}

/* The part as a reply has it: `openings="2"`. */
static void describe(struct text *out, const char *name, const char *value)
{
    text_clear(out);
    if (value == NULL)
        text_addf(out, "no %s", name);
    else
        text_addf(out, "%s=\"%s\"", name, value);
}

/* A first word means little without the rest: the judged parts of the whole line. */
static void describe_all(struct text *out, const struct message *message, const char *judged)
{
    char name[PART_NAME_MAX];
    text_clear(out);
    text_add(out, message->word);
    while (next_part(&judged, name)) {
        const char *value = part_of(message, name);
        if (strcmp(name, "word") != 0 && value != NULL)
            text_addf(out, " %s=\"%s\"", name, value);
    }
}

int compare_reply(const struct message *reply, const char *expected, const char *judged,
                  struct finding *finding)
{
    struct message right = {0};
    int code = message_parse(expected, &right, NULL);
    assert(code == 0); /* the oracle's own line */
    (void)code;
    int differs = 0;
    char name[PART_NAME_MAX];
    for (const char *at = judged; !differs && next_part(&at, name);) {
        const char *want = part_of(&right, name), *got = part_of(reply, name);
        differs = (want == NULL) != (got == NULL) || (want != NULL && strcmp(want, got) != 0);
        if (!differs)
            continue;
        struct text want_words = {0}, got_words = {0};
        if (strcmp(name, "word") == 0) {
            describe_all(&want_words, &right, judged);
            describe_all(&got_words, reply, judged);
        } else {
            describe(&want_words, name, want);
            describe(&got_words, name, got);
        }
        snprintf(finding->expected, sizeof finding->expected, "%s", text_str(&want_words));
        snprintf(finding->got, sizeof finding->got, "%s", text_str(&got_words));
        text_release(&want_words);
        text_release(&got_words);
    }
    message_release(&right);
    return differs;
}
