/*
 * Lab 03, step 3: the inventory participant, against a model of what stock must be.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 128, RESERVATIONS = 32, PRODUCTS = 4 };

/* What a saga has of a product. */
enum has { HAS_NOTHING, HAS_PENDING, HAS_RELEASED, HAS_SOLD, IS_BARRED };

struct inventory_model {
    struct {
        char key[80], body[200];
        const char *answer;
    } keys[KEYS];
    int key_count;
    struct {
        char product[32];
        int64_t on_hand, pending;
    } stock[PRODUCTS];
    int stock_count;
    struct {
        char saga[32], product[32];
        enum has state;
        int64_t quantity;
    } reservations[RESERVATIONS];
    int reservation_count;
};

static void *model_create(const char *judged)
{
    (void)judged;
    struct inventory_model *model = calloc(1, sizeof *model);
    if (model == NULL)
        abort();
    return model;
}

static int stock_of(const struct inventory_model *model, const char *product)
{
    for (int i = 0; i < model->stock_count; i++) {
        if (strcmp(model->stock[i].product, product) == 0)
            return i;
    }
    return -1;
}

static int reservation_of(const struct inventory_model *model, const char *saga,
                          const char *product)
{
    for (int i = 0; i < model->reservation_count; i++) {
        if (strcmp(model->reservations[i].saga, saga) == 0 &&
            strcmp(model->reservations[i].product, product) == 0)
            return i;
    }
    return -1;
}

static int new_reservation(struct inventory_model *model, const char *saga, const char *product)
{
    int at =
        model->reservation_count < RESERVATIONS ? model->reservation_count++ : RESERVATIONS - 1;
    snprintf(model->reservations[at].saga, sizeof model->reservations[at].saga, "%s", saga);
    snprintf(model->reservations[at].product, sizeof model->reservations[at].product, "%s",
             product);
    return at;
}

static const char *model_reserve(struct inventory_model *model, const char *saga,
                                 const char *product, int64_t quantity)
{
    int stock = stock_of(model, product);
    if (reservation_of(model, saga, product) >= 0 || stock < 0 ||
        model->stock[stock].on_hand - model->stock[stock].pending < quantity)
        return "rejected";
    int at = new_reservation(model, saga, product);
    model->reservations[at].state = HAS_PENDING;
    model->reservations[at].quantity = quantity;
    model->stock[stock].pending += quantity;
    return "ok";
}

static const char *model_release(struct inventory_model *model, const char *saga,
                                 const char *product)
{
    int at = reservation_of(model, saga, product);
    if (at < 0) {
        at = new_reservation(model, saga, product);
        model->reservations[at].state = IS_BARRED;
    } else if (model->reservations[at].state == HAS_PENDING) {
        model->reservations[at].state = HAS_RELEASED;
        model->stock[stock_of(model, product)].pending -= model->reservations[at].quantity;
    }
    return "ok";
}

/* The answer, or the code that it must be refused with ("!exists": ERR_EXISTS, "!invalid"). */
static const char *model_command(struct inventory_model *model, const struct message *action)
{
    const char *key = message_get_or(action, "key", ""),
               *saga = message_get_or(action, "saga", "s1");
    const char *product = message_get_or(action, "product", "");
    int64_t quantity = saga_number(action, "quantity", 0);
    char body[200];
    snprintf(body, sizeof body, "%s %s %s %lld", action->word, saga, product, (long long)quantity);
    if (key[0] == '\0' || strlen(key) > 63 || quantity < 1 || quantity > 1000000)
        return "!invalid";
    for (int i = 0; i < model->key_count; i++) {
        if (strcmp(model->keys[i].key, key) == 0)
            return strcmp(model->keys[i].body, body) == 0 ? model->keys[i].answer : "!exists";
    }
    const char *answer = strcmp(action->word, "reserve") == 0
                             ? model_reserve(model, saga, product, quantity)
                             : model_release(model, saga, product);
    int at = model->key_count < KEYS ? model->key_count++ : KEYS - 1;
    snprintf(model->keys[at].key, sizeof model->keys[at].key, "%s", key);
    snprintf(model->keys[at].body, sizeof model->keys[at].body, "%s", body);
    model->keys[at].answer = answer;
    return answer;
}

