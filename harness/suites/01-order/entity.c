/*
 * Lab 01, step 1: the order entity. Every check plays actions and compares some of the reply's
 * fields with the model's, so that one mistake fails one check.
 */
#include <inttypes.h>
#include <stddef.h>
#include "judge/run.h"
#include "judge/static_data.h"
#include "suites/01-order/model.h"
#include "suites/01-order/probe.h"

static const char new_orders[] = "create at=1000\n"
                                 "create id=o-2 items=\"prod-1*1@0\" at=1700000000000\n";

static const char kept_fields[] =
    "create id=o-7 customer=user-9 name=\"Grace Hopper\" items=\"prod-1/Pen*2@1990\" at=1\n"
    "create id=o-8 name=\"\" items=\"a*1@1;b/Blue pen*3@0;a*1@1\" at=2\n";

static const char item_totals[] = "create items=\"prod-1*2@1990;prod-2*4@500;prod-3*1@0\" at=1\n"
                                  "create items=\"prod-1*1000000@9999\" at=2\n"
                                  "create items=\"prod-1*3@3333333333\" at=3\n";

/* The last sum is exact in cents and not in a float. */
static const char order_totals[] =
    "create items=\"prod-1*2@1990\" at=1\n"
    "create items=\"prod-1*2@1990;prod-2*4@500;prod-3*1@7\" at=2\n"
    "create items=\"a*1@10;b*1@20;c*3@9999999;d*7@1428571;e*1@1\" at=3\n";

static const char claimed_totals[] =
    "create items=\"prod-1*2@1990=1\" total=1 at=1\n"
    "create items=\"prod-1*2@1990=3980;prod-2*1@500=0\" total=99999 at=2\n"
    "create items=\"prod-1*2@1990\" status=3 version=7 at=3\n";

static const char missing_ids[] = "create at=1\n"
                                  "create id=\"\" at=2\n"
                                  "create customer=\"\" at=3\n"
                                  "create items=\"*1@100\" at=4\n"
                                  "create items=\"prod-1*1@100;*1@100\" at=5\n";

static const char low_numbers[] = "create items=\"prod-1*1@0\" at=1\n"
                                  "create items=\"prod-1*0@100\" at=2\n"
                                  "create items=\"prod-1*-1@100\" at=3\n"
                                  "create items=\"prod-1*1@-1\" at=4\n"
                                  "create items=\"prod-1*1@100;prod-2*0@100\" at=5\n"
                                  "create items=\"prod-1*9@100;prod-2*1@-1\" at=6\n";

static const char upper_limit[] = "create items=\"prod-1*1@9999999999\" at=1\n"
                                  "create items=\"prod-1*1@10000000000\" at=2\n"
                                  "create items=\"prod-1*9999999999@1\" at=3\n"
                                  "create items=\"prod-1*10000000000@1\" at=4\n"
                                  "create items=\"prod-1*9999999999@0\" at=4\n"
                                  "create items=\"prod-1*10000000000@0\" at=4\n"
                                  "create items=\"prod-1*2@4999999999;prod-2*1@1\" at=5\n"
                                  "create items=\"prod-1*2@4999999999;prod-2*1@2\" at=6\n";

/* Products and sums that wrap to something small and harmless in 64 bits. */
static const char huge_numbers[] =
    "create items=\"prod-1*1@100\" at=1\n"
    "create items=\"prod-1*4294967296@4294967296\" at=2\n"
    "create items=\"prod-1*9223372036854775807@2\" at=3\n"
    "create items=\"prod-1*2@9223372036854775807\" at=4\n"
    "create items=\"prod-1*6148914691236517206@3\" at=5\n"
    "create items=\"a*1@9223372036854775807;b*1@9223372036854775807;c*1@3\" at=6\n"
    "create items=\"prod-1*9223372036854775807@9223372036854775807\" at=7\n";

static const char refused_drafts[] = "create items=\"prod-1*2@1990\" at=1\n"
                                     "create id=o-2 items=\"prod-9*0@5\" at=2\n"
                                     "create id=o-3 customer=\"\" at=3\n"
                                     "create id=o-4 items=\"a*1@1;b*1@10000000000\" at=4\n"
                                     "show\n";

static const char whole_way[] = "create at=1000\n"
                                "do command=confirm at=2000\n"
                                "do command=ship at=3000\n"
                                "do command=track:Hamburg at=4000\n"
                                "do command=deliver at=5000\n"
                                "create at=1000\n"
                                "do command=cancel at=2000\n";

