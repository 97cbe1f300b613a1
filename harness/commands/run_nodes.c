#define _GNU_SOURCE
#include "commands/run_nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kit/error.h"

/* The lines of `program --nodes`. ERR_IO when it cannot be run or does not end well. */
static int ask(const char *program, struct text *lines, struct error *err)
{
    int ends[2], status = -1;
    char bytes[512];
    ssize_t got = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERR_IO, "no pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execl(program, program, "--nodes", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    while (pid > 0 && ((got = read(ends[0], bytes, sizeof bytes)) > 0 ||
                       (got < 0 && errno == EINTR))) /* the end leaves errno as it was */
        if (got > 0)
            text_append(lines, bytes, (size_t)got);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0 ? 0 : error_set(err, ERR_IO, "%s cannot say which nodes it has", program);
}

int run_nodes_read(struct run_nodes *nodes, const char *program, int port, struct error *err)
{
    struct text lines = {0}, all = {0};
    *nodes = (struct run_nodes){0};
    int result = ask(program, &lines, err);
    text_add(&all, "NODES=");
    for (const char *at = text_str(&lines); result == 0 && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        if (nodes->count == RUN_NODES_MAX)
            result = error_set(err, ERR_LIMIT, "more than %d nodes", RUN_NODES_MAX);
        else
            nodes->names[nodes->count++] = strndup(at, length);
        text_addf(&all, "%s%.*s", nodes->count > 1 ? " " : "", (int)length, at);
        at += length + (at[length] == '\n');
    }
    if (result == 0 && nodes->count == 0)
        result = error_set(err, ERR_INVALID, "the design has no service that owns anything");
    nodes->all = text_detach(&all);
    for (int i = 0; i < nodes->count && result == 0; i++) {
        struct text own = {0};
        text_addf(&own, "NODE=%s", nodes->names[i]);
        nodes->own[i] = text_detach(&own);
        nodes->needs[i] = nodes->names[i];
        nodes->environments[i][0] = nodes->own[i];
        nodes->environments[i][1] = nodes->all;
        nodes->entries[i] = (struct service_entry){.name = nodes->names[i],
                                                   .program = program,
                                                   .student = 1,
                                                   .needs = nodes->needs,
                                                   .environment = nodes->environments[i],
                                                   .port = i == 0 ? port : 0,
                                                   .show = i == 0};
    }
    text_release(&lines);
    return result;
}

void run_nodes_release(struct run_nodes *nodes)
{
    for (int i = 0; i < nodes->count; i++) {
        free(nodes->names[i]);
        free(nodes->own[i]);
    }
    free(nodes->all);
    *nodes = (struct run_nodes){0};
}
