/*
 * svclab refuse OBJECT...: the build's question whether a lab's files may be graded. Beside each
 * NAME.o lies NAME.i, the preprocessed text of the same file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "base/files.h"
#include "commands/flags.h"
#include "course/status.h"
#include "refuse/refuse.h"
#include "kit/error.h"

enum { SOURCE_BYTES_MAX = 32 << 20 }; /* all headers of the system together are 3 MB */

static int read_source(struct refuse_file *file, struct error *err)
{
    struct text path = {0};
    text_addf(&path, "%.*s.i", (int)strlen(file->object) - 2, file->object);
    int code = files_read(text_str(&path), SOURCE_BYTES_MAX, &file->source, err);
    if (code == 0 && file->source.length == SOURCE_BYTES_MAX)
        code = error_set(err, ERR_LIMIT, "%s has more than 32 MB: include less.", text_str(&path));
    text_release(&path);
    return code;
}

/* Every file is told, so that one run shows all there is to do. */
static int look_into(struct refuse_file *files, int count, struct text *words, struct error *err)
{
    int code = 0, refusals = 0;
    for (int i = 0; i < count && code == 0; i++) {
        code = read_source(&files[i], err);
        if (code == 0)
            refusals += refuse_source(&files[i].source, words) != 0;
    }
    if (code == 0)
        code = refuse_objects(files, count, words, err);
    return code == 0 && refusals > 0 ? ERR_REFUSED : code;
}

int command_refuse(int argc, char **argv)
{
    struct text words = {0};
    struct error err = {""};
    int count = argc - 1;
    struct refuse_file *files = calloc((size_t)count + 1, sizeof files[0]);
    if (files == NULL)
        abort();
    for (int i = 0; i < count; i++)
        files[i].object = argv[i + 1];
    int code = look_into(files, count, &words, &err);
    fputs(text_str(&words), stderr);
    if (err.text[0] != '\0')
        fprintf(stderr, "%s\n", err.text);
    for (int i = 0; i < count; i++)
        text_release(&files[i].source);
    free(files);
    text_release(&words);
    return code == 0 ? STATUS_FULL : code == ERR_REFUSED ? STATUS_FAILED : STATUS_GRADER;
}
