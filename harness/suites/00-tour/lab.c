/*
 * Lab 00, the tour: ten checks, one of each kind that the later labs use.
 */
#include "suites/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "judge/cluster_check.h"
#include "judge/compare.h"
#include "judge/run.h"

/* --- the rules once more, naively ---------------------------------------------------------- */

struct model {
    const char *judged;
    const char *state;
    int64_t openings, changed_ms;
};

static const struct {
    const char *from, *command, *to;
} allowed[] = {{"closed", "open", "open"},
               {"open", "close", "closed"},
               {"closed", "lock", "locked"},
               {"locked", "unlock", "closed"}};

enum { NAME_MAX_BYTES = 40 };

static void *model_create(const char *judged)
{
    struct model *model = calloc(1, sizeof *model);
    if (model == NULL)
        abort();
    *model = (struct model){.judged = judged, .state = "closed"};
    return model;
}

static void expect_greeting(const struct message *action, struct text *expected)
{
    const char *name = message_get_or(action, "name", "");
    struct text said = {0};
    if (name[0] == '\0' || strlen(name) > NAME_MAX_BYTES) {
        message_begin(expected, "error");
        message_add(expected, "code", "invalid");
    } else {
        message_begin(expected, "ok");
        text_addf(&said, "Hello, %s!", name);
    }
    message_add(expected, "said", text_str(&said));
    text_release(&said);
}

static void expect_command(struct model *model, const struct message *action, struct text *expected)
{
    const char *command = message_get_or(action, "command", "");
    const char *next = NULL;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (strcmp(allowed[i].from, model->state) == 0 && strcmp(allowed[i].command, command) == 0)
            next = allowed[i].to;
    if (next == NULL) {
        message_begin(expected, "error");
        message_add(expected, "code", "refused");
        return;
    }
    model->state = next;
    model->openings += strcmp(next, "open") == 0;
    message_get_int64(action, "now", &model->changed_ms);
    message_begin(expected, "ok");
}

static int model_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    struct model *model = state;
    struct text expected = {0};
    if (strcmp(action->word, "greet") == 0) {
        expect_greeting(action, &expected);
    } else {
        if (strcmp(action->word, "door") == 0) {
            *model = (struct model){.judged = model->judged, .state = "closed"};
            message_get_int64(action, "now", &model->changed_ms);
            message_begin(&expected, "ok");
        } else {
            expect_command(model, action, &expected);
        }
        message_add(&expected, "state", model->state);
        message_add_int64(&expected, "openings", model->openings);
        message_add_int64(&expected, "changed", model->changed_ms);
    }
    int differs = compare_reply(reply, text_str(&expected), model->judged, finding);
    text_release(&expected);
    return differs;
}

static const struct oracle tour_oracle = {model_create, free, model_step};

/* --- scenarios ----------------------------------------------------------------------------- */

static const char greetings[] = "greet name=Ada\n"
                                "greet name=\"Grace Hopper\"\n"
                                "greet name=X\n";
static const char refused_names[] = "greet name=Ada\n"
                                    "greet name=\"\"\n"
                                    "greet name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                                    "greet name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
static const char openings[] = "door now=0\n"
                               "do command=open now=10\n"
                               "do command=open now=20\n"
                               "do command=close now=30\n"
                               "do command=open now=40\n";
static const char refusals[] = "door now=1000\n"
                               "do command=unlock now=1010\n"
                               "do command=close now=1020\n"
                               "do command=open now=1030\n"
                               "do command=lock now=1040\n";

static const char *const commands[] = {"open", "close", "lock", "unlock"};

/* Every state, and in it every command. */
static void generate_pairs(struct scenario *out, const struct random *random)
{
    static const char *const ways[] = {"", "open", "lock"}; /* from closed to each state */
    int64_t now_ms = 0;
    (void)random;
    for (size_t way = 0; way < 3; way++) {
        for (size_t i = 0; i < 4; i++) {
            scenario_add(out, "door now=%lld", (long long)now_ms);
            if (ways[way][0] != '\0')
                scenario_add(out, "do command=%s now=%lld", ways[way], (long long)now_ms + 1);
            scenario_add(out, "do command=%s now=%lld", commands[i], (long long)now_ms + 2);
            now_ms += 10;
        }
    }
}

