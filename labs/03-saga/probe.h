/*
 * What the parts of lab 03's probe share. Given: nothing to write here.
 */
#ifndef LAB03_PROBE_H
#define LAB03_PROBE_H

#include "kit/db.h"
#include "probe/probe.h"
#include "saga.h"
#include "trace.h"

struct rig {
    struct saga *saga;
    struct saga_config config;
    double unit;
    int list; /* actions are written as a list, not as fields */
    uint32_t timer;
    struct saga_action log[WORLD_LOG_MAX];
    int log_count;
    struct world world;
    struct trace_keys keys;
    struct trace_keys spelled; /* keys seen since the probe began, of event by event */
    struct text *trace;        /* being written by explore */
    struct db *db;             /* the participant's */
};

/* A field of an action, or what it is when it is not there. */
int64_t rig_number(const struct message *action, const char *name, int64_t otherwise);
/* A saga in the place of the one before; negative when it cannot be made. */
int rig_new_saga(struct rig *rig, struct error *err);
/* A new saga that has replayed the kept records; negative when it refuses. */
int rig_replay_all(struct rig *rig, struct error *err);
void rig_add_hex(struct text *out, const struct saga_action *record);

/* probe_events.c */
void do_create(void *context, const struct message *action, struct text *reply);
void do_start(void *context, const struct message *action, struct text *reply);
void do_reply(void *context, const struct message *action, struct text *reply);
void do_timer(void *context, const struct message *action, struct text *reply);
void do_restart(void *context, const struct message *action, struct text *reply);
void do_resume(void *context, const struct message *action, struct text *reply);

/* probe_long.c */
void do_endure(void *context, const struct message *action, struct text *reply);

/* probe_inventory.c */
void do_stock(void *context, const struct message *action, struct text *reply);
void do_command(void *context, const struct message *action, struct text *reply);
void do_settle(void *context, const struct message *action, struct text *reply);

#endif
