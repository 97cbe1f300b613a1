/*
 * libmicrohttpd's callbacks, all on the loop thread: the life of a connection and of a request.
 *
 * The access handler is called with the head of a request, then for each piece of its body, then
 * once with nothing more to read. A refusal is known at the head, but a response queued before the
 * body is read makes libmicrohttpd close the connection, and in the middle of the body none can be
 * queued at all. So the body of a refused request is read and dropped, and the answer given at the
 * end: closed with bytes unread, the connection would be reset, and the answer might never be seen.
 * Only a request that announces more than HTTP_DROP_MAX is answered, and closed, at once.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "kit/http_internal.h"
#include "kit/thread.h"

enum { KEEP_BYTES = 16 * 1024 }; /* a larger buffer is given back after its request */

static void may_take(struct http_connection *connection, int64_t duration_ns)
{
    atomic_store(&connection->cut_at_ns, duration_ns == 0 ? 0 : monotonic_ns() + duration_ns);
}

static struct http_connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static void open_connection(struct http_server *server, struct MHD_Connection *mhd, void **out)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || info == NULL) {
        free(connection); /* its requests are refused: connection_of is NULL */
        return;
    }
    connection->fd = info->connect_fd;
    connection->exchange.server = server;
    connection->exchange.connection = connection;
    may_take(connection, server->deadline_ns);

    pthread_mutex_lock(&server->connections_lock);
    connection->next = server->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    server->connections = connection;
    pthread_mutex_unlock(&server->connections_lock);
    *out = connection;
}

static void close_connection(struct http_server *server, struct http_connection *connection)
{
    pthread_mutex_lock(&server->connections_lock);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    pthread_mutex_unlock(&server->connections_lock);
    text_release(&connection->exchange.body);
    text_release(&connection->exchange.response.body);
    free(connection);
}

void http_on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        open_connection(context, mhd, socket_context);
    else if (*socket_context != NULL)
        close_connection(context, *socket_context);
}

/* 1 when the request's media type is the wanted one; parameters after a ';' do not count. */
static int media_type_fits(const struct http_request *request, const char *wanted)
{
    const char *type = http_header(request, "Content-Type");
    size_t length = type != NULL ? strcspn(type, "; \t") : 0;
    return length == strlen(wanted) && strncasecmp(type, wanted, length) == 0;
}

static int announces_more_than(const struct http_request *request, unsigned long long bytes)
{
    const char *length = http_header(request, "Content-Length");
    return length != NULL && strtoull(length, NULL, 10) > bytes;
}

/* Fills the exchange from the head of a request. */
static void begin_request(struct http_exchange *exchange, struct MHD_Connection *mhd,
                          const char *url, const char *method)
{
    struct http_server *server = exchange->server;
    exchange->mhd = mhd;
    exchange->route = NULL;
    exchange->refusal = 0;
    exchange->allow[0] = '\0';
    exchange->answer = NULL;
    exchange->start_ns = monotonic_ns();
    exchange->start_unix_ns = trace_now_ns();
    exchange->response.status = 200;
    exchange->response.content_type = NULL;
    exchange->response.header_count = 0;
    atomic_store(&exchange->connection->stage, HTTP_READING);
    atomic_fetch_add(&server->in_flight, 1);
    may_take(exchange->connection, server->deadline_ns);

    size_t length = strlen(url);
    exchange->path[0] = '\0'; /* no route has "" */
    if (length < sizeof exchange->path)
        memcpy(exchange->path, url, length + 1);
    struct http_request *request = &exchange->request;
    request->method = method;
    request->path = exchange->path;
    request->route = "";
    request->exchange = exchange;
    exchange->trace = trace_from_header(http_header(request, "traceparent"));
    request->trace = &exchange->trace;

    http_route_find(exchange);
    if (exchange->refusal == 0 && exchange->route->accepts != NULL &&
        !media_type_fits(request, exchange->route->accepts))
        exchange->refusal = 415;
    if (exchange->refusal == 0 && announces_more_than(request, HTTP_BODY_MAX))
        exchange->refusal = 413;
}

