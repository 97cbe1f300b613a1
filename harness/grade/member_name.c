/*
 * Names of files that were handed in.
 */
#include "grade/member_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "grade/limits.h"
#include "kit/utf8.h"

enum { SHOWN_BYTES_MAX = 100 };

enum wrong member_name_wrong(const char *name)
{
    int folders = 0;
    if (name[0] == '\0')
        return WRONG_NAMELESS;
    if (name[0] == '/')
        return WRONG_ABSOLUTE;
    if (strlen(name) > NAME_BYTES_MAX)
        return WRONG_LONG_NAME;
    for (const char *at = name; *at != '\0';) {
        const size_t length = strcspn(at, "/");
        if (length == 2 && memcmp(at, "..", 2) == 0)
            return WRONG_LEAVES;
        if (length > COMPONENT_BYTES_MAX)
            return WRONG_LONG_NAME;
        at += length;
        folders += *at == '/';
        at += *at == '/';
    }
    return folders > DEPTH_MAX ? WRONG_DEEP : WRONG_NOTHING;
}

char *member_name_clean(const char *name)
{
    struct text clean = {0};
    text_add(&clean, name[0] == '/' ? "/" : "");
    for (const char *at = name; *at != '\0'; at += *at == '/') {
        const size_t length = strcspn(at, "/");
        const int is_here = length == 0 || (length == 1 && *at == '.');
        if (!is_here && clean.length > 0 && clean.bytes[clean.length - 1] != '/')
            text_add(&clean, "/");
        if (!is_here)
            text_append(&clean, at, length);
        at += length;
    }
    return text_detach(&clean);
}

const char *member_base(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash == NULL ? name : slash + 1;
}

int name_ends_with(const char *name, const char *ending)
{
    const size_t length = strlen(name), tail = strlen(ending);
    return length > tail && strcasecmp(name + length - tail, ending) == 0;
}

void name_show(const char *name, struct text *out)
{
    const size_t begin = out->length;
    for (size_t left = strlen(name); left > 0;) {
        const size_t length = utf8_character(name, left);
        if (out->length - begin > SHOWN_BYTES_MAX) {
            text_add(out, "...");
            return;
        }
        const unsigned char first = (unsigned char)*name;
        if (length == 0 || first < 0x20 || first == 0x7f)
            text_addf(out, "\\x%02x", first);
        else
            text_append(out, name, length);
        name += length == 0 ? 1 : length;
        left -= length == 0 ? 1 : length;
    }
}

/* --- what is never taken ---------------------------------------------------------------------- */

const char *member_junk(const char *name, size_t *length)
{
    static const char *const folders[] = {
        "build", ".git", ".github",      ".vscode", ".idea",       "__MACOSX",  ".svn",
        ".hg",   ".vs",  "node_modules", ".cache",  ".ccls-cache", "CMakeFiles"};
    static const char *const shown[] = {
        "build/", ".git/", ".github/",      ".vscode/", ".idea/",       "__MACOSX/",  ".svn/",
        ".hg/",   ".vs/",  "node_modules/", ".cache/",  ".ccls-cache/", "CMakeFiles/"};
    const char *at = name;
    for (const char *slash; (slash = strchr(at, '/')) != NULL; at = slash + 1)
        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
            *length = (size_t)(slash + 1 - name);
            if (strlen(folders[i]) == (size_t)(slash - at) &&
                strncmp(at, folders[i], (size_t)(slash - at)) == 0)
                return shown[i];
        }
    *length = strlen(name);
    if (strncmp(at, "._", 2) == 0)
        return "._ files (macOS)";
    if (strcmp(at, ".DS_Store") == 0 || strcasecmp(at, "Thumbs.db") == 0 ||
        strcasecmp(at, "desktop.ini") == 0)
        return "files of the desktop";
    return NULL;
}

static int is_reserved(const char *base)
{
    static const char *const names[] = {"con", "prn", "aux", "nul"};
    const size_t length = strcspn(base, ".");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (length == 3 && strncasecmp(base, names[i], 3) == 0)
            return 1;
    return length == 4 && isdigit((unsigned char)base[3]) &&
           (strncasecmp(base, "com", 3) == 0 || strncasecmp(base, "lpt", 3) == 0);
}

const char *member_odd(const char *name)
{
    const char *base = member_base(name);
    const size_t length = strlen(base);
    int plain = base[0] != '-';
    for (const char *at = base; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7f)
            return "control characters or odd endings in their names";
        plain = plain && (isalnum(byte) || strchr("_.-", byte) != NULL);
    }
    if (length > 0 && (base[length - 1] == ' ' || base[length - 1] == '.'))
        return "control characters or odd endings in their names";
    if (is_reserved(base) || strchr(name, ':') != NULL)
        return "names that Windows reserves";
    return plain ? NULL : "names that are not of [A-Za-z0-9_.-]";
}
