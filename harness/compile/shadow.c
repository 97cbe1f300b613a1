/*
 * Headers of a submission in the place of given ones.
 *
 * Whoever hands in a whole folder hands in our headers too, as they were at the time. Quotes in
 * an #include look beside the file first, so such a copy would be compiled with given objects of
 * today's. It may lie there as long as it is the same.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "compile/building.h"
#include "compile/jobs.h"
#include "course/manifest.h"

static int same_bytes(const char *one, const char *other)
{
    struct text a = {0}, b = {0};
    const size_t most = (size_t)COMPILE_TEXT_MB << 20;
    const int same = files_read(one, most, &a, NULL) == 0 &&
                     files_read(other, most, &b, NULL) == 0 && a.length == b.length &&
                     memcmp(text_str(&a), text_str(&b), a.length) == 0;
    text_release(&a);
    text_release(&b);
    return same;
}

/* The name in the marker of an included file, `# 1 "NAME" 1`: \\, \" and \ooo stand for one byte.
   0 when the line is something else. */
static int read_name(const char *line, struct text *name)
{
    static const char begins[] = "# 1 \"", ends[] = "\" 1";
    text_clear(name);
    if (strncmp(line, begins, strlen(begins)) != 0)
        return 0;
    const char *at = line + strlen(begins);
    for (; *at != '"' && *at != '\n' && *at != '\0'; at++) {
        char byte = *at;
        if (byte == '\\' && isdigit((unsigned char)at[1])) {
            byte = (char)strtol((char[]){at[1], at[2], at[3], '\0'}, NULL, 8);
            at += 3;
        } else if (byte == '\\' && at[1] != '\0') {
            byte = *++at;
        }
        text_append(name, &byte, 1);
    }
    return strncmp(at, ends, strlen(ends)) == 0;
}

/* Whether this file of the student's stands in the place of a given one, and differs: says so. */
static int shadows(const struct building *building, const struct text *name)
{
    const char *tree = text_str(&building->tree), *const given[] = {text_str(&building->given),
                                                                    "labs"};
    const size_t length = strlen(tree);
    int found = 0;
    if (strncmp(text_str(name), tree, length) != 0 || text_str(name)[length] != '/')
        return 0;
    if (manifest_lists(building->options->lab, text_str(name) + length + 1) == 1)
        return 0; /* the student's own by the manifest */
    for (int i = 0; i < 2 && !found; i++) {
        struct text ours = {0};
        text_addf(&ours, "%s%s", given[i], text_str(name) + length);
        found = files_exist(text_str(&ours)) && !same_bytes(text_str(&ours), text_str(name));
        if (found)
            text_addf(building->words,
                      "%s: this is in the place of %s, which is given, and differs "
                      "from it: remove it, or give it another name.\n",
                      text_str(name), text_str(&ours));
        text_release(&ours);
    }
    return found;
}

int compile_find_shadows(const struct building *building, struct error *err)
{
    int code = 0, found = 0;
    for (int i = 0; i < building->count && code == 0 && found == 0; i++) {
        struct text source = {0}, name = {0};
        if (!building->units[i].borrowed)
            code = files_read(text_str(&building->units[i].preprocessed), COMPILE_FILE_MAX, &source,
                              err);
        for (const char *at = text_str(&source); at != NULL; at = strchr(at, '\n')) {
            at += *at == '\n';
            if (read_name(at, &name))
                found += shadows(building, &name);
        }
        text_release(&source);
        text_release(&name);
    }
    return code != 0 ? code : found > 0 ? COMPILE_FAILED : 0;
}
