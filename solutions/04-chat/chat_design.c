/*
 * The design of the chat application, for the workload of workload.c: ten million users, one in ten
 * online on 1.3 devices, 4,630 messages and 46,300 deliveries a second at the peak.
 *
 * A client talks to one gateway, and the gateway to everybody else. Eight services own the data.
 * What a sender waits for is short: is this a member, and is the message stored. Everything else
 * (delivery, search, push) follows from the event that the message service posts, and may be late
 * or down while people go on talking.
 */
#include "chat_design.h"

/* --- the gateway: connections, and nothing that must not be lost -------------------------------
 */

static void gateway(struct chat_design *design)
{
    /* 1.3 million connections on 19 gateways, when one is lost, are 68,421 each. */
    service(HERE, "gateway", 20, (struct scale){.workers = 16, .queue = 4000});

    /* Soft: a client that loses its connection opens another, and says again what it watches. */
    entity(HERE, "gateway", "connections", OWNS_CONNECTIONS);
    field(HERE, "user", IS_USER_ID, IN_KEY);
    field(HERE, "device", IS_DEVICE_ID, IN_KEY);
    entity(HERE, "gateway", "watches", OWNS_CONNECTIONS);
    field(HERE, "watcher", IS_USER_ID, IN_KEY);
    field(HERE, "device", IS_DEVICE_ID, IN_KEY);
    field(HERE, "watched", IS_USER_ID, IN_KEY);

    command(HERE, "gateway", "sign in", "connections");
    field(HERE, "user", IS_USER_ID, 0);
    field(HERE, "device", IS_DEVICE_ID, 0);

    /* With NULL: what the gateway only passes on touches nothing of its own. What is needed is
       looked up where it lies. */
    command(HERE, "gateway", "send", NULL);
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "sender", IS_USER_ID, 0);
    field(HERE, "nonce", IS_CLIENT_ID, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);

    query(HERE, "gateway", "listen", "connections");
    field(HERE, "user", IS_USER_ID, 0);
    field(HERE, "device", IS_DEVICE_ID, 0);
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "last seen", IS_NUMBER, 0);

    command(HERE, "gateway", "enter", NULL);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "user", IS_USER_ID, 0);

    command(HERE, "gateway", "offer file", NULL);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "title", IS_PLAIN, 0);

    command(HERE, "gateway", "beat", "watches");
    field(HERE, "user", IS_USER_ID, 0);
    field(HERE, "device", IS_DEVICE_ID, 0);
    field(HERE, "watched", IS_PLAIN, 0);

    query(HERE, "gateway", "look for", NULL);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "user", IS_USER_ID, 0);
    field(HERE, "words", IS_TEXT, 0);
}

/* What the gateway tells its readers, and what it remembers of others: once they are declared. */
static void gateway_to_readers(struct chat_design *design)
{
    /* So that people can write and read while the owners are away. */
    copy_of(HERE, "gateway", "members seen", "members", "membership changed");
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY);
    field(HERE, "user", IS_USER_ID, IN_KEY);
    copy_of(HERE, "gateway", "sessions seen", "sessions", "session changed");
    field(HERE, "user", IS_USER_ID, IN_KEY);
    field(HERE, "device", IS_DEVICE_ID, IN_KEY);

    event(HERE, "gateway", "new message", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "number", IS_NUMBER, 0);
    field(HERE, "sender", IS_USER_ID, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);

    event(HERE, "gateway", "online or not", "leases");
    field(HERE, "user", IS_USER_ID, 0);
}

/* --- who is who, and who may what --------------------------------------------------------------
 */

static void users(struct chat_design *design)
{
    service(HERE, "user", 3, (struct scale){.copies = 2, .partitions = 16});

    entity(HERE, "user", "users", OWNS_USERS);
    field(HERE, "user", IS_USER_ID, IN_KEY | IN_PARTITION);
    field(HERE, "display name", IS_PLAIN, 0);
    entity(HERE, "user", "sessions", OWNS_USERS);
    field(HERE, "user", IS_USER_ID, IN_KEY | IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, IN_KEY);
    field(HERE, "ends", IS_EXPIRY, 0);

    command(HERE, "user", "open session", "sessions");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, 0);
    query(HERE, "user", "has session", "sessions");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, 0);
    event(HERE, "user", "session changed", "sessions");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, 0);
}

