/*
 * Lab 04, step 1: the rules of the design, as checks. Each reads the design anew and applies one
 * rule.
 */
#include "suites/04-chat/checks.h"

#include <stdlib.h>
#include <string.h>

#include "suites/04-chat/rules.h"

static void check_read(struct check_run *run)
{
    free(chat_read_design(run));
}

static void check_rule(struct check_run *run);

#define CHECK(name, its_points, its_rule, its_anchor)                                              \
    .id = name, .step = 1, .points = its_points, .rules = its_rule, .anchor = its_anchor

const struct check chat_design_checks[] = {
    {CHECK("design_is_read", 1, "D1", "the-design"), .gate = 1, .run = check_read,
     .rule = "The design is declared, each declaration right by itself, the same at every call.",
     .hints = {"The first declaration that is wrong is named with its line; mend it and go on.",
               "A name is declared above the lines that use it; chat_words.h has the limits."}},
    {CHECK("requirements_have_flows", 2, "D1", "what-users-can-do"), .run = check_rule,
     .rule = "Each of the eight requirements has a flow.",
     .hints = {"Take one thing a user can do, and write down hop by hop what happens then.",
               "flow(HERE, \"find messages\", CAN_FIND), and its hops below; several requirements "
               "are joined with |."}},
    {CHECK("flows_reach_their_result", 1, "D1", "what-users-can-do"), .run = check_rule,
     .rule = "The hops of a flow come to what its requirement promises, and no event to a service "
             "that does nothing with it.",
     .hints = {"A delivery ends at a reader, a push at a phone, a search in the index.",
               "The table in the lab text says which hop each requirement needs; the entity that "
               "you give a command, a query or an event says what it is about."}},
    {CHECK("capabilities_have_one_owner", 1, "D2", "owners"), .gate = 1, .run = check_rule,
     .rule = "Each capability is owned by one service, which has all its entities.",
     .hints = {"Ask of each kind of data: who is right when two services differ?",
               "An entity of OWNS_PUSH belongs in the service that sends pushes. What another "
               "one needs near itself is copy_of."}},
    {CHECK("nobody_touches_anothers_data", 2, "D2", "owners"), .run = check_rule,
     .rule = "A service reads its own entities and copies, and writes its own; a copy is written "
             "by its owner's event only.",
     .hints = {"A table that two services read can never be changed by one of them.",
               "Call a query of the owner, or declare a copy_of with the owner's event, and read "
               "that."}},
    {CHECK("no_call_comes_back", 1, "D3", "waiting"), .run = check_rule,
     .rule = "Over all flows, calls never lead back to the service that made the first.",
     .hints = {"A calls B in one flow, and B calls A in another: under load each waits for the "
               "other's workers.",
               "Let one of the two directions be a post of an event, or give the caller what it "
               "needs in the message."}},
    {CHECK("sending_is_three_deep", 1, "D3", "waiting"), .run = check_rule,
     .rule = "While a sender waits, at most three calls wait below each other.",
     .hints = {"Each call below another adds its time and its failures to every message.",
               "Let the gateway make its calls one after the other, instead of each service "
               "handing the message on."}},
    {CHECK("sending_waits_for_no_side_work", 2, "D4", "waiting"), .run = check_rule,
     .rule = "A sender does not wait for search, push or presence.",
     .hints = {"What must be true before you say \"sent\"? Only that.",
               "Store the message, answer, and post an event about it; search and push take that. "
               "A fallback is no way out: it comes after the time limit."}},
    {CHECK("sending_waits_for_no_file", 1, "D4", "waiting"), .run = check_rule,
     .rule = "A sender does not wait for what is done with files.",
     .hints = {"Scanning a file of 1 GB takes longer than anybody waits for \"sent\".",
               "Sharing a file is a flow of its own; the message is sent with the link."}},
    {CHECK("channel_lies_in_one_partition", 1, "D5", "order"), .run = check_rule,
     .rule = "All messages of a channel lie in one partition, and a command or query goes to where "
             "its rows lie.",
     .hints = {"Two writers cannot count 1, 2, 3 for the same channel without asking each other.",
               "IN_PARTITION stands on the channel's id, and on nothing that differs between two "
               "messages of one channel; in commands and queries on the same field as in their "
               "entity."}},
    {CHECK("order_is_the_owners_number", 1, "D5", "order"), .run = check_rule,
     .rule = "The order of messages is a number that their owner counts, not a time, and not the "
             "client's choice.",
     .hints = {"Which of two messages came first, when the clocks of two machines differ?",
               "A field of IS_NUMBER that is IN_KEY; a time may stand beside it with no use."}},
    {CHECK("events_are_keyed_by_channel", 1, "D5", "order"), .run = check_rule,
     .rule = "Events about messages keep the order of their channel on the way to readers.",
     .hints = {"What is posted by different keys may overtake.",
               "Give the event the field that decides the messages' partition, IN_PARTITION too."}},
    {CHECK("entities_have_a_workspace", 1, "D6", "scope"), .run = check_rule,
     .rule = "Everything that a workspace owns says which workspace it is of.",
     .hints = {"Could you delete all data of one customer? By which field?",
               "A field of IS_WORKSPACE_ID; or of IS_CHANNEL_ID, when the entity of channels with "
               "that key has IS_WORKSPACE_ID."}},
    {CHECK("requests_name_their_scope", 1, "D6", "scope"), .run = check_rule,
     .rule = "Who asks for the data of a workspace says of which one.",
     .hints =
         {"A query without a scope must be trusted to find out by itself whose data it may show.",
          "Give the command or query the IS_WORKSPACE_ID or IS_CHANNEL_ID that its entity has."}},
    {CHECK("bytes_stay_off_the_path", 1, "D7", "files"), .run = check_rule,
     .rule = "The bytes of a file go from the client to where they stay, past everybody else.",
     .hints = {"One file weighs as much as a hundred thousand messages.",
               "Reserve a place by a command to the owner of files, then let the client call a "
               "command of \"store\" with the field of IS_BYTES, in the flow that shares a file."}},
    {CHECK("message_links_its_file", 1, "D7", "files"), .run = check_rule,
     .rule = "A message holds a link to its file.",
     .hints = {"The bytes went another way: how does the reader find them?",
               "A field of IS_LINK in the entity, and in the command that the client sends."}},
    {CHECK("client_id_reaches_the_writer", 1, "D8", "sending-twice"), .run = check_rule,
     .rule = "An id that the client chose goes with a message all the way to who stores it.",
     .hints = {"The answer was lost, and the client sends again. Who can see that it is the same "
               "message?",
               "A field of IS_CLIENT_ID in the client's command and in each one behind it, up to "
               "the one that writes."}},
    {CHECK("client_id_is_unique", 1, "D8", "sending-twice"), .run = check_rule,
     .rule = "Channel, sender and client's id together are unique where messages are stored.",
     .hints = {"Two clients may choose the same id. May one user, in two channels?",
               "IN_UNIQUE on the channel, the sender and the client's id of one entity; on no "
               "number, time or text."}},
    {CHECK("presence_expires", 1, "D9", "presence-in-the-design"), .run = check_rule,
     .rule = "Presence stops being true by itself.",
     .hints = {"A laptop that is closed says no goodbye.",
               "A field of IS_EXPIRY in each entity of OWNS_PRESENCE."}},
    {CHECK("presence_outlives_a_heartbeat", 1, "D9", "presence-in-the-design"), .run = check_rule,
     .rule = "Presence lives longer than the time between two heartbeats.",
     .hints = {"What happens when a heartbeat comes a moment late? When one is lost?",
               "presence(HERE, 30000, 75000): two may be lost."}},
    {CHECK("presence_goes_to_subscribers", 1, "D9", "presence-in-the-design"), .run = check_rule,
     .rule = "A change of presence is told to those who look, not to everybody.",
     .hints = {"How many events are 10,000 people, each told of each?",
               "(struct spread){.audience = TO_SUBSCRIBERS} on each stream about presence."}},
    {CHECK("no_single_instance_stops_it", 1, "D10", "no-single-instance"), .run = check_rule,
     .rule = "Sending goes on when one instance is lost, whichever it is.",
     .hints = {"Walk the calls that a sender waits for, and at each pull out one machine.",
               "instances and .copies of 2 or more; or a .fallback on the call, with the copy that "
               "OR_COPY needs. A message that only passes on touches nothing: declare it with "
               "NULL."}},
    {0},
};

