/*
 * Lab 04, step 3: one service after the other fails, and what users can still do is held against
 * what the design says.
 */
#include <stdio.h>
#include <stdlib.h>
#include "suites/04-chat/failure.h"

/* Reads the design and walks it. NULL when a verdict stands. */
static struct review *review_open(struct check_run *run)
{
    struct review *review = calloc(1, sizeof *review);
    if (review == NULL) {
        run_error(run, "no memory");
        return NULL;
    }
    review->run = run;
    review->model = chat_read_design(run);
    if (review->model == NULL) {
        free(review);
        return NULL;
    }
    failure_walk(review->model, &review->survival);
    return review;
}

static void review_close(struct review *review)
{
    if (review != NULL)
        free(review->model);
    free(review);
}

/* 1 when a verdict stands: of some service nothing is said. */
static int says_nothing(const struct review *review)
{
    for (int i = 0; i < review->model->service_count; i++) {
        const struct design_service *service = &review->model->services[i];
        if (service->survives >= 0)
            continue;
        return run_fail(review->run, "wrong answer", "survives, once for each service",
                        "\"%s\" (%s:%d) has none. Who is called at night has to know what is still "
                        "to work; that nothing is, is said with 0.",
                        service->name, service->place.file, service->place.line);
    }
    return 0;
}

/* The hop that decides, as "the call from "gateway" to "channel" (chat_design.c:273)". */
static void say_hop(const struct review *review, int down, const struct walked *walked,
                    struct text *out)
{
    static const char *const kinds[] = {"call", "post", "stream"};
    if (walked->flow == DESIGN_NONE) {
        text_add(out, "no flow serves it");
        return;
    }
    const struct design_flow *flow = &review->model->flows[walked->flow];
    if (walked->hop == DESIGN_NONE) {
        text_addf(out,
                  "the flow \"%s\" (%s:%d) serves it, and does not wait for that service; of "
                  "several flows one is enough",
                  flow->name, flow->place.file, flow->place.line);
        return;
    }
    const struct design_hop *hop = &flow->hops[walked->hop];
    text_addf(out, "the %s from \"%s\" to \"%s\" (%s:%d)", kinds[hop->kind],
              design_party_name(review->model, hop->from),
              design_party_name(review->model, hop->to), hop->place.file, hop->place.line);
    if (walked->outcome == OUTCOME_FAILS && hop->fallback == OR_COPY)
        text_addf(out, " falls back to a copy, and \"%s\" keeps none of that entity",
                  design_party_name(review->model, hop->from));
    else if (walked->outcome == OUTCOME_FAILS && hop->to != down)
        text_addf(out, " gives up after %lld ms, while the calls below it still wait",
                  (long long)hop->timeout_ms);
    else if (walked->outcome == OUTCOME_FAILS)
        text_add(out, " has no fallback");
    else if (walked->outcome == OUTCOME_DEGRADED)
        text_add(out, " has a fallback");
    else if (hop->kind == DESIGN_STREAM)
        text_add(out, " keeps nothing for later");
    else
        text_add(out, " keeps it until later, so that nobody has it now");
}

static void declared_survival_holds(struct check_run *run)
{
    struct review *review = review_open(run);
    if (review == NULL)
        return;
    review_draw(review);
    for (int i = 0; i < review->model->service_count && !says_nothing(review); i++) {
        const struct design_service *service = &review->model->services[i];
        for (int k = 0; k < REQUIREMENTS && !run_ended(run); k++) {
            const struct walked *walked = &review->survival.down[i][k];
            struct text cause = {0};
            if (!review_promises(review, i, k) || review_survives(review, i, k))
                continue;
            say_hop(review, i, walked, &cause);
            run_fail(run, "wrong answer",
                     "what survives promises works while every instance of the service is down",
                     "While \"%s\" is down, \"%s\" is said to survive (%s:%d). It does not, the "
                     "outcome is \"%s\": %s. Look at that hop, or promise less.",
                     service->name, requirement_name((enum requirement)(1 << k)),
                     service->survives_place.file, service->survives_place.line,
                     outcome_name(walked->outcome), text_str(&cause));
            text_release(&cause);
        }
        if (run_ended(run))
            break;
    }
    review_close(review);
}

static void survival_is_all_declared(struct check_run *run)
{
    struct review *review = review_open(run);
    int survived = 0;
    if (review == NULL)
        return;
    for (int i = 0; i < review->model->service_count && !says_nothing(review); i++) {
        const struct design_service *service = &review->model->services[i];
        for (int k = 0; k < REQUIREMENTS && !run_ended(run); k++) {
            const struct walked *walked = &review->survival.down[i][k];
            struct text cause = {0};
            survived += review_survives(review, i, k);
            if (review_promises(review, i, k) || !review_survives(review, i, k))
                continue;
            say_hop(review, i, walked, &cause);
            run_fail(run, "wrong answer", "all that survives the loss of a service is declared",
                     "While \"%s\" is down, \"%s\" goes on (%s), and survives (%s:%d) does not say "
                     "so. What nobody has promised nobody tests, and the next change breaks it.",
                     service->name, requirement_name((enum requirement)(1 << k)), text_str(&cause),
                     service->survives_place.file, service->survives_place.line);
            text_release(&cause);
        }
        if (run_ended(run))
            break;
    }
    run_figure(run, "services times requirements that survive", survived);
    review_close(review);
}

