/*
 * What a student waits for: compiling alone, and the whole of `make check`.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/bench.h"
#include "kit/error.h"

/* A copy of the reference compiles from nothing: what is compiled is what students write, and what
   is given beside it; kit and harness stand. */
static double compile_alone(struct bench *bench, struct error *err)
{
    char tree[80], labs[96], objects[160];
    snprintf(tree, sizeof tree, "%s/tree", bench->dir);
    snprintf(labs, sizeof labs, "LABS=%s", tree);
    const char *const copy[] = {"/bin/cp", "-r", "solutions", tree, NULL};
    const char *const make[] = {"/usr/bin/make", "--no-print-directory", "labs-built", labs, NULL};
    double copied_s = bench_time_program(bench, copy, err);
    double took_s = copied_s < 0 ? copied_s : bench_time_program(bench, make, err);

    /* The Makefile's folder for a tree is its path with _ for /. */
    snprintf(objects, sizeof objects, "build/asan/%s", tree);
    for (char *c = objects + strlen("build/asan/"); *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
    const char *const clean[] = {"/bin/rm", "-rf", objects, tree, NULL};
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
