/*
 * An open connection: in the server's list, which is in the order of use, with its deadline and
 * what it holds. All on the loop thread.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kit/http_internal.h"
#include "kit/thread.h"

struct http_connection *http_connection_open(struct http_server *server, int fd)
{
    struct http_connection *connection = malloc(sizeof *connection);
    if (connection == NULL)
        return NULL;
    /* Not the input, which is large and written before it is read. */
    memset(connection, 0, offsetof(struct http_connection, input));
    connection->fd = fd;
    connection->readable = 1;
    connection->is_reserve = server->connection_count >= HTTP_CONNECTIONS_MAX;
    connection->exchange.server = server;
    connection->exchange.connection = connection;
    http_connection_may_take(connection, server->deadline_ns);
    connection->previous = server->newest;
    *(server->newest != NULL ? &server->newest->next : &server->oldest) = connection;
    server->newest = connection;
    server->connection_count++;
    return connection;
}

static void unlink_from(struct http_server *server, struct http_connection *connection)
{
    *(connection->previous != NULL ? &connection->previous->next : &server->oldest) =
        connection->next;
    *(connection->next != NULL ? &connection->next->previous : &server->newest) =
        connection->previous;
}

int http_connection_is_reserve(struct http_connection *connection)
{
    connection->is_reserve &= connection->exchange.server->connection_count > HTTP_CONNECTIONS_MAX;
    return connection->is_reserve;
}

void http_connection_become_newest(struct http_server *server, struct http_connection *connection)
{
    if (server->newest == connection)
        return;
    unlink_from(server, connection);
    connection->previous = server->newest;
    connection->next = NULL;
    server->newest->next = connection;
    server->newest = connection;
}

void http_connection_may_take(struct http_connection *connection, int64_t duration_ns)
{
    connection->cut_at_ns = duration_ns == 0 ? 0 : monotonic_ns() + duration_ns;
}

void http_connection_charge(struct http_connection *connection)
{
    const struct http_exchange *exchange = &connection->exchange;
    size_t holds = exchange->body.length + exchange->response.body.length;
    exchange->server->memory += holds - connection->charged; /* unsigned: less works too */
    connection->charged = holds;
}

void http_connection_end_request(struct http_connection *connection, const char *unanswered)
{
    struct http_exchange *exchange = &connection->exchange;
    http_record(exchange, unanswered);
    http_request_end(exchange);
    http_connection_charge(connection);
    http_loop_count(exchange->server, -1);
}

void http_connection_close(struct http_connection *connection, const char *why)
{
    struct http_server *server = connection->exchange.server;
    if (connection->stage == HTTP_BODY || connection->stage == HTTP_ANSWERING)
        http_connection_end_request(connection, why);
    if (connection->stage == HTTP_STREAMING)
        http_stream_end(connection, HTTP_STREAM_ENDING);
    unlink_from(server, connection);
    for (struct http_connection **at = &server->turns; connection->waits_for_turn;
         at = &(*at)->next_turn)
        if (*at == connection) {
            *at = connection->next_turn;
            break;
        }
    server->connection_count--;
    server->has_room = 1;
    close(connection->fd);
    text_release(&connection->output);
    text_release(&connection->exchange.joined);
    text_release(&connection->exchange.query);
    text_release(&connection->exchange.body);
    http_response_release(&connection->exchange.response);
    free(connection);
}
