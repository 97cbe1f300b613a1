/*
 * What nobody waits for: messages gather in an outbox, travel together, and reach the readers.
 */
#include <stddef.h>
#include "04-chat/load_costs.h"
#include "suites/04-chat/load_run.h"

#define US(microseconds) ((int64_t)1000 * (microseconds))

enum { STREAM_SLICES = 32 /* readers of one message whose times are told apart */ };

/* --- the outbox ------------------------------------------------------------------------------- */

static void append(struct letter_item **first, struct letter_item **last, struct letter_item *item)
{
    item->next = NULL;
    if (*first == NULL)
        *first = item;
    else
        (*last)->next = item;
    *last = item;
}

static struct letter_item *item_of(struct load_run *run, const struct letter *letter)
{
    struct letter_item *item = pool_take(&run->letters);
    if (item == NULL)
        run->events.overloaded = 1;
    else
        item->letter = *letter;
    return item;
}

void load_post(struct load_run *run, int node, int instance, const struct letter *letter)
{
    struct outbox *outbox = &run->outboxes[node][instance];
    const struct design_hop *hop = run->plan->nodes[node].hop;
    if (hop->kind == DESIGN_POST && run->buffered[node] >= hop->buffer) {
        load_lose(run, outbox->node, 1);
        return;
    }
    struct letter_item *item = item_of(run, letter);
    if (item == NULL)
        return;
    append(&outbox->first, &outbox->last, item);
    run->buffered[node]++;
    const int gathers = hop->batch_ms > 0 && hop->from >= 0; /* a client has nobody to wait for */
    if (++outbox->count >= hop->batch || !gathers) {
        load_flush(run, outbox, 0);
    } else if (outbox->count == 1) {
        outbox->due_ns = run->events.now_ns + US(1000 * hop->batch_ms);
        load_add(run, outbox->due_ns - run->events.now_ns, LOAD_FLUSH, outbox);
    }
}

/* --- who gets what ---------------------------------------------------------------------------- */

/* The part of a letter that goes to one instance joins the batch for it. */
static void join(struct load_run *run, const struct plan_node *node, int instance,
                 uint32_t partition, const struct letter *letter, int *touched_count)
{
    struct visit *visit = run->open[instance];
    if (visit == NULL) {
        visit = load_visit(run, load_node(run, node), letter);
        if (visit == NULL)
            return;
        visit->instance = instance;
        visit->partition = partition;
        run->open[instance] = visit;
        run->touched[(*touched_count)++] = instance;
    }
    struct letter_item *item = item_of(run, letter);
    if (item == NULL)
        return;
    append(&visit->first, &visit->last, item);
    visit->letter_count++;
}

/* A share of the readers to each instance: one by one where they are few. */
static void part_readers(struct load_run *run, const struct plan_node *node, struct letter letter,
                         int instances, int *touched_count)
{
    const int readers =
        node->audience == TO_WORKSPACE_MEMBERS ? COST_WORKSPACE_READERS : letter.readers;
    const int each = readers / instances, rest = readers % instances;
    const int first = (int)chance_below(&run->routes, (uint32_t)instances);
    if (run->scenario->has_home) {
        join(run, node, (int)(letter.channel % (uint32_t)instances), 0, &letter, touched_count);
        return;
    }
    if (readers <= 2 * instances) {
        letter.readers = 1;
        for (int i = 0; i < readers; i++)
            join(run, node, (int)chance_below(&run->routes, (uint32_t)instances), 0, &letter,
                 touched_count);
        return;
    }
    for (int i = 0; i < instances; i++) {
        letter.readers = each + (i < rest);
        join(run, node, (first + i) % instances, 0, &letter, touched_count);
    }
}

