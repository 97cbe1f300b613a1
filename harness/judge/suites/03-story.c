/*
 * Lab 03: a schedule as a story. What went well is told in few words, so that what went wrong
 * stands within a dozen lines: commands that were answered OK at once share a line, and a command,
 * the time-out before it and the fault that met it are one line.
 */
#include "judge/suites/03-saga.h"

#include <stdio.h>
#include <string.h>

static void tell_good(struct saga_story *story)
{
    if (story->good.length > 0)
        run_story(story->run, story->good_at_ms, STORY_NOTE, "saga", NULL, "%s: ok",
                  text_str(&story->good));
    text_clear(&story->good);
}

/* Tells what was kept back, in its order. */
static void flush(struct saga_story *story)
{
    tell_good(story);
    if (story->held[0] != '\0')
        run_story(story->run, story->held_at_ms, story->held_to == NULL ? STORY_NOTE : STORY_CALL,
                  "saga", story->held_to, "%s", story->held);
    story->held[0] = '\0';
}

/* Keeps a line back until it is known what comes of it. Behind a time-out it is its consequence. */
static void hold(struct saga_story *story, int64_t now_ms, const char *to, const char *text)
{
    int is_held = story->held[0] != '\0';
    int timed_out = is_held && story->held_to == NULL && to != NULL;
    if ((is_held && !timed_out) || to == NULL)
        flush(story);
    snprintf(story->held, sizeof story->held, "%s%s", timed_out ? "time is up; " : "", text);
    story->held_to = to;
    story->held_at_ms = now_ms;
}

/* 1 when this is the answer OK to the command that is kept back: nothing more to say of it. */
static int is_good(const struct saga_story *story, const char *from, const char *text)
{
    size_t length = strlen(story->held);
    return story->held_to != NULL && strcmp(from, story->held_to) == 0 && length > 0 &&
           strncmp(text, story->held, length) == 0 && strcmp(text + length, " ok") == 0;
}

void saga_story_tell(void *context, const struct world *world, const char *from, const char *to,
                     const char *text, int is_fault)
{
    struct saga_story *story = context;
    int is_held = story->held[0] != '\0' && story->held_to != NULL;
    if (to != NULL && strcmp(from, "saga") == 0) {
        hold(story, world->now_ms, to, text);
    } else if (to == NULL && strcmp(text, "time is up") == 0) {
        hold(story, world->now_ms, NULL, text);
    } else if (to != NULL && is_good(story, from, text)) {
        if (story->good.length == 0)
            story->good_at_ms = story->held_at_ms;
        text_addf(&story->good, "%s%s", story->good.length > 0 ? ", " : "", story->held);
        story->held[0] = '\0';
    } else if (is_fault && is_held && strcmp(from, story->held_to) == 0) {
        tell_good(story);
        run_story(story->run, story->held_at_ms, STORY_FAULT, "saga", from, "%s: %s", story->held,
                  text);
        story->held[0] = '\0';
    } else {
        flush(story);
        enum story_kind kind = is_fault ? STORY_FAULT : (to == NULL ? STORY_NOTE : STORY_CALL);
        run_story(story->run, world->now_ms, kind, from, to, "%s", text);
    }
}

void saga_story_end(struct saga_story *story, const struct world *world)
{
    int ended = world->phase == SAGA_COMPLETED || world->phase == SAGA_ROLLED_BACK;
    if (ended && story->held_to == NULL)
        story->held[0] = '\0'; /* a last timer after the end is nothing to tell */
    flush(story);
    if (world->rule != NULL)
        run_story(story->run, world->now_ms, STORY_WRONG, "saga", NULL, "%s", world->rule);
    text_release(&story->good);
}
