/*
 * Given: the probe of lab 01, in which the judge drives your code one action at a time.
 *
 * It calls your functions and describes what came back; it knows no right answers. Try it:
 *     printf 'create items="prod-1*2@1990" at=1000\ndo command=ship at=2000\n' > /tmp/script
 *     build/trees/labs/01-order/probe --script /tmp/script
 *
 * The entity: one order in a register, shown after each action (id, customer, name, status,
 * version, total, created, updated, count, items, item_totals).
 *     create id= customer= name= items= at=      order_create; items are
 *                 "product/name*quantity@price=total;...", name and total may be left out;
 *                 count= total= status= version= are what the draft says besides
 *     do command= at=             order_apply
 *     show                        the register        forget    makes it version 0
 *     status_name status=N        word=               status_parse word=    status=N
 *
 * Events and snapshots as text.
 *     encode command= ...         type= schema= payload=     (command=track:Hamburg has a place;
 *                                                             create takes the fields above)
 *     decode type= schema= payload=    command=, and place= or the draft
 *     fold command= at=           order_fold into the register
 *     snapshot_encode             state= of the register     snapshot_decode state=
 *
 * The store: a new database at the first action that needs one.
 *     store every=N               another database, snapshots every N events (default 100)
 *     append stream= expected=N|none commands="create confirm" ids="e-1 e-2" at="1000 2000"
 *                 or batch=e for ids e-1, e-2, ...; at may be the first event's alone
 *     load stream=    load_version stream= version=    load_time stream= at=
 *     change id= command= if_version= at= meet="track:Bremen cancel"
 *                 order_change; meet: changes that somebody else makes, one before each of your
 *                 writes. writes= is how many there were, met= what became of the others
 *     place id= ... at= event= rollback=1        order_create, then order_commit in a write
 *     rows stream=                the stored events by version: row.1="type schema at" event.1=its
 *                                 id, payload.1=, and count=
 *     snapshots stream=           the snapshots by version: snapshot.2=schema state.2= and count=
 *     put_event stream= version= event= type= schema= at= payload=       past your code
 *     delete_event stream= version=    put_snapshot stream= version= schema= state=
 *     delete_snapshot stream= version=
 *
 * The disk (probe/power_loss.h).
 *     restart                     closes the database and opens it again
 *     power cut=N seed= lying=    cuts the power at the Nth write or sync from now; 0 counts only
 *     power_back                  restarts on what survived: operations=, off=1 when it was cut
 *
 * Messages.
 *     outbox                      message.1="topic key" event.1=its id payload.1=, and count=
 *     relay                       one order_relay_pass: moved=, writes=, bus_at_write=
 *     bus                         all messages on the bus       bus_put event= topic= key= payload=
 *     consume event= topic=       order_consume in a write      consume_pass    moved=
 *     count topic=                order_count
 *
 * Health.
 *     health_required total=N     required=
 *     health scope=liveness|readiness|health results="up down ..." measured= now= draining=1
 *                 order_health_report on the results of such a round: status= body=
 *     health_round now= hang=N    order_health_refresh on six checks of which each waits for the
 *                 others to begin, and check N hangs: results= measured= (as kept), locked=1 when
 *                 the results were locked while checks ran
 */
#include "probe_lab.h"

#include <string.h>
#include "kit/error.h"

static void answer(const struct lab *lab, int code, const struct error *err, struct text *reply)
{
    probe_result(reply, code, err);
    if (code != ERR_TODO)
        lab_add_order(reply, &lab->order);
}

static void do_create(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct order draft;
    if (!lab_draft(action, &draft)) {
        lab_bad(reply, "items: product/name*quantity@price=total;...");
        return;
    }
    int code = order_create(&lab->order, &draft, lab_int64(action, "at", 0), &err);
    answer(lab, code, &err, reply);
}

static void do_command(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    enum order_command command;
    char place[ORDER_NAME_MAX + 1];
    if (!lab_command(message_get_or(action, "command", ""), &command, place)) {
        lab_bad(reply, "there is no such command");
        return;
    }
    int code = order_apply(&lab->order, command, lab_int64(action, "at", 0), &err);
    answer(lab, code, &err, reply);
}

static void do_show(void *context, const struct message *action, struct text *reply)
{
    const struct lab *lab = context;
    (void)action;
    message_begin(reply, "ok");
    lab_add_order(reply, &lab->order);
}

static void do_forget(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    memset(&lab->order, 0, sizeof lab->order);
    do_show(context, action, reply);
}

