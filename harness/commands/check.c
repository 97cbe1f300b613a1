/*
 * svclab check: grade a tree, say it on the terminal, write the reports.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "commands/commands.h"
#include "commands/flags.h"
#include "course/status.h"
#include "judge/session.h"
#include "kit/error.h"
#include "kit/text.h"
#include "report/report.h"
#include "suites/suites.h"

typedef int report_writer(const char *path, const struct run_result *run, struct error *err);

static int write_reports(const char *dir, const struct run_result *run)
{
    static const struct {
        const char *file;
        report_writer *write;
    } reports[] = {{"results.json", report_json},
                   {"junit.xml", report_junit},
                   {"results.tap", report_tap},
                   {"index.html", report_html}};
    struct error err = {0};
    int failed = files_make(dir, &err) != 0;
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        struct text path = {0};
        text_addf(&path, "%s/%s", dir, reports[i].file);
        if (reports[i].write(text_str(&path), run, &err) != 0) {
            unlink(text_str(&path)); /* an older run's must not stand for this one */
            failed = 1;
        }
        text_release(&path);
    }
    if (failed)
        fprintf(stderr, "svclab check: %s\n", err.text);
    return failed;
}

int command_check(int argc, char **argv)
{
    struct session session = {.labs = all_labs, .words = stdout};
    const char *seed = NULL, *out = NULL, *verbose = NULL;
    const struct flag flags[] = {
        {"tree", &session.tree,
         "DIR   folder with the students' files (labs, or exercises for a drill)"},
        {"programs", &session.programs, "DIR programs that are built: LAB/probe, LAB/service"},
        {"peers", &session.peers, "DIR  the peers' programs (build/peers)"},
        {"lab", &session.lab, "NN     only this lab, all of its failures"},
        {"check", &session.check, "GLOB only checks whose name matches"},
        {"seed", &seed, "N     another seed, or the word random"},
        {"out", &out, "DIR    write results.json, junit.xml, results.tap and index.html there"},
        {"verbose", &verbose, "      every check's line and block"},
        {0},
    };
    int status = flags_parse(argc, argv, "check", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    struct error err = {0};
    if (flags_seed(seed, &session.seed, &err) != 0) {
        fprintf(stderr, "svclab check: %s\n", err.text);
        return STATUS_USAGE;
    }
    session.pictures = out != NULL;
    if (seed != NULL)
        printf("seed %llu\n", (unsigned long long)session.seed);
    struct run_result run;
    int code = session_run(&session, &run, &err);
    if (code != 0) {
        fprintf(stderr, "svclab check: %s\n", err.text);
        return code == ERR_NOT_FOUND ? STATUS_USAGE
               : code == ERR_REFUSED ? STATUS_INTERRUPTED
                                     : STATUS_GRADER;
    }
    struct text page = {0};
    text_addf(&page, "%s/index.html", out == NULL ? "" : out);
    struct terminal_options terminal = {.colour = isatty(STDOUT_FILENO),
                                        .verbose = verbose != NULL,
                                        .only_lab = session.lab,
                                        .only_check = session.check,
                                        .page = out == NULL ? NULL : text_str(&page)};
    report_terminal(stdout, &run, &terminal);
    status = run.exit_status;
    if (out != NULL && write_reports(out, &run) != 0)
        status = STATUS_GRADER;
    text_release(&page);
    run_result_release(&run);
    return status;
}
