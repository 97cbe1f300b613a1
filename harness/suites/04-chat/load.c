/*
 * Lab 04, step 3: the design under load.
 */
#include "suites/04-chat/checks.h"

const struct check chat_load_checks[] = {{0}};
