/*
 * Lab 01, step 2, first half: events as text, appending (E1), loading (E2), old events (E4).
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "judge/run.h"
#include "suites/01-order/model.h"
#include "suites/01-order/probe.h"

static const char appended[] =
    "append ids=\"e-1 e-2\" commands=\"create confirm\" at=\"1000 2000\"\n"
    "append stream=o-2 ids=f-1 commands=create at=1\n"
    "append expected=2 ids=e-3 commands=ship at=1500\n"
    "append expected=3 ids=\"e-4 e-5 e-6\" commands=\"track:Hamburg track:Bremen deliver\" "
    "at=4000\n"
    "append stream=o-2 expected=1 ids=f-2 commands=cancel at=9\n"
    "rows\n"
    "rows stream=o-2\n";

static const char done_before[] =
    "append ids=\"e-1 e-2\" commands=\"create confirm\" at=1000\n"
    "append ids=\"e-1 e-2\" commands=\"create confirm\" at=1000\n"
    "append expected=2 ids=\"e-3 e-4\" commands=\"ship track:Hamburg\" at=3000\n"
    "append expected=2 ids=\"e-3 e-4\" commands=\"ship track:Hamburg\" at=3000\n"
    "append expected=7 ids=\"e-1 e-2\" commands=\"create confirm\" at=1000\n"
    "append expected=2 ids=\"e-2 e-3\" commands=\"confirm ship\" at=2000\n"
    "rows\n";

static const char partly_done[] =
    "append ids=\"e-1 e-2 e-3\" commands=\"create confirm ship\" at=1000\n"
    "append expected=3 ids=\"e-3 e-4\" commands=\"ship deliver\" at=3000\n"
    "append expected=3 ids=\"e-4 e-2\" commands=\"track:Hamburg confirm\" at=3000\n"
    "append expected=3 ids=\"e-2 e-1\" commands=\"confirm create\" at=3000\n"
    "append expected=3 ids=\"e-1 e-3\" commands=\"create ship\" at=3000\n"
    "append stream=o-2 ids=e-1 commands=create at=1000\n"
    "append stream=o-2 ids=\"f-1 e-2\" commands=\"create confirm\" at=1000\n"
    "rows\n"
    "rows stream=o-2\n";

static const char wrong_version[] =
    "append ids=\"e-1 e-2\" commands=\"create confirm\" at=1000\n"
    "append expected=1 ids=e-3 commands=ship at=3000\n"
    "append expected=3 ids=e-4 commands=ship at=3000\n"
    "rows\n"
    "append expected=2 ids=e-5 commands=ship at=3000\n"
    "append expected=2 ids=\"e-6 e-7\" commands=\"track:Hamburg deliver\" at=3000\n"
    "rows\n";

static const char no_stream[] = "append expected=0 ids=e-1 commands=create at=1\n"
                                "append expected=none ids=e-2 commands=create at=1\n"
                                "append expected=0 ids=e-3 commands=confirm at=2\n"
                                "append expected=none ids=e-4 commands=create at=2\n"
                                "append stream=o-2 expected=none ids=f-1 commands=create at=3\n"
                                "append expected=1 ids=e-5 commands=confirm at=4\n";

/* Times fall, versions have two digits: neither text nor time is the order of events. */
static const char folded[] =
    "append ids=\"e-1 e-2 e-3\" commands=\"create confirm ship\" at=\"5000 4000 3000\" "
    "items=\"prod-1/Pen*2@1990;prod-2*4@500\" name=\"Grace Hopper\"\n"
    "load\n"
    "append expected=3 batch=t commands=\"track:A track:B track:C track:D track:E track:F track:G "
    "track:H\" at=\"2900 2800 2700 2600 2500 2400 2300 2200\"\n"
    "load\n"
    "append expected=11 batch=d commands=deliver at=100\n"
    "load\n"
    "load stream=o-9\n";

/* --- events that no skeleton of ours wrote ------------------------------------------------ */

static void put_event(struct scenario *out, const char *stream, int version, const char *type,
                      int schema, const char *payload)
{
    struct text line = {0}, event = {0};
    text_addf(&event, "%s-%d", stream, version);
    message_begin(&line, "put_event");
    message_add(&line, "stream", stream);
    message_add_int64(&line, "version", version);
    message_add(&line, "event", text_str(&event));
    message_add(&line, "type", type);
    message_add_int64(&line, "schema", schema);
    message_add_int64(&line, "at", 1000 * version);
    message_add(&line, "payload", payload);
    scenario_add(out, "%s", text_str(&line));
    text_release(&line);
    text_release(&event);
}

