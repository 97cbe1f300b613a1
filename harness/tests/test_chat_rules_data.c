/*
 * Rules of lab 04's designs: order, scope, files, sending twice, presence, instances (D5 to D10).
 */
#include "tests/design_rows.h"

/* --- what is declared beside the small design ------------------------------------------------- */

static void copy_at_edge(struct chat_design *design)
{
    event(HERE, "core", "channel changed", "channels");
    copy_of(HERE, "edge", "channels seen", "channels", "channel changed");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    query(HERE, "edge", "show channels", "channels seen");
    on(HERE, "edge", "channel changed", "channels seen");
}

/* The sends in an entity of their own: its key is the constraint. */
static void sends(struct chat_design *design)
{
    entity(HERE, "core", "sends", OWNS_MESSAGES);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY);
    field(HERE, "sender", IS_USER_ID, IN_KEY);
    field(HERE, "nonce", IS_CLIENT_ID, IN_KEY);
    field(HERE, "number", IS_NUMBER, 0);
}

static void bytes_by_gateway(struct chat_design *design)
{
    flow(HERE, "upload", CAN_SHARE_FILE);
    call(HERE, "client", "edge", "tell", SECOND);
    call(HERE, "edge", "store", "put", SECOND);
}

static void bytes_to_the_owner(struct chat_design *design)
{
    command(HERE, "core", "put", "files");
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "bytes", IS_BYTES, 0);
    flow(HERE, "upload", CAN_SHARE_FILE);
    call(HERE, "client", "core", "put", SECOND);
}

static void bytes_while_sending(struct chat_design *design)
{
    flow(HERE, "upload", CAN_SEND);
    call(HERE, "client", "store", "put", SECOND);
}

static void lone_service(struct chat_design *design)
{
    service(HERE, "lone", 1, (struct scale){0});
    query(HERE, "lone", "look", NULL);
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "lone", "look", SECOND);
}

static void lone_with_a_default(struct chat_design *design)
{
    service(HERE, "lone", 1, (struct scale){0});
    query(HERE, "lone", "look", NULL);
    service(HERE, "below", 1, (struct scale){0});
    query(HERE, "below", "look", NULL);
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "lone", "look", (struct patience){.timeout_ms = 9, .fallback = OR_DEFAULT});
    call(HERE, "lone", "below", "look", SECOND);
}

static void lone_without_its_copy(struct chat_design *design)
{
    service(HERE, "lone", 1, (struct scale){0});
    entity(HERE, "lone", "notes", OWNS_OTHER);
    query(HERE, "lone", "look", "notes");
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "lone", "look", (struct patience){.timeout_ms = 9, .fallback = OR_COPY});
}

static void lone_with_a_copy(struct chat_design *design)
{
    service(HERE, "lone", 1, (struct scale){0});
    entity(HERE, "lone", "notes", OWNS_OTHER);
    event(HERE, "lone", "noted", "notes");
    copy_of(HERE, "edge", "notes seen", "notes", "noted");
    query(HERE, "lone", "look", "notes");
    flow(HERE, "note", 0);
    call(HERE, "client", "lone", "look", SECOND);
    post(HERE, "lone", "edge", "noted", KEPT);
    flow(HERE, "more", CAN_SEND);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "lone", "look", (struct patience){.timeout_ms = 9, .fallback = OR_COPY});
}

static void woken_by_user(struct chat_design *design)
{
    event(HERE, "core", "wake", "messages");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    on(HERE, "side", "wake", "phones");
    flow(HERE, "wake", CAN_SEND | CAN_NOTIFY);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "core", "side", "wake", KEPT);
    post(HERE, "side", "phone", "push", KEPT);
}

static void relayed_by_user(struct chat_design *design)
{
    event(HERE, "side", "relayed", "messages");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    flow(HERE, "relay", CAN_SEND | CAN_DELIVER);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "core", "side", "appended", KEPT);
    post(HERE, "side", "edge", "relayed", KEPT);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
}

static void by_number(struct chat_design *design)
{
    query(HERE, "core", "one", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "number", IS_NUMBER, IN_PARTITION);
}

static void settings_at_edge(struct chat_design *design)
{
    entity(HERE, "edge", "settings", OWNS_OTHER);
}

static void unscoped_post(struct chat_design *design)
{
    command(HERE, "core", "edit", "messages");
    flow(HERE, "edit", 0);
    post(HERE, "client", "core", "edit", KEPT);
}

static void bytes_among_settings(struct chat_design *design)
{
    settings_at_edge(design);
    field(HERE, "picture", IS_BYTES, 0);
}

static void bytes_among_files(struct chat_design *design)
{
    entity(HERE, "core", "blocks", OWNS_FILES);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY);
    field(HERE, "bytes", IS_BYTES, 0);
}

