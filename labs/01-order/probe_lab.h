/*
 * Given: what the probe's files share. The actions are listed in probe.c.
 */
#ifndef PROBE_LAB_H
#define PROBE_LAB_H

#include "kit/bus.h"
#include "order_store.h"
#include "probe/power_loss.h"
#include "probe/probe.h"

struct lab {
    struct order order; /* the register of the pure actions */

    struct power_loss *power;  /* every database of the probe lies on this disk */
    struct order_store orders; /* orders.store is NULL until the first action that needs it */
    struct bus *bus;
    int files;       /* databases so far */
    char path[32];   /* of the open one */
    int readers;     /* of the whole bus, so far */
    int64_t last_id; /* for event ids: 1, 2, 3, ... */

    /* What happens just before the student's store_write is queued. */
    int watching;     /* 1 while a student's function runs that is to be watched */
    int writes;       /* store_write calls seen */
    const char *meet; /* changes by somebody else, one before each write; NULL = none */
    const struct order_change *meeting; /* the change that meets them */
    struct text met;                    /* what became of them */
    int64_t bus_at_write; /* messages on the bus before the first write, -1 = no write seen */
};

/* --- probe_text.c: orders and events in action and reply lines ---------------------------- */

/* Reads id, customer, name, items, count, and the members that a draft must not be believed:
   total, status and version. items are "product/name*quantity@price=total;...", where name and
   total may be left out. 0 when it cannot be read. */
int lab_draft(const struct message *action, struct order *draft);
/* The command of a word such as "confirm"; "track:Hamburg" also gives a place. 0 if unknown. */
int lab_command(const char *word, enum order_command *command, char place[ORDER_NAME_MAX + 1]);
/* Makes an event of the given word; for create also *draft, of the action. 0 if unknown. */
int lab_event(const struct message *action, const char *word, struct order *draft,
              struct order_event *event);
void lab_add_order(struct text *reply, const struct order *order);
void lab_add_draft(struct text *reply, const struct order *draft);
const char *lab_command_word(enum order_command command);
int64_t lab_int64(const struct message *action, const char *name, int64_t otherwise);
/* Copies what fits; the rest is cut. */
void lab_copy(char *out, size_t size, const char *text);
/* Copies the next word of a list separated by spaces and moves *list past it. 0 at the end. */
int lab_next_word(const char **list, char *word, size_t size);
void lab_bad(struct text *reply, const char *what);

/* --- probe_store.c ------------------------------------------------------------------------ */

/* Opens a database when none is open. 0, or the reply is written. */
int lab_store(struct lab *lab, struct text *reply);
void lab_close(struct lab *lab);
/* Called by the store before each write of a watched function. */
void lab_before_write(void *context);
/* Begins to watch a student's function, and ends it. */
void lab_watch(struct lab *lab, const struct order_change *change, const char *meet);
void lab_unwatch(struct lab *lab);

/* Messages on the bus, all of them. A negative code on error. */
int lab_bus_length(struct lab *lab);

extern const struct probe_action lab_store_actions[];
extern const struct probe_action lab_rows_actions[];
extern const struct probe_action lab_outbox_actions[];
extern const struct probe_action lab_health_actions[];

#endif
