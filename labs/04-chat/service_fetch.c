#include "service_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/thread.h"
#include "service_wire.h"

enum { NS_PER_MS = 1000000 };

struct fetch {
    struct fetch *next;
    int64_t due_ns; /* not before */
    uint32_t stream;
    char channel[CHAT_ID_SIZE];
    int64_t after;
    int limit;
};

struct fetching {
    struct host *host;
    struct streams *streams;
    int64_t ping_ns; /* 0: no signs of life */
    pthread_t fetchers[FETCHERS], poller;
    int started;          /* fetchers */
    int polls;            /* 1: the poller was started */
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;  /* for fetchers */
    pthread_cond_t stop;  /* for the poller */
    struct fetch *first;  /* in no order; there are few: an open stream has one at most, and one
                             of a stream that has ended goes when it is due */
    int stopping;
};

/* --- pages ------------------------------------------------------------------------------------ */

/* A page as it grows: it may come in several answers, since an answer has its limits in bytes. */
struct page {
    struct chat_message *messages;
    int count, limit;
    int64_t after; /* the last number that is in it, or before it */
    int more;      /* 1: it ended for the answer's sake */
};

/* Adds {messages, last, more}. 0, or ERR_CORRUPT. */
static int read_page(const struct http_reply *reply, struct page *page)
{
    cJSON *body = json_parse(text_str(&reply->body), reply->body.length, NULL);
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(body, &errors);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "messages"))
    {
        if (page->count == page->limit || wire_get_message(item, &page->messages[page->count]) < 0)
            break;
        page->count++;
    }
    page->after = json_int64(&reader, "last", 0, INT64_MAX >> 10);
    page->more = json_bool_or(&reader, "more", 0);
    cJSON_Delete(body);
    return item == NULL && errors.count == 0 ? 0 : ERR_CORRUPT;
}

/* 0, or a negative code: it is to be asked for again. */
static int fetch_answers(struct fetching *fetching, const char *channel, struct page *page)
{
    int result = 0;
    do {
        struct http_reply reply;
        char path[128 + CHAT_ID_SIZE];
        snprintf(path, sizeof path, "/log/channels/%s?after=%lld&limit=%d", channel,
                 (long long)page->after, page->limit - page->count);
        nodes_call(
            fetching->host->nodes,
            &(struct node_call){.node = nodes_keeper(fetching->host->nodes, OWNS_MESSAGES, channel),
                                .method = "GET",
                                .path = path},
            &reply);
        result = reply.status == 200 ? read_page(&reply, page) : ERR_UNAVAILABLE;
        http_reply_release(&reply);
    } while (result == 0 && page->more && page->count < page->limit);
    return result;
}

/* 1: it is done, or nobody waits for it any more. */
static int fetch_page(struct fetching *fetching, const struct fetch *fetch)
{
    struct page page = {.limit = fetch->limit, .after = fetch->after};
    if (!streams_have(fetching->streams, fetch->stream))
        return 1;
    page.messages = calloc((size_t)fetch->limit, sizeof *page.messages);
    if (page.messages == NULL)
        return 0;
    int result = fetch_answers(fetching, fetch->channel, &page);
    if (result == 0)
        streams_page(fetching->streams, fetch->stream, page.messages, page.count);
    free(page.messages);
    return result == 0;
}

/* The fetch that is due first, taken out; NULL: there is none, *wait_ns says for how long. */
static struct fetch *take_due(struct fetching *fetching, int64_t *wait_ns)
{
    struct fetch **first = &fetching->first;
    for (struct fetch **at = &fetching->first; *at != NULL; at = &(*at)->next)
        if ((*at)->due_ns < (*first)->due_ns)
            first = at;
    struct fetch *fetch = *first;
    *wait_ns = fetch != NULL ? fetch->due_ns : INT64_MAX;
    if (fetch == NULL || fetch->due_ns > monotonic_ns())
        return NULL;
    *first = fetch->next;
    return fetch;
}

static void add(struct fetching *fetching, struct fetch *fetch)
{
    pthread_mutex_lock(&fetching->lock);
    fetch->next = fetching->first;
    fetching->first = fetch;
    pthread_cond_signal(&fetching->more);
    pthread_mutex_unlock(&fetching->lock);
}

static void *fetcher_main(void *arg)
{
    struct fetching *fetching = arg;
    int64_t until_ns = 0;
    pthread_mutex_lock(&fetching->lock);
    while (!fetching->stopping) {
        struct fetch *fetch = take_due(fetching, &until_ns);
        if (fetch == NULL && until_ns == INT64_MAX) {
            pthread_cond_wait(&fetching->more, &fetching->lock);
        } else if (fetch == NULL) {
            thread_wait(&fetching->more, &fetching->lock, until_ns);
        } else {
            pthread_mutex_unlock(&fetching->lock);
            int done = fetch_page(fetching, fetch);
            fetch->due_ns = monotonic_ns() + FETCH_AGAIN_MS * NS_PER_MS;
            if (done)
                free(fetch);
            else
                add(fetching, fetch);
            pthread_mutex_lock(&fetching->lock);
        }
    }
    pthread_mutex_unlock(&fetching->lock);
    return NULL;
}

