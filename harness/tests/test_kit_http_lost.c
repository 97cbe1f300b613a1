/*
 * No answer is lost: what has had its effect is answered, whether the client has closed its half or
 * the service is told to end; or the exit status says that it was not, and the log how many.
 *
 * Each round is a service of its own under load. An order is an id that its handler writes to a
 * file and syncs; what stands there was committed. HTTP_ROUNDS sets the number of rounds.
 */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "kit/error.h"
#include "kit/service.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { LISTEN_FD = 3, COMMITS_FD = 4, CLIENTS = 12, ORDERS_MAX = 20000, ENOUGH = 150, ROUNDS = 4 };

/* POST /orders/{id} -> 201 once the id is on the disk */
static void post_order(const struct http_request *request, struct http_response *response,
                       void *context)
{
    (void)context;
    int32_t id = (int32_t)strtol(http_param(request, "id"), NULL, 10);
    if (write(COMMITS_FD, &id, sizeof id) == sizeof id && fdatasync(COMMITS_FD) == 0)
        response->status = 201;
    else
        response->status = 500;
}

static const struct http_route routes[] = {
    {"GET", "/health/readiness", HTTP_INLINE, NULL, service_get_health},
    {"POST", "/orders/{id}", HTTP_WORKER, NULL, post_order},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

static const struct service_definition definition = {.name = "test-orders", .routes = routes};

struct round {
    pid_t pid;
    int port, commits;
    int half_close; /* clients close their half behind each request */
    atomic_int next_id, answers;
    sem_t enough; /* answers */
    atomic_char answered[ORDERS_MAX];
};

static void start(struct round *round)
{
    char path[] = "/tmp/svclab_orders_XXXXXX";
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    round->port = ntohs(address.sin_port);
    round->commits = mkstemp(path);
    ck_assert_int_ge(round->commits, 0);
    unlink(path);
    round->pid = fork();
    if (round->pid == 0) {
        int listener = fcntl(fd, F_DUPFD, 20), commits = fcntl(round->commits, F_DUPFD, 20);
        dup2(listener, LISTEN_FD);
        dup2(commits, COMMITS_FD);
        fcntl(COMMITS_FD, F_SETFL, O_APPEND);
        for (int i = COMMITS_FD + 1; i < 64; i++)
            close(i);
        setenv("LISTEN_FDS", "1", 1);
        setenv("LOG_LEVEL", "off", 1);
        char name[] = "test-orders";
        char *argv[] = {name, NULL};
        _exit(service_main(1, argv, &definition));
    }
    close(fd);
}

/* One order on fd. Its status; 0 when there was no whole answer. */
static int order(struct round *round, int fd, int id, int last)
{
    char request[128];
    static _Thread_local struct answer answer;
    snprintf(request, sizeof request, "POST /orders/%d HTTP/1.1\r\nHost: t\r\n\r\n", id);
    say(fd, request);
    if (last)
        shutdown(fd, SHUT_WR);
    hear(fd, 1, &answer);
    if (answer.status == 201) {
        atomic_store(&round->answered[id], 1);
        if (atomic_fetch_add(&round->answers, 1) == ENOUGH)
            sem_post(&round->enough);
    }
    return strstr(answer.head, "Connection: close") == NULL ? answer.status : 0;
}

/* Orders until the service is gone or there are enough ids. */
static void *client_main(void *arg)
{
    struct round *round = arg;
    for (int fd = dial(round->port), id = 0; fd >= 0;) {
        id = atomic_fetch_add(&round->next_id, 1);
        int status = id < ORDERS_MAX ? order(round, fd, id, round->half_close) : 0;
        if (status == 201 && !round->half_close)
            continue;
        close(fd);
        if (id >= ORDERS_MAX)
            break;
        fd = dial(round->port);
    }
    return NULL;
}

/* The orders that were committed and not answered. */
static int lost_of(struct round *round)
{
    int lost = 0;
    int32_t id = 0;
    for (off_t at = 0; pread(round->commits, &id, sizeof id, at) == sizeof id;
         at += (off_t)sizeof id)
        lost += !atomic_load(&round->answered[id]);
    return lost;
}

static void play(int half_close)
{
    static struct round round;
    memset(&round, 0, sizeof round);
    round.half_close = half_close;
    sem_init(&round.enough, 0, 0);
    start(&round);
    pthread_t clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        ck_assert_int_eq(pthread_create(&clients[i], NULL, client_main, &round), 0);
    sem_wait(&round.enough);
    ck_assert_int_eq(kill(round.pid, SIGTERM), 0);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    int status = -1, lost = lost_of(&round);
    ck_assert_int_eq(waitpid(round.pid, &status, 0), round.pid);
    close(round.commits);
    sem_destroy(&round.enough);
    int ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ck_assert_msg(ended_well && lost == 0, "status %x, %d of %d orders committed and not answered",
                  (unsigned)status, lost, atomic_load(&round.answers) + lost);
}

static int rounds(void)
{
    const char *wanted = getenv("HTTP_ROUNDS");
    return wanted != NULL ? (int)strtol(wanted, NULL, 10) : ROUNDS;
}

START_TEST(sigterm_under_load_loses_no_answer)
{
    for (int i = 0; i < rounds(); i++)
        play(0);
}
END_TEST

START_TEST(clients_that_have_closed_their_half_are_answered_also_at_the_end)
{
    for (int i = 0; i < rounds(); i++)
        play(1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {sigterm_under_load_loses_no_answer,
                                  clients_that_have_closed_their_half_are_answered_also_at_the_end,
                                  NULL};
    return run_tests("kit http lost", tests);
}
