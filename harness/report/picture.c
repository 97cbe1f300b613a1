#include "report/picture.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "report/escape.h"
#include "report/report.h"

const char *picture_css(void)
{
    return "svg.picture{--ink:#1f2328;--paper:#fff;--soft:#eef1f5;--quiet:#59636e;--good:#1a6b35;"
           "--bad:#b3261e;--fault:#8a4b00;--bad-soft:#fdecea;color:var(--ink);height:auto}"
           "@media(prefers-color-scheme:dark){svg.picture{--ink:#e6e8eb;--paper:#14171b;"
           "--soft:#262c34;--quiet:#a0a8b3;--good:#6fd08c;--bad:#ff8a80;--fault:#f2b35d;"
           "--bad-soft:#3a1f1e}}"
           "svg.picture text{fill:currentColor;stroke:none;font-family:Helvetica,Arial,sans-serif}"
           "svg.picture text.code{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',"
           "monospace;font-size:12px;paint-order:stroke;stroke:var(--paper);stroke-width:4px}"
           "svg.picture .edge text{paint-order:stroke;stroke:var(--paper);stroke-width:4px}"
           "svg.picture .graph>polygon{fill:none;stroke:none}"
           "svg.picture path,svg.picture polyline,svg.picture line,svg.picture polygon,"
           "svg.picture ellipse,svg.picture rect{stroke:currentColor}"
           "svg.picture .node polygon,svg.picture .node path,svg.picture .node ellipse,"
           "svg.picture rect{fill:var(--soft)}"
           "svg.picture .node path+path,svg.picture .node polyline{fill:none}"
           "svg.picture .edge polygon,svg.picture polygon.head{fill:currentColor}"
           "svg.picture .cluster polygon,svg.picture .cluster path{fill:none;stroke:var(--quiet);"
           "stroke-dasharray:6 4}"
           "svg.picture .life{stroke:var(--quiet);stroke-width:1}"
           "svg.picture .ok{color:var(--good)}"
           "svg.picture .wrong{color:var(--bad);font-weight:bold}"
           "svg.picture .wrong path{stroke-width:2}"
           "svg.picture .missing,svg.picture .quiet{color:var(--quiet)}"
           "svg.picture .fault{color:var(--fault);font-weight:bold}"
           "svg.picture .student>polygon,svg.picture .student>path{stroke-width:2.5}"
           "svg.picture rect.band~text.code{stroke:var(--bad-soft)}"
           "svg.picture rect.band{fill:var(--bad-soft);stroke:none}";
}

/* FNV-1a: ids must differ between the pictures of one page, and be the same in every run. */
static uint64_t hash(uint64_t state, const char *string)
{
    for (; *string != '\0'; string++)
        state = (state ^ (unsigned char)*string) * 1099511628211U;
    return state;
}

void picture_open(struct text *svg, const char *title, const char *alt, const char *view_box)
{
    double wide = 0;
    uint64_t id = hash(hash(14695981039346656037U, title), alt) ^ svg->length;

    /* As wide as its place, but its texts never larger than the page's. */
    if (sscanf(view_box, "%*f %*f %lf", &wide) != 1)
        wide = 900;
    text_addf(svg,
              "<svg class=\"picture\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
              "style=\"width:100%%;max-width:%.0fpx\" aria-labelledby=\"t%016" PRIx64
              " d%016" PRIx64 "\" viewBox=\"%s\"><title "
              "id=\"t%016" PRIx64 "\">",
              1.15 * wide, id, id, view_box, id);
    escape_visible(svg, title, 0);
    text_addf(svg, "</title><desc id=\"d%016" PRIx64 "\">", id);
    escape_visible(svg, alt, 0);
    text_add(svg, "</desc>\n");
}

/* The value of a "// name: value" line, the caller's to free; "" when there is none. */
static char *comment(const char *source, const char *name)
{
    struct text value = {0}, start = {0};

    text_addf(&start, "// %s: ", name);
    text_add(&value, "");
    for (const char *line = source; *line != '\0'; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, text_str(&start), start.length) == 0)
            text_append(&value, line + start.length, length - start.length);
        line += length;
    }
    text_release(&start);
    return text_detach(&value);
}

/* The first word that is no comment says what it is. */
static int is_dot(const char *source)
{
    while (strncmp(source, "//", 2) == 0 || isspace((unsigned char)*source))
        source += *source == '/' ? strcspn(source, "\n") : 1;
    return strncmp(source, "digraph", 7) == 0 || strncmp(source, "graph", 5) == 0 ||
           strncmp(source, "strict", 6) == 0;
}

int picture_from_source(const char *source, struct text *svg, struct error *err)
{
    char *title = comment(source, "title"), *alt = comment(source, "alt");
    struct story story = {0};
    int status = 0;

    if (is_dot(source)) {
        status = picture_from_dot(source, title, alt, svg, err);
    } else {
        status = story_from_source(source, &story, err);
        if (status == 0)
            picture_from_story(&story, title, svg);
    }
    story_release(&story);
    free(title);
    free(alt);
    return status;
}
