/* The parts of the HTML page. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "course/result.h"

/* <tag class="...">string</tag>, escaped; class may be NULL. */
void html_element(struct text *out, const char *tag, const char *class_name, const char *string);
/* Words of ours: what stands between two backticks is code. */
void html_prose(struct text *out, const char *string);
/* The id of a check's card. */
void html_card_id(struct text *out, const struct lab_result *lab, const struct result *result);
/* A failed, crashed or erroneous check: rule, story, compared texts, commands, hints. */
void html_card(struct text *out, const struct run_result *run, const struct lab_result *lab,
               const struct result *result);
void html_pictures(struct text *out, const struct picture *pictures, int count);
/* What was said of the lab's rationale; nothing when it asks for none. */
void html_rationale(struct text *out, const struct lab_result *lab);
void html_figures(struct text *out, const struct result *result);

#endif
