/*
 * The design of a chat application, declared in C: services, what each owns, the messages between
 * them, and the flows that serve the users. Steps 1 and 3 of lab 04.
 *
 * Every function notes one declaration and returns nothing, so that chat_design.c reads as a
 * document. The first declaration that is wrong by itself is kept with its file and line, and all
 * that follow are ignored; names are declared before they are used. What the declarations mean
 * together is judged elsewhere (README.md, rules D1 to D10).
 *
 * Outside the design, and known without being declared:
 *   "client"  a user's app or browser tab: begins flows
 *   "reader"  the same, listening: begins flows, and is where a delivery ends
 *   "phone"   a push service of the phone's maker: takes what is posted to it
 *   "store"   an object store for the bytes of files: takes them from the client
 */
#ifndef LAB04_CHAT_DESIGN_H
#define LAB04_CHAT_DESIGN_H

#include <stddef.h>
#include <stdint.h>
#include "chat_words.h"
#include "kit/error.h"

struct chat_design; /* the builder's; it copies every string */

/* The first argument of each function below: the parameter `design` of your function, with this
   file and line noted in it. */
#define HERE chat_design_at(design, __FILE__, __LINE__)
struct chat_design *chat_design_at(struct chat_design *design, const char *file, int line);

/* Yours: declares the whole design, the same at every call. 0, or ERR_TODO while it is not written;
   a negative code with a sentence in err (error_set) is told as it is, and all else is refused. */
int chat_design(struct chat_design *design, struct error *err);

/* --- services and what they own --------------------------------------------------------------- */

/* Of each instance of a service. 0 stands for the number in brackets. */
struct scale {
    int copies;     /* of the data, each on another machine [1]; not more than instances */
    int partitions; /* the data is cut into these, one worker at a time on each [1] */
    int workers;    /* that can be busy at the same time [8] */
    int queue;      /* requests that may wait; the next one is refused [1000] */
};
/* instances: processes on machines of their own, 1..DESIGN_INSTANCES_MAX. */
void service(struct chat_design *design, const char *name, int instances, struct scale scale);

/* Data that the service owns. capability says which of the application's tasks it is the truth
   of. */
void entity(struct chat_design *design, const char *service, const char *name,
            enum capability capability);
/* Data that the service keeps as a copy of another service's entity, and changes when that
   service's event tells it. A copy of a copy is refused, and one of what the service owns itself.
 */
void copy_of(struct chat_design *design, const char *service, const char *name,
             const char *original, const char *event);

/* --- messages --------------------------------------------------------------------------------- */

/* What a service can be asked to do. entity: what a command writes there, or a query reads. NULL:
   it touches nothing of its own, since it only passes the request on (a gateway) or works something
   out. One entity is named, the one that it is about; what it reads beside it is not declared.
   service may be "store", which has no entities. A service has one message of a name. */
void command(struct chat_design *design, const char *service, const char *name, const char *entity);
void query(struct chat_design *design, const char *service, const char *name, const char *entity);
/* What a service tells others has happened to an entity: its own, or another's when it passes on
   what it was told (a gateway, to readers). NULL: to none. The name is that of no other event. */
void event(struct chat_design *design, const char *service, const char *name, const char *entity);
/* The service takes the event and writes the entity of its own (NULL: it writes nothing). A copy_of
   takes its event already and needs no `on`. */
void on(struct chat_design *design, const char *service, const char *event, const char *entity);

/* A field of the thing declared last: an entity, copy, command, query or event. uses: any of
   IN_KEY, IN_PARTITION, IN_UNIQUE, or 0. */
void field(struct chat_design *design, const char *name, enum meaning meaning, int uses);

/* --- flows ------------------------------------------------------------------------------------ */

/* Begins a flow, which serves the requirements (any of CAN_SEND ..., or 0). Its hops follow, in the
   order in which they happen: each begins at the client, at the reader, or where an earlier hop has
   come to, and follows the last one that came there. So what a service does before it answers
   stands before what it does when it is told later. */
void flow(struct chat_design *design, const char *name, int requirements);

/* How long a caller waits, and what it does when nothing comes. */
struct patience {
    int64_t timeout_ms; /* of one attempt, 1..60,000: a call without a limit is refused */
    int attempts;       /* in all [1], with capped backoff and full jitter between them */
    enum fallback fallback;
};
/* A synchronous hop: `from` waits for the answer, and a worker of it waits along. message: a
   command or query of `to`, a service or "store". */
void call(struct chat_design *design, const char *from, const char *to, const char *message,
          struct patience patience);

/* What waits at the sender while the receiver is slow or down. */
struct backlog {
    int64_t buffer;   /* messages that are kept; the next one is lost. 1..10^9 */
    int batch;        /* messages that travel together, at most [1] */
    int64_t batch_ms; /* how long the first of a batch waits for others, at most [0]; 1 or more
                         with a batch of 2 or more */
};
/* An asynchronous hop: nobody waits. message: an event of `from`, or a command of `to`; `to` is a
   service, "phone" or "store". */
void post(struct chat_design *design, const char *from, const char *to, const char *message,
          struct backlog backlog);

/* Who gets what is streamed. */
struct spread {
    enum audience audience;
    int batch; /* as in struct backlog */
    int64_t batch_ms;
};
/* A hop over connections that the receivers keep open: nothing is kept for who is away. event: of
   `from`; `to` is "reader", "client" or a service. */
void stream(struct chat_design *design, const char *from, const char *to, const char *event,
            struct spread spread);

/* --- the rest --------------------------------------------------------------------------------- */

/* How often a client says that it is there, and how long one word of it lasts. Milliseconds. */
void presence(struct chat_design *design, int64_t heartbeat_ms, int64_t ttl_ms);
/* The clients of a gateway that is lost come back at a random time within jitter_ms. */
void reconnect(struct chat_design *design, int64_t jitter_ms);
/* The largest file that is accepted. */
void upload(struct chat_design *design, int64_t max_bytes);
/* Which requirements are still served while every instance of the service is down: CAN_ALL and its
   parts, or 0. Once for each service. */
void survives(struct chat_design *design, const char *down, int requirements);

#endif