void fetching_add(struct fetching *fetching, uint32_t stream, const char *channel, int64_t after,
                  int limit, int64_t wait_ms)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL)
        abort(); /* the stream would wait for ever; a restart repairs that */
    fetch->due_ns = wait_ms > 0 ? monotonic_ns() + wait_ms * NS_PER_MS : 0;
    fetch->stream = stream;
    fetch->after = after;
    fetch->limit = limit < 1 ? 1 : limit > CHAT_PAGE_MAX ? CHAT_PAGE_MAX : limit;
    snprintf(fetch->channel, sizeof fetch->channel, "%s", channel);
    add(fetching, fetch);
}

/* --- what is newest --------------------------------------------------------------------------- */

static void ask_newest(struct fetching *fetching, const char *node)
{
    struct http_reply reply;
    char path[64 + CHAT_NODE_SIZE];
    snprintf(path, sizeof path, "/log/newest?gateway=%s", nodes_own_name(fetching->host->nodes));
    nodes_call(fetching->host->nodes,
               &(struct node_call){.node = node, .method = "GET", .path = path}, &reply);
    cJSON *body =
        reply.status == 200 ? json_parse(text_str(&reply.body), reply.body.length, NULL) : NULL;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "channels"))
    {
        struct json_errors errors = {0};
        struct json_reader reader = json_reader(item, &errors);
        const char *channel = json_string(&reader, "channel", 1, CHAT_ID_SIZE - 1);
        int64_t number = json_int64(&reader, "number", 1, INT64_MAX >> 10);
        if (errors.count == 0)
            streams_newest(fetching->streams, channel, number);
    }
    cJSON_Delete(body);
    http_reply_release(&reply);
}

static void *poller_main(void *arg)
{
    struct fetching *fetching = arg;
    int64_t next_ns = monotonic_ns(), ping_ns = next_ns;
    const char *names[CHAT_NODES_MAX];
    pthread_mutex_lock(&fetching->lock);
    while (!fetching->stopping) {
        if (monotonic_ns() < next_ns) {
            thread_wait(&fetching->stop, &fetching->lock, next_ns);
            continue;
        }
        pthread_mutex_unlock(&fetching->lock);
        next_ns = monotonic_ns() + NEWEST_MS * NS_PER_MS;
        int count = nodes_of(fetching->host->nodes, OWNS_MESSAGES, names);
        for (int i = 0; i < count; i++)
            ask_newest(fetching, names[i]);
        if (fetching->ping_ns > 0 && monotonic_ns() >= ping_ns + fetching->ping_ns) {
            ping_ns = monotonic_ns();
            streams_ping(fetching->streams);
        }
        pthread_mutex_lock(&fetching->lock);
    }
    pthread_mutex_unlock(&fetching->lock);
    return NULL;
}

/* --- opening ---------------------------------------------------------------------------------- */

int fetching_open(struct fetching **out, struct host *host, struct streams *streams,
                  int64_t ping_ms, struct error *err)
{
    struct fetching *fetching = calloc(1, sizeof *fetching);
    if (fetching == NULL)
        return error_set(err, ERR_LIMIT, "no memory to fetch with");
    *fetching = (struct fetching){.host = host, .streams = streams, .ping_ns = ping_ms * NS_PER_MS};
    pthread_mutex_init(&fetching->lock, NULL);
    thread_condition_init(&fetching->more);
    thread_condition_init(&fetching->stop);
    int result = 0;
    for (int i = 0; i < FETCHERS && result == 0; i++) {
        result = thread_start(&fetching->fetchers[i], fetcher_main, fetching, err);
        fetching->started += result == 0;
    }
    if (result == 0)
        result = thread_start(&fetching->poller, poller_main, fetching, err);
    fetching->polls = result == 0;
    if (result == 0)
        *out = fetching;
    else
        fetching_close(fetching);
    return result;
}

void fetching_close(struct fetching *fetching)
{
    if (fetching == NULL)
        return;
    pthread_mutex_lock(&fetching->lock);
    fetching->stopping = 1;
    pthread_cond_broadcast(&fetching->more);
    pthread_cond_signal(&fetching->stop);
    pthread_mutex_unlock(&fetching->lock);
    for (int i = 0; i < fetching->started; i++)
        pthread_join(fetching->fetchers[i], NULL);
    if (fetching->polls)
        pthread_join(fetching->poller, NULL);
    while (fetching->first != NULL) {
        struct fetch *fetch = fetching->first;
        fetching->first = fetch->next;
        free(fetch);
    }
    pthread_cond_destroy(&fetching->more);
    pthread_cond_destroy(&fetching->stop);
    pthread_mutex_destroy(&fetching->lock);
    free(fetching);
}
