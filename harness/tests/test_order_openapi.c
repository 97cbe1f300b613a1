#define _GNU_SOURCE /* prlimit */
/*
 * openapi.yaml against the service: whatever the service answers is in the document, with that
 * media type, and whatever the document promises, the service was made to answer here.
 *
 * The document is read line by line, so its layout counts: two spaces before a path, four before a
 * method, eight before a status.
 */
#include <check.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "kit/db.h"
#include "kit/error.h"
#include "kit/http_server.h"
#include "kit/log.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { ENTRIES_MAX = 64 };

static const char DOCUMENT[] = "labs/01-order/openapi.yaml";
static const char ROUTES[] = "solutions/01-order/order_api.c";
static char program[] = BUILD_FOLDER "/trees/solutions/01-order/service";

/* --- the document ---------------------------------------------------------------------------- */

struct entry {
    char method[8], path[40];
    int status;
    char shared[16]; /* the name under components/responses; "" = written at its place */
    char type[32];   /* media type of the body */
    int seen;
};

struct document {
    struct entry entries[ENTRIES_MAX];
    int count;
};

static void read_type(const char *line, char type[32])
{
    static const char *const known[] = {"application/problem+json", "application/json",
                                        "text/plain"};
    for (size_t i = 0; i < sizeof known / sizeof known[0] && type[0] == '\0'; i++)
        if (strstr(line, known[i]) != NULL)
            snprintf(type, 32, "%s", known[i]);
}

/* A line under components: what a shared response is made of. */
static void read_shared(struct document *document, const char *line, char name[16])
{
    if (strncmp(line, "    ", 4) == 0 && line[4] != ' ')
        (void)sscanf(line, "    %15[A-Za-z]:", name);
    for (int i = 0; i < document->count; i++)
        if (strcmp(document->entries[i].shared, name) == 0)
            read_type(line, document->entries[i].type);
}

static void read_document(struct document *document)
{
    char line[400], path[40] = "", method[8] = "", name[16] = "";
    int in_components = 0, in_responses = 0;
    FILE *file = fopen(DOCUMENT, "r");
    ck_assert_msg(file != NULL, "run it where %s is", DOCUMENT);
    document->count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        struct entry entry = {0};
        in_components |= strcmp(line, "components:\n") == 0;
        if (in_components) {
            if (strncmp(line, "  ", 2) == 0 && line[2] != ' ')
                in_responses = strcmp(line, "  responses:\n") == 0;
            if (in_responses)
                read_shared(document, line, name);
        } else if (strncmp(line, "  /", 3) == 0) {
            (void)sscanf(line, "  %39[/a-z{}]:", path);
            method[0] = '\0';
        } else if (strncmp(line, "    ", 4) == 0 && line[4] != ' ') {
            (void)sscanf(line, "    %7[a-z]:", method);
        } else if (sscanf(line, "        '%d'", &entry.status) == 1) {
            ck_assert_int_lt(document->count, ENTRIES_MAX);
            snprintf(entry.path, sizeof entry.path, "%s", path);
            for (size_t i = 0; method[i] != '\0'; i++)
                entry.method[i] = (char)(method[i] - 'a' + 'A');
            const char *shared = strstr(line, "components/responses/");
            if (shared != NULL)
                (void)sscanf(shared, "components/responses/%15[A-Za-z]", entry.shared);
            read_type(line, entry.type);
            document->entries[document->count++] = entry;
        } else if (document->count > 0 &&
                   document->entries[document->count - 1].shared[0] == '\0') {
            read_type(line, document->entries[document->count - 1].type);
        }
    }
    fclose(file);
    ck_assert_int_gt(document->count, 0);
}

static struct entry *find(struct document *document, const char *method, const char *path,
                          int status)
{
    for (int i = 0; i < document->count; i++) {
        struct entry *entry = &document->entries[i];
        if (strcmp(entry->method, method) == 0 && strcmp(entry->path, path) == 0 &&
            (status == 0 || entry->status == status))
            return entry;
    }
    return NULL;
}

/* --- the service ----------------------------------------------------------------------------- */

