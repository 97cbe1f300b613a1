/*
 * The host of a service: from the environment to the first request, from SIGTERM to exit 0.
 *
 * All threads inherit a mask that blocks SIGTERM and SIGINT, and the main thread waits for them
 * with sigtimedwait: there is no signal handler, and so no code that must be safe inside one.
 */
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "kit/config.h"
#include "kit/error.h"
#include "kit/json.h"
#include "kit/limits.h"
#include "kit/log.h"
#include "kit/service.h"
#include "kit/store.h"

enum {
    LISTEN_FD = 3, /* where systemd and the harness hand the socket over */
    DRAIN_MS = 10000,
    LARGE_BYTES = 128 * 1024,
    HEALTHCHECK_MS = 2000
};

struct host {
    struct service service; /* first: service_draining finds the host by it */
    const struct service_definition *definition;
    struct id_generator ids;
    struct random_stock stock;
    struct http_server *server;
    const struct http_route *tables[3]; /* the host's own, the service's, NULL */
    void *contexts[2];
    atomic_int draining;
    struct text bus_url;
    struct metric *lines_lost, *spans_lost;
    int64_t lines_counted, spans_counted; /* the loop's: what the metrics hold */
    int set_up;                           /* setup has succeeded, so teardown is due */
    int64_t notice_ms, drain_ms;
};

static int open_host(struct host *host, struct error *err);
static int start_server(struct host *host, struct error *err);
static void wait_for_end(struct host *host, const sigset_t *signals);
static int wind_down(struct host *host);
static void close_host(struct host *host);

