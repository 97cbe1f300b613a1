/*
 * Lab 03's picture of one checkout: a lane a service, time down.
 *
 * A command is a solid arrow, an undoing a dashed one, an answer a dotted line: an open head for
 * OK, a cross for REJECTED, a line that does not arrive for UNKNOWN. What was done to a service
 * from outside stands on its lane. Words say all of it too.
 */
#include "judge/suites/03-saga.h"

#include <stdio.h>
#include <string.h>
#include "judge/suites/03-shop.h"
#include "kit/error.h"
#include "kit/json.h"
#include "report/escape.h"
#include "report/picture.h"

enum { PICTURES_MAX = 6, ROWS_MAX = 60, WORDS_MAX = 48 };
enum { WIDTH = 900, LEFT = 70, LANES = SAGA_STEPS + 1, HEAD = 50, ROW = 26 };

struct lanes {
    struct check_run *run;
    struct text body;
    int64_t zero_wall_ms;  /* the story's zero, as wall time */
    int64_t begun_wall_ms; /* of the checkout */
    int64_t at_wall_ms;    /* of the newest record that told its time */
    int next_mark;         /* in the run's story */
    int y, rows, left_out, marks;
};

static int lane_x(int lane)
{
    return LEFT + (2 * lane + 1) * (WIDTH - LEFT) / (2 * LANES);
}

/* The checkout's lane is 0, a step's service has the step's number and one more. -1 for others. */
static int lane_of_service(const char *service)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        if (strcmp(service, shop_service((enum saga_step)i)) == 0)
            return i + 1;
    return strcmp(service, CHECKOUT) == 0 ? 0 : -1;
}

static const char *word(const cJSON *record, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(record, name);
    return cJSON_IsString(value) ? value->valuestring : "";
}

static int is_word(const cJSON *record, const char *name, const char *wanted)
{
    return strcmp(word(record, name), wanted) == 0;
}

/* A service of a record's step; 0 when it names none. */
static int lane_of_step(const cJSON *record)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        if (is_word(record, "step", saga_step_name((enum saga_step)i)))
            return i + 1;
    return 0;
}

/* --- parts ------------------------------------------------------------------------------------ */

static void words(struct lanes *l, int x, const char *anchor, const char *said)
{
    struct text cut = {0};
    text_append(&cut, said, strnlen(said, WORDS_MAX));
    text_addf(&l->body, "<text class=\"code\" text-anchor=\"%s\" x=\"%d\" y=\"%d\">", anchor, x,
              l->y - 5);
    escape_visible(&l->body, text_str(&cut), 0);
    text_add(&l->body, "</text>");
    text_release(&cut);
}

/* Opens a row. 0 when there is no room for it. */
static int open_row(struct lanes *l, int64_t at_wall_ms, const char *class_name)
{
    if (l->rows == ROWS_MAX) {
        l->left_out++;
        return 0;
    }
    l->rows++;
    l->y += ROW;
    text_addf(&l->body,
              "<g class=\"%s\"><text class=\"code\" text-anchor=\"end\" x=\"%d\" y=\"%d\">%lld"
              "</text>",
              class_name, LEFT - 14, l->y + 4, (long long)(at_wall_ms - l->begun_wall_ms));
    return 1;
}

static void close_row(struct lanes *l)
{
    text_add(&l->body, "</g>\n");
}

static void cross(struct lanes *l, int x)
{
    text_addf(&l->body,
              "<path fill=\"none\" stroke-width=\"3\" d=\"M%d %d l12 12 m0 -12 l-12 12\"/>", x - 6,
              l->y - 6);
}

static void line(struct lanes *l, int from, int to, const char *dashes)
{
    text_addf(&l->body, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"%s/>", from, l->y, to, l->y,
              dashes);
}

/* What stands on one lane, its words beside it. */
static void draw_note(struct lanes *l, int lane, int is_blow, const char *said)
{
    int x = lane_x(lane), to_the_left = lane > LANES / 2;
    if (is_blow)
        cross(l, x);
    else
        text_addf(&l->body, "<circle fill=\"currentColor\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", x, l->y);
    l->y += 9;
    words(l, to_the_left ? x - 12 : x + 12, to_the_left ? "end" : "start", said);
    l->y -= 9;
}

