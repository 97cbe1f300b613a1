#include "suites/04-chat/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/clock.h"

enum { SENDERS = 16, NS_PER_S = 1000000000 };

static int by_value(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The value below which that share lies. Sorts. */
static double quantile(double *values, int count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, (size_t)count, sizeof *values, by_value);
    int place = (int)(share * count);
    return values[place < count ? place : count - 1];
}

int chat_measure_open(struct crowd *crowd, int channels, int readers)
{
    char name[40], user[32];
    for (int i = 0; i < channels; i++) {
        snprintf(name, sizeof name, "measured-%d-of-%d", i, channels);
        if (chat_make_channel(crowd->cluster, name, readers / channels))
            return 1;
        int channel = crowd_channel(crowd, name);
        for (int k = 0; k < readers / channels; k++) {
            snprintf(user, sizeof user, "user-%d", k);
            crowd_listen(crowd, channel, user, 0);
        }
    }
    crowd_senders(crowd, SENDERS);
    if (crowd_until(crowd, crowd_is_live, NULL, "streams open, and say live"))
        return 1;
    for (int i = 0; i < SENDERS; i++)
        crowd_send(crowd, i % channels, "user-0");
    return crowd_until(crowd, crowd_is_quiet, NULL, "every message is read by everybody");
}

int chat_measure(struct crowd *crowd, int sends_per_s, int sends, struct chat_delays *out)
{
    int most = sends * crowd->reader_count, first = crowd->send_count;
    int64_t began_ns = monotonic_ns(), gap_ns = NS_PER_S / sends_per_s;
    crowd->delays_ms = calloc((size_t)most + 1, sizeof *crowd->delays_ms);
    crowd->delays_max = crowd->delays_ms != NULL ? most : 0;
    crowd->delay_count = 0;
    while (crowd->send_count - first < sends && crowd->expected[0] == '\0') {
        int64_t due_ns = began_ns + (crowd->send_count - first) * gap_ns;
        if (monotonic_ns() >= due_ns)
            crowd_send(crowd, crowd->send_count % crowd->channel_count, "user-0");
        else
            crowd_turn(crowd, 1);
    }
    int ended = crowd_until(crowd, crowd_is_quiet, NULL, "every message is read by everybody");
    double took_s = (double)(monotonic_ns() - began_ns) / 1e9;
    *out = (struct chat_delays){.deliveries = crowd->delay_count,
                                .per_s = crowd->delay_count / took_s};
    out->p50_ms = quantile(crowd->delays_ms, crowd->delay_count, 0.5);
    out->p99_ms = quantile(crowd->delays_ms, crowd->delay_count, 0.99);
    free(crowd->delays_ms);
    crowd->delays_ms = NULL;
    return ended;
}

/* --- lone requests ---------------------------------------------------------------------------- */

struct lone {
    struct chat_cluster *cluster;
    struct http_client *client;
    const char *node, *method, *path;
    int status; /* that is expected */
};

/* One after the other. The body is before, its number, and behind; before NULL: there is none. 1
   when one is answered otherwise. Raises *slow_ms to what 99 of 100 took at most. */
static int time_lone(const struct lone *lone, const char *before, const char *behind,
                     struct chat_took *took, double *slow_ms)
{
    static const char *const headers[] = {"X-User: user-0", NULL};
    double took_us[MEASURE_LONE];
    char url[160], body[256];
    snprintf(url, sizeof url, "%s%s", cluster_url(lone->cluster->run->cluster, lone->node),
             lone->path);
    for (int i = 0; i < MEASURE_LONE; i++) {
        struct http_reply reply = {0};
        snprintf(body, sizeof body, "%s%d%s", before != NULL ? before : "", i,
                 behind != NULL ? behind : "");
        int64_t began_ns = monotonic_ns();
        http_client_call(lone->client,
                         &(struct http_call){.method = lone->method,
                                             .url = url,
                                             .headers = headers,
                                             .body = before != NULL ? body : NULL,
                                             .deadline_ms = CHAT_WAIT_MS},
                         &reply);
        took_us[i] = (double)(monotonic_ns() - began_ns) / 1e3;
        int status = reply.status;
        http_reply_release(&reply);
        if (status != lone->status)
            return 1; /* no verdict: that is for checks which ask for it */
    }
    took->median_us = quantile(took_us, MEASURE_LONE, 0.5);
    took->least_us = took_us[0];
    *slow_ms = fmax(*slow_ms, quantile(took_us, MEASURE_LONE, 0.99) / 1e3);
    return 0;
}

