/*
 * Judging mutants, and keeping what was found. The judge is this program's own.
 */
#include "matrix/mutant_judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/files.h"
#include "judge/judge.h"
#include "judge/scenario.h"
#include "kit/error.h"
#include "kit/text.h"
#include "process/launcher.h"

enum { PROGRAM_MAX = 64 << 20 }; /* bytes of a program that is hashed */

void mutant_judge_record(const struct mutant_judge *judge, const struct mutant *mutant,
                         char path[MUTANT_PATH_SIZE])
{
    char folder[MUTANT_PATH_SIZE];
    mutant_build_folder(&judge->build, mutant, folder);
    mutant_path(path, "%s/%s", folder, judge->tests != NULL ? "tested" : "outcome");
}

/* Adds words to a key. */
static void hash_more(char key[SHA256_TEXT_SIZE], const char *words)
{
    struct text sum = {0};
    text_addf(&sum, "%s\n%s", key, words);
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
}

/* Over what verdicts depend on beside the programs: this one, and the peers. */
static int hash_judge(struct mutant_judge *judge, struct error *err)
{
    struct text bytes = {0};
    char peer[MUTANT_PATH_SIZE];
    mutant_path(peer, "%s/peers/peer", judge->build.root);
    int status = files_read("/proc/self/exe", PROGRAM_MAX, &bytes, err);
    if (status == 0)
        status = files_read(peer, PROGRAM_MAX, &bytes, err);
    sha256_text(text_str(&bytes), bytes.length, judge->judge);
    text_release(&bytes);
    return status;
}

int mutant_judge_open(struct mutant_judge *judge, const struct lab *lab, struct error *err)
{
    *judge = (struct mutant_judge){0};
    const int status = mutant_build_open(&judge->build, lab, err);
    return status == 0 ? hash_judge(judge, err) : status;
}

void mutant_judge_use_tests(struct mutant_judge *judge, const struct lab *tests, const char *text)
{
    judge->tests = tests;
    hash_more(judge->judge, text);
}

/* Everything of one mutant's judging that stays the same from check to check. */
struct judging {
    struct judge_options options;
    struct launcher *launcher;
    char folder[MUTANT_PATH_SIZE], work[MUTANT_PATH_SIZE];
    char programs[MUTANT_PATH_SIZE], peers[MUTANT_PATH_SIZE];
};

static int judge_check(struct judging *judging, const char *check, struct judged *judged)
{
    struct lab_result results;
    judging->options.check = check;
    judge_lab(&judging->options, judging->launcher, NULL, NULL, &results);
    const struct result *result = results.count == 1 ? &results.results[0] : NULL;
    if (result != NULL) {
        snprintf(judged->verdict, sizeof judged->verdict, "%s", verdict_name(result->verdict));
        snprintf(judged->reason, sizeof judged->reason, "%s", result->reason);
        snprintf(judged->got, sizeof judged->got, "%.*s", (int)sizeof judged->got - 1,
                 result->got != NULL ? result->got : "");
        judged->story_lines = result->story.count;
    }
    lab_result_release(&results);
    return result != NULL ? 0 : ERR_IO;
}

/* Every check of the steps that judge one of the files that the variant changes. */
static void judge_all(struct judging *judging, const struct mutant *mutant, struct outcome *outcome)
{
    struct lab_result results;
    judging->options.check = NULL;
    for (int i = 0; i < mutant->file_count; i++)
        judging->options.steps |= lab_steps_of(judging->options.lab, mutant->files[i]);
    judge_lab(&judging->options, judging->launcher, NULL, NULL, &results);
    outcome->checks = results.count;
    for (int i = 0; i < results.count; i++) {
        const struct result *result = &results.results[i];
        if (result->verdict == VERDICT_PASS)
            outcome->passed++;
        else if (outcome->note[0] == '\0')
            snprintf(outcome->note, sizeof outcome->note,
                     "%.60s says %s: expected %.60s, got %.60s", result->check->id,
                     verdict_name(result->verdict),
                     result->expected != NULL ? result->expected : "",
                     result->got != NULL ? result->got : "");
    }
    lab_result_release(&results);
}

