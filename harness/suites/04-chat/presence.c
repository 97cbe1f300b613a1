/*
 * Lab 04, step 4: presence and placement.
 */
#include "suites/04-chat/checks.h"

const struct check chat_presence_checks[] = {{0}};
