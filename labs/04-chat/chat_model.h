/*
 * A design as data: what the builder makes of the declarations, what the probe tells the judge, and
 * what the rules, the simulation, the pictures and the services read. Given.
 *
 * Things refer to each other by their place in the arrays. All numbers are within the limits of
 * chat_words.h and all names within its alphabet, whoever made the model: chat_model_check sees to
 * that for one that came over a wire. Defaults are filled in.
 */
#ifndef LAB04_CHAT_MODEL_H
#define LAB04_CHAT_MODEL_H

#include <stdint.h>
#include "chat_words.h"

struct error;

/* Places in the arrays, or these. */
enum {
    DESIGN_NONE = -1, /* no entity, no copy */
    DESIGN_CLIENT = -2,
    DESIGN_READER = -3,
    DESIGN_PHONE = -4,
    DESIGN_STORE = -5
};

/* Where it was declared, for messages. */
struct design_place {
    char file[DESIGN_FILE_SIZE];
    int line;
};

struct design_field {
    char name[DESIGN_NAME_SIZE];
    enum meaning meaning;
    int uses; /* enum use */
    struct design_place place;
};

struct design_service {
    char name[DESIGN_NAME_SIZE];
    int instances, copies, partitions, workers, queue;
    int survives; /* requirements served while it is down; -1: not said */
    struct design_place survives_place;
    struct design_place place;
};

struct design_entity {
    char name[DESIGN_NAME_SIZE];
    int service;
    enum capability capability; /* of a copy: its original's */
    int original;               /* entity it is a copy of, or DESIGN_NONE */
    int event;                  /* of a copy: message that changes it, else DESIGN_NONE */
    int field_count;
    struct design_field fields[DESIGN_FIELDS_MAX];
    struct design_place place;
};

enum message_kind { DESIGN_COMMAND, DESIGN_QUERY, DESIGN_EVENT };
struct design_message {
    enum message_kind kind;
    char name[DESIGN_NAME_SIZE];
    int service; /* whose it is; DESIGN_STORE for what the store is asked */
    int entity;  /* or DESIGN_NONE */
    int field_count;
    struct design_field fields[DESIGN_FIELDS_MAX];
    struct design_place place;
};

struct design_on {
    int service, event; /* event: a message */
    int entity;         /* or DESIGN_NONE */
    struct design_place place;
};

enum hop_kind { DESIGN_CALL, DESIGN_POST, DESIGN_STREAM };
struct design_hop {
    enum hop_kind kind;
    int from, to; /* services, or DESIGN_CLIENT ... */
    int message;
    /* of a call */
    int64_t timeout_ms;
    int attempts;
    enum fallback fallback;
    /* of a post */
    int64_t buffer;
    /* of a post or stream */
    int batch;
    int64_t batch_ms;
    /* of a stream */
    enum audience audience;
    struct design_place place;
};

struct design_flow {
    char name[DESIGN_NAME_SIZE];
    int requirements; /* enum requirement */
    int hop_count;
    struct design_hop hops[DESIGN_HOPS_MAX];
    struct design_place place;
};

/* Below 2 MB. */
struct chat_model {
    struct design_service services[DESIGN_SERVICES_MAX];
    int service_count;
    struct design_entity entities[DESIGN_ENTITIES_MAX];
    int entity_count;
    struct design_message messages[DESIGN_MESSAGES_MAX];
    int message_count;
    struct design_on ons[DESIGN_ONS_MAX];
    int on_count;
    struct design_flow flows[DESIGN_FLOWS_MAX];
    int flow_count;
    int64_t heartbeat_ms, ttl_ms; /* 0: not said */
    struct design_place presence_place;
    int64_t jitter_ms; /* -1: not said */
    struct design_place jitter_place;
    int64_t upload_bytes; /* 0: not said */
    struct design_place upload_place;
};

/* "gateway", or "client", "reader", "phone", "store". */
const char *design_party_name(const struct chat_model *model, int party);
/* The service that owns the capability (by its first entity that is no copy), or DESIGN_NONE. */
int design_owner(const struct chat_model *model, enum capability capability);
/* The copy of the entity that the service keeps, or NULL. entity may be DESIGN_NONE: NULL. */
const struct design_entity *design_copy_of(const struct chat_model *model, int entity, int service);
/* The first field with that meaning, or NULL. */
const struct design_field *design_field_of(const struct design_field *fields, int count,
                                           enum meaning meaning);

/* The hop of the flow that a hop follows: the last one before it that comes to its sender.
   DESIGN_NONE for one that the client or the reader begins. */
int design_hop_before(const struct design_flow *flow, int at);
/* 1 for a call that who began the flow waits for: it and all that it follows are calls. */
int design_hop_waits(const struct design_flow *flow, int at);

/* Every number, name and reference of a model that was not made by the builder, as strictly as the
   builder would. ERR_INVALID with what is wrong and, unless place is NULL, where it was declared
   (line 0: nowhere). Time is bounded by the limits. */
int chat_model_check(const struct chat_model *model, struct design_place *place, struct error *err);

/* Declares the student's design into model, with all that the builder refuses: ERR_INVALID "...",
   with its place in *place (line 0: nowhere); ERR_TODO when there is none yet, and whatever
   chat_design returned otherwise. Time and memory are bounded, however much it declares. */
int chat_model_build(struct chat_model *model, struct design_place *place, struct error *err);

#endif
