#define _GNU_SOURCE
/*
 * make bench: how fast things are, beside what this machine could do at best.
 *
 * usage: bench [PART ...]    build, cluster, limits, order, breaker, saga, simulation, chat; all by
 * default
 */
#include "bench/bench.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include "kit/clock.h"
#include "kit/error.h"

static const struct part {
    const char *name;
    int (*run)(struct bench *bench, struct error *err);
} parts[] = {
    {"build", bench_build},           {"cluster", bench_cluster}, {"limits", bench_limits},
    {"order", bench_order},           {"breaker", bench_breaker}, {"saga", bench_saga},
    {"simulation", bench_simulation}, {"chat", bench_chat},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

static int open_bench(struct bench *bench, struct error *err);
static void close_bench(struct bench *bench);
static int is_asked(const struct part *part, int argc, char **argv);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int known = 0;
        for (int k = 0; k < PARTS; k++)
            known |= strcmp(argv[i], parts[k].name) == 0;
        if (!known) {
            fprintf(stderr,
                    "bench: no part '%s': use build, cluster, limits, order, breaker, saga, "
                    "simulation, chat\n",
                    argv[i]);
            return 64;
        }
    }
    struct bench bench = {0};
    struct error err = {0};
    int code = open_bench(&bench, &err);
    for (int i = 0; i < PARTS && code == 0; i++)
        if (is_asked(&parts[i], argc, argv))
            code = parts[i].run(&bench, &err);
    if (code < 0)
        fprintf(stderr, "bench: %s\n", err.text);
    close_bench(&bench);
    return code < 0 ? 1 : 0;
}

static int is_asked(const struct part *part, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], part->name) == 0)
            return 1;
    return argc == 1;
}

/* The name of the file system below path. */
static void name_disk(struct bench *bench)
{
    static const struct {
        unsigned long magic;
        const char *name;
        int durable;
    } known[] = {
        {0xEF53, "ext4", 1},      {0x58465342, "xfs", 1},   {0x9123683E, "btrfs", 1},
        {0x2FC12FC1, "zfs", 1},   {0xF2F52010, "f2fs", 1},  {0x794C7630, "overlayfs", 1},
        {0x01021994, "tmpfs", 0}, {0x858458F6, "ramfs", 0},
    };
    struct statfs status;
    unsigned long magic = statfs(bench->dir, &status) == 0 ? (unsigned long)status.f_type : 0;
    bench->durable = 1;
    snprintf(bench->disk, sizeof bench->disk, "file system 0x%lx", magic);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].magic != magic)
            continue;
        bench->durable = known[i].durable;
        snprintf(bench->disk, sizeof bench->disk, "%s", known[i].name);
    }
}

static int open_bench(struct bench *bench, struct error *err)
{
    snprintf(bench->dir, sizeof bench->dir, BUILD_FOLDER "/bench-XXXXXX");
    if (mkdtemp(bench->dir) == NULL) {
        bench->dir[0] = '\0';
        return error_set(err, ERR_IO,
                         "no folder can be made in build/ (%s): run it from the "
                         "repository's own folder",
                         strerror(errno));
    }
    bench->cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    name_disk(bench);
    double load[1] = {0};
    printf("%d cores; files on %s%s", bench->cores, bench->disk,
           bench->durable ? "" : ", which is memory: nothing below is durable");
    if (getloadavg(load, 1) == 1)
        printf("; load average %.1f%s", load[0],
               load[0] > 0.5 ? " (other work is running: believe ratios, not absolutes)" : "");
    printf("\n");
    return launcher_open_local(&bench->launcher, err);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static void close_bench(struct bench *bench)
{
    if (bench->launcher != NULL)
        bench->launcher->close(bench->launcher);
    if (bench->dir[0] != '\0')
        (void)nftw(bench->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

double bench_now_s(void)
{
    return (double)monotonic_ns() / 1e9;
}

double bench_memory_mb(pid_t pid, const char *field)
{
    char path[64], line[256];
    long long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            kib = strtoll(line + strlen(field) + 1, NULL, 10);
    if (file != NULL)
        fclose(file);
    return (double)kib / 1024;
}

static int by_value(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

double bench_percentile(double *values, int count, double share)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    int place = (int)(share * count);
    return values[place < count ? place : count - 1];
}
