/*
 * Finding the build folder: upwards from the program.
 */
#define _GNU_SOURCE /* readlink under every libc */
#include "base/places.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"

static int is_build(const char *folder)
{
    struct text mark = {0};
    text_addf(&mark, "%s/sources", folder);
    const int found = files_exist(text_str(&mark));
    text_release(&mark);
    return found;
}

void place_in_build(struct text *path, const char *below)
{
    char folder[PATH_MAX], here[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = NULL;
    do {
        slash = strrchr(folder, '/');
        if (slash != NULL)
            *slash = '\0';
    } while (slash != NULL && !is_build(folder));
    const size_t root = getcwd(here, sizeof here) != NULL ? strlen(here) : 0;
    if (slash == NULL)
        text_add(path, "build");
    else if (root > 0 && strncmp(folder, here, root) == 0 && folder[root] == '/')
        text_add(path, folder + root + 1);
    else
        text_add(path, folder);
    text_addf(path, "%s%s", below[0] != '\0' ? "/" : "", below);
}
