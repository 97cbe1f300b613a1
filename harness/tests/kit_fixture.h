/*
 * What the tests of the kit's services share: a folder that goes away, and an HTTP client so plain
 * that it can be rude.
 */
#ifndef TESTS_KIT_FIXTURE_H
#define TESTS_KIT_FIXTURE_H

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct folder {
    char path[64];
    char database[96];
};

static inline struct folder folder_make(void)
{
    struct folder folder;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder.path, sizeof folder.path, "%.40s/svclab_kit_XXXXXX",
             tmp != NULL ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder.path));
    snprintf(folder.database, sizeof folder.database, "%s/test.db", folder.path);
    return folder;
}

/* Removes the folder with its files. */
static inline void folder_remove(const struct folder *folder)
{
    DIR *dir = opendir(folder->path);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    ck_assert_int_eq(rmdir(folder->path), 0);
}

enum { ANSWER_MAX = 64 * 1024, DIAL_SECONDS = 20 };

struct answer {
    int status; /* 0: the connection ended before an answer */
    char head[16 * 1024];
    char body[ANSWER_MAX];
};

static inline int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = {DIAL_SECONDS, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline void say(int fd, const char *text)
{
    size_t length = strlen(text);
    for (size_t sent = 0; sent < length;) {
        ssize_t some = send(fd, text + sent, length - sent, MSG_NOSIGNAL);
        if (some <= 0)
            return; /* the answer says so */
        sent += (size_t)some;
    }
}

/* Reads one answer. has_body is 0 for the answer to HEAD. */
static inline void hear(int fd, int has_body, struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    size_t length = 0;
    while (strstr(answer->head, "\r\n\r\n") == NULL) {
        if (length + 1 >= sizeof answer->head || recv(fd, answer->head + length, 1, 0) <= 0)
            return;
        length++;
    }
    (void)sscanf(answer->head, "HTTP/1.1 %d", &answer->status);
    const char *promised = strstr(answer->head, "\r\nContent-Length: ");
    size_t wanted = promised != NULL && has_body ? strtoul(promised + 18, NULL, 10) : 0;
    ck_assert_uint_lt(wanted, sizeof answer->body);
    for (size_t got = 0; got < wanted;) {
        ssize_t some = recv(fd, answer->body + got, wanted - got, 0);
        if (some <= 0) {
            answer->status = 0;
            return;
        }
        got += (size_t)some;
    }
    if (answer->status == 100)
        hear(fd, has_body, answer);
}

/* One request on a connection of its own. */
static inline void ask(int port, const char *request, struct answer *answer)
{
    int fd = dial(port);
    ck_assert_int_ge(fd, 0);
    say(fd, request);
    hear(fd, strncmp(request, "HEAD ", 5) != 0, answer);
    close(fd);
}

#endif