/* As far as the hard limit goes. With fewer it works too, up to the one that is missing. */
static void ask_for_descriptors(void)
{
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= SERVICE_DESCRIPTORS)
        return;
    limit.rlim_cur = limit.rlim_max < SERVICE_DESCRIPTORS ? limit.rlim_max : SERVICE_DESCRIPTORS;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int service_main(int argc, char **argv, const struct service_definition *definition)
{
    if (argc == 2 && strcmp(argv[1], "--healthcheck") == 0)
        return service_healthcheck();
    if (argc != 1) {
        fprintf(stderr, "usage: %s [--healthcheck]; the rest is set in the environment\n", argv[0]);
        return 64;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN); /* a peer that hung up is an error code, not the end */
    signal(SIGXFSZ, SIG_IGN); /* so is a file that may not grow */
    /* A large answer is a mapping of its own and goes back to the system with its last reader. Left
       alone, glibc raises this bound with the first one, and its heaps keep what they have had. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);

    ask_for_descriptors();
    struct host host = {.definition = definition};
    struct error err = {0};
    int status = 1;
    if (open_host(&host, &err) < 0) {
        fprintf(stderr, "%s could not start: %s\n", definition->name, err.text);
    } else {
        log_info("ready", LOG_INT("port", http_server_port(host.server)));
        wait_for_end(&host, &signals);
        status = wind_down(&host);
    }
    close_host(&host);
    return status;
}

int service_draining(const struct service *service)
{
    return atomic_load(&((const struct host *)service)->draining);
}

void service_get_health(const struct http_request *request, struct http_response *response,
                        void *context)
{
    const struct service *service = context;
    struct error err = {0};
    int down = 0;
    if (strstr(request->route, "readiness") != NULL)
        down = service_draining(service) ||
               (service->store != NULL && store_check(service->store, &err) < 0);
    response->status = down ? 503 : 200;
    if (down)
        http_set_header(response, "Retry-After", "1");
    struct json_writer body = json_writer(&response->body);
    json_open_object(&body, NULL);
    json_put_string(&body, "status", down ? "error" : "ok");
    if (err.text[0] != '\0')
        json_put_string(&body, "detail", err.text);
    json_close_object(&body);
}

/* BUS_URL, or a file beside the database when that is one. */
static const char *bus_url(struct host *host)
{
    const char *database = host->service.database_url;
    if (database != NULL && strstr(database, ":memory:") == NULL)
        text_addf(&host->bus_url, "%s.bus", database);
    return config_text("BUS_URL", host->bus_url.bytes);
}

static int open_host(struct host *host, struct error *err)
{
    struct service *service = &host->service;
    log_setup(host->definition->name);
    service->name = host->definition->name;
    service->clock = clock_system();
    service->random = random_from_stock(&host->stock);
    service->ids = id_source_from(&host->ids, service->random);
    service->metrics = metrics_open();
    host->lines_lost = metrics_family(service->metrics, METRIC_COUNTER, "log_lines_lost_total",
                                      "Lines of the log that nobody took.", "");
    host->spans_lost = metrics_family(service->metrics, METRIC_COUNTER, "spans_lost_total",
                                      "Spans that nobody took.", "");
    service->tracer = tracer_open(service->name, config_text("TRACE_FILE", NULL));
    service->database_url = config_text("DATABASE_URL", NULL);
    service->bus_url = bus_url(host);
    service->client = http_client_open();
    if (service->client == NULL)
        return error_set(err, ERR_LIMIT, "no memory for an HTTP client");
    http_client_trace(service->client, service->tracer);

    int code = config_int64("DRAIN_MS", 0, 3600000, DRAIN_MS, &host->drain_ms, err);
    if (code == 0)
        code = config_int64("DRAIN_NOTICE_MS", 0, 3600000, 0, &host->notice_ms, err);
    if (code == 0 && host->definition->setup != NULL)
        code = host->definition->setup(service, err);
    host->set_up = code == 0;
    return code == 0 ? start_server(host, err) : code;
}

/* The counts themselves are kept where no metric can be handed down to. */
static void count_lost(struct metric *metric, int64_t lost, int64_t *counted)
{
    metric_add(metric, "", (double)(lost - *counted));
    *counted = lost;
}

/* GET /metrics -> 200 text/plain, every family of the service. */
static void get_metrics(const struct http_request *request, struct http_response *response,
                        void *context)
{
    (void)request;
    struct host *host = context; /* its first member is the service */
    const struct service *service = &host->service;
    count_lost(host->lines_lost, log_lost(), &host->lines_counted);
    count_lost(host->spans_lost, tracer_lost(service->tracer), &host->spans_counted);
    response->content_type = "text/plain; version=0.0.4";
    metrics_render(service->metrics, &response->body);
}

static int start_server(struct host *host, struct error *err)
{
    static const struct http_route own[] = {
        {"GET", "/metrics", HTTP_INLINE, NULL, get_metrics},
        {NULL, NULL, HTTP_INLINE, NULL, NULL},
    };
    int64_t handed = 0, port = 0, workers = 0;
    int code = config_int64("LISTEN_FDS", 0, 1, 0, &handed, err);
    if (code == 0)
        code = config_int64("PORT", 0, 65535, 8080, &port, err);
    if (code == 0)
        code = config_int64("WORKERS", 1, 1024, HTTP_WORKERS, &workers, err);
    if (code < 0)
        return code;
    struct service *service = &host->service;
    host->tables[0] = own;
    host->tables[1] = host->definition->routes;
    host->contexts[0] = service;
    host->contexts[1] = service;
    struct http_server_config config = {
        .listen_fd = handed ? LISTEN_FD : -1,
        .port = (int)port,
        .bind_address = config_text("BIND_ADDRESS", NULL),
        .workers = (int)workers,
        .service = service->name,
        .tables = host->tables,
        .contexts = host->contexts,
        .metrics = service->metrics,
        .tracer = service->tracer,
    };
    return http_server_start(&host->server, &config, err);
}

/* The main thread has nothing else to do, so it tidies up. */
static void wait_for_end(struct host *host, const sigset_t *signals)
{
    static const struct timespec pause = {HTTP_CLIENT_IDLE_MS / 1000, 0};
    int received = 0;
    while ((received = sigtimedwait(signals, NULL, &pause)) < 0)
        http_client_tidy(host->service.client, HTTP_CLIENT_IDLE_MS);
    log_info("draining", LOG_TEXT("signal", received == SIGTERM ? "SIGTERM" : "SIGINT"));
}

/* The process's exit status. */
static int wind_down(struct host *host)
{
    atomic_store(&host->draining, 1);
    struct timespec notice = {host->notice_ms / 1000, host->notice_ms % 1000 * 1000000};
    nanosleep(&notice, NULL);
    int unfinished = http_server_drain(host->server, host->drain_ms);
    if (unfinished == 0)
        return 0;
    /* Handlers still run, on what teardown would take away. Nothing that was acknowledged is lost
       by ending here: that is what the database is for. */
    http_server_give_up(host->server);
    log_warn("requests were cut off", LOG_INT("requests", unfinished),
             LOG_INT("waited_ms", host->drain_ms));
    _exit(1);
}

static void close_host(struct host *host)
{
    http_server_stop(host->server);
    if (host->set_up && host->definition->teardown != NULL)
        host->definition->teardown(&host->service);
    http_client_close(host->service.client);
    tracer_close(host->service.tracer);
    metrics_close(host->service.metrics);
    text_release(&host->bus_url);
}

int service_healthcheck(void)
{
    struct error err = {0};
    int64_t port = 0;
    if (config_int64("PORT", 1, 65535, 8080, &port, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/health/readiness", (int)port);
    struct http_client *client = http_client_open();
    if (client == NULL)
        return 1;
    struct http_call call = {.url = url, .deadline_ms = HEALTHCHECK_MS};
    struct http_reply reply;
    http_client_call(client, &call, &reply);
    int healthy = reply.status == 200;
    if (!healthy)
        fprintf(stderr, "%s: %s, status %d\n", url, http_outcome_name(reply.outcome), reply.status);
    http_reply_release(&reply);
    http_client_close(client);
    return healthy ? 0 : 1;
}
