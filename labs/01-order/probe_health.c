/* Given: the probe's actions on health: what is decided from results, and how a round is run. */
#include "probe_lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "kit/error.h"
#include "order_health.h"

enum {
    LIMIT_MS = 5000,    /* of each check in a round; generous, the machine may be busy */
    HUNG_LIMIT_MS = 20, /* of the one that hangs */
    GIVE_UP_MS = 2000,  /* a check that waits in vain ends by itself, or it would stop the probe */
    MEMORY_LIMIT = 1 << 20
};

static void do_health_required(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    message_begin(reply, "ok");
    message_add_int64(reply, "required", order_health_required((int)lab_int64(action, "total", 0)));
}

static const char *const own_names[] = {"database", "memory_heap", "memory_rss"};
static const char *const other_names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

/* Fills checks and results from words "up down unknown"; their number. */
static int fill_results(struct order_health *health, const char *words)
{
    char word[16];
    int count = 0;
    while (count < ORDER_OWN_CHECKS + 10 && lab_next_word(&words, word, sizeof word)) {
        health->checks[count].name =
            count < ORDER_OWN_CHECKS ? own_names[count] : other_names[count - ORDER_OWN_CHECKS];
        health->results[count].status = strcmp(word, "up") == 0     ? HEALTH_UP
                                        : strcmp(word, "down") == 0 ? HEALTH_DOWN
                                                                    : HEALTH_UNKNOWN;
        count++;
    }
    health->check_count = count;
    return count;
}

static void do_health(void *context, const struct message *action, struct text *reply)
{
    struct order_health health = {.memory_limit_bytes = MEMORY_LIMIT};
    struct http_response response = {.status = 200};
    const char *scope = message_get_or(action, "scope", "health");
    (void)context;
    if (fill_results(&health, message_get_or(action, "results", "")) < ORDER_OWN_CHECKS) {
        lab_bad(reply, "results: a word up, down or unknown for each check, at least 3");
        return;
    }
    health.measured_ms = lab_int64(action, "measured", -1);
    pthread_mutex_init(&health.lock, NULL);
    order_health_report(&health,
                        strcmp(scope, "liveness") == 0    ? ORDER_LIVENESS
                        : strcmp(scope, "readiness") == 0 ? ORDER_READINESS
                                                          : ORDER_HEALTH,
                        (int)lab_int64(action, "draining", 0), lab_int64(action, "now", 0),
                        &response);
    pthread_mutex_destroy(&health.lock);
    message_begin(reply, response.status == 501 ? "todo" : "ok");
    message_add_int64(reply, "status", response.status);
    message_add(reply, "body", text_str(&response.body));
    http_response_release(&response);
}

/* --- a round ------------------------------------------------------------------------------ */

/* Checks that end only when all of them have begun: none does when they run one by one. */
struct meeting {
    struct order_health *health;
    struct attendance {
        struct meeting *meeting;
        int hangs;
    } checks[HEALTH_CHECKS_MAX];
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t change;
    int wanted, arrived;
    int locked; /* 1: a check found the results' lock taken */
    int over;   /* 1: the round is over, whoever hangs may go */
};

/* Waits, with the lock held, until all have arrived (hang 0) or the round is over (hang 1). 1 when
   it came to that, 0 when it gave up: then the round is over for all. */
static int wait_for_meeting(struct meeting *meeting, int hang)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GIVE_UP_MS / 1000;
    while (!meeting->over && (hang || meeting->arrived < meeting->wanted))
        if (pthread_cond_timedwait(&meeting->change, &meeting->lock, &until) == ETIMEDOUT)
            meeting->over = 1;
    return hang || meeting->arrived == meeting->wanted;
}

static void attend(void *context, struct health_result *result)
{
    const struct attendance *attendance = context;
    struct meeting *meeting = attendance->meeting;
    pthread_mutex_lock(&meeting->lock);
    meeting->arrived++;
    pthread_cond_broadcast(&meeting->change);
    result->status = wait_for_meeting(meeting, attendance->hangs) ? HEALTH_UP : HEALTH_DOWN;
    if (!attendance->hangs && pthread_mutex_trylock(&meeting->health->lock) == 0)
        pthread_mutex_unlock(&meeting->health->lock);
    else if (!attendance->hangs)
        meeting->locked = 1;
    pthread_mutex_unlock(&meeting->lock);
}

static void add_round(struct text *reply, const struct order_health *health,
                      const struct meeting *meeting)
{
    struct text words = {0};
    for (int i = 0; i < health->check_count; i++)
        text_addf(&words, "%s%s", i > 0 ? " " : "", health_status_name(health->results[i].status));
    message_begin(reply, "ok");
    message_add(reply, "results", text_str(&words));
    message_add_int64(reply, "measured", health->measured_ms);
    message_add_int64(reply, "locked", meeting->locked);
    text_release(&words);
}

static void do_health_round(void *context, const struct message *action, struct text *reply)
{
    struct order_health health = {.measured_ms = -1, .memory_limit_bytes = MEMORY_LIMIT};
    struct meeting meeting = {.health = &health};
    const int64_t hanging = lab_int64(action, "hang", -1);
    (void)context;
    health.check_count = meeting.wanted = ORDER_OWN_CHECKS + 3;
    health.pool = health_pool_open();
    pthread_mutex_init(&health.lock, NULL);
    pthread_mutex_init(&meeting.lock, NULL);
    pthread_cond_init(&meeting.change, NULL);
    for (int i = 0; i < health.check_count; i++) {
        meeting.checks[i] = (struct attendance){&meeting, i == hanging};
        health.checks[i] = (struct health_check){
            .name = i < ORDER_OWN_CHECKS ? own_names[i] : other_names[i - ORDER_OWN_CHECKS],
            .run = attend,
            .context = &meeting.checks[i],
            .limit_ms = i == hanging ? HUNG_LIMIT_MS : LIMIT_MS};
    }
    order_health_refresh(&health, lab_int64(action, "now", 0));
    add_round(reply, &health, &meeting);

    pthread_mutex_lock(&meeting.lock);
    meeting.over = 1;
    pthread_cond_broadcast(&meeting.change);
    pthread_mutex_unlock(&meeting.lock);
    health_pool_close(health.pool);
    pthread_cond_destroy(&meeting.change);
    pthread_mutex_destroy(&meeting.lock);
    pthread_mutex_destroy(&health.lock);
}

const struct probe_action lab_health_actions[] = {
    {"health_required", do_health_required},
    {"health", do_health},
    {"health_round", do_health_round},
    {NULL, NULL},
};
