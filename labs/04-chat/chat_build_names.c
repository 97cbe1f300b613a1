/*
 * The builder: looking names up, and what was probably meant by one that is not there. Given.
 */
#include "chat_build.h"

#include <string.h>

/* The known name that takes the fewest changes of a character to become the one looked for. */
struct nearest {
    const char *wanted;
    const char *name; /* NULL: none is near */
    int changes;
};

/* Insertions, deletions and replacements between two names: one row of the table at a time. */
static int changes_between(const char *a, const char *b)
{
    int row[DESIGN_NAME_SIZE + 1];
    int columns = (int)strnlen(b, DESIGN_NAME_SIZE);
    for (int j = 0; j <= columns; j++)
        row[j] = j;
    for (int i = 1; a[i - 1] != '\0' && i <= DESIGN_NAME_SIZE; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= columns; j++) {
            int best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[columns];
}

static void consider(struct nearest *nearest, const char *name)
{
    int changes = changes_between(nearest->wanted, name);
    int allowed = 1 + (int)strnlen(nearest->wanted, DESIGN_NAME_SIZE) / 3;
    if (changes > allowed || (nearest->name != NULL && changes >= nearest->changes))
        return;
    nearest->name = name;
    nearest->changes = changes;
}

/* what: "service". Fails with a sentence. */
static int unknown(struct chat_design *design, const char *what, const struct nearest *nearest)
{
    const char *near = nearest->name;
    return build_holds(design, error_set(design->err, ERR_INVALID,
                                         "no %s \"%s\" is declared above this line%s%s%s", what,
                                         nearest->wanted, near != NULL ? "; did you mean \"" : "",
                                         near != NULL ? near : "", near != NULL ? "\"?" : ""));
}

static int find_service(struct chat_design *design, const char *name, int outside, int *out)
{
    const struct chat_model *model = design->model;
    struct nearest nearest = {.wanted = name};
    if (!build_holds(design, design_check_name(name, design->err)))
        return 0;
    for (int i = outside ? DESIGN_STORE : 0; i < model->service_count; i++) {
        if (i == DESIGN_NONE)
            continue;
        const char *known = design_party_name(model, i);
        if (strcmp(known, name) == 0) {
            *out = i;
            return 1;
        }
        consider(&nearest, known);
    }
    return unknown(design, "service", &nearest);
}

int build_service(struct chat_design *design, const char *name, int *out)
{
    return find_service(design, name, 0, out);
}

int build_party(struct chat_design *design, const char *name, int *out)
{
    return find_service(design, name, 1, out);
}

int build_entity(struct chat_design *design, const char *name, int *out)
{
    const struct chat_model *model = design->model;
    struct nearest nearest = {.wanted = name};
    if (!build_holds(design, design_check_name(name, design->err)))
        return 0;
    for (int i = 0; i < model->entity_count; i++) {
        if (strcmp(model->entities[i].name, name) == 0) {
            *out = i;
            return 1;
        }
        consider(&nearest, model->entities[i].name);
    }
    return unknown(design, "entity", &nearest);
}

int build_event(struct chat_design *design, const char *name, int *out)
{
    const struct chat_model *model = design->model;
    struct nearest nearest = {.wanted = name};
    if (!build_holds(design, design_check_name(name, design->err)))
        return 0;
    for (int i = 0; i < model->message_count; i++) {
        if (model->messages[i].kind != DESIGN_EVENT)
            continue;
        if (strcmp(model->messages[i].name, name) == 0) {
            *out = i;
            return 1;
        }
        consider(&nearest, model->messages[i].name);
    }
    return unknown(design, "event", &nearest);
}

/* The service's message of that name, or DESIGN_NONE. */
static int message_of(const struct chat_model *model, int service, int only_events,
                      struct nearest *nearest)
{
    for (int i = 0; i < model->message_count; i++) {
        const struct design_message *message = &model->messages[i];
        if (message->service != service || (only_events && message->kind != DESIGN_EVENT))
            continue;
        if (strcmp(message->name, nearest->wanted) == 0)
            return i;
        consider(nearest, message->name);
    }
    return DESIGN_NONE;
}

int build_message(struct chat_design *design, const char *name, int service, int only_events,
                  int other, int *out)
{
    struct nearest nearest = {.wanted = name};
    if (!build_holds(design, design_check_name(name, design->err)))
        return 0;
    *out = message_of(design->model, service, only_events, &nearest);
    if (*out == DESIGN_NONE)
        *out = message_of(design->model, other, 0, &nearest);
    if (*out == DESIGN_NONE)
        *out = message_of(design->model, service, 0, &nearest);
    return *out != DESIGN_NONE || unknown(design, "message", &nearest);
}
