/*
 * Lab 04, step 1: the rules of the design.
 */
#include "suites/04-chat/checks.h"

const struct check chat_design_checks[] = {{0}};
