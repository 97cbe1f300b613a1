/*
 * Scenarios played against a probe, and what came of them made into a verdict.
 */
#include "judge/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "judge/expect.h"
#include "judge/machine.h"
#include "judge/run_internal.h"
#include "kit/error.h"
#include "kit/text.h"

static int play_action(struct check_run *run, struct probe *probe, const char *line, void *model,
                       struct play *play);
static void settle(struct check_run *run, const struct scenario *scenario, struct play *play);

void play_scenario(struct check_run *run, const struct scenario *scenario, struct play *play)
{
    *play = (struct play){.outcome = PLAY_AGREED, .at = scenario->count};
    play->story.virtual_time = 1;
    struct probe *probe = run_probe(run);
    if (probe == NULL) {
        play->outcome = PLAY_ERROR;
        return;
    }
    const struct oracle *oracle = run->check->oracle;
    void *model = oracle == NULL ? NULL : oracle->create(run->check->judged);
    for (int i = 0; i < scenario->count && play->outcome == PLAY_AGREED; i++)
        if (play_action(run, probe, scenario->lines[i], model, play) != 0)
            play->at = i;
    if (play->outcome == PLAY_AGREED) {
        play->state = probe_close(probe);
        if (play->state != PROBE_READY) {
            play->outcome = PLAY_ENDED;
            snprintf(play->finding.expected, sizeof play->finding.expected,
                     "a clean end after the last answer");
        }
    }
    if (play->outcome == PLAY_ENDED) {
        play->doubt = probe_doubt(probe);
        snprintf(play->finding.got, sizeof play->finding.got, "%s", probe_ending(probe));
    }
    if (play->outcome != PLAY_AGREED) {
        probe_stop(probe); /* what it printed is known at its end */
        if (probe_output(probe)[0] != '\0')
            result_set_string(&play->output, probe_output(probe));
    }
    if (oracle != NULL)
        oracle->destroy(model);
    run_forget(run, probe, &play->cpu_ms);
}

void play_release(struct play *play)
{
    story_release(&play->story);
    free(play->output);
    *play = (struct play){0};
}

static void play_scenes(struct check_run *run, const char *script)
{
    while (*script != '\0' && !run_ended(run)) {
        struct scenario scene = {0};
        script = scenario_add_scene(&scene, script);
        run_scenario(run, &scene);
        scenario_release(&scene);
    }
}

static void play_rounds(struct check_run *run, int rounds)
{
    for (int round = 0; round < rounds && !run_ended(run); round++) {
        struct scenario scenario = {0};
        run->check->generate(&scenario, &run->random);
        run_scenario(run, &scenario);
        scenario_release(&scenario);
    }
}

void play_check(struct check_run *run)
{
    const struct check *check = run->check;
    if (check->script != NULL)
        play_scenes(run, check->script);
    else
        play_rounds(run, check->rounds > 0 ? check->rounds : 1);
}

int run_scenario(struct check_run *run, struct scenario *scenario)
{
    struct play play;
    play_scenario(run, scenario, &play);
    if (play.outcome == PLAY_ENDED && run_blames_machine(run, play.doubt))
        play.outcome = PLAY_ERROR;
    /* Without an oracle the answers expected fit the whole scene only: nothing can be left out. */
    if (run->check->oracle != NULL && (play.outcome == PLAY_BROKE || play.outcome == PLAY_ENDED))
        shrink(run, scenario, &play);
    settle(run, scenario, &play);
    play_release(&play);
    return run_ended(run);
}

/* One action and its reply, into the story. Non-zero when the play is over. */
static int play_action(struct check_run *run, struct probe *probe, const char *line, void *model,
                       struct play *play)
{
    struct message action = {0}, reply = {0};
    struct expectation expectation;
    struct finding *finding = &play->finding;
    struct error err = {0};
    if (expect_parse(line, &expectation, &err) != 0) {
        play->outcome = PLAY_ERROR;
        run_error(run, "the check's own line \"%.200s\" does not parse: %s", line, err.text);
        expect_release(&expectation);
        return 1;
    }
    const char *asked = text_str(&expectation.action);
    message_parse(asked, &action, NULL);
    play->state = run_exchange(run, probe, asked, &action, &reply, &play->story);
    if (play->state != PROBE_READY) {
        play->outcome = PLAY_ENDED;
        snprintf(finding->expected, sizeof finding->expected, "an answer to \"%.800s\"", asked);
    } else if (run_unwritten(&action, &reply, finding)) {
        play->outcome = strcmp(reply.word, "todo") == 0 ? PLAY_TODO : PLAY_BAD;
    } else if (run->check->oracle != NULL &&
               run->check->oracle->step(model, &action, &reply, finding) != 0) {
        play->outcome = PLAY_BROKE;
    } else if (expect_compare(&expectation, &reply, finding) != 0) {
        play->outcome = PLAY_BROKE;
    }
    if (play->outcome != PLAY_AGREED && play->story.count > 0)
        play->story.lines[play->story.count - 1].kind = STORY_WRONG;
    message_release(&action);
    message_release(&reply);
    expect_release(&expectation);
    return play->outcome != PLAY_AGREED;
}

/* Writes the verdict of a play that did not agree; moves its story and output to the result. */
static void settle(struct check_run *run, const struct scenario *scenario, struct play *play)
{
    const struct finding *finding = &play->finding;
    run->result->cpu_ms += play->cpu_ms;
    switch (play->outcome) {
    case PLAY_AGREED:
    case PLAY_ERROR: /* already said */
        return;
    case PLAY_BROKE:
        run_fail(run, "wrong answer", finding->expected, "%s", finding->got);
        break;
    case PLAY_TODO:
        run_fail(run, "not written yet", finding->expected, "%s", finding->got);
        break;
    case PLAY_BAD:
        run_fail(run, "protocol", finding->expected, "%s", finding->got);
        break;
    case PLAY_ENDED:
        run_verdict_of_end(run, play->state, finding->expected, finding->got);
        break;
    }
    struct result *result = run->result;
    story_release(&result->story);
    result->story = play->story;
    play->story = (struct story){0};
    result_set_string(&result->output, play->output);
    struct text script = {0};
    for (int i = 0; i < scenario->count && i <= play->at; i++) {
        struct expectation expectation;
        expect_parse(scenario->lines[i], &expectation, NULL);
        text_addf(&script, "%s\n", text_str(&expectation.action));
        expect_release(&expectation);
    }
    result_set_string(&result->script, text_str(&script));
    text_release(&script);
}
