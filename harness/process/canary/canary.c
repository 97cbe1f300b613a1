/*
 * The canary: a program of ours that does what every student's program needs done, under the same
 * launcher, limits and sanitizers. Where it fails, so does right code, and the machine is at fault.
 *
 * It writes the name of each step to stdout before the step, a line each, so the last line says
 * where it ended, whatever ended it (process/runtime.c reads them):
 *     random    only where addresses are random: then one good start proves little
 *     start     the sanitizer's runtime is up
 *     memory    so many megabytes can be written to
 *     threads   so many run at once
 *     end       main returns, and LeakSanitizer looks for what was lost
 * Exit status 0 is well; 1, the step failed; anything else, a sanitizer or a signal ended it.
 *
 *     canary MEGABYTES THREADS
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "process/threads.h"

enum { PIECE_BYTES = 16 << 20, PIECES_MAX = 64 };

static int begin_step(const char *line)
{
    return write(STDOUT_FILENO, line, strlen(line)) == (ssize_t)strlen(line) ? 0 : -1;
}

/* All at once, in pieces, for one of this size might be refused. */
static int use_memory(long megabytes)
{
    char *pieces[PIECES_MAX] = {0};
    int count = (int)((megabytes << 20) / PIECE_BYTES), taken = 0;
    while (taken < count && taken < PIECES_MAX && (pieces[taken] = malloc(PIECE_BYTES)) != NULL)
        memset(pieces[taken++], 1, PIECE_BYTES);
    long sum = 0; /* of what was written, or the compiler leaves all of it out */
    for (int i = 0; i < taken; i++) {
        sum += pieces[i][PIECE_BYTES - 1];
        free(pieces[i]);
    }
    return sum == count ? 0 : -1;
}

int main(int argc, char **argv)
{
    int persona = personality(0xffffffff);
    if (argc != 3)
        return EXIT_FAILURE;
    if (persona < 0 || (persona & ADDR_NO_RANDOMIZE) == 0)
        begin_step("random\n");
    if (begin_step("start\n") != 0 || begin_step("memory\n") != 0 ||
        use_memory(strtol(argv[1], NULL, 10)) != 0)
        return EXIT_FAILURE;
    if (begin_step("threads\n") != 0 || !threads_fit((int)strtol(argv[2], NULL, 10)))
        return EXIT_FAILURE;
    return begin_step("end\n") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
