/* Lab 01: its steps and its tables of checks. */
#include <stddef.h>
#include "suites/01-order/cluster.h"
#include "suites/01-order/probe.h"
#include "suites/suites.h"

static const struct step steps[] = {{"The entity", NULL, NULL},
                                    {"The event store", NULL, NULL},
                                    {"The service", NULL, NULL},
                                    {"Domain events out", NULL, NULL},
                                    {"Health", "", NULL}};

/* In the order of their steps. */
static const struct check *const tables[] = {order_entity_checks,   order_events_checks,
                                             order_history_checks,  order_conflict_checks,
                                             order_power_checks,    order_http_checks,
                                             order_list_checks,     order_retry_checks,
                                             order_customer_checks, order_outbox_checks,
                                             order_bus_checks,      order_health_unit_checks,
                                             order_health_checks,   NULL};

const struct lab lab_01_order = {
    .name = "01-order",
    .title = "Order: an entity, its history, its service",
    .subject = "order",
    .steps = steps,
    .step_count = sizeof steps / sizeof steps[0],
    .tables = tables,
    .pictures = order_pictures,
};
