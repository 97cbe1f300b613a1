/*
 * Folders and files of the judge.
 */
#define _GNU_SOURCE /* nftw, mkostemp */
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

/* What errno says of path, and what to do about it. */
static int cannot_write(const char *path, struct error *err)
{
    const int reason = errno;
    const char *cure = "Look at its folder, then run it again";
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
        cure = "Free some space there, then run it again";
    else if (reason == ENOENT || reason == ENOTDIR)
        cure = "Make its folder first";
    else if (reason == EACCES || reason == EPERM || reason == EROFS)
        cure = "Make its folder writable, or name another place";
    return error_set(err, ERR_IO, "cannot write %s: %s. %s.", path, strerror(reason), cure);
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

/* After a rename: the name is on the disk too. A folder that may not be read cannot be synced, nor
   can some file systems' folders; then the file is there, as safe as it can be. */
static int sync_folder(const char *path)
{
    struct text folder = {0};
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        text_add(&folder, ".");
    else
        text_append(&folder, path, slash == path ? 1 : (size_t)(slash - path));
    int fd = open(text_str(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    text_release(&folder);
    if (fd < 0)
        return errno == EACCES ? 0 : -1;
    int failed = fsync(fd) != 0 && errno != EINVAL;
    const int reason = errno;
    close(fd);
    errno = reason;
    return failed ? -1 : 0;
}

int files_write(const char *path, const char *bytes, size_t length, struct error *err)
{
    struct text beside = {0};
    struct stat old;
    int code = 0;
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode))
        return error_set(err, ERR_IO, "cannot write %s: it is not a file. Name another place.",
                         path);
    text_addf(&beside, "%s.XXXXXX", path);
    int fd = mkostemp(beside.bytes, O_CLOEXEC);
    if (fd < 0) {
        code = cannot_write(path, err);
        goto out;
    }
    /* mkostemp makes files private; these are for whoever may read their folder. */
    if (write_all(fd, bytes, length) != 0 || fsync(fd) != 0 || fchmod(fd, 0644) != 0)
        code = cannot_write(path, err);
    if (close(fd) != 0 && code == 0)
        code = cannot_write(path, err);
    if (code == 0 && rename(text_str(&beside), path) != 0)
        code = cannot_write(path, err);
    if (code != 0)
        unlink(text_str(&beside));
    else if (sync_folder(path) != 0)
        code = cannot_write(path, err);
out:
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
