/*
 * Files that a lab's manifest names, and files that were handed in under such names.
 */
#include "grade/wanted.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "course/manifest.h"
#include "grade/limits.h"
#include "grade/member_name.h"
#include "kit/error.h"

int wanted_read(struct wanted *wanted, const struct lab *lab, struct error *err)
{
    struct text names = {0};
    const int code = manifest_read(lab, &names, err);
    wanted->lab = lab;
    for (const char *at = text_str(&names); *at != '\0'; at += strcspn(at, "\n") + 1) {
        wanted->names = realloc(wanted->names, (size_t)(wanted->count + 1) * sizeof *wanted->names);
        if (wanted->names == NULL)
            abort();
        wanted->names[wanted->count++] = strndup(at, strcspn(at, "\n"));
    }
    text_release(&names);
    return code;
}

void wanted_release(struct wanted *wanted)
{
    for (int i = 0; i < wanted->count; i++)
        free(wanted->names[i]);
    free(wanted->names);
    *wanted = (struct wanted){0};
}

/* --- likeness --------------------------------------------------------------------------------- */

/* "order-1.c" as "order.c": the number stands before the whole ending. 0 when it has none. */
static int without_number(const char *name, char *out, size_t size)
{
    const char *base = member_base(name), *dot = strchr(base, '.'), *digits = dot;
    while (dot != NULL && digits > base && isdigit((unsigned char)digits[-1]))
        digits--;
    if (dot == NULL || digits == dot || digits == base || digits[-1] != '-')
        return 0;
    return snprintf(out, size, "%.*s%s", (int)(digits - 1 - name), name, dot) < (int)size;
}

int name_has_tail(const char *name, size_t length, const char *tail, int any_case)
{
    const size_t wanted = strlen(tail);
    if (length < wanted || (length > wanted && name[length - wanted - 1] != '/'))
        return 0;
    const char *at = name + length - wanted;
    return (any_case ? strncasecmp(at, tail, wanted) : strncmp(at, tail, wanted)) == 0;
}

enum likeness likeness_of(const char *name, const char *wanted, size_t *folder)
{
    static const char ending[] = ".txt";
    char plain[NAME_BYTES_MAX + 1];
    const size_t length = strlen(name), tail = strlen(wanted);
    *folder = length - (tail < length ? tail : length);
    if (name_has_tail(name, length, wanted, 0))
        return LIKE_NAMED;
    if (name_has_tail(name, length, wanted, 1))
        return LIKE_CASE;
    if (without_number(name, plain, sizeof plain) &&
        name_has_tail(plain, strlen(plain), wanted, 0)) {
        *folder = strlen(plain) - tail;
        return LIKE_NUMBERED;
    }
    if (!name_ends_with(name, ending) || !name_has_tail(name, length - strlen(ending), wanted, 0))
        return LIKE_NOTHING;
    *folder = length - strlen(ending) - tail;
    return LIKE_TEXT;
}

/* "C:/lab/order.c", from a packer that kept all of the path. */
static int has_drive(const char *name)
{
    return isalpha((unsigned char)name[0]) && name[1] == ':' && name[2] == '/';
}

int wanted_candidate(const struct item *item)
{
    size_t length = 0;
    return item->wrong == WRONG_NOTHING && item->path != NULL && !item->is_text &&
           member_junk(item->name, &length) == NULL && !has_drive(item->name);
}

int wanted_matches(const struct wanted *wanted, const char *name)
{
    size_t folder = 0;
    for (int i = 0; i < wanted->count; i++)
        if (likeness_of(name, wanted->names[i], &folder) != LIKE_NOTHING)
            return 1;
    return 0;
}

/* --- content ---------------------------------------------------------------------------------- */

int handed_read(const struct item *item, struct text *bytes, struct error *err)
{
    struct stat status;
    const int fd = open(item->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int code = 0;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        code = error_set(err, ERR_IO, "cannot read %s: %s", item->path,
                         fd < 0 ? strerror(errno) : "it is no file any more");
        goto out;
    }
    if (status.st_size > (off_t)SOURCE_KB_MAX << 10) {
        code = error_set(err, ERR_LIMIT, "%s has %lld KB; a source file has at most %d KB",
                         member_base(item->name), ((long long)status.st_size + 1023) >> 10,
                         SOURCE_KB_MAX);
        goto out;
    }
    const size_t size = (size_t)status.st_size;
    char *room = text_room(bytes, size);
    for (size_t got = 0; got < size;) {
        const ssize_t more = read(fd, room + got, size - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0) {
            code = error_set(err, ERR_IO, "cannot read %s", item->path);
            goto out;
        }
        got += (size_t)more;
    }
    bytes->length += size;
    bytes->bytes[bytes->length] = '\0';
out:
    if (fd >= 0)
        close(fd);
    return code;
}
