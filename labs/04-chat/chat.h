/*
 * What the parts of the chat's core share: a message, its limits, who may do what. Steps 4 and 5.
 */
#ifndef LAB04_CHAT_H
#define LAB04_CHAT_H

#include <stdint.h>

enum {
    CHAT_ID_SIZE = 65,     /* channel, user, device, file: 1..64 bytes and the NUL */
    CHAT_NONCE_SIZE = 65,  /* 1..64 characters of 0x21..0x7e, no space, and the NUL */
    CHAT_TEXT_SIZE = 4001, /* 1..4000 bytes of UTF-8 and the NUL */
    CHAT_PAGE_MAX = 100,   /* messages that are fetched at once */
    CHAT_QUEUE_MIN = 16,
    CHAT_QUEUE_MAX = 1024,
    CHAT_QUEUE = 256,      /* messages written to one stream and not taken yet, unless configured */
    CHAT_STREAMS_MAX = 400 /* open at one gateway */
};

struct chat_message {
    char channel[CHAT_ID_SIZE];
    char user[CHAT_ID_SIZE];     /* who sent it */
    char nonce[CHAT_NONCE_SIZE]; /* chosen by the client: the same when it sends again */
    char file[CHAT_ID_SIZE];     /* of a file that goes with it; "" = none */
    char text[CHAT_TEXT_SIZE];
    int64_t number;  /* in its channel: 1, 2, 3 ... */
    int64_t sent_ms; /* wall time of the host when it was taken: for showing, it may run back */
};

/* What is known of a user and a channel. */
enum chat_member {
    CHAT_NO,
    CHAT_YES,
    CHAT_UNKNOWN /* who knows it did not answer */
};

#endif
