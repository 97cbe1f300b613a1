/*
 * A probe of lab 04 that tells of the small design, and lies about it as the file `mode` beside it
 * says; "honest" does not.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

#include "04-chat/chat_wire.h"
#include "probe/probe.h"
#include "tests/design_fixture.h"

static char mode[64];
static int times; /* that the design was asked for */
static struct built built;

static int is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static void read_mode(void)
{
    char path[512];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return;
    snprintf(slash + 1, sizeof path - (size_t)(slash + 1 - path), "mode");
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(mode, sizeof mode, file) == NULL)
        mode[0] = '\0';
    if (file != NULL)
        fclose(file);
}

static void do_design(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    (void)action;
    times++;
    message_begin(reply, "ok");
    if (is("counts_missing"))
        return;
    if (is("refused")) {
        message_begin(reply, "error");
        message_add(reply, "code", "invalid");
        message_add(reply, "text", "no service \"x\" is declared above this line");
        message_add(reply, "file", "chat_design.c");
        message_add(reply, "line", "41");
        return;
    }
    if (is("nothing_later") && times == 2)
        *built.model = (struct chat_model){.jitter_ms = -1};
    int services = built.model->service_count;
    built.model->service_count += is("too_many") ? DESIGN_SERVICES_MAX : is("one_more") ? 1 : 0;
    wire_put_counts(built.model, reply);
    built.model->service_count = services;
    if (is("fallback_on_a_write"))
        built.model->flows[0].hops[1].fallback = OR_DEFAULT;
    if (is("far_away"))
        built.model->flows[0].hops[1].message = 1 << 30;
    if (is("one_edge"))
        built.model->services[0].instances = 1;
    if (is("another") && times == 2)
        built.model->services[1].workers++;
    if (is("another_time") && times == 2)
        built.model->ttl_ms++;
}

static void do_element(void *context, const struct message *action, struct text *reply)
{
    int64_t at = 0, flow = 0;
    const char *word = action->word;
    const struct chat_model *model = built.model;
    (void)context;
    message_get_int64(action, "n", &at);
    message_get_int64(action, "flow", &flow);
    message_begin(reply, "ok");
    if (is("silent"))
        return;
    if (strcmp(word, "service") == 0 && at < model->service_count)
        wire_put_service(&model->services[at], reply);
    else if (strcmp(word, "entity") == 0)
        wire_put_entity(&model->entities[at], reply);
    else if (strcmp(word, "message") == 0)
        wire_put_message(&model->messages[at], reply);
    else if (strcmp(word, "on") == 0)
        wire_put_on(&model->ons[at], reply);
    else if (strcmp(word, "flow") == 0)
        wire_put_flow(&model->flows[at], reply);
    else if (strcmp(word, "hop") == 0)
        wire_put_hop(&model->flows[flow].hops[at], reply);
    else if (strcmp(word, "rest") == 0)
        wire_put_rest(model, reply);
    else
        message_begin(reply, "error");
    if (is("exits") && strcmp(word, "rest") == 0)
        _exit(0);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"design", do_design},   {"service", do_element}, {"entity", do_element},
        {"message", do_element}, {"on", do_element},      {"flow", do_element},
        {"hop", do_element},     {"rest", do_element},    {NULL, NULL},
    };
    read_mode();
    built = build(declare_small, NULL);
    int status = probe_main(argc, argv, "04-chat", actions, NULL);
    build_release(&built);
    return status;
}
