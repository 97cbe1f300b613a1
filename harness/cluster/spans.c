#define _GNU_SOURCE
#include "cluster/spans.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/json_read.h"
#include "kit/error.h"

enum { STATUS_MIN = 100, STATUS_MAX = 599 };

/* Year 2096: sums and differences of two such times are no overflow. */
#define UNIX_NS_MAX INT64_C(4000000000000000000)

/* --- bytes ---------------------------------------------------------------------------------- */

/* Reads up to SPANS_BYTES_MAX bytes from start on; the file may grow meanwhile. */
static int read_bytes(int fd, off_t start, struct text *out, struct error *err)
{
    char bytes[16384];
    while (out->length < SPANS_BYTES_MAX) {
        ssize_t got = pread(fd, bytes, sizeof bytes, start + (off_t)out->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERR_IO, "cannot read the spans: %s", strerror(errno));
        if (got == 0)
            break;
        text_append(out, bytes, (size_t)got);
    }
    return 0;
}

/* Reads the end of the file, from the start of a line on. *is_cut: there was more before it. */
static int read_end(const char *path, struct text *out, int *is_cut, struct error *err)
{
    struct stat status;
    /* A student's service may have put a pipe or a link there. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return error_set(err, errno == ELOOP ? ERR_INVALID : ERR_IO, "cannot read %s: %s", path,
                         strerror(errno));
    int result = 0;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        result = error_set(err, ERR_INVALID, "%s is no regular file", path);
    } else {
        off_t start = status.st_size > SPANS_BYTES_MAX ? status.st_size - SPANS_BYTES_MAX : 0;
        result = read_bytes(fd, start, out, err);
        *is_cut = start > 0;
    }
    close(fd);
    return result;
}

/* --- lines ---------------------------------------------------------------------------------- */

/* Unix nanoseconds; 0 for anything else. */
static int64_t member_ns(const cJSON *json, const char *name)
{
    const char *digits = json_member_text(json, name);
    char *end = NULL;
    errno = 0;
    int64_t ns = strtoll(digits, &end, 10);
    return errno == 0 && *end == '\0' && ns > 0 && ns <= UNIX_NS_MAX ? ns : 0;
}

static int member_status(const cJSON *json)
{
    const int64_t status = json_member_int64(json, "httpStatus");
    return status >= STATUS_MIN && status <= STATUS_MAX ? (int)status : 0;
}

/* 0, or ERR_INVALID for a line that is no span. */
static int read_span(const char *line, size_t length, struct call_span *span)
{
    cJSON *json = length <= SPANS_LINE_MAX ? json_parse(line, length, NULL) : NULL;
    *span = (struct call_span){.json = json,
                               .trace_id = json_member_text(json, "traceId"),
                               .id = json_member_text(json, "spanId"),
                               .parent_id = json_member_text(json, "parentSpanId"),
                               .service = json_member_text(json, "service"),
                               .name = json_member_text(json, "name"),
                               .target = json_member_text(json, "target"),
                               .peer = json_member_text(json, "peer"),
                               .start_ns = member_ns(json, "startUnixNano"),
                               .end_ns = member_ns(json, "endUnixNano"),
                               .status = member_status(json),
                               .parent = -1};
    const char *kind = json_member_text(json, "kind");
    span->is_client = strcmp(kind, "client") == 0;
    if (span->end_ns > 0 && span->end_ns < span->start_ns)
        span->end_ns = span->start_ns; /* its clock was set back */
    if ((span->is_client || strcmp(kind, "server") == 0) && span->id[0] != '\0' &&
        span->service[0] != '\0' && span->start_ns > 0)
        return 0;
    cJSON_Delete(json);
    return ERR_INVALID;
}

/* The last SPANS_MAX lines of bytes. */
static const char *last_lines(const char *bytes, size_t length)
{
    int lines = 0;
    for (size_t at = length; at > 0; at--)
        if (bytes[at - 1] == '\n' && at < length && ++lines == SPANS_MAX)
            return bytes + at;
    return bytes;
}

/* --- trees ---------------------------------------------------------------------------------- */

static int compare_ids(const struct call_span *span, const char *trace_id, const char *id)
{
    int difference = strcmp(span->id, id);
    return difference != 0 ? difference : strcmp(span->trace_id, trace_id);
}

static int by_id(const void *left, const void *right)
{
    const struct call_span *a = *(const struct call_span *const *)left;
    const struct call_span *b = *(const struct call_span *const *)right;
    int difference = compare_ids(a, b->trace_id, b->id);
    return difference != 0 ? difference : (a > b) - (a < b); /* of equal ids the first counts */
}

/* The place of the first span of that id in sorted; -1: there is none. */
static int find(const struct call_span *const *sorted, int count, const char *trace_id,
                const char *id)
{
    int low = 0;
    for (int high = count; low < high;) {
        int middle = low + (high - low) / 2;
        if (compare_ids(sorted[middle], trace_id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && compare_ids(sorted[low], trace_id, id) == 0 ? low : -1;
}

/* Takes the parent from one span of each circle. seen has a zero for each span. */
static void cut_circles(struct span_file *file, int *seen)
{
    for (int i = 0; i < file->count; i++)
        for (int at = i; at >= 0 && seen[at] == 0; at = file->spans[at].parent) {
            int parent = file->spans[at].parent;
            seen[at] = i + 1;
            if (parent >= 0 && seen[parent] == i + 1)
                file->spans[at].parent = -1;
        }
}

static int join(struct span_file *file, struct error *err)
{
    if (file->count == 0)
        return 0;
    const struct call_span **sorted = calloc((size_t)file->count, sizeof *sorted);
    int *seen = calloc((size_t)file->count, sizeof *seen);
    int result = sorted != NULL && seen != NULL ? 0 : ERR_LIMIT;
    for (int i = 0; result == 0 && i < file->count; i++)
        sorted[i] = &file->spans[i];
    if (result == 0)
        qsort(sorted, (size_t)file->count, sizeof *sorted, by_id);
    else
        error_set(err, result, "out of memory for %d spans", file->count);
    for (int i = 0; result == 0 && i < file->count; i++) {
        struct call_span *span = &file->spans[i];
        int place = span->parent_id[0] != '\0'
                        ? find(sorted, file->count, span->trace_id, span->parent_id)
                        : -1;
        span->parent = place >= 0 ? (int)(sorted[place] - file->spans) : -1;
    }
    if (result == 0)
        cut_circles(file, seen);
    free(sorted);
    free(seen);
    return result;
}

/* --- the whole ------------------------------------------------------------------------------ */

int spans_read(const char *path, struct span_file *file, struct error *err)
{
    struct text bytes = {0};
    *file = (struct span_file){0};
    int result = read_end(path, &bytes, &file->is_cut, err);
    if (result == 0 && (file->spans = calloc(SPANS_MAX, sizeof *file->spans)) == NULL)
        result = error_set(err, ERR_LIMIT, "out of memory for %d spans", SPANS_MAX);
    const char *end = text_str(&bytes) + bytes.length;
    const char *line = result == 0 ? last_lines(text_str(&bytes), bytes.length) : end;
    file->is_cut |= line != end && line != text_str(&bytes);
    while (line < end && file->count < SPANS_MAX) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((line_end != NULL ? line_end : end) - line);
        if (read_span(line, length, &file->spans[file->count]) == 0)
            file->count++;
        line += length + 1;
    }
    text_release(&bytes);
    return result == 0 ? join(file, err) : result;
}

void spans_release(struct span_file *file)
{
    for (int i = 0; i < file->count; i++)
        cJSON_Delete(file->spans[i].json);
    free(file->spans);
    *file = (struct span_file){0};
}
