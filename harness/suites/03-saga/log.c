/*
 * Lab 03, step 4: the log. That it says all that the state knows, and that what is not a log is
 * refused. That people can read it: log_readable.c.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "judge/scenario.h"
#include "judge/static_data.h"
#include "kit/json.h"

/* A checkout that meets all answers, is parked and resumed, each at a time of its own. */
static const char *const troubled[] = {
    "create",
    "start now=0",
    "reply step=validate answer=ok cents=12000 now=10",
    "reply step=discount answer=ok cents=2000 now=20",
    "reply step=reserve answer=ok now=30",
    "reply step=pay answer=unknown now=40",
    "timer now=60",
    "reply step=pay attempt=2 answer=ok now=70",
    "reply step=ship answer=rejected now=80",
    "reply step=pay direction=back answer=rejected now=90",
    "timer now=120",
    "timer now=250", /* no answer */
    "resume now=300",
    "reply step=pay direction=back answer=ok now=310",
    "reply step=reserve direction=back answer=ok now=320",
    "reply step=discount direction=back answer=ok now=330",
};
enum { TROUBLED = sizeof troubled / sizeof troubled[0] };

/* --- replaying gives the living state --------------------------------------------------------- */

struct replay_judge {
    struct text living; /* what the last describe said */
    int fresh;          /* 1: nothing has happened since */
    int moved;          /* 1: a command was sent since, on a reply: the state is another one */
    int created;
};

static void *replay_create(const char *judged)
{
    (void)judged;
    struct replay_judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL)
        abort();
    return judge;
}

static void replay_destroy(void *state)
{
    struct replay_judge *judge = state;
    text_release(&judge->living);
    free(judge);
}

static int replay_step(void *context, const struct message *action, const struct message *reply,
                       struct finding *finding)
{
    struct replay_judge *judge = context;
    const char *state = message_get_or(reply, "state", "");
    const char *said = state[0] != '\0' ? state : message_get_or(reply, "text", "an empty line");
    if (strcmp(action->word, "create") == 0) {
        text_clear(&judge->living);
        judge->created = strcmp(reply->word, "ok") == 0;
        judge->fresh = 0;
    } else if (!judge->created) {
        return 0;
    } else if (strcmp(action->word, "reply") == 0) {
        judge->moved |= strstr(message_get_or(reply, "actions", ""), "send ") != NULL;
        judge->fresh = 0;
    } else if (strcmp(action->word, "describe") == 0 && message_get(action, "replayed") != NULL) {
        if (judge->fresh && strcmp(text_str(&judge->living), state) != 0)
            return saga_differs(finding, text_str(&judge->living), said);
    } else if (strcmp(action->word, "describe") == 0) {
        if (state[0] == '\0')
            return saga_differs(finding, "the state as a line", said);
        if (judge->moved && strcmp(text_str(&judge->living), state) == 0)
            return saga_differs(finding, "another line than before: the saga has gone on", said);
        text_clear(&judge->living);
        text_add(&judge->living, state);
        judge->moved = 0;
        judge->fresh = 1;
    } else {
        judge->fresh = 0;
    }
    return 0;
}

static const struct oracle replay_oracle = {replay_create, replay_destroy, replay_step};

/* Any events; in their midst the living saga describes itself, and then one that was replayed. */
static void generate_replay(struct scenario *out, const struct random *random)
{
    struct scenario events = {0};
    saga_generate_events(&events, random);
    int last = 2 + (int)random_below(random, (uint64_t)events.count - 2);
    for (int i = 0; i <= last; i++) {
        scenario_add(out, "%s", events.lines[i]);
        if (i == 1 || i == last)
            scenario_add(out, "describe");
    }
    scenario_add(out, "describe replayed=1");
    scenario_release(&events);
}

/* --- a log, fetched from the probe ------------------------------------------------------------ */

/* One line asked outside the story; the script for `make debug` holds those since the last create.
   1 when the verdict stands. */
static int quietly(struct check_run *run, struct probe *probe, const char *line,
                   struct message *reply)
{
    message_release(reply);
    if (strcmp(line, "create") == 0)
        text_clear(&run->script);
    text_addf(&run->script, "%s\n", line);
    enum probe_state state = probe_ask(probe, line, reply);
    if (state != PROBE_READY) {
        run_story(run, 0, STORY_CALL, "judge", "saga", "%s", line);
        return run_crash(run, state, probe);
    }
    return strcmp(reply->word, "todo") == 0
               ? run_fail(run, "not written yet", "a log that can be replayed and read",
                          "ERR_TODO: %s", message_get_or(reply, "text", "a function"))
               : 0;
}

