#define _GNU_SOURCE
/*
 * svclab run: one lab's service in the foreground, with the peers it needs, to try by hand.
 *
 *     svclab run [--service order] [--port 8080] [--tree labs]
 *
 * The service runs in a cluster of its own: the same wiring as in the checks, but on a fixed port,
 * with its output on the terminal and a database that stays from run to run.
 *
 * Exit status: 0 it was stopped with Ctrl-C or SIGTERM and ended well; 1 it ended by itself, or
 * not well; 2 it does not build; 3 the harness could not start it, for example because the port is
 * taken; 64 a service, flag or folder that is not there.
 */
#include "commands/commands.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/files.h"
#include "base/places.h"
#include "cluster/cluster.h"
#include "commands/flags.h"
#include "commands/run_nodes.h"
#include "compile/lab.h"
#include "course/lab.h"
#include "course/status.h"
#include "judge/session.h"
#include "kit/error.h"
#include "kit/text.h"
#include "suites/suites.h"

enum {
    PEERS_MAX = 8,
    STOP_MS = 15000 /* for requests in flight; longer than the kit's own limit */
};

/* Which lab hosts a service, what it needs, and what to try. %s is its address. */
struct runnable {
    const char *service; /* as typed: SERVICE=order */
    const char *lab;
    const char *name; /* in the cluster; NULL: the first node of the design, with all others */
    const char *const *needs;
    const char *const *tries;
};

static const char *const order_needs[] = {"user-service", "payment-service", "inventory-service",
                                          NULL};
static const char *const order_tries[] = {
    "curl -i %s/orders -H 'Content-Type: application/json' \\\n"
    "       -d '{\"customerId\":\"user-123\",\"items\":[{\"productId\":\"prod-1\",\"quantity\":1,"
    "\"unitPrice\":10}]}'",
    "curl -i '%s/orders?customerId=user-123'",
    "curl -i -X PATCH %s/orders/ID/status -H 'Content-Type: application/json' \\\n"
    "       -d '{\"status\":\"CONFIRMED\"}'        # ID: from the first answer",
    "curl -i %s/health", NULL};
static const char *const tour_needs[] = {NULL};
static const char *const tour_tries[] = {"curl -i %s/greetings/Ada", "curl -i %s/door",
                                         "curl -i -X POST %s/door/open", NULL};

static const char *const breaker_needs[] = {"user-service", NULL};
static const char *const breaker_tries[] = {
    "curl -i %s/orders -H 'Content-Type: application/json' \\\n"
    "       -d '{\"customerId\":\"user-123\"}'",
    "curl -s %s/metrics | grep circuit", NULL};

static const char *const checkout_needs[] = {
    "user-service",    "cart-service",     "pricing-service",      "inventory-service",
    "payment-service", "shipping-service", "notification-service", NULL};
static const char *const checkout_tries[] = {
    "curl -i %s/checkouts -H 'Content-Type: application/json' \\\n"
    "       -d '{\"cartId\":\"cart-120\",\"customerId\":\"user-123\",\"coupon\":\"coupon-20\"}'",
    "curl -i %s/checkouts/ID                    # ID: from the first answer",
    "curl -i -X POST %s/checkouts/ID/resume     # when it is PARKED", NULL};

static const char *const chat_tries[] = {
    "curl -i -X PUT %s/channels/general -H 'X-User: ada' \\\n"
    "       -H 'Content-Type: application/json' \\\n"
    "       -d '{\"workspace\":\"acme\",\"members\":[\"ada\",\"bob\"]}'",
    "curl -NL %s/channels/general/stream -H 'X-User: bob'   # a terminal that listens",
    "curl -i %s/channels/general/messages -H 'X-User: ada' \\\n"
    "       -H 'Content-Type: application/json' \\\n"
    "       -d '{\"nonce\":\"1\",\"text\":\"hello\"}'             # one that sends",
    "curl -i '%s/search?workspace=acme&q=hello' -H 'X-User: bob'", NULL};

static const struct runnable runnables[] = {
    {"tour", "00-tour", "tour-service", tour_needs, tour_tries},
    {"order", "01-order", "order-service", order_needs, order_tries},
    {"breaker", "02-breaker", "breaker-service", breaker_needs, breaker_tries},
    {"checkout", "03-saga", "checkout-service", checkout_needs, checkout_tries},
    {"chat", "04-chat", NULL, tour_needs, chat_tries},
};

struct run_flags {
    const char *service, *port, *tree, *programs;
};

static const struct runnable *find_runnable(const char *service);
static int read_port(const char *text, int *port);
static int find_program(const struct runnable *runnable, const struct run_flags *flags,
                        struct text *program);
static int run(const struct runnable *runnable, const char *program, int port);

