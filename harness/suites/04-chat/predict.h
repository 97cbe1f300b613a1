/*
 * Lab 04: what the simulation of step 3 says of the cluster of step 5. The same engine and the same
 * reading of the design, at the cluster's size: its nodes and its threads; one channel, whose
 * readers are all at its home gateway; an even pace; and what lone requests took. The loaded
 * cluster is never looked at.
 */
#ifndef SUITES_CHAT_PREDICT_H
#define SUITES_CHAT_PREDICT_H

#include "04-chat/chat_model.h"
#include "suites/04-chat/measure.h"

/* As chat_measure would measure it with MEASURE_READERS. deliveries 0: by the design nothing comes
   to a reader, or more is sent than the cluster bears. ERR_INVALID, ERR_LIMIT. */
int chat_predict(const struct chat_model *model, const struct chat_costs *costs, int sends_per_s,
                 struct chat_delays *out, struct error *err);

#endif
