#define _GNU_SOURCE /* tdestroy */
/*
 * The ledger in memory is what its file adds up to: every row, read or new, goes through apply().
 * A row is a frame with one line of probe/message.h in it. Rows and sagas are found by the C
 * library's balanced trees.
 */
#include "peers/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/frames.h"
#include "kit/json.h"
#include "probe/message.h"

struct kept_row {
    struct ledger_row row; /* first: the tree's keys are rows; its strings are the message's */
    struct message message;
};

struct ledger {
    int fd;
    off_t size; /* bytes of whole frames in the file */
    uint32_t sequence;
    void *rows;  /* tree of kept_row by key */
    void *sagas; /* tree of ledger_saga by saga */
    struct ledger_saga **all;
    size_t count, capacity;
};

static int by_key(const void *one, const void *other)
{
    return strcmp(((const struct ledger_row *)one)->key, ((const struct ledger_row *)other)->key);
}

static int by_saga(const void *one, const void *other)
{
    return strcmp(((const struct ledger_saga *)one)->saga,
                  ((const struct ledger_saga *)other)->saga);
}

static void free_row(void *kept)
{
    message_release(&((struct kept_row *)kept)->message);
    free(kept);
}

static void free_saga(void *saga)
{
    free(((struct ledger_saga *)saga)->saga);
    free(saga);
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort(); /* a peer without memory can only be a broken harness */
    return memory;
}

static struct ledger_saga *saga_of(struct ledger *ledger, const char *id)
{
    struct ledger_saga *wanted = must(calloc(1, sizeof *wanted));
    wanted->saga = must(strdup(id));
    struct ledger_saga *found =
        *(struct ledger_saga **)must(tsearch(wanted, &ledger->sagas, by_saga));
    if (found != wanted) {
        free_saga(wanted);
        return found;
    }
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity > 0 ? 2 * ledger->capacity : 64;
        ledger->all = must(realloc(ledger->all, ledger->capacity * sizeof *ledger->all));
    }
    ledger->all[ledger->count++] = found;
    return found;
}

/* Takes the line of a row: what it did, and the row itself. */
static int apply(struct ledger *ledger, const char *line, struct error *err)
{
    struct kept_row *kept = must(calloc(1, sizeof *kept));
    struct ledger_row *row = &kept->row;
    int64_t back = 0;
    if (message_parse(line, &kept->message, err) != 0 ||
        message_get_int64(&kept->message, "back", &back) != 0 ||
        message_get_int64(&kept->message, "cents", &row->cents) != 0 ||
        message_get_int64(&kept->message, "moved", &row->moved_cents) != 0) {
        free_row(kept);
        return error_set(err, ERR_CORRUPT, "the ledger has a row that is none: %.80s", line);
    }
    row->key = message_get_or(&kept->message, "key", "");
    row->saga = message_get_or(&kept->message, "saga", "");
    row->body = message_get_or(&kept->message, "body", "");
    row->reason = message_get_or(&kept->message, "reason", "");
    row->back = back != 0;
    must(tsearch(kept, &ledger->rows, by_key));
    if (row->reason[0] != '\0')
        return 0;
    struct ledger_saga *saga = saga_of(ledger, row->saga);
    if (!row->back) {
        saga->done++;
        saga->cents += row->moved_cents;
    } else if (saga->done > saga->undone) {
        saga->undone++;
        saga->cents -= row->moved_cents;
    } else {
        saga->barred++;
    }
    return 0;
}

/* Reads the whole file into bytes. */
static int read_file(int fd, struct text *bytes)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return ERR_IO;
    char *at = text_room(bytes, (size_t)status.st_size);
    for (off_t got = 0; got < status.st_size;) {
        ssize_t some = pread(fd, at + got, (size_t)(status.st_size - got), got);
        if (some <= 0)
            return ERR_IO;
        got += some;
        bytes->length = (size_t)got;
    }
    at[status.st_size] = '\0';
    return 0;
}

