/*
 * What the parts of lab 04's probe share. Given: nothing to write here.
 */
#ifndef LAB04_PROBE_H
#define LAB04_PROBE_H

#include "probe/probe.h"

/* What one part keeps between actions; NULL until it is used. */
struct rig {
    struct design_rig *design;
    struct core_rig *core;
};

void design_rig_free(struct design_rig *design); /* NULL is fine */
void core_rig_free(struct core_rig *core);

/* probe_design.c: what the judge reads a design with. */
void do_design(void *context, const struct message *action, struct text *reply);
void do_element(void *context, const struct message *action, struct text *reply);
void do_rest(void *context, const struct message *action, struct text *reply);
/* probe_capacity.c: the numbers of step 2. */
void do_capacity(void *context, const struct message *action, struct text *reply);

#endif
