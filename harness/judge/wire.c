/*
 * Writing and reading the lines of judge/wire.h.
 */
#include "judge/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "course/lab.h"
#include "judge/scenario.h"
#include "kit/error.h"
#include "probe/message.h"

static void add_optional(struct text *line, const char *name, const char *value)
{
    if (value != NULL)
        message_add(line, name, value);
}

static void end_line(struct text *line, struct text *out)
{
    text_add(out, text_str(line));
    text_add(out, "\n");
}

static void write_picture(struct text *out, struct text *line, const struct picture *picture)
{
    message_begin(line, "picture");
    add_optional(line, "title", picture->title);
    add_optional(line, "alt", picture->alt);
    add_optional(line, "source", picture->source);
    end_line(line, out);
}

static void write_story_line(struct text *out, struct text *line, const struct story_line *story)
{
    message_begin(line, "story");
    message_add_int64(line, "at", story->at_ms);
    message_add_int64(line, "kind", story->kind);
    add_optional(line, "from", story->from);
    add_optional(line, "to", story->to);
    add_optional(line, "text", story->text);
    end_line(line, out);
}

static void write_figure(struct text *out, struct text *line, const struct figure *figure)
{
    char value[32];
    snprintf(value, sizeof value, "%.17g", figure->value);
    message_begin(line, "figure");
    message_add(line, "name", figure->name);
    message_add(line, "value", value);
    end_line(line, out);
}

void wire_write_result(struct text *out, const struct result *result)
{
    struct text line = {0};
    message_begin(&line, "result");
    message_add(&line, "id", result->check->id);
    message_add(&line, "verdict", verdict_name(result->verdict));
    message_add(&line, "reason", result->reason);
    message_add_int64(&line, "wall_ms", result->wall_ms);
    message_add_int64(&line, "cpu_ms", result->cpu_ms);
    message_add_int64(&line, "virtual", result->story.virtual_time);
    add_optional(&line, "expected", result->expected);
    add_optional(&line, "got", result->got);
    add_optional(&line, "detail", result->detail);
    add_optional(&line, "output", result->output);
    add_optional(&line, "script", result->script);
    end_line(&line, out);
    for (int i = 0; i < result->story.count; i++)
        write_story_line(out, &line, &result->story.lines[i]);
    for (int i = 0; i < result->picture_count; i++)
        write_picture(out, &line, &result->pictures[i]);
    for (int i = 0; i < result->figure_count; i++)
        write_figure(out, &line, &result->figures[i]);
    text_release(&line);
}

void wire_write_lab(struct text *out, const struct lab_result *lab)
{
    struct text line = {0};
    message_begin(&line, "lab");
    message_add_int64(&line, "builds", lab->builds);
    message_add_int64(&line, "wall_ms", lab->wall_ms);
    add_optional(&line, "compiler", lab->compiler);
    end_line(&line, out);
    for (int i = 0; i < lab->picture_count; i++)
        write_picture(out, &line, &lab->pictures[i]);
    text_release(&line);
    text_add(out, "end\n");
}

static int64_t number(const struct message *message, const char *name)
{
    int64_t value = 0;
    message_get_int64(message, name, &value);
    return value;
}

static int read_result(struct wire_reader *reader, const struct message *message, struct error *err)
{
    struct lab_result *lab = reader->lab;
    const char *id = message_get_or(message, "id", "");
    const struct check *check = check_find(lab->lab, id);
    enum verdict verdict = VERDICT_ERROR;
    if (check == NULL || verdict_from_name(message_get_or(message, "verdict", ""), &verdict) != 0)
        return error_set(err, ERR_INVALID, "no result of %s: check \"%s\"", lab->lab->name, id);
    if (lab_result_has(lab, check))
        return error_set(err, ERR_INVALID, "a second result of %s", id);
    struct result *result = &lab->results[lab->count++];
    *result = (struct result){.check = check, .verdict = verdict};
    snprintf(result->reason, sizeof result->reason, "%s", message_get_or(message, "reason", ""));
    result->points = verdict == VERDICT_PASS ? check->points : 0;
    result->wall_ms = number(message, "wall_ms");
    result->cpu_ms = number(message, "cpu_ms");
    result->story.virtual_time = (int)number(message, "virtual");
    result_set_string(&result->expected, message_get(message, "expected"));
    result_set_string(&result->got, message_get(message, "got"));
    result_set_string(&result->detail, message_get(message, "detail"));
    result_set_string(&result->output, message_get(message, "output"));
    result_set_string(&result->script, message_get(message, "script"));
    lab->points += result->points;
    lab->points_max += check->points;
    return 0;
}

static int read_message(struct wire_reader *reader, const struct message *message,
                        struct error *err)
{
    struct lab_result *lab = reader->lab;
    struct result *result = lab->count > 0 ? &lab->results[lab->count - 1] : NULL;
    if (strcmp(message->word, "result") == 0)
        return read_result(reader, message, err);
    if (strcmp(message->word, "lab") == 0) {
        reader->lab_seen = 1;
        lab->builds = (int)number(message, "builds");
        lab->wall_ms = number(message, "wall_ms");
        result_set_string(&lab->compiler, message_get(message, "compiler"));
    } else if (strcmp(message->word, "picture") == 0 && (reader->lab_seen || result != NULL)) {
        const char *title = message_get(message, "title"), *alt = message_get(message, "alt");
        const char *source = message_get(message, "source");
        if (reader->lab_seen)
            lab_result_add_picture(lab, title, alt, source);
        else
            result_add_picture(result, title, alt, source);
    } else if (strcmp(message->word, "story") == 0 && result != NULL) {
        story_add(&result->story, number(message, "at"), (enum story_kind)number(message, "kind"),
                  message_get(message, "from"), message_get(message, "to"),
                  message_get(message, "text"));
    } else if (strcmp(message->word, "figure") == 0 && result != NULL) {
        result_add_figure(result, message_get_or(message, "name", ""),
                          strtod(message_get_or(message, "value", "0"), NULL));
    } else if (strcmp(message->word, "end") == 0) {
        reader->ended = 1;
    } else {
        return error_set(err, ERR_INVALID, "an unknown line: \"%.40s\"", message->word);
    }
    return 0;
}

int wire_read(struct wire_reader *reader, const char *line, struct error *err)
{
    struct message message = {0};
    int code = message_parse(line, &message, err);
    if (code == 0)
        code = read_message(reader, &message, err);
    message_release(&message);
    return code;
}
