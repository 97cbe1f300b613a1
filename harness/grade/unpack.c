/*
 * This side of the pipe: starts the reader, counts what comes, keeps it in files.
 *
 * The reader may have been taken over by what it reads. So a record is only ever as long as it may
 * be, a member only ever what the limits leave, and all that a record can choose is the bytes of
 * files that are this archive's anyway.
 */
#define _GNU_SOURCE /* pipe2 */
#include "grade/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grade/kind.h"
#include "grade/limits.h"
#include "grade/member_name.h"
#include "grade/unpack_reader.h"
#include "kit/error.h"

enum { SIZE_THAT_CANNOT_BE = 8192 }; /* unpacked for one packed: xz reaches about 7,000 */

const struct unpack_limits unpack_student = {
    .packed_mb = PACKED_MB_MAX,
    .unpacked_mb = UNPACKED_MB_MAX,
    .file_mb = UNPACKED_MB_MAX,
    .ratio = RATIO_MAX,
    .members = MEMBERS_MAX,
    .cpu_s = UNPACK_CPU_S,
    .wall_s = UNPACK_WALL_S,
};
const struct unpack_limits unpack_class = {
    /* any ratio: a student's zeros are not the class's */
    .packed_mb = CLASS_PACKED_MB_MAX,
    .unpacked_mb = CLASS_UNPACKED_MB_MAX,
    .file_mb = CLASS_FILE_MB_MAX,
    .members = CLASS_MEMBERS_MAX,
    .cpu_s = CLASS_CPU_S,
    .wall_s = CLASS_WALL_S,
};

struct taking {
    const struct unpack *order;
    struct listing *listing;
    struct error *err;
    void (*read)(const struct unpack_limits *limits); /* what the reader runs */
    int pipe;
    pid_t reader;
    int64_t packed, unpacked; /* bytes so far */
    int first, file;          /* the first item that is this archive's; the number of a file */
    int fd;                   /* of the member that is being read, -1 = its bytes are not kept */
    int is_open;              /* a member has begun and not ended */
    int files, locked;        /* members that are files, and of those the encrypted ones */
};

/* --- the reader ------------------------------------------------------------------------------- */

static int start_reader(struct taking *taking, int archive)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(taking->err, ERR_IO, "cannot open a pipe: %s", strerror(errno));
    taking->reader = fork();
    if (taking->reader == 0) {
        close(ends[0]); /* or a reader whom nobody reads would wait for itself */
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXCPU, SIG_DFL);
        signal(SIGALRM, SIG_DFL);
        if (dup2(archive, STDIN_FILENO) < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
            _exit(EXIT_FAILURE);
        taking->read(taking->order->limits);
        _exit(EXIT_FAILURE);
    }
    close(ends[1]);
    taking->pipe = ends[0];
    if (taking->reader > 0)
        return 0;
    close(ends[0]);
    return error_set(taking->err, ERR_IO, "cannot start a process: %s", strerror(errno));
}

/* How the reader ended, for whom the pipe ended too early. */
static int reader_fell(struct taking *taking, int status)
{
    const char *name = taking->order->name;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return error_set(taking->err, ERR_LIMIT,
                         "%s takes more than %d s of processor time to unpack, the limit", name,
                         taking->order->limits->cpu_s);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        return error_set(taking->err, ERR_UNAVAILABLE,
                         "%s was not unpacked within %d s: look at the disk, and try again", name,
                         taking->order->limits->wall_s);
    return error_set(taking->err, ERR_UNAVAILABLE,
                     "the reader of archives fell over %s: a person should look at it", name);
}