int command_run(int argc, char **argv)
{
    struct run_flags flags = {.service = "order", .port = "8080"};
    const struct flag table[] = {
        {"service", &flags.service, "NAME tour, order, breaker, checkout or chat (default order)"},
        {"port", &flags.port, "N its port on 127.0.0.1 (default 8080; 0 is any free one)"},
        {"tree", &flags.tree, "DIR whose files are built (default labs)"},
        {"programs", &flags.programs, "DIR programs that are built: LAB/service"},
        {NULL, NULL, NULL}};
    int parsed = flags_parse(argc, argv, "run", table);
    if (parsed == 1)
        puts("for run:     0 stopped with Ctrl-C, 1 the service ended by itself or badly,\n"
             "             3 it could not be started, for example because its port is taken");
    if (parsed != 0)
        return parsed == 1 ? STATUS_FULL : parsed;
    int port = 0;
    const struct runnable *runnable = find_runnable(flags.service);
    if (!runnable || read_port(flags.port, &port) != 0)
        return STATUS_USAGE;
    struct text program = {0};
    int status = find_program(runnable, &flags, &program);
    if (status == 0)
        status = run(runnable, text_str(&program), port);
    text_release(&program);
    return status;
}

static const struct runnable *find_runnable(const char *service)
{
    const size_t count = sizeof runnables / sizeof *runnables;
    for (size_t i = 0; i < count; i++)
        if (strcmp(runnables[i].service, service) == 0)
            return &runnables[i];
    fprintf(stderr, "There is no service '%s' to run. SERVICE is one of:", service);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", runnables[i].service);
    fputs("\n", stderr);
    return NULL;
}

static int read_port(const char *text, int *port)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > 65535) {
        fprintf(stderr, "'%s' is no port. PORT is a whole number from 0 to 65535.\n", text);
        return ERR_INVALID;
    }
    *port = (int)value;
    return 0;
}

/* The program, brought up to date unless --programs names it. An exit status. */
static int find_program(const struct runnable *runnable, const struct run_flags *flags,
                        struct text *program)
{
    const struct session session = {
        .labs = all_labs, .lab = runnable->lab, .tree = flags->tree, .programs = flags->programs};
    const struct lab *lab = lab_find(all_labs, runnable->lab);
    struct text words = {0};
    struct error err = {0};
    int code = session_programs(&session, lab, program, NULL, &words, &err);
    text_add(program, "/service");
    fputs(text_str(&words), stderr);
    text_release(&words);
    if (code == COMPILE_FAILED) {
        fprintf(stderr,
                "%s/%s does not build, so there is nothing to run. The compiler's words are"
                " above.\n",
                session_tree(&session), runnable->lab);
        return STATUS_NO_BUILD;
    }
    if (code == 0 && access(text_str(program), X_OK) != 0)
        code = error_set(&err, ERR_NOT_FOUND, "there is no program %s", text_str(program));
    if (code == 0)
        return STATUS_FULL;
    fprintf(stderr, "svclab run: %s\n", err.text);
    return code == ERR_NOT_FOUND ? STATUS_USAGE : STATUS_GRADER;
}

/* --- running ------------------------------------------------------------------------------- */

/* DATABASE_URL from our environment; a relative path means here, not the service's own folder. */
static void add_database(struct text *variable)
{
    const char *url = getenv("DATABASE_URL");
    char here[PATH_MAX];
    if (!url)
        return;
    const char *path = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url;
    int is_relative = path[0] != '/' && path[0] != ':' && !strstr(path, "://");
    if (is_relative && getcwd(here, sizeof here))
        text_addf(variable, "DATABASE_URL=sqlite:%s/%s", here, path);
    else
        text_addf(variable, "DATABASE_URL=%s", url);
}

static void say_what_to_try(struct cluster *cluster, const struct runnable *runnable,
                            const struct service_entry *entries, int count)
{
    const char *name = entries[0].name, *url = cluster_url(cluster, name);
    printf("\n%s answers on %s until Ctrl-C; its log goes to this terminal.\n", name, url);
    struct text database = {0};
    text_addf(&database, "%s/%s.db", cluster_dir(cluster, name), name);
    if (access(text_str(&database), F_OK) == 0 && !getenv("DATABASE_URL"))
        printf("What it keeps stays in %s.\n", text_str(&database));
    text_release(&database);
    for (int i = 1; i < count; i++)
        printf("%-20s %s\n", entries[i].name, cluster_url(cluster, entries[i].name));
    puts("\nTry, in another terminal:\n");
    for (const char *const *try = runnable->tries; *try; try++) {
        const char *place = strstr(*try, "%s");
        printf("  %.*s%s%s\n", (int)(place - *try), *try, url, place + 2);
    }
    puts("");
    fflush(stdout);
}

