#include "report/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/error.h"

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

int file_write(const char *path, const struct text *content, struct error *err)
{
    struct text beside = {0};
    int status = ERR_IO;

    text_addf(&beside, "%s.XXXXXX", path);
    int fd = mkstemp(beside.bytes);
    if (fd < 0) {
        error_set(err, ERR_IO, "Cannot write %s: %s. Is its folder there and writable?", path,
                  strerror(errno));
        text_release(&beside);
        return ERR_IO;
    }
    /* mkstemp makes files private; a report is for whoever may read its folder. */
    int failed = write_all(fd, text_str(content), content->length) != 0 || fsync(fd) != 0 ||
                 fchmod(fd, 0644) != 0;
    int reason = errno;
    if (close(fd) != 0 && !failed) {
        failed = 1;
        reason = errno;
    }
    if (!failed && rename(beside.bytes, path) != 0) {
        failed = 1;
        reason = errno;
    }
    if (failed) {
        unlink(beside.bytes);
        error_set(err, ERR_IO, "Cannot write %s: %s. Free some space and run it again.", path,
                  strerror(reason));
    } else {
        status = 0;
    }
    text_release(&beside);
    return status;
}