static void model_settle(struct inventory_model *model, const char *saga)
{
    for (int i = 0; i < model->reservation_count; i++) {
        if (strcmp(model->reservations[i].saga, saga) != 0 ||
            model->reservations[i].state != HAS_PENDING)
            continue;
        int stock = stock_of(model, model->reservations[i].product);
        model->stock[stock].on_hand -= model->reservations[i].quantity;
        model->stock[stock].pending -= model->reservations[i].quantity;
        model->reservations[i].state = HAS_SOLD;
    }
}

static void model_stock(struct inventory_model *model, const struct message *action)
{
    const char *product = message_get_or(action, "product", "");
    int at = stock_of(model, product);
    if (message_get(action, "add") == NULL)
        return;
    if (at < 0 && model->stock_count < PRODUCTS) {
        at = model->stock_count++;
        snprintf(model->stock[at].product, sizeof model->stock[at].product, "%s", product);
    }
    if (at >= 0)
        model->stock[at].on_hand += saga_number(action, "add", 0);
}

static void write_stock(char out[96], int64_t on_hand, int64_t pending, const char *state)
{
    snprintf(out, 96, "on_hand %lld pending %lld%s%s", (long long)on_hand, (long long)pending,
             state[0] != '\0' ? " state " : "", state);
}

static int stock_differs(const struct inventory_model *model, const struct message *action,
                         const struct message *reply, struct finding *finding)
{
    static const char *const names[] = {"none", "PENDING", "RELEASED", "SOLD", "BARRED"};
    const char *product = message_get_or(action, "product", ""), *state = "";
    int at = stock_of(model, product);
    char expected[96], got[96];
    if (strcmp(action->word, "stock") != 0) {
        int mine = reservation_of(model, message_get_or(action, "saga", "s1"), product);
        state = names[mine < 0 ? HAS_NOTHING : model->reservations[mine].state];
    }
    write_stock(expected, at < 0 ? 0 : model->stock[at].on_hand,
                at < 0 ? 0 : model->stock[at].pending, state);
    write_stock(got, saga_number(reply, "on_hand", 0), saga_number(reply, "pending", 0),
                message_get_or(reply, "state", ""));
    return strcmp(expected, got) == 0 ? 0 : saga_differs(finding, expected, got);
}

/* wanted as model_command gives it. */
static int answer_differs(const char *wanted, const struct message *reply, struct finding *finding)
{
    const char *answer = message_get(reply, "answer");
    const char *code = answer != NULL ? "" : message_get_or(reply, "code", reply->word);
    char expected[48], got[48];
    if (wanted[0] == '!' ? strcmp(code, wanted + 1) == 0
                         : answer != NULL && strcmp(answer, wanted) == 0)
        return 0;
    snprintf(expected, sizeof expected, "%s",
             strcmp(wanted, "!exists") == 0    ? "ERR_EXISTS: the key had another body"
             : strcmp(wanted, "!invalid") == 0 ? "ERR_INVALID"
                                               : wanted);
    snprintf(got, sizeof got, "%s%.24s",
             answer != NULL ? "" : "refused: ", answer != NULL ? answer : code);
    return saga_differs(finding, expected, got);
}

static int model_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    struct inventory_model *model = state;
    struct inventory_model before = *model;
    if (strcmp(action->word, "stock") == 0) {
        model_stock(model, action);
    } else if (strcmp(action->word, "settle") == 0) {
        model_settle(model, message_get_or(action, "saga", "s1"));
    } else {
        const char *wanted = model_command(model, action);
        if (answer_differs(wanted, reply, finding))
            return 1;
        if (wanted[0] == '!')
            return 0;
    }
    int wrong = stock_differs(model, action, reply, finding);
    if (saga_number(action, "rollback", 0) == 1)
        *model = before;
    return wrong;
}