int ledger_open(struct ledger **out, const char *path, struct error *err)
{
    struct ledger *ledger = must(calloc(1, sizeof *ledger));
    struct text bytes = {0}, line = {0};
    const void *payload = NULL;
    size_t length = 0;
    int more = 0, result = 0;
    ledger->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (ledger->fd < 0 || read_file(ledger->fd, &bytes) != 0) {
        result = error_set(err, ERR_IO, "cannot read the ledger %s: %s", path, strerror(errno));
        goto out;
    }
    struct frame_reader reader = {.bytes = text_str(&bytes), .length = bytes.length};
    while (result == 0 && (more = frame_next(&reader, &payload, &length, err)) == 1) {
        text_clear(&line);
        text_append(&line, payload, length);
        result = apply(ledger, text_str(&line), err);
    }
    if (more < 0)
        result = more;
    ledger->size = (off_t)reader.offset;
    ledger->sequence = reader.sequence;
    if (result == 0 && ftruncate(ledger->fd, ledger->size) != 0)
        result = error_set(err, ERR_IO, "cannot repair the ledger %s: %s", path, strerror(errno));
out:
    text_release(&bytes);
    text_release(&line);
    if (result == 0)
        *out = ledger;
    else
        ledger_close(ledger);
    return result;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    tdestroy(ledger->rows, free_row);
    tdestroy(ledger->sagas, free_saga);
    free(ledger->all);
    if (ledger->fd >= 0)
        close(ledger->fd);
    free(ledger);
}

const struct ledger_row *ledger_find(const struct ledger *ledger, const char *key)
{
    const struct ledger_row wanted = {.key = key};
    void *const *found = tfind(&wanted, &ledger->rows, by_key);
    return found != NULL ? *found : NULL;
}

struct ledger_saga ledger_saga(const struct ledger *ledger, const char *saga)
{
    char *name = must(strdup(saga));
    const struct ledger_saga wanted = {.saga = name};
    void *const *found = tfind(&wanted, &ledger->sagas, by_saga);
    struct ledger_saga none = {0};
    if (found != NULL)
        none = *(const struct ledger_saga *)*found;
    free(name);
    return none;
}

/* Takes away what a failed write has left of a row: the next one may be shorter, and bytes that
   stay behind it would be read as a damaged row. ERR_IO either way. */
static int undo_write(struct ledger *ledger, const char *why, struct error *err)
{
    if (ftruncate(ledger->fd, ledger->size) != 0)
        return error_set(err, ERR_IO, "the ledger cannot be written (%s), nor cut back: %s", why,
                         strerror(errno));
    return error_set(err, ERR_IO, "the ledger cannot be written: %s", why);
}

int ledger_add(struct ledger *ledger, const struct ledger_row *row, struct error *err)
{
    struct text line = {0}, frame = {0};
    message_begin(&line, "row");
    message_add(&line, "key", row->key);
    message_add(&line, "saga", row->saga);
    message_add(&line, "body", row->body);
    message_add(&line, "reason", row->reason);
    message_add_int64(&line, "back", row->back);
    message_add_int64(&line, "cents", row->cents);
    message_add_int64(&line, "moved", row->moved_cents);
    frame_append(&frame, ledger->sequence, line.bytes, line.length);
    ssize_t written = pwrite(ledger->fd, frame.bytes, frame.length, ledger->size);
    int result = 0;
    if (written == (ssize_t)frame.length) {
        ledger->size += written;
        ledger->sequence++;
        result = apply(ledger, text_str(&line), err);
    } else {
        result = undo_write(ledger, written < 0 ? strerror(errno) : "the write was cut short", err);
    }
    text_release(&line);
    text_release(&frame);
    return result;
}

static void put_numbers(struct json_writer *writer, const struct ledger_saga *saga)
{
    json_put_int64(writer, "done", saga->done);
    json_put_int64(writer, "undone", saga->undone);
    json_put_int64(writer, "barred", saga->barred);
    json_put_int64(writer, "cents", saga->cents);
}

void ledger_json(const struct ledger *ledger, struct json_writer *writer)
{
    struct ledger_saga sum = {0};
    for (size_t i = 0; i < ledger->count; i++) {
        sum.done += ledger->all[i]->done;
        sum.undone += ledger->all[i]->undone;
        sum.barred += ledger->all[i]->barred;
        sum.cents += ledger->all[i]->cents;
    }
    put_numbers(writer, &sum);
    json_open_array(writer, "sagas");
    for (size_t i = 0; i < ledger->count; i++) {
        json_open_object(writer, NULL);
        json_put_string(writer, "saga", ledger->all[i]->saga);
        put_numbers(writer, ledger->all[i]);
        json_close_object(writer);
    }
    json_close_array(writer);
}
