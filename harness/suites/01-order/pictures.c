/*
 * Lab 01's picture: the order's states as the student's code has them. Every command is tried in
 * every status that the student's own commands can reach; what comes out stands beside the rule.
 */
#include <stdio.h>
#include <string.h>
#include "judge/run.h"
#include "report/report.h"
#include "suites/01-order/model.h"
#include "suites/01-order/probe.h"

enum { EDGES_MAX = MODEL_STATUSES * MODEL_COMMANDS };

struct walk {
    struct probe *probe;
    int path[MODEL_STATUSES][MODEL_STATUSES]; /* the commands that lead to a status */
    int length[MODEL_STATUSES];               /* of its path; -1 = not reached */
    struct state_edge edges[EDGES_MAX];
    int count;
    int broken; /* the probe did not answer: what was seen is not the whole */
};

/* Asks; the status of the order afterwards, -1 when the command was refused or made nonsense. */
static int ask(struct walk *walk, const char *line)
{
    struct message reply = {0};
    int status = -1;
    if (probe_ask(walk->probe, line, &reply) != PROBE_READY)
        walk->broken = 1;
    else if (strcmp(reply.word, "ok") == 0)
        for (int i = 0; i < MODEL_STATUSES; i++)
            if (strcmp(message_get_or(&reply, "status", ""), model_statuses[i]) == 0)
                status = i;
    message_release(&reply);
    return status;
}

static int command(struct walk *walk, int command)
{
    char line[64];
    snprintf(line, sizeof line, "do command=%s at=2000", model_command_words[command]);
    return ask(walk, line);
}

/* A new order, brought to status by its path. */
static void go_to(struct walk *walk, int status)
{
    ask(walk, "forget");
    ask(walk, "create items=\"prod-1*1@100\" at=1000");
    for (int i = 0; i < walk->length[status] && !walk->broken; i++)
        command(walk, walk->path[status][i]);
}

/* Tries every command in a status; a status not seen before gets its path. */
static void try_all(struct walk *walk, int status)
{
    for (int tried = MODEL_CONFIRM; tried < MODEL_COMMANDS && !walk->broken; tried++) {
        go_to(walk, status);
        int to = command(walk, tried);
        if (to < 0)
            continue;
        walk->edges[walk->count++] = (struct state_edge){.from = model_statuses[status],
                                                         .to = model_statuses[to],
                                                         .label = model_command_words[tried]};
        if (walk->length[to] < 0) {
            walk->length[to] = walk->length[status] + 1;
            memcpy(walk->path[to], walk->path[status], sizeof walk->path[to]);
            walk->path[to][walk->length[status]] = tried;
        }
    }
}

static int rule_edges(struct state_edge *edges)
{
    int count = 0;
    for (int status = 0; status < MODEL_STATUSES; status++)
        for (int tried = MODEL_CONFIRM; tried < MODEL_COMMANDS; tried++) {
            int to = model_next_status(status, (enum model_command)tried);
            if (to >= 0)
                edges[count++] = (struct state_edge){.from = model_statuses[status],
                                                     .to = model_statuses[to],
                                                     .label = model_command_words[tried]};
        }
    return count;
}

static void draw(struct check_run *run, const struct walk *walk)
{
    static const char *const words[] = {"", ", which is wrong", ", which is missing"};
    struct state_edge rule[EDGES_MAX], edges[2 * EDGES_MAX];
    struct text dot = {0}, alt = {0};
    int count =
        states_compare(rule, rule_edges(rule), walk->edges, walk->count, edges, 2 * EDGES_MAX);

    for (int i = 0; i < count; i++)
        text_addf(&alt, "%s%s to %s by %s%s", i == 0 ? "" : "; ", edges[i].from, edges[i].to,
                  edges[i].label, words[edges[i].kind]);
    text_add(&alt, ".");
    picture_states(model_statuses, MODEL_STATUSES, edges, count, &dot);
    run_picture(run, "The order's states, as your code has them", text_str(&alt), text_str(&dot));
    text_release(&dot);
    text_release(&alt);
}

void order_pictures(struct check_run *run)
{
    struct walk walk = {.probe = run_probe(run)};

    if (walk.probe == NULL)
        return;
    for (int i = 0; i < MODEL_STATUSES; i++)
        walk.length[i] = -1;
    if (ask(&walk, "create items=\"prod-1*1@100\" at=1000") == 0)
        walk.length[0] = 0;
    int tried[MODEL_STATUSES] = {0};
    for (int i = 0; i < MODEL_STATUSES; i++) /* a round finds at least one new status, or none */
        for (int status = 0; status < MODEL_STATUSES; status++)
            if (walk.length[status] >= 0 && !tried[status]) {
                tried[status] = 1;
                try_all(&walk, status);
            }
    probe_free(walk.probe);
    if (walk.length[0] == 0 && !walk.broken)
        draw(run, &walk);
}