static void generate_any(struct scenario *out, const struct random *random)
{
    scenario_add(out, "stock product=p add=10");
    scenario_add(out, "stock product=q add=10");
    for (int i = 0; i < 60; i++) {
        char product = "pq"[random_below(random, 2)];
        int saga = (int)random_below(random, 4);
        int variant = (int)random_below(random, 2); /* two keys for the same wish */
        int quantity = 3 + saga + variant;          /* one body a key */
        const char *word = random_below(random, 3) == 0 ? "release" : "reserve";
        if (random_below(random, 12) == 0)
            scenario_add(out, "settle saga=s%d product=%c", saga, product);
        else if (random_below(random, 15) == 0)
            scenario_add(out, "stock product=%c add=2", product);
        else
            scenario_add(out, "%s key=s%d:%s:%c%d saga=s%d product=%c quantity=%d%s", word, saga,
                         word, product, variant, saga, product, quantity,
                         random_below(random, 6) == 0 ? " rollback=1" : "");
    }
}

static const struct oracle inventory_oracle = {model_create, free, model_step};

#define RESERVE(key, saga, quantity)                                                               \
    "reserve key=" #key " saga=" #saga " product=p quantity=" #quantity "\n"
#define RELEASE(key, saga, quantity)                                                               \
    "release key=" #key " saga=" #saga " product=p quantity=" #quantity "\n"
#define SHELF "stock product=p add=10\n"
/* As long as a key may be. */
#define KEY_63 "0123456789:0123456789:0123456789:0123456789:0123456789:01234567"

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 3, .points = its_points, .anchor = "the-participant", .rules = "S9",       \
    .oracle = &inventory_oracle

