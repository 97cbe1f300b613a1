/* A small chat design with knobs, through the given builder: for tests of what is done with
 * designs. */
#ifndef TESTS_CHAT_FIXTURE_H
#define TESTS_CHAT_FIXTURE_H

#include <check.h>
#include "04-chat/chat_design.h"
#include "04-chat/chat_model.h"

/* Who sends to the readers. */
enum shape {
    GATEWAYS_STREAM, /* the message service posts to the gateways */
    STORE_STREAMS,   /* the message service itself, in its partition */
    READERS_POLL,    /* nobody: readers call the gateway */
    NOBODY_DELIVERS
};

struct knobs {
    enum shape shape;
    int gateways, gateway_workers, gateway_queue;
    struct scale store;
    int64_t store_timeout_ms;
    int store_attempts;
    int has_members; /* a call "is member" before the append, to a service of one instance */
    struct scale members;
    int64_t members_timeout_ms;
    enum fallback fallback;
    int has_copy;
    struct backlog backlog;
    int batch; /* of the stream */
    int64_t batch_ms;
    int by_workspace; /* the messages' partitions */
    int has_catch_up;
    int has_presence; /* heartbeats, through the gateways to a service of three instances */
    struct backlog beats;
    void (*instead)(struct chat_design *design); /* declares another design; the rest is not used */
};

static inline struct knobs usual_knobs(void)
{
    return (struct knobs){.gateways = 20,
                          .gateway_workers = 16,
                          .gateway_queue = 4000,
                          .store = {.copies = 2, .partitions = 64, .workers = 16, .queue = 2000},
                          .store_timeout_ms = 1000,
                          .store_attempts = 2,
                          .members = {.copies = 1, .partitions = 64, .workers = 16},
                          .members_timeout_ms = 300,
                          .backlog = {.buffer = 5000000, .batch = 1},
                          .batch = 1};
}

static struct knobs knobs; /* what chat_design declares next */

static inline void declare_members(struct chat_design *design)
{
    service(HERE, "channel", 1, knobs.members);
    entity(HERE, "channel", "members", OWNS_CHANNELS);
    field(HERE, "channel", IS_CHANNEL_ID, IN_KEY | IN_PARTITION);
    query(HERE, "channel", "is member", "members");
    event(HERE, "channel", "changed", "members");
    if (knobs.has_copy)
        copy_of(HERE, "gateway", "members seen", "members", "changed");
}

static inline void declare_presence(struct chat_design *design)
{
    service(HERE, "presence", 3, (struct scale){.partitions = 64});
    entity(HERE, "presence", "leases", OWNS_PRESENCE);
    field(HERE, "user", IS_USER_ID, IN_KEY | IN_PARTITION);
    command(HERE, "presence", "renew", "leases");
    event(HERE, "presence", "turned", "leases");
    command(HERE, "gateway", "beat", "connections");
    presence(HERE, 30000, 75000);
    flow(HERE, "be there", CAN_SEE_PRESENCE);
    call(HERE, "client", "gateway", "beat", (struct patience){.timeout_ms = 3000});
    post(HERE, "gateway", "presence", "renew", knobs.beats);
    post(HERE, "presence", "gateway", "turned", (struct backlog){.buffer = 1});
}

static inline void declare_delivery(struct chat_design *design)
{
    const struct spread spread = {TO_CHANNEL_MEMBERS, knobs.batch, knobs.batch_ms};
    if (knobs.shape == GATEWAYS_STREAM) {
        post(HERE, "message", "gateway", "appended", knobs.backlog);
        stream(HERE, "gateway", "reader", "new message", spread);
    } else if (knobs.shape == STORE_STREAMS) {
        stream(HERE, "message", "reader", "appended", spread);
    } else if (knobs.shape == READERS_POLL) {
        flow(HERE, "poll", CAN_DELIVER);
        call(HERE, "reader", "gateway", "listen", (struct patience){.timeout_ms = 30000});
    }
}

int chat_design(struct chat_design *design, struct error *err)
{
    (void)err;
    if (knobs.instead != NULL) {
        knobs.instead(design);
        return 0;
    }
    service(HERE, "gateway", knobs.gateways,
            (struct scale){.workers = knobs.gateway_workers, .queue = knobs.gateway_queue});
    entity(HERE, "gateway", "connections", OWNS_CONNECTIONS);
    command(HERE, "gateway", "send", "connections");
    query(HERE, "gateway", "listen", "connections");
    service(HERE, "message", 4, knobs.store);
    entity(HERE, "message", "messages", OWNS_MESSAGES);
    field(HERE, "place", knobs.by_workspace ? IS_WORKSPACE_ID : IS_CHANNEL_ID,
          IN_KEY | IN_PARTITION);
    command(HERE, "message", "append", "messages");
    query(HERE, "message", "after", "messages");
    event(HERE, "message", "appended", "messages");
    event(HERE, "gateway", "new message", "messages");
    if (knobs.has_members)
        declare_members(design);

    flow(HERE, "send", CAN_SEND | (knobs.shape == READERS_POLL ? 0 : CAN_DELIVER));
    call(HERE, "client", "gateway", "send", (struct patience){.timeout_ms = 3000});
    if (knobs.has_members)
        call(HERE, "gateway", "channel", "is member",
             (struct patience){knobs.members_timeout_ms, 1, knobs.fallback});
    call(HERE, "gateway", "message", "append",
         (struct patience){knobs.store_timeout_ms, knobs.store_attempts, OR_FAIL});
    declare_delivery(design);
    if (knobs.has_catch_up) {
        flow(HERE, "catch up", CAN_CATCH_UP);
        call(HERE, "reader", "gateway", "listen", (struct patience){.timeout_ms = 3000});
        call(HERE, "gateway", "message", "after", (struct patience){.timeout_ms = 1000});
    }
    if (knobs.has_presence)
        declare_presence(design);
    return 0;
}

/* The design with those knobs; static, valid until the next call. */
static inline struct chat_model *model_of(struct knobs wanted)
{
    static struct chat_model model;
    struct design_place place = {0};
    struct error err = {0};
    knobs = wanted;
    const int code = chat_model_build(&model, &place, &err);
    ck_assert_msg(code == 0, "line %d of the fixture: %s", place.line, err.text);
    return &model;
}

#endif
