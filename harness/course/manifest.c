/*
 * Reading manifests.
 */
#include "course/manifest.h"

#include <string.h>
#include "base/files.h"
#include "course/lab.h"
#include "kit/error.h"

enum { MANIFEST_MAX = 16384 };

/* The manifest's text; empty when there is none. */
static struct text read_manifest(const struct lab *lab)
{
    struct text path = {0}, manifest = {0};
    text_addf(&path, "%s/%s/manifest", lab_home(lab), lab->name);
    files_read(text_str(&path), MANIFEST_MAX, &manifest, NULL);
    text_release(&path);
    return manifest;
}

/* The name on the line at *at, and *at behind the line. 0 for a line without one. */
static size_t next_name(const char **at, const char **name)
{
    *name = *at;
    size_t length = strcspn(*at, " \t#\n");
    *at += strcspn(*at, "\n");
    *at += **at == '\n';
    return length;
}

int manifest_read(const struct lab *lab, struct text *names, struct error *err)
{
    struct text manifest = read_manifest(lab);
    const char *at = text_str(&manifest), *name = NULL;
    int found = 0;
    while (*at != '\0') {
        const size_t length = next_name(&at, &name);
        if (length > 0)
            text_addf(names, "%.*s\n", (int)length, name);
        found += length > 0;
    }
    text_release(&manifest);
    if (found > 0)
        return 0;
    return error_set(err, ERR_NOT_FOUND,
                     "%s/%s/manifest names no file: run this in the course's folder", lab_home(lab),
                     lab->name);
}

int manifest_lists(const struct lab *lab, const char *file)
{
    struct text manifest = read_manifest(lab);
    const char *at = text_str(&manifest), *name = NULL;
    int found = manifest.length == 0 ? -1 : 0;
    while (*at != '\0' && found == 0) {
        size_t length = next_name(&at, &name);
        found = length == strlen(file) && strncmp(name, file, length) == 0;
    }
    text_release(&manifest);
    return found;
}

int manifest_missing(const struct lab *lab, const char *sources, struct text *words)
{
    struct text path = {0}, manifest = read_manifest(lab);
    const char *at = text_str(&manifest), *name = NULL;
    int missing = 0;
    while (*at != '\0') {
        size_t length = next_name(&at, &name);
        text_clear(&path);
        text_addf(&path, "%s/%.*s", sources, (int)length, name);
        if (length > 0 && !files_exist(text_str(&path))) {
            text_addf(words, "%s is missing: %s/%s/manifest lists it.\n", text_str(&path),
                      lab_home(lab), lab->name);
            missing++;
        }
    }
    text_release(&path);
    text_release(&manifest);
    return missing;
}