static void workspaces(struct chat_design *design)
{
    service(HERE, "workspace", 3, (struct scale){.copies = 2, .partitions = 16});

    entity(HERE, "workspace", "workspaces", OWNS_WORKSPACES);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY | IN_PARTITION);
    field(HERE, "title", IS_PLAIN, 0);
    entity(HERE, "workspace", "people", OWNS_WORKSPACES);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY | IN_PARTITION);
    field(HERE, "user", IS_USER_ID, IN_KEY);

    query(HERE, "workspace", "belongs here", "people");
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_PARTITION);
    field(HERE, "user", IS_USER_ID, 0);
}

/* A channel lies in one workspace: whoever names the channel has named both. */
static void channels(struct chat_design *design)
{
    /* Asked once for each message: 4,630 queries a second. */
    service(HERE, "channel", 3, (struct scale){.copies = 3, .partitions = 64, .workers = 8});

    entity(HERE, "channel", "channels", OWNS_CHANNELS);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY | IN_PARTITION);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "title", IS_PLAIN, 0);
    entity(HERE, "channel", "members", OWNS_CHANNELS);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY | IN_PARTITION);
    field(HERE, "user", IS_USER_ID, IN_KEY);

    query(HERE, "channel", "is member", "members");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "user", IS_USER_ID, 0);
    command(HERE, "channel", "add member", "members");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "user", IS_USER_ID, 0);
    event(HERE, "channel", "membership changed", "members");
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "user", IS_USER_ID, 0);
}

/* --- messages ----------------------------------------------------------------------------------
 */

static void messages(struct chat_design *design)
{
    /* The busiest channel has 0.2 % of all messages; its partition 81 a second, far from a limit.
     */
    service(HERE, "message", 4,
            (struct scale){.copies = 3, .partitions = 64, .workers = 16, .queue = 2000});

    /* One channel, one partition, one writer: the next number is the order. Times are for showing.
     */
    entity(HERE, "message", "messages", OWNS_MESSAGES);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY | IN_PARTITION | IN_UNIQUE);
    field(HERE, "number", IS_NUMBER, IN_KEY);
    field(HERE, "sender", IS_USER_ID, IN_UNIQUE);
    field(HERE, "nonce", IS_CLIENT_ID, IN_UNIQUE); /* sent twice is stored once */
    field(HERE, "sent", IS_TIME, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);

    command(HERE, "message", "append", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "sender", IS_USER_ID, 0);
    field(HERE, "nonce", IS_CLIENT_ID, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);
    query(HERE, "message", "after", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "number", IS_NUMBER, 0);
    event(HERE, "message", "appended", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "number", IS_NUMBER, 0);
    field(HERE, "sender", IS_USER_ID, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);
}

/* --- what may be late --------------------------------------------------------------------------
 */

static void presences(struct chat_design *design)
{
    service(HERE, "presence", 3, (struct scale){.copies = 2, .partitions = 64, .workers = 8});

    /* A lease for each device: true until it expires, and nobody has to take it back. */
    entity(HERE, "presence", "leases", OWNS_PRESENCE);
    field(HERE, "user", IS_USER_ID, IN_KEY | IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, IN_KEY);
    field(HERE, "expires", IS_EXPIRY, 0);

    command(HERE, "presence", "renew", "leases");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, 0);
    query(HERE, "presence", "who is away", "leases");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    event(HERE, "presence", "presence changed", "leases");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
}

static void notifications(struct chat_design *design)
{
    service(HERE, "notification", 3, (struct scale){.copies = 2, .partitions = 16, .workers = 8});

    entity(HERE, "notification", "phones", OWNS_PUSH);
    field(HERE, "user", IS_USER_ID, IN_KEY | IN_PARTITION);
    field(HERE, "device", IS_DEVICE_ID, IN_KEY);
    entity(HERE, "notification", "pushes", OWNS_PUSH);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY);
    field(HERE, "number", IS_NUMBER, IN_KEY);
    field(HERE, "user", IS_USER_ID, IN_KEY | IN_PARTITION);

    on(HERE, "notification", "appended", "pushes");
    event(HERE, "notification", "push", "pushes");
    field(HERE, "user", IS_USER_ID, IN_PARTITION);
    field(HERE, "text", IS_TEXT, 0);
}