static void generate_walk(struct scenario *out, const struct random *random)
{
    int64_t now_ms = 0;
    scenario_add(out, "door now=0");
    for (int i = 0; i < 30; i++) {
        now_ms += (int64_t)random_below(random, 100);
        scenario_add(out, "do command=%s now=%lld", commands[random_below(random, 4)],
                     (long long)now_ms);
    }
}

/* --- in the cluster ------------------------------------------------------------------------ */

enum { IN_TIME_MS = 1500 };

static int start_tour(struct check_run *run)
{
    char program[1024];
    snprintf(program, sizeof program, "%s/service", run->programs);
    const struct service_entry service = {.name = "tour-service", .program = program, .student = 1};
    return run_cluster(run, &service, 1);
}

static void ask(struct check_run *run, const char *method, const char *path, int64_t deadline_ms,
                struct http_reply *reply)
{
    run_http(run, "tour-service", method, path, NULL, NULL, deadline_ms, reply);
}

static void run_greetings(struct check_run *run)
{
    struct http_reply known = {0}, refused = {0};
    if (start_tour(run) != 0)
        return;
    ask(run, "GET", "/greetings/Ada", 0, &known);
    if (run_expect_status(run, &known, 200) == 0 &&
        run_expect_json(run, &known, "message", "Hello, Ada!") == 0) {
        ask(run, "GET", "/greetings/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, &refused);
        run_expect_problem(run, &refused, 422);
    }
    http_reply_release(&known);
    http_reply_release(&refused);
}

static void run_door(struct check_run *run)
{
    static const struct {
        const char *method, *path;
        int status;
        const char *state; /* NULL: a problem */
    } steps[] = {{"GET", "/door", 200, "closed"},
                 {"POST", "/door/open", 200, "open"},
                 {"POST", "/door/lock", 409, NULL},
                 {"GET", "/door", 200, "open"},
                 {"POST", "/door/kick", 404, NULL}};
    if (start_tour(run) != 0)
        return;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        ask(run, steps[i].method, steps[i].path, 0, &reply);
        if (steps[i].state == NULL)
            run_expect_problem(run, &reply, steps[i].status);
        else if (run_expect_status(run, &reply, steps[i].status) == 0)
            run_expect_json(run, &reply, "state", steps[i].state);
        http_reply_release(&reply);
    }
}

static void run_in_time(struct check_run *run)
{
    struct http_reply reply = {0};
    if (start_tour(run) != 0)
        return;
    ask(run, "GET", "/greetings/Grace", IN_TIME_MS, &reply);
    run_expect_status(run, &reply, 200);
    http_reply_release(&reply);
}

/* --- the checks ---------------------------------------------------------------------------- */

