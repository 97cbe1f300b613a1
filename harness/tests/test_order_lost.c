/*
 * No order is lost between the database and its client: the order service of the solutions, under
 * load, is told to end. What was committed was answered and what was answered was committed, or the
 * exit status says that it was not so.
 *
 * Each round is a service and a database of its own. ORDER_ROUNDS sets the number of rounds.
 */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include "kit/db.h"
#include "kit/error.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { LISTEN_FD = 3, CLIENTS = 12, ORDERS_MAX = 20000, ENOUGH = 100, ROUNDS = 3, ID = 37 };

static char program[] = BUILD_FOLDER "/trees/solutions/01-order/service";

struct round {
    struct folder folder;
    pid_t pid;
    int port;
    int half_close; /* clients close their half behind each request */
    atomic_int answers;
    sem_t enough; /* answers */
    char answered[ORDERS_MAX][ID];
    int committed, unanswered; /* what stands in the database */
};

static void start(struct round *round)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    round->port = ntohs(address.sin_port);
    round->pid = fork();
    if (round->pid == 0) {
        if (fd == LISTEN_FD)
            fcntl(fd, F_SETFD, 0);
        else
            dup2(fd, LISTEN_FD);
        unsetenv("USER_SERVICE_URL");
        setenv("LISTEN_FDS", "1", 1);
        setenv("LOG_LEVEL", "off", 1);
        setenv("DATABASE_URL", round->folder.database, 1);
        char *argv[] = {program, NULL};
        execv(program, argv);
        _exit(127);
    }
    close(fd);
}

/* One order on fd: 1 when it was answered and the connection goes on. */
static int order(struct round *round, int fd)
{
    static const char request[] =
        "POST /orders HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        "Content-Length: 79\r\n\r\n"
        "{\"customerId\":\"u\",\"items\":[{\"productId\":\"p\",\"quantity\":1,\"unitPrice\":10.00}]"
        "}  ";
    static _Thread_local struct answer answer;
    say(fd, request);
    if (round->half_close)
        shutdown(fd, SHUT_WR);
    hear(fd, 1, &answer);
    if (answer.status != 201)
        return 0;
    int place = atomic_fetch_add(&round->answers, 1);
    ck_assert_int_lt(place, ORDERS_MAX);
    ck_assert_int_eq(sscanf(answer.body, "{\"id\":\"%36[0-9a-f-]\"", round->answered[place]), 1);
    if (place == ENOUGH)
        sem_post(&round->enough);
    return !round->half_close && strstr(answer.head, "Connection: close") == NULL;
}

/* Orders until the service is gone. */
static void *client_main(void *arg)
{
    struct round *round = arg;
    for (int fd = dial(round->port); fd >= 0;) {
        if (order(round, fd))
            continue;
        close(fd);
        fd = dial(round->port);
    }
    sem_post(&round->enough); /* or it never started */
    return NULL;
}

static int compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

static int count_committed(struct db_tx *tx, void *arg, struct error *err)
{
    struct round *round = arg;
    size_t answers = (size_t)atomic_load(&round->answers);
    struct db_query *q = db_query(tx, "SELECT DISTINCT stream FROM order_events");
    while (db_step(q) == DB_ROW) {
        round->committed++;
        round->unanswered +=
            bsearch(db_column_text(q, 0), round->answered, answers, ID, compare) == NULL;
    }
    return db_finish(q, err);
}

static void read_database(struct round *round)
{
    struct db *db = NULL;
    struct error err = {0};
    const struct db_config config = {.url = round->folder.database};
    ck_assert_msg(db_open(&db, &config, &err) == 0, "%s", err.text);
    qsort(round->answered, (size_t)atomic_load(&round->answers), ID, compare);
    ck_assert_msg(db_read(db, count_committed, round, &err) == 0, "%s", err.text);
    db_close(db);
}

static void play(int half_close, int orders[2])
{
    static struct round round;
    memset(&round, 0, sizeof round);
    round.half_close = half_close;
    round.folder = folder_make();
    sem_init(&round.enough, 0, 0);
    start(&round);
    pthread_t clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        ck_assert_int_eq(pthread_create(&clients[i], NULL, client_main, &round), 0);
    sem_wait(&round.enough);
    ck_assert_int_eq(kill(round.pid, SIGTERM), 0);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    int status = -1;
    ck_assert_int_eq(waitpid(round.pid, &status, 0), round.pid);
    read_database(&round);
    folder_remove(&round.folder);
    sem_destroy(&round.enough);

    int answers = atomic_load(&round.answers);
    int vanished = answers - (round.committed - round.unanswered);
    orders[0] += round.committed;
    orders[1] += answers;
    ck_assert_msg(WIFEXITED(status) && vanished == 0, "status %x, %d of %d answered are not there",
                  (unsigned)status, vanished, answers);
    ck_assert_msg(WEXITSTATUS(status) == (round.unanswered > 0),
                  "exit status %d, %d of %d committed were not answered", WEXITSTATUS(status),
                  round.unanswered, round.committed);
}

static void play_rounds(int half_close)
{
    const char *wanted = getenv("ORDER_ROUNDS");
    int rounds = wanted != NULL ? (int)strtol(wanted, NULL, 10) : ROUNDS, orders[2] = {0, 0};
    for (int i = 0; i < rounds; i++)
        play(half_close, orders);
    if (wanted != NULL)
        printf("%d rounds: %d orders committed, %d answered\n", rounds, orders[0], orders[1]);
}

START_TEST(sigterm_under_load_leaves_no_order_unanswered)
{
    play_rounds(0);
}
END_TEST

START_TEST(nor_do_clients_that_have_closed_their_half)
{
    play_rounds(1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {sigterm_under_load_leaves_no_order_unanswered,
                                  nor_do_clients_that_have_closed_their_half, NULL};
    return run_tests("order lost", tests);
}