static void searches(struct chat_design *design)
{
    service(HERE, "search", 4, (struct scale){.copies = 2, .partitions = 16, .workers = 8});

    entity(HERE, "search", "index", OWNS_SEARCH);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY | IN_PARTITION);
    field(HERE, "number", IS_NUMBER, IN_KEY);
    field(HERE, "words", IS_TEXT, 0);
    /* One may only find what one may read; a removed member finds it for a second longer. */
    copy_of(HERE, "search", "members who search", "members", "membership changed");
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY);
    field(HERE, "user", IS_USER_ID, IN_KEY);

    on(HERE, "search", "appended", "index");
    query(HERE, "search", "find", "index");
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    field(HERE, "user", IS_USER_ID, 0);
    field(HERE, "words", IS_TEXT, 0);
}

static void files(struct chat_design *design)
{
    service(HERE, "file", 3, (struct scale){.copies = 2, .partitions = 16});
    upload(HERE, 1000000000);

    entity(HERE, "file", "files", OWNS_FILES);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY | IN_PARTITION);
    field(HERE, "file", IS_LINK, IN_KEY);
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "title", IS_PLAIN, 0);
    field(HERE, "scanned", IS_PLAIN, 0); /* afterwards: the link says "not yet" until then */

    command(HERE, "file", "reserve", "files");
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_PARTITION);
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "title", IS_PLAIN, 0);

    command(HERE, "store", "put bytes", NULL);
    field(HERE, "file", IS_LINK, 0);
    field(HERE, "bytes", IS_BYTES, 0);
}

/* --- flows -------------------------------------------------------------------------------------
 */

static void sending(struct chat_design *design)
{
    flow(HERE, "send a message", CAN_SEND | CAN_DELIVER | CAN_NOTIFY);
    call(HERE, "client", "gateway", "send", (struct patience){.timeout_ms = 3000});
    /* 2 x 300 and 2 x 1000 ms fit into the client's 3000. */
    call(HERE, "gateway", "channel", "is member",
         (struct patience){.timeout_ms = 300, .attempts = 2, .fallback = OR_COPY});
    call(HERE, "gateway", "message", "append",
         (struct patience){.timeout_ms = 1000, .attempts = 2});
    /* Answered; from here on nobody waits. A buffer of ten minutes at the peak is 2.8 million. */
    post(HERE, "message", "gateway", "appended",
         (struct backlog){.buffer = 5000000, .batch = 20, .batch_ms = 5});
    stream(HERE, "gateway", "reader", "new message",
           (struct spread){.audience = TO_CHANNEL_MEMBERS});

    post(HERE, "message", "notification", "appended",
         (struct backlog){.buffer = 5000000, .batch = 100, .batch_ms = 50});
    /* Presence does not answer: better a push too many. */
    call(HERE, "notification", "presence", "who is away",
         (struct patience){.timeout_ms = 500, .fallback = OR_DEFAULT});
    /* Nine of ten readers are away: 4,630 x 77 x 0.9 a second, for ten minutes. */
    post(HERE, "notification", "phone", "push",
         (struct backlog){.buffer = 200000000, .batch = 100, .batch_ms = 100});

    post(HERE, "message", "search", "appended",
         (struct backlog){.buffer = 50000000, .batch = 500, .batch_ms = 200});
}

static void coming_back(struct chat_design *design)
{
    flow(HERE, "sign in", 0);
    call(HERE, "client", "gateway", "sign in", (struct patience){.timeout_ms = 3000});
    call(HERE, "gateway", "user", "open session",
         (struct patience){.timeout_ms = 1000, .attempts = 2});
    post(HERE, "user", "gateway", "session changed",
         (struct backlog){.buffer = 1000000, .batch = 100, .batch_ms = 20});

    flow(HERE, "catch up", CAN_CATCH_UP);
    call(HERE, "reader", "gateway", "listen", (struct patience){.timeout_ms = 3000});
    call(HERE, "gateway", "user", "has session",
         (struct patience){.timeout_ms = 300, .attempts = 2, .fallback = OR_COPY});
    call(HERE, "gateway", "channel", "is member",
         (struct patience){.timeout_ms = 300, .attempts = 2, .fallback = OR_COPY});
    call(HERE, "gateway", "message", "after", (struct patience){.timeout_ms = 800, .attempts = 2});

    /* 68,421 clients of a lost gateway come back at 2,300 a second, not all at once. */
    reconnect(HERE, 30000);
}

