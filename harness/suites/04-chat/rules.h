/*
 * The rules of a design, D1 to D10: each a function of the design alone, so that a table of small
 * designs can test it.
 */
#ifndef SUITES_CHAT_RULES_H
#define SUITES_CHAT_RULES_H

#include "04-chat/chat_model.h"
#include "course/check.h"

/* 0 when the rule holds; 1 with finding filled when it does not: what was declared, with its lines,
   and what it would do to users; what to look at. A rule with nothing to look at does not hold. */
typedef int design_rule(const struct chat_model *model, struct finding *finding);

/* rules_users.c: D1 */
design_rule rule_requirements_have_flows, rule_flows_reach_their_result;
/* rules_owners.c: D2, D6 */
design_rule rule_capabilities_have_one_owner, rule_nobody_touches_anothers_data,
    rule_entities_have_a_workspace, rule_requests_name_their_scope;
/* rules_waiting.c: D3, D4 */
design_rule rule_no_call_comes_back, rule_sending_is_three_deep,
    rule_sending_waits_for_no_side_work, rule_sending_waits_for_no_file;
/* rules_order.c: D5, D8 */
design_rule rule_channel_lies_in_one_partition, rule_order_is_the_owners_number,
    rule_events_are_keyed_by_channel, rule_client_id_reaches_the_writer, rule_client_id_is_unique;
/* rules_rest.c: D7, D9, D10 */
design_rule rule_bytes_stay_off_the_path, rule_message_links_its_file, rule_presence_expires,
    rule_presence_outlives_a_heartbeat, rule_presence_goes_to_subscribers,
    rule_no_single_instance_stops_it;

/* --- rules_news.c: parts of D1 ---------------------------------------------------------------- */

/* Whether the service hears of what happens to the data: it owns it, or some hop brings news. */
int hears_of(const struct chat_model *model, int service, enum capability capability);
/* As a rule: an event comes to a service that does nothing with it; the index, or a copy that is
   read, is written by nothing that comes to it. */
int event_goes_unheard(const struct chat_model *model, struct finding *finding);
int index_stays_empty(const struct chat_model *model, struct finding *finding);
int copy_stays_empty(const struct chat_model *model, struct finding *finding);
/* The same for a text or a sender that does not come all the way to who stores a message. */
int message_is_lost_on_the_way(const struct chat_model *model, struct finding *finding);
/* The same for a flow that stores messages and does not ask who is a member. */
int anybody_may_write(const struct chat_model *model, struct finding *finding);

/* --- rules_walk.c: what rules share ----------------------------------------------------------- */

/* The finding's words; returns 1. */
int rule_broken(struct finding *finding, const char *expected, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A hop of a flow, to walk over them: for (struct hop_at at = {0}; next_hop(model, &at, set);).
   set: flows that serve any of these requirements; 0: all flows. */
struct hop_at {
    int flow, n; /* of this hop */
    int next;    /* where the walk goes on; begins at 0 */
    const struct design_hop *hop;
    const struct design_message *message;
};
int next_hop(const struct chat_model *model, struct hop_at *at, int requirements);

/* 1 when the message's entity is an original with that capability. */
int touches(const struct chat_model *model, const struct design_message *message,
            enum capability capability);
/* The same, of a copy too. An event counts as well. */
int touches_or_copy(const struct chat_model *model, const struct design_message *message,
                    enum capability capability);
/* 1 for an event that is about it: its entity's capability, an original's or a copy's. */
int is_about(const struct chat_model *model, const struct design_message *message,
             enum capability capability);
/* 1 for a hop that nobody waits for and that brings news of it: an event about it, or a command
   that its owner posts. */
int brings_news(const struct chat_model *model, const struct design_hop *hop,
                enum capability capability);
/* 1 for a waiting call of a command that touches it. */
int writes(const struct chat_model *model, const struct hop_at *at, enum capability capability);
/* The next hop of the flows of CAN_SEND that writes MESSAGES. */
int next_write(const struct chat_model *model, struct hop_at *at);
/* The hop that begins what this one follows. */
int first_hop(const struct design_flow *flow, int n);
/* What the first such hop writes, the main entity; NULL when there is none. */
const struct design_entity *main_entity(const struct chat_model *model);
/* rule_broken for a design without a main entity. */
int no_main_entity(struct finding *finding);

#endif