/* Scenario by scenario, until one fails: that one is the killer. */
static void judge_by_tests(struct judging *judging, const struct lab *tests,
                           struct outcome *outcome)
{
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(tests, i)) != NULL; i++) {
        struct judged judged = {0};
        if (judge_check(judging, check->id, &judged) != 0 ||
            strcmp(judged.verdict, verdict_name(VERDICT_PASS)) == 0)
            continue;
        outcome->own = judged;
        snprintf(outcome->note, sizeof outcome->note, "%s", check->id);
        return;
    }
}

/* Where the judge works, and on which tree's programs. */
static int judging_open(struct judging *judging, const struct mutant_judge *judge,
                        const struct mutant *mutant, struct error *err)
{
    const char *const folder = judging->folder;
    char here[MUTANT_PATH_SIZE / 2];
    *judging = (struct judging){0};
    mutant_build_folder(&judge->build, mutant, judging->folder);
    if (getcwd(here, sizeof here) == NULL)
        return error_set(err, ERR_IO, "cannot find out in which folder this runs: %s",
                         strerror(errno));
    mutant_path(judging->work, "%s%s%s/work", folder[0] == '/' ? "" : here,
                folder[0] == '/' ? "" : "/", folder); /* services run in other folders */
    mutant_build_programs(&judge->build, mutant, judging->programs);
    mutant_path(judging->peers, "%s/peers", judge->build.root);
    /* Gates are not asked: the matrix asks for one check at a time. */
    judging->options =
        (struct judge_options){.lab = judge->tests != NULL ? judge->tests : judge->build.lab,
                               .programs = judging->programs,
                               .peers = judging->peers,
                               .sources = judging->folder,
                               .work_dir = judging->work,
                               .seed = SEED_DEFAULT,
                               .no_gates = 1};
    int status = files_make(judging->work, err);
    return status != 0 ? status : launcher_open_local(&judging->launcher, err);
}

static void judging_close(struct judging *judging)
{
    judging->launcher->close(judging->launcher);
    files_remove(judging->work);
}

static enum outcome_stage judge_programs(const struct mutant_judge *judge,
                                         const struct mutant *mutant, struct outcome *outcome)
{
    struct judging judging;
    struct error err = {0};
    int status = 0;
    if (judging_open(&judging, judge, mutant, &err) != 0) {
        snprintf(outcome->note, sizeof outcome->note, "%.200s", err.text);
        return OUTCOME_JUDGE;
    }
    if (judge->tests != NULL)
        judge_by_tests(&judging, judge->tests, outcome);
    else if (mutant->right)
        judge_all(&judging, mutant, outcome);
    else if ((status = judge_check(&judging, mutant->killed_by, &outcome->own)) == 0)
        status = judge_check(&judging, mutant->sibling, &outcome->sibling);
    judging_close(&judging);
    return status == 0 ? OUTCOME_JUDGED : OUTCOME_JUDGE;
}

int mutant_judge_reference(const struct mutant_judge *judge, struct lab_result *results,
                           struct error *err)
{
    struct judging judging;
    struct mutant reference = {.name = "reference"};
    snprintf(reference.lab, sizeof reference.lab, "%s", judge->build.lab->name);
    const int status = judging_open(&judging, judge, &reference, err);
    if (status != 0)
        return status;
    judge_lab(&judging.options, judging.launcher, NULL, NULL, results);
    judging_close(&judging);
    return 0;
}

void mutant_judge_run(const struct mutant_judge *judge, const struct mutant *mutant,
                      struct outcome *outcome)
{
    char record[MUTANT_PATH_SIZE], why[512];
    char built[SHA256_TEXT_SIZE], key[SHA256_TEXT_SIZE];
    mutant_judge_record(judge, mutant, record);
    const int hashed = mutant_build_key(&judge->build, mutant, built) == 0;
    memcpy(key, built, sizeof key);
    hash_more(key, judge->judge);
    outcome_load(outcome, record);
    /* Of the matrix only what held is believed again: a wrong cell is looked at anew. */
    const int settled = judge->tests != NULL ? outcome->stage == OUTCOME_JUDGED
                                             : outcome_holds(outcome, mutant, why, sizeof why);
    if (hashed && strcmp(outcome->key, key) == 0 && settled)
        return;
    *outcome = (struct outcome){.stage = OUTCOME_NONE};
    outcome->stage = mutant_build_make(&judge->build, mutant, built, outcome);
    if (outcome->stage == OUTCOME_JUDGED)
        outcome->stage = judge_programs(judge, mutant, outcome);
    snprintf(outcome->key, sizeof outcome->key, "%s", key);
    outcome_save(outcome, record);
}