static const struct check probe_checks[] = {
    {.id = "greeting_names_the_guest",
     .rule = "A greeting is \"Hello, NAME!\".",
     .rules = "T1",
     .step = 1,
     .tier = TIER_UNIT,
     .points = 10,
     .gate = 1,
     .anchor = "step-1-a-greeting",
     .hints = {"Read the line `got` letter by letter: what is between Hello and the name?",
               "text_addf(out, \"Hello, %s!\", name) appends what printf would print."},
     .script = greetings,
     .oracle = &tour_oracle,
     .judged = "word said"},
    {.id = "name_that_cannot_be_is_refused",
     .rule = "An empty name, and one of more than 40 bytes, is ERR_INVALID and says nothing.",
     .rules = "T2",
     .step = 1,
     .tier = TIER_UNIT,
     .points = 10,
     .anchor = "step-1-a-greeting",
     .hints = {"A limit is wrong by one more often than by ten: try 40 and 41 bytes.",
               "Look at the length before you write into out, and return error_set(err, "
               "ERR_INVALID, ...)."},
     .script = refused_names,
     .oracle = &tour_oracle,
     .judged = "word code said"},
    {.id = "new_door_is_closed",
     .rule = "A new door is closed, was never opened, and changed now.",
     .rules = "T3",
     .step = 2,
     .tier = TIER_UNIT,
     .points = 10,
     .gate = 1,
     .anchor = "step-2-a-door",
     .hints = {"Which of the three fields does door_init not set?",
               "Assign the whole struct: *door = (struct door){...}."},
     .script = "door now=70\ndoor now=80\n",
     .oracle = &tour_oracle,
     .judged = "word state openings changed"},
    {.id = "all_pairs_of_state_and_command",
     .rule = "Each of the 3 x 4 pairs of state and command does what the table says.",
     .rules = "T4",
     .step = 2,
     .tier = TIER_UNIT,
     .points = 15,
     .anchor = "step-2-a-door",
     .hints = {"The story shows the state before and the command. Find that pair in the table.",
               "Four pairs are allowed; whatever is not one of them is refused."},
     .generate = generate_pairs,
     .oracle = &tour_oracle,
     .judged = "word code state"},
    {.id = "refused_command_changes_nothing",
     .rule = "A refused command changes nothing, not even the time of the last change.",
     .rules = "T5",
     .step = 2,
     .tier = TIER_UNIT,
     .points = 10,
     .anchor = "step-2-a-door",
     .hints = {"Compare the reply before the refusal with the one after it.",
               "Decide first, change afterwards: nothing is written before the refusal returns."},
     .script = refusals,
     .oracle = &tour_oracle,
     .judged = "word state openings changed"},
    {.id = "openings_are_counted",
     .rule = "Each opening counts once; a refused one does not count.",
     .rules = "T6",
     .step = 2,
     .tier = TIER_UNIT,
     .points = 10,
     .anchor = "step-2-a-door",
     .hints = {"After which command of the story is the count wrong for the first time?",
               "Count where the state becomes DOOR_OPEN, and nowhere else."},
     .script = openings,
     .oracle = &tour_oracle,
     .judged = "openings"},
    {.id = "any_walk_follows_the_rules",
     .rule = "However commands follow each other, the door keeps all of its rules.",
     .rules = "T3-T6",
     .step = 2,
     .tier = TIER_MODEL,
     .points = 10,
     .anchor = "step-2-a-door",
     .hints = {"The walk was made shorter until nothing more could go: each line left matters.",
               "Run make debug CHECK=any_walk_follows_the_rules and step through the last call."},
     .generate = generate_walk,
     .rounds = 5,
     .oracle = &tour_oracle,
     .judged = "word code state openings changed"},
    {0},
};

static const struct check cluster_checks[] = {
    {.id = "service_greets",
     .rule = "GET /greetings/{name} answers 200 with the greeting, 422 for a name that cannot be.",
     .rules = "T7",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 10,
     .anchor = "step-3-a-service",
     .hints =
         {"The story shows the real call and the real answer. Try the same with curl: make run "
          "SERVICE=tour.",
          "service.c is given and right: what does tour_greet hand to it?"},
     .run = run_greetings},
    {.id = "refused_command_is_409",
     .rule = "POST /door/{command} answers 200 with the door, 409 when the door refuses.",
     .rules = "T7",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 10,
     .anchor = "step-3-a-service",
     .hints = {"Which check of step 2 fails too? Begin with that one: it is the shorter story.",
               "service.c turns any negative code of door_apply into 409."},
     .run = run_door},
    {.id = "greeting_answers_in_time",
     .rule = "A greeting is answered within 1500 ms.",
     .rules = "T8",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 5,
     .anchor = "step-3-a-service",
     .hints = {"Somewhere on the way from the request to the answer something waits.",
               "Look for a sleep, a lock that is never given back, or a loop in tour_greet."},
     .run = run_in_time},
    {0},
};

static const struct check *const tables[] = {probe_checks, cluster_checks, NULL};
static const struct step steps[] = {
    {"a greeting", NULL, NULL}, {"a door", NULL, NULL}, {"a service", NULL, NULL}};

const struct lab lab_00_tour = {.name = "00-tour",
                                .title = "The tour",
                                .subject = "tour.c",
                                .steps = steps,
                                .step_count = sizeof steps / sizeof steps[0],
                                .tables = tables};
