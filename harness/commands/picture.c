/*
 * svclab picture FILE|- [OUT]: DOT or a sequence (report/picture.h) to an SVG that stands alone,
 * for diagrams/ and the handbook.
 */
#include "commands/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "course/status.h"
#include "kit/error.h"
#include "report/picture.h"

enum { SOURCE_BYTES_MAX = 1 << 20 };

int command_picture(int argc, char **argv)
{
    struct text source = {0}, svg = {0};
    struct error err = {0};

    const int asked = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc < 2 || argc > 3 || asked) {
        fputs("usage: svclab picture FILE|- [OUT]\n", asked ? stdout : stderr);
        return asked ? STATUS_FULL : STATUS_USAGE;
    }
    const char *path = strcmp(argv[1], "-") == 0 ? "/dev/stdin" : argv[1];
    int status = files_read(path, SOURCE_BYTES_MAX, &source, &err);
    if (status == 0)
        status = picture_from_source(text_str(&source), &svg, &err);
    if (status == 0)
        picture_add_style(&svg);
    if (status == 0 && argc == 3)
        status = files_write(argv[2], text_str(&svg), svg.length, &err);
    else if (status == 0 && (fputs(text_str(&svg), stdout) < 0 || fflush(stdout) != 0))
        status = error_set(&err, ERR_IO, "cannot write the picture");
    if (status != 0)
        fprintf(stderr, "%s: %s\n", argv[1], err.text);
    text_release(&source);
    text_release(&svg);
    return status == 0 ? 0 : 1;
}
