/*
 * What all pictures share: the frame with its name for screen readers, the colours, the measures.
 *
 * A picture is an <svg class="picture"> whose parts carry classes and no colours of their own:
 * picture_css colours them for light and dark. It stands once in a page, or in a file of its own.
 * Classes: ok wrong missing fault quiet student trusted soft.
 */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include "kit/text.h"
#include "course/result.h"

struct error;

enum {
    PICTURE_DEADLINE_MS = 10000, /* for Graphviz */
    PICTURE_BYTES_MAX = 4 << 20  /* of Graphviz's answer */
};

/* Opens the frame. The caller adds the parts and "</svg>". */
void picture_open(struct text *svg, const char *title, const char *alt, const char *view_box);

/* The style sheet, without <style>. */
const char *picture_css(void);

/* A picture from source text: DOT, or else a sequence, one step a line:
 *
 *     // title: What it is            // alt: What it shows, in words
 *     a -> b: a call          b --> a: a reply          a: a note
 *     ! a: a fault            x b --> a: where the rule broke
 *     250 a -> b: at 250 ms
 *
 * ERR_INVALID names the line; ERR_UNAVAILABLE without Graphviz. */
int picture_from_source(const char *source, struct text *svg, struct error *err);
int story_from_source(const char *source, struct story *story, struct error *err);

#endif