static void part(struct load_run *run, const struct plan_node *node, const struct letter *letter,
                 int *touched_count)
{
    const struct design_service *service = &run->plan->model->services[node->service];
    const int lost = node->service == run->plan->gateway ? run->scenario->lost_gateways : 0;
    const int instances = service->instances - lost;
    if (node->target == TARGET_READERS) {
        part_readers(run, node, *letter, instances, touched_count);
    } else if (node->target == TARGET_ANY) {
        /* Those that travel together go to one instance. */
        const int instance = *touched_count > 0
                                 ? run->touched[0]
                                 : (int)chance_below(&run->routes, (uint32_t)instances);
        join(run, node, instance, 0, letter, touched_count);
    } else {
        const uint32_t partition = load_partition(run, node, letter);
        join(run, node, (int)(partition % (uint32_t)instances), partition, letter, touched_count);
    }
}

void load_flush(struct load_run *run, struct outbox *outbox, int is_timed)
{
    const struct plan_node *node = outbox->node;
    int touched_count = 0;
    if (is_timed && (outbox->count == 0 || outbox->due_ns != run->events.now_ns))
        return; /* that batch has left, being full */
    while (outbox->first != NULL) {
        struct letter_item *item = outbox->first;
        outbox->first = item->next;
        part(run, node, &item->letter, &touched_count);
        pool_give(&run->letters, item);
    }
    run->buffered[load_node(run, node)] -= outbox->count;
    outbox->count = 0;
    for (int i = 0; i < touched_count; i++) {
        load_add(run, run->plan->costs.hop_ns, LOAD_REACH, run->open[run->touched[i]]);
        run->open[run->touched[i]] = NULL;
    }
}

/* A post keeps it and tries again for ever; what is streamed is gone. */
void load_post_refused(struct load_run *run, struct visit *visit)
{
    if (visit->node->hop->kind == DESIGN_STREAM) {
        load_lose(run, visit->node, visit->letter_count);
        load_drop(run, visit);
        return;
    }
    if (visit->tries == 0)
        run->buffered[load_node(run, visit->node)] += visit->letter_count;
    visit->tries += visit->tries < LOAD_TRIES_TOLD;
    load_add(run, load_backoff(run, visit->tries, COST_BACKOFF_US, COST_BACKOFF_MAX_US), LOAD_REACH,
             visit);
}

/* --- readers ---------------------------------------------------------------------------------- */

/* The readers of one letter get it one after the other. Returns how long that takes. */
static int64_t stream_letter(struct load_run *run, const struct plan_node *node,
                             const struct letter *letter, int64_t start_ns)
{
    const int readers = letter->readers;
    const int slices = readers < STREAM_SLICES ? readers : STREAM_SLICES;
    const int is_beside = load_is_beside(run, letter);
    start_ns += run->plan->costs.fan_out_ns;
    for (int i = 0; i < slices && letter->is_counted; i++) {
        const int64_t until = (int64_t)readers * (i + 1) / slices;
        const int64_t count = until - (int64_t)readers * i / slices;
        const int64_t took_ns = start_ns + until * node->reader_ns + node->stream_wait_ns +
                                run->plan->costs.hop_ns - letter->sent_ns;
        histogram_add_many(&run->seen.deliveries, took_ns, count);
        load_came(run, &run->seen.delivered, letter, DELIVERY_LIMIT_MS, took_ns, count);
        if (!is_beside)
            continue;
        histogram_add_many(&run->seen.beside_huge, took_ns, count);
        load_came(run, &run->seen.delivered_beside, letter, DELIVERY_LIMIT_MS, took_ns, count);
    }
    return run->plan->costs.fan_out_ns + readers * node->reader_ns;
}

int64_t load_stream(struct load_run *run, struct visit *visit, int64_t start_ns)
{
    const struct plan_node *node = visit->node;
    int64_t took_ns = 0;
    if (node->reader_ns == 0)
        return 0;
    if (visit->first == NULL) {
        struct letter letter = visit->letter;
        if (node->audience == TO_WORKSPACE_MEMBERS)
            letter.readers = COST_WORKSPACE_READERS;
        return stream_letter(run, node, &letter, start_ns);
    }
    for (const struct letter_item *item = visit->first; item != NULL; item = item->next)
        took_ns += stream_letter(run, node, &item->letter, start_ns + took_ns);
    return took_ns;
}
