/*
 * What a file is, by its first bytes.
 */
#include "grade/kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/files.h"
#include "grade/member_name.h"

enum { LOOK_BYTES = 512, TAR_MAGIC_AT = 257 };

#define ACCEPTED "hand in .zip, .tar, .tar.gz or .tar.xz"

static const struct magic {
    enum kind kind;
    size_t length;
    const char *bytes;
} magics[] = {
    {KIND_ZIP, 4, "PK\3\4"},
    {KIND_ZIP, 4, "PK\5\6"},
    {KIND_GZIP, 2, "\x1f\x8b"},
    {KIND_XZ, 6,
     "\xfd"
     "7zXZ\0"},
    {KIND_BZIP2, 3, "BZh"},
    {KIND_ZSTD, 4, "\x28\xb5\x2f\xfd"},
    {KIND_7Z, 6, "7z\xbc\xaf\x27\x1c"},
    {KIND_RAR, 4, "Rar!"},
    {KIND_PDF, 4, "%PDF"},
    {KIND_OLE, 4, "\xd0\xcf\x11\xe0"},
};

static int is_html(const char *bytes)
{
    bytes += strspn(bytes, " \t\r\n");
    return strncasecmp(bytes, "<!doctype html", 14) == 0 || strncasecmp(bytes, "<html", 5) == 0;
}

/* A tar has its magic; the oldest kind, and an empty one, begin with a NUL-padded block. */
static int is_tar(const struct text *head)
{
    static const char zeros[LOOK_BYTES];
    if (head->length < LOOK_BYTES)
        return head->length > TAR_MAGIC_AT + 5 &&
               memcmp(head->bytes + TAR_MAGIC_AT, "ustar", 5) == 0;
    return memcmp(head->bytes + TAR_MAGIC_AT, "ustar", 5) == 0 ||
           memcmp(head->bytes, zeros, LOOK_BYTES) == 0;
}

enum kind kind_of(const char *path)
{
    struct text head = {0};
    enum kind kind = KIND_OTHER;
    if (files_read(path, LOOK_BYTES, &head, NULL) != 0)
        goto out;
    if (head.length == 0)
        kind = KIND_EMPTY;
    else if (is_tar(&head))
        kind = KIND_TAR;
    else if (is_html(text_str(&head)))
        kind = KIND_HTML;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0] && kind == KIND_OTHER; i++)
        if (head.length >= magics[i].length &&
            memcmp(head.bytes, magics[i].bytes, magics[i].length) == 0)
            kind = magics[i].kind;
out:
    text_release(&head);
    return kind;
}

int kind_is_archive(enum kind kind, const char *name)
{
    return kind == KIND_ZIP || kind == KIND_TAR || kind == KIND_GZIP || kind == KIND_XZ ||
           (kind == KIND_OTHER && name_ends_with(name, ".zip"));
}

static const struct ending {
    const char *ending, *shown;
    enum kind kind;
} endings[] = {
    {".tar.gz", ".tar.gz", KIND_GZIP},
    {".tgz", ".tgz", KIND_GZIP},
    {".tar.xz", ".tar.xz", KIND_XZ},
    {".txz", ".txz", KIND_XZ},
    {".tar.bz2", ".tar.bz2", KIND_BZIP2},
    {".tbz2", ".tbz2", KIND_BZIP2},
    {".tar.zst", ".tar.zst", KIND_ZSTD},
    {".zip", ".zip", KIND_ZIP},
    {".tar", ".tar", KIND_TAR},
    {".7z", ".7z", KIND_7Z},
    {".rar", ".rar", KIND_RAR},
    {".gz", ".gz", KIND_GZIP},
    {".xz", ".xz", KIND_XZ},
    {".bz2", ".bz2", KIND_BZIP2},
};

static const struct ending *ending_of(const char *name)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (name_ends_with(name, endings[i].ending))
            return &endings[i];
    return NULL;
}

int kind_named_archive(const char *name)
{
    return ending_of(name) != NULL;
}

static const char *kind_words(enum kind kind)
{
    static const char *const words[] = {[KIND_OTHER] = "file of an unknown kind",
                                        [KIND_EMPTY] = "file of 0 bytes",
                                        [KIND_ZIP] = "zip file",
                                        [KIND_TAR] = "tar file",
                                        [KIND_GZIP] = "gzip file",
                                        [KIND_XZ] = "xz file",
                                        [KIND_BZIP2] = "bzip2 file",
                                        [KIND_ZSTD] = "zstd file",
                                        [KIND_7Z] = "7z archive",
                                        [KIND_RAR] = "rar archive",
                                        [KIND_PDF] = "PDF",
                                        [KIND_HTML] = "web page",
                                        [KIND_OLE] = "Word document"};
    return words[kind];
}

/* " named .zip" when the name says another kind. */
static void named(enum kind kind, const char *name, struct text *out)
{
    const struct ending *ending = ending_of(name);
    if (ending != NULL && ending->kind != kind)
        text_addf(out, " named %s", ending->shown);
}

void kind_refusal(enum kind kind, const char *name, struct text *out)
{
    switch (kind) {
    case KIND_EMPTY:
        text_add(out, "the file is empty (0 bytes)");
        break;
    case KIND_BZIP2:
    case KIND_ZSTD:
        text_addf(out, "compressed with %s; " ACCEPTED, kind == KIND_BZIP2 ? "bzip2" : "zstd");
        break;
    case KIND_7Z:
    case KIND_RAR:
        text_addf(out, "this is a %s", kind_words(kind));
        named(kind, name, out);
        text_add(out, "; " ACCEPTED);
        break;
    case KIND_PDF:
        text_add(out, "this is a PDF, not an archive; the lab wants the C files");
        break;
    case KIND_OLE:
        text_add(out, "this is a Word document, not an archive of C files");
        break;
    case KIND_HTML:
        text_add(out, "this is a web page, not an archive (was the download logged in?)");
        break;
    default:
        text_add(out, "this is no archive; " ACCEPTED);
    }
}

void kind_note(enum kind kind, const char *name, struct text *out)
{
    const struct ending *ending = ending_of(name);
    if (ending == NULL || ending->kind == kind || kind == KIND_OTHER)
        return;
    text_addf(out, "this is a %s named %s; it was opened as what it is", kind_words(kind),
              ending->shown);
}
