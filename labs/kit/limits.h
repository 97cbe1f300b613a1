/* Every limit of the kit, by name. What happens at each one is tested in harness/tests. */
#ifndef KIT_LIMITS_H
#define KIT_LIMITS_H

enum {
    HTTP_BODY_MAX = 256 * 1024, /* bytes in a request body; more is 413 */
    HTTP_DROP_MAX = 1 << 20,    /* announced bytes that are read to be dropped; more is closed */
    HTTP_REPLY_MAX = 1 << 20,   /* bytes the client reads of a reply; more is a failed call */
    HTTP_PARAMS_MAX = 4,        /* {names} in one route */
    HTTP_HEADERS_MAX = 8,       /* headers a handler may add to a response */
    HTTP_HEADER_VALUE_MAX = 7 * 1024, /* bytes of the value of one of these; more is ERR_LIMIT. A
                                         Location has room in the head of the next request */
    HTTP_HEAD_MAX = 8 * 1024,         /* bytes of a request's head; more is 414 or 431 */
    HTTP_FIELDS_MAX = 64,             /* fields of a request's head; more is 431 */
    HTTP_CHUNK_LINE_MAX = 256,        /* bytes of the line that says a chunk's size; more is 400 */
    HTTP_TRAILER_MAX = 2048,          /* bytes of the fields behind a chunked body; more is 400 */
    HTTP_CONNECTIONS_MAX = 512,    /* open connections of one server; then idle ones are closed */
    HTTP_CONNECTIONS_RESERVE = 16, /* more of them, for health, when none of those is idle */
    HTTP_WORKERS = 40,          /* threads for handlers that write or call out. Each has at most one
                                   write in a commit that many share, and costs some 100 KB: 64 of
                                   them made a tenth more orders a second in 2 MB more (measured) */
    HTTP_QUEUE_MAX = 256,       /* requests waiting for a worker; more is 503 with Retry-After */
    HTTP_HEALTH_WORKERS = 2,    /* threads kept free for HTTP_HEALTH routes */
    HTTP_LIST_WORKERS = 3,      /* threads for HTTP_LIST routes, as many as the store's readers */
    HTTP_ANSWER_MAX = 16 << 20, /* bytes of the answer to a GET; more is 500 */
    HTTP_MEMORY_MAX = 64 << 20, /* bytes of bodies and answers under way; more is 503 */
    HTTP_PATH_MAX = 512,        /* bytes of a path; no route has a longer one */
    HTTP_REQUEST_DEADLINE_MS = 10000, /* first byte to last of a request; a trickle is cut off */
    HTTP_LINGER_MS = 1000,            /* after the last answer, wait for the client to hang up */
    HTTP_GIVE_UP_MS = 1000,           /* for recording what is cut off at the end */
    HTTP_TURN_REQUESTS = 32, /* of one connection, before others have their turn; and as many reads
                                of a body */
    HTTP_TURN_ACCEPTS = 64,  /* connections taken, before others have their turn */

    HTTP_STREAMS_MAX = 400, /* open streams of one server; more is 503 with Retry-After */
    HTTP_STREAM_WAITING_MAX = 64 * 1024, /* bytes waiting on one stream; more is ERR_LIMIT */
    HTTP_STREAM_MEMORY_MAX = 16 << 20,   /* on all streams of one server; then a stream has its
                                            share alone, and all together up to twice as much */
    HTTP_STREAM_SHARE = HTTP_STREAM_MEMORY_MAX / HTTP_STREAMS_MAX, /* 41 KB; more is ERR_LIMIT */
    HTTP_STREAM_LAST_MAX = 1024,        /* bytes that close a stream, beyond all of these */
    HTTP_STREAM_UNSENT_MAX = 64 * 1024, /* that the system holds for one and has not sent yet */
    HTTP_STREAM_HEARD_MAX = 64 * 1024,  /* bytes that the client of an open stream may send */
    HTTP_STREAM_STALL_MS = 10000,       /* a client that takes nothing so long is cut off */
    HTTP_STREAM_FLUSH_MS = 1000,        /* for what waits on a stream when the server drains */
    SSE_LINE_MAX = 64 * 1024,           /* bytes of one line of an event stream that is read */
    SSE_EVENT_MAX = 256 * 1024,         /* bytes of one event's data that is read */

    HTTP_CLIENT_IDLE_MAX = 64,  /* handles that a client keeps for later calls; each may hold five
                                   connections, to as many services */
    HTTP_CLIENT_IDLE_MS = 5000, /* how long it keeps them; below HTTP_REQUEST_DEADLINE_MS, after
                                   which our servers hang up */
    HTTP_CONNECT_MS = 200,      /* longest wait for a connection, within a call's deadline */
    SERVICE_DESCRIPTORS = 2048, /* that a service asks the system for, where 1,024 are usual: 928
                                   for the connections and streams above, 5 for each of some 64
                                   handles, and some 50 for databases, pipes and the rest */
    THREAD_STACK_BYTES = 256 * 1024, /* of each thread of the kit */

    STORE_BATCH_MAX = 64,  /* writes that share one fsync */
    STORE_QUEUE_MAX = 256, /* writes waiting; more is ERR_LIMIT */
    STORE_READERS = 3,     /* reader connections */
    STORE_READERS_MAX = 16,
    STORE_ROOM_BYTES = 64 * 1024, /* free space below which a disk counts as full */
    DB_STATEMENTS_MAX = 32,       /* cached statements of one connection */

    EXPIRY_STEP = 16,      /* expired rows that go with a commit, besides two for each write */
    EXPIRY_LOOK_MS = 1000, /* from one look for expired rows to the next */

    BUS_KEEP_COUNT = 10000,     /* messages that stay on the bus when all groups have read them */
    BUS_KEEP_MS = 24 * 3600000, /* how long they stay at most then */
    BUS_BYTES_MAX = 64 << 20,   /* of all messages; above it the oldest go, read or not */
    BUS_CLEAN_STEP = 64,        /* messages that go together */
    BUS_CLEAN_MAX = 8192,       /* messages that go with one publishing */
    BUS_LOG_MS = 60000,         /* from one line about unread messages that went to the next */

    JSON_DEPTH_MAX = 16,        /* nesting that the reader accepts */
    JSON_NUMBER_MAX = 63,       /* characters of one number */
    JSON_FIELD_ERRORS_MAX = 16, /* wrong fields reported for one body */

    HEALTH_CHECKS_MAX = 16,    /* indicators of one service */
    METRICS_MAX = 64,          /* metric families of one service */
    METRICS_MEMBERS_MAX = 256, /* label values of one family; more count as "other" */
    SINK_PIPE_BYTES = 1 << 20, /* that a pipe is asked to hold for a reader who is late */
    SINK_LOG_MS = 1000,        /* from one line about lost lines to the next */
    LOG_LINE_MAX = 4096,       /* bytes of one line in the log, its newline too */
    LOG_MESSAGE_MAX = 400,     /* bytes of one message before escaping */
    PROBE_LINE_MAX = 65536     /* bytes of one probe action or reply */
};

#endif
