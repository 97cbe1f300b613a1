/*
 * All clients of a chat cluster at once: hundreds of readers and some senders, in one loop over
 * poll. They come back when they are cut off, as clients do, and hold what they read to the rules:
 * every number once, rising by one, replay before live, each message the same for everybody.
 *
 * Nothing here waits but crowd_turn. The first rule that was broken is kept, with its reader.
 */
#ifndef SUITES_CHAT_CROWD_H
#define SUITES_CHAT_CROWD_H

#include "kit/sse.h"
#include "suites/04-chat/chat_cluster.h"

enum {
    CROWD_READERS_MAX = 340,
    CROWD_SENDERS_MAX = 24,
    CROWD_CHANNELS_MAX = 64,
    CROWD_SENDS_MAX = 4096,
    CROWD_NOTES_MAX = 12 /* the last things that happened to a reader */
};

/* One HTTP connection of the judge's. */
struct crowd_line {
    int fd; /* -1: none */
    struct text in, out;
    size_t sent; /* of out */
};

enum crowd_state {
    CROWD_AWAY,   /* comes back at due_ms */
    CROWD_ASKING, /* has asked for its stream */
    CROWD_READING,
    CROWD_OUT,    /* was removed, and does not come back */
    CROWD_STOPPED /* by crowd_stop */
};

struct crowd_note {
    int64_t at_ms;
    char words[72];
};

struct crowd_reader {
    struct crowd_line line;
    struct sse_reader events;
    enum crowd_state state;
    int channel, number; /* number: of the reader, for its name */
    char user[32];
    int gateway; /* that it has asked */
    int64_t due_ms;
    int64_t last;            /* number that it has read */
    int64_t acknowledged;    /* highest that was acknowledged in its channel when it opened */
    int64_t left;            /* bytes of the chunk that is being read */
    int is_live, is_silent;  /* is_silent: 1 = reads nothing, by crowd_silence */
    int opened, gaps, moves; /* how often */
    int64_t retry_ms;        /* as its last stream said; -1: not */
    int64_t gap_from;        /* of the last gap */
    struct crowd_note notes[CROWD_NOTES_MAX];
    int note_count;
};

struct crowd_channel {
    char name[40];
    int home;                  /* index of a gateway; -1: not known */
    int64_t *sends;            /* by number - 1: which send it is, -1: nobody has read it yet */
    int64_t highest, capacity; /* highest: number that was acknowledged or read */
    int64_t acknowledged;
};

struct crowd_send {
    int channel;
    char user[32];
    int64_t number; /* that it was acknowledged with; 0: it was not */
    int attempts;
    int64_t asked_ns; /* the first time, monotonic */
    int is_repeated;  /* acknowledged as a repetition */
};

struct crowd_sender {
    struct crowd_line line;
    int gateway;
    int send; /* under way; -1: none */
    int64_t due_ms;
};

struct crowd {
    struct chat_cluster *cluster;
    int ports[CHAT_NODES_MAX]; /* of each gateway */
    struct crowd_channel channels[CROWD_CHANNELS_MAX];
    int channel_count;
    struct crowd_reader readers[CROWD_READERS_MAX];
    int reader_count;
    struct crowd_sender senders[CROWD_SENDERS_MAX];
    int sender_count;
    struct crowd_send *sends;
    int send_count, begun, acknowledged; /* sends that were asked for, begun, acknowledged */
    int64_t delivered;                   /* messages that readers have read */
    int text_bytes;                      /* of each message; 0: as few as there must be */
    double *delays_ms;                   /* when not NULL: from each send to each delivery */
    int delay_count, delays_max;
    int blamed;                   /* reader; -1: nobody */
    char expected[160], got[240]; /* "" = no rule was broken */
};

/* The caller closes it. 1 when a verdict stands. */
int crowd_open(struct crowd **out, struct chat_cluster *cluster);
void crowd_close(struct crowd *crowd); /* NULL is fine */

/* A channel that chat_make_channel has made. Its place. */
int crowd_channel(struct crowd *crowd, const char *name);
/* A reader of the channel, who has read up to after, opens a stream. Its place. */
int crowd_listen(struct crowd *crowd, int channel, const char *user, int64_t after);
/* The reader's connection is cut; it comes back (back 1) or not. */
void crowd_cut(struct crowd *crowd, int reader, int back);
/* So many clients that send. */
void crowd_senders(struct crowd *crowd, int count);
/* Queues a message of the user. Its place; its text begins with that number. */
int crowd_send(struct crowd *crowd, int channel, const char *user);
/* The same for user-first and the count - 1 after it; and so many messages of user-0 to user-3 in
   turn, to all channels in turn. */
void crowd_listen_all(struct crowd *crowd, int channel, int first, int count);
void crowd_send_all(struct crowd *crowd, int count);
/* Everything that can be done within wait_ms, or the first of it. */
void crowd_turn(struct crowd *crowd, int wait_ms);
/* Turns until(crowd, context) holds: 0. 1 when a rule was broken, or a verdict stands, or
   CHAT_WAIT_MS is over, and then expected and got say what was not there; the verdict stands. */
int crowd_until(struct crowd *crowd, int (*until)(struct crowd *crowd, void *context),
                void *context, const char *expected);
/* For crowd_until: every reader that reads is live; all sends are acknowledged; and every reader
   that reads has read all of them. */
int crowd_is_live(struct crowd *crowd, void *context);
int crowd_is_sending(struct crowd *crowd, void *context); /* a send is unanswered at this moment */
int crowd_is_sent(struct crowd *crowd, void *context);
int crowd_is_quiet(struct crowd *crowd, void *context);

/* kill -9 for all of them, and starts them again; readers come back. 1 when a verdict stands. */
int crowd_kill(struct crowd *crowd, const char *const *nodes, int count);
/* Compares the list of each channel with what was acknowledged and read. 1 when a verdict stands.
 */
int crowd_compare(struct crowd *crowd);
/* 1, and the verdict, when a rule was broken. The blamed reader's story is the run's then. */
int crowd_verdict(struct crowd *crowd);

#endif
