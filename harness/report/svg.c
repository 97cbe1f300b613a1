#define _GNU_SOURCE /* vasprintf */
#include "report/svg.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/escape.h"

enum { HEAD_LONG = 10, HEAD_HALF = 5, SIGN_HALF = 7 };

/* What the format makes, the caller's to free. */
static char *formatted(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
static char *formatted(const char *format, va_list arguments)
{
    char *made = NULL;

    if (vasprintf(&made, format, arguments) < 0) {
        fputs("svclab: out of memory\n", stderr);
        abort();
    }
    return made;
}

static void attribute(struct text *svg, const char *name, const char *value)
{
    text_addf(svg, " %s=\"", name);
    escape_visible(svg, value, 0);
    text_add(svg, "\"");
}

static void number(struct text *svg, const char *name, double value)
{
    text_addf(svg, " %s=\"%.6g\"", name, value);
}

static void open_part(struct text *svg, const char *tag, const char *class_name)
{
    text_addf(svg, "<%s", tag);
    if (class_name[0] != '\0')
        attribute(svg, "class", class_name);
}

void svg_begin_view(struct text *svg, const char *title, const char *alt, const char *view_box)
{
    struct text label = {0};
    double wide = 0;

    if (sscanf(view_box, "%*f %*f %lf", &wide) != 1)
        wide = 900;
    text_addf(&label, "%s. %s", title, alt);
    text_add(svg, "<svg class=\"picture\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    attribute(svg, "aria-label", text_str(&label));
    attribute(svg, "viewBox", view_box);
    text_addf(svg, " style=\"--wide:%.0fpx\"><title>", wide);
    escape_visible(svg, title, 0);
    text_add(svg, "</title>\n");
    text_release(&label);
}

void svg_begin(struct text *svg, const char *title, const char *alt, double width, double height)
{
    char view_box[64];

    snprintf(view_box, sizeof view_box, "0 0 %.6g %.6g", width, height);
    svg_begin_view(svg, title, alt, view_box);
}

void svg_end(struct text *svg)
{
    text_add(svg, "</svg>\n");
}

void svg_group(struct text *svg, const char *class_name)
{
    open_part(svg, "g", class_name);
    text_add(svg, ">");
}

void svg_group_end(struct text *svg)
{
    text_add(svg, "</g>\n");
}

void svg_text(struct text *svg, const char *class_name, double x, double y, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *words = formatted(format, arguments);
    va_end(arguments);
    open_part(svg, "text", class_name);
    number(svg, "x", x);
    number(svg, "y", y);
    text_add(svg, ">");
    escape_visible(svg, words, 0);
    text_add(svg, "</text>");
    free(words);
}

void svg_line(struct text *svg, const char *class_name, double x1, double y1, double x2, double y2)
{
    open_part(svg, "line", class_name);
    number(svg, "x1", x1);
    number(svg, "y1", y1);
    number(svg, "x2", x2);
    number(svg, "y2", y2);
    text_add(svg, "/>");
}

void svg_rect(struct text *svg, const char *class_name, double x, double y, double width,
              double height)
{
    open_part(svg, "rect", class_name);
    number(svg, "x", x);
    number(svg, "y", y);
    number(svg, "width", width);
    number(svg, "height", height);
    text_add(svg, "/>");
}

void svg_circle(struct text *svg, const char *class_name, double x, double y, double radius)
{
    open_part(svg, "circle", class_name);
    number(svg, "cx", x);
    number(svg, "cy", y);
    number(svg, "r", radius);
    text_add(svg, "/>");
}

void svg_path(struct text *svg, const char *class_name, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *path = formatted(format, arguments);
    va_end(arguments);
    open_part(svg, "path", class_name);
    attribute(svg, "d", path);
    text_add(svg, "/>");
    free(path);
}

void svg_arrow(struct text *svg, const char *class_name, enum svg_head head, int from, int to,
               int y)
{
    const int back = to > from ? -HEAD_LONG : HEAD_LONG, tip = to + back / HEAD_LONG;

    svg_line(svg, class_name, from, y, tip, y);
    svg_path(svg, head == SVG_HEAD_FULL ? "full" : "", "M%d %d L%d %d L%d %d%s", tip + back,
             y - HEAD_HALF, tip, y, tip + back, y + HEAD_HALF, head == SVG_HEAD_FULL ? " Z" : "");
}

void svg_cross(struct text *svg, int x, int y)
{
    svg_path(svg, "thick", "M%d %d l%d %d m0 %d l%d %d", x - SIGN_HALF, y - SIGN_HALF,
             2 * SIGN_HALF, 2 * SIGN_HALF, -2 * SIGN_HALF, -2 * SIGN_HALF, 2 * SIGN_HALF);
}

void svg_diamond(struct text *svg, int x, int y)
{
    svg_path(svg, "full", "M%d %d l%d %d l%d %d l%d %d Z", x - SIGN_HALF, y, SIGN_HALF, -SIGN_HALF,
             SIGN_HALF, SIGN_HALF, -SIGN_HALF, SIGN_HALF);
}
