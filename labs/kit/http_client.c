/*
 * Calls over libcurl's easy interface.
 *
 * A handle serves one call at a time and keeps its connections for the next: a call over a kept
 * connection costs 41 us, over a new one 102 us (measured on loopback). Handles are taken last in,
 * first out, so the warmest connection is used and the others grow old. libcurl looks at the age of
 * a connection only when it wants to use it again, so old handles are closed by http_client_tidy.
 *
 * One rule needs care. When a kept connection breaks before a byte of the answer has come, libcurl
 * sends the request again by itself, even a POST: the other side may then do its work twice, and
 * the caller, who must decide about retries, never hears of it. So before each sending libcurl asks
 * us, and the second time within one call the answer is no: the outcome is HTTP_RESET.
 */
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "kit/http_client.h"
#include "kit/limits.h"
#include "kit/thread.h"
#include "kit/trace.h"

enum { RECEIVE_BYTES = 4 * 1024 }; /* libcurl's buffer of each handle; its default is 16 KiB */

/* A handle and what its callbacks need. */
struct caller {
    struct caller *next; /* in the client's list of idle ones */
    CURL *curl;
    struct http_reply *reply;
    int tried; /* connections that were tried for it */
    int sent;  /* times that the request was about to be sent */
    int64_t idle_since_ns;
};

struct http_client {
    struct tracer *tracer;
    pthread_mutex_t lock; /* guards idle and idle_count */
    struct caller *idle;
    int idle_count;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *arg);
static size_t on_header(char *bytes, size_t size, size_t count, void *arg);
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose);
static int on_send(void *arg, char *remote, char *local, int remote_port, int local_port);

struct http_client *http_client_open(void)
{
    /* Services speak plain HTTP to each other; TLS ends at the gateway. */
    if (curl_global_init(CURL_GLOBAL_NOTHING) != 0)
        return NULL;
    struct http_client *client = calloc(1, sizeof *client);
    if (client != NULL)
        pthread_mutex_init(&client->lock, NULL);
    return client;
}

void http_client_trace(struct http_client *client, struct tracer *tracer)
{
    client->tracer = tracer;
}

static void close_caller(struct caller *caller)
{
    curl_easy_cleanup(caller->curl);
    free(caller);
}

static void close_callers(struct caller *caller)
{
    for (struct caller *next = NULL; caller != NULL; caller = next) {
        next = caller->next;
        close_caller(caller);
    }
}

void http_client_tidy(struct http_client *client, int64_t idle_ms)
{
    int64_t since_ns = monotonic_ns() - idle_ms * 1000000;
    int kept = 0;
    pthread_mutex_lock(&client->lock);
    struct caller **at = &client->idle; /* the one that was used last is the first */
    for (; *at != NULL && (*at)->idle_since_ns > since_ns; at = &(*at)->next)
        kept++;
    struct caller *old = *at;
    *at = NULL;
    client->idle_count = kept;
    pthread_mutex_unlock(&client->lock);
    close_callers(old);
}

void http_client_close(struct http_client *client)
{
    if (client == NULL)
        return;
    close_callers(client->idle);
    pthread_mutex_destroy(&client->lock);
    free(client);
    curl_global_cleanup();
}

/* Options that stay the same for every call. */
static struct caller *open_caller(void)
{
    struct caller *caller = calloc(1, sizeof *caller);
    CURL *curl = caller != NULL ? curl_easy_init() : NULL;
    if (curl == NULL) {
        free(caller);
        return NULL;
    }
    caller->curl = curl;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* signals and threads do not mix */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");      /* not even by http_proxy in the environment */
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* an id of ".." must not leave its folder */
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)(HTTP_CLIENT_IDLE_MS / 1000));
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, caller);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, caller);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, caller);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, caller);
    return caller;
}

static struct caller *take_caller(struct http_client *client)
{
    pthread_mutex_lock(&client->lock);
    struct caller *caller = client->idle;
    if (caller != NULL) {
        client->idle = caller->next;
        client->idle_count--;
    }
    pthread_mutex_unlock(&client->lock);
    return caller != NULL ? caller : open_caller();
}

static void give_back(struct http_client *client, struct caller *caller)
{
    pthread_mutex_lock(&client->lock);
    int keep = client->idle_count < HTTP_CLIENT_IDLE_MAX;
    if (keep) {
        caller->idle_since_ns = monotonic_ns();
        caller->next = client->idle;
        client->idle = caller;
        client->idle_count++;
    }
    pthread_mutex_unlock(&client->lock);
    if (!keep)
        close_caller(caller);
}

/* HTTP_REPLY_MAX counts for the body, and again for the headers. */
static size_t keep_bytes(struct text *text, const char *bytes, size_t length)
{
    if (text->length + length > HTTP_REPLY_MAX)
        return 0; /* libcurl ends the call with CURLE_WRITE_ERROR */
    text_append(text, bytes, length);
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct caller *caller = arg;
    return keep_bytes(&caller->reply->body, bytes, size * count);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct caller *caller = arg;
    return keep_bytes(&caller->reply->headers, bytes, size * count);
}

static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)fd;
    (void)purpose;
    struct caller *caller = arg;
    caller->tried++;
    return CURL_SOCKOPT_OK;
}

