/*
 * A participant's ledger: which key was answered how, and what that did to which saga.
 */
#ifndef PEERS_LEDGER_H
#define PEERS_LEDGER_H

#include <stdint.h>
#include "kit/text.h"

struct error;
struct ledger;

/* What was answered to one key, for ever. */
struct ledger_row {
    const char *key, *saga;
    const char *body;   /* the command, without its attempt */
    const char *reason; /* "" = OK, else why it was rejected */
    int back;           /* 1: a compensation */
    int64_t cents;      /* what the answer said */
    int64_t moved_cents;
};

/* What the rows add up to for one saga. */
struct ledger_saga {
    char *saga;
    int done, undone; /* how often the action was applied, and taken back */
    int barred;       /* compensations that found nothing to take back */
    int64_t cents;    /* moved, and not moved back */
};

/* Reads the file, or begins it. An incomplete last frame is dropped. ERR_IO, ERR_CORRUPT. */
int ledger_open(struct ledger **out, const char *path, struct error *err);
void ledger_close(struct ledger *ledger); /* NULL is fine */

/* NULL when there is none. Valid until the next ledger_add. */
const struct ledger_row *ledger_find(const struct ledger *ledger, const char *key);
/* Zeros when nothing was done for it. */
struct ledger_saga ledger_saga(const struct ledger *ledger, const char *saga);
/* Writes the row, then applies it. ERR_IO: it is not kept. */
int ledger_add(struct ledger *ledger, const struct ledger_row *row, struct error *err);
/* The members of GET /ledger, into an open object. */
struct json_writer;
void ledger_json(const struct ledger *ledger, struct json_writer *writer);

#endif