static void joining(struct chat_design *design)
{
    flow(HERE, "join a channel", CAN_JOIN);
    call(HERE, "client", "gateway", "enter", (struct patience){.timeout_ms = 3000});
    call(HERE, "gateway", "workspace", "belongs here",
         (struct patience){.timeout_ms = 500, .attempts = 2});
    call(HERE, "gateway", "channel", "add member",
         (struct patience){.timeout_ms = 800, .attempts = 2});
    post(HERE, "channel", "gateway", "membership changed",
         (struct backlog){.buffer = 1000000, .batch = 100, .batch_ms = 20});
    post(HERE, "channel", "search", "membership changed",
         (struct backlog){.buffer = 1000000, .batch = 100, .batch_ms = 20});
}

/* The bytes go past everybody; the link then travels in a message like any other. */
static void sharing(struct chat_design *design)
{
    flow(HERE, "share a file", CAN_SHARE_FILE);
    call(HERE, "client", "gateway", "offer file", (struct patience){.timeout_ms = 3000});
    call(HERE, "gateway", "channel", "is member",
         (struct patience){.timeout_ms = 300, .attempts = 2, .fallback = OR_COPY});
    call(HERE, "gateway", "file", "reserve", (struct patience){.timeout_ms = 800, .attempts = 2});
    call(HERE, "client", "store", "put bytes",
         (struct patience){.timeout_ms = 60000, .attempts = 3});
}

static void being_seen(struct chat_design *design)
{
    /* A lease outlives two lost heartbeats. 1.3 million connections: 43,000 a second. */
    presence(HERE, 30000, 75000);

    flow(HERE, "see who is there", CAN_SEE_PRESENCE);
    call(HERE, "client", "gateway", "beat", (struct patience){.timeout_ms = 3000});
    post(HERE, "gateway", "presence", "renew",
         (struct backlog){.buffer = 100000, .batch = 200, .batch_ms = 200});
    /* Only to who is looking: everybody in a workspace of 10,000 would be 167,000 events a second.
     */
    stream(HERE, "presence", "gateway", "presence changed",
           (struct spread){.audience = TO_SUBSCRIBERS, .batch = 100, .batch_ms = 200});
    stream(HERE, "gateway", "reader", "online or not",
           (struct spread){.audience = TO_SUBSCRIBERS, .batch = 20, .batch_ms = 500});
}

static void finding(struct chat_design *design)
{
    flow(HERE, "find messages", CAN_FIND);
    call(HERE, "client", "gateway", "look for", (struct patience){.timeout_ms = 3000});
    call(HERE, "gateway", "search", "find", (struct patience){.timeout_ms = 2000});
}

/* --- what goes on while a service is down ------------------------------------------------------
 */

static void losses(struct chat_design *design)
{
    survives(HERE, "gateway", 0); /* the only door; so there are twenty */
    survives(HERE, "message", CAN_JOIN | CAN_SHARE_FILE | CAN_SEE_PRESENCE | CAN_FIND);
    survives(HERE, "channel", CAN_ALL & ~CAN_JOIN); /* the gateways' copies serve */
    survives(HERE, "workspace", CAN_ALL & ~CAN_JOIN);
    survives(HERE, "user", CAN_ALL); /* who is signed in stays so */
    survives(HERE, "presence", CAN_ALL & ~CAN_SEE_PRESENCE);
    survives(HERE, "notification", CAN_ALL & ~CAN_NOTIFY);
    survives(HERE, "search", CAN_ALL & ~CAN_FIND);
    survives(HERE, "file", CAN_ALL & ~CAN_SHARE_FILE);
}

int chat_design(struct chat_design *design, struct error *err)
{
    (void)err;
    gateway(design);
    users(design);
    workspaces(design);
    channels(design);
    messages(design);
    presences(design);
    notifications(design);
    searches(design);
    files(design);
    gateway_to_readers(design);

    sending(design);
    coming_back(design);
    joining(design);
    sharing(design);
    being_seen(design);
    finding(design);
    losses(design);
    return 0;
}
