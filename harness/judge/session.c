/*
 * From names on the command line to results.
 */
#include "judge/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/places.h"
#include "compile/lab.h"
#include "course/rationale.h"
#include "course/status.h"
#include "judge/jobs.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/text.h"

enum { LABS_MAX = 16, COMPILE_WORDS_MAX = 16384 };

/* Folders of one lab, and what the judge is told about it. */
struct place {
    struct text programs, sources;
    int hold; /* of the programs (compile/lab.h), 0 = none */
};

static int matches_any(const struct lab *lab, const char *glob)
{
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(lab, i)) != NULL; i++)
        if (glob == NULL || check_matches(check, glob))
            return 1;
    return 0;
}

static void name_labs(const struct lab *const *labs, struct text *names)
{
    for (int i = 0; labs[i] != NULL; i++)
        text_addf(names, "%s%s", i > 0 ? ", " : "", labs[i]->name);
}

static int no_lab(const struct lab *const *labs, const char *name, struct error *err)
{
    struct text names = {0};
    name_labs(labs, &names);
    int code = error_set(err, ERR_NOT_FOUND, "there is no lab '%.40s'; the labs are %s.", name,
                         text_str(&names));
    text_release(&names);
    return code;
}

const char *session_tree(const struct session *session)
{
    const struct lab *lab = session->lab != NULL ? lab_find(session->labs, session->lab) : NULL;
    return session->tree != NULL ? session->tree : lab != NULL ? lab_home(lab) : "labs";
}

static int tree_has(const struct session *session, const struct lab *lab)
{
    struct text path = {0};
    text_addf(&path, "%s/%s", session_tree(session), lab->name);
    int has = files_exist(text_str(&path));
    text_release(&path);
    return has;
}

/* The first check, of one lab or of all, with these words in its name; NULL when there is none. */
static const struct check *check_like(const struct lab *const *labs, const struct lab *only,
                                      const char *words)
{
    const struct check *check = NULL;
    for (int i = 0; labs[i] != NULL; i++)
        for (int j = 0; (check = lab_check(labs[i], j)) != NULL; j++)
            if ((only == NULL || only == labs[i]) && strstr(check->id, words) != NULL)
                return check;
    return NULL;
}

static int no_check(const struct lab *const *labs, const struct lab *only, const char *name,
                    struct error *err)
{
    char words[64];
    size_t skip = strspn(name, "*");
    snprintf(words, sizeof words, "%.*s", (int)strcspn(name + skip, "*?["), name + skip);
    const struct check *like = words[0] != '\0' ? check_like(labs, only, words) : NULL;
    return error_set(err, ERR_NOT_FOUND,
                     "no check%s%s is named '%.60s'%s%s; build/svclab list%s%s names them all.",
                     only != NULL ? " of lab " : "", only != NULL ? only->name : "", name,
                     like != NULL ? ", but there is " : "", like != NULL ? like->id : "",
                     only != NULL ? " --lab " : "", only != NULL ? only->name : "");
}

/* The labs to judge. Their number, or a negative code with its sentence. */
static int select_labs(const struct session *session, const struct lab **picked, struct error *err)
{
    const struct lab *const *all = session->labs;
    const struct lab *only = NULL;
    const char *tree = session_tree(session);
    if (session->lab != NULL && (only = lab_find(all, session->lab)) == NULL)
        return no_lab(all, session->lab, err);
    if (!files_exist(tree))
        return error_set(err, ERR_NOT_FOUND,
                         "there is no folder '%.100s' here; LABS is labs, solutions or a folder of "
                         "that shape.",
                         tree);
    if (only != NULL && !tree_has(session, only))
        return error_set(err, ERR_NOT_FOUND, "%.100s has no folder %s.", tree, only->name);
    int in_tree = 0, count = 0;
    for (int i = 0; all[i] != NULL && count < LABS_MAX; i++) {
        if ((only != NULL && only != all[i]) || !tree_has(session, all[i]))
            continue;
        in_tree++;
        if (matches_any(all[i], session->check))
            picked[count++] = all[i];
    }
    if (in_tree == 0)
        return error_set(err, ERR_NOT_FOUND, "%.100s has none of the labs.", tree);
    if (count == 0)
        return no_check(all, only, session->check, err);
    return count;
}

/* Programs that somebody else built: a lab that failed has the file `failed` with the reason. */
static int look_for_programs(const struct session *session, const struct lab *lab,
                             struct text *folder, struct text *words, struct error *err)
{
    struct text path = {0};
    text_addf(folder, "%s/%s", session->programs, lab->name);
    text_addf(&path, "%s/failed", text_str(folder));
    int code =
        files_read(text_str(&path), COMPILE_WORDS_MAX, words, NULL) == 0 ? COMPILE_FAILED : 0;
    text_clear(&path);
    text_addf(&path, "%s/probe", text_str(folder));
    const int has_probe = files_exist(text_str(&path));
    text_clear(&path);
    text_addf(&path, "%s/service", text_str(folder));
    if (code == 0 && !has_probe && !files_exist(text_str(&path)))
        code = error_set(err, ERR_NOT_FOUND, "%s has no programs of %s: leave --programs out.",
                         session->programs, lab->name);
    text_release(&path);
    return code;
}

