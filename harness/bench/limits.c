/*
 * What this machine can do at best, in this very run: a handler that does nothing, and one
 * fdatasync. The service's figures stand beside them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/bench.h"
#include "kit/error.h"

enum { SYNCS = 500, PAGE = 4096, SECONDS = 3 };

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    if (*request == NULL) {
        *request = context;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

static int bare_handler(struct bench *bench, struct error *err)
{
    static char text[] = "{\"id\":\"0\",\"status\":\"PENDING\"}";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
                                                 answer, response, MHD_OPTION_END);
    if (daemon == NULL)
        return error_set(err, ERR_UNAVAILABLE, "libmicrohttpd found no free port");
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/",
             MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    printf("limit: bare libmicrohttpd handler, nothing behind it   ");
    int code = 0;
    static const int connections[] = {1, 16, 64};
    for (int i = 0; i < 3 && code == 0; i++) {
        struct load load = {.url = url, .connections = connections[i], .seconds = SECONDS};
        struct load_result result;
        code = load_run(bench, &load, &result, err);
        if (code == 0)
            printf("  %2d: %6.0f/s", connections[i], result.per_s);
        fflush(stdout);
    }
    printf("\n");
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return code;
}

static int one_sync(struct bench *bench, struct error *err)
{
    char path[96];
    static char page[PAGE];
    static double took_ms[SYNCS];
    snprintf(path, sizeof path, "%s/sync", bench->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(err, ERR_IO, "%s cannot be written (%s)", path, strerror(errno));
    int code = 0;
    for (int i = 0; i < SYNCS && code == 0; i++) {
        double start_s = bench_now_s();
        if (pwrite(fd, page, PAGE, (off_t)i * PAGE) != PAGE || fdatasync(fd) != 0)
            code = error_set(err, ERR_IO, "%s cannot be written (%s)", path, strerror(errno));
        took_ms[i] = (bench_now_s() - start_s) * 1000;
    }
    close(fd);
    if (code < 0)
        return code;
    double p99 = bench_percentile(took_ms, SYNCS, 0.99);
    double median = bench_percentile(took_ms, SYNCS, 0.5);
    printf("limit: append 4 KiB and fdatasync on %s   median %.3f ms, p99 %.3f ms: %.0f/s\n",
           bench->disk, median, p99, 1000 / median);
    return 0;
}

int bench_limits(struct bench *bench, struct error *err)
{
    int code = one_sync(bench, err);
    return code < 0 ? code : bare_handler(bench, err);
}
