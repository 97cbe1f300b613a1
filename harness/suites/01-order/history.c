/*
 * Lab 01, step 2, second half: snapshots (E3) and orders as of then (E6).
 */
#include <stddef.h>
#include "suites/01-order/model.h"
#include "suites/01-order/probe.h"

/* One event each, then batches that pass a multiple without ending there. */
static void due_snapshots(struct scenario *out, const struct random *random)
{
    struct text tracks = {0};
    (void)random;
    scenario_add(out, "store every=2");
    scenario_add(out, "append ids=e-1 commands=create at=1");
    scenario_add(out, "append expected=1 ids=e-2 commands=confirm at=2");
    scenario_add(out, "append expected=2 ids=e-3 commands=ship at=3");
    scenario_add(out, "append expected=3 ids=e-4 commands=track:A at=4");
    scenario_add(out, "snapshots");
    scenario_add(out, "store every=3");
    scenario_add(out, "append batch=a commands=\"create confirm\" at=1");
    scenario_add(out, "append expected=2 batch=b commands=\"ship track:A\" at=3");
    scenario_add(out,
                 "append expected=4 batch=c commands=\"track:B track:C track:D track:E\" at=5");
    scenario_add(out, "append expected=8 batch=d commands=deliver at=9");
    scenario_add(out, "snapshots");
    for (int i = 0; i < 96; i++)
        text_addf(&tracks, " track:P%d", i);
    scenario_add(out, "store");
    scenario_add(out, "append batch=a commands=\"create confirm ship%s\" at=1", text_str(&tracks));
    scenario_add(out, "append expected=99 batch=b commands=track:X at=2");
    scenario_add(out, "snapshots");
    text_release(&tracks);
}

static const char whole_snapshots[] =
    "create id=o-5 customer=user-9 name=\"Grace Hopper\" items=\"a/Pen*2@1990;b*1@0\" at=1000\n"
    "snapshot_encode\n"
    "do command=confirm at=500\n"
    "do command=ship at=3000\n"
    "snapshot_encode\n"
    "store every=3\n"
    "append batch=e commands=\"create confirm ship\" at=\"1000 500 3000\" "
    "items=\"a/Pen*2@1990;b*7@1\"\n"
    "snapshots\n"
    "snapshot_decode state=\"{\\\"id\\\":\\\"o-6\\\",\\\"customerId\\\":\\\"user-1\\\","
    "\\\"customerName\\\":\\\"Ada\\\",\\\"items\\\":[{\\\"productId\\\":\\\"p\\\","
    "\\\"productName\\\":\\\"\\\",\\\"quantity\\\":3,\\\"unitPriceCents\\\":250}],"
    "\\\"status\\\":\\\"DELIVERED\\\",\\\"version\\\":9,\\\"createdAtMs\\\":5,"
    "\\\"updatedAtMs\\\":4}\"\n"
    "snapshot_decode state=\"{\\\"id\\\":\\\"o-6\\\"}\"\n";

/* A snapshot whose customer is called otherwise, to see which one a load begins with. */
static void put_snapshot(struct scenario *out, int version, int schema, const char *name,
                         const char *status)
{
    struct text line = {0}, state = {0};
    text_addf(&state,
              "{\"id\":\"o-1\",\"customerId\":\"user-123\",\"customerName\":\"%s\",\"items\":["
              "{\"productId\":\"prod-1\",\"productName\":\"Pen\",\"quantity\":2,"
              "\"unitPriceCents\":1990}],\"status\":\"%s\",\"version\":%d,\"createdAtMs\":1000,"
              "\"updatedAtMs\":%d}",
              name, status, version, 999 + version);
    message_begin(&line, "put_snapshot");
    message_add_int64(&line, "version", version);
    message_add_int64(&line, "schema", schema);
    message_add(&line, "state", text_str(&state));
    scenario_add(out, "%s", text_str(&line));
    text_release(&line);
    text_release(&state);
}

static const char five_events[] =
    "append batch=e commands=\"create confirm ship track:A track:B\" at=1000";