static void take_body(struct http_exchange *exchange, const char *bytes, size_t length)
{
    if (exchange->refusal != 0)
        return;
    if (exchange->body.length + length > HTTP_BODY_MAX)
        exchange->refusal = 413; /* chunked, so nothing was announced */
    else
        text_append(&exchange->body, bytes, length);
}

/* The whole request is here: makes its answer, 1, or hands it to a worker, 0. */
static int dispatch(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    if (exchange->refusal != 0) {
        http_answer_refusal(exchange, exchange->refusal);
        return 1;
    }
    if (exchange->route->accepts == NULL)
        text_clear(&exchange->body);
    exchange->request.body = text_str(&exchange->body);
    exchange->request.body_length = exchange->body.length;
    if (exchange->route->run == HTTP_INLINE) {
        http_run_handler(exchange);
        return 1;
    }
    struct http_pool *pool =
        exchange->route->run == HTTP_HEALTH ? &server->health : &server->workers;
    may_take(exchange->connection, 0);
    MHD_suspend_connection(exchange->mhd); /* first: the worker may be done before submit returns */
    if (http_pool_submit(pool, exchange) < 0) {
        http_answer_refusal(exchange, 503);
        MHD_resume_connection(exchange->mhd);
    }
    return 0;
}

static enum MHD_Result send_answer(struct http_exchange *exchange)
{
    atomic_store(&exchange->connection->stage, HTTP_ANSWERING);
    may_take(exchange->connection, exchange->server->deadline_ns);
    if (exchange->answer == NULL)
        return MHD_NO; /* no memory for it: the connection is closed */
    return MHD_queue_response(exchange->mhd, (unsigned)exchange->response.status, exchange->answer);
}

enum MHD_Result http_on_request(void *context, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **request_context)
{
    (void)context;
    (void)version;
    struct http_exchange *exchange = *request_context;
    if (exchange == NULL) { /* the head */
        struct http_connection *connection = connection_of(mhd);
        if (connection == NULL)
            return MHD_NO;
        exchange = &connection->exchange;
        *request_context = exchange;
        begin_request(exchange, mhd, url, method);
        if (!announces_more_than(&exchange->request, HTTP_DROP_MAX))
            return MHD_YES;
        http_answer_refusal(exchange, exchange->refusal);
        return send_answer(exchange);
    }
    if (*upload_size > 0) {
        take_body(exchange, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    /* With an answer it is the call after resuming. Handed over, nothing of it may be touched. */
    if (exchange->answer == NULL && !dispatch(exchange))
        return MHD_YES;
    return send_answer(exchange);
}

void http_on_completed(void *context, struct MHD_Connection *mhd, void **request_context,
                       enum MHD_RequestTerminationCode why)
{
    (void)mhd;
    struct http_server *server = context;
    struct http_exchange *exchange = *request_context;
    if (exchange == NULL)
        return;
    if (exchange->answer != NULL) {
        if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
            http_record(exchange);
        MHD_destroy_response(exchange->answer);
        exchange->answer = NULL;
    }
    if (exchange->body.capacity > KEEP_BYTES)
        text_release(&exchange->body);
    if (exchange->response.body.capacity > KEEP_BYTES)
        text_release(&exchange->response.body);
    text_clear(&exchange->body);
    text_clear(&exchange->response.body);
    atomic_store(&exchange->connection->stage, HTTP_IDLE);
    atomic_fetch_add(&exchange->connection->served, 1);
    may_take(exchange->connection, server->deadline_ns);
    *request_context = NULL;

    if (atomic_fetch_sub(&server->in_flight, 1) == 1 && atomic_load(&server->draining)) {
        pthread_mutex_lock(&server->drain_lock);
        pthread_cond_broadcast(&server->drained);
        pthread_mutex_unlock(&server->drain_lock);
    }
}
