/* A state machine as it was observed, beside the rule. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "report/layout.h"

static int same_edge(const struct state_edge *a, const struct state_edge *b)
{
    return strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) == 0 &&
           strcmp(a->label, b->label) == 0;
}

static int has_edge(const struct state_edge *edges, int count, const struct state_edge *edge)
{
    for (int i = 0; i < count; i++)
        if (same_edge(&edges[i], edge))
            return 1;
    return 0;
}

int states_compare(const struct state_edge *rule, int rule_count, const struct state_edge *observed,
                   int observed_count, struct state_edge *out, int out_max)
{
    int count = 0;

    for (int i = 0; i < observed_count && count < out_max; i++) {
        out[count] = observed[i];
        out[count++].kind = has_edge(rule, rule_count, &observed[i]) ? STATE_OK : STATE_WRONG;
    }
    for (int i = 0; i < rule_count && count < out_max; i++) {
        if (has_edge(observed, observed_count, &rule[i]))
            continue;
        out[count] = rule[i];
        out[count++].kind = STATE_MISSING;
    }
    return count;
}

/* A DOT string: quotes and backslashes escaped, so that no name can end it. */
static void quoted(struct text *dot, const char *before, const char *string, const char *after)
{
    char *clean = layout_clean_string(string);

    text_addf(dot, "%s\"", before);
    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            text_add(dot, "\\");
        text_append(dot, at, 1);
    }
    text_addf(dot, "\"%s", after);
    free(clean);
}

void picture_states(const char *const *states, int state_count, const struct state_edge *edges,
                    int edge_count, struct text *dot)
{
    static const char *const looks[] = {[STATE_OK] = "class=ok",
                                        [STATE_WRONG] = "class=wrong style=dashed",
                                        [STATE_MISSING] = "class=missing style=dotted"};
    static const char *const words[] = {
        [STATE_OK] = "", [STATE_WRONG] = "wrong: ", [STATE_MISSING] = "missing: "};

    text_add(dot, "digraph states {\n  rankdir=LR\n");
    for (int i = 0; i < state_count; i++)
        quoted(dot, "  ", states[i], i == 0 ? " [penwidth=2]\n" : "\n");
    for (int i = 0; i < edge_count; i++) {
        struct text label = {0};
        quoted(dot, "  ", edges[i].from, " -> ");
        quoted(dot, "", edges[i].to, " [");
        text_addf(&label, "%s%s", words[edges[i].kind], edges[i].label);
        quoted(dot, "label=", text_str(&label), " ");
        text_addf(dot, "%s]\n", looks[edges[i].kind]);
        text_release(&label);
    }
    text_add(dot, "}\n");
}