static void decode(struct scenario *out, const char *type, int schema, const char *payload)
{
    struct text line = {0};
    message_begin(&line, "decode");
    message_add(&line, "type", type);
    message_add_int64(&line, "schema", schema);
    message_add(&line, "payload", payload);
    scenario_add(out, "%s", text_str(&line));
    text_release(&line);
}

#define CREATED(items)                                                                             \
    "{\"id\":\"o-1\",\"customerId\":\"user-123\",\"customerName\":\"Ada\",\"items\":" items "}"
#define PEN(price) "{\"productId\":\"prod-1\",\"productName\":\"Pen\",\"quantity\":2," price "}"

static const char created_event[] = CREATED("[" PEN("\"unitPriceCents\":1990") "]");

static void payloads(struct scenario *out, const struct random *random)
{
    (void)random;
    for (int i = 0; i < MODEL_COMMANDS; i++)
        scenario_add(out, "encode command=%s%s", model_command_words[i],
                     i == MODEL_TRACK ? ":Hamburg" : "");
    scenario_add(out, "encode command=create id=o-2 customer=user-9 name=\"\" "
                      "items=\"prod-1/Pen \\\"fine\\\"*1@0;prod-2*7@9999\"");
    decode(out, "order.created", 2, created_event);
    decode(out, "order.created", 2,
           CREATED("[" PEN("\"unitPriceCents\":0,\"colour\":\"red\"") "]"));
    decode(out, "order.tracked", 1, "{\"by\":\"van\", \"place\":\"K\xc3\xb6ln\"}");
    decode(out, "order.confirmed", 1, "{}");
    decode(out, "order.shipped", 1, " {\"carrier\": null} ");
    decode(out, "order.delivered", 1, "{}");
    decode(out, "order.cancelled", 1, "{}");
}

static void unknown_events(struct scenario *out, const struct random *random)
{
    (void)random;
    put_event(out, "good", 1, "order.created", 2, created_event);
    put_event(out, "good", 2, "order.confirmed", 1, "{}");
    scenario_add(out, "load stream=good");
    static const struct {
        const char *stream, *type;
        int schema;
    } unknown[] = {{"type", "order.gifted", 1},
                   {"prefix", "order.confirm", 1},
                   {"case", "Order.Confirmed", 1},
                   {"newer", "order.confirmed", 2},
                   {"zero", "order.confirmed", 0}};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        put_event(out, unknown[i].stream, 1, "order.created", 2, created_event);
        put_event(out, unknown[i].stream, 2, unknown[i].type, unknown[i].schema, "{}");
        scenario_add(out, "load stream=%s", unknown[i].stream);
    }
    put_event(out, "future", 1, "order.created", 3, created_event);
    scenario_add(out, "load stream=future");
}

static void damaged_histories(struct scenario *out, const struct random *random)
{
    static const char *const payloads_of_created[] = {
        "{",
        "[]",
        "{\"id\":\"o-1\",\"customerId\":\"user-123\",\"customerName\":\"Ada\"}",
        CREATED("[]"),
        CREATED("[" PEN("\"unitPriceCents\":\"1990\"") "]"),
        CREATED("[" PEN("\"unitPriceCents\":-1") "]"),
        CREATED("[" PEN("\"unitPriceCents\":10000000000") "]"),
        CREATED("[" PEN("\"price\":19.9") "]"),
    };
    (void)random;
    put_event(out, "good", 1, "order.created", 2, created_event);
    scenario_add(out, "load stream=good");
    for (size_t i = 0; i < sizeof payloads_of_created / sizeof payloads_of_created[0]; i++) {
        char stream[16];
        snprintf(stream, sizeof stream, "bad-%zu", i + 1);
        put_event(out, stream, 1, "order.created", 2, payloads_of_created[i]);
        scenario_add(out, "load stream=%s", stream);
    }
    put_event(out, "nowhere", 1, "order.created", 2, created_event);
    put_event(out, "nowhere", 2, "order.confirmed", 1, "{}");
    put_event(out, "nowhere", 3, "order.shipped", 1, "{}");
    put_event(out, "nowhere", 4, "order.tracked", 1, "{\"where\":\"Hamburg\"}");
    scenario_add(out, "load stream=nowhere");
}

