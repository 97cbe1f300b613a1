/*
 * Lab 04 as the judge knows it: its steps and its tables of checks.
 */
#include "suites/04-chat/checks.h"
#include "suites/suites.h"

static const struct check *const tables[] = {chat_design_checks,
                                             chat_capacity_checks,
                                             chat_load_checks,
                                             chat_failure_checks,
                                             chat_log_checks,
                                             chat_hub_checks,
                                             chat_presence_checks,
                                             chat_placement_checks,
                                             chat_world_checks,
                                             chat_cluster_checks,
                                             NULL};
static const struct step steps[] = {
    {"the design", NULL, "chat_design.c"},
    {"the numbers", "", "capacity.c"},
    {"under load", "1", "chat_design.c"},
    {"the core", "", "chat_log.c chat_hub.c presence.c placement.c"},
    {"in the cluster", "14", "chat_design.c chat_log.c chat_hub.c presence.c placement.c"}};

const struct lab lab_04_chat = {.name = "04-chat",
                                .title = "Design a chat application",
                                .subject = "chat",
                                .steps = steps,
                                .step_count = sizeof steps / sizeof steps[0],
                                .tables = tables,
                                .pictures = chat_pictures};
