/*
 * svclab picture FILE|- [OUT]: DOT or a sequence (report/picture.h) to an SVG that stands alone,
 * for diagrams/ and the handbook.
 */
#include "commands/commands.h"

#include "course/status.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "kit/error.h"
#include "report/file.h"
#include "report/picture.h"

enum { SOURCE_BYTES_MAX = 1 << 20 };

static int read_source(const char *path, struct text *out, struct error *err)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char chunk[4096];
    size_t got = 0;

    if (in == NULL)
        return error_set(err, ERR_IO, "Cannot read %s.", path);
    while (out->length < SOURCE_BYTES_MAX && (got = fread(chunk, 1, sizeof chunk, in)) > 0)
        text_append(out, chunk, got);
    int failed = ferror(in);
    if (in != stdin)
        fclose(in);
    return failed ? error_set(err, ERR_IO, "Cannot read %s.", path) : 0;
}

/* Puts the style sheet behind the frame's name and description: the file stands alone. */
static void add_style(struct text *svg)
{
    struct text out = {0};
    const char *all = text_str(svg), *at = strstr(all, "</desc>");
    size_t head = at == NULL ? svg->length : (size_t)(at - all) + strlen("</desc>");

    text_append(&out, all, head);
    text_addf(&out, "<style>%s</style>", picture_css());
    text_add(&out, all + head);
    text_release(svg);
    *svg = out;
}

int command_picture(int argc, char **argv)
{
    struct text source = {0}, svg = {0};
    struct error err = {0};

    const int asked = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc < 2 || argc > 3 || asked) {
        fputs("usage: svclab picture FILE|- [OUT]\n", asked ? stdout : stderr);
        return asked ? STATUS_FULL : STATUS_USAGE;
    }
    int status = read_source(argv[1], &source, &err);
    if (status == 0)
        status = picture_from_source(text_str(&source), &svg, &err);
    if (status == 0)
        add_style(&svg);
    if (status == 0 && argc == 3)
        status = file_write(argv[2], &svg, &err);
    else if (status == 0 && (fputs(text_str(&svg), stdout) < 0 || fflush(stdout) != 0))
        status = error_set(&err, ERR_IO, "Cannot write the picture.");
    if (status != 0)
        fprintf(stderr, "%s: %s\n", argv[1], err.text);
    text_release(&source);
    text_release(&svg);
    return status == 0 ? 0 : 1;
}
