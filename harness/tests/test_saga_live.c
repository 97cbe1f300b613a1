/*
 * The given host of lab 03 in this process, under ThreadSanitizer too: many at once, and sagas that
 * do what no right one does.
 *
 * The saga here is a script, and the checkout's cart says which. Its log has a letter a record:
 * started, and the cart behind it; parked, resumed, completed, rolled back.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "03-saga/service_sagas.h"
#include "tests/kit_fixture.h"
#include "tests/run_tests.h"

enum {
    ANSWER_MS = 20000, /* nothing here is answered too late */
    SOON_MS = 100,
    PATIENCE_S = 30,
    PARKED = 30,
    CLIENTS = 12,
    ROUNDS = 3
};

/* --- the saga --------------------------------------------------------------------------------- */

struct saga {
    char cart[SAGA_WORD_SIZE], id[ID_SIZE];
    char last; /* letter of the last record */
};

int saga_create(struct saga **out, const struct saga_config *config, struct random random,
                struct error *err)
{
    (void)config;
    (void)random;
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : error_set(err, ERR_LIMIT, "no memory for a saga");
}

void saga_destroy(struct saga *saga)
{
    free(saga);
}

int saga_replay(struct saga *saga, const void *payload, size_t length, struct error *err)
{
    const char *record = payload;
    (void)err;
    saga->last = record[0];
    if (record[0] == 's')
        snprintf(saga->cart, sizeof saga->cart, "%.*s", (int)length - 1, record + 1);
    return 0;
}

static struct saga_action *act(struct saga_actions *actions, enum saga_action_kind kind)
{
    struct saga_action *action = &actions->list[actions->count++];
    action->kind = kind;
    return action;
}

static void append(struct saga *saga, struct saga_actions *actions, char letter)
{
    struct saga_action *action = act(actions, SAGA_APPEND);
    int length = snprintf(action->as.payload.bytes, SAGA_PAYLOAD_MAX, "%c%s", letter,
                          letter == 's' ? saga->cart : "");
    action->as.payload.length = (size_t)length;
    saga->last = letter;
}

static void timer(struct saga_actions *actions, int64_t after_ms)
{
    act(actions, SAGA_TIMER)->as.timer.after_ms = after_ms;
}

static void end(struct saga *saga, struct saga_actions *actions, enum saga_phase phase)
{
    append(saga, actions, phase == SAGA_PARKED ? 'p' : phase == SAGA_COMPLETED ? 'c' : 'b');
    act(actions, SAGA_DONE)->as.phase = phase;
}

/* --- its scripts: what it does on START, RESUME, ... ------------------------------------------ */

static void park_for_ever(struct saga *saga, enum saga_event_kind kind,
                          struct saga_actions *actions)
{
    if (kind == SAGA_EVENT_RESUME)
        append(saga, actions, 'r');
    timer(actions, 0);
    end(saga, actions, SAGA_PARKED);
}

static void complete(struct saga *saga, enum saga_event_kind kind, struct saga_actions *actions)
{
    if (kind == SAGA_EVENT_REPLY)
        end(saga, actions, SAGA_COMPLETED);
    if (kind != SAGA_EVENT_START)
        return;
    struct saga_command *command = &act(actions, SAGA_SEND)->as.command;
    *command = (struct saga_command){.step = SAGA_CONFIRM, .attempt = 1};
    snprintf(command->key, sizeof command->key, "%s:confirm", saga->id);
    timer(actions, SOON_MS); /* still set when the answer comes, and long before a settlement's */
}

static void complete_twice(struct saga *saga, enum saga_event_kind kind,
                           struct saga_actions *actions)
{
    complete(saga, kind, actions);
    if (kind == SAGA_EVENT_REPLY)
        act(actions, SAGA_DONE)->as.phase = SAGA_COMPLETED;
}

static void resume_in_two_writes(struct saga *saga, enum saga_event_kind kind,
                                 struct saga_actions *actions)
{
    if (kind == SAGA_EVENT_RESUME) {
        append(saga, actions, 'r');
        timer(actions, ANSWER_MS);
    }
    end(saga, actions, kind == SAGA_EVENT_START ? SAGA_PARKED : SAGA_ROLLED_BACK);
}

