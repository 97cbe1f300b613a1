/*
 * `svclab judge-lab`: judges one shard of one lab, and writes what it finds to descriptor 3.
 */
#include "commands/commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "commands/flags.h"
#include "course/status.h"
#include "judge/jobs.h"
#include "judge/wire.h"
#include "kit/error.h"
#include "process/launcher.h"
#include "suites/suites.h"

enum { RESULT_FD = 3 };

static void send_result(void *context, const struct result *result)
{
    (void)context;
    struct text lines = {0};
    wire_write_result(&lines, result);
    for (size_t done = 0; done < lines.length;) {
        ssize_t put = write(RESULT_FD, lines.bytes + done, lines.length - done);
        if (put < 0)
            exit(EXIT_FAILURE); /* nobody listens any more */
        done += (size_t)put;
    }
    text_release(&lines);
}

int command_judge_lab(int argc, char **argv)
{
    const char *lab = NULL, *pictures = "0", *no_gates = "0", *seed = "0";
    const char *shard = "0", *shards = "0";
    struct judge_options options = {0};
    const struct flag flags[] = {
        {"lab", &lab, ""},
        {"check", &options.check, ""},
        {"work", &options.work_dir, ""},
        {"programs", &options.programs, ""},
        {"peers", &options.peers, ""},
        {"sources", &options.sources, ""},
        {"shard", &shard, ""},
        {"shards", &shards, ""},
        {"seed", &seed, ""},
        {"pictures", &pictures, ""},
        {"no-gates", &no_gates, ""},
        {0},
    };
    if (flags_parse(argc, argv, "judge-lab", flags) != 0 || lab == NULL)
        return STATUS_USAGE;
    options.lab = lab_find(all_labs, lab);
    options.seed = strtoull(seed, NULL, 10);
    options.shard = (int)strtol(shard, NULL, 10);
    options.shards = (int)strtol(shards, NULL, 10);
    options.pictures = pictures[0] == '1';
    options.no_gates = no_gates[0] == '1';
    struct launcher *launcher = NULL;
    struct error err = {0};
    fcntl(RESULT_FD, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_DUMPABLE, 0); /* code that is judged runs as the same user, and may not trace us */
    if (options.lab == NULL || launcher_open_local(&launcher, &err) != 0) {
        fprintf(stderr, "svclab: %s\n", err.text);
        return STATUS_GRADER;
    }
    struct lab_result result;
    judge_lab(&options, launcher, send_result, NULL, &result);
    launcher->close(launcher);
    struct text lines = {0};
    wire_write_lab(&lines, &result);
    int status = write(RESULT_FD, lines.bytes, lines.length) == (ssize_t)lines.length
                     ? EXIT_SUCCESS
                     : STATUS_GRADER;
    text_release(&lines);
    lab_result_release(&result);
    return status;
}