/* 1 when all of it came, 0 at the pipe's end. */
static int read_all(int fd, void *bytes, size_t length)
{
    for (size_t got = 0; got < length;) {
        const ssize_t more = read(fd, (char *)bytes + got, length - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return 0;
        got += (size_t)more;
    }
    return 1;
}

/* --- limits ----------------------------------------------------------------------------------- */

static int count_bytes(struct taking *taking, int64_t more)
{
    const struct unpack_limits *limits = taking->order->limits;
    taking->unpacked += more;
    if (taking->unpacked > (int64_t)limits->unpacked_mb << 20)
        return error_set(taking->err, ERR_LIMIT, "unpacked, %s has more than %d MB, the limit",
                         taking->order->name, limits->unpacked_mb);
    if (limits->ratio > 0 && taking->unpacked > (int64_t)RATIO_FREE_MB << 20 &&
        taking->unpacked / limits->ratio > taking->packed)
        return error_set(taking->err, ERR_LIMIT,
                         "unpacked, %s has more than %d times its size, the limit (ratio)",
                         taking->order->name, limits->ratio);
    return 0;
}

static int count_member(struct taking *taking)
{
    const int members = taking->listing->count - taking->first + taking->listing->folders;
    if (members < taking->order->limits->members)
        return 0;
    return error_set(taking->err, ERR_LIMIT, "%s holds more than %d files, the limit",
                     taking->order->name, taking->order->limits->members);
}

/* --- members ---------------------------------------------------------------------------------- */

/* A file with the next number that is free. */
static int open_file(struct taking *taking, struct item *item)
{
    struct text path = {0};
    do {
        text_clear(&path);
        text_addf(&path, "%s/%06d", taking->order->folder, taking->file++);
        taking->fd =
            open(text_str(&path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    } while (taking->fd < 0 && errno == EEXIST && taking->file < CLASS_MEMBERS_MAX * 2);
    const int failed = taking->fd < 0 ? error_set(taking->err, ERR_IO, "cannot write %s: %s",
                                                  text_str(&path), strerror(errno))
                                      : 0;
    if (failed == 0)
        item->path = text_detach(&path);
    text_release(&path);
    return failed;
}

static int begin_member(struct taking *taking, const struct record *record, const char *name)
{
    const struct unpack *order = taking->order;
    const int64_t limit = (int64_t)order->limits->unpacked_mb << 20;
    int code = count_member(taking);
    if (code != 0)
        return code;
    if (record->value > limit && record->value / SIZE_THAT_CANNOT_BE > taking->packed)
        return error_set(taking->err, ERR_INVALID,
                         "the archive is damaged (a size that cannot be); %s", order->again);
    if (record->value > limit && order->limits->file_mb == order->limits->unpacked_mb)
        return count_bytes(taking, record->value);
    struct item *item = listing_add(taking->listing, name, NULL, 0);
    item->later_wins = record->later_wins != 0;
    item->wrong = member_name_wrong(name);
    taking->is_open = 1;
    taking->files++;
    if (item->wrong != WRONG_NOTHING ||
        (order->keeps != NULL && !order->keeps(order->context, name)))
        return 0;
    return open_file(taking, item);
}

static struct item *open_item(const struct taking *taking)
{
    return &taking->listing->items[taking->listing->count - 1];
}

static int add_bytes(struct taking *taking, const char *bytes, size_t length)
{
    struct item *item = open_item(taking);
    item->size += (int64_t)length;
    if (item->size > (int64_t)taking->order->limits->file_mb << 20) {
        item->wrong = WRONG_LARGE; /* what is in its file goes at its end */
        return 0;
    }
    int code = count_bytes(taking, (int64_t)length);
    for (size_t done = 0; code == 0 && taking->fd >= 0 && done < length;) {
        const ssize_t written = write(taking->fd, bytes + done, length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            code = error_set(taking->err, ERR_IO,
                             "cannot write %s: %s. Free some space there, then run it again",
                             item->path, strerror(errno));
        else
            done += (size_t)written;
    }
    return code;
}

static int end_member(struct taking *taking, int64_t wrong)
{
    struct item *item = open_item(taking);
    taking->is_open = 0;
    if (taking->fd >= 0 && close(taking->fd) != 0)
        return error_set(taking->err, ERR_IO, "cannot write %s: %s", item->path, strerror(errno));
    taking->fd = -1;
    if (wrong != WRONG_NOTHING && item->wrong == WRONG_NOTHING)
        item->wrong = wrong > 0 && wrong <= WRONG_METHOD ? (enum wrong)wrong : WRONG_CHECKSUM;
    taking->locked += item->wrong == WRONG_LOCKED;
    if (item->wrong != WRONG_NOTHING && item->path != NULL) {
        unlink(item->path);
        free(item->path);
        item->path = NULL;
    }
    return 0;
}

/* --- the end ---------------------------------------------------------------------------------- */

static int archive_failed(const struct taking *taking, int64_t fault, const char *words)
{
    switch (fault) {
    case READER_CUT:
        return error_set(taking->err, ERR_INVALID, "the archive is damaged (cut off); %s",
                         taking->order->again);
    case READER_FORMAT: {
        struct text sentence = {0};
        const enum kind kind = kind_of(taking->order->archive);
        if (kind == KIND_GZIP || kind == KIND_XZ)
            text_add(&sentence, "one compressed file was handed in, not a tar of all of them; hand "
                                "in .zip, .tar, .tar.gz or .tar.xz");
        else
            kind_refusal(kind, taking->order->name, &sentence);
        error_set(taking->err, ERR_INVALID, "%s", text_str(&sentence));
        text_release(&sentence);
        return ERR_INVALID;
    }
    case READER_NAMES:
        return error_set(taking->err, ERR_INVALID,
                         "the archive is inconsistent (names differ); pack it again");
    case READER_OVERLAP:
        return error_set(taking->err, ERR_INVALID,
                         "the archive is inconsistent (members overlap); pack it again");
    case READER_MANY:
        return error_set(taking->err, ERR_LIMIT, "%s holds more than %d files, the limit",
                         taking->order->name, taking->order->limits->members);
    default:
        return error_set(taking->err, ERR_IO, "the reader of archives cannot start: %s", words);
    }
}

static int archive_ended(const struct taking *taking)
{
    if (taking->files > 0 && taking->locked == taking->files)
        return error_set(taking->err, ERR_INVALID,
                         "this archive has a password; hand it in again without one");
    if (taking->files == 0)
        return error_set(taking->err, ERR_INVALID,
                         taking->listing->folders > 0 ? "the archive holds folders but no files"
                                                      : "the archive is empty");
    return 0;
}

enum { GOES_ON = 1 };

/* GOES_ON, or the code of unpack. */
static int take_record(struct taking *taking, const struct record *record, const char *bytes)
{
    const int is_text = strlen(bytes) == record->length;
    int code = 0;
    if (record->kind == RECORD_ALL && !taking->is_open)
        return archive_ended(taking);
    if (record->kind == RECORD_FAILED)
        return archive_failed(taking, record->value, bytes);
    if (record->kind == RECORD_MEMBER && !taking->is_open && is_text) {
        code = begin_member(taking, record, bytes);
    } else if (record->kind == RECORD_BYTES && taking->is_open) {
        code = add_bytes(taking, bytes, record->length);
    } else if (record->kind == RECORD_END && taking->is_open) {
        code = end_member(taking, record->value);
    } else if (record->kind == RECORD_FOLDER && !taking->is_open) {
        code = count_member(taking);
        taking->listing->folders++;
    } else {
        code = reader_fell(taking, 0);
    }
    return code == 0 ? GOES_ON : code;
}

static int take_records(struct taking *taking)
{
    char *bytes = malloc(RECORD_BYTES_MAX + 1);
    int code = bytes == NULL ? ERR_IO : GOES_ON, status = 0;
    while (code == GOES_ON) {
        struct record record;
        if (!read_all(taking->pipe, &record, sizeof record))
            break;
        if (record.length > RECORD_BYTES_MAX) {
            code = reader_fell(taking, 0);
            break;
        }
        if (!read_all(taking->pipe, bytes, record.length))
            break;
        bytes[record.length] = '\0';
        code = take_record(taking, &record, bytes);
    }
    free(bytes);
    close(taking->pipe);
    if (code < 0)
        kill(taking->reader, SIGKILL);
    while (waitpid(taking->reader, &status, 0) < 0 && errno == EINTR)
        ;
    if (taking->fd >= 0)
        close(taking->fd);
    return code == GOES_ON ? reader_fell(taking, status) : code;
}

int unpack(const struct unpack *order, struct listing *listing, struct error *err)
{
    return unpack_by(unpack_reader, order, listing, err);
}

int unpack_by(void (*reader)(const struct unpack_limits *limits), const struct unpack *order,
              struct listing *listing, struct error *err)
{
    struct taking taking = {
        .order = order, .listing = listing, .err = err, .read = reader, .fd = -1};
    struct stat status;
    const int archive = open(order->archive, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (archive < 0 || fstat(archive, &status) != 0 || !S_ISREG(status.st_mode)) {
        const int code = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
        error_set(err, code, "cannot read %s: %s", order->name,
                  archive < 0 ? strerror(errno) : "it is not a file");
        if (archive >= 0)
            close(archive);
        return code;
    }
    taking.packed = status.st_size;
    taking.first = listing->count;
    int code = 0;
    if (status.st_size == 0)
        code = error_set(err, ERR_INVALID, "the file is empty (0 bytes)");
    else if (status.st_size > (int64_t)order->limits->packed_mb << 20)
        code = error_set(err, ERR_LIMIT, "%s has %" PRId64 " MB; the limit is %d MB", order->name,
                         (int64_t)status.st_size >> 20, order->limits->packed_mb);
    else
        code = start_reader(&taking, archive);
    close(archive);
    return code == 0 && taking.reader > 0 ? take_records(&taking) : code;
}
