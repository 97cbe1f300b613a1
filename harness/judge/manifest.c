/*
 * Reading manifests.
 */
#include "judge/manifest.h"

#include <string.h>

#include "judge/files.h"

enum { MANIFEST_MAX = 16384 };

int manifest_missing(const char *lab, const char *sources, struct text *words)
{
    struct text path = {0}, manifest = {0};
    int missing = 0;
    text_addf(&path, "labs/%s/manifest", lab);
    files_read(text_str(&path), MANIFEST_MAX, &manifest, NULL); /* none: nothing is missing */
    for (const char *line = text_str(&manifest); *line != '\0';) {
        size_t length = strcspn(line, " \t#\n");
        if (length > 0) {
            text_clear(&path);
            text_addf(&path, "%s/%.*s", sources, (int)length, line);
            if (!files_exist(text_str(&path))) {
                text_addf(words, "%s is missing: labs/%s/manifest lists it.\n", text_str(&path),
                          lab);
                missing++;
            }
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    text_release(&path);
    text_release(&manifest);
    return missing;
}