/* The same for what must be answered ok: an event that is taken, a record that can be read. */
static int must(struct check_run *run, struct probe *probe, const char *line, struct message *reply)
{
    if (quietly(run, probe, line, reply))
        return 1;
    if (strcmp(reply->word, "ok") == 0)
        return 0;
    run_story(run, 0, STORY_WRONG, "judge", "saga", "%s", line);
    return run_fail(run, "wrong answer", "ok", "%s: %s", message_get_or(reply, "code", reply->word),
                    message_get_or(reply, "text", ""));
}

/* Plays the troubled checkout and fetches its log. NULL when a verdict stands. */
struct saga_log *saga_fetch_log(struct check_run *run, struct probe *probe)
{
    struct saga_log *log = calloc(1, sizeof *log);
    struct message reply = {0};
    int64_t count = 0;
    if (log == NULL)
        abort();
    int ended = probe == NULL;
    for (int i = 0; i < TROUBLED && !ended; i++)
        ended = must(run, probe, troubled[i], &reply);
    ended = ended || must(run, probe, "records", &reply);
    message_get_int64(&reply, "count", &count);
    if (!ended && (count < TROUBLED / 2 || count > SAGA_RECORDS_MAX))
        ended = run_fail(run, "wrong answer", "a record for what each event changed",
                         "%lld records of %d events", (long long)count, TROUBLED - 1);
    for (int i = 0; i < count && !ended; i++) {
        char line[32];
        snprintf(line, sizeof line, "payload index=%d", i);
        ended = must(run, probe, line, &reply);
        snprintf(log->hex[i], SAGA_HEX_SIZE, "%s", message_get_or(&reply, "hex", ""));
        snprintf(line, sizeof line, "records index=%d", i);
        ended = ended || must(run, probe, line, &reply);
        snprintf(log->json[i], sizeof log->json[i], "%s", message_get_or(&reply, "last", ""));
        log->count = i + 1;
    }
    message_release(&reply);
    if (ended)
        free(log);
    return ended ? NULL : log;
}

/* The reply to what was asked of a record must be ERR_CORRUPT. 1 = verdict. */
static int must_be_corrupt(struct check_run *run, const struct saga_log *log, int replayed,
                           const struct message *reply, const char *asked, const char *what)
{
    const char *code = message_get_or(reply, "code", reply->word);
    if (strcmp(code, "corrupt") == 0)
        return 0;
    run_story(run, 0, STORY_NOTE, "saga", NULL, "a checkout that meets all answers: %d records",
              log->count);
    if (replayed > 0)
        run_story(run, 0, STORY_NOTE, "saga", NULL, "a new process replays records 0 to %d",
                  replayed - 1);
    run_story(run, 0, STORY_WRONG, "judge", "saga", "%s of %s", asked, what);
    return run_fail(run, "wrong answer", "ERR_CORRUPT", "%s", code);
}

/* Replays count records and then this one, in a new saga: it must be refused. 1 = verdict. */
static int must_refuse(struct check_run *run, struct probe *probe, const struct saga_log *log,
                       int count, const char *hex, const char *what)
{
    struct message reply = {0};
    struct text line = {0};
    int ended = quietly(run, probe, "create", &reply);
    for (int i = 0; i < count && !ended; i++) {
        text_clear(&line);
        text_addf(&line, "replay hex=%s", log->hex[i]);
        ended = quietly(run, probe, text_str(&line), &reply);
        if (!ended && strcmp(reply.word, "ok") != 0)
            ended = run_fail(run, "wrong answer", "its own log is read", "record %d: %s", i,
                             message_get_or(&reply, "text", reply.word));
    }
    text_clear(&line);
    text_addf(&line, "replay hex=%s", hex);
    ended = ended || quietly(run, probe, text_str(&line), &reply);
    ended = ended || must_be_corrupt(run, log, count, &reply, "replay", what);
    message_release(&reply);
    text_release(&line);
    return ended;
}

/* The same for bytes that are no record anywhere: nor can they be shown. */
static int must_refuse_bytes(struct check_run *run, struct probe *probe, const struct saga_log *log,
                             int count, const char *hex, const char *what)
{
    struct message reply = {0};
    struct text line = {0};
    text_addf(&line, "records hex=%s", hex);
    int ended = must_refuse(run, probe, log, count, hex, what) ||
                quietly(run, probe, text_str(&line), &reply) ||
                must_be_corrupt(run, log, count, &reply, "saga_record_json", what);
    message_release(&reply);
    text_release(&line);
    return ended;
}

