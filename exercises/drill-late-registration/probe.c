/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   fault   call=take:money|give-back:stock|... what=LOST|DOWN|REJECTED|CRASH times=1     ok
 *   run     id=c-7      ok end=COMPLETED|ROLLED_BACK|STUCK|CRASHED coupon=1 stock=1 money=1
 *                          owed=coupon,... calls=take:coupon,...
 *   restart id=c-7      the same, by checkout_undo
 *
 * LOST: done, and the answer is lost. DOWN: never arrives. CRASH: done, then the process dies.
 * coupon, stock, money: how often each is taken and not given back, by its service's own books,
 * over all checkouts.
 */
#include "probe/probe.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include "checkout.h"

enum { KEYS_MAX = 64, WHAT_SIZE = 16, CRASHED = 3 };

struct service {
    int taken; /* and not given back */
    struct {
        char what[WHAT_SIZE];
        int64_t times;
    } faults[2]; /* by direction */
};

struct shop {
    struct owed owed; /* on disk: a crash leaves it */
    struct service services[STEPS];
    struct {
        char key[CALL_KEY_SIZE];
        enum call_answer answer;
    } known[KEYS_MAX]; /* what the services answered, in the store that they share */
    int known_count;
    struct text calls;
    jmp_buf death;
};

static const char *const names[STEPS] = {"coupon", "stock", "money"};
static const char *const directions[] = {"take", "give-back"};

/* What an honest service does: once for each key. */
static enum call_answer serve(struct shop *shop, enum checkout_step step,
                              enum call_direction direction, const char *key,
                              enum call_answer answer)
{
    struct service *service = &shop->services[step];
    for (int i = 0; i < shop->known_count; i++)
        if (strcmp(shop->known[i].key, key) == 0)
            return shop->known[i].answer;
    if (shop->known_count == KEYS_MAX)
        return CALL_REJECTED;
    int i = shop->known_count++;
    snprintf(shop->known[i].key, CALL_KEY_SIZE, "%s", key);
    shop->known[i].answer = answer;
    if (answer == CALL_OK && direction == CALL_TAKE)
        service->taken++;
    else if (answer == CALL_OK && service->taken > 0)
        service->taken--;
    return answer;
}

static enum call_answer call(void *context, enum checkout_step step, enum call_direction direction,
                             const char *key)
{
    struct shop *shop = context;
    if ((unsigned)step >= STEPS || (unsigned)direction > CALL_GIVE_BACK)
        return CALL_REJECTED;
    text_addf(&shop->calls, "%s%s:%s", shop->calls.length > 0 ? "," : "", directions[direction],
              names[step]);
    struct service *service = &shop->services[step];
    const char *what = service->faults[direction].what;
    if (service->faults[direction].times <= 0)
        return serve(shop, step, direction, key, CALL_OK);
    service->faults[direction].times--;
    if (strcmp(what, "REJECTED") == 0)
        return serve(shop, step, direction, key, CALL_REJECTED);
    if (strcmp(what, "DOWN") != 0)
        serve(shop, step, direction, key, CALL_OK);
    if (strcmp(what, "CRASH") == 0)
        longjmp(shop->death, 1);
    return CALL_UNKNOWN;
}

static void do_fault(void *context, const struct message *action, struct text *reply)
{
    struct shop *shop = context;
    const char *where = message_get_or(action, "call", "");
    const char *colon = strchr(where, ':');
    for (int direction = 0; direction < 2; direction++)
        for (int step = 0; step < STEPS; step++) {
            struct service *service = &shop->services[step];
            size_t length = strlen(directions[direction]);
            if (colon == NULL || strncmp(where, directions[direction], length) != 0 ||
                strcmp(colon + 1, names[step]) != 0)
                continue;
            snprintf(service->faults[direction].what, WHAT_SIZE, "%s",
                     message_get_or(action, "what", "LOST"));
            service->faults[direction].times = 1;
            message_get_int64(action, "times", &service->faults[direction].times);
        }
    message_begin(reply, "ok");
}

static void tell(struct shop *shop, unsigned end, struct text *reply)
{
    static const char *const ends[] = {"COMPLETED", "ROLLED_BACK", "STUCK", "CRASHED"};
    struct text owed = {0};
    for (int i = 0; i < shop->owed.count && i < STEPS; i++) {
        unsigned step = (unsigned)shop->owed.steps[i];
        text_addf(&owed, "%s%s", i > 0 ? "," : "", step < STEPS ? names[step] : "?");
    }
    message_begin(reply, "ok");
    message_add(reply, "end", end <= CRASHED ? ends[end] : "?");
    for (int step = 0; step < STEPS; step++)
        message_add_int64(reply, names[step], shop->services[step].taken);
    message_add(reply, "owed", text_str(&owed));
    message_add(reply, "calls", text_str(&shop->calls));
    text_clear(&shop->calls);
    text_release(&owed);
}

/* Runs one of the two functions until it returns, or until the process "dies" in a call. */
static void live(struct shop *shop, const struct message *action,
                 enum checkout_end (*run)(struct owed *owed, const struct checkout_world *world),
                 struct text *reply)
{
    struct checkout_world world = {message_get_or(action, "id", "c-7"), call, shop};
    if (setjmp(shop->death) != 0)
        tell(shop, CRASHED, reply);
    else
        tell(shop, (unsigned)run(&shop->owed, &world), reply);
}

static void do_run(void *context, const struct message *action, struct text *reply)
{
    live(context, action, checkout_run, reply);
}

static void do_restart(void *context, const struct message *action, struct text *reply)
{
    live(context, action, checkout_undo, reply);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"fault", do_fault}, {"run", do_run}, {"restart", do_restart}, {NULL, NULL}};
    struct shop shop = {.owed = {.count = 0}};
    int status = probe_main(argc, argv, "drill-late-registration", actions, &shop);
    text_release(&shop.calls);
    return status;
}
