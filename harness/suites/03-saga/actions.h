/*
 * Lab 03: a saga's actions in words, "append; send pay forward #1 KEY 10000; timer 130", as the
 * probe lists them; and what the oracles of this lab share.
 */
#ifndef SUITES_SAGA_ACTIONS_H
#define SUITES_SAGA_ACTIONS_H

#include "03-saga/saga.h"
#include "course/lab.h"
#include "judge/scenario.h"

/* Reads the probe's list. What is no action in it gets a kind that none has. Timers get rising
   numbers, counted on in *timers. Negative when the text is no list of at most SAGA_ACTIONS_MAX. */
int saga_read_actions(const char *list, uint32_t *timers, struct saga_actions *actions);

/* Writes actions without keys, "; " between them; records: 1 = those too. */
void saga_write_actions(const struct saga_actions *actions, int records, struct text *out);

/* A field of an action or a reply, or what it is when it is not there. */
int64_t saga_number(const struct message *message, const char *name, int64_t otherwise);

/* Fills the finding. Always 1. */
int saga_differs(struct finding *finding, const char *expected, const char *got);

#endif
