/*
 * Reading patches. What the diff does is `patch`'s business; here only the header lines and the
 * names of the files are read, and refused with a sentence when they are not as agreed.
 */
#include "matrix/mutant.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"

static const char SUFFIX[] = ".patch";
static const char RIGHT_PREFIX[] = "right-";

static int starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int ends_with(const char *text, const char *suffix)
{
    const size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

/* The value after "Key: " copied into field; 1 when the line has this key. */
static int header_value(const char *line, const char *key, char *field, size_t size)
{
    const size_t length = strlen(key);
    if (strncmp(line, key, length) != 0 || line[length] != ':')
        return 0;
    const char *value = line + length + 1;
    snprintf(field, size, "%s", value + strspn(value, " \t"));
    return 1;
}

static int read_header(struct mutant *out, const char *line, int number, struct error *err)
{
    char breaks[sizeof out->says] = "", verdict[16] = "", lines[16] = "";
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (header_value(line, "Killed-by", out->killed_by, sizeof out->killed_by) ||
        header_value(line, "Sibling", out->sibling, sizeof out->sibling) ||
        (out->right && header_value(line, "Right", out->says, sizeof out->says)))
        return 0;
    if (!out->right && header_value(line, "Breaks", breaks, sizeof breaks)) {
        const size_t rule = strcspn(breaks, " ");
        snprintf(out->rule, sizeof out->rule, "%.*s", (int)rule, breaks);
        snprintf(out->says, sizeof out->says, "%s", breaks + rule + strspn(breaks + rule, " "));
        return 0;
    }
    if (!out->right && header_value(line, "Verdict", verdict, sizeof verdict) &&
        strcmp(verdict, "crash") == 0) {
        out->crash = 1;
        return 0;
    }
    if (!out->right && header_value(line, "Story", lines, sizeof lines)) {
        out->story_lines = (int)strtol(lines, NULL, 10);
        if (out->story_lines > 0)
            return 0;
    }
    return error_set(err, ERR_INVALID,
                     "%s:%d: \"%.60s\" is not a header line; write %s (harness/mutants/README.md)",
                     out->path, number, line,
                     out->right ? "Right: WHY"
                                : "Breaks:, Killed-by:, Sibling:, Verdict: crash or Story: LINES");
}

/* "+++ b/order.c" names a file: one path step, so that no patch reaches outside its tree. */
static int read_file_name(struct mutant *out, const char *line, struct error *err)
{
    char name[64] = "";
    const char *from = line + strlen("+++ b/");
    const size_t length = strcspn(from, "\t ");
    if (!starts_with(line, "+++ b/") || length == 0 || length >= sizeof name || from[0] == '.' ||
        memchr(from, '/', length) != NULL)
        return error_set(err, ERR_INVALID,
                         "%s: \"%.60s\" should be \"+++ b/FILE.c\", a file of the lab's own folder",
                         out->path, line);
    if (out->file_count == MUTANT_FILES_MAX)
        return error_set(err, ERR_LIMIT, "%s touches more than %d files; make it smaller",
                         out->path, MUTANT_FILES_MAX);
    snprintf(out->files[out->file_count++], sizeof out->files[0], "%.*s", (int)length, from);
    return 0;
}

static int check_complete(const struct mutant *mutant, struct error *err)
{
    const char *missing = NULL;
    if (mutant->right)
        missing = mutant->says[0] == '\0' ? "Right: WHY" : NULL;
    else if (mutant->rule[0] == '\0' || mutant->says[0] == '\0')
        missing = "Breaks: RULE WHAT-IS-WRONG";
    else if (mutant->killed_by[0] == '\0')
        missing = "Killed-by: CHECK";
    else if (mutant->sibling[0] == '\0')
        missing = "Sibling: CHECK";
    if (missing != NULL)
        return error_set(err, ERR_INVALID, "%s lacks the line \"%s\"", mutant->path, missing);
    if (!mutant->right && strcmp(mutant->killed_by, mutant->sibling) == 0)
        return error_set(err, ERR_INVALID, "%s: the sibling must be another check than %s",
                         mutant->path, mutant->killed_by);
    if (mutant->file_count == 0)
        return error_set(err, ERR_INVALID, "%s holds no diff (no \"+++ b/FILE.c\" line)",
                         mutant->path);
    return 0;
}

static int read_lines(struct mutant *out, char *text, struct error *err)
{
    int in_diff = 0, number = 0, status = 0;
    for (char *line = text, *end = NULL; line != NULL && status == 0; line = end) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        number++;
        in_diff = in_diff || starts_with(line, "--- ") || starts_with(line, "diff ");
        if (!in_diff)
            status = read_header(out, line, number, err);
        else if (starts_with(line, "+++ "))
            status = read_file_name(out, line, err);
    }
    return status == 0 ? check_complete(out, err) : status;
}

int mutant_read(struct mutant *out, const char *lab, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    *out = (struct mutant){0};
    snprintf(out->lab, sizeof out->lab, "%s", lab);
    snprintf(out->path, sizeof out->path, "%s", path);
    if (!ends_with(base, SUFFIX) || strlen(base) - strlen(SUFFIX) >= sizeof out->name)
        return error_set(err, ERR_INVALID, "%s should be named NAME.patch, below %zu letters", path,
                         sizeof out->name);
    snprintf(out->name, sizeof out->name, "%.*s", (int)(strlen(base) - strlen(SUFFIX)), base);
    out->right = starts_with(out->name, RIGHT_PREFIX);

    FILE *file = fopen(path, "r");
    if (file == NULL)
        return error_set(err, ERR_IO, "cannot open %s: %s", path, strerror(errno));
    char *text = calloc(1, MUTANT_PATCH_MAX + 1);
    int status = 0;
    if (text == NULL || fread(text, 1, MUTANT_PATCH_MAX, file) == MUTANT_PATCH_MAX ||
        ferror(file) != 0)
        status = error_set(err, ERR_IO, "cannot read %s, or it is %d bytes or longer", path,
                           MUTANT_PATCH_MAX);
    else
        status = read_lines(out, text, err);
    free(text);
    fclose(file);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const struct mutant *left = a, *right = b;
    if (left->right != right->right)
        return right->right - left->right;
    return strcmp(left->name, right->name);
}

int mutant_list(struct mutant **out, const char *folder, const char *lab, struct error *err)
{
    char path[512];
    int count = 0, status = 0;
    *out = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, lab);
    DIR *directory = opendir(path);
    if (directory == NULL)
        return errno == ENOENT
                   ? 0
                   : error_set(err, ERR_IO, "cannot read the folder %s: %s", path, strerror(errno));
    struct mutant *list = calloc(MUTANTS_MAX, sizeof *list);
    if (list == NULL)
        status = error_set(err, ERR_IO, "no memory for %d mutants", MUTANTS_MAX);
    for (const struct dirent *entry; status == 0 && (entry = readdir(directory)) != NULL;) {
        if (!ends_with(entry->d_name, SUFFIX))
            continue;
        if (count == MUTANTS_MAX) {
            status = error_set(err, ERR_LIMIT, "%s holds more than %d patches", path, MUTANTS_MAX);
            break;
        }
        char patch[sizeof path + sizeof entry->d_name + 1];
        snprintf(patch, sizeof patch, "%s/%s", path, entry->d_name);
        status = mutant_read(&list[count++], lab, patch, err);
    }
    closedir(directory);
    if (status != 0) {
        free(list);
        return status;
    }
    qsort(list, (size_t)count, sizeof *list, by_name);
    *out = list;
    return count;
}
