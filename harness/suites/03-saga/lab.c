/*
 * Lab 03 as the judge knows it: its steps and its tables of checks.
 */
#include "suites/03-saga/checks.h"
#include "suites/suites.h"

static const struct check *const tables[] = {saga_forward_checks,
                                             saga_backward_checks,
                                             saga_participant_checks,
                                             saga_log_checks,
                                             saga_explorer_checks,
                                             saga_cluster_checks,
                                             NULL};
static const struct step steps[] = {{"forward", NULL, NULL},
                                    {"backward", NULL, NULL},
                                    {"the participant", "", NULL},
                                    {"every fault", "12", NULL},
                                    {"in the cluster", NULL, NULL}};

const struct lab lab_03_saga = {.name = "03-saga",
                                .title = "The checkout saga",
                                .subject = "saga",
                                .steps = steps,
                                .step_count = sizeof steps / sizeof steps[0],
                                .tables = tables,
                                .pictures = saga_pictures};
