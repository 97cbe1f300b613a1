/*
 * The style sheets of this folder, compiled in: a page is one file that loads nothing.
 * Each is the .css file as it stands there, ended by a NUL.
 */
#ifndef REPORT_STYLES_H
#define REPORT_STYLES_H

extern const char style_colours[]; /* what the others take their colours from: goes before them */
extern const char style_page[];
extern const char style_picture[];

#endif