int session_programs(const struct session *session, const struct lab *lab, struct text *folder,
                     int *hold, struct text *words, struct error *err)
{
    if (session->programs != NULL)
        return look_for_programs(session, lab, folder, words, err);
    struct text build = {0};
    place_in_build(&build, "");
    int code = compile_place(text_str(&build), session_tree(session), folder, err);
    text_addf(folder, "/%s", lab->name);
    const struct compile_options options = {.lab = lab,
                                            .tree = session_tree(session),
                                            .build = text_str(&build),
                                            .out = text_str(folder),
                                            .mode = "asan",
                                            .programs = COMPILE_ALL,
                                            .hold = hold};
    if (code == 0)
        code = compile_lab(&options, words, err);
    text_release(&build);
    return code;
}

/* Where a lab's programs are. A lab that does not compile is reported by the judge. */
static int find_programs(const struct session *session, const struct lab *lab, struct place *place,
                         struct error *err)
{
    struct text words = {0};
    const int code = session_programs(session, lab, &place->programs, &place->hold, &words, err);
    if (code == 0 && session->words != NULL)
        fputs(text_str(&words), session->words);
    text_release(&words);
    return code == COMPILE_FAILED ? 0 : code;
}

static int exit_status(const struct run_result *run)
{
    int failed = 0, unbuilt = 0, error = 0;
    for (int i = 0; i < run->lab_count; i++) {
        unbuilt |= !run->labs[i].builds;
        for (int k = 0; k < run->labs[i].count; k++) {
            failed |= run->labs[i].results[k].verdict != VERDICT_PASS;
            error |= run->labs[i].results[k].verdict == VERDICT_ERROR;
        }
    }
    return error ? STATUS_GRADER : unbuilt ? STATUS_NO_BUILD : failed ? STATUS_FAILED : STATUS_FULL;
}

static int judge_all(const struct session *session, const struct lab **labs, int count,
                     struct run_result *run, struct error *err)
{
    struct judge_options options[LABS_MAX];
    struct place places[LABS_MAX] = {0};
    struct text peers = {0};
    char *work_dir = NULL;
    int code = 0;
    if (session->peers == NULL)
        place_in_build(&peers, "peers");
    else
        text_add(&peers, session->peers);
    for (int i = 0; i < count; i++) {
        if (code == 0)
            code = find_programs(session, labs[i], &places[i], err);
        text_addf(&places[i].sources, "%s/%s", session_tree(session), labs[i]->name);
        options[i] = (struct judge_options){.lab = labs[i],
                                            .check = session->check,
                                            .programs = text_str(&places[i].programs),
                                            .peers = text_str(&peers),
                                            .sources = text_str(&places[i].sources),
                                            .seed = session->seed,
                                            .no_gates = session->no_gates,
                                            .pictures = session->pictures};
    }
    interrupt_begin(); /* before there is anything to remove */
    if (code == 0)
        code = files_make_temporary(&work_dir, err);
    if (code == 0)
        code = files_need_room(work_dir, ROOM_MIN_MB, err);
    if (code == 0) {
        run->labs = calloc((size_t)count, sizeof run->labs[0]);
        if (run->labs == NULL)
            abort();
        run->lab_count = count;
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        code = jobs_run(options, run->labs, count, cores > 0 ? (int)cores : 1, work_dir, err);
    }
    for (int i = 0; i < count && code == 0; i++)
        run->labs[i].rationale = rationale_read(labs[i], session_tree(session));
    if (work_dir != NULL)
        files_remove(work_dir);
    free(work_dir);
    interrupt_end();
    text_release(&peers);
    for (int i = 0; i < count; i++) {
        text_release(&places[i].programs);
        text_release(&places[i].sources);
        if (places[i].hold > 0)
            close(places[i].hold);
    }
    return code;
}

int session_run(const struct session *session, struct run_result *run, struct error *err)
{
    const struct lab *labs[LABS_MAX];
    struct clock clock = clock_system();
    struct moment started = clock_now(&clock);
    *run = (struct run_result){.seed = session->seed,
                               .tree = session_tree(session),
                               .started_wall_ms = started.wall_ms,
                               .isolation = "none"};
    int count = select_labs(session, labs, err);
    int code = count < 0 ? count : judge_all(session, labs, count, run, err);
    if (code != 0) {
        run_result_release(run);
        return code;
    }
    run->exit_status = exit_status(run);
    run->wall_ms = clock_now(&clock).mono_ms - started.mono_ms;
    return 0;
}

int session_find_check(const struct lab *const *labs, const char *lab, const char *id,
                       const struct lab **found_lab, const struct check **found, struct error *err)
{
    if (lab != NULL && lab_find(labs, lab) == NULL)
        return no_lab(labs, lab, err);
    for (int i = 0; labs[i] != NULL; i++) {
        if (lab != NULL && labs[i] != lab_find(labs, lab))
            continue;
        *found = check_find(labs[i], id);
        *found_lab = labs[i];
        if (*found != NULL)
            return 0;
    }
    return no_check(labs, lab != NULL ? lab_find(labs, lab) : NULL, id, err);
}
