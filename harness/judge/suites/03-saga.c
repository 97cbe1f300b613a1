/*
 * Lab 03 as the judge knows it: its steps and its tables of checks.
 */
#include "judge/suites/03-saga.h"
#include "judge/suites/suites.h"

static const struct check *const tables[] = {saga_explorer_checks, NULL};
static const int sizes[] = {SAGA_EXPLORER_CHECKS};
static const int *const table_counts[] = {&sizes[0]};
static const struct step steps[] = {
    {"forward"}, {"backward"}, {"the participant"}, {"every fault"}, {"in the cluster"}};

const struct lab lab_03_saga = {.name = "03-saga",
                                .title = "The checkout saga",
                                .subject = "saga",
                                .steps = steps,
                                .step_count = 5,
                                .tables = tables,
                                .table_counts = table_counts};
