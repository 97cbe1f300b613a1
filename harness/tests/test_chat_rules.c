/*
 * Rules of lab 04's designs: what users can do, owners, and what a sender waits for (D1 to D4).
 */
#include "tests/design_rows.h"

/* --- what is declared beside the small design ------------------------------------------------- */

static void both_in_one(struct chat_design *design)
{
    flow(HERE, "both", CAN_FIND | CAN_CATCH_UP);
    call(HERE, "reader", "edge", "ask", SECOND);
    call(HERE, "edge", "core", "after", SECOND);
    call(HERE, "edge", "side", "find", SECOND);
}

static void flow_in_two(struct chat_design *design)
{
    flow(HERE, "listen", CAN_DELIVER);
    call(HERE, "reader", "edge", "ask", SECOND);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
}

static void told_before_it_is_stored(struct chat_design *design)
{
    flow(HERE, "early", CAN_DELIVER);
    call(HERE, "client", "edge", "send", SECOND);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
    call(HERE, "edge", "core", "append", SECOND);
}

/* The owner tells the edge what to do, instead of what has happened. */
static void told_by_a_command(struct chat_design *design)
{
    command(HERE, "edge", "deliver", "connections");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    command(HERE, "side", "wake", "phones");
    flow(HERE, "tell", CAN_DELIVER | CAN_NOTIFY);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "core", "edge", "deliver", KEPT);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
    post(HERE, "core", "side", "wake", KEPT);
    post(HERE, "side", "phone", "push", KEPT);
}

static void told_by_another(struct chat_design *design)
{
    command(HERE, "edge", "deliver", "connections");
    flow(HERE, "tell", CAN_DELIVER);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "client", "edge", "deliver", KEPT);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
}

static void poll(struct chat_design *design)
{
    flow(HERE, "poll", CAN_DELIVER);
    call(HERE, "reader", "edge", "ask", SECOND);
    call(HERE, "edge", "core", "after", SECOND);
}

static void client_polls(struct chat_design *design)
{
    flow(HERE, "poll", CAN_DELIVER);
    call(HERE, "client", "edge", "ask", SECOND);
    call(HERE, "edge", "core", "after", SECOND);
}

static void second_owner(struct chat_design *design)
{
    entity(HERE, "side", "letters", OWNS_MESSAGES);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
}

static void second_entity(struct chat_design *design)
{
    entity(HERE, "core", "reactions", OWNS_MESSAGES);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    entity(HERE, "edge", "settings", OWNS_OTHER);
    entity(HERE, "side", "more settings", OWNS_OTHER);
}

static void copy_at_edge(struct chat_design *design)
{
    event(HERE, "core", "channel changed", "channels");
    copy_of(HERE, "edge", "channels seen", "channels", "channel changed");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    query(HERE, "edge", "show channels", "channels seen");
    on(HERE, "edge", "channel changed", "channels seen");
}

static void copy_written(struct chat_design *design)
{
    copy_at_edge(design);
    command(HERE, "edge", "rename", "channels seen");
}

static void copy_by_another_event(struct chat_design *design)
{
    copy_at_edge(design);
    on(HERE, "edge", "appended", "channels seen");
}

static void index_of_another(struct chat_design *design)
{
    on(HERE, "edge", "appended", "index");
}

static void query_of_another(struct chat_design *design)
{
    query(HERE, "side", "grep", "messages");
}

static void command_of_another(struct chat_design *design)
{
    command(HERE, "edge", "write", "messages");
}

static void told_in_vain(struct chat_design *design)
{
    event(HERE, "core", "user renamed", "users");
    flow(HERE, "rename", 0);
    call(HERE, "client", "core", "add member", SECOND);
    post(HERE, "core", "edge", "user renamed", KEPT);
}

static void copy_told(struct chat_design *design)
{
    copy_at_edge(design);
    flow(HERE, "rename", 0);
    call(HERE, "client", "core", "add member", SECOND);
    post(HERE, "core", "edge", "channel changed", KEPT);
}

/* Who comes back reads the copy. */
static void reads_the_copy(struct chat_design *design)
{
    copy_at_edge(design);
    flow(HERE, "look", 0);
    call(HERE, "reader", "edge", "show channels", SECOND);
}

static void reads_the_copy_that_is_told(struct chat_design *design)
{
    copy_told(design);
    flow(HERE, "look", 0);
    call(HERE, "reader", "edge", "show channels", SECOND);
}

static void copy_stands_in(struct chat_design *design)
{
    copy_at_edge(design);
    query(HERE, "core", "channel", "channels");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    flow(HERE, "look", 0);
    call(HERE, "client", "edge", "ask", SECOND);
    call(HERE, "edge", "core", "channel", (struct patience){.timeout_ms = 9, .fallback = OR_COPY});
}

