/*
 * Designs of lab 04 for tests: the test plays the student. A small design that keeps every rule,
 * and the builder around any function that declares.
 */
#ifndef TESTS_DESIGN_FIXTURE_H
#define TESTS_DESIGN_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "04-chat/chat_design.h"
#include "04-chat/chat_model.h"

typedef void declare(struct chat_design *design);

struct built {
    struct chat_model *model; /* build_release frees it */
    struct design_place place;
    struct error err;
    int result;
};

/* What the next chat_design declares, one after the other; NULL ends them. The line of the
   declaration that must be refused. */
static declare *declared[3];
static int design_returns; /* what it returns then */
static int wrong_line;
#define WRONG (wrong_line = __LINE__, HERE)

int chat_design(struct chat_design *design, struct error *err)
{
    (void)err;
    for (int i = 0; declared[i] != NULL; i++)
        declared[i](design);
    return design_returns;
}

static inline struct built build(declare *first, declare *second)
{
    struct built built = {.model = malloc(sizeof *built.model)};
    if (built.model == NULL)
        abort();
    wrong_line = 0;
    declared[0] = first;
    declared[1] = second;
    built.result = chat_model_build(built.model, &built.place, &built.err);
    return built;
}

static inline void build_release(struct built *built)
{
    free(built->model);
    built->model = NULL;
}

/* --- three services that keep every rule ------------------------------------------------------ */

static inline void declare_small_owners(struct chat_design *design)
{
    service(HERE, "edge", 2, (struct scale){0});
    entity(HERE, "edge", "connections", OWNS_CONNECTIONS);
    field(HERE, "user", IS_USER_ID, IN_KEY);

    service(HERE, "core", 2, (struct scale){.copies = 2});
    entity(HERE, "core", "users", OWNS_USERS);
    field(HERE, "user", IS_USER_ID, IN_KEY);
    entity(HERE, "core", "workspaces", OWNS_WORKSPACES);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY);
    entity(HERE, "core", "channels", OWNS_CHANNELS);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY);
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    entity(HERE, "core", "messages", OWNS_MESSAGES);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY | IN_PARTITION | IN_UNIQUE);
    field(HERE, "number", IS_NUMBER, IN_KEY);
    field(HERE, "sender", IS_USER_ID, IN_UNIQUE);
    field(HERE, "nonce", IS_CLIENT_ID, IN_UNIQUE);
    field(HERE, "sent", IS_TIME, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);
    entity(HERE, "core", "files", OWNS_FILES);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY);

    service(HERE, "side", 1, (struct scale){0});
    entity(HERE, "side", "leases", OWNS_PRESENCE);
    field(HERE, "user", IS_USER_ID, IN_KEY);
    field(HERE, "expires", IS_EXPIRY, 0);
    entity(HERE, "side", "phones", OWNS_PUSH);
    field(HERE, "user", IS_USER_ID, IN_KEY);
    entity(HERE, "side", "index", OWNS_SEARCH);
    field(HERE, "workspace", IS_WORKSPACE_ID, IN_KEY);
}

static inline void declare_small_messages(struct chat_design *design)
{
    command(HERE, "edge", "send", "connections");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    field(HERE, "nonce", IS_CLIENT_ID, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);
    query(HERE, "edge", "ask", "connections");
    command(HERE, "edge", "tell", "connections");
    event(HERE, "edge", "new message", "messages");
    event(HERE, "edge", "seen", "leases");

    command(HERE, "core", "append", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    field(HERE, "sender", IS_USER_ID, 0);
    field(HERE, "text", IS_TEXT, 0);
    field(HERE, "file", IS_LINK, 0);
    field(HERE, "nonce", IS_CLIENT_ID, 0);
    query(HERE, "core", "after", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    command(HERE, "core", "add member", "channels");
    field(HERE, "channel", IS_CHANNEL_ID, 0);
    command(HERE, "core", "reserve", "files");
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    event(HERE, "core", "appended", "messages");
    field(HERE, "channel", IS_CHANNEL_ID, IN_PARTITION);
    command(HERE, "store", "put", NULL);
    field(HERE, "bytes", IS_BYTES, 0);

    command(HERE, "side", "renew", "leases");
    query(HERE, "side", "is there", "leases");
    query(HERE, "side", "find", "index");
    field(HERE, "workspace", IS_WORKSPACE_ID, 0);
    event(HERE, "side", "changed", "leases");
    event(HERE, "side", "push", "phones");
    on(HERE, "side", "appended", "index");
}

#define SECOND  ((struct patience){.timeout_ms = 1000})
#define KEPT    ((struct backlog){.buffer = 1000})
#define TO_SOME ((struct spread){.audience = TO_SUBSCRIBERS})

static inline void declare_small_flows(struct chat_design *design)
{
    flow(HERE, "send", CAN_SEND | CAN_DELIVER | CAN_NOTIFY);
    call(HERE, "client", "edge", "send", SECOND);
    call(HERE, "edge", "core", "append", SECOND);
    post(HERE, "core", "edge", "appended", KEPT);
    stream(HERE, "edge", "reader", "new message", (struct spread){.audience = TO_CHANNEL_MEMBERS});
    post(HERE, "core", "side", "appended", KEPT);
    post(HERE, "side", "phone", "push", KEPT);

    flow(HERE, "catch up", CAN_CATCH_UP);
    call(HERE, "reader", "edge", "ask", SECOND);
    call(HERE, "edge", "core", "after", SECOND);
    flow(HERE, "join", CAN_JOIN);
    call(HERE, "client", "edge", "tell", SECOND);
    call(HERE, "edge", "core", "add member", SECOND);
    flow(HERE, "share", CAN_SHARE_FILE);
    call(HERE, "client", "edge", "tell", SECOND);
    call(HERE, "edge", "core", "reserve", SECOND);
    call(HERE, "client", "store", "put", SECOND);
    flow(HERE, "see", CAN_SEE_PRESENCE);
    call(HERE, "client", "edge", "tell", SECOND);
    post(HERE, "edge", "side", "renew", KEPT);
    stream(HERE, "side", "edge", "changed", TO_SOME);
    stream(HERE, "edge", "reader", "seen", TO_SOME);
    flow(HERE, "find", CAN_FIND);
    call(HERE, "client", "edge", "ask", SECOND);
    call(HERE, "edge", "side", "find", SECOND);
    presence(HERE, 30000, 75000);
}

static inline void declare_small(struct chat_design *design)
{
    declare_small_owners(design);
    declare_small_messages(design);
    declare_small_flows(design);
}

#endif