/* Events that are well written and cannot have happened. */
static void impossible_histories(struct scenario *out, const struct random *random)
{
    static const struct {
        const char *stream, *second;
    } impossible[] = {{"skip", "order.shipped"}, {"leap", "order.delivered"}, {"twice", NULL}};
    (void)random;
    put_event(out, "good", 1, "order.created", 2, created_event);
    put_event(out, "good", 2, "order.cancelled", 1, "{}");
    scenario_add(out, "load stream=good");
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        const char *second = impossible[i].second;
        put_event(out, impossible[i].stream, 1, "order.created", 2, created_event);
        put_event(out, impossible[i].stream, 2, second != NULL ? second : "order.created",
                  second != NULL ? 1 : 2, second != NULL ? "{}" : created_event);
        scenario_add(out, "load stream=%s", impossible[i].stream);
    }
    put_event(out, "headless", 1, "order.confirmed", 1, "{}");
    scenario_add(out, "load stream=headless");
    scenario_add(out, "create at=1000");
    scenario_add(out, "fold command=ship at=2000");
}

/* Put there event by event, so that no snapshot can cover the gap. */
static void missing_versions(struct scenario *out, const struct random *random)
{
    static const char *const types[] = {"order.created", "order.confirmed", "order.shipped",
                                        "order.tracked", "order.tracked"};
    (void)random;
    for (int missing = 0; missing < 5; missing++) {
        char stream[16];
        snprintf(stream, sizeof stream, "gap-%d", missing);
        for (int version = 1; version <= 5; version++)
            if (version != missing)
                put_event(out, stream, version, types[version - 1], version == 1 ? 2 : 1,
                          version == 1  ? created_event
                          : version > 3 ? "{\"place\":\"Hamburg\"}"
                                        : "{}");
        scenario_add(out, "load stream=%s", stream);
    }
}

static void old_prices(struct scenario *out, const struct random *random)
{
    static const char *const prices[] = {"19.9",  "10",   "0.07",     "1e2",
                                         "0",     "1.10", "4.35",     "33333333.33",
                                         "1.005", "-1",   "\"19.9\"", "99999999999"};
    (void)random;
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        char stream[16];
        struct text payload = {0};
        snprintf(stream, sizeof stream, "old-%zu", i + 1);
        text_addf(&payload,
                  "{\"id\":\"%s\",\"customerId\":\"user-123\",\"customerName\":\"Ada\",\"items\":["
                  "{\"productId\":\"prod-1\",\"productName\":\"Pen\",\"quantity\":3,\"price\":%s},"
                  "{\"productId\":\"prod-2\",\"productName\":\"\",\"quantity\":1,\"price\":0.1}]}",
                  stream, prices[i]);
        put_event(out, stream, 1, "order.created", 1, text_str(&payload));
        text_release(&payload);
        scenario_add(out, "load stream=%s", stream);
    }
    scenario_add(out, "append stream=old-1 expected=1 ids=e-1 commands=confirm at=2000");
    scenario_add(out, "load stream=old-1");
}

static void old_bytes(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add(out, "store every=2");
    put_event(out, "o-1", 1, "order.created", 1,
              "{ "
              "\"items\":[{\"price\":19.90,\"quantity\":2,\"productId\":\"prod-1\",\"productName\":"
              "\"\"}],\n"
              "  \"customerName\":\"Ada\", \"customerId\":\"user-123\", \"id\":\"o-1\" }");
    scenario_add(out, "rows");
    scenario_add(out, "load");
    scenario_add(out, "append expected=1 ids=e-2 commands=confirm at=2000");
    scenario_add(out, "append expected=2 ids=e-3 commands=ship at=3000");
    scenario_add(out, "load");
    scenario_add(out, "restart");
    scenario_add(out, "load_version version=1");
    scenario_add(out, "rows");
}

/* --- loading twice ------------------------------------------------------------------------ */

static const char *const asked_twice[] = {"load", "load_version version=3", "rows", "snapshots"};
enum { ASKED = sizeof asked_twice / sizeof asked_twice[0] };

static int ask_all(struct check_run *run, struct probe *probe, struct message replies[ASKED])
{
    int ended = 0;
    for (int i = 0; i < ASKED && !ended; i++)
        ended = run_ask(run, probe, &replies[i], "%s", asked_twice[i]);
    return ended;
}

