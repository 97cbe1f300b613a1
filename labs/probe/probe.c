/*
 * The probe's loop: read an action line, run its handler, write one reply line.
 *
 * The two descriptors come as small numbers and move high up at once, marked close-on-exec: a lab
 * that closes "everything from 3 to 20" or starts a program keeps its grade. Input is read by
 * plain read(2), so nothing is shared with the student's stdio.
 */
#include "probe/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/error.h"
#include "kit/limits.h"

enum { HIGH_DESCRIPTOR = 700 };

struct wire {
    int in, out;
    struct text pending; /* bytes read and not yet given out as a line */
};

static int adopt(const char *variable);
static int serve(struct wire *wire, const char *lab, const struct probe_action *actions,
                 void *context);
static int run_script(const char *path, const struct probe_action *actions, void *context);
static int read_line(struct wire *wire, struct text *line);
static int write_line(int fd, struct text *line);
static void run_action(const char *line, const struct probe_action *actions, void *context,
                       struct text *reply, int last);

int probe_main(int argc, char **argv, const char *lab, const struct probe_action *actions,
               void *context)
{
    if (argc == 3 && strcmp(argv[1], "--script") == 0)
        return run_script(argv[2], actions, context);
    struct wire wire = {.in = adopt("PROBE_IN"), .out = adopt("PROBE_OUT")};
    if (argc != 1 || wire.in < 0 || wire.out < 0) {
        fprintf(stderr, "usage: %s --script FILE\nWithout a script the judge must start it.\n",
                argv[0]);
        return 64;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* what a lab prints is seen even when it crashes then */
    int status = serve(&wire, lab, actions, context);
    text_release(&wire.pending);
    return status; /* the kernel closes the descriptors: their end shows the judge ours */
}

void probe_result(struct text *reply, int code, const struct error *err)
{
    if (code >= 0) {
        message_begin(reply, "ok");
        return;
    }
    message_begin(reply, code == ERR_TODO ? "todo" : "error");
    if (code != ERR_TODO)
        message_add(reply, "code", error_name(code));
    if (err != NULL && err->text[0] != '\0')
        message_add(reply, "text", err->text);
}

__attribute__((noinline)) void probe_last_action(probe_handler *handle)
{
    __asm__ volatile("" : : "r"(handle)); /* keeps the call and its argument for the debugger */
}

/* Moves the descriptor that variable names out of the way. -1 when there is none. */
static int adopt(const char *variable)
{
    const char *value = getenv(variable);
    if (value == NULL)
        return -1;
    int low = (int)strtol(value, NULL, 10);
    unsetenv(variable);
    int high = fcntl(low, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
    if (high < 0)
        return low; /* a small descriptor limit: it works from where it is */
    close(low);
    return high;
}

static int serve(struct wire *wire, const char *lab, const struct probe_action *actions,
                 void *context)
{
    struct text line = {0}, reply = {0};
    message_begin(&reply, "hello");
    message_add_int64(&reply, "protocol", 1);
    message_add(&reply, "lab", lab);
    int status = write_line(wire->out, &reply);
    int got = 0;
    while (status == 0 && (got = read_line(wire, &line)) > 0) {
        text_clear(&reply);
        run_action(text_str(&line), actions, context, &reply, 0);
        status = write_line(wire->out, &reply);
    }
    if (got < 0)
        status = PROBE_LINE_LOST;
    text_release(&line);
    text_release(&reply);
    return status;
}

static int run_script(const char *path, const struct probe_action *actions, void *context)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "probe: cannot read %s: %s\n", path, strerror(errno));
        return 66;
    }
    char *line = NULL, *next = NULL;
    size_t line_size = 0, next_size = 0;
    struct text reply = {0};
    ssize_t length = getline(&line, &line_size, file);
    while (length >= 0) {
        ssize_t next_length = getline(&next, &next_size, file);
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0' && line[0] != '#') {
            printf("> %s\n", line);
            fflush(stdout); /* the line stands there even when the action crashes */
            text_clear(&reply);
            run_action(line, actions, context, &reply, next_length < 0);
            printf("< %s\n", text_str(&reply));
        }
        char *line_was = line;
        size_t size_was = line_size;
        line = next;
        line_size = next_size;
        next = line_was;
        next_size = size_was;
        length = next_length;
    }
    free(line);
    free(next);
    text_release(&reply);
    fclose(file);
    return 0;
}

/* The next line without its newline, 1. 0 at the end of input, -1 when it cannot be read. */
static int read_line(struct wire *wire, struct text *line)
{
    for (;;) {
        const char *start = text_str(&wire->pending);
        const char *end = strchr(start, '\n');
        if (end != NULL) {
            text_clear(line);
            text_append(line, start, (size_t)(end - start));
            struct text rest = {0};
            text_add(&rest, end + 1);
            text_release(&wire->pending);
            wire->pending = rest;
            return 1;
        }
        char bytes[4096];
        ssize_t got = read(wire->in, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || wire->pending.length > PROBE_LINE_MAX)
            return got == 0 ? 0 : -1;
        text_append(&wire->pending, bytes, (size_t)got);
    }
}

/* One write where the kernel allows it, so a line is never half there. Returns the exit status. */
static int write_line(int fd, struct text *line)
{
    if (line->length >= PROBE_LINE_MAX) {
        text_clear(line);
        message_begin(line, "bad");
        message_add(line, "text", "the reply is longer than PROBE_LINE_MAX");
    }
    text_add(line, "\n");
    size_t done = 0;
    while (done < line->length) {
        ssize_t put = write(fd, line->bytes + done, line->length - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return PROBE_LINE_LOST; /* or the judge is gone */
        done += (size_t)put;
    }
    return 0;
}

static void run_action(const char *line, const struct probe_action *actions, void *context,
                       struct text *reply, int last)
{
    struct message action = {0};
    struct error err = {0};
    if (message_parse(line, &action, &err) != 0) {
        message_begin(reply, "bad");
        message_add(reply, "text", err.text);
        return;
    }
    const struct probe_action *entry = actions;
    while (entry->word != NULL && strcmp(entry->word, action.word) != 0)
        entry++;
    if (entry->word == NULL) {
        message_begin(reply, "bad");
        message_add(reply, "word", action.word);
    } else {
        if (last)
            probe_last_action(entry->handle);
        entry->handle(context, &action, reply);
        if (reply->length == 0)
            message_begin(reply, "ok");
    }
    message_release(&action);
}