static void ask_for_too_much(struct saga *saga, enum saga_event_kind kind,
                             struct saga_actions *actions)
{
    if (kind == SAGA_EVENT_RESUME)
        end(saga, actions, SAGA_ROLLED_BACK);
    else if (kind == SAGA_EVENT_START)
        timer(actions, 0);
    else if (strcmp(saga->cart, "a timer before now") == 0)
        timer(actions, -1);
    else if (strcmp(saga->cart, "a timer for ever") == 0)
        timer(actions, INT64_MAX);
    else if (strcmp(saga->cart, "a long record") == 0)
        act(actions, SAGA_APPEND)->as.payload.length = SAGA_PAYLOAD_MAX + 1;
    else
        act(actions, SAGA_SEND)->as.command.step = SAGA_STEPS;
}

int saga_handle(struct saga *saga, const struct saga_event *event, struct saga_actions *actions,
                struct error *err)
{
    static const struct {
        const char *cart;
        void (*play)(struct saga *saga, enum saga_event_kind kind, struct saga_actions *actions);
    } scripts[] = {{"parks for ever", park_for_ever},
                   {"completes", complete},
                   {"says twice that it has completed", complete_twice},
                   {"resumed in two writes", resume_in_two_writes},
                   {"a timer before now", ask_for_too_much},
                   {"a timer for ever", ask_for_too_much},
                   {"a long record", ask_for_too_much},
                   {"a step too far", ask_for_too_much}};
    if (event->kind == SAGA_EVENT_RESUME && saga->last != 'p' && saga->last != 's')
        return error_set(err, ERR_REFUSED, "It has ended.");
    if (event->kind == SAGA_EVENT_START) {
        snprintf(saga->cart, sizeof saga->cart, "%s", event->checkout.cart_id);
        snprintf(saga->id, sizeof saga->id, "%s", event->checkout.id);
        append(saga, actions, 's');
    }
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        if (strcmp(saga->cart, scripts[i].cart) == 0)
            scripts[i].play(saga, event->kind, actions);
    return 0;
}

/* --- the host --------------------------------------------------------------------------------- */

struct host {
    struct service service;
    struct store *store;
    struct sagas *sagas;
    struct http_server *server; /* everybody that takes part */
    const struct http_route *tables[2];
    void *contexts[1];
    char url[64];
    atomic_int settlements;
    int hold_first; /* 1: the first settlement waits for the gate, and is answered 503 */
    sem_t settling, gate;
};

static void post_command(const struct http_request *request, struct http_response *response,
                         void *context)
{
    (void)request;
    (void)context;
    text_add(&response->body, "{\"answer\":\"ok\"}");
}

static void post_settlement(const struct http_request *request, struct http_response *response,
                            void *context)
{
    struct host *host = context;
    (void)request;
    int number = atomic_fetch_add(&host->settlements, 1) + 1;
    sem_post(&host->settling);
    if (number == 1 && host->hold_first) {
        sem_wait(&host->gate);
        response->status = 503;
    }
}

static int start_sagas(struct host *host, struct error *err)
{
    struct sagas_config sagas = {.service = &host->service, .store = host->store};
    for (int i = 0; i < SAGA_STEPS; i++) {
        sagas.saga.answer_ms[i] = ANSWER_MS;
        sagas.urls[i] = host->url;
    }
    return sagas_open(&host->sagas, &sagas, err);
}

static void open_host(struct host *host, int hold_first)
{
    static const struct http_route routes[] = {
        {"POST", "/commands", HTTP_WORKER, "application/json", post_command},
        {"POST", "/settlements", HTTP_WORKER, "application/json", post_settlement},
        {NULL, NULL, HTTP_INLINE, NULL, NULL},
    };
    struct error err = {0};
    *host = (struct host){.hold_first = hold_first, .tables = {routes}, .contexts = {host}};
    sem_init(&host->settling, 0, 0);
    sem_init(&host->gate, 0, 0);
    const struct http_server_config server = {
        .listen_fd = -1, .service = "test", .tables = host->tables, .contexts = host->contexts};
    const struct store_config store = {.db.url = ":memory:", .schema = SERVICE_LOG_SCHEMA};
    ck_assert_msg(http_server_start(&host->server, &server, &err) == 0, "%s", err.text);
    ck_assert_msg(store_open(&host->store, &store, &err) == 0, "%s", err.text);
    snprintf(host->url, sizeof host->url, "http://127.0.0.1:%d", http_server_port(host->server));
    host->service = (struct service){
        .clock = clock_system(), .random = random_system(), .client = http_client_open()};
    ck_assert_msg(start_sagas(host, &err) == 0, "%s", err.text);
}

