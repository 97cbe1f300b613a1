/*
 * svclab audit: a check that an untouched skeleton passes is worth nothing.
 *
 * Judges every check of every lab of the tree but the solved tour against the skeletons, gates
 * open. Any that passes, and any error of the grader's own, is named. A drill's first version is a
 * program with defects, not an empty one: some of its checks may pass, but not all.
 */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "commands/commands.h"
#include "commands/flags.h"
#include "course/lab.h"
#include "course/status.h"
#include "judge/judge.h"
#include "judge/session.h"
#include "kit/error.h"
#include "kit/text.h"
#include "suites/suites.h"

static const char solved_lab[] = "00-tour";

/* Names the checks of one lab that should not stand so. Their number. */
static int audit_lab(const struct lab_result *lab)
{
    int bad = 0, may_pass = lab->lab->home != NULL && lab->points < lab->points_max;
    for (int i = 0; i < lab->count; i++) {
        const struct result *result = &lab->results[i];
        if (result->verdict == VERDICT_PASS ? may_pass : result->verdict != VERDICT_ERROR)
            continue;
        printf("%s  %s: %s\n", lab->lab->name, result->check->id,
               result->verdict == VERDICT_PASS ? "the skeleton passes; it needs a positive control"
                                               : result->got);
        bad++;
    }
    return bad;
}

static int in_tree(const char *tree, const struct lab *lab)
{
    struct text path = {0};
    text_addf(&path, "%s/%s", tree, lab->name);
    int there = files_exist(text_str(&path));
    text_release(&path);
    return there;
}

int command_audit(int argc, char **argv)
{
    struct session session = {
        .labs = all_labs, .tree = "labs", .words = stdout, .seed = SEED_DEFAULT, .no_gates = 1};
    const struct flag flags[] = {
        {"tree", &session.tree, "DIR   the skeletons (labs)"},
        {"programs", &session.programs, "DIR programs that are built: LAB/probe, LAB/service"},
        {"peers", &session.peers, "DIR  the peers' programs (build/peers)"},
        {"lab", &session.lab, "NN     only this lab"},
        {0},
    };
    int status = flags_parse(argc, argv, "audit", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    int bad = 0, checks = 0;
    for (int i = 0; all_labs[i] != NULL; i++) {
        if (strcmp(all_labs[i]->name, solved_lab) == 0 || !in_tree(session.tree, all_labs[i]) ||
            (session.lab != NULL && lab_find(all_labs, session.lab) != all_labs[i]))
            continue;
        struct session one = session;
        one.lab = all_labs[i]->name;
        struct run_result run;
        struct error err = {0};
        int code = session_run(&one, &run, &err);
        if (code != 0) {
            fprintf(stderr, "svclab audit: %s\n", err.text);
            return code == ERR_NOT_FOUND ? STATUS_USAGE : STATUS_GRADER;
        }
        if (!run.labs[0].builds) {
            printf("%s does not build:\n%s", one.lab, run.labs[0].compiler);
            bad++;
        }
        bad += audit_lab(&run.labs[0]);
        checks += run.labs[0].count;
        run_result_release(&run);
    }
    if (checks == 0) {
        fprintf(stderr, "svclab audit: %s has no lab with checks to look at\n", session.tree);
        return STATUS_USAGE;
    }
    printf("audit: %d of %d checks stand as they should on what students begin with\n",
           checks - bad, checks);
    return bad == 0 ? STATUS_FULL : STATUS_FAILED;
}