/* Push is told by a command; the index, by another one or by nobody. */
static void index_is_not_told(struct chat_design *design)
{
    command(HERE, "side", "wake", "phones");
    flow(HERE, "tell", CAN_SEND | CAN_NOTIFY | CAN_DELIVER);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "edge", "side", "wake", KEPT);
    post(HERE, "side", "phone", "push", KEPT);
    post(HERE, "core", "edge", "appended", KEPT);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
}

static void index_by_a_command(struct chat_design *design)
{
    index_is_not_told(design);
    command(HERE, "side", "note words", "index");
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    post(HERE, "edge", "side", "note words", KEPT);
}

static void index_by_asking(struct chat_design *design)
{
    index_is_not_told(design);
    call(HERE, "side", "core", "after", SECOND);
}

/* Asked for by who wants it: no message has anything to do with it. */
static void rings_itself(struct chat_design *design)
{
    command(HERE, "side", "wake", "phones");
    flow(HERE, "ring", CAN_NOTIFY);
    call(HERE, "client", "edge", "tell", SECOND);
    post(HERE, "edge", "side", "wake", KEPT);
    post(HERE, "side", "phone", "push", KEPT);
}

static void rings_when_stored(struct chat_design *design)
{
    command(HERE, "side", "wake", "phones");
    flow(HERE, "ring", CAN_SEND | CAN_NOTIFY);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "edge", "side", "wake", KEPT);
    post(HERE, "side", "phone", "push", KEPT);
}

static void calls_itself(struct chat_design *design)
{
    flow(HERE, "again", 0);
    call(HERE, "client", "edge", "tell", SECOND);
    call(HERE, "edge", "edge", "ask", SECOND);
}

static void posts_to_itself(struct chat_design *design)
{
    flow(HERE, "again", 0);
    call(HERE, "client", "edge", "tell", SECOND);
    post(HERE, "edge", "edge", "seen", KEPT);
}

/* edge calls core elsewhere. */
static void calls_back(struct chat_design *design)
{
    flow(HERE, "back", 0);
    call(HERE, "client", "core", "after", SECOND);
    call(HERE, "core", "edge", "ask", SECOND);
}

/* edge calls side elsewhere; nobody waits for this one. */
static void calls_back_unawaited(struct chat_design *design)
{
    flow(HERE, "back", 0);
    call(HERE, "client", "edge", "tell", SECOND);
    post(HERE, "edge", "side", "renew", KEPT);
    call(HERE, "side", "edge", "ask", SECOND);
}

static void posts_back(struct chat_design *design)
{
    flow(HERE, "back", 0);
    call(HERE, "client", "core", "after", SECOND);
    post(HERE, "core", "edge", "tell", KEPT);
}

/* core and side: a cycle of three with edge -> core, edge -> side. */
static void cycle_of_three(struct chat_design *design)
{
    service(HERE, "third", 2, (struct scale){0});
    command(HERE, "third", "third", NULL);
    flow(HERE, "one", 0);
    call(HERE, "client", "core", "after", SECOND);
    call(HERE, "core", "third", "third", SECOND);
    flow(HERE, "two", 0);
    call(HERE, "client", "third", "third", SECOND);
    call(HERE, "third", "edge", "ask", SECOND);
}

static void chain(struct chat_design *design, int length)
{
    static const char *const names[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        service(HERE, names[i], 2, (struct scale){0});
        query(HERE, names[i], "look", NULL);
        command(HERE, names[i], "take", NULL);
    }
    flow(HERE, "long", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    for (int i = 0; i < length; i++)
        call(HERE, i == 0 ? "edge" : names[i - 1], names[i], "look", SECOND);
}

static void three_deep(struct chat_design *design)
{
    chain(design, 2);
}

static void four_deep(struct chat_design *design)
{
    chain(design, 3);
}

static void four_deep_after_the_answer(struct chat_design *design)
{
    chain(design, 2);
    post(HERE, "two", "three", "take", KEPT);
}

static void side_by_side(struct chat_design *design)
{
    chain(design, 1);
    call(HERE, "edge", "two", "look", SECOND);
    call(HERE, "edge", "three", "look", SECOND);
}

static void waits_for_presence(struct chat_design *design)
{
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "side", "is there",
         (struct patience){.timeout_ms = 100, .fallback = OR_DEFAULT});
}

/* Told first, and asked then: nobody waits for it. */
static void asks_presence_later(struct chat_design *design)
{
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "core", "edge", "appended", KEPT);
    call(HERE, "edge", "side", "is there", SECOND);
}

