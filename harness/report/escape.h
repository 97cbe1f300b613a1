/* Text for XML and HTML. */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include "kit/text.h"

/* Appends string for element content and quoted attributes. What XML 1.0 does not allow is left
   out, invalid UTF-8 becomes U+FFFD. NULL is "". */
void escape_xml(struct text *out, const char *string);

/* The same for what students' code said: every hidden byte becomes visible (\x1b); newlines stay
   when keep_lines is 1. */
void escape_visible(struct text *out, const char *string, int keep_lines);

#endif
