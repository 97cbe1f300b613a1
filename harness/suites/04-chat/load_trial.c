/*
 * Lab 04, step 3: a design, and what becomes of it under load.
 */
#include <stdio.h>
#include <stdlib.h>
#include "kit/error.h"
#include "suites/04-chat/load.h"

struct trial *trial_open(struct check_run *run)
{
    struct error err = {0};
    struct trial *trial = calloc(1, sizeof *trial);
    if (trial == NULL) {
        run_error(run, "no memory");
        return NULL;
    }
    trial->run = run;
    trial->model = chat_read_design(run);
    if (trial->model != NULL && chat_plan_make(&trial->plan, trial->model, &err) == 0)
        return trial;
    if (trial->model != NULL)
        run_fail(run, "wrong answer",
                 "a flow of CAN_SEND that begins with a call of the client: its load is simulated",
                 "%s", err.text);
    trial_close(trial);
    return NULL;
}

void trial_close(struct trial *trial)
{
    if (trial == NULL)
        return;
    free(trial->result);
    free(trial->model);
    free(trial);
}

const char *declared_service(const struct chat_model *model, int service, char out[DECLARED_SIZE])
{
    const struct design_service *declared = &model->services[service];
    snprintf(out, DECLARED_SIZE, "\"%s\" (%s:%d)", declared->name, declared->place.file,
             declared->place.line);
    return out;
}

int trial_busiest(const struct trial *trial)
{
    int found = 0;
    for (int i = 1; i < trial->model->service_count; i++)
        if (trial->result->use[i].mean > trial->result->use[found].mean)
            found = i;
    return found;
}

int trial_play(struct trial *trial, const struct load_scenario *scenario, int runs)
{
    struct error err = {0};
    char name[DECLARED_SIZE];
    free(trial->result);
    trial->result = load_simulate(&trial->plan, *scenario, runs, &err);
    if (trial->result == NULL && trial->plan.gateway >= 0 &&
        trial->model->services[trial->plan.gateway].instances <= scenario->lost_gateways)
        return run_fail(trial->run, "wrong answer",
                        "a second gateway, for the clients of the one that is lost",
                        "%s has one instance. When it restarts, every user is away.",
                        declared_service(trial->model, trial->plan.gateway, name));
    if (trial->result == NULL)
        return run_error(trial->run, "%s", err.text);
    if (!trial->result->is_overloaded)
        return 0;
    return run_fail(
        trial->run, "wrong answer", "a load that the services can bear",
        "More waits, or comes, or is sent again and again, than the simulation has room for (%d "
        "requests at once, %d events). The busiest service is %s. Look at its workers and "
        "instances, at the attempts of those who call it, and at how often a heartbeat comes.",
        LOAD_VISITS_MAX, LOAD_EVENTS_MAX,
        declared_service(trial->model, trial_busiest(trial), name));
}

static struct trial *open_and_play(struct check_run *run, int has_beats)
{
    struct trial *trial = trial_open(run);
    struct load_scenario scenario = load_peak(run->seed);
    scenario.has_beats = has_beats;
    if (trial == NULL || !trial_play(trial, &scenario, LOAD_RUNS))
        return trial;
    trial_close(trial);
    return NULL;
}

struct trial *trial_at_peak(struct check_run *run)
{
    return open_and_play(run, 0);
}

struct trial *trial_with_beats(struct check_run *run)
{
    return open_and_play(run, 1);
}

int trial_delivers_nothing(const struct trial *trial, const struct histogram *deliveries)
{
    if (deliveries->count > 0)
        return 0;
    if (trial->plan.delivery == PLAN_NONE)
        return run_fail(trial->run, "wrong answer", "a stream to the reader, or a call of one",
                        "no flow of CAN_DELIVER leads from the stored message to a reader");
    return run_fail(trial->run, "wrong answer", "messages that reach their readers",
                    "none does within %d s", LOAD_MEASURED_S);
}

void trial_figure(struct check_run *run, const char *name, const struct estimate *value)
{
    char error[96];
    snprintf(error, sizeof error, "%s, +- with 95 percent confidence", name);
    run_figure(run, name, value->mean);
    run_figure(run, error, value->error);
}