static void newest_snapshot(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add(out, "%s", five_events);
    put_snapshot(out, 5, 2, "Eve", "SHIPPED");
    scenario_add(out, "load");
    put_snapshot(out, 2, 2, "Mallory", "CONFIRMED");
    scenario_add(out, "load");
    scenario_add(out, "append expected=5 ids=f-6 commands=deliver at=2000");
    scenario_add(out, "load");
    scenario_add(out, "load_version version=3");
}

static void other_schemas(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add(out, "%s", five_events);
    put_snapshot(out, 3, 1, "Old", "SHIPPED");
    scenario_add(out, "load");
    put_snapshot(out, 5, 3, "Future", "SHIPPED");
    scenario_add(out, "load");
    put_snapshot(out, 2, 2, "Eve", "CONFIRMED");
    scenario_add(out, "load");
    scenario_add(out, "put_snapshot version=4 schema=1 state=\"not even JSON\"");
    scenario_add(out, "load");
}

static const char tails[] =
    "store every=2\n"
    "append batch=a commands=\"create confirm\" at=1000\n"
    "load\n"
    "append expected=2 ids=e-3 commands=ship at=3000\n"
    "load\n"
    "append expected=3 batch=b commands=\"track:A track:B deliver\" at=\"2500 2600 2700\"\n"
    "load\n"
    "store every=3\n"
    "append batch=c commands=\"create confirm ship track:A\" at=1000\n"
    "append expected=4 ids=e-9 commands=cancel at=5\n"
    "load\n";

static const char deleted_snapshots[] =
    "store every=2\n"
    "append batch=a commands=\"create confirm\" at=1000\n"
    "append expected=2 batch=b commands=\"ship track:A\" at=3000\n"
    "append expected=4 batch=c commands=\"track:B track:C\" at=5000\n"
    "append expected=6 batch=d commands=track:D at=7000\n"
    "load\n"
    "delete_snapshot version=4\n"
    "load\n"
    "delete_snapshot version=6\n"
    "load\n"
    "delete_snapshot version=2\n"
    "load\n"
    "append expected=7 batch=f commands=deliver at=9000\n"
    "load\n"
    "delete_snapshot version=8\n"
    "load\n";

static const char kept_history[] =
    "store every=2\n"
    "append batch=a commands=\"create confirm\" at=1000\n"
    "append expected=2 batch=b commands=\"ship track:A\" at=3000\n"
    "append expected=4 batch=c commands=\"track:B deliver\" at=5000\n"
    "rows\n"
    "load_version version=1\n"
    "load_version version=3\n";

static const char versions_then[] = "store every=2\n"
                                    "append batch=a commands=\"create confirm\" at=1000\n"
                                    "append expected=2 batch=b commands=\"ship track:A\" at=3000\n"
                                    "append expected=4 batch=c commands=deliver at=5000\n"
                                    "load_version version=1\n"
                                    "load_version version=2\n"
                                    "load_version version=3\n"
                                    "load_version version=4\n"
                                    "load_version version=5\n"
                                    "load_version version=6\n"
                                    "load_version version=0\n"
                                    "load_version version=-1\n"
                                    "load_version stream=o-9 version=1\n";

/* Version 3 is earlier than version 2, and 4 and 5 share a time. */
static const char times_then[] =
    "store every=2\n"
    "append batch=a commands=\"create confirm ship\" at=\"1000 3000 2000\"\n"
    "append expected=3 batch=b commands=\"track:A track:B deliver\" at=\"2500 2500 4000\"\n"
    "load_time at=999\n"
    "load_time at=1000\n"
    "load_time at=1999\n"
    "load_time at=2000\n"
    "load_time at=2499\n"
    "load_time at=2500\n"
    "load_time at=3000\n"
    "load_time at=3999\n"
    "load_time at=4000\n"
    "load_time at=99999\n"
    "load_time stream=o-9 at=5000\n";

