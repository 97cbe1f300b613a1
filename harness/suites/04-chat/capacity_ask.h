/*
 * Asking a probe of lab 04 for the numbers of capacity.h.
 */
#ifndef SUITES_CHAT_CAPACITY_ASK_H
#define SUITES_CHAT_CAPACITY_ASK_H

#include "process/probe_client.h"
#include "suites/04-chat/capacity_model.h"

/* The probe's action. Members that are as in the lab text are left out. */
void capacity_action(struct text *line, const struct workload *workload);
/* Outside any story. own is all NaN unless the probe is ready; a number that cannot be read is. */
enum probe_state capacity_ask(struct probe *probe, const struct workload *workload,
                              struct capacity *own);
/* 1 when all numbers are finite and above 0. */
int capacity_is_usable(const struct capacity *own);

#endif
