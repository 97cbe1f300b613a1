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
static const int sizes[] = {SAGA_FORWARD_CHECKS, SAGA_BACKWARD_CHECKS, SAGA_PARTICIPANT_CHECKS,
                            SAGA_LOG_CHECKS,     SAGA_EXPLORER_CHECKS, SAGA_CLUSTER_CHECKS};
static const int *const table_counts[] = {&sizes[0], &sizes[1], &sizes[2],
                                          &sizes[3], &sizes[4], &sizes[5]};
static const struct step steps[] = {{"forward", NULL},
                                    {"backward", NULL},
                                    {"the participant", ""},
                                    {"every fault", "12"},
                                    {"in the cluster", NULL}};

const struct lab lab_03_saga = {.name = "03-saga",
                                .title = "The checkout saga",
                                .subject = "saga",
                                .steps = steps,
                                .step_count = 5,
                                .tables = tables,
                                .table_counts = table_counts,
                                .pictures = saga_pictures};
