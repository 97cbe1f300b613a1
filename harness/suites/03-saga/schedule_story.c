/*
 * Lab 03: a schedule as a story. What went well takes few words, so that what went wrong
 * stands within a dozen lines: commands that were answered OK at once share a line, and a command
 * and the fault that met it are one line.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <string.h>

static void write_good(struct saga_story *story)
{
    if (story->good.length > 0)
        run_story(story->run, story->good_at_ms, STORY_NOTE, "saga", NULL, "%s: ok",
                  text_str(&story->good));
    text_clear(&story->good);
}

/* Writes what was kept back, in its order. */
static void flush(struct saga_story *story)
{
    write_good(story);
    if (story->held[0] != '\0')
        run_story(story->run, story->held_at_ms, story->held_to == NULL ? STORY_NOTE : STORY_CALL,
                  "saga", story->held_to, "%s", story->held);
    story->held[0] = '\0';
}

/* Keeps a line back until it is known what comes of it: a command (to), or a timer. */
static void hold(struct saga_story *story, int64_t now_ms, const char *to, const char *text)
{
    if (story->held[0] != '\0' || to == NULL)
        flush(story);
    snprintf(story->held, sizeof story->held, "%s", text);
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

void saga_story_begin(struct saga_story *story, const struct world_setup *setup)
{
    const struct saga_config *config = &setup->config;
    run_story(story->run, 0, STORY_NOTE, "saga", NULL,
              "begins: attempts %d, of a compensation %d, deadline %lld ms", config->attempts,
              config->compensation_attempts, (long long)config->deadline_ms);
}

static int is_timer(const char *text)
{
    return text == WORLD_NO_ANSWER || text == WORLD_WAITED || text == WORLD_EARLY;
}

void saga_story_observe(void *context, const struct world *world, const char *from, const char *to,
                        const char *text, int is_fault)
{
    struct saga_story *story = context;
    int is_held = story->held[0] != '\0' && story->held_to != NULL;
    if (to != NULL && strcmp(from, "saga") == 0) {
        hold(story, world->now_ms, to, text);
    } else if (is_timer(text)) {
        hold(story, world->now_ms, NULL, text);
    } else if (to != NULL && is_good(story, from, text)) {
        if (story->good.length == 0)
            story->good_at_ms = story->held_at_ms;
        text_addf(&story->good, "%s%s", story->good.length > 0 ? ", " : "", story->held);
        story->held[0] = '\0';
    } else if (is_fault && is_held && strcmp(from, story->held_to) == 0) {
        write_good(story);
        run_story(story->run, story->held_at_ms, STORY_FAULT, "saga", from, "%s: %s", story->held,
                  text);
        story->held[0] = '\0';
    } else {
        flush(story);
        enum story_kind kind = is_fault ? STORY_FAULT : (to == NULL ? STORY_NOTE : STORY_CALL);
        run_story(story->run, world->now_ms, kind, from, to, "%s", text);
    }
}

static const char *times(int count)
{
    return count == 0 ? "never" : count == 1 ? "once" : count == 2 ? "twice" : "many times";
}

/* Whose ledger is not as the end of the saga says. */
static void write_imbalance(const struct world *world, struct text *out)
{
    for (int i = SAGA_DISCOUNT; i < SAGA_STEPS; i++) {
        const struct world_ledger *ledger = &world->ledgers[i];
        int once = world->phase == SAGA_COMPLETED && ledger->done == 1 && ledger->undone == 0;
        int balanced = ledger->done < 2 && ledger->done == ledger->undone;
        if (!once && (world->phase == SAGA_COMPLETED || !balanced))
            text_addf(out, ", but %s was done %s and undone %s", saga_step_name((enum saga_step)i),
                      times(ledger->done), times(ledger->undone));
    }
}

void saga_story_facts(const struct world *world, struct text *out)
{
    if (world->end == WORLD_REFUSED)
        text_addf(out, "it refuses its own log: %s", world->said);
    else if (world->seen[0] != '\0')
        text_add(out, world->seen);
    else if (world->phase == SAGA_NEW && world->end == WORLD_ENDLESS)
        text_add(out, "it has not ended, and nothing more is on its way");
    else if (world->phase == SAGA_NEW)
        text_add(out, "what it did last breaks this");
    else if (world->end == WORLD_ENDLESS)
        text_addf(out, "it is %s for ever, resumed %d times", saga_phase_name(world->phase),
                  world->resumes);
    else
        text_add(out, saga_phase_name(world->phase));
    if (world->end == WORLD_BROKE_RULE && world->phase >= SAGA_COMPLETED)
        write_imbalance(world, out);
    if (world->end != WORLD_REFUSED && world->said[0] != '\0')
        text_addf(out, "; it said: %s", world->said);
}

void saga_story_end(struct saga_story *story, const struct world *world)
{
    struct text facts = {0};
    int ended = world->phase == SAGA_COMPLETED || world->phase == SAGA_ROLLED_BACK;
    if (ended && story->held_to == NULL)
        story->held[0] = '\0'; /* a last timer after the end is not worth a line */
    flush(story);
    saga_story_facts(world, &facts);
    story->run->result->story.virtual_time = 1;
    if (world->rule != NULL)
        run_story(story->run, world->now_ms, STORY_WRONG, "saga", NULL, "%s", text_str(&facts));
    text_release(&facts);
    text_release(&story->good);
}
