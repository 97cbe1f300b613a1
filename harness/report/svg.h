/*
 * The parts of a picture, appended to a text as SVG.
 *
 * Parts carry classes and no looks of their own: picture.css has the looks, for light and dark. A
 * class_name is "" or some of these, with blanks between:
 *
 *     what it is about   ok wrong missing fault quiet
 *     a text             code (monospaced) small strong middle end (where x is; else its start)
 *     a line             thick dashed dotted life
 *     a shape            full (of the line's colour) hollow band name
 *
 * Lengths and places are pixels of the picture: x to the right, y down. Every string may hold any
 * bytes: it is escaped, and what is hidden in it is made visible.
 */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "kit/text.h"

/* Begins a picture; title and alt name it for those who do not see it. */
void svg_begin(struct text *svg, const char *title, const char *alt, double width, double height);
/* The same for a view box that somebody else has chosen: "min-x min-y width height". */
void svg_begin_view(struct text *svg, const char *title, const char *alt, const char *view_box);
void svg_end(struct text *svg);

/* Parts until svg_group_end have this class too. */
void svg_group(struct text *svg, const char *class_name);
void svg_group_end(struct text *svg);

void svg_text(struct text *svg, const char *class_name, double x, double y, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void svg_line(struct text *svg, const char *class_name, double x1, double y1, double x2, double y2);
void svg_rect(struct text *svg, const char *class_name, double x, double y, double width,
              double height);
void svg_circle(struct text *svg, const char *class_name, double x, double y, double radius);
/* The format makes the path's own language ("M%d %d l14 14"): numbers only, nothing is escaped. */
void svg_path(struct text *svg, const char *class_name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A level arrow. A call has a full head, an answer an open one. */
enum svg_head { SVG_HEAD_FULL, SVG_HEAD_OPEN };
void svg_arrow(struct text *svg, const char *class_name, enum svg_head head, int from, int to,
               int y);
/* Signs around x, y: what is wrong or was refused, and what was broken on purpose. */
void svg_cross(struct text *svg, int x, int y);
void svg_diamond(struct text *svg, int x, int y);

#endif
