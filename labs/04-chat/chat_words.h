/*
 * The words of a design, and its limits. Shared by the builder (chat_design.h) and the design as
 * data (chat_model.h).
 */
#ifndef LAB04_CHAT_WORDS_H
#define LAB04_CHAT_WORDS_H

/* What an entity is the truth of. Each but OWNS_OTHER has exactly one owning service. */
enum capability {
    OWNS_USERS,
    OWNS_WORKSPACES,
    OWNS_CHANNELS, /* and who is a member of them */
    OWNS_MESSAGES,
    OWNS_CONNECTIONS, /* which reader is connected where; its owner is the gateway to the judge */
    OWNS_PRESENCE,
    OWNS_PUSH,   /* phones to wake, and what was sent to them */
    OWNS_FILES,  /* what a file is called, who may read it, where its bytes are */
    OWNS_SEARCH, /* the index */
    OWNS_OTHER,
    CAPABILITIES
};

/* What users can do; a set. */
enum requirement {
    CAN_SEND = 1,     /* a message, and see that it was taken */
    CAN_DELIVER = 2,  /* it reaches the members who are online */
    CAN_CATCH_UP = 4, /* with what was said while away */
    CAN_JOIN = 8,     /* a workspace or a channel */
    CAN_SHARE_FILE = 16,
    CAN_SEE_PRESENCE = 32,
    CAN_FIND = 64,    /* messages by their words */
    CAN_NOTIFY = 128, /* who is away, on the phone */
    CAN_ALL = 255
};
enum { REQUIREMENTS = 8 };

/* What a field means. Rules go by this; names are free. */
enum meaning {
    IS_PLAIN,
    IS_WORKSPACE_ID,
    IS_CHANNEL_ID,
    IS_USER_ID,
    IS_DEVICE_ID,
    IS_CLIENT_ID, /* chosen by the client, the same when it sends again (a nonce) */
    IS_NUMBER,    /* given by the owner, counted */
    IS_TIME,
    IS_EXPIRY, /* when the row stops being true by itself */
    IS_TEXT,
    IS_LINK,  /* says where bytes are */
    IS_BYTES, /* of a file */
    MEANINGS
};

/* What a field is used for; a set. */
enum use {
    IN_KEY = 1,       /* part of the primary key */
    IN_PARTITION = 2, /* decides the partition */
    IN_UNIQUE = 4     /* part of the one other constraint: all such fields together are unique */
};

enum fallback {
    OR_FAIL,    /* the caller fails too */
    OR_DEFAULT, /* a fixed answer is used */
    OR_COPY     /* the caller's own copy is used */
};

enum audience { TO_ONE_USER, TO_CHANNEL_MEMBERS, TO_WORKSPACE_MEMBERS, TO_SUBSCRIBERS, AUDIENCES };

/* Limits. Beyond one the declaration is refused where it stands. */
enum {
    DESIGN_NAME_SIZE = 49, /* 1..48 of a-z 0-9 _ - and, within, space; and the NUL */
    DESIGN_FILE_SIZE = 64, /* the name of a source file without its folder, cut */
    DESIGN_SERVICES_MAX = 32,
    DESIGN_ENTITIES_MAX = 96, /* copies included */
    DESIGN_MESSAGES_MAX = 192,
    DESIGN_FIELDS_MAX = 16, /* of one thing */
    DESIGN_ONS_MAX = 128,
    DESIGN_FLOWS_MAX = 32,
    DESIGN_HOPS_MAX = 32, /* of one flow */
    DESIGN_INSTANCES_MAX = 4096,
    DESIGN_PARTITIONS_MAX = 65536,
    DESIGN_WORKERS_MAX = 1024,
    DESIGN_QUEUE_MAX = 1000000,
    DESIGN_TIMEOUT_MAX_MS = 60000,
    DESIGN_ATTEMPTS_MAX = 10,
    DESIGN_BUFFER_MAX = 1000000000,
    DESIGN_BATCH_MAX = 10000,
    DESIGN_BATCH_MAX_MS = 1000,
    DESIGN_PRESENCE_MIN_MS = 100,
    DESIGN_PRESENCE_MAX_MS = 3600000,
    DESIGN_JITTER_MAX_MS = 600000
};
#define DESIGN_UPLOAD_MAX_BYTES 1000000000000000 /* 10^15 */

/* Static text: the word in lower case without its prefix, "channel id", "catch up", "users".
   chat_words.c. */
const char *capability_name(enum capability capability);
const char *requirement_name(enum requirement one);
const char *meaning_name(enum meaning meaning);
const char *fallback_name(enum fallback fallback);
const char *audience_name(enum audience audience);

#endif