static void close_host(struct host *host)
{
    sagas_close(host->sagas);
    http_client_close(host->service.client);
    store_close(host->store);
    http_server_stop(host->server);
    sem_destroy(&host->settling);
    sem_destroy(&host->gate);
}

/* 1 when it came within so long. */
static int wait_for(sem_t *what, int64_t ms)
{
    struct timespec until = {0};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000 * 1000000);
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int result = 0;
    while ((result = sem_timedwait(what, &until)) != 0 && errno == EINTR)
        continue;
    return result == 0;
}

/* Begins one, under an id of its number. */
static void begin(struct host *host, int number, const char *cart, char id[ID_SIZE])
{
    struct saga_checkout checkout = {.customer_id = "user-1"};
    struct trace trace = trace_from_header(NULL);
    struct error err = {0};
    snprintf(checkout.cart_id, sizeof checkout.cart_id, "%s", cart);
    snprintf(checkout.id, sizeof checkout.id, "01890000-0000-7000-8000-%012d", number);
    snprintf(id, ID_SIZE, "%s", checkout.id);
    int result = sagas_start(host->sagas, &checkout, &(struct log_request){0}, &trace, &err);
    ck_assert_msg(result == 0, "%s: %s", cart, err.text);
}

static int is_open(struct host *host, const char *id)
{
    struct text ids = {0};
    ck_assert_int_eq(log_open_checkouts(host->store, &ids, NULL), 0);
    int found = strstr(text_str(&ids), id) != NULL;
    text_release(&ids);
    return found;
}

/* Looks until the checkout has ended (resume 0), or until it lets itself be resumed. */
static void wait_until(struct host *host, const char *id, int resume)
{
    static const struct timespec pause = {0, 2000000};
    time_t until = time(NULL) + PATIENCE_S;
    while (resume ? sagas_resume(host->sagas, id, NULL) != 0 : is_open(host, id)) {
        ck_assert_msg(time(NULL) < until, "%s still goes on", id);
        nanosleep(&pause, NULL);
    }
}

/* --- many at once ----------------------------------------------------------------------------- */

struct client {
    struct host *host;
    pthread_t thread;
    int number;
    int resumed;
    char ids[PARKED][ID_SIZE];
};

static void *resume_and_begin(void *context)
{
    struct client *client = context;
    char id[ID_SIZE];
    for (int i = 0; i < ROUNDS * PARKED; i++) {
        const char *parked = client->ids[(i + client->number) % PARKED];
        int result = sagas_resume(client->host->sagas, parked, NULL);
        ck_assert_msg(result == 0 || result == ERR_REFUSED, "%d", result);
        client->resumed += result == 0;
        if (i < ROUNDS)
            begin(client->host, 100 * (client->number + 1) + i, "completes", id);
    }
    return NULL;
}

START_TEST(many_clients_resume_the_same_sagas_while_others_run)
{
    struct host host;
    static struct client clients[CLIENTS];
    char id[ID_SIZE];
    int resumed = 0;
    open_host(&host, 0);
    for (int i = 0; i < PARKED; i++) {
        begin(&host, i, "parks for ever", id);
        for (int k = 0; k < CLIENTS; k++)
            memcpy(clients[k].ids[i], id, sizeof id);
    }
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].host = &host;
        clients[i].number = i;
        ck_assert_int_eq(pthread_create(&clients[i].thread, NULL, resume_and_begin, &clients[i]),
                         0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        resumed += clients[i].resumed;
    }
    ck_assert_int_ge(resumed, PARKED);
    for (int i = 0; i < CLIENTS * ROUNDS; i++)
        ck_assert_msg(wait_for(&host.settling, PATIENCE_S * 1000), "%d settled", i);
    close_host(&host);
}
END_TEST

START_TEST(closing_waits_for_nothing_but_what_runs)
{
    struct host host;
    char id[ID_SIZE];
    open_host(&host, 0);
    for (int i = 0; i < PARKED; i++)
        begin(&host, i, "completes", id);
    close_host(&host);
}
END_TEST

/* --- settling ----------------------------------------------------------------------------------
 */

START_TEST(the_last_commands_timer_settles_nothing)
{
    struct host host;
    char id[ID_SIZE];
    open_host(&host, 1);
    begin(&host, 1, "completes", id);
    ck_assert(wait_for(&host.settling, PATIENCE_S * 1000));
    ck_assert_msg(!wait_for(&host.settling, 3 * SOON_MS), "settled twice at once");
    sem_post(&host.gate);
    wait_until(&host, id, 0);
    int settlements = atomic_load(&host.settlements);
    ck_assert_int_eq(settlements, 2);
    close_host(&host);
}
END_TEST

