/*
 * The builder: flows and their hops, and the rest of a design. Given.
 */
#include "chat_build.h"

#include <stddef.h>

/* --- flows ------------------------------------------------------------------------------------ */

void flow(struct chat_design *design, const char *name, int requirements)
{
    struct chat_model *model = design->model;
    if (!build_begins(design, "flows", model->flow_count, DESIGN_FLOWS_MAX))
        return;
    struct design_flow *out = &model->flows[model->flow_count];
    *out = (struct design_flow){.requirements = requirements, .place = design->here};
    if (build_name(design, out->name, name) &&
        build_holds(design, design_check_flow(model, model->flow_count, design->err)))
        model->flow_count++;
}

/* The next hop of the flow declared last, with its ends and its message looked up; NULL when it
   failed. */
static struct design_hop *begin_hop(struct chat_design *design, enum hop_kind kind,
                                    const char *from, const char *to, const char *message)
{
    struct chat_model *model = design->model;
    if (design->result == 0 && model->flow_count == 0)
        build_holds(design, error_set(design->err, ERR_INVALID,
                                      "a hop belongs to the flow above it, and there is none yet"));
    if (design->result < 0)
        return NULL;
    struct design_flow *flow = &model->flows[model->flow_count - 1];
    if (!build_begins(design, "hops in this flow", flow->hop_count, DESIGN_HOPS_MAX))
        return NULL;
    struct design_hop *out = &flow->hops[flow->hop_count];
    *out = (struct design_hop){.kind = kind, .place = design->here};
    if (!build_party(design, from, &out->from) || !build_party(design, to, &out->to))
        return NULL;
    int found = kind == DESIGN_CALL
                    ? build_message(design, message, out->to, 0, out->from, &out->message)
                    : build_message(design, message, out->from, 1, out->to, &out->message);
    return found ? out : NULL;
}

static void end_hop(struct chat_design *design)
{
    struct chat_model *model = design->model;
    int last = model->flow_count - 1;
    int at = model->flows[last].hop_count;
    if (build_holds(design, design_check_hop(model, last, at, design->err)))
        model->flows[last].hop_count++;
}

void call(struct chat_design *design, const char *from, const char *to, const char *message,
          struct patience patience)
{
    struct design_hop *out = begin_hop(design, DESIGN_CALL, from, to, message);
    if (out == NULL)
        return;
    out->timeout_ms = patience.timeout_ms;
    out->attempts = patience.attempts != 0 ? patience.attempts : 1;
    out->fallback = patience.fallback;
    end_hop(design);
}

void post(struct chat_design *design, const char *from, const char *to, const char *message,
          struct backlog backlog)
{
    struct design_hop *out = begin_hop(design, DESIGN_POST, from, to, message);
    if (out == NULL)
        return;
    out->buffer = backlog.buffer;
    out->batch = backlog.batch != 0 ? backlog.batch : 1;
    out->batch_ms = backlog.batch_ms;
    end_hop(design);
}

void stream(struct chat_design *design, const char *from, const char *to, const char *event,
            struct spread spread)
{
    struct design_hop *out = begin_hop(design, DESIGN_STREAM, from, to, event);
    if (out == NULL)
        return;
    out->audience = spread.audience;
    out->batch = spread.batch != 0 ? spread.batch : 1;
    out->batch_ms = spread.batch_ms;
    end_hop(design);
}

/* --- the rest --------------------------------------------------------------------------------- */

/* What is said once; earlier: where it was said before, line 0 when it was not. */
static int begin_once(struct chat_design *design, const char *what,
                      const struct design_place *earlier)
{
    if (!build_begins(design, what, 0, 1))
        return 0;
    return earlier->line == 0 ||
           build_holds(design, error_set(design->err, ERR_INVALID, "%s is said already, in line %d",
                                         what, earlier->line));
}

void presence(struct chat_design *design, int64_t heartbeat_ms, int64_t ttl_ms)
{
    struct chat_model *model = design->model;
    if (!begin_once(design, "presence", &model->presence_place))
        return;
    model->heartbeat_ms = heartbeat_ms;
    model->ttl_ms = ttl_ms;
    model->presence_place = design->here;
    build_holds(design, design_check_presence(model, design->err));
}

void reconnect(struct chat_design *design, int64_t jitter_ms)
{
    struct chat_model *model = design->model;
    if (!begin_once(design, "reconnect", &model->jitter_place))
        return;
    model->jitter_ms = jitter_ms;
    model->jitter_place = design->here;
    build_holds(design, design_check_reconnect(model, design->err));
}

void upload(struct chat_design *design, int64_t max_bytes)
{
    struct chat_model *model = design->model;
    if (!begin_once(design, "upload", &model->upload_place))
        return;
    model->upload_bytes = max_bytes;
    model->upload_place = design->here;
    build_holds(design, design_check_upload(model, design->err));
}

void survives(struct chat_design *design, const char *down, int requirements)
{
    struct chat_model *model = design->model;
    int at = 0;
    if (!build_begins(design, "survives", 0, 1) || !build_service(design, down, &at))
        return;
    struct design_service *service = &model->services[at];
    if (service->survives_place.line != 0)
        build_holds(design, error_set(design->err, ERR_INVALID,
                                      "what survives \"%s\" is said already, in line %d",
                                      service->name, service->survives_place.line));
    else if (build_holds(design, design_check_requirements(requirements, design->err))) {
        service->survives = requirements;
        service->survives_place = design->here;
    }
}
