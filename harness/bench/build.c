/*
 * What a student waits for: compiling alone, and the whole of `make check`.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/bench.h"
#include "kit/error.h"

/* A copy of the reference compiles from nothing: what students write; what is given stands. */
static double compile_alone(struct bench *bench, struct error *err)
{
    char tree[80], out[96];
    snprintf(tree, sizeof tree, "%s/tree", bench->dir);
    snprintf(out, sizeof out, "%s/programs", bench->dir);
    const char *const copy[] = {"/bin/cp", "-r", "solutions", tree, NULL};
    double took_s = bench_time_program(bench, copy, err) < 0 ? -1 : 0;
    static const char *const labs[] = {"00", "01", "02", "03"};
    for (size_t i = 0; i < sizeof labs / sizeof labs[0] && took_s >= 0; i++) {
        const char *const build[] = {
            BUILD_FOLDER "/svclab", "build", "--lab", labs[i], "--tree", tree, "--out", out, NULL};
        const double lab_s = bench_time_program(bench, build, err);
        took_s = lab_s < 0 ? lab_s : took_s + lab_s;
    }
    const char *const clean[] = {"/bin/rm", "-rf", out, tree, NULL};
    (void)bench_time_program(bench, clean, NULL);
    return took_s;
}

int bench_build(struct bench *bench, struct error *err)
{
    if (access("Makefile", R_OK) != 0)
        return error_set(err, ERR_NOT_FOUND, "there is no Makefile here: run `make bench`");
    const char *const check[] = {"/usr/bin/make", "--no-print-directory", "check", "LABS=solutions",
                                 NULL};
    (void)bench_time_program(bench, check, NULL); /* to be warm: all is built then */
    double compile_s = compile_alone(bench, err);
    double check_s = compile_s < 0 ? compile_s : bench_time_program(bench, check, err);
    if (check_s < 0)
        return (int)check_s;
    printf("compile all labs' programs (ASan, UBSan), nothing else   %.2f s\n", compile_s);
    printf("make check LABS=solutions, nothing to compile            %.2f s = %.1f times that\n",
           check_s, check_s / compile_s);
    return 0;
}
