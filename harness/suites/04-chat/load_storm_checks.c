/*
 * Lab 04, step 3: a gateway is lost at the peak, and its clients come back.
 */
#include <stdlib.h>
#include "kit/error.h"
#include "suites/04-chat/load.h"

enum { MS_OF_S = 1000, BACK_PERCENT = 99, LEAST_JITTER_MS = 1000 /* less is none */ };
#define MS(ms) ((int64_t)1000000 * (ms))

/* The storm as declared; without a word about it nobody waits. */
static struct load_scenario storm(const struct trial *trial, int64_t jitter_ms, int seconds)
{
    struct load_scenario scenario = load_peak(trial->run->seed);
    scenario.lost_gateways = 1;
    scenario.has_storm = 1;
    scenario.jitter_ns = MS(jitter_ms > 0 ? jitter_ms : 0);
    scenario.end_ns = scenario.measured_ns + MS(MS_OF_S * seconds);
    return scenario;
}

static int lacks_gateway(const struct trial *trial)
{
    return trial->plan.gateway < 0 &&
           run_fail(trial->run, "wrong answer", "a service that owns OWNS_CONNECTIONS",
                    "no service does, so that none can be lost");
}

/* "reconnect (chat_design.c:307) says 600000 ms", or that nothing was said. */
static void say_jitter(const struct chat_model *model, struct text *out)
{
    if (model->jitter_ms < 0)
        text_add(out, "nothing is said by reconnect, so that all come back at once");
    else
        text_addf(out, "reconnect (%s:%d) says %lld ms", model->jitter_place.file,
                  model->jitter_place.line, (long long)model->jitter_ms);
}

static void came_back_late(const struct trial *trial, const struct load_seen *seen)
{
    struct text jitter = {0};
    say_jitter(trial->model, &jitter);
    run_fail(trial->run, "wrong answer", "99 of 100 clients are back within 60 s",
             "%lld of %lld are (%s). Whoever is not back hears nothing, and believes that nobody "
             "speaks. Look at the jitter, and at the workers that connect them and let them catch "
             "up.",
             (long long)seen->back, (long long)seen->returning, text_str(&jitter));
    text_release(&jitter);
}

/* 1 when a verdict stands: the last of 99 percent do not even begin within the minute. */
static int jitter_is_too_long(const struct trial *trial)
{
    const double last_s = (double)trial->model->jitter_ms * BACK_PERCENT / 100 / MS_OF_S;
    struct text jitter = {0};
    if (last_s <= LOAD_BACK_S)
        return 0;
    say_jitter(trial->model, &jitter);
    run_fail(trial->run, "wrong answer", "99 of 100 clients are back within 60 s",
             "%s: 99 of 100 have not even begun before %.0f s have passed. Whoever is not back "
             "hears nothing, and believes that nobody speaks. Look at how flat the storm has to "
             "be, and no flatter.",
             text_str(&jitter), last_s);
    text_release(&jitter);
    return 1;
}

/* One run: its clients are the sample, and there are enough of them. */
void chat_check_storm_ends(struct check_run *run)
{
    struct trial *trial = trial_open(run);
    if (trial == NULL || lacks_gateway(trial) || jitter_is_too_long(trial)) {
        trial_close(trial);
        return;
    }
    struct load_scenario scenario = storm(trial, trial->model->jitter_ms, LOAD_BACK_S);
    struct load_seen *spread = NULL;
    scenario.ends_when_back = 1;
    if (!trial_play(trial, &scenario, 1) && (spread = malloc(sizeof *spread)) != NULL) {
        *spread = trial->result->last;
        if (spread->back_99_ns == 0)
            came_back_late(trial, spread);
        run_figure(run, "clients that come back", (double)spread->returning);
        run_figure(run, "s until 99 percent are back", (double)spread->back_99_ns / 1e9);
    }
    /* The same without jitter, for the picture: nothing is judged by it. */
    if (spread != NULL) {
        struct error err = {0};
        struct load_scenario plain = storm(trial, 0, LOAD_BACK_S / 6);
        plain.ends_when_back = 1;
        struct load_summary *result = load_simulate(&trial->plan, plain, 1, &err);
        draw_storm(trial, spread, result != NULL ? &result->last : NULL);
        free(result);
    }
    free(spread);
    trial_close(trial);
}

static void sends_suffer(const struct trial *trial)
{
    const struct load_summary *result = trial->result;
    struct text jitter = {0};
    int refusing = 0;
    for (int i = 0; i < trial->model->service_count; i++)
        if (result->refused[i].mean > result->refused[refusing].mean)
            refusing = i;
    const int is_refused = estimate_is_above(&result->refused[refusing], 0);
    char name[DECLARED_SIZE];
    say_jitter(trial->model, &jitter);
    if (result->answers.count == 0)
        run_fail(trial->run, "wrong answer",
                 "99 of 100 senders have their answer within 200 ms while others reconnect",
                 "of %lld messages none is answered: %lld clients come back, and %s. Look at "
                 "answers_are_quick first: is it so without them?",
                 (long long)result->last.sends, (long long)result->last.returning,
                 text_str(&jitter));
    else if (estimate_is_above(&result->answer_late, LATE_SHARE_MAX))
        run_fail(trial->run, "wrong answer",
                 "99 of 100 senders have their answer within 200 ms while others reconnect",
                 "%.1f percent have it later, or never (99 of 100 after %.0f ms" PLUS_MINUS
                 "): %lld clients come back, and %s. They stand in the same queues as the senders. "
                 "Look at the jitter, and at the workers of the gateways.",
                 100 * result->answer_late.mean, result->answer_p99_ms.mean,
                 result->answer_p99_ms.error, (long long)result->last.returning, text_str(&jitter));
    else if (is_refused)
        run_fail(trial->run, "wrong answer", "no sender is refused while others reconnect",
                 "%s turns %.0f requests of senders away" PLUS_MINUS " in %d s: %lld clients come "
                 "back, and %s. Look at the jitter, and at the queue.",
                 declared_service(trial->model, refusing, name), result->refused[refusing].mean,
                 result->refused[refusing].error, LOAD_STORM_S, (long long)result->last.returning,
                 text_str(&jitter));
    else if (trial->model->jitter_ms < LEAST_JITTER_MS)
        run_fail(
            trial->run, "wrong answer", "clients of a lost gateway that come back by and by",
            "%lld clients come back, and %s: all at once. This time the queues take them. With "
            "a few more, or a handshake that is a little dearer, senders are refused: nobody "
            "has measured that second. Look at the jitter, %d ms at the least.",
            (long long)result->last.returning, text_str(&jitter), LEAST_JITTER_MS);
    text_release(&jitter);
}

void chat_check_sending_in_the_storm(struct check_run *run)
{
    struct trial *trial = trial_open(run);
    if (trial != NULL && !lacks_gateway(trial)) {
        const struct load_scenario scenario = storm(trial, trial->model->jitter_ms, LOAD_STORM_S);
        if (!trial_play(trial, &scenario, LOAD_STORM_RUNS)) {
            sends_suffer(trial);
            if (trial->result->answers.count > 0)
                run_figure(run, "ms from sending to the answer in the storm, p99",
                           trial->result->answer_p99_ms.mean);
        }
    }
    trial_close(trial);
}