const struct check saga_participant_checks[] = {
    {CHECK("reserving_makes_stock_pending", 1), .gate = 1,
     .rule = "A reservation makes stock PENDING: it is still on hand, and nobody else can have it.",
     .script = SHELF RESERVE(a, s1, 4) RESERVE(b, s2, 6) RESERVE(c, s3, 1) "stock product=p\n",
     .hints = {"pending grows, on_hand stays; available is their difference.",
               "Too little available is REJECTED."}},
    {CHECK("the_same_command_is_done_once", 2),
     .rule = "The same key again gives the same answer and no second effect.",
     .script = SHELF RESERVE(a, s1, 4) RESERVE(a, s1, 4) RELEASE(b, s1, 4)
         RELEASE(b, s1, 4) "stock product=p\n",
     .hints = {"A lost answer makes the caller send again.",
               "Look the key up before anything else."}},
    {CHECK("one_reservation_per_saga_and_product", 1),
     .rule = "A second reservation by the same saga under another key is REJECTED; the first one "
             "stands.",
     .script = SHELF RESERVE(a, s1, 4) RESERVE(b, s1, 3)
         RELEASE(c, s1, 4) "stock product=p\n" RESERVE(d, s1, 2) RESERVE(e, s2, 10),
     .hints = {"Whose stock is it that was PENDING under the row that you write over?",
               "Reserve only where the saga has no row of this product, whatever its state."}},
    {CHECK("a_rejection_is_kept_too", 1),
     .rule = "REJECTED is stored like OK: stock that comes later does not change the answer.",
     .script =
         SHELF RESERVE(a, s1, 11) "stock product=p add=90\n" RESERVE(a, s1, 11) RESERVE(b, s2, 11),
     .hints = {"The saga has begun to roll back because of that answer.",
               "Store every final answer, in the same transaction as its effect."}},
    {CHECK("an_old_answer_outlives_a_release", 1),
     .rule =
         "A re-sent reservation after its release is answered OK as before, and reserves nothing.",
     .script = SHELF RESERVE(a, s1, 4) RELEASE(b, s1, 4) RESERVE(a, s1, 4) "stock product=p\n",
     .hints = {"It is a late duplicate, not a new request.", "The key decides, not the state."}},
    {CHECK("another_body_under_the_key_is_an_error", 1),
     .rule = "The same key with another body is refused and changes nothing.",
     .script = SHELF RESERVE(a, s1, 4) RESERVE(a, s1, 5) RESERVE(a, s2, 4)
         RELEASE(a, s1, 4) "stock product=p\n" RESERVE(
             a, s1, 4) "stock product=p1 add=9\nreserve key=a saga=s1 product=p1 quantity=4\n"
                       "reserve key=b saga=s3 product=p1 quantity=2\n"
                       "reserve key=b saga=s3 product=p quantity=12\n",
     .hints = {"Two commands share a key: somebody has a bug, and silence would hide it.",
               "Store what the key stood for and compare: ERR_EXISTS."}},
    {CHECK("releasing_gives_back_what_was_reserved", 1),
     .rule = "A release takes back this saga's reservation, and no other's.",
     .script = SHELF RESERVE(a, s1, 4) RESERVE(b, s2, 3)
         RELEASE(c, s1, 2) "stock product=p\n" RESERVE(d, s3, 7),
     .hints = {"The reservation's own quantity goes back.", "Find it by saga and product."}},
    {CHECK("a_release_before_its_reservation_bars_it", 2),
     .rule = "A compensation that comes first succeeds, and the late action is REJECTED "
             "(anti-hanging).",
     .script = SHELF RELEASE(b, s1, 4) RESERVE(a, s1, 4) "stock product=p\n" RESERVE(c, s2, 4),
     .hints =
         {"The reservation was on its way when the saga gave it up. Who would ever release it?",
          "Remember the saga as BARRED when there is nothing to release."}},
    {CHECK("releasing_twice_under_two_keys_gives_back_once", 1),
     .rule = "Stock that was released or sold cannot be released again.",
     .script = SHELF RESERVE(a, s1, 4) RELEASE(b, s1, 4) RELEASE(c, s1, 4)
         RESERVE(d, s2, 5) "settle saga=s2 product=p\n" RELEASE(e, s2, 5) "stock product=p\n",
     .hints = {"Only what is PENDING can be given back.", "The answer is OK all the same."}},
    {CHECK("settling_sells_what_is_pending", 1),
     .rule = "At the end of a completed saga all that it has PENDING, of any product, is SOLD; "
             "settling again changes nothing.",
     .script = SHELF "stock product=q add=10\n"
                     "reserve key=a saga=s1 product=p quantity=4\n"
                     "reserve key=b saga=s2 product=p quantity=2\n"
                     "reserve key=c saga=s1 product=q quantity=3\n"
                     "settle saga=s1 product=p\nstock product=q\n"
                     "settle saga=s1 product=q\nsettle saga=s9 product=p\n"
                     "release key=d saga=s2 product=p quantity=2\nsettle saga=s2 product=p\n"
                     "release key=e saga=s3 product=p quantity=1\nsettle saga=s3 product=p\n"
                     "stock product=p\n",
     .hints = {"on_hand and pending both shrink by the quantity.",
               "A lock that outlives its saga is stock that nobody can buy."}},
    {CHECK("answer_and_effect_are_one_transaction", 2),
     .rule = "What is rolled back leaves neither an answer nor an effect: the next send does it.",
     .script =
         SHELF "reserve key=a saga=s1 product=p quantity=4 rollback=1\nstock product=p\n" RESERVE(
             a, s1, 4) "release key=b saga=s1 product=p quantity=4 rollback=1\n"
                       "stock product=p\n" RELEASE(b, s1, 4) "stock product=p\n",
     .hints = {"Everything goes through tx, nothing is kept beside it.",
               "No statics: a crash forgets memory and keeps the database."}},
    {CHECK("bad_commands_are_refused", 1),
     .rule = "A quantity or a key out of range is refused, an unknown product REJECTED.",
     .script = SHELF RESERVE(
         d, s2, 5) "reserve key=" KEY_63 " saga=s3 product=p quantity=1\nreserve key=" KEY_63
                   "8 saga=s4 product=p quantity=1\n" RESERVE(a, s1, 0) RESERVE(a, s1, -4) RESERVE(
                       a, s1,
                       1000001) "reserve saga=s1 product=p quantity=1\nreserve key=b saga=s1 "
                                "product=q quantity=1\n" RESERVE(a, s1, 1),
     .hints = {"ERR_INVALID stores nothing: the key stays free.",
               "An unknown product is an answer: REJECTED."}},
    {CHECK("any_order_of_commands_keeps_the_stock", 1), .tier = TIER_MODEL,
     .generate = generate_any, .rounds = 25,
     .rule = "Whatever order commands, duplicates and crashes come in, stock is conserved.",
     .hints = {"The story is as short as it goes.",
               "available + pending + sold is what was put there."}},
    {0},
};