static int try_damage(struct check_run *run, struct probe *probe, const struct saga_log *log,
                      int at)
{
    char hex[SAGA_HEX_SIZE + 2], what[96];
    size_t length = strlen(log->hex[at]) / 2;
    int ended = 0;
    for (size_t cut = 1; cut < length && !ended; cut++) {
        snprintf(hex, sizeof hex, "%.*s", (int)(2 * cut), log->hex[at]);
        snprintf(what, sizeof what, "record %d, cut to %zu of %zu bytes", at, cut, length);
        ended = must_refuse_bytes(run, probe, log, at, hex, what);
    }
    if (!ended && length < SAGA_PAYLOAD_MAX) {
        snprintf(hex, sizeof hex, "%s78", log->hex[at]);
        snprintf(what, sizeof what, "record %d with a byte behind its end", at);
        ended = must_refuse_bytes(run, probe, log, at, hex, what);
    }
    for (unsigned byte = 0; byte < 256 && at < 2 && !ended; byte += byte < 16 ? 1 : 15) {
        snprintf(hex, sizeof hex, "%02x%s", byte, log->hex[at] + 2);
        snprintf(what, sizeof what, "record %d with %u as its first byte", at, byte);
        if (strcmp(hex, log->hex[at]) != 0)
            ended = must_refuse_bytes(run, probe, log, at, hex, what);
    }
    return ended;
}

/* Each byte of the record as another one: refused or not, it must be survived. 1 = verdict. */
static int try_noise(struct check_run *run, struct probe *probe, const struct saga_log *log, int at)
{
    static const char word[] = "replay hex=";
    static const char *const asked[] = {"records", "describe", "restart now=9000"};
    struct message reply = {0};
    char line[sizeof word + SAGA_HEX_SIZE];
    int ended = 0;
    for (size_t byte = 1; byte < strlen(log->hex[at]) / 2 && !ended; byte++) {
        ended = quietly(run, probe, "create", &reply);
        for (int i = 0; i <= at && !ended; i++) {
            snprintf(line, sizeof line, "%s%s", word, log->hex[i]);
            if (i == at)
                memcpy(line + strlen(word) + 2 * byte, "fa", 2);
            ended = quietly(run, probe, line, &reply);
        }
        for (size_t i = 0; i < sizeof asked / sizeof asked[0] && !ended; i++)
            ended = quietly(run, probe, asked[i], &reply);
        if (ended)
            run_story(run, 0, STORY_NOTE, "judge", NULL,
                      "before that, byte %zu of record %d was made fa and replayed", byte, at);
    }
    message_release(&reply);
    return ended;
}

static void check_damage(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    struct saga_log *log = saga_fetch_log(run, probe);
    int ended = log == NULL;
    for (int i = 0; i < 6 && !ended && i < log->count; i++)
        ended = try_damage(run, probe, log, i);
    for (int i = 0; !ended && i < log->count; i++)
        ended = try_noise(run, probe, log, i);
    free(log);
    run_close(run, probe);
}

/* 1 when the record, or one that it lists in "then", can stand only once where it stands: it moves
   the saga on. */
static int moves_on(const cJSON *record)
{
    const char *what = json_member_text(record, "what");
    if (strcmp(what, "compensating") == 0 || strcmp(what, "ended") == 0)
        return 1;
    if (strcmp(what, "answered") == 0 && strcmp(json_member_text(record, "answer"), "ok") == 0)
        return 1;
    const cJSON *then = json_member(record, "then");
    for (then = cJSON_IsArray(then) ? then->child : NULL; then != NULL; then = then->next)
        if (moves_on(then))
            return 1;
    return 0;
}

static void check_order(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    struct saga_log *log = saga_fetch_log(run, probe);
    int ended = log == NULL ||
                must_refuse(run, probe, log, 0, log->hex[1], "a log without its first record") ||
                must_refuse(run, probe, log, 1, log->hex[0], "the first record twice") ||
                must_refuse(run, probe, log, log->count, log->hex[log->count / 2],
                            "a record from the middle behind the end");
    for (int i = 1; !ended && i < log->count; i++) {
        char what[64];
        snprintf(what, sizeof what, "record %d a second time", i);
        cJSON *record = json_parse(log->json[i], strlen(log->json[i]), NULL);
        if (moves_on(record))
            ended = must_refuse(run, probe, log, i + 1, log->hex[i], what);
        cJSON_Delete(record);
    }
    free(log);
    run_close(run, probe);
}

