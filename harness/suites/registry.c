/*
 * The labs of the course, in order.
 */
#include <stddef.h>
#include "suites/suites.h"

const struct lab *const all_labs[] = {&lab_00_tour,
                                      &lab_01_order,
                                      &lab_02_breaker,
                                      &lab_03_saga,
                                      &lab_04_chat,
                                      &drill_retry_storm,
                                      &drill_fallback_404,
                                      &drill_empty_map,
                                      &drill_queued_not_done,
                                      &drill_late_registration,
                                      &drill_search_in_the_send,
                                      &drill_two_tabs,
                                      NULL};
