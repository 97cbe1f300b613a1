/* A sequence as text (the grammar is in picture.h), read into a story. */
#include "report/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"

/* Skips blanks from at, at most to end. */
static const char *skip(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    return at;
}

static char *piece(const char *from, const char *to)
{
    struct text out = {0};

    from = skip(from, to);
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    text_add(&out, "");
    text_append(&out, from, (size_t)(to - from));
    return text_detach(&out);
}

/* The first place of word in from..to, NULL when it is not there. */
static const char *place(const char *from, const char *to, const char *word)
{
    const char *found = strstr(from, word);
    return found != NULL && found < to ? found : NULL;
}

/* Reads one line; the time of the line before holds until another is given. */
static int add_line(struct story *story, const char *at, const char *end, int64_t *at_ms)
{
    enum story_kind kind = STORY_NOTE;

    if (isdigit((unsigned char)*at)) {
        char *rest = NULL;
        *at_ms = strtoll(at, &rest, 10);
        at = skip(rest, end);
    }
    int fault = *at == '!', wrong = strncmp(at, "x ", 2) == 0;
    at = skip(at + (fault || wrong), end);
    const char *colon = place(at, end, ":");
    if (colon == NULL)
        return ERR_INVALID;
    const char *reply = place(at, colon, "-->"), *call = place(at, colon, "->");
    const char *sign = reply != NULL ? reply : call;
    if (fault || wrong)
        kind = fault ? STORY_FAULT : STORY_WRONG;
    else if (sign != NULL)
        kind = reply != NULL ? STORY_REPLY : STORY_CALL;
    char *from = piece(at, sign != NULL ? sign : colon);
    char *to = sign != NULL ? piece(sign + (reply != NULL ? 3 : 2), colon) : NULL;
    char *text = piece(colon + 1, end);
    int status = *from == '\0' || (to != NULL && *to == '\0') ? ERR_INVALID : 0;
    if (status == 0)
        story_add(story, *at_ms, kind, from, to, text);
    free(from);
    free(to);
    free(text);
    return status;
}

int story_from_source(const char *source, struct story *story, struct error *err)
{
    int64_t at_ms = 0;

    for (int number = 1; *source != '\0'; number++) {
        const char *end = source + strcspn(source, "\n"), *at = skip(source, end);
        if (at < end && strncmp(at, "//", 2) != 0 && add_line(story, at, end, &at_ms) != 0)
            return error_set(
                err, ERR_INVALID,
                "line %d of the sequence is not a step: write `a -> b: text`, `b --> a: "
                "text`, `a: note`, `! a: fault` or `x a: what is wrong`.",
                number);
        source = end + (*end == '\n');
    }
    if (story->count == 0)
        return error_set(err, ERR_INVALID, "the sequence has no steps");
    return 0;
}
