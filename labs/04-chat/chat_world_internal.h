/*
 * What the files of the world share.
 */
#ifndef LAB04_CHAT_WORLD_INTERNAL_H
#define LAB04_CHAT_WORLD_INTERNAL_H

#include "chat_world.h"

enum {
    NETWORK_MS = 1,  /* one way */
    TAKE_MS = 3,     /* until a reader has taken what was written */
    LATE_MS = 60,    /* of a hint or a page: after several later ones */
    STALL_MS = 400,  /* a reader that takes nothing */
    RESUME_MS = 5,   /* from a broken connection to the next */
    PAUSE_MS = 11,   /* between the messages of one sender */
    RETRY_MS = 100,  /* a sender waits for its answer */
    FETCH_MS = 20,   /* until a fetch is repeated while the log is down */
    RESTART_MS = 50, /* of the log */
    ROUND_MS = 200,  /* between hints that come from time to time */
    ROUNDS = 12
};

extern const char *const chat_world_hub_names[CHAT_WORLD_HUBS];

/* The new mail, for whoever has more to say in it. */
struct chat_mail *chat_world_post(struct chat_world *world, int64_t after_ms,
                                  enum chat_mail_kind kind, int who);
/* The fault at this point, or -1. Counts the point. */
int chat_world_fault(struct chat_world *world, enum chat_point kind);

void chat_world_observe(struct chat_world *world, int reader, const char *from, const char *to,
                        const char *text);
/* "WORD NUMBER" */
void chat_world_observe_number(struct chat_world *world, int reader, const char *from,
                               const char *to, const char *word, int64_t number);
void chat_world_observe_fault(struct chat_world *world, int reader, const char *who, int fault);

/* --- chat_world_log.c ------------------------------------------------------------------------- */

void chat_world_begin_log(struct chat_world *world);
void chat_world_send_hints(struct chat_world *world);
/* The sender's current message arrives. */
void chat_world_at_log(struct chat_world *world, int sender);
/* A fetch arrives: MAIL_FETCH. */
void chat_world_at_shelf(struct chat_world *world, const struct chat_mail *mail);

/* --- chat_world_readers.c --------------------------------------------------------------------- */

void chat_world_open(struct chat_world *world, int reader);
void chat_world_wake(struct chat_world *world, int reader);
void chat_world_remove(struct chat_world *world, int reader);
void chat_world_close(struct chat_world *world, int stream);
void chat_world_drain(struct chat_world *world, int stream, int count);
void chat_world_page(struct chat_world *world, const struct chat_mail *mail);
void chat_world_hint(struct chat_world *world, const struct chat_mail *mail);

#endif