static int expect_same(struct check_run *run, const struct message *first,
                       const struct message *second, const char *action)
{
    int same = strcmp(first->word, second->word) == 0 && first->field_count == second->field_count;
    for (int i = 0; same && i < first->field_count; i++) {
        const char *value = message_get(second, first->fields[i].name);
        same = value != NULL && strcmp(value, first->fields[i].value) == 0;
        if (!same)
            return run_fail(run, "wrong answer", "both times the same",
                            "%s=%s, then %s, for \"%s\"", first->fields[i].name,
                            first->fields[i].value, value != NULL ? value : "nothing", action);
    }
    return same ? 0
                : run_fail(run, "wrong answer", "both times the same", "%s, then %s, for \"%s\"",
                           first->word, second->word, action);
}

static void loading_twice(struct check_run *run)
{
    struct message setup[2] = {0}, first[ASKED] = {0}, second[ASKED] = {0};
    struct probe *probe = run_probe(run);
    if (probe == NULL ||
        run_ask(run, probe, &setup[0], "append batch=e commands=\"create confirm ship\" at=1000") ||
        ask_all(run, probe, first) || run_ask(run, probe, &setup[1], "restart") ||
        ask_all(run, probe, second))
        goto out;
    /* The positive control: there is something to load. */
    if (strcmp(first[0].word, "ok") != 0 || message_get(&first[2], "row.3") == NULL) {
        run_fail(run, "wrong answer", "ok, with the order that was appended", "%s code=%s",
                 first[0].word, message_get_or(&first[0], "code", ""));
        goto out;
    }
    for (int i = 0; i < ASKED && !run_ended(run); i++)
        expect_same(run, &first[i], &second[i], asked_twice[i]);
out:
    run_close(run, probe);
    for (int i = 0; i < ASKED; i++) {
        message_release(&first[i]);
        message_release(&second[i]);
    }
    message_release(&setup[0]);
    message_release(&setup[1]);
}

