#include "report/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "report/report.h"
#include "report/styles.h"

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

void picture_add_style(struct text *svg)
{
    struct text out = {0};
    const char *all = text_str(svg), *at = strstr(all, "</title>");
    size_t head = at == NULL ? svg->length : (size_t)(at - all) + strlen("</title>");

    text_append(&out, all, head);
    text_addf(&out, "<style>%s%s</style>", style_colours, style_picture);
    text_add(&out, all + head);
    text_release(svg);
    *svg = out;
}
