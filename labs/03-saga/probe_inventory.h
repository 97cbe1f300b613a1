/* Lab 03's probe: the participant's actions. Given: nothing to write here. */
#ifndef LAB03_PROBE_INVENTORY_H
#define LAB03_PROBE_INVENTORY_H

#include "kit/db.h"
#include "kit/message.h"

void do_stock(struct db **db, const struct message *action, struct text *reply);
void do_command(struct db **db, const struct message *action, struct text *reply);
void do_settle(struct db **db, const struct message *action, struct text *reply);

#endif
