/*
 * Lab 04, step 4: placement, by where thousands of channels come to lie.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/04-chat/checks.h"
#include "suites/04-chat/core.h"

enum { CHANNELS = 10000, NODES_MAX = 64, NODE_SIZE = 80 };

struct nodes {
    char names[NODES_MAX][NODE_SIZE];
    int count;
};
struct places {
    int count;                  /* channels c-0, c-1, ... */
    unsigned char of[CHANNELS]; /* a place in nodes */
};

/* Where so many channels lie. 1 = a verdict stands. */
static int ask_places(struct check_run *run, struct probe *probe, const struct nodes *nodes,
                      int count, struct places *out)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.:";
    struct message reply = {0};
    struct text list = {0};
    for (int i = 0; i < nodes->count; i++)
        text_addf(&list, "%s%s", i > 0 ? "," : "", nodes->names[i]);
    int ended = run_ask(run, probe, &reply, "places count=%d nodes=%s", count, text_str(&list));
    const char *at = message_get_or(&reply, "at", "");
    if (!ended && strcmp(reply.word, "ok") != 0)
        ended = run_fail(run, "wrong answer", "a place in nodes", "%s",
                         message_get_or(&reply, "text", reply.word));
    if (!ended && strlen(at) != (size_t)count)
        ended = run_fail(run, "protocol", "a place for each channel", "%zu of them", strlen(at));
    out->count = count;
    for (int i = 0; i < count && !ended; i++) {
        const char *digit = strchr(digits, at[i]);
        out->of[i] = (unsigned char)(digit != NULL ? digit - digits : NODES_MAX);
    }
    message_release(&reply);
    text_release(&list);
    return ended;
}

static int check_shares(struct check_run *run, const struct nodes *nodes,
                        const struct places *places)
{
    int shares[NODES_MAX] = {0};
    int most = 0;
    for (int i = 0; i < CHANNELS; i++)
        shares[places->of[i]]++;
    for (int i = 1; i < nodes->count; i++)
        most = shares[i] > shares[most] ? i : most;
    if (shares[most] * nodes->count * 10 <= 16 * CHANNELS)
        return 0;
    return run_fail(run, "wrong answer", "no node with more than 1.6 times its share",
                    "of %d channels on %d nodes, %s has %d: %.1f times its share", CHANNELS,
                    nodes->count, nodes->names[most], shares[most],
                    (double)shares[most] * nodes->count / CHANNELS);
}

/* From `fewer` nodes to the same and one more, and so back again: what moves, moves to the new one,
   about its share of it. */
static int check_move(struct check_run *run, const struct nodes *fewer, const struct places *before,
                      const struct nodes *more, const struct places *after)
{
    const char *added = more->names[more->count - 1];
    int taken = 0;
    for (int i = 0; i < CHANNELS; i++) {
        const char *from = fewer->names[before->of[i]], *to = more->names[after->of[i]];
        taken += strcmp(to, added) == 0;
        if (strcmp(from, to) != 0 && strcmp(to, added) != 0)
            return run_fail(run, "wrong answer", "nothing moves between the nodes that stay",
                            "with %s added, c-%d moves from %s to %s", added, i, from, to);
    }
    double shares = (double)taken * more->count / CHANNELS;
    if (shares >= 0.5 && shares <= 1.5)
        return 0;
    return run_fail(run, "wrong answer", "a new node takes .5 to 1.5 times its share",
                    "%s, added to %d nodes, takes %d of %d channels: %.2f times its share", added,
                    fewer->count, taken, CHANNELS, shares);
}

static int check_order(struct check_run *run, const struct nodes *nodes,
                       const struct places *places, const struct nodes *turned,
                       const struct places *turned_places)
{
    for (int i = 0; i < places->count; i++) {
        const char *one = nodes->names[places->of[i]];
        const char *other = turned->names[turned_places->of[i]];
        if (strcmp(one, other) != 0)
            return run_fail(run, "wrong answer", "the same node, in whichever order they come",
                            "c-%d is at %s, and at %s when the list is turned round", i, one,
                            other);
    }
    return 0;
}

/* Names that are nearly the same: a number in the middle or at the end. */
static void draw_nodes(struct check_run *run, int count, struct nodes *out)
{
    static const char *const forms[][2] = {{"node-", ""}, {"gateway-eu-", ".example:80"}, {"", ""}};
    const char *const *form = CHAT_ONE_OF(&run->random, forms);
    int first = (int)random_below(&run->random, 1000);
    out->count = count;
    for (int i = 0; i < count; i++)
        snprintf(out->names[i], NODE_SIZE, "%s%d%s", form[0], first + i, form[1]);
}

static void turn_round(const struct nodes *nodes, struct nodes *out)
{
    out->count = nodes->count;
    for (int i = 0; i < nodes->count; i++)
        snprintf(out->names[i], NODE_SIZE, "%s", nodes->names[nodes->count - 1 - i]);
}

