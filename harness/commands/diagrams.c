/*
 * svclab diagrams: the pictures of one lab as files, as the HTML report would show them.
 *
 *     svclab diagrams --lab 04 [--tree labs] [--check GLOB] [--out DIR]
 *
 * The lab is judged for it: most pictures show what the code does. Only that they are there is
 * asked here, so that failed checks change nothing.
 */
#include "commands/commands.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/places.h"
#include "commands/flags.h"
#include "course/lab.h"
#include "course/status.h"
#include "judge/session.h"
#include "kit/error.h"
#include "report/picture.h"
#include "report/report.h"
#include "suites/suites.h"

enum { NAME_MAX_BYTES = 48 };

/* Where pictures go, and how many are there. */
struct album {
    const char *dir;
    int count;
};

/* "03-who-owns-which-data.svg"; what a title has in brackets is for readers of the page. */
static void add_file_name(struct text *path, int number, const char *title)
{
    text_addf(path, "/%02d", number);
    int is_gap = 1;
    for (int i = 0; title[i] != '\0' && title[i] != '(' && i < NAME_MAX_BYTES; i++) {
        if (!isalnum((unsigned char)title[i])) {
            is_gap = 1;
            continue;
        }
        text_addf(path, "%s%c", is_gap ? "-" : "", tolower((unsigned char)title[i]));
        is_gap = 0;
    }
    text_add(path, ".svg");
}

static int write_picture(struct album *album, const struct picture *picture, struct error *err)
{
    struct text svg = {0}, path = {0};
    int code = 0;
    if (strncmp(picture->source, "<svg", 4) == 0)
        text_add(&svg, picture->source);
    else
        code = picture_from_dot(picture->source, picture->title, picture->alt, &svg, err);
    add_file_name(&path, ++album->count, picture->title);
    struct text place = {0};
    text_addf(&place, "%s%s", album->dir, text_str(&path));
    if (code == 0) {
        picture_add_style(&svg);
        code = files_write(text_str(&place), text_str(&svg), svg.length, err);
    }
    if (code == 0)
        printf("%s\n", text_str(&place));
    text_release(&place);
    text_release(&svg);
    text_release(&path);
    return code;
}

/* Pictures of an earlier run must not stand for this one. */
static void remove_old(const char *dir)
{
    struct text pattern = {0};
    glob_t found = {0};
    text_addf(&pattern, "%s/[0-9][0-9]-*.svg", dir);
    if (glob(text_str(&pattern), GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
    globfree(&found);
    text_release(&pattern);
}

static int write_all(struct album *album, const struct lab_result *lab, struct error *err)
{
    int code = files_make(album->dir, err);
    remove_old(album->dir);
    for (int i = 0; code == 0 && i < lab->picture_count; i++)
        code = write_picture(album, &lab->pictures[i], err);
    for (int i = 0; i < lab->count; i++)
        for (int k = 0; code == 0 && k < lab->results[i].picture_count; k++)
            code = write_picture(album, &lab->results[i].pictures[k], err);
    return code;
}

static int draw(const struct session *session, const char *out)
{
    struct run_result run;
    struct error err = {0};
    struct text place = {0};
    int code = session_run(session, &run, &err);
    if (code != 0) {
        fprintf(stderr, "svclab diagrams: %s\n", err.text);
        return code == ERR_NOT_FOUND ? STATUS_USAGE
               : code == ERR_REFUSED ? STATUS_INTERRUPTED
                                     : STATUS_GRADER;
    }
    const struct lab_result *lab = &run.labs[0];
    int status = STATUS_FULL;
    if (out != NULL)
        text_add(&place, out);
    else
        place_in_build(&place, "diagrams");
    text_addf(&place, "/%s", lab->lab->name);
    struct album album = {.dir = text_str(&place)};
    if (!lab->builds) {
        fprintf(stderr, "svclab diagrams: %s does not build:\n%s", lab->lab->name, lab->compiler);
        status = STATUS_NO_BUILD;
    } else if (write_all(&album, lab, &err) != 0) {
        fprintf(stderr, "svclab diagrams: %s\n", err.text);
        status = STATUS_GRADER;
    } else if (album.count == 0) {
        printf("%s has no pictures of this tree.\n", lab->lab->name);
    }
    text_release(&place);
    run_result_release(&run);
    return status;
}

int command_diagrams(int argc, char **argv)
{
    struct session session = {.labs = all_labs, .words = stderr, .pictures = 1};
    const char *seed = NULL, *out = NULL;
    const struct flag flags[] = {
        {"lab", &session.lab, "NN    the lab"},
        {"tree", &session.tree, "DIR  folder with the students' files (where the lab is)"},
        {"programs", &session.programs, "DIR programs that are built: LAB/probe, LAB/service"},
        {"peers", &session.peers, "DIR  the peers' programs (build/peers)"},
        {"check", &session.check, "GLOB of the checks, only those whose name matches"},
        {"seed", &seed, "N    another seed"},
        {"out", &out,
         "DIR   where the lab's folder of pictures goes (diagrams in the build folder)"},
        {0},
    };
    int status = flags_parse(argc, argv, "diagrams", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    struct error err = {0};
    if (session.lab == NULL)
        error_set(&err, ERR_NOT_FOUND, "--lab takes a lab (svclab list names them)");
    if (session.lab == NULL || flags_seed(seed, &session.seed, &err) != 0) {
        fprintf(stderr, "svclab diagrams: %s\n", err.text);
        return STATUS_USAGE;
    }
    return draw(&session, out);
}