static void members_asked(struct chat_design *design)
{
    query(HERE, "core", "is member", "channels");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    flow(HERE, "ask and send", CAN_SEND | CAN_DELIVER | CAN_NOTIFY);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "is member", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "core", "edge", "appended", KEPT);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
    post(HERE, "core", "side", "appended", KEPT);
    post(HERE, "side", "phone", "push", KEPT);
}

static void my_workspaces(struct chat_design *design)
{
    query(HERE, "core", "my workspaces", "workspaces");
    field(HERE, "user", IS_USER_ID, 0);
    flow(HERE, "list", 0);
    call(HERE, "client", "core", "my workspaces", SECOND);
}

static void scope_of_another_kind(struct chat_design *design)
{
    query(HERE, "core", "files here", "files");
    field(HERE, "channel", IS_CHANNEL_ID, 0); /* files have none */
    flow(HERE, "list", 0);
    call(HERE, "client", "core", "files here", SECOND);
}

static void nothing_named(struct chat_design *design)
{
    query(HERE, "core", "anything", NULL);
    flow(HERE, "list", 0);
    call(HERE, "client", "core", "anything", SECOND);
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct row rows[] = {
    /* D5 */
    {"partitions by sender",
     " partition ",
     {{USES, "messages", "channel", IN_KEY | IN_UNIQUE},
      {USES, "messages", "sender", IN_UNIQUE | IN_PARTITION}},
     NULL},
    {"by channel and sender",
     " partition ",
     {{USES, "messages", "sender", IN_UNIQUE | IN_PARTITION}},
     NULL},
    {"by nothing", " partition ", {{USES, "messages", "channel", IN_KEY | IN_UNIQUE}}, NULL},
    {"by number", " partition ", {{USES, "messages", "number", IN_KEY | IN_PARTITION}}, NULL},
    {"by workspace and channel",
     " ",
     {{MEANING, "messages", "file", IS_WORKSPACE_ID},
      {USES, "messages", "file", IN_PARTITION},
      {MEANING, "messages", "sent", IS_LINK}},
     NULL},
    {"by time", " order ", {{USES, "messages", "sent", IN_KEY}}, NULL},
    {"by no number", " order ", {{USES, "messages", "number", 0}}, NULL},
    {"the client counts", " order ", {{MEANING, "send", "channel", IS_NUMBER}}, NULL},
    {"an event by nothing", " keyed ", {{USES, "appended", "channel", 0}}, NULL},
    {"an event by user", " keyed ", {{MEANING, "appended", "channel", IS_USER_ID}}, NULL},
    {"an event by user, on to phones only", " ", {{0}}, woken_by_user},
    {"an event by user, by way of another", " keyed ", {{0}}, relayed_by_user},
    {"a command by another field than its rows",
     " partition ",
     {{USES, "append", "nonce", IN_PARTITION}},
     NULL},
    {"a query by another field than its rows", " partition ", {{0}}, by_number},
    {"an event by workspace", " ", {{MEANING, "appended", "channel", IS_WORKSPACE_ID}}, NULL},
    /* D6 */
    {"files of everybody", " workspace scope ", {{MEANING, "files", "workspace", IS_PLAIN}}, NULL},
    {"channels of everybody", " workspace ", {{MEANING, "channels", "workspace", IS_PLAIN}}, NULL},
    {"channels not found by their id", " workspace ", {{USES, "channels", "channel", 0}}, NULL},
    {"a copy of everybody's",
     " workspace ",
     {{MEANING, "channels seen", "channel", IS_PLAIN}},
     copy_at_edge},
    {"users and phones are everybody's", " ", {{MEANING, "users", "user", IS_PLAIN}}, NULL},
    {"find everywhere", " scope ", {{MEANING, "find", "workspace", IS_PLAIN}}, NULL},
    {"append anywhere", " partition scope ", {{MEANING, "append", "channel", IS_PLAIN}}, NULL},
    {"posted without a scope", " scope ", {{0}}, unscoped_post},
    {"my workspaces", " ", {{0}}, my_workspaces},
    {"a scope that the entity lacks", " scope ", {{0}}, scope_of_another_kind},
    {"touches nothing, in no scope", " ", {{0}}, nothing_named},
    /* D1: who may write */
    {"nobody asks who is a member", " result anothers ", {{OWNER, "channels", "side", 0}}, NULL},
    {"the edge asks",
     " anothers ",
     {{OWNER, "channels", "side", 0}, {SERVES, "send", NULL, 0}},
     members_asked},
    {"the edge asks, and may make it up",
     " result anothers ",
     {{OWNER, "channels", "side", 0},
      {SERVES, "send", NULL, 0},
      {FALLBACK, "is member", NULL, OR_DEFAULT}},
     members_asked},
    /* D7 */
    {"bytes by the gateway", " bytes ", {{0}}, bytes_by_gateway},
    {"bytes to the owner", " ", {{0}}, bytes_to_the_owner},
    {"bytes while sending", " bytes ", {{0}}, bytes_while_sending},
    {"bytes among the messages", " bytes ", {{MEANING, "messages", "sent", IS_BYTES}}, NULL},
    {"bytes in other things", " bytes ", {{0}}, bytes_among_settings},
    {"bytes of files among the files", " ", {{0}}, bytes_among_files},
    {"bytes in the send", " bytes link ", {{MEANING, "send", "file", IS_BYTES}}, NULL},
    {"no bytes", " bytes result ", {{MEANING, "put", "bytes", IS_PLAIN}}, NULL},
    {"no link kept", " link ", {{MEANING, "messages", "file", IS_PLAIN}}, NULL},
    {"no link handed on", " link ", {{MEANING, "append", "file", IS_PLAIN}}, NULL},
    {"no link sent", " link ", {{MEANING, "send", "file", IS_PLAIN}}, NULL},
    /* D1: what is stored is what was sent */
    {"no text sent", " result ", {{MEANING, "send", "text", IS_PLAIN}}, NULL},
    {"no text handed on", " result ", {{MEANING, "append", "text", IS_PLAIN}}, NULL},
    {"no text stored", " result ", {{MEANING, "messages", "text", IS_PLAIN}}, NULL},
    {"no sender handed on", " result ", {{MEANING, "append", "sender", IS_PLAIN}}, NULL},
    /* D8 */
    {"no client id", " client ", {{MEANING, "send", "nonce", IS_PLAIN}}, NULL},
    {"client id lost inside", " client ", {{MEANING, "append", "nonce", IS_PLAIN}}, NULL},
    {"client id alone",
     " unique ",
     {{USES, "messages", "sender", 0}, {USES, "messages", "channel", IN_KEY | IN_PARTITION}},
     NULL},
    {"client id of a sender in any channel",
     " unique ",
     {{USES, "messages", "channel", IN_KEY | IN_PARTITION}},
     NULL},
    {"client id of a channel", " unique ", {{USES, "messages", "sender", 0}}, NULL},
    {"with the number", " unique ", {{USES, "messages", "number", IN_KEY | IN_UNIQUE}}, NULL},
    {"with the time", " unique ", {{USES, "messages", "sent", IN_UNIQUE}}, NULL},
    {"with the device",
     " ",
     {{MEANING, "messages", "sent", IS_DEVICE_ID}, {USES, "messages", "sent", IN_UNIQUE}},
     NULL},
    {"no constraint",
     " unique ",
     {{USES, "messages", "nonce", 0},
      {USES, "messages", "sender", 0},
      {USES, "messages", "channel", IN_KEY | IN_PARTITION}},
     NULL},
    {"sends in an entity of their own",
     " ",
     {{USES, "messages", "nonce", 0},
      {USES, "messages", "sender", 0},
      {USES, "messages", "channel", IN_KEY | IN_PARTITION}},
     sends},
    /* D9 */
    {"presence for ever", " expires ", {{MEANING, "leases", "expires", IS_TIME}}, NULL},
    {"a heartbeat's time", " outlives ", {{TTL, NULL, NULL, 30000}}, NULL},
    {"a millisecond more", " ", {{TTL, NULL, NULL, 30001}}, NULL},
    {"less than a heartbeat", " outlives ", {{TTL, NULL, NULL, 29999}}, NULL},
    {"the workspace is told",
     " subscribers ",
     {{AUDIENCE, "seen", NULL, TO_WORKSPACE_MEMBERS}},
     NULL},
    {"the channel is told",
     " subscribers ",
     {{AUDIENCE, "changed", NULL, TO_CHANNEL_MEMBERS}},
     NULL},
    /* D10 */
    {"one edge", " instance ", {{INSTANCES, "edge", NULL, 1}}, NULL},
    {"one copy", " instance ", {{COPIES, "core", NULL, 1}}, NULL},
    {"one copy of what a send touches",
     " instance ",
     {{ABOUT, "send", "settings", 0}},
     settings_at_edge},
    {"one copy of what it only passes by", " ", {{ABOUT, "send", NULL, 0}}, settings_at_edge},
    {"a lone service", " instance ", {{0}}, lone_service},
    {"a lone service, and its like below", " ", {{0}}, lone_with_a_default},
    {"a lone service without the copy", " instance ", {{0}}, lone_without_its_copy},
    {"a lone service with a copy", " ", {{0}}, lone_with_a_copy},
    {"a pair", " ", {{INSTANCES, "lone", NULL, 2}}, lone_service},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

START_TEST(each_rule_sees_its_own_mistake_and_no_other)
{
    judge_row(&rows[_i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {NULL};
    return run_rows("chat rules of data", each_rule_sees_its_own_mistake_and_no_other, ROWS, tests);
}