START_TEST(a_settlement_that_failed_after_another_was_heard_is_not_repeated)
{
    struct host host;
    char id[ID_SIZE];
    open_host(&host, 1);
    begin(&host, 1, "says twice that it has completed", id);
    ck_assert(wait_for(&host.settling, PATIENCE_S * 1000));
    wait_until(&host, id, 0); /* the second one was heard, while the first has no answer */
    sem_post(&host.gate);
    while (wait_for(&host.settling, SAGAS_RELOAD_MS + 2 * SOON_MS))
        continue;
    int settlements = atomic_load(&host.settlements);
    ck_assert_int_eq(settlements, 2);
    close_host(&host); /* and nothing is left in memory */
}
END_TEST

/* --- what goes wrong in the middle -------------------------------------------------------------
 */

/* Record 3 of any saga cannot be written. */
static int block(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    return db_finish(db_query(tx, "CREATE TRIGGER blocked BEFORE INSERT ON saga_log "
                                  "WHEN NEW.sequence = 3 BEGIN SELECT RAISE(ABORT, 'no'); END"),
                     err);
}

static int unblock(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    return db_finish(db_query(tx, "DROP TRIGGER blocked"), err);
}

START_TEST(a_saga_resumed_in_part_goes_on_from_its_log)
{
    struct host host;
    char id[ID_SIZE];
    struct error err = {0};
    open_host(&host, 0);
    begin(&host, 1, "resumed in two writes", id);
    ck_assert_int_eq(store_write(host.store, block, NULL, NULL), 0);
    ck_assert_msg(sagas_resume(host.sagas, id, &err) == 0, "%s", err.text);
    ck_assert(is_open(&host, id));
    ck_assert_int_eq(sagas_resume(host.sagas, id, NULL), ERR_REFUSED);
    ck_assert_int_eq(store_write(host.store, unblock, NULL, NULL), 0);
    wait_until(&host, id, 0);
    close_host(&host);
}
END_TEST

START_TEST(a_saga_that_asks_for_what_there_is_not_is_left_alone)
{
    static const char *const carts[] = {"a timer before now", "a timer for ever", "a long record",
                                        "a step too far"};
    struct host host;
    char id[ID_SIZE];
    open_host(&host, 0);
    for (int i = 0; i < 4; i++) {
        begin(&host, i, carts[i], id);
        wait_until(&host, id, 1);
        ck_assert(!is_open(&host, id));
    }
    close_host(&host);
}
END_TEST

START_TEST(a_start_fails_while_another_process_holds_the_database)
{
    struct host host;
    char id[ID_SIZE];
    struct folder folder = folder_make();
    struct store_config store = {.db = {.url = folder.database, .busy_ms = 1},
                                 .schema = SERVICE_LOG_SCHEMA};
    struct db *other = NULL;
    open_host(&host, 0);
    sagas_close(host.sagas);
    store_close(host.store);
    ck_assert_int_eq(store_open(&host.store, &store, NULL), 0);
    ck_assert_int_eq(start_sagas(&host, NULL), 0);
    begin(&host, 1, "resumed in two writes", id);
    sagas_close(host.sagas);

    ck_assert_int_eq(db_open(&other, &store.db, NULL), 0);
    ck_assert_int_eq(db_script(other, "BEGIN IMMEDIATE", NULL), 0);
    int result = start_sagas(&host, NULL); /* the saga has something to write at once */
    ck_assert_int_eq(result, ERR_UNAVAILABLE);
    db_close(other);
    ck_assert_int_eq(start_sagas(&host, NULL), 0);
    wait_until(&host, id, 0);
    close_host(&host);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {many_clients_resume_the_same_sagas_while_others_run,
                                  closing_waits_for_nothing_but_what_runs,
                                  the_last_commands_timer_settles_nothing,
                                  a_settlement_that_failed_after_another_was_heard_is_not_repeated,
                                  a_saga_resumed_in_part_goes_on_from_its_log,
                                  a_saga_that_asks_for_what_there_is_not_is_left_alone,
                                  a_start_fails_while_another_process_holds_the_database,
                                  NULL};
    return run_tests("saga_live", tests);
}
