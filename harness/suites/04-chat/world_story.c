/*
 * Lab 04: a schedule as a story: what happened to the reader, or in the log, that the broken rule
 * is about, and every fault. What was written or stored in a row is one line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/04-chat/world.h"

struct teller {
    struct check_run *run;
    int about;
    /* a line that is kept back, for the numbers that follow */
    char from[16], to[16], word[48];
    long long first, last; /* first: 0 = none is kept back */
    int64_t at_ms;
};

static void write_kept(struct teller *teller)
{
    if (teller->first == 0)
        return;
    const char *to = teller->to[0] != '\0' ? teller->to : NULL;
    if (teller->first == teller->last)
        run_story(teller->run, teller->at_ms, to != NULL ? STORY_CALL : STORY_NOTE, teller->from,
                  to, "%s %lld", teller->word, teller->first);
    else
        run_story(teller->run, teller->at_ms, to != NULL ? STORY_CALL : STORY_NOTE, teller->from,
                  to, "%s %lld to %lld", teller->word, teller->first, teller->last);
    teller->first = 0;
}

/* 1 when the line goes on with what is kept back: "message 7" after "message 6". */
static int joins(struct teller *teller, const char *from, const char *to, const char *word,
                 long long number)
{
    return teller->first > 0 && strcmp(word, "message") == 0 && number == teller->last + 1 &&
           strcmp(teller->from, from) == 0 && strcmp(teller->to, to != NULL ? to : "") == 0 &&
           strcmp(teller->word, word) == 0;
}

static void observe(void *context, const struct chat_world *world, int reader, const char *from,
                    const char *to, const char *text, int is_fault)
{
    struct teller *teller = context;
    const char *space = strrchr(text, ' ');
    char word[48], *end = NULL;
    if (reader != teller->about && !is_fault)
        return;
    long long number = space != NULL ? strtoll(space + 1, &end, 10) : 0;
    int is_number = space != NULL && end != space + 1 && *end == '\0' && number > 0 && !is_fault;
    snprintf(word, sizeof word, "%.*s", (int)(space != NULL ? space - text : 0), text);
    if (is_number && joins(teller, from, to, word, number)) {
        teller->last = number;
        return;
    }
    write_kept(teller);
    if (!is_number) {
        run_story(teller->run, world->now_ms,
                  is_fault ? STORY_FAULT : (to != NULL ? STORY_CALL : STORY_NOTE), from, to, "%s",
                  text);
        return;
    }
    snprintf(teller->from, sizeof teller->from, "%s", from);
    snprintf(teller->to, sizeof teller->to, "%s", to != NULL ? to : "");
    snprintf(teller->word, sizeof teller->word, "%s", word);
    teller->first = teller->last = number;
    teller->at_ms = world->now_ms;
}

void chat_world_story(struct chat_remote *remote, struct chat_world *world,
                      const struct chat_schedule *schedule)
{
    struct check_run *run = remote->run;
    if (chat_lockstep(remote, world, schedule) || world->rule == NULL)
        return;
    struct teller teller = {.run = run, .about = world->about};
    world->observer = observe;
    world->observer_context = &teller;
    int ended = chat_lockstep(remote, world, schedule);
    world->observer = NULL;
    write_kept(&teller);
    run->result->story.virtual_time = 1;
    if (ended || world->rule == NULL)
        return;
    run_story(run, world->now_ms, STORY_WRONG,
              world->about < 0 ? "log" : chat_world_reader_names[world->about], NULL, "%s",
              world->seen);
    run_fail(run, "wrong answer", world->rule, "%s%s%s", world->seen,
             remote->said.length > 0 ? "; it said: " : "", text_str(&remote->said));
}
