/*
 * Load by Debian's wrk, run as a child. A Lua epilogue prints one line that is ours to parse.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/bench.h"
#include "kit/error.h"

enum { PROGRAM_WAIT_MS = 20 * 60 * 1000 };

static const char EPILOGUE[] =
    "\nfunction done(summary, latency)\n"
    "  local e = summary.errors\n"
    "  io.write(string.format('bench %.1f %.3f %d\\n', summary.requests * 1e6 / summary.duration,\n"
    "    latency:percentile(99) / 1000, e.status + e.connect + e.read + e.write + e.timeout))\n"
    "end\n";

extern char **environ;

/* Runs argv with its output in the file at path, and waits. */
static int run_program(struct bench *bench, const char *const *argv, const char *path,
                       struct launch_end *end, struct error *err)
{
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0)
        return error_set(err, ERR_IO, "%s cannot be written (%s)", path, strerror(errno));
    struct launch launch = {
        .argv = argv,
        .environment = (const char *const *)environ,
        .work_dir = ".",
        .fds = {-1, out, out},
        .fd_count = 3,
    };
    pid_t pid = 0;
    int code = bench->launcher->start(bench->launcher, &launch, &pid, err);
    close(out);
    if (code < 0)
        return code;
    if (bench->launcher->wait(bench->launcher, pid, PROGRAM_WAIT_MS, end) == 0)
        code = error_set(err, ERR_LIMIT, "%s did not end", argv[0]);
    bench->launcher->sweep(bench->launcher, pid);
    return code;
}

double bench_time_program(struct bench *bench, const char *const *argv, struct error *err)
{
    struct launch_end end;
    double start_s = bench_now_s();
    int code = run_program(bench, argv, "/dev/null", &end, err);
    return code < 0 ? code : bench_now_s() - start_s;
}

static int write_script(const char *path, const char *script, struct error *err)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return error_set(err, ERR_IO, "%s cannot be written (%s)", path, strerror(errno));
    fprintf(file, "%s%s", script != NULL ? script : "", EPILOGUE);
    return fclose(file) == 0 ? 0 : error_set(err, ERR_IO, "%s cannot be written", path);
}

static int read_result(const char *path, struct load_result *result, struct error *err)
{
    char line[512];
    int found = 0;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        long long failures = 0;
        if (sscanf(line, "bench %lf %lf %lld", &result->per_s, &result->p99_ms, &failures) == 3)
            found = 1;
        result->failures = failures;
    }
    if (file != NULL)
        fclose(file);
    return found ? 0 : error_set(err, ERR_IO, "wrk ended without a result: %s", line);
}

int load_run(struct bench *bench, const struct load *load, struct load_result *result,
             struct error *err)
{
    static const char program[] = "/usr/bin/wrk";
    if (access(program, X_OK) != 0)
        return error_set(err, ERR_NOT_FOUND,
                         "wrk makes the load and is not installed: "
                         "`make deps`, or apt-get install wrk");
    char script[96], output[96], connections[16], duration[16];
    snprintf(script, sizeof script, "%s/wrk.lua", bench->dir);
    snprintf(output, sizeof output, "%s/wrk.out", bench->dir);
    snprintf(connections, sizeof connections, "-c%d", load->connections);
    snprintf(duration, sizeof duration, "-d%ds", load->seconds);
    int code = write_script(script, load->script, err);
    if (code < 0)
        return code;
    const char *const argv[] = {program, "-t1",  connections, duration,
                                "-s",    script, load->url,   NULL};
    struct launch_end end;
    code = run_program(bench, argv, output, &end, err);
    return code < 0 ? code : read_result(output, result, err);
}
