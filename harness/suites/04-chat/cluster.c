/*
 * Lab 04, step 5: real processes.
 */
#include "suites/04-chat/checks.h"

const struct check chat_cluster_checks[] = {{0}};