static void do_status_name(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    const char *word = order_status_name((enum order_status)lab_int64(action, "status", 0));
    message_begin(reply, "ok");
    message_add(reply, "word", word != NULL ? word : "NULL");
}

static void do_status_parse(void *context, const struct message *action, struct text *reply)
{
    struct error err = {0};
    enum order_status status = ORDER_STATUSES;
    (void)context;
    int code = order_status_parse(message_get_or(action, "word", ""), &status, &err);
    probe_result(reply, code, &err);
    if (code == 0)
        message_add_int64(reply, "status", status);
}

static void do_encode(void *context, const struct message *action, struct text *reply)
{
    struct order draft;
    struct order_event event;
    struct text payload = {0};
    (void)context;
    if (!lab_event(action, message_get_or(action, "command", ""), &draft, &event)) {
        lab_bad(reply, "there is no such event");
        return;
    }
    const char *type = order_event_type(event.command);
    order_event_encode(&event, &payload);
    message_begin(reply, "ok");
    message_add(reply, "type", type != NULL ? type : "NULL");
    message_add_int64(reply, "schema", order_event_schema(event.command));
    message_add(reply, "payload", text_str(&payload));
    text_release(&payload);
}

static void do_decode(void *context, const struct message *action, struct text *reply)
{
    struct error err = {0};
    struct order draft;
    struct order_event event;
    (void)context;
    memset(&draft, 0, sizeof draft);
    memset(&event, 0, sizeof event);
    int code =
        order_event_decode(message_get_or(action, "type", ""), lab_int64(action, "schema", 1),
                           message_get_or(action, "payload", ""), &event, &draft, &err);
    probe_result(reply, code, &err);
    if (code != 0)
        return;
    message_add(reply, "command", lab_command_word(event.command));
    if (event.command == ORDER_TRACK)
        message_add(reply, "place", event.place);
    if (event.command == ORDER_CREATE && event.draft != NULL)
        lab_add_draft(reply, event.draft);
}

static void do_fold(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct order draft;
    struct order_event event;
    if (!lab_event(action, message_get_or(action, "command", ""), &draft, &event)) {
        lab_bad(reply, "there is no such event");
        return;
    }
    lab_copy(event.id, sizeof event.id, message_get_or(action, "event", "e-1"));
    event.at_ms = lab_int64(action, "at", 0);
    int code = order_fold(&lab->order, &event, &err);
    answer(lab, code, &err, reply);
}

static void do_snapshot_encode(void *context, const struct message *action, struct text *reply)
{
    const struct lab *lab = context;
    struct text state = {0};
    (void)action;
    order_snapshot_encode(&lab->order, &state);
    message_begin(reply, "ok");
    message_add(reply, "state", text_str(&state));
    text_release(&state);
}

static void do_snapshot_decode(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct order order;
    memset(&order, 0, sizeof order);
    int code = order_snapshot_decode(message_get_or(action, "state", ""), &order, &err);
    probe_result(reply, code, &err);
    if (code != 0)
        return;
    lab->order = order;
    lab_add_order(reply, &lab->order);
}

static const struct probe_action entity_actions[] = {
    {"create", do_create},
    {"do", do_command},
    {"show", do_show},
    {"forget", do_forget},
    {"status_name", do_status_name},
    {"status_parse", do_status_parse},
    {"encode", do_encode},
    {"decode", do_decode},
    {"fold", do_fold},
    {"snapshot_encode", do_snapshot_encode},
    {"snapshot_decode", do_snapshot_decode},
    {NULL, NULL},
};

/* Joins the tables of the probe's files into one. */
static void join(struct probe_action *all, int size, const struct probe_action *table)
{
    int count = 0;
    while (all[count].word != NULL)
        count++;
    while (table->word != NULL && count + 1 < size)
        all[count++] = *table++;
}

int main(int argc, char **argv)
{
    enum { ACTIONS_MAX = 64 };
    struct probe_action actions[ACTIONS_MAX] = {{NULL, NULL}};
    struct lab lab = {.bus_at_write = -1};
    join(actions, ACTIONS_MAX, entity_actions);
    join(actions, ACTIONS_MAX, lab_store_actions);
    join(actions, ACTIONS_MAX, lab_rows_actions);
    join(actions, ACTIONS_MAX, lab_outbox_actions);
    join(actions, ACTIONS_MAX, lab_health_actions);
    int status = probe_main(argc, argv, "01-order", actions, &lab);
    lab_close(&lab);
    return status;
}
