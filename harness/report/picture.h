/* Pictures from source text. */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include "course/result.h"
#include "kit/text.h"

struct error;

enum {
    PICTURE_DEADLINE_MS = 10000, /* for Graphviz */
    PICTURE_BYTES_MAX = 4 << 20  /* of Graphviz's answer */
};

/* A picture from source text: DOT, or else a sequence, one step per line:
 *
 *     // title: What it is            // alt: What it shows, in words
 *     a -> b: a call          b --> a: a reply          a: a note
 *     ! a: a fault            x b --> a: where the rule broke
 *     250 a -> b: at 250 ms
 *
 * ERR_INVALID names the line; ERR_UNAVAILABLE without Graphviz. */
int picture_from_source(const char *source, struct text *svg, struct error *err);
int story_from_source(const char *source, struct story *story, struct error *err);

/* Puts the style sheets into an SVG of ours, so that it stands alone as a file. */
void picture_add_style(struct text *svg);

#endif