static void waits_for_files(struct chat_design *design)
{
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "reserve", SECOND);
}

static void presence_polled(struct chat_design *design)
{
    flow(HERE, "look", CAN_SEE_PRESENCE);
    call(HERE, "client", "edge", "tell", SECOND);
    post(HERE, "edge", "side", "renew", KEPT);
    call(HERE, "reader", "side", "is there", SECOND);
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct row rows[] = {
    {"as it is", " ", {{0}}, NULL},
    /* D1 */
    {"no flow finds", " flows result ", {{SERVES, "find", NULL, 0}}, NULL},
    {"one flow for two",
     " ",
     {{SERVES, "find", NULL, 0}, {SERVES, "catch up", NULL, 0}},
     both_in_one},
    {"delivery ends at the edge", " result ", {{HOPS, "send", NULL, 3}}, NULL},
    {"the workspace hears of private channels",
     " result ",
     {{AUDIENCE, "new message", NULL, TO_WORKSPACE_MEMBERS}},
     NULL},
    {"one user hears of it", " result ", {{AUDIENCE, "new message", NULL, TO_ONE_USER}}, NULL},
    {"who looks hears of it", " ", {{AUDIENCE, "new message", NULL, TO_SUBSCRIBERS}}, NULL},
    {"delivered in a flow of its own",
     " ",
     {{SERVES, "send", NULL, CAN_SEND | CAN_NOTIFY}},
     flow_in_two},
    {"told before it is stored",
     " result ",
     {{SERVES, "send", NULL, CAN_SEND | CAN_NOTIFY}},
     told_before_it_is_stored},
    {"the owner posts commands, and no event",
     " ",
     {{ABOUT, "appended", NULL, 0}, {SERVES, "send", NULL, CAN_SEND}},
     told_by_a_command},
    {"a command by nothing", " keyed ", {{USES, "deliver", "channel", 0}}, told_by_a_command},
    {"a command that is no news",
     " result keyed ",
     {{ABOUT, "appended", NULL, 0}, {SERVES, "send", NULL, CAN_SEND | CAN_NOTIFY}},
     told_by_another},
    {"readers ask", " ", {{SERVES, "send", NULL, CAN_SEND | CAN_NOTIFY}}, poll},
    {"clients ask: no reader",
     " result ",
     {{SERVES, "send", NULL, CAN_SEND | CAN_NOTIFY}},
     client_polls},
    {"the stream is about something else",
     " result ",
     {{ABOUT, "new message", "channels", 0}},
     NULL},
    {"nobody tells the edge", " result keyed ", {{ABOUT, "appended", "channels", 0}}, NULL},
    {"catching up reads connections",
     " result ",
     {{ABOUT, "after", "files", 0}, {MEANING, "after", "channel", IS_WORKSPACE_ID}},
     NULL},
    {"joining writes files",
     " result ",
     {{ABOUT, "add member", "files", 0}, {MEANING, "add member", "channel", IS_WORKSPACE_ID}},
     NULL},
    {"joining writes a workspace", " ", {{ABOUT, "add member", "workspaces", 0}}, NULL},
    {"a file without its bytes", " result bytes ", {{HOPS, "share", NULL, 2}}, NULL},
    {"bytes of nobody",
     " result ",
     {{ABOUT, "reserve", "channels", 0}, {MEANING, "reserve", "workspace", IS_CHANNEL_ID}},
     NULL},
    {"nobody beats", " result ", {{ABOUT, "renew", "phones", 0}}, NULL},
    {"nobody sees", " result ", {{HOPS, "see", NULL, 3}}, NULL},
    {"seen by asking", " ", {{SERVES, "see", NULL, 0}}, presence_polled},
    {"finds in the phones", " result ", {{ABOUT, "find", "phones", 0}}, NULL},
    {"no push leaves", " result ", {{HOPS, "send", NULL, 5}}, NULL},
    {"the push does not know why", " result keyed ", {{ABOUT, "appended", NULL, 0}}, NULL},
    {"finds by default", " result ", {{FALLBACK, "find", NULL, OR_DEFAULT}}, NULL},
    {"what asks may come back by default",
     " result ",
     {{SERVES, "find", NULL, 0}, {FALLBACK, "ask", NULL, OR_DEFAULT}},
     both_in_one},
    {"a push without a message",
     " result ",
     {{SERVES, "send", NULL, CAN_SEND | CAN_DELIVER}},
     rings_itself},
    {"a push told by who had it stored",
     " ",
     {{SERVES, "send", NULL, CAN_SEND | CAN_DELIVER}},
     rings_when_stored},
    /* D2 */
    {"an event that nobody takes", " result ", {{0}}, told_in_vain},
    {"an event that a copy is kept by", " ", {{0}}, copy_told},
    {"nobody owns push", " owner result ", {{CAPABILITY, "phones", NULL, OWNS_OTHER}}, NULL},
    {"two owners", " owner ", {{0}}, second_owner},
    {"two entities, and other things anywhere", " ", {{0}}, second_entity},
    {"a query of another's", " anothers ", {{0}}, query_of_another},
    {"a command on another's", " anothers ", {{0}}, command_of_another},
    {"an event written into another's", " anothers ", {{0}}, index_of_another},
    {"a copy, read, and written by its event", " ", {{0}}, copy_at_edge},
    {"a copy that is written", " anothers ", {{0}}, copy_written},
    {"a copy, written by another event", " anothers ", {{0}}, copy_by_another_event},
    {"a copy is read that nobody tells", " result ", {{0}}, reads_the_copy},
    {"a copy is read that is told", " ", {{0}}, reads_the_copy_that_is_told},
    {"a copy stands in that nobody tells", " result ", {{0}}, copy_stands_in},
    {"nobody tells the index", " result ", {{HOPS, "send", NULL, 2}}, index_is_not_told},
    {"the index is told by a command", " ", {{HOPS, "send", NULL, 2}}, index_by_a_command},
    {"the index asks", " ", {{HOPS, "send", NULL, 2}}, index_by_asking},
    /* D3 */
    {"a service calls itself", " cycle ", {{0}}, calls_itself},
    {"a service posts to itself", " ", {{0}}, posts_to_itself},
    {"back, in another flow", " cycle ", {{0}}, calls_back},
    {"back, though nobody waits", " cycle ", {{0}}, calls_back_unawaited},
    {"back by a post", " ", {{0}}, posts_back},
    {"a cycle of three over two flows", " cycle ", {{0}}, cycle_of_three},
    {"three deep", " ", {{0}}, three_deep},
    {"four deep", " deep ", {{0}}, four_deep},
    {"four deep where nobody sends", " ", {{SERVES, "long", NULL, 0}}, four_deep},
    {"four with a post", " ", {{0}}, four_deep_after_the_answer},
    {"three side by side", " ", {{0}}, side_by_side},
    /* D4 */
    {"waits for presence, with a fallback", " side ", {{0}}, waits_for_presence},
    {"waits for search", " side scope ", {{ABOUT, "is there", "index", 0}}, waits_for_presence},
    {"waits for push", " side ", {{ABOUT, "is there", "phones", 0}}, waits_for_presence},
    {"waits for what touches nothing", " ", {{ABOUT, "is there", NULL, 0}}, waits_for_presence},
    {"asks presence when told later", " ", {{0}}, asks_presence_later},
    {"waits for files", " file ", {{0}}, waits_for_files},
    {"passes on and touches nothing", " ", {{ABOUT, "send", NULL, 0}}, second_entity},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

START_TEST(each_rule_sees_its_own_mistake_and_no_other)
{
    judge_row(&rows[_i]);
}
END_TEST

/* A design that declares next to nothing breaks them all: no rule holds for want of anything. */
static void declare_almost_nothing(struct chat_design *design)
{
    service(HERE, "lonely", 1, (struct scale){0});
    flow(HERE, "nothing", 0);
}

START_TEST(no_rule_holds_for_want_of_anything_to_look_at)
{
    struct built built = build(declare_almost_nothing, NULL);
    ck_assert_int_eq(built.result, 0);
    for (int i = 0; i < RULES; i++) {
        struct finding finding = {{0}, {0}};
        ck_assert_msg(rules[i].rule(built.model, &finding) == 1, "the rule %s holds",
                      rules[i].name);
    }
    build_release(&built);
}
END_TEST

START_TEST(a_cycle_is_named_call_by_call)
{
    struct built built = build(declare_small, cycle_of_three);
    struct finding finding = {{0}, {0}};
    ck_assert_int_eq(rule_no_call_comes_back(built.model, &finding), 1);
    ck_assert_ptr_nonnull(strstr(finding.got, "edge calls core"));
    ck_assert_ptr_nonnull(strstr(finding.got, "core calls third"));
    ck_assert_ptr_nonnull(strstr(finding.got, "third calls edge"));
    ck_assert_ptr_nonnull(strstr(finding.got, "design_fixture.h:"));
    ck_assert_ptr_nonnull(strstr(finding.got, "test_chat_rules.c:"));
    build_release(&built);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {no_rule_holds_for_want_of_anything_to_look_at,
                                  a_cycle_is_named_call_by_call, NULL};
    return run_rows("chat rules", each_rule_sees_its_own_mistake_and_no_other, ROWS, tests);
}