static int say_end(const char *name, const struct launch_end *end)
{
    if (end->exited)
        fprintf(stderr, "%s ended with status %d.\n", name, end->status);
    else
        fprintf(stderr, "%s was ended by signal %d (%s).\n", name, end->signal,
                strsignal(end->signal));
    return end->exited && end->status == 0 ? STATUS_FULL : STATUS_FAILED;
}

/* Waits for Ctrl-C or for the service's own end. signals are blocked, so none is lost. */
static int wait_and_stop(struct cluster *cluster, const char *name, const sigset_t *signals)
{
    struct launch_end end = {0};
    int number = 0;
    while (sigwait(signals, &number) == 0 && number == SIGCHLD)
        if (cluster_wait(cluster, name, 0, &end, NULL) == 0) {
            say_end(name, &end);
            return STATUS_FAILED; /* nobody had asked for it */
        }
    fprintf(stderr, "\nStopping %s: requests in flight are finished first.\n", name);
    cluster_kill(cluster, name, SIGTERM);
    if (cluster_wait(cluster, name, STOP_MS, &end, NULL) == 0)
        return end.exited && end.status == 0 ? STATUS_FULL : say_end(name, &end);
    fprintf(stderr, "%s did not stop within %d s and was killed.\n", name, STOP_MS / 1000);
    return STATUS_FAILED;
}

/* Starts the table and waits. An exit status. */
static int run_cluster_of(struct launcher *launcher, const struct runnable *runnable,
                          const struct service_entry *entries, int count, const sigset_t *signals)
{
    struct text folder = {0};
    place_in_build(&folder, "run");
    struct cluster_options options = {
        .services = entries, .service_count = count, .work_dir = text_str(&folder), .no_spans = 1};
    struct cluster *cluster = NULL;
    const char *failed = NULL;
    struct error err = {0};
    int result = files_make(text_str(&folder), &err);
    if (result == 0)
        result = cluster_start(&cluster, launcher, &options, &failed, &err);
    if (result != 0) {
        text_release(&folder);
        fprintf(stderr, "svclab run: %s%s\n", err.text,
                result == ERR_EXISTS ? ". Another port: make run PORT=8081" : "");
        return failed && strcmp(failed, entries[0].name) == 0 ? STATUS_FAILED : STATUS_GRADER;
    }
    say_what_to_try(cluster, runnable, entries, count);
    int status = wait_and_stop(cluster, entries[0].name, signals);
    cluster_stop(cluster);
    text_release(&folder);
    return status;
}

/* Starts the service and its peers, and waits. An exit status. */
static int run_with_peers(struct launcher *launcher, const struct runnable *runnable,
                          const char *program, int port, const sigset_t *signals)
{
    struct service_entry entries[1 + PEERS_MAX];
    struct text peers[PEERS_MAX] = {{0}}, database = {0};
    int count = 0;
    add_database(&database);
    const char *const environment[] = {database.length > 0 ? text_str(&database) : NULL, NULL};
    entries[count++] = (struct service_entry){.name = runnable->name,
                                              .program = program,
                                              .student = 1,
                                              .needs = runnable->needs,
                                              .environment = environment,
                                              .port = port,
                                              .show = 1};
    for (const char *const *need = runnable->needs; *need; need++, count++) {
        struct text *peer = &peers[count - 1];
        place_in_build(peer, "peers");
        text_addf(peer, "/%s", *need);
        entries[count] = (struct service_entry){.name = *need, .program = text_str(peer)};
    }
    int status = run_cluster_of(launcher, runnable, entries, count, signals);
    for (int i = 0; i < PEERS_MAX; i++)
        text_release(&peers[i]);
    text_release(&database);
    return status;
}

/* Starts all nodes of the design, and waits. An exit status. */
static int run_design(struct launcher *launcher, const struct runnable *runnable,
                      const char *program, int port, const sigset_t *signals)
{
    struct run_nodes nodes;
    struct error err = {0};
    int status = STATUS_FAILED;
    if (run_nodes_read(&nodes, program, port, &err) == 0)
        status = run_cluster_of(launcher, runnable, nodes.entries, nodes.count, signals);
    else
        fprintf(stderr, "svclab run: %s\n", err.text);
    run_nodes_release(&nodes);
    return status;
}

static int run(const struct runnable *runnable, const char *program, int port)
{
    struct launcher *launcher = NULL;
    struct error err = {0};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (launcher_open_local(&launcher, &err) != 0) {
        fprintf(stderr, "svclab run: %s\n", err.text);
        return STATUS_GRADER;
    }
    int status = runnable->name != NULL
                     ? run_with_peers(launcher, runnable, program, port, &signals)
                     : run_design(launcher, runnable, program, port, &signals);
    launcher->close(launcher);
    return status;
}
