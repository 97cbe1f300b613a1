/*
 * The rules that the world holds a saga to. Given: nothing to write here.
 *
 * They go by what was asked for, what was delivered, and what the participants applied; what a
 * saga says of itself proves nothing. Where a crash leaves open what the saga can know, it is
 * allowed both.
 */
#ifndef LAB03_WORLD_RULES_H
#define LAB03_WORLD_RULES_H

#include "world.h"

/* 1: it is one of the four kinds, and names the step and direction, or the phase, that it needs. */
int world_knows(const struct saga_action *action);
/* 1: its length is that of a record. */
int world_can_log(const struct saga_action *record);
/* 1: it is not empty, and ends within its array. */
int world_can_use(const char key[SAGA_KEY_SIZE]);

/* The first rule that is broken stays. rule: static text, a sentence. */
void world_break(struct world *world, const char *rule);

/* Judge a command before it is sent, a DONE, and the ledgers of a saga that has ended (S10). */
void world_judge_send(struct world *world, const struct saga_command *command);
void world_judge_done(struct world *world, enum saga_phase phase);
void world_judge_ledgers(struct world *world);

/* Note what the next judgements go by: a command that was judged, an answer and a timer that are
   about to be given to the saga. Of a timer, what it means: one of the texts of world.h. */
void world_note_send(struct world *world, const struct saga_command *command);
void world_note_reply(struct world *world, const struct saga_command *command,
                      enum saga_answer answer);
const char *world_note_timer(struct world *world);

#endif