const struct check order_history_checks[] = {
    {.id = "snapshot_is_written_at_each_multiple",
     .rule = "A snapshot is written when a batch reaches or passes a multiple of snapshot_every, "
             "labelled with the batch's last version.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"Every 3 events: a batch takes the stream from version 2 to 4. When is the snapshot "
               "due, and which version is it of?",
               "Due when before / every differs from after / every; its label is the version of "
               "the last event that is folded in, here 4."},
     .generate = due_snapshots,
     .oracle = &order_oracle,
     .judged = "code snapshot.*"},
    {.id = "snapshot_holds_the_whole_order",
     .rule = "A snapshot's state has all members of the order, and gives the same order again.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"Which members of struct order can be worked out from the others, and which not?",
               "The members of order.created, then status, version, createdAtMs, updatedAtMs; the "
               "totals are computed again when it is read."},
     .script = whole_snapshots,
     .oracle = &order_oracle,
     .judged = "code state* " ORDER_FIELDS},
    {.id = "load_starts_from_the_newest_snapshot",
     .rule = "A load starts from the newest snapshot that is not beyond the version asked for.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"The check gave the snapshots another customer name. Whose name did your load show, "
               "and what does that say about where it began?",
               "ORDER BY version DESC LIMIT 1, with version <= the one asked for; then fold the "
               "events after it onto that state."},
     .generate = newest_snapshot,
     .oracle = &order_oracle,
     .judged = "code name"},
    {.id = "tail_is_strictly_after_the_snapshot",
     .rule = "Onto the snapshot's state come the events strictly after it: none twice, none left "
             "out.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"The snapshot says version 2. Which is the first event to fold?",
               "WHERE version > the snapshot's version. The first row must be that version + 1."},
     .script = tails,
     .oracle = &order_oracle,
     .judged = "code " ORDER_FIELDS},
    {.id = "deleting_any_snapshot_changes_nothing",
     .rule = "Whichever snapshots are deleted, loading gives the same order.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"A snapshot is a short cut. What must always be possible without it?",
               "Without a snapshot begin with version 0 and fold from event 1; never expect a "
               "snapshot at a certain version."},
     .script = deleted_snapshots,
     .oracle = &order_oracle,
     .judged = "code " ORDER_FIELDS},
    {.id = "snapshot_of_another_schema_is_discarded",
     .rule = "A snapshot whose schema is not ORDER_SNAPSHOT_SCHEMA is as good as none.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"An older program wrote it. Does its state have to be readable at all?",
               "WHERE schema = ORDER_SNAPSHOT_SCHEMA: not even decoded otherwise, and an older one "
               "of the right schema is used in its place."},
     .generate = other_schemas,
     .oracle = &order_oracle,
     .judged = "code name status version"},
    {.id = "history_is_not_cut_at_the_snapshot",
     .rule = "Every event stays stored, even those that a snapshot covers.",
     .rules = "E3",
     .step = 2,
     .points = 1,
     .anchor = "snapshots",
     .hints = {"What can nobody ask any more once the events before a snapshot are gone?",
               "No DELETE on order_events, ever."},
     .script = kept_history,
     .oracle = &order_oracle,
     .judged = "code count row.* version"},
    {.id = "order_as_of_a_version",
     .rule = "order_load_version gives the order as it was then; a version that never was is "
             "ERR_NOT_FOUND.",
     .rules = "E6",
     .step = 2,
     .points = 1,
     .anchor = "the-past",
     .hints = {"What does your load do with a snapshot that is later than the version asked for?",
               "The same load with an upper bound for snapshot and events; at the end the order's "
               "version must be exactly the one asked for."},
     .script = versions_then,
     .oracle = &order_oracle,
     .judged = "code " ORDER_FIELDS},
    {.id = "order_as_of_a_time",
     .rule = "order_load_time gives the highest version whose time is not later, though times jump "
             "back.",
     .rules = "E6",
     .step = 2,
     .points = 1,
     .anchor = "the-past",
     .hints = {"Version 2 is from 3000, version 3 from 2000. Which one was there at 2500?",
               "SELECT the highest version with at_ms <= wall_ms, then load that version. Stopping "
               "at the first later event is another rule."},
     .script = times_then,
     .oracle = &order_oracle,
     .judged = "code " ORDER_FIELDS},
    {0},
};
