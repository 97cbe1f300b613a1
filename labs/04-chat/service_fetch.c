#include "service_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/thread.h"
#include "service_complain.h"
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

/* A page may come in several answers, since an answer has its limits in bytes. 0, or a negative
   code: it is to be asked for again. */
static int fetch_answers(struct fetching *fetching, const char *channel, struct wire_page *page,
                         struct error *err)
{
    int result = 0;
    do {
        char path[128 + CHAT_ID_SIZE];
        snprintf(path, sizeof path, "/log/channels/%s?after=%lld&limit=%d", channel,
                 (long long)page->last, page->room - page->count);
        cJSON *body = nodes_get(
            fetching->host->nodes,
            &(struct node_call){.node = nodes_keeper(fetching->host->nodes, OWNS_MESSAGES, channel),
                                .method = "GET",
                                .path = path},
            err);
        result = body != NULL ? wire_get_page(body, page, err) : ERR_UNAVAILABLE;
        cJSON_Delete(body);
    } while (result == 0 && page->more && page->count < page->room);
    return result;
}

/* 1: it is done, or nobody waits for it any more. */
static int fetch_page(struct fetching *fetching, const struct fetch *fetch)
{
    static struct complaint complaint;
    struct error err = {0};
    struct wire_page page = {.room = fetch->limit, .last = fetch->after};
    if (!streams_have(fetching->streams, fetch->stream))
        return 1;
    page.messages = calloc((size_t)fetch->limit, sizeof *page.messages);
    int result = page.messages != NULL ? fetch_answers(fetching, fetch->channel, &page, &err)
                                       : error_set(&err, ERR_LIMIT, "no memory for a page");
    if (result == 0)
        streams_page(fetching->streams, fetch->stream, page.messages, page.count);
    else
        complain(&complaint, "messages cannot be fetched now, so it is tried again", fetch->channel,
                 err.text);
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

/* How far a message node's numbers have been heard: first of all its channels, by pages, then of
   what was stored after that. */
struct heard {
    int64_t position; /* 0: not yet of all */
    int64_t from;     /* so many channels of all have been heard */
    int64_t begun;    /* the position when that began */
};

static void hear_newest(struct fetching *fetching, const cJSON *body, struct heard *heard)
{
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(body, &errors);
    int64_t position = json_int64(&reader, "position", 0, INT64_MAX >> 10);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "channels"))
    {
        struct json_errors wrong = {0};
        struct json_reader of_item = json_reader(item, &wrong);
        const char *channel = json_string(&of_item, "channel", 1, CHAT_ID_SIZE - 1);
        int64_t number = json_int64(&of_item, "number", 1, INT64_MAX >> 10);
        if (wrong.count == 0)
            streams_newest(fetching->streams, channel, number);
        heard->from++;
    }
    if (errors.count > 0)
        return;
    if (heard->position > 0) {
        heard->position = position;
        return;
    }
    heard->begun = heard->begun > 0 ? heard->begun : position;
    if (!json_bool_or(&reader, "more", 0))
        *heard = (struct heard){.position = heard->begun};
}

static void ask_newest(struct fetching *fetching, const char *node, struct heard *heard)
{
    static struct complaint complaint;
    struct error err = {0};
    char path[96];
    snprintf(path, sizeof path, "/log/newest?after=%lld&from=%lld", (long long)heard->position,
             heard->position > 0 ? 0LL : (long long)heard->from);
    cJSON *body = nodes_get(fetching->host->nodes,
                            &(struct node_call){.node = node, .method = "GET", .path = path}, &err);
    if (body != NULL)
        hear_newest(fetching, body, heard);
    else
        complain(&complaint, "what is newest cannot be heard now, so it is tried again", node,
                 err.text);
    cJSON_Delete(body);
}

static void *poller_main(void *arg)
{
    struct fetching *fetching = arg;
    int64_t next_ns = monotonic_ns(), ping_ns = next_ns;
    const char *names[CHAT_NODES_MAX]; /* in the same order at each look */
    struct heard heard[CHAT_NODES_MAX] = {0};
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
            ask_newest(fetching, names[i], &heard[i]);
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