static void check_long(struct check_run *run)
{
    enum { SENDS = 70000 }; /* more than two bytes count */
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    if (probe != NULL && !run_ask(run, probe, &reply, "endure sends=%d", SENDS)) {
        long long sends = (long long)saga_number(&reply, "sends", 0);
        long long attempt = (long long)saga_number(&reply, "attempt", 0);
        const char *send = message_get_or(&reply, "send", "none");
        if (strcmp(reply.word, "ok") != 0)
            run_fail(run, "wrong answer", "its own log is read, however long",
                     "%s at send %lld: %s", message_get_or(&reply, "code", reply.word), sends,
                     message_get_or(&reply, "text", ""));
        else if (sends != SENDS)
            run_fail(run, "wrong answer", "ship is sent again, without limit",
                     "%lld was the last send", sends);
        else if (saga_number(&reply, "same", 0) != 1)
            run_fail(run, "wrong answer", "the line of the living saga", "another one");
        else if (strcmp(send, "ship") != 0 || attempt != SENDS)
            run_fail(run, "wrong answer", "after RESTART: ship, its last send again", "%s #%lld",
                     send, attempt);
    }
    message_release(&reply);
    run_close(run, probe);
}

static void check_statics(struct check_run *run)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    if (probe != NULL && !run_ask(run, probe, &reply, "create")) /* there is code at all */
        check_static_data(run);
    message_release(&reply);
    run_close(run, probe);
}

#define CHECK(name, its_points, its_rules, its_anchor)                                             \
    .id = name, .step = 4, .points = its_points, .rules = its_rules, .anchor = its_anchor

const struct check saga_log_checks[] = {
    {CHECK("the_record_comes_first", 1, "S7", "forward"), .oracle = &saga_oracle,
     .rule = "Log before act: what a record says is done after it, even when a send is repeated.",
     .script = "create list=1\nstart now=0\ntimer now=100\ntimer now=120\n"
               "reply step=validate answer=ok cents=500 now=130\ntimer now=240\ntimer now=300\n",
     .hints = {"A command without its record is forgotten by a crash; its effect is not.",
               "SAGA_APPEND stands before SAGA_SEND in the list of actions."}},
    {CHECK("replay_gives_the_living_state", 2, "S7", "restart"), .oracle = &replay_oracle,
     .tier = TIER_MODEL, .generate = generate_replay, .rounds = 60,
     .rule = "A saga that has replayed the log describes itself as the living one does.",
     .hints = {"What differs was remembered, and not logged.",
               "Let handling and replaying call one function that applies a record."}},
    {CHECK("damaged_records_are_refused", 2, "S7", "restart"), .run = check_damage, .cpu_ms = 10000,
     .rule = "A record that is cut short, too long, or of another version is ERR_CORRUPT, to "
             "saga_record_json too, and no byte of it is believed before it was checked.",
     .hints = {"Compare the length with what its kind needs: not shorter, not longer; and each "
               "field with its range.",
               "The first byte is the version, and only the one that you write is read."}},
    {CHECK("a_record_in_the_wrong_place_is_refused", 1, "S7", "restart"), .run = check_order,
     .rule = "A record that cannot follow what is before it is ERR_CORRUPT.",
     .hints = {"A log that begins in its middle has lost its beginning.",
               "Ask of each record, before it is applied: may it come in this state?"}},
    {CHECK("a_long_log_is_read", 1, "S3 S7", "pivot"), .run = check_long,
     .rule = "A log with 70,000 sends of one command is replayed like any other.",
     .hints = {"Without limit: a number in your records has a greatest value.",
               "saga_command.attempt is an int; give it as many bytes in the record."}},
    {CHECK("the_log_reads_as_a_story", 2, "S8", "every-fault"), .run = saga_check_story,
     .rule = "The log says when it was started, each send and answer, the turn, parked, resumed, "
             "and the end.",
     .hints = {"saga_record_json writes one object; its comment in saga.h lists the words and "
               "members.",
               "UNKNOWN is an answer too, even when it was the clock that said it.",
               "A record that stands for several of these lists the others in \"then\"."}},
    {CHECK("no_writable_static_data", 1, "S7", "every-fault"), .run = check_statics,
     .rule = "Your files hold no variable that outlives a call: no globals, no writable statics.",
     .hints = {"A restart begins with the log alone; a static would survive it in a test only.",
               "Make tables static const. What must last belongs in struct saga."}},
    {0},
};