static const char tracking[] = "create at=1\n"
                               "do command=confirm at=2\n"
                               "do command=ship at=3\n"
                               "do command=track:Hamburg at=4\n"
                               "do command=track:Bremen at=5\n"
                               "do command=track:Bremen at=5\n"
                               "do command=track:Home at=6\n";

/* The clock of the wall may jump back: at=1500 after at=2000. */
static const char moving_times[] = "create at=1000\n"
                                   "do command=confirm at=2000\n"
                                   "do command=ship at=1500\n"
                                   "do command=track:Hamburg at=3000\n"
                                   "do command=deliver at=500\n";

static const char words[] = "status_name status=0\n"
                            "status_parse word=PENDING\n"
                            "status_name status=1\n"
                            "status_parse word=CONFIRMED\n"
                            "status_name status=2\n"
                            "status_parse word=SHIPPED\n"
                            "status_name status=3\n"
                            "status_parse word=DELIVERED\n"
                            "status_name status=4\n"
                            "status_parse word=CANCELLED\n";

static const char wrong_words[] = "status_parse word=SHIPPED\n"
                                  "status_parse word=LOST\n"
                                  "status_parse word=shipped\n"
                                  "status_parse word=SHIP\n"
                                  "status_parse word=SHIPPEDX\n"
                                  "status_parse word=\" SHIPPED\"\n"
                                  "status_parse word=\"\"\n";

/* How an order comes into each status. */
static const char *const ways[MODEL_STATUSES][4] = {{NULL},
                                                    {"confirm", NULL},
                                                    {"confirm", "ship", NULL},
                                                    {"confirm", "ship", "deliver", NULL},
                                                    {"cancel", NULL}};

static void every_pair(struct scenario *out, const struct random *random)
{
    int64_t at = 1000;
    (void)random;
    for (int status = 0; status < MODEL_STATUSES; status++) {
        for (int command = 0; command < MODEL_COMMANDS; command++) {
            scenario_add(out, "create id=o-%d%d at=%" PRId64, status, command, at);
            for (int i = 0; ways[status][i] != NULL; i++)
                scenario_add(out, "do command=%s at=%" PRId64, ways[status][i], at + 1 + i);
            scenario_add(out, "do command=%s at=%" PRId64, model_command_words[command], at + 50);
            at += 100;
        }
    }
}

static void add_items(struct scenario *out, int count, int claimed)
{
    struct text items = {0};
    for (int i = 0; i < count; i++)
        text_addf(&items, "%sp%d*1@%d", i > 0 ? ";" : "", i, i);
    scenario_add(out, "create items=\"%s\" count=%d at=1", text_str(&items), claimed);
    text_release(&items);
}

static void item_counts(struct scenario *out, const struct random *random)
{
    (void)random;
    add_items(out, 1, 1);
    add_items(out, 100, 100);
    add_items(out, 0, 0);
    add_items(out, 1, -1);
    add_items(out, 100, 101);
}

enum { LONG_ACTIONS = 150 };

/* Orders at random, with commands at random, at times that jump. */
static void long_lives(struct scenario *out, const struct random *random)
{
    static const char *const items[] = {"a*1@1", "a*3@333;b*1@0", "a*0@5", "a*1@9999999999;b*1@1",
                                        "a/x y*1000000@9999"};
    scenario_add(out, "create at=1");
    for (int i = 0; i < LONG_ACTIONS; i++) {
        int64_t at = (int64_t)random_below(random, 1000000);
        uint64_t pick = random_below(random, 12);
        if (pick == 0)
            scenario_add(out, "create id=o-%d items=\"%s\" at=%" PRId64, i,
                         items[random_below(random, 5)], at);
        else
            scenario_add(out, "do command=%s at=%" PRId64,
                         model_command_words[1 + random_below(random, 5)], at);
    }
}

static void no_static_data(struct check_run *run)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    /* The positive control: there is code at all. */
    if (probe != NULL && !run_ask(run, probe, &reply, "create at=1000"))
        check_static_data(run);
    message_release(&reply);
    run_close(run, probe);
}

