/*
 * Words for cluster checks: calls that write themselves into the story, and expectations.
 */
#ifndef JUDGE_CLUSTER_CHECK_H
#define JUDGE_CLUSTER_CHECK_H

#include "cluster/cluster.h"
#include "judge/run.h"
#include "kit/http_client.h"

/* Starts the services below run->work_dir; on failure the verdict is already given (a student
   service that does not come up is a crash or a fail, ours is an error). 0 when all is ready. */
int run_cluster(struct check_run *run, const struct service_entry *services, int count);

/* Where a cluster check's story stands now, for run_story. */
int64_t run_story_ms(const struct check_run *run);
/* The story is this one from now on, which it takes over; no calls between services are added. */
void run_story_instead(struct check_run *run, struct story *story);

/* Calls service METHOD path; deadline 5 s, or deadline_ms. Story lines are written. reply is the
   caller's to release. headers as in struct http_call. */
void run_http(struct check_run *run, const char *service, const char *method, const char *path,
              const char *const *headers, const char *body, int64_t deadline_ms,
              struct http_reply *reply);

/* Each returns 0 when it holds, 1 when it gave the verdict. */
int run_expect_status(struct check_run *run, const struct http_reply *reply, int status);
int run_expect_header(struct check_run *run, const struct http_reply *reply, const char *name,
                      const char *value);
/* path: "items[0].totalPrice"; numbers compare by value, so 40 and 40.00 agree. */
int run_expect_json(struct check_run *run, const struct http_reply *reply, const char *path,
                    const char *value);
int run_expect_problem(struct check_run *run, const struct http_reply *reply, int status);
/* A copy of the value at path, the caller's to free; NULL when there is none. */
char *run_json(const struct http_reply *reply, const char *path);

int run_fault(struct check_run *run, const char *service, enum fault_kind kind, int64_t value);
/* Fails with "fault not reached" unless service has met its fault at least once since run_fault. */
int run_fault_reached(struct check_run *run, const char *service);
int run_kill(struct check_run *run, const char *service, int signal);
int run_restart(struct check_run *run, const char *service);
/* Calls until(context) every few milliseconds until it is true or limit_ms passed; 1 when true. */
int run_until(struct check_run *run, int64_t limit_ms, int (*until)(void *context), void *context);

#endif
