/*
 * svclab debug: judge one check, write its shortest failing script, and hand over to gdb.
 *
 * The probe stops in probe_last_action, just before the action that failed, whose argument is that
 * action's handler; a breakpoint on it and `continue` leave gdb at the handler's first line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/places.h"
#include "commands/commands.h"
#include "commands/flags.h"
#include "course/lab.h"
#include "course/status.h"
#include "judge/session.h"
#include "kit/error.h"
#include "kit/text.h"
#include "suites/suites.h"

/* Never returns when gdb starts. */
static int run_gdb(const char *program, const char *script)
{
    /* LeakSanitizer cannot work under a debugger; the rest may. */
    setenv("ASAN_OPTIONS", "detect_leaks=0:handle_abort=0", 1);
    execlp("gdb", "gdb", "-q", "-ex", "set breakpoint pending on", "-ex",
           "tbreak probe_last_action", "-ex", "run", "-ex", "tbreak *handle", "-ex", "continue",
           "--args", program, "--script", script, (char *)NULL);
    fprintf(stderr,
            "svclab debug: cannot start gdb: %s. Install it (make deps), or replay by hand:\n"
            "  %s --script %s\n",
            strerror(errno), program, script);
    return STATUS_GRADER;
}

static int debug_result(const struct session *session, const struct lab_result *lab,
                        const char *dir)
{
    const struct result *result = &lab->results[0];
    struct error err = {0};
    if (!lab->builds) {
        fprintf(stderr, "svclab debug: %s does not build:\n%s", lab->lab->name, lab->compiler);
        return STATUS_NO_BUILD;
    }
    if (result->verdict == VERDICT_PASS) {
        printf("%s passes: there is nothing to debug.\n", result->check->id);
        return STATUS_FULL;
    }
    if (result->script == NULL) {
        printf(
            "%s (%s, %s) is no script for one process, so gdb cannot replay it.\n"
            "Print to stderr in your code instead: the check's block shows the last lines of it.\n"
            "expected  %s\ngot       %s\n",
            result->check->id, verdict_name(result->verdict), result->reason,
            result->expected != NULL ? result->expected : "-",
            result->got != NULL ? result->got : "-");
        return STATUS_FAILED;
    }
    struct text script = {0}, program = {0}, words = {0};
    text_addf(&script, "%s/%s.%s.script", dir, lab->lab->name, result->check->id);
    int status = STATUS_GRADER;
    if (session_programs(session, lab->lab, &program, NULL, &words, &err) != 0 ||
        files_make(dir, &err) != 0 ||
        files_write(text_str(&script), result->script, strlen(result->script), &err) != 0) {
        fprintf(stderr, "svclab debug: %s\n", err.text);
    } else {
        printf(
            "rule      %s\nexpected  %s\ngot       %s\nscript    %s\n\n"
            "gdb stops where the probe begins the failing call. `break FUNCTION` with a function "
            "of yours,\nthen `continue`, goes on into your code.\n\n",
            result->check->rule, result->expected, result->got, text_str(&script));
        fflush(stdout);
        text_add(&program, "/probe");
        status = run_gdb(text_str(&program), text_str(&script));
    }
    text_release(&script);
    text_release(&program);
    text_release(&words);
    return status;
}

int command_debug(int argc, char **argv)
{
    struct session session = {.labs = all_labs, .words = stdout};
    const char *id = "", *dir = NULL, *seed = NULL;
    const struct flag flags[] = {
        {"check", &id, "NAME the check"},
        {"lab", &session.lab, "NN     its lab, when two labs have a check of that name"},
        {"tree", &session.tree,
         "DIR   folder with the students' files (labs, or exercises for a drill)"},
        {"programs", &session.programs, "DIR programs that are built: LAB/probe, LAB/service"},
        {"peers", &session.peers, "DIR  the peers' programs (build/peers)"},
        {"seed", &seed, "N     another seed"},
        {"dir", &dir, "DIR    where to write the script (debug-scripts in the build folder)"},
        {0},
    };
    int status = flags_parse(argc, argv, "debug", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    const struct lab *lab = NULL;
    const struct check *check = NULL;
    struct error err = {0};
    struct run_result run;
    if (flags_seed(seed, &session.seed, &err) != 0 ||
        session_find_check(all_labs, session.lab, id, &lab, &check, &err) != 0) {
        fprintf(stderr, "svclab debug: %s\n", err.text);
        return STATUS_USAGE;
    }
    session.lab = lab->name;
    session.check = check->id;
    session.no_gates = 1; /* whoever asks for this check wants to see this one */
    int code = session_run(&session, &run, &err);
    if (code != 0) {
        fprintf(stderr, "svclab debug: %s\n", err.text);
        return code == ERR_NOT_FOUND ? STATUS_USAGE : STATUS_GRADER;
    }
    struct text place = {0};
    place_in_build(&place, "debug-scripts");
    status = debug_result(&session, &run.labs[0], dir != NULL ? dir : text_str(&place));
    text_release(&place);
    run_result_release(&run);
    return status;
}
