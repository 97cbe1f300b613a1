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
probe_handler do_design, do_element, do_rest;

/* probe_capacity.c: the numbers. */
probe_handler do_capacity;

/* probe_log.c, probe_hub.c, probe_presence.c: the core, call by call. */
probe_handler do_log, do_send, do_drop, do_restart, do_replay, do_newest, do_flood;
probe_handler do_hub, do_store, do_open, do_page, do_bring, do_publish, do_hint, do_drained,
    do_removed, do_closed, do_streams;
probe_handler do_presence, do_beat, do_leave, do_tick, do_watch, do_unwatch, do_look, do_crowd,
    do_place, do_places, do_delay;
probe_handler do_explore; /* probe_world.c: the core under schedules of faults */

#endif