struct rig {
    struct document document;
    struct folder folder;
    struct http_server *neighbour; /* all three of them */
    pid_t pid;
    int port;
    int log; /* its stderr */
};

static void answer_ok(const struct http_request *request, struct http_response *response,
                      void *context)
{
    (void)request, (void)response, (void)context;
}

static void start_neighbour(struct rig *rig)
{
    static const struct http_route routes[] = {
        {"GET", "/health/readiness", HTTP_INLINE, NULL, answer_ok},
        {"GET", "/users/{id}", HTTP_INLINE, NULL, answer_ok},
        {.method = NULL}};
    static const struct http_route *const tables[] = {routes, NULL};
    static void *const contexts[] = {NULL};
    const struct http_server_config config = {
        .listen_fd = -1, .service = "neighbour", .tables = tables, .contexts = contexts};
    ck_assert_int_eq(http_server_start(&rig->neighbour, &config, NULL), 0);
}

/* Reads the log up to the line that names the port. The rest nobody takes. */
static int read_port(int log)
{
    char text[16384];
    size_t length = 0;
    const char *ready = NULL;
    while (ready == NULL) {
        ssize_t some = read(log, text + length, sizeof text - 1 - length);
        ck_assert_msg(some > 0, "the service ended: %.*s", (int)length, text);
        length += (size_t)some;
        text[length] = '\0';
        ready = strchr(text, '\n') != NULL ? strstr(text, "\"port\":") : NULL;
    }
    return (int)strtol(ready + strlen("\"port\":"), NULL, 10);
}

static void start_service(struct rig *rig)
{
    static const char *const names[] = {"USER_SERVICE_URL", "PAYMENT_SERVICE_URL",
                                        "INVENTORY_SERVICE_URL"};
    int ends[2];
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d", http_server_port(rig->neighbour));
    ck_assert_int_eq(pipe(ends), 0);
    rig->pid = fork();
    if (rig->pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        for (int i = 0; i < 3; i++)
            setenv(names[i], url, 1);
        setenv("DATABASE_URL", rig->folder.database, 1);
        setenv("PORT", "0", 1);
        setenv("LOG_LEVEL", "info", 1);
        char *argv[] = {program, NULL};
        execv(program, argv);
        _exit(127);
    }
    close(ends[1]);
    rig->log = ends[0];
    rig->port = read_port(rig->log);
}

static void stop_service(struct rig *rig)
{
    int status = -1;
    ck_assert_int_eq(kill(rig->pid, SIGTERM), 0);
    ck_assert_int_eq(waitpid(rig->pid, &status, 0), rig->pid);
    ck_assert_int_eq(status, 0);
    close(rig->log);
}

/* --- asking ---------------------------------------------------------------------------------- */

struct question {
    const char *method, *path; /* the path as in the document */
    const char *id;            /* for {id} */
    const char *query;         /* behind the path; NULL = "" */
    const char *headers;       /* each with its line break; NULL = "" */
    const char *body;          /* NULL: none; sent as JSON */
};

static void send_question(int fd, const struct question *question)
{
    char request[4096], path[128];
    const char *brace = strchr(question->path, '{');
    if (brace != NULL)
        snprintf(path, sizeof path, "%.*s%s%s", (int)(brace - question->path), question->path,
                 question->id, strchr(brace, '}') + 1);
    else
        snprintf(path, sizeof path, "%s", question->path);
    int length = snprintf(request, sizeof request, "%s %s%s HTTP/1.1\r\nHost: t\r\n%s",
                          question->method, path, question->query != NULL ? question->query : "",
                          question->headers != NULL ? question->headers : "");
    const char *type =
        question->headers != NULL && strstr(question->headers, "Content-Type") != NULL
            ? ""
            : "Content-Type: application/json\r\n";
    if (question->body != NULL)
        snprintf(request + length, sizeof request - (size_t)length,
                 "%sContent-Length: %zu\r\n\r\n%s", type, strlen(question->body), question->body);
    else
        snprintf(request + length, sizeof request - (size_t)length, "\r\n");
    say(fd, request);
}