static int on_send(void *arg, char *remote, char *local, int remote_port, int local_port)
{
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    struct caller *caller = arg;
    return caller->sent++ == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static enum http_outcome outcome_of(const struct caller *caller, CURLcode code)
{
    if (code == CURLE_OK)
        return HTTP_OK;
    if (caller->sent == 0)
        return HTTP_REFUSED; /* whatever went wrong, nothing was sent */
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMEOUT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* how libcurl calls an answer without a status line */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
        return HTTP_GARBAGE;
    default:
        return HTTP_RESET;
    }
}

/* Without a socket libcurl keeps the reason of a call before. */
static int has_found_nobody(const struct caller *caller, CURLcode code)
{
    long reason = 0;
    return code == CURLE_COULDNT_CONNECT && caller->tried > 0 &&
           curl_easy_getinfo(caller->curl, CURLINFO_OS_ERRNO, &reason) == CURLE_OK &&
           reason == ECONNREFUSED;
}

/* The request's headers as libcurl's list, the caller's to free. */
static struct curl_slist *header_list(const struct http_call *call, const struct trace *trace)
{
    struct curl_slist *list = NULL;
    char line[TRACE_STATE_MAX + 64];
    int typed = 0; /* the caller's own headers have a Content-Type */
    for (int i = 0; call->headers != NULL && call->headers[i] != NULL; i++)
        typed |= strncasecmp(call->headers[i], "Content-Type:", strlen("Content-Type:")) == 0;
    if (call->body != NULL) {
        const char *type = call->content_type != NULL ? call->content_type : "application/json";
        snprintf(line, sizeof line, "Content-Type: %s", type);
        if (!typed)
            list = curl_slist_append(list, line);
        list = curl_slist_append(list, "Expect:"); /* never wait for a 100 Continue */
    }
    if (trace != NULL) {
        char value[TRACEPARENT_SIZE];
        trace_header(trace, value);
        snprintf(line, sizeof line, "traceparent: %s", value);
        list = curl_slist_append(list, line);
        snprintf(line, sizeof line, "tracestate: %s", trace->state);
        if (trace->state[0] != '\0')
            list = curl_slist_append(list, line);
    }
    for (int i = 0; call->headers != NULL && call->headers[i] != NULL; i++)
        list = curl_slist_append(list, call->headers[i]);
    return list;
}

static void set_request(CURL *curl, const struct http_call *call, const struct curl_slist *headers)
{
    const char *method = call->method != NULL ? call->method : "GET";
    long connect_ms =
        (long)(call->deadline_ms < HTTP_CONNECT_MS ? call->deadline_ms : HTTP_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->deadline_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    if (call->body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(call->body));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body); /* not copied */
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static void make_call(struct caller *caller, const struct http_call *call,
                      const struct trace *trace, struct http_reply *reply)
{
    caller->reply = reply;
    caller->tried = caller->sent = 0;
    struct curl_slist *headers = header_list(call, trace);
    set_request(caller->curl, call, headers);
    CURLcode code = curl_easy_perform(caller->curl);
    reply->outcome = outcome_of(caller, code);
    reply->nobody_listens = reply->outcome == HTTP_REFUSED && has_found_nobody(caller, code);
    curl_easy_setopt(caller->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    caller->reply = NULL;
    if (reply->outcome != HTTP_OK)
        return;

    long status = 0;
    curl_easy_getinfo(caller->curl, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    char value[16];
    if (http_reply_header(reply, "Retry-After", value, sizeof value)) {
        char *end = value;
        long retry_after = strtol(value, &end, 10);
        if (end != value && *end == '\0' && retry_after >= 0 && retry_after < INT32_MAX)
            reply->retry_after_s = (int)retry_after;
    }
}

/* "host:port" out of a URL. */
static void peer_of(const char *url, char *peer, size_t size)
{
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    snprintf(peer, size, "%.*s", (int)strcspn(host, "/?#"), host);
}

static void write_span(struct http_client *client, const struct http_call *call,
                       const struct trace *trace, int64_t start_unix_ns, int status)
{
    char peer[128];
    peer_of(call->url, peer, sizeof peer);
    const char *host = strstr(call->url, "://");
    struct span span = {
        .trace = trace,
        .name = call->method != NULL ? call->method : "GET",
        .kind = "client",
        .peer = peer,
        .target = host != NULL ? strchr(host + 3, '/') : NULL,
        .start_unix_ns = start_unix_ns,
        .end_unix_ns = trace_now_ns(),
        .http_status = status,
    };
    tracer_write(client->tracer, &span);
}

void http_client_call(struct http_client *client, const struct http_call *call,
                      struct http_reply *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->outcome = HTTP_REFUSED;
    reply->retry_after_s = -1;
    int64_t start_ns = monotonic_ns();
    int64_t start_unix_ns = trace_now_ns();

    /* With spans on, the call is a span of its own and the other side's is below it. */
    struct trace child;
    const struct trace *trace = call->trace;
    if (trace != NULL && client->tracer != NULL && tracer_enabled(client->tracer)) {
        child = trace_child(trace);
        trace = &child;
    }
    struct caller *caller = take_caller(client);
    if (caller != NULL) {
        make_call(caller, call, trace, reply);
        give_back(client, caller);
    }
    reply->elapsed_ms = (monotonic_ns() - start_ns) / 1000000;
    if (reply->outcome != HTTP_OK) { /* half an answer is none */
        text_clear(&reply->body);
        text_clear(&reply->headers);
    }
    if (trace == &child)
        write_span(client, call, trace, start_unix_ns, reply->status);
}