const struct check order_entity_checks[] = {
    {.id = "new_order_is_pending",
     .rule = "A new order is PENDING, at version 1, created and updated now.",
     .rules = "O1",
     .step = 1,
     .points = 1,
     .gate = 1,
     .anchor = "making-an-order",
     .hints = {"Which members of struct order does a draft not decide? order_create must set them.",
               "Copy the draft into a local struct order, then set status, version and both times "
               "from now_ms, and only at the end write *order."},
     .script = new_orders,
     .oracle = &order_oracle,
     .judged = "code status version created updated"},
    {.id = "new_order_keeps_customer_and_items",
     .rule = "A new order has the draft's id, customer and items, all of them, in their order.",
     .rules = "O1",
     .step = 1,
     .points = 1,
     .anchor = "making-an-order",
     .hints = {"Compare the draft with the order member by member: which one is lost?",
               "An order is a plain value: *order = *draft copies all items at once. An empty "
               "customer name is allowed, and so is the same product twice."},
     .script = kept_fields,
     .oracle = &order_oracle,
     .judged = "code id customer name count items"},
    {.id = "item_total_is_quantity_times_price",
     .rule = "An item's total is its quantity times its unit price, in whole cents.",
     .rules = "O2",
     .step = 1,
     .points = 1,
     .anchor = "money",
     .hints = {"Work out the first line by hand. Which factor is missing, or which type too small?",
               "quantity and unit_price_cents are int64_t, and so must every step between be: no "
               "int, no double."},
     .script = item_totals,
     .oracle = &order_oracle,
     .judged = "code item_totals"},
    {.id = "order_total_is_the_sum_of_its_items",
     .rule = "An order's total is the exact sum of its items' totals.",
     .rules = "O2",
     .step = 1,
     .points = 1,
     .anchor = "money",
     .hints = {"Does your loop reach the last item, and does the sum begin at 0?",
               "Add the items' totals as int64_t. A float keeps 24 bits: above 167,772.16 cents "
               "get lost."},
     .script = order_totals,
     .oracle = &order_oracle,
     .judged = "total"},
    {.id = "totals_of_the_draft_are_not_believed",
     .rule = "Totals, status and version that a draft brings along are ignored.",
     .rules = "O2",
     .step = 1,
     .points = 1,
     .anchor = "money",
     .hints = {"A client may write any total into its request. Who should work it out?",
               "Compute each item's total and the order's total whether or not the draft has one; "
               "set status and version after copying the draft."},
     .script = claimed_totals,
     .oracle = &order_oracle,
     .judged = "total item_totals status version"},
    {.id = "order_has_one_to_a_hundred_items",
     .rule = "An order has 1 to 100 items; none and more are refused.",
     .rules = "O1",
     .step = 1,
     .points = 1,
     .anchor = "making-an-order",
     .hints = {"What does your loop do when item_count is 0, negative or 101?",
               "Check 1 <= item_count <= ORDER_ITEMS_MAX before you touch items[], and return "
               "ERR_INVALID."},
     .generate = item_counts,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "draft_without_ids_is_refused",
     .rule = "A draft whose id, customer id or a product id is empty is refused.",
     .rules = "O1",
     .step = 1,
     .points = 1,
     .anchor = "making-an-order",
     .hints = {"Which strings of a draft may be empty, and which not?",
               "id[0], customer_id[0] and every item's product_id[0] must not be '\\0'; the last "
               "item counts too."},
     .script = missing_ids,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "quantity_and_price_have_a_lower_bound",
     .rule = "A quantity is at least 1 and a unit price at least 0, in every item.",
     .rules = "O2",
     .step = 1,
     .points = 1,
     .anchor = "money",
     .hints = {"A present costs 0. What would -1 of it cost?",
               "Refuse quantity < 1 and unit_price_cents < 0 with ERR_INVALID inside the loop over "
               "all items; price 0 is fine."},
     .script = low_numbers,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "total_has_an_upper_limit",
     .rule = "A total of 99,999,999.99 is accepted and one cent more is refused.",
     .rules = "O2",
     .step = 1,
     .points = 1,
     .anchor = "money",
     .hints = {"Is the limit itself allowed? Look at ORDER_TOTAL_MAX_CENTS in order.h.",
               "Refuse total > ORDER_TOTAL_MAX_CENTS, for the sum of all items and not only for "
               "one of them."},
     .script = upper_limit,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "huge_numbers_are_refused_not_wrapped",
     .rule = "However large quantity and price are, no product or sum wraps: the draft is refused.",
     .rules = "O2",
     .step = 1,
     .points = 1,
     .anchor = "money",
     .hints = {"4294967296 x 4294967296 is 0 in 64 bits. When do you look at the limit?",
               "Look before you multiply: price > 0 && quantity > ORDER_TOTAL_MAX_CENTS / price.",
               "The same for the sum: item total > ORDER_TOTAL_MAX_CENTS - sum so far."},
     .script = huge_numbers,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "refused_draft_changes_nothing",
     .rule = "When order_create refuses a draft, the order it was given is untouched.",
     .rules = "O1",
     .step = 1,
     .points = 1,
     .anchor = "making-an-order",
     .hints = {"What has your function written into *order when it meets the third item's mistake?",
               "Build the new order in a local variable; assign *order = made as the last line."},
     .script = refused_drafts,
     .oracle = &order_oracle,
     .judged = "id " ORDER_FIELDS},
    {.id = "orders_move_along_the_picture",
     .rule = "PENDING, confirm, CONFIRMED, ship, SHIPPED, deliver, DELIVERED; cancel: CANCELLED.",
     .rules = "O3",
     .step = 1,
     .points = 1,
     .gate = 1,
     .anchor = "states",
     .hints = {"Follow the arrows of the picture at the top of order.h, one command at a time.",
               "A table next[status][command] with a mark for \"refused\" holds all of O3 in one "
               "place."},
     .script = whole_way,
     .oracle = &order_oracle,
     .judged = "code status"},
    {.id = "every_pair_follows_the_picture",
     .rule =
         "Each command in each status is accepted or refused as the picture says: all 30 pairs.",
     .rules = "O3",
     .step = 1,
     .points = 1,
     .anchor = "states",
     .hints = {"Write down the five statuses and, for each, which commands are accepted.",
               "Cancel: from PENDING, CONFIRMED and SHIPPED, not after DELIVERED or CANCELLED. "
               "Create is refused on an order that exists. All else is ERR_REFUSED."},
     .generate = every_pair,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "refused_command_changes_nothing",
     .rule = "A refused command leaves the whole order as it was, updatedAt and version included.",
     .rules = "O3",
     .step = 1,
     .points = 1,
     .anchor = "states",
     .hints = {"Which line of order_apply runs before you know whether the command is allowed?",
               "Decide first; when it is refused, return before any assignment to *order."},
     .generate = every_pair,
     .oracle = &order_oracle,
     .judged = ORDER_FIELDS},
    {.id = "tracking_changes_no_status",
     .rule = "track is accepted any number of times while SHIPPED and changes no status.",
     .rules = "O3",
     .step = 1,
     .points = 1,
     .anchor = "states",
     .hints = {"A parcel is seen at many places. What is the order's status after each?",
               "ORDER_TRACK leads from ORDER_SHIPPED to ORDER_SHIPPED; version and updatedAt move "
               "as with every accepted command."},
     .script = tracking,
     .oracle = &order_oracle,
     .judged = "code status version"},
    {.id = "accepted_command_moves_updated_at_only",
     .rule = "updatedAt becomes now with each accepted command, even an earlier now; createdAt "
             "stays.",
     .rules = "O4",
     .step = 1,
     .points = 1,
     .anchor = "states",
     .hints = {"What does your code do when now_ms is earlier than the last time?",
               "Assign updated_at_ms = now_ms without comparing, and created_at_ms only in "
               "order_create: versions order events, times do not."},
     .script = moving_times,
     .oracle = &order_oracle,
     .judged = "code created updated"},
    {.id = "status_words_go_there_and_back",
     .rule = "Each status has its word, and the word leads back to the status.",
     .rules = "O4",
     .step = 1,
     .points = 1,
     .anchor = "status-words",
     .hints = {"Two functions, one list: why would they ever disagree?",
               "One static const table of words, indexed by enum order_status, serves both."},
     .script = words,
     .oracle = &order_oracle,
     .judged = "code word status"},
    {.id = "unknown_status_word_is_an_error",
     .rule = "A word that is not exactly a status is ERR_INVALID: no prefix, no other case.",
     .rules = "O4",
     .step = 1,
     .points = 1,
     .anchor = "status-words",
     .hints = {"What does your comparison say to SHIP, and to the empty word?",
               "strcmp compares the whole word; strncmp with the input's length accepts prefixes."},
     .script = wrong_words,
     .oracle = &order_oracle,
     .judged = "code"},
    {.id = "no_writable_static_data",
     .rule = "Your files hold no variable that outlives a call: no globals, no writable statics.",
     .rules = "O1",
     .step = 1,
     .points = 1,
     .anchor = "no-static-data",
     .hints = {"Two orders, two threads, two databases: which of your variables would they share?",
               "Make tables static const. What must last belongs in a struct that the caller "
               "passes in."},
     .run = no_static_data},
    {.id = "long_lives_follow_the_rules",
     .rule = "Whatever commands come in whatever order, the order is as O1 to O4 say.",
     .rules = "O1 O2 O3 O4",
     .step = 1,
     .tier = TIER_MODEL,
     .points = 1,
     .anchor = "states",
     .hints = {"The story is already the shortest that shows it: play it by hand.",
               "If all other checks of this step pass, look for something that an earlier call "
               "left behind."},
     .generate = long_lives,
     .rounds = 3,
     .oracle = &order_oracle,
     .judged = "code id " ORDER_FIELDS},
    {0},
};
