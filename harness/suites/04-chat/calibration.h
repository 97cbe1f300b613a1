/*
 * Lab 04: what was predicted beside what was measured, in the running cluster at small scale.
 *
 * Nothing is fitted: the costs are those of lone requests just before, and the loaded run is only
 * looked at afterwards. It is the engine that is judged so, by tests with the reference; a student
 * gets figures and a picture, and never loses a point by them.
 */
#ifndef SUITES_CHAT_CALIBRATION_H
#define SUITES_CHAT_CALIBRATION_H

#include "suites/04-chat/echo.h"
#include "suites/04-chat/predict.h"

enum {
    CALIBRATION_PACES = 2,
    CALIBRATION_SENDS = 34,   /* so that 60 readers get 2,000 messages */
    CALIBRATION_NOISY_MS = 5, /* longer for an echo, or a lone request: nothing can be compared */
    CALIBRATION_FACTOR = 2    /* by which a prediction may be off, up or down */
};

struct calibration {
    struct chat_costs costs;
    struct echo_heard alone, loaded; /* of the loopback and the machine, before and meanwhile */
    int cores;
    struct {
        int sends_per_s;
        struct chat_delays predicted, measured;
    } paces[CALIBRATION_PACES];
};

/* Measures with the crowd's first channel, opened by chat_measure_open for MEASURE_READERS, and
   predicts: at 50 and at 200 sends a second, sends[i] messages each. 1 when a verdict
   stands, or there is nothing to compare: no costs, no echo. */
int chat_calibrate(struct crowd *crowd, const int sends[CALIBRATION_PACES],
                   struct calibration *out);
/* 1 when the machine is busy with something else: 99 of 100 lone requests, or of the echo's bytes,
   are not back within CALIBRATION_NOISY_MS; or, while one request was under way at a time, more
   threads wanted to run than there are cores. */
int calibration_is_noisy(const struct calibration *calibration);
/* The factor by which the worst of the predictions is off, at least 1; HUGE_VAL when there is none.
 */
double calibration_worst(const struct calibration *calibration);
/* Figures and a picture for the report. */
void calibration_show(struct check_run *run, const struct calibration *calibration);

#endif
