#include "suites/04-chat/echo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/thread.h"
#include "load/histogram.h"

enum { PERIOD_NS = 2000000 };

struct echo {
    int asker, answerer; /* the two ends of one connection */
    pthread_t asking, answering;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t stop;
    int stopping;
    /* The asking thread's, until it has ended. */
    struct histogram trips;
    int64_t looks, running;
};

static void *answer_all(void *context)
{
    const struct echo *echo = context;
    char byte = 0;
    while (recv(echo->answerer, &byte, 1, 0) == 1 &&
           send(echo->answerer, &byte, 1, MSG_NOSIGNAL) == 1)
        ;
    return NULL;
}

/* The fourth word of /proc/loadavg: "2/187", two of 187 threads run or want to. */
static void look_at_machine(struct echo *echo)
{
    int running = 0;
    FILE *file = fopen("/proc/loadavg", "re");
    if (file != NULL && fscanf(file, "%*f %*f %*f %d", &running) == 1 && running > 0) {
        echo->looks++;
        echo->running += running - 1;
    }
    if (file != NULL)
        fclose(file);
}

static void *ask_all(void *context)
{
    struct echo *echo = context;
    char byte = 0;
    int64_t due_ns = monotonic_ns();
    pthread_mutex_lock(&echo->lock);
    while (!echo->stopping) {
        if (monotonic_ns() < due_ns) {
            thread_wait(&echo->stop, &echo->lock, due_ns);
            continue;
        }
        pthread_mutex_unlock(&echo->lock);
        /* From when it was due, so that a thread that is woken late counts too. */
        if (send(echo->asker, &byte, 1, MSG_NOSIGNAL) == 1 && recv(echo->asker, &byte, 1, 0) == 1)
            histogram_add(&echo->trips, monotonic_ns() - due_ns);
        look_at_machine(echo);
        due_ns = monotonic_ns() + PERIOD_NS;
        pthread_mutex_lock(&echo->lock);
    }
    pthread_mutex_unlock(&echo->lock);
    return NULL;
}

/* 0, or ERR_UNAVAILABLE. */
static int connect_both(struct echo *echo, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    const int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    echo->asker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener >= 0 && bind(listener, any, size) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, any, &size) == 0 && connect(echo->asker, any, size) == 0)
        echo->answerer = accept(listener, NULL, NULL);
    if (listener >= 0)
        close(listener);
    if (echo->answerer < 0)
        return error_set(err, ERR_UNAVAILABLE, "no connection to oneself on 127.0.0.1");
    setsockopt(echo->asker, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(echo->answerer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

static void close_both(struct echo *echo)
{
    if (echo->asker >= 0)
        close(echo->asker);
    if (echo->answerer >= 0)
        close(echo->answerer);
    pthread_cond_destroy(&echo->stop);
    pthread_mutex_destroy(&echo->lock);
    free(echo);
}

int echo_begin(struct echo **out, struct error *err)
{
    struct echo *echo = calloc(1, sizeof *echo);
    *out = NULL;
    if (echo == NULL)
        return error_set(err, ERR_LIMIT, "no memory for an echo");
    echo->asker = echo->answerer = -1;
    pthread_mutex_init(&echo->lock, NULL);
    thread_condition_init(&echo->stop);
    int code = connect_both(echo, err);
    if (code == 0)
        code = thread_start(&echo->answering, answer_all, echo, err);
    if (code < 0) {
        close_both(echo);
        return code;
    }
    code = thread_start(&echo->asking, ask_all, echo, err);
    if (code == 0) {
        *out = echo;
        return 0;
    }
    shutdown(echo->asker, SHUT_RDWR);
    pthread_join(echo->answering, NULL);
    close_both(echo);
    return code;
}

void echo_end(struct echo *echo, struct echo_heard *out)
{
    struct echo_heard heard = {0};
    if (out != NULL)
        *out = heard;
    if (echo == NULL)
        return;
    pthread_mutex_lock(&echo->lock);
    echo->stopping = 1;
    pthread_cond_signal(&echo->stop);
    pthread_mutex_unlock(&echo->lock);
    pthread_join(echo->asking, NULL);
    shutdown(echo->asker, SHUT_RDWR);
    pthread_join(echo->answering, NULL);
    heard.p99_ms = (double)histogram_quantile(&echo->trips, 0.99) / 1e6;
    heard.others = echo->looks > 0 ? (double)echo->running / (double)echo->looks : 0;
    if (out != NULL)
        *out = heard;
    close_both(echo);
}
