/*
 * Lab 04's owners: a card a service, with its entities and what their fields are for.
 */
#include "suites/04-chat/pictures.h"

#include <string.h>

#include "report/layout.h"
#include "report/svg.h"

enum {
    COLUMNS = 3,
    GAP = 18,
    CARD_WIDTH = (PICTURE_WIDTH - (COLUMNS + 1) * GAP) / COLUMNS,
    PADDING = 12,
    TOP = 34,        /* the legend */
    FIELD_NAME = 16, /* characters of a field's name, and of what stands behind it */
    FIELD_WORDS = 24
};

/* What fits, the rest as "~". */
static void add_fitting(struct text *out, const char *words, int columns)
{
    size_t piece = layout_piece(words, columns);
    if (words[piece] == '\0') {
        text_add(out, words);
        return;
    }
    text_append(out, words, layout_piece(words, columns - 1));
    text_add(out, "~");
}

static void add_uses(struct text *out, const struct design_field *field)
{
    static const char *const names[] = {"key", "partition", "unique"};
    for (int i = 0; i < 3; i++)
        if (field->uses & 1 << i)
            text_addf(out, "%s%s", out->length > 0 ? ", " : "", names[i]);
    if (out->length == 0)
        text_add(out, meaning_name(field->meaning));
}

static int draw_field(struct text *svg, const struct design_field *field, int x, int y)
{
    struct text name = {0}, uses = {0}, words = {0};
    add_fitting(&name, field->name, FIELD_NAME);
    add_uses(&uses, field);
    add_fitting(&words, text_str(&uses), FIELD_WORDS);
    svg_text(svg, field->uses & IN_KEY ? "strong" : "small", x + 2 * PADDING, y, "%s",
             text_str(&name));
    svg_text(svg, "small quiet end", x + CARD_WIDTH - PADDING, y, "%s", text_str(&words));
    text_release(&name);
    text_release(&uses);
    text_release(&words);
    return PICTURE_LINE;
}

static int draw_entity(struct text *svg, const struct chat_model *model,
                       const struct design_entity *entity, int x, int y)
{
    const int is_copy = entity->original != DESIGN_NONE;
    const int top = y;
    struct text words = {0};
    svg_line(svg, is_copy ? "life dashed" : "life", x + PADDING, y, x + CARD_WIDTH - PADDING, y);
    y += PICTURE_LINE + 3;
    svg_text(svg, "", x + PADDING, y, "%s", entity->name);
    if (!is_copy)
        svg_text(svg, "small quiet end", x + CARD_WIDTH - PADDING, y, "%s",
                 capability_name(entity->capability));
    y += PICTURE_LINE;
    if (is_copy) {
        const struct design_entity *original = &model->entities[entity->original];
        text_addf(&words, "a copy of %s of %s", original->name,
                  model->services[original->service].name);
        svg_text(svg, "small quiet", x + PADDING, y, "%s", text_str(&words));
        text_clear(&words);
        text_addf(&words, "by its event %s", model->messages[entity->event].name);
        svg_text(svg, "small quiet", x + PADDING, y + PICTURE_LINE, "%s", text_str(&words));
        y += 2 * PICTURE_LINE;
    }
    for (int i = 0; i < entity->field_count; i++)
        y += draw_field(svg, &entity->fields[i], x, y);
    text_release(&words);
    return y - top;
}

/* The card's height; draws it when svg is not NULL. */
static int draw_card(struct text *svg, const struct chat_model *model, int number, int x, int y)
{
    const struct design_service *service = &model->services[number];
    struct text body = {0};
    int height = PICTURE_LINE + PADDING;
    svg_text(&body, "", x + PADDING, y + height, "%s", service->name);
    height += PICTURE_LINE;
    svg_text(&body, "small quiet", x + PADDING, y + height, "%d x, %d %s, %d %s",
             service->instances, service->copies, service->copies == 1 ? "copy" : "copies",
             service->partitions, service->partitions == 1 ? "partition" : "partitions");
    height += PADDING;
    for (int i = 0; i < model->entity_count; i++)
        if (model->entities[i].service == number)
            height += draw_entity(&body, model, &model->entities[i], x, y + height);
    if (svg != NULL) {
        svg_rect(svg, "name", x, y, CARD_WIDTH, height);
        text_add(svg, text_str(&body));
        text_add(svg, "\n");
    }
    text_release(&body);
    return height;
}

/* Each card goes where most room is left. */
static int shortest(const int *heights)
{
    int best = 0;
    for (int i = 1; i < COLUMNS; i++)
        if (heights[i] < heights[best])
            best = i;
    return best;
}

void picture_owners(const struct chat_model *model, const char *title, struct text *svg)
{
    struct text body = {0}, alt = {0};
    int heights[COLUMNS] = {TOP, TOP, TOP}, highest = TOP;
    for (int i = 0; i < model->service_count; i++) {
        const int column = shortest(heights);
        heights[column] +=
            GAP + draw_card(&body, model, i, GAP + column * (CARD_WIDTH + GAP), heights[column]);
        highest = heights[column] > highest ? heights[column] : highest;
        text_addf(&alt, "%s%s", i == 0 ? "Cards of the services " : ", ", model->services[i].name);
    }
    text_addf(&alt, ", which own %d entities and copies.", model->entity_count);
    svg_begin(svg, title, text_str(&alt), PICTURE_WIDTH, highest);
    svg_text(svg, "small quiet", GAP, TOP - 14,
             "Keys are bold. A dashed line is above a copy. Right of a field: what it is used for, "
             "or what it means.");
    text_add(svg, text_str(&body));
    svg_end(svg);
    text_release(&body);
    text_release(&alt);
}