/* --- applying them ---------------------------------------------------------------------------- */

/* The rules of the checks above, in their order; the first check has none. */
static design_rule *const rules[] = {
    NULL,
    rule_requirements_have_flows,
    rule_flows_reach_their_result,
    rule_capabilities_have_one_owner,
    rule_nobody_touches_anothers_data,
    rule_no_call_comes_back,
    rule_sending_is_three_deep,
    rule_sending_waits_for_no_side_work,
    rule_sending_waits_for_no_file,
    rule_channel_lies_in_one_partition,
    rule_order_is_the_owners_number,
    rule_events_are_keyed_by_channel,
    rule_entities_have_a_workspace,
    rule_requests_name_their_scope,
    rule_bytes_stay_off_the_path,
    rule_message_links_its_file,
    rule_client_id_reaches_the_writer,
    rule_client_id_is_unique,
    rule_presence_expires,
    rule_presence_outlives_a_heartbeat,
    rule_presence_goes_to_subscribers,
    rule_no_single_instance_stops_it,
};
_Static_assert(sizeof rules / sizeof rules[0] + 1 ==
                   sizeof chat_design_checks / sizeof chat_design_checks[0],
               "a rule for each check");

static void check_rule(struct check_run *run)
{
    struct finding finding = {0};
    struct chat_model *model = chat_read_design(run);
    if (model != NULL && rules[run->check - chat_design_checks](model, &finding))
        run_fail(run, "wrong answer", finding.expected, "%s", finding.got);
    free(model);
}