/* Hears the answer, which must have that status and be in the document. */
static void expect(struct rig *rig, int fd, const struct question *question, int status,
                   struct answer *answer)
{
    hear(fd, 1, answer);
    close(fd);
    ck_assert_msg(answer->status == status, "%s %s: %d instead of %d: %s%s", question->method,
                  question->path, answer->status, status, answer->head, answer->body);
    struct entry *entry = find(&rig->document, question->method, question->path, status);
    ck_assert_msg(entry != NULL, "%s does not have %s %s: %d", DOCUMENT, question->method,
                  question->path, status);
    entry->seen = 1;
    char type[64];
    snprintf(type, sizeof type, "\r\nContent-Type: %s", entry->type);
    ck_assert_msg(strstr(answer->head, type) != NULL, "%s %s: %d is not %s: %s", question->method,
                  question->path, status, entry->type, answer->head);
    int again = strstr(answer->head, "\r\nRetry-After: ") != NULL;
    ck_assert_msg(again == (strcmp(entry->shared, "Busy") == 0), "%s %s: %d and Retry-After: %s",
                  question->method, question->path, status, answer->head);
}

static void ask_for(struct rig *rig, const struct question *question, int status,
                    struct answer *answer)
{
    int fd = dial(rig->port);
    ck_assert_int_ge(fd, 0);
    send_question(fd, question);
    expect(rig, fd, question, status, answer);
}

/* Asks until the status is there; ends with the test's time. */
static void await(struct rig *rig, const char *path, int status)
{
    static struct answer answer;
    const struct question question = {.method = "GET", .path = path};
    char request[128];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: t\r\n\r\n", path);
    do
        ask(rig->port, request, &answer);
    while (answer.status != status);
    ask_for(rig, &question, status, &answer);
}

static const char BODY[] = "{\"customerId\":\"u\",\"items\":[{\"productId\":\"p\",\"quantity\":1,"
                           "\"unitPrice\":1}]}";
static const char CONFIRM[] = "{\"status\":\"CONFIRMED\"}";

#define STATUS_PATH "/orders/{id}/status"
#define UUID        "01a231ad-0347-7458-ba22-a086424908e9"