static void lost_at(const struct review *review, int service, const char *what,
                    const struct design_flow *flow, const struct design_hop *hop)
{
    const char *name = review->model->services[service].name;
    const char *from = design_party_name(review->model, hop->from);
    const char *to = design_party_name(review->model, hop->to);
    if (hop->kind == DESIGN_STREAM)
        run_fail(review->run, "wrong answer",
                 "a message that was accepted outlasts ten minutes without any one service",
                 "While \"%s\" is down, \"%s\" is lost: the stream from \"%s\" to \"%s\" (%s:%d) "
                 "keeps nothing, and no flow is there to catch up with. Post it, or add such a "
                 "flow.",
                 name, what, from, to, hop->place.file, hop->place.line);
    else
        run_fail(
            review->run, "wrong answer",
            "a message that was accepted outlasts ten minutes without any one service",
            "While \"%s\" is down, \"%s\" is lost: the buffer of the post from \"%s\" to "
            "\"%s\" (%s:%d) holds %lld, and %.0f come in %d s at the peak. The sender was told "
            "that it is stored. Look at the buffer: it may lie on a disk.",
            name, what, from, to, hop->place.file, hop->place.line, (long long)hop->buffer,
            failure_backlog(review->model, flow), FAILURE_S);
}

/* A message is accepted, and never found: the post to the index counts too. */
static void look_at_index(const struct review *review)
{
    const struct chat_model *model = review->model;
    const int index = design_owner(model, OWNS_SEARCH);
    for (int i = 0; i < model->flow_count; i++) {
        const struct design_flow *flow = &model->flows[i];
        if (!(flow->requirements & (CAN_SEND | CAN_DELIVER | CAN_NOTIFY)))
            continue;
        for (int k = 0; k < flow->hop_count && !run_ended(review->run); k++) {
            const struct design_hop *hop = &flow->hops[k];
            if (hop->kind == DESIGN_POST && hop->to == index && index != DESIGN_NONE &&
                failure_of_post(model, flow, hop) == OUTCOME_LOST)
                lost_at(review, index, requirement_name(CAN_FIND), flow, hop);
        }
    }
}

static void nothing_accepted_is_lost(struct check_run *run)
{
    struct review *review = review_open(run);
    if (review == NULL)
        return;
    for (int i = 0; i < review->model->service_count; i++)
        for (int k = 0; k < REQUIREMENTS && !run_ended(run); k++) {
            const struct walked *walked = &review->survival.down[i][k];
            if (walked->outcome == OUTCOME_LOST &&
                ((1 << k) & (CAN_SEND | CAN_DELIVER | CAN_NOTIFY)))
                lost_at(review, i, requirement_name((enum requirement)(1 << k)),
                        &review->model->flows[walked->flow],
                        &review->model->flows[walked->flow].hops[walked->hop]);
        }
    if (!run_ended(run))
        look_at_index(review);
    review_close(review);
}

#define CHECK(name, worth)                                                                         \
    .id = name, .step = 3, .tier = TIER_MODEL, .points = worth, .anchor = "one-service-fails"

const struct check chat_failure_checks[] = {
    {CHECK("declared_survival_holds", 2), .rules = "D4 D10", .run = declared_survival_holds,
     .rule = "While every instance of a service is down, what survives promises of it goes on: "
             "walked hop by hop, with fallbacks and timeouts.",
     .hints = {"A call without a fallback that runs into the service fails, and so does who made "
               "it, up to the client.",
               "OR_COPY needs a copy_of in the caller; and timeout_ms times attempts of what is "
               "waited for in vain has to fit into the timeout of the call above."}},
    {CHECK("survival_is_all_declared", 1), .rules = "D10", .run = survival_is_all_declared,
     .rule = "What goes on while a service is down is declared: survives says no less than what "
             "the design holds.",
     .hints =
         {"Go through the flows: which of them never comes to that service, or has a fallback?",
          "What is posted to it comes late, and does not survive; what is only answered "
          "before does."}},
    {CHECK("nothing_accepted_is_lost", 1), .rules = "D8 D10", .run = nothing_accepted_is_lost,
     .rule = "Whichever service is down for ten minutes at the peak, what was accepted is still "
             "delivered, notified and found afterwards.",
     .hints = {"What is posted to a service that is down waits in the buffer of the post.",
               "4630 messages a second, for 600 seconds: so many have to fit."}},
    {0},
};