static void draw_command(struct lanes *l, const cJSON *record, int lane)
{
    int x = lane_x(lane), from = lane_x(0), is_back = is_word(record, "direction", "back");
    const cJSON *attempt = cJSON_GetObjectItemCaseSensitive(record, "attempt");
    int number = cJSON_IsNumber(attempt) ? attempt->valueint : 1;
    char said[64];
    snprintf(said, sizeof said, "%s%s", is_back ? "undo " : "",
             saga_step_name((enum saga_step)(lane - 1)));
    if (number > 1)
        snprintf(said + strlen(said), sizeof said - strlen(said), ", attempt %d", number);
    words(l, (x + from) / 2, "middle", said);
    line(l, from, x - 2, is_back ? " stroke-width=\"2\" stroke-dasharray=\"10 5\"" : "");
    text_addf(&l->body, "<polygon class=\"head\" points=\"%d,%d %d,%d %d,%d\"/>", x - 11, l->y - 5,
              x - 1, l->y, x - 11, l->y + 5);
}

static void draw_answer(struct lanes *l, const cJSON *record, int lane)
{
    int x = lane_x(lane), to = lane_x(0), is_late = is_word(record, "what", "noted");
    char said[64];
    snprintf(said, sizeof said, "%s%.20s", is_late ? "late: " : "", word(record, "answer"));
    words(l, (x + to) / 2, "middle", said);
    if (is_word(record, "answer", "unknown")) {
        line(l, x, (x + to) / 2, " stroke-dasharray=\"2 4\"");
        text_addf(&l->body, "<circle fill=\"none\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", (x + to) / 2 - 5,
                  l->y);
        return;
    }
    line(l, x, to + 2, " stroke-dasharray=\"2 4\"");
    if (is_word(record, "answer", "rejected"))
        cross(l, to + 10);
    else
        text_addf(&l->body, "<path fill=\"none\" d=\"M%d %d L%d %d L%d %d\"/>", to + 10, l->y - 5,
                  to + 1, l->y, to + 10, l->y + 5);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What was done from outside: all until at_wall_ms. Of what was done before the checkout began only
   what still stands is drawn. */
static void draw_marks(struct lanes *l, int64_t at_wall_ms)
{
    const struct story *story = &l->run->result->story;
    for (; l->next_mark < story->count; l->next_mark++) {
        const struct story_line *mark = &story->lines[l->next_mark];
        int64_t wall_ms = l->zero_wall_ms + mark->at_ms;
        if (wall_ms > at_wall_ms)
            return;
        int lane = mark->from == NULL || mark->text == NULL || mark->to != NULL
                       ? -1
                       : lane_of_service(mark->from);
        int is_blow = mark->kind == STORY_FAULT && strncmp(mark->text, "works", 5) != 0;
        if (lane < 0 || (mark->kind != STORY_FAULT && mark->kind != STORY_NOTE))
            continue;
        int stands = strncmp(mark->text, "fault", 5) == 0 || strstr(mark->text, "SIGSTOP") != NULL;
        for (int i = l->next_mark + 1; i < story->count && stands; i++)
            if (l->zero_wall_ms + story->lines[i].at_ms < l->begun_wall_ms &&
                story->lines[i].to == NULL && story->lines[i].from != NULL &&
                strcmp(story->lines[i].from, mark->from) == 0)
                stands = 0;
        if (wall_ms < l->begun_wall_ms && !stands)
            continue;
        if (open_row(l, wall_ms, is_blow ? "fault" : "quiet")) {
            draw_note(l, lane, is_blow, mark->text);
            close_row(l);
            l->marks += is_blow;
        }
    }
}

static void draw_record(struct lanes *l, const cJSON *record)
{
    const char *what = word(record, "what"), *answer = word(record, "answer");
    int lane = lane_of_step(record), is_sent = strcmp(what, "sent") == 0;
    int is_answer = answer[0] != '\0' && lane > 0;
    struct error err;
    (void)time_parse(word(record, "at"), &l->at_wall_ms, &err);
    draw_marks(l, l->at_wall_ms);
    const char *look = "step";
    if (is_answer)
        look = strcmp(answer, "ok") == 0         ? "ok"
               : strcmp(answer, "rejected") == 0 ? "wrong"
                                                 : "fault";
    if (!open_row(l, l->at_wall_ms, look))
        return;
    if (is_sent && lane > 0) {
        draw_command(l, record, lane);
    } else if (is_answer) {
        draw_answer(l, record, lane);
    } else {
        struct text said = {0};
        const char *more = word(record, strcmp(what, "parked") == 0 ? "step" : "phase");
        text_addf(&said, "%s%s%s", what, more[0] != '\0' ? ": " : "", more);
        draw_note(l, 0, 0, text_str(&said));
        text_release(&said);
    }
    close_row(l);
}

static void draw_frame(struct text *svg, int bottom)
{
    for (int i = 0; i < LANES; i++) {
        const char *name = i == 0 ? CHECKOUT : shop_service((enum saga_step)(i - 1));
        int x = lane_x(i), length = (int)(strlen(name) - strlen("-service"));
        text_addf(svg,
                  "<line class=\"life\" x1=\"%d\" y1=\"34\" x2=\"%d\" y2=\"%d\"/><rect x=\"%d\" "
                  "y=\"8\" width=\"104\" height=\"26\" rx=\"5\"/><text text-anchor=\"middle\" "
                  "font-size=\"13\" x=\"%d\" y=\"26\">%.*s</text>",
                  x, x, bottom, x - 52, x, length, name);
    }
    text_addf(svg,
              "<text class=\"code\" text-anchor=\"end\" x=\"%d\" y=\"26\">ms</text>"
              "<text class=\"quiet\" font-size=\"12\" x=\"%d\" y=\"%d\">solid: a command; dashed: "
              "an undoing; dotted: an answer, which does not arrive when it is unknown; a cross on "
              "a lane: broken on purpose</text>\n",
              LEFT - 14, LEFT, bottom + 20);
}

static void draw_checkout(struct check_run *run, const cJSON *body)
{
    const struct clock clock = clock_system();
    const cJSON *records = cJSON_GetObjectItemCaseSensitive(body, "records"), *record = NULL;
    struct lanes l = {.run = run, .y = HEAD};
    struct text svg = {0};
    struct error err;
    char title[120], alt[240], box[40];
    l.zero_wall_ms = clock_now(&clock).wall_ms - run_story_ms(run);
    l.begun_wall_ms = l.zero_wall_ms;
    (void)time_parse(word(cJSON_GetArrayItem(records, 0), "at"), &l.begun_wall_ms, &err);
    l.at_wall_ms = l.begun_wall_ms;
    cJSON_ArrayForEach(record, records)
    {
        const cJSON *more = NULL;
        draw_record(&l, record);
        const cJSON *then = cJSON_GetObjectItemCaseSensitive(record, "then");
        cJSON_ArrayForEach(more, then)
        {
            draw_record(&l, more);
        }
    }
    if (l.left_out > 0) {
        snprintf(title, sizeof title, "and %d more", l.left_out);
        l.y += ROW;
        words(&l, LEFT, "start", title);
    }
    snprintf(title, sizeof title, "Checkout %.36s: %.20s", word(body, "id"), word(body, "phase"));
    snprintf(alt, sizeof alt,
             "What the checkout sent to six services and what they answered, in %d rows, and %d "
             "things that were done to them from outside. It is %.20s.",
             l.rows, l.marks, word(body, "phase"));
    snprintf(box, sizeof box, "0 0 %d %d", WIDTH, l.y + 50);
    picture_open(&svg, title, alt, box);
    draw_frame(&svg, l.y + 20);
    text_append(&svg, text_str(&l.body), l.body.length);
    text_add(&svg, "</svg>");
    run_picture(run, title, alt, text_str(&svg));
    text_release(&svg);
    text_release(&l.body);
}

/* 1: something was sent twice, undone or left to a person. */
static int is_eventful(const cJSON *body)
{
    const cJSON *record = NULL;
    cJSON_ArrayForEach(record, cJSON_GetObjectItemCaseSensitive(body, "records"))
    {
        const cJSON *attempt = cJSON_GetObjectItemCaseSensitive(record, "attempt");
        if (is_word(record, "what", "parked") || is_word(record, "direction", "back") ||
            (cJSON_IsNumber(attempt) && attempt->valueint > 1))
            return 1;
    }
    return is_word(body, "phase", saga_phase_name(SAGA_ROLLED_BACK));
}

void shop_pictures(struct shop *shop)
{
    cJSON *bodies[SHOP_CHECKOUTS_MAX] = {NULL};
    int count = 0, drawn = 0;
    while (count < shop->checkouts && (bodies[count] = shop_show(shop, shop->ids[count])) != NULL)
        count++;
    for (int eventful = 1; eventful >= 0; eventful--)
        for (int i = 0; i < count && drawn < PICTURES_MAX; i++)
            if (is_eventful(bodies[i]) == eventful) {
                draw_checkout(shop->run, bodies[i]);
                drawn++;
            }
    for (int i = 0; i < count; i++)
        cJSON_Delete(bodies[i]);
}
