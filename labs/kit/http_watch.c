/*
 * The watch: cuts off connections whose time is up.
 *
 * libmicrohttpd's own timeout starts anew with every byte, so a client that sends one byte a
 * second holds its connection for ever. Here each connection carries the moment at which it is
 * cut off: set when it is accepted or its last answer has gone, again when the head of a request
 * is in, taken away while a handler runs. The watch shuts the socket down; the loop thread then
 * reads the end of the stream and tidies up as for any client that went away.
 *
 * It also finds clients that libmicrohttpd does not miss. That one is told of changes only (edge
 * triggered), and takes a read that gave less than it wanted for the last of what there is: when
 * the end of the stream came together with those bytes, it is never read. Such a request would
 * count as in flight, and hold up draining, until its deadline.
 */
#include <sys/socket.h>
#include "kit/http_internal.h"
#include "kit/thread.h"

enum { LOOKS_PER_DEADLINE = 10 };

/* 1 when nothing can come any more, and more is needed. A client that has said all may hang up its
   own side and wait for the answer. */
static int has_hung_up(const struct http_connection *connection)
{
    char byte = 0;
    return atomic_load(&connection->stage) != HTTP_ANSWERING &&
           recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void *watch_main(void *arg)
{
    struct http_server *server = arg;
    pthread_mutex_lock(&server->connections_lock);
    while (!server->watch_stop) {
        int64_t now = monotonic_ns();
        /* The lock keeps each fd open, and so its number from meaning another connection. */
        for (struct http_connection *c = server->connections; c != NULL; c = c->next) {
            int64_t cut_at = atomic_load(&c->cut_at_ns);
            if (cut_at != 0 && now >= cut_at)
                shutdown(c->fd, SHUT_RDWR);
            else if (cut_at != 0 && has_hung_up(c)) /* unless it gets on before the next look */
                atomic_compare_exchange_strong(&c->cut_at_ns, &cut_at, now);
        }
        thread_wait(&server->watch_wake, &server->connections_lock,
                    now + server->deadline_ns / LOOKS_PER_DEADLINE);
    }
    pthread_mutex_unlock(&server->connections_lock);
    return NULL;
}

int http_watch_start(struct http_server *server, struct error *err)
{
    int code = thread_start(&server->watch, watch_main, server, err);
    server->watching = code == 0;
    return code;
}

void http_watch_stop(struct http_server *server)
{
    if (!server->watching)
        return;
    pthread_mutex_lock(&server->connections_lock);
    server->watch_stop = 1;
    pthread_cond_signal(&server->watch_wake);
    pthread_mutex_unlock(&server->connections_lock);
    pthread_join(server->watch, NULL);
    server->watching = 0;
}
