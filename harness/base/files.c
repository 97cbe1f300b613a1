/*
 * Folders and files of the judge.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "kit/error.h"

enum { WALK_DESCRIPTORS = 16 };

int files_make_temporary(char **path, struct error *err)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0')
        parent = "/tmp";
    struct text name = {0};
    text_addf(&name, "%s/svclab-XXXXXX", parent);
    if (mkdtemp(name.bytes) == NULL) {
        text_release(&name);
        return error_set(err, ERR_IO,
                         "cannot make a folder in %s: %s. Free some space there, or set TMPDIR to "
                         "another folder.",
                         parent, strerror(errno));
    }
    *path = text_detach(&name);
    return 0;
}

int files_make(const char *path, struct error *err)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return error_set(err, ERR_IO, "the path is too long: %.100s...", path);
    for (char *slash = part + 1;; slash++) {
        if (*slash != '/' && *slash != '\0')
            continue;
        char was = *slash;
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_set(err, ERR_IO, "cannot make the folder %s: %s", part, strerror(errno));
        if (was == '\0')
            return 0;
        *slash = was;
    }
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    remove(path);
    return 0;
}

void files_remove(const char *path)
{
    nftw(path, remove_entry, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int files_read(const char *path, size_t limit, struct text *out, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot read %s: %s", path,
                         strerror(errno));
    char bytes[4096];
    size_t got = 0;
    while (limit > 0 && (got = fread(bytes, 1, sizeof bytes, file)) > 0) {
        size_t take = got < limit ? got : limit;
        text_append(out, bytes, take);
        limit -= take;
    }
    int failed = ferror(file);
    fclose(file);
    return failed ? error_set(err, ERR_IO, "cannot read %s", path) : 0;
}

int files_write(const char *path, const char *bytes, size_t length, struct error *err)
{
    struct text beside = {0};
    text_addf(&beside, "%s.%ld.new", path, (long)getpid());
    FILE *file = fopen(text_str(&beside), "we");
    int failed = file == NULL;
    if (file != NULL) {
        failed = fwrite(bytes, 1, length, file) != length;
        failed |= fclose(file) != 0;
    }
    failed = failed || rename(text_str(&beside), path) != 0;
    int code = 0;
    if (failed) {
        code = error_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
        remove(text_str(&beside));
    }
    text_release(&beside);
    return code;
}

int files_exist(const char *path)
{
    return access(path, F_OK) == 0;
}

int files_need_room(const char *path, int megabytes, struct error *err)
{
    struct statvfs room;
    if (statvfs(path, &room) != 0 || room.f_blocks == 0) /* a file system that does not say */
        return 0;
    if ((uint64_t)room.f_bavail * room.f_frsize >= (uint64_t)megabytes << 20)
        return 0;
    return error_set(err, ERR_IO,
                     "less than %d MB are free below %s, and a check needs that much. Free some "
                     "space there, or set TMPDIR to another folder.",
                     megabytes, path);
}