static struct chat_took without_trip(struct chat_took took, const struct chat_took *trip)
{
    took.least_us = fmax(took.least_us - trip->least_us, 0);
    took.median_us = fmax(took.median_us - trip->median_us, took.least_us);
    return took;
}

/* From the first delivery of a message to its last, for each reader. */
static double time_reader(struct crowd *crowd, int channel)
{
    enum { MESSAGES = 40 };
    double spread_us[MESSAGES] = {0}, delays_ms[CROWD_READERS_MAX];
    int count = 0;
    for (int i = 0; i < MESSAGES; i++) {
        crowd->delays_ms = delays_ms;
        crowd->delays_max = CROWD_READERS_MAX;
        crowd->delay_count = 0;
        crowd_send(crowd, channel, "user-0");
        int ended = crowd_until(crowd, crowd_is_quiet, NULL, "every message is read by everybody");
        crowd->delays_ms = NULL;
        if (ended)
            return -1;
        if (crowd->delay_count > 1)
            spread_us[count++] = (quantile(delays_ms, crowd->delay_count, 1) - delays_ms[0]) * 1e3 /
                                 (crowd->delay_count - 1);
    }
    return quantile(spread_us, count, 0.5);
}

int chat_measure_costs(struct crowd *crowd, int channel, struct chat_costs *out)
{
    struct chat_cluster *cluster = crowd->cluster;
    const char *channels = chat_node_of(cluster, OWNS_CHANNELS);
    const char *messages = chat_node_of(cluster, OWNS_MESSAGES);
    const char *const gateway = cluster->gateways[0];
    struct http_client *client = http_client_open();
    struct chat_took trip = {0}, pass = {0}, query = {0}, commit = {0};
    char path[96];
    if (client == NULL)
        return run_error(cluster->run, "out of memory for an HTTP client");
    snprintf(path, sizeof path, "/node/channels/%s/members/user-0", crowd->channels[channel].name);
    const struct lone live = {cluster, client, channels, "GET", "/health/liveness", 200};
    const struct lone told = {cluster, client, gateway, "POST", "/hub/published", 204};
    const struct lone asked = {cluster, client, channels, "GET", path, 200};
    const struct lone sent = {cluster, client, messages, "POST", "/log/append", 201};
    double reader_us = -1, slow_ms = 0;
    /* The last is sent to a channel of its own, which nobody reads. */
    if (!time_lone(&live, NULL, NULL, &trip, &slow_ms) &&
        !time_lone(&told, "{\"messages\":[],\"number\":", "}", &pass, &slow_ms) &&
        !time_lone(&asked, NULL, NULL, &query, &slow_ms) &&
        !time_lone(&sent,
                   "{\"channel\":\"lone\",\"user\":\"user-0\",\"member\":\"yes\","
                   "\"text\":\"alone\",\"nonce\":\"",
                   "\"}", &commit, &slow_ms))
        reader_us = time_reader(crowd, channel);
    *out = (struct chat_costs){.hop_us = trip.median_us / 2,
                               .pass = without_trip(pass, &trip),
                               .query = without_trip(query, &trip),
                               .commit = without_trip(commit, &trip),
                               .reader_us = reader_us,
                               .slow_ms = slow_ms};
    http_client_close(client);
    return reader_us < 0;
}
