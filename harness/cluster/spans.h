/*
 * The spans that the services of a cluster wrote (kit/trace.h), read and joined to trees.
 *
 * Student code writes into the same file, so nothing in it is believed: the file may be no file,
 * of any size, with lines of any bytes; ids may come twice, parents may be missing or in a circle,
 * times may be anything. What is no span is skipped, and every amount has a limit.
 */
#ifndef CLUSTER_SPANS_H
#define CLUSTER_SPANS_H

#include <stdint.h>
#include "kit/json.h"

struct error;

enum {
    SPANS_BYTES_MAX = 4 << 20, /* of a longer file the end is read: what failed is there */
    SPANS_LINE_MAX = 16 << 10, /* bytes; a longer line is skipped */
    SPANS_MAX = 4000           /* of more spans the last ones are kept */
};

struct call_span {
    cJSON *json; /* owns the strings, which are "" where the line had none */
    const char *trace_id, *id, *parent_id, *service, *name, *target, *peer;
    int is_client;            /* 1: the caller's side of a call, 0: the other one's */
    int64_t start_ns, end_ns; /* unix time by its writer's clock; end_ns 0: it never ended */
    int status;               /* of HTTP; 0: no answer */
    int parent;               /* place of its parent in the file; -1: none, or not written */
};

/* {0} is empty. spans are in the order in which they were written, that is, in which they ended. */
struct span_file {
    struct call_span *spans;
    int count;
    int is_cut; /* 1: there were more than the limits allow */
};

/* Reads the file and finds each span's parent, which is of the same trace; no span is above
   itself. A file that is missing has no spans. ERR_INVALID: it is no regular file; ERR_IO,
   ERR_LIMIT (memory). The caller releases file, after an error too. */
int spans_read(const char *path, struct span_file *file, struct error *err);
void spans_release(struct span_file *file);

#endif