/* All that a healthy service answers. id gets that of an order. */
static void ask_everything(struct rig *rig, char id[40])
{
    static struct answer answer;
    struct question place = {.method = "POST", .path = "/orders", .body = BODY};
    ask_for(rig, &place, 201, &answer);
    (void)sscanf(answer.body, "{\"id\":\"%36[0-9a-f-]\"", id);
    ck_assert_ptr_nonnull(strstr(answer.head, "\r\nLocation: /orders/"));
    ck_assert_ptr_nonnull(strstr(answer.head, "\r\nETag: \"1\"\r\n"));
    const struct {
        struct question question;
        int status;
    } cases[] = {
        {{"POST", "/orders", NULL, NULL, NULL, "{"}, 400},
        {{"POST", "/orders", NULL, NULL, "Idempotency-Key: \xc3\xa4\r\n", BODY}, 400},
        {{"POST", "/orders", NULL, NULL,
          "Content-Length: 2000000\r\n"
          "Content-Type: application/json\r\n",
          NULL},
         413},
        {{"POST", "/orders", NULL, NULL, "Content-Type: text/plain\r\n", BODY}, 415},
        {{"POST", "/orders", NULL, NULL, NULL, "{}"}, 422},
        {{"GET", "/orders", NULL, "?customerId=u", NULL, NULL}, 200},
        {{"GET", "/orders", NULL, NULL, NULL, NULL}, 422},
        {{"GET", "/orders", NULL, "?customerId=u&limit=010", NULL, NULL}, 422},
        {{"GET", "/orders", NULL, "?customerId=u&limit=%2B5", NULL, NULL}, 422},
        {{"GET", "/orders", NULL, "?customerId=u&cursor=5." UUID, NULL, NULL}, 200},
        {{"GET", "/orders", NULL, "?customerId=u&cursor=%2B5." UUID, NULL, NULL}, 422},
        {{"GET", "/orders", NULL, "?customerId=u&cursor=05." UUID, NULL, NULL}, 422},
        {{"GET", "/orders", NULL, "?customerId=u&cursor=%205." UUID, NULL, NULL}, 422},
        {{"GET", "/orders", NULL, "?customerId=u&cursor=9223372036854775808." UUID, NULL, NULL},
         422},
        {{"GET", "/orders/{id}", id, NULL, NULL, NULL}, 200},
        {{"GET", "/orders/{id}", "nobody", NULL, NULL, NULL}, 404},
        {{"PATCH", STATUS_PATH, id, NULL, NULL, "{"}, 400},
        {{"PATCH", STATUS_PATH, "nobody", NULL, NULL, CONFIRM}, 404},
        {{"PATCH", STATUS_PATH, id, NULL, NULL, "{\"status\":\"SHIPPED\"}"}, 409},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: \"7\"\r\n", CONFIRM}, 412},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: \"7\", \"8\"\r\n", CONFIRM}, 412},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: W/\"1\"\r\n", CONFIRM}, 412},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: \"1\", junk\r\n", CONFIRM}, 412},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: \"01\"\r\n", CONFIRM}, 412},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match:\r\n", CONFIRM}, 412},
        {{"PATCH", STATUS_PATH, "nobody", NULL, "If-Match: \"7\", \"8\"\r\n", CONFIRM}, 404},
        {{"PATCH", STATUS_PATH, id, NULL,
          "Content-Length: 2000000\r\n"
          "Content-Type: application/json\r\n",
          NULL},
         413},
        {{"PATCH", STATUS_PATH, id, NULL, "Content-Type: text/plain\r\n", CONFIRM}, 415},
        {{"PATCH", STATUS_PATH, id, NULL, NULL, "{\"status\":\"LOST\"}"}, 422},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: \"7\"\r\nIf-Match: \"1\"\r\n", CONFIRM}, 200},
        {{"PATCH", STATUS_PATH, id, NULL, "If-Match: *\r\n", CONFIRM}, 409},
        {{"GET", "/health/liveness", NULL, NULL, NULL, NULL}, 200},
        {{"GET", "/metrics", NULL, NULL, NULL, NULL}, 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ask_for(rig, &cases[i].question, cases[i].status, &answer);
    await(rig, "/health/readiness", 200);
    await(rig, "/health", 200);
}

/* The four questions that need the database. */
static void ask_four(struct rig *rig, const char *id, int status)
{
    const struct question four[] = {{"GET", "/orders/{id}", id, NULL, NULL, NULL},
                                    {"GET", "/orders", NULL, "?customerId=u", NULL, NULL},
                                    {"POST", "/orders", NULL, NULL, NULL, BODY},
                                    {"PATCH", STATUS_PATH, id, NULL, NULL, CONFIRM}};
    static struct answer answer;
    for (size_t i = 0; i < sizeof four / sizeof four[0]; i++)
        ask_for(rig, &four[i], status, &answer);
}

/* --- the tests ------------------------------------------------------------------------------- */

static void rig_open(struct rig *rig)
{
    *rig = (struct rig){.folder = folder_make()};
    read_document(&rig->document);
    start_neighbour(rig);
    start_service(rig);
}

static void rig_close(struct rig *rig)
{
    stop_service(rig);
    http_server_stop(rig->neighbour);
    folder_remove(&rig->folder);
}

START_TEST(every_answer_is_documented_and_every_documented_answer_is_given)
{
    static struct rig rig;
    char id[40] = "", away[160];
    rig_open(&rig);
    ask_everything(&rig, id);

    snprintf(away, sizeof away, "%s.away", rig.folder.database);
    ck_assert_int_eq(rename(rig.folder.database, away), 0);
    await(&rig, "/health/readiness", 503);
    await(&rig, "/health", 503);
    ask_four(&rig, id, 503);
    ck_assert_int_eq(rename(away, rig.folder.database), 0);
    await(&rig, "/health/readiness", 200);

    struct db *db = NULL;
    struct db_config config = {.url = rig.folder.database, .busy_ms = 5000};
    ck_assert_int_eq(db_open(&db, &config, NULL), 0);
    ck_assert_int_eq(db_script(db,
                               "ALTER TABLE order_views RENAME TO damaged_views;"
                               "ALTER TABLE order_events RENAME TO damaged_events",
                               NULL),
                     0);
    db_close(db);
    ask_four(&rig, id, 500);

    for (int i = 0; i < rig.document.count; i++) {
        const struct entry *entry = &rig.document.entries[i];
        ck_assert_msg(entry->seen, "%s %s: %d is in %s, and was not seen", entry->method,
                      entry->path, entry->status, DOCUMENT);
    }
    rig_close(&rig);
}
END_TEST