static int play_count(struct check_run *run, struct probe *probe, int count)
{
    struct nodes more, fewer, turned;
    struct places *places = chat_memory(3 * sizeof *places);
    draw_nodes(run, count + 1, &more);
    turn_round(&more, &turned);
    fewer = more;
    fewer.count--;
    int ended = ask_places(run, probe, &fewer, CHANNELS, &places[0]) ||
                ask_places(run, probe, &more, CHANNELS, &places[1]) ||
                ask_places(run, probe, &turned, CHANNELS, &places[2]) ||
                check_shares(run, &more, &places[1]) ||
                check_order(run, &more, &places[1], &turned, &places[2]) ||
                check_move(run, &fewer, &places[0], &more, &places[1]);
    free(places);
    return ended;
}

/* As many nodes as there may be. */
static int play_most(struct check_run *run, struct probe *probe)
{
    struct nodes nodes, turned;
    struct places *places = chat_memory(2 * sizeof *places);
    draw_nodes(run, NODES_MAX, &nodes);
    turn_round(&nodes, &turned);
    int ended = ask_places(run, probe, &nodes, 300, &places[0]) ||
                ask_places(run, probe, &turned, 300, &places[1]) ||
                check_order(run, &nodes, &places[0], &turned, &places[1]);
    free(places);
    return ended;
}

static void check_placement(struct check_run *run)
{
    static const int counts[] = {1, 2, 3, 5, 8};
    struct probe *probe = run_probe(run);
    int ended = probe == NULL;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && !ended; i++)
        ended = play_count(run, probe, counts[i]);
    if (!ended)
        play_most(run, probe);
    run_close(run, probe);
}

/* --- coming back ------------------------------------------------------------------------------ */

enum { DRAWS = 1000 };

/* The delay for a draw; -1 = a verdict stands. */
static int64_t ask_delay(struct check_run *run, struct probe *probe, int64_t spread_ms, double unit)
{
    struct message reply = {0};
    int64_t delay_ms = -1;
    int64_t most_ms = spread_ms > 0 ? spread_ms - 1 : 0;
    int ended =
        run_ask(run, probe, &reply, "delay spread=%lld unit=%.17g", (long long)spread_ms, unit);
    if (!ended) {
        delay_ms = chat_number(&reply, "ms", -2);
        if (delay_ms < 0 || delay_ms > most_ms) {
            run_fail(run, "wrong answer", "0 to spread_ms - 1", "%lld ms of %lld",
                     (long long)delay_ms, (long long)spread_ms);
            delay_ms = -1;
        }
    }
    message_release(&reply);
    return delay_ms;
}

/* Even draws give each delay as often as every other. 1 = a verdict stands. */
static int check_even(struct check_run *run, struct probe *probe, int spread_ms)
{
    int counts[DRAWS] = {0};
    for (int i = 0; i < DRAWS; i++) {
        int64_t delay_ms = ask_delay(run, probe, spread_ms, (i + 0.5) / DRAWS);
        if (delay_ms < 0)
            return 1;
        counts[delay_ms]++;
    }
    for (int i = 0; i < spread_ms; i++) {
        if (counts[i] != DRAWS / spread_ms)
            return run_fail(run, "wrong answer", "each delay as often as every other",
                            "of %d even draws %d wait %d ms, and %d would be their share", DRAWS,
                            counts[i], i, DRAWS / spread_ms);
    }
    return 0;
}

static void check_delays(struct check_run *run)
{
    static const int64_t spreads[] = {1, 2, 600000, INT64_C(1) << 62, INT64_MAX, 0, -1, INT64_MIN};
    struct probe *probe = run_probe(run);
    int ended = probe == NULL;
    for (size_t i = 0; i < sizeof spreads / sizeof spreads[0] && !ended; i++)
        ended = ask_delay(run, probe, spreads[i], 0) < 0 ||
                ask_delay(run, probe, spreads[i], 0.5) < 0 ||
                ask_delay(run, probe, spreads[i], 0x1.fffffffffffffp-1) < 0;
    if (!ended && !check_even(run, probe, 1000) && !check_even(run, probe, 10))
        check_even(run, probe, 4);
    run_close(run, probe);
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 4, .points = its_points, .rules = "C8", .anchor = "placement",             \
    .cpu_ms = 10000

const struct check chat_placement_checks[] = {
    {CHECK("new_node_takes_only_its_share", 1), .run = check_placement,
     .rule = "Channels are spread evenly over the nodes, whatever the order of the list; a node "
             "that is added takes its share, and nothing moves between the others.",
     .hints = {"Any hash modulo the number of nodes moves nearly all channels when one is added.",
               "Rendezvous hashing: a weight for each pair of channel and node, the heaviest node "
               "wins. Or a ring, with about a hundred points for each node.",
               "Uneven although it is a ring? Few points, or a hash whose bits are not mixed: "
               "chat_hash is."}},
    {CHECK("reconnects_are_spread", 1), .run = check_delays,
     .rule = "A client that lost its gateway waits 0 to spread_ms - 1, each as likely as every "
             "other; 0 when spread_ms is 0 or less.",
     .hints =
         {"Without it, all clients of a gateway come back in the same moment, to the next one.",
          "unit is below 1: unit * spread_ms, cut off, is below spread_ms. Rounding is not "
          "even at the ends."}},
    {0},
};
