/*
 * The part of lab 04's probe that tells the judge the design. Given: nothing to write here.
 */
#include "probe.h"

#include <stddef.h>
#include "chat_design.h"

void design_rig_free(struct design_rig *design)
{
    (void)design;
}

void do_design(void *context, const struct message *action, struct text *reply)
{
    struct error err = {0};
    (void)context;
    (void)action;
    probe_result(reply, chat_design(NULL, &err), &err);
}