/* From now on no file of the service's may grow beyond that; 0: any may. */
static void limit_files(const struct rig *rig, rlim_t bytes)
{
    struct rlimit limit;
    ck_assert_int_eq(prlimit(rig->pid, RLIMIT_FSIZE, NULL, &limit), 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    ck_assert_int_eq(prlimit(rig->pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* POST /orders with key number n; the body of a 201 goes to kept. The status. */
static int place(struct rig *rig, int n, char kept[256])
{
    static struct answer answer;
    char request[512];
    int fd = dial(rig->port);
    ck_assert_int_ge(fd, 0);
    snprintf(request, sizeof request,
             "POST /orders HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
             "Idempotency-Key: key-%d\r\nContent-Length: %zu\r\n\r\n%s",
             n, strlen(BODY), BODY);
    say(fd, request);
    hear(fd, 1, &answer);
    close(fd);
    if (answer.status == 201)
        snprintf(kept, 256, "%.255s", answer.body);
    else
        ck_assert_ptr_nonnull(strstr(answer.head, "\r\nRetry-After: "));
    return answer.status;
}

START_TEST(a_full_disk_is_503_and_the_same_keys_go_on_afterwards)
{
    enum { KEYS = 12, BYTES = 320 * 1024 };
    static struct rig rig;
    static char before[KEYS][256];
    static struct answer answer;
    int refused = 0, orders = 0;
    rig_open(&rig);
    await(&rig, "/health/readiness", 200);
    limit_files(&rig, BYTES);
    for (int n = 0; n < KEYS; n++) {
        int status = place(&rig, n, before[n]);
        ck_assert_msg(status == 201 || status == 503, "key %d: %d", n, status);
        refused += status == 503;
    }
    ck_assert_int_gt(refused, 0);
    ck_assert_int_lt(refused, KEYS);
    await(&rig, "/health/readiness", 503);
    limit_files(&rig, 0);
    await(&rig, "/health/readiness", 200); /* by itself: nobody wrote */
    for (int n = 0; n < KEYS; n++) {
        char after[256] = "";
        ck_assert_int_eq(place(&rig, n, after), 201);
        ck_assert_msg(before[n][0] == '\0' || strcmp(before[n], after) == 0, "%s became %s",
                      before[n], after);
    }
    const struct question list = {"GET", "/orders", NULL, "?customerId=u&limit=100", NULL, NULL};
    ask_for(&rig, &list, 200, &answer);
    for (const char *at = answer.body; (at = strstr(at, "\"customerId\"")) != NULL; at++)
        orders++;
    ck_assert_int_eq(orders, KEYS);
    rig_close(&rig);
}
END_TEST

START_TEST(every_route_is_documented)
{
    static struct document document;
    char line[200], method[8], path[40];
    int routes = 0;
    read_document(&document);
    FILE *file = fopen(ROUTES, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "    {\"%7[A-Z]\", \"%39[^\"]\"", method, path) != 2)
            continue;
        routes++;
        ck_assert_msg(find(&document, method, path, 0) != NULL, "%s does not have %s %s", DOCUMENT,
                      method, path);
    }
    fclose(file);
    ck_assert_int_gt(routes, 0);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {every_answer_is_documented_and_every_documented_answer_is_given,
                                  a_full_disk_is_503_and_the_same_keys_go_on_afterwards,
                                  every_route_is_documented, NULL};
    return run_tests("order openapi", tests);
}