const struct check order_events_checks[] = {
    {.id = "append_stores_events_in_order",
     .rule =
         "A batch's events get the stream's next versions without a gap, each stream by itself.",
     .rules = "E1",
     .step = 2,
     .points = 1,
     .gate = 1,
     .anchor = "appending",
     .hints = {"Which version does the first event of a new stream get, and the first of the next "
               "batch?",
               "One INSERT for each event: stream, last version + 1, + 2, ..., its id, "
               "order_event_type, order_event_schema, at_ms and the encoded payload."},
     .script = appended,
     .oracle = &order_oracle,
     .judged = "code count row.* event.*"},
    {.id = "event_payloads_go_there_and_back",
     .rule = "Every event is written in the form of order_events.h, and read from it again.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .anchor = "events-as-json",
     .hints = {"Compare the payload with the table at the top of order_events.h, name by name.",
               "Write with json_writer, read with json_reader; ask for the members you need and "
               "leave the others alone."},
     .generate = payloads,
     .oracle = &order_oracle,
     .judged = "code type schema payload* command place id customer name items"},
    {.id = "same_batch_again_is_done_already",
     .rule = "A batch whose event ids are all stored in a row was done before: 0, and nothing is "
             "written.",
     .rules = "E1",
     .step = 2,
     .points = 1,
     .anchor = "appending",
     .hints = {"A caller that got no answer asks again. Which version does it expect by then?",
               "Look for the event ids before you look at the expected version.",
               "All found in this stream, each one version after the one before: return 0."},
     .script = done_before,
     .oracle = &order_oracle,
     .judged = "code count"},
    {.id = "partly_same_batch_is_refused",
     .rule = "A batch of which some events are stored, anywhere, is ERR_EXISTS, and nothing is "
             "written.",
     .rules = "E1",
     .step = 2,
     .points = 1,
     .anchor = "appending",
     .hints = {"Half of it is there: is that done, or new? Where else could an id be stored?",
               "Count the ids found in the whole table. All in place: done. None: go on. Anything "
               "between: ERR_EXISTS.",
               "In another stream, in another order or with a gap is not in place."},
     .script = partly_done,
     .oracle = &order_oracle,
     .judged = "code count"},
    {.id = "wrong_expected_version_writes_nothing",
     .rule = "When the stream's last version is not the expected one: ERR_CONFLICT, nothing "
             "written.",
     .rules = "E1",
     .step = 2,
     .points = 1,
     .anchor = "appending",
     .hints = {"What if the expected version is higher than the last one?",
               "Read the last version in the same transaction and compare for equality before the "
               "first INSERT."},
     .script = wrong_version,
     .oracle = &order_oracle,
     .judged = "code count"},
    {.id = "no_stream_is_not_version_zero",
     .rule = "Only ORDER_NO_STREAM fits a stream without events; 0 fits no stream at all.",
     .rules = "E1",
     .step = 2,
     .points = 1,
     .anchor = "appending",
     .hints =
         {"What does MAX(version) give for no rows, and what does your code make of it?",
          "A stream that has no row is at ORDER_NO_STREAM (-1), never at 0: compare with that."},
     .script = no_stream,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "load_folds_events_in_order",
     .rule = "Loading applies a stream's events in the order of their versions.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .gate = 1,
     .anchor = "loading",
     .hints =
         {"By what are your rows ordered when the wall clock has jumped back?",
          "ORDER BY version; decode each row, fill in at_ms, and hand it to order_fold. No row "
          "at all: ERR_NOT_FOUND.",
          "The caller's struct order is not zero before: begin with version 0 yourself."},
     .script = folded,
     .oracle = &order_oracle,
     .judged = "code " ORDER_FIELDS},
    {.id = "loading_twice_gives_the_same_order",
     .rule = "Loading reads no clock and no randomness and writes nothing: twice gives the same.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .anchor = "loading",
     .hints = {"Which part of your order comes from now, and not from an event?",
               "order_fold takes its time from event->at_ms; nothing in order_load may INSERT."},
     .run = loading_twice},
    {.id = "unknown_event_is_an_error",
     .rule = "An event type or schema that is not known is ERR_CORRUPT, never skipped.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .anchor = "loading",
     .hints = {"What would an order be worth with one event left out?",
               "Compare the whole type, and the schema with the list in order_events.h: anything "
               "else returns ERR_CORRUPT, and the load returns it too."},
     .generate = unknown_events,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "damaged_payload_is_an_error",
     .rule = "A payload that is not as order_events.h says is ERR_CORRUPT.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .anchor = "loading",
     .hints = {"What does json_parse return for \"{\", and what do the readers count?",
               "Read all members, then look at errors.count once: more than 0 is ERR_CORRUPT. What "
               "order_create refuses cannot have been accepted either."},
     .generate = damaged_histories,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "impossible_history_is_an_error",
     .rule = "An event that cannot follow is ERR_CORRUPT, and the order is untouched.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .anchor = "loading",
     .hints = {"By which rules was the event accepted, once? Apply the same ones.",
               "order_fold calls order_create or order_apply; when they refuse, it is ERR_CORRUPT. "
               "Version 0 takes only ORDER_CREATE, and any other version takes all but that."},
     .generate = impossible_histories,
     .oracle = &order_oracle,
     .judged = "code " ORDER_FIELDS},
    {.id = "missing_version_is_an_error",
     .rule = "A history with a version missing is ERR_CORRUPT.",
     .rules = "E2",
     .step = 2,
     .points = 1,
     .anchor = "loading",
     .hints = {"Versions are 1, 2, 3, ... Who notices when 4 is gone?",
               "Each row's version must be the order's version + 1, the first one's too."},
     .generate = missing_versions,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "old_prices_are_read_through_an_upcaster",
     .rule = "order.created of schema 1 is read: \"price\" in major units becomes exact cents.",
     .rules = "E4",
     .step = 2,
     .points = 1,
     .anchor = "old-events",
     .hints = {"4.35 x 100 is 434.99999999999994 in a double. What does your conversion give?",
               "json_cents reads a price exactly, and refuses 1.005; the rest of the payload is "
               "read as for schema 2."},
     .generate = old_prices,
     .oracle = &order_oracle,
     .judged = "code total items item_totals status version"},
    {.id = "stored_bytes_never_change",
     .rule = "Reading an old event leaves its row as it was, byte for byte.",
     .rules = "E4",
     .step = 2,
     .points = 1,
     .anchor = "old-events",
     .hints = {"When is an old event turned into the newest schema: at reading, or for good?",
               "Upcast in memory, each time. No UPDATE and no DELETE ever touches order_events."},
     .generate = old_bytes,
     .oracle = &order_oracle,
     .judged = "code row.* payload.1"},
    {0},
};
