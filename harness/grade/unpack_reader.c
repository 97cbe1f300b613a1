/*
 * The process that reads an archive. It decides nothing but how each member is described: every
 * member is told, in the archive's order, those that cannot be taken with the reason.
 */
#include "grade/unpack_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/member_name.h"
#include "grade/unpack_guard.h"
#include "grade/zip_directory.h"

enum { READ_BYTES = 65536, PIPE = STDOUT_FILENO, TAR_MAGIC_AT = 257 };

static void write_all(const void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        const ssize_t written = write(PIPE, (const char *)bytes + done, length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(EXIT_FAILURE); /* nobody listens: a limit was reached */
        done += (size_t)written;
    }
}

static void say(struct record record, const void *bytes, size_t length)
{
    record.length = (uint32_t)(length < RECORD_BYTES_MAX ? length : RECORD_BYTES_MAX);
    write_all(&record, sizeof record);
    write_all(bytes, record.length);
}

static void fail(enum reader_fault fault, const char *words) __attribute__((noreturn));
static void fail(enum reader_fault fault, const char *words)
{
    words = words == NULL ? "" : words;
    say((struct record){.kind = RECORD_FAILED, .value = fault}, words, strlen(words));
    _exit(EXIT_SUCCESS);
}

/* --- names ------------------------------------------------------------------------------------ */

/* libarchive has no name for one that says that it is UTF-8 and is not. The directory of the zip
   has, and its members are in the order that libarchive reads them in. */
static const char *name_of(struct archive_entry *entry, const struct zip_directory *directory,
                           int index)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry);
    if (name == NULL && index < directory->count)
        name = directory->members[index].name;
    return name == NULL ? "" : name;
}

static enum wrong wrong_of(struct archive_entry *entry, const char *name)
{
    const enum wrong wrong = member_name_wrong(name);
    if (wrong != WRONG_NOTHING)
        return wrong;
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return WRONG_LINK;
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
        return WRONG_SPECIAL;
    return archive_entry_is_encrypted(entry) ? WRONG_LOCKED : WRONG_NOTHING;
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* What libarchive's words say; it has no codes for it. */
static enum wrong wrong_of_words(const char *words)
{
    words = words == NULL ? "" : words;
    if (strstr(words, "Passphrase") != NULL || strstr(words, "ncrypt") != NULL)
        return WRONG_LOCKED;
    if (strstr(words, "wrong size") != NULL)
        return WRONG_SIZE;
    if (strstr(words, "nsupported") != NULL)
        return WRONG_METHOD;
    return WRONG_CHECKSUM;
}

/* What is fatal here is so at the next header too. */
static enum wrong send_bytes(struct archive *archive)
{
    static char bytes[READ_BYTES];
    for (;;) {
        const la_ssize_t got = archive_read_data(archive, bytes, sizeof bytes);
        if (got == 0)
            return WRONG_NOTHING;
        if (got < 0)
            return wrong_of_words(archive_error_string(archive));
        say((struct record){.kind = RECORD_BYTES}, bytes, (size_t)got);
    }
}

static void send_member(struct archive *archive, struct archive_entry *entry,
                        const struct zip_directory *directory, int index)
{
    char *name = member_name_clean(name_of(entry, directory, index));
    enum wrong wrong = wrong_of(entry, name);
    struct record record = {.kind = RECORD_MEMBER};
    record.value = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    record.later_wins = (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    /* "./" is the folder itself; its name is no name. */
    if (archive_entry_filetype(entry) == AE_IFDIR && (wrong == WRONG_NOTHING || name[0] == '\0')) {
        record.kind = RECORD_FOLDER;
        say(record, name, 0);
        free(name);
        return;
    }
    say(record, name, strlen(name));
    if (wrong == WRONG_NOTHING)
        wrong = send_bytes(archive);
    say((struct record){.kind = RECORD_END, .value = wrong}, "", 0);
    free(name);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int begins_with(const unsigned char *head, size_t length, size_t at, const char *magic)
{
    return length >= at + strlen(magic) && memcmp(head + at, magic, strlen(magic)) == 0;
}

/* Reads the directory of what is a zip, or may be one behind a program. 1 when it did. */
static int look_at_zip(struct zip_directory *directory, const struct unpack_limits *limits)
{
    static const enum reader_fault faults[] = {[ZIP_CUT] = READER_CUT,
                                               [ZIP_NAMES] = READER_NAMES,
                                               [ZIP_OVERLAP] = READER_OVERLAP,
                                               [ZIP_MANY] = READER_MANY};
    unsigned char head[TAR_MAGIC_AT + 8];
    const ssize_t got = read(STDIN_FILENO, head, sizeof head);
    const size_t length = got < 0 ? 0 : (size_t)got;
    const int is_zip = begins_with(head, length, 0, "PK");
    if (begins_with(head, length, 0, "\x1f\x8b") ||
        begins_with(head, length, 0,
                    "\xfd"
                    "7zXZ") ||
        begins_with(head, length, TAR_MAGIC_AT, "ustar"))
        return 0;
    const off_t size = lseek(STDIN_FILENO, 0, SEEK_END);
    const enum zip_fault fault = zip_directory_read(directory, STDIN_FILENO, size, limits->members);
    if (fault != ZIP_SOUND && (is_zip || fault != ZIP_CUT))
        fail(faults[fault], "");
    return fault == ZIP_SOUND;
}

/* libarchive's own way to read a descriptor looks at it with fstat, which also looks at paths. */
static la_ssize_t read_archive(struct archive *archive, void *unused, const void **bytes)
{
    static char block[READ_BYTES];
    ssize_t got = 0;
    (void)unused;
    do
        got = read(STDIN_FILENO, block, sizeof block);
    while (got < 0 && errno == EINTR);
    *bytes = block;
    if (got < 0)
        archive_set_error(archive, errno, "cannot read it");
    return got;
}

static la_int64_t seek_archive(struct archive *archive, void *unused, la_int64_t offset, int whence)
{
    (void)archive;
    (void)unused;
    const off_t place = lseek(STDIN_FILENO, offset, whence);
    return place < 0 ? ARCHIVE_FATAL : place;
}

static struct archive *set_up(void)
{
    struct archive *archive = archive_read_new();
    if (archive == NULL || archive_read_support_filter_gzip(archive) != ARCHIVE_OK ||
        archive_read_support_filter_xz(archive) != ARCHIVE_OK ||
        archive_read_support_format_tar(archive) != ARCHIVE_OK ||
        archive_read_support_format_zip(archive) != ARCHIVE_OK ||
        archive_read_set_callback_data(archive, NULL) != ARCHIVE_OK ||
        archive_read_set_read_callback(archive, read_archive) != ARCHIVE_OK ||
        archive_read_set_seek_callback(archive, seek_archive) != ARCHIVE_OK)
        fail(READER_SETUP, "libarchive cannot be set up");
    return archive;
}

static void open_failed(struct archive *archive) __attribute__((noreturn));
static void open_failed(struct archive *archive)
{
    const char *words = archive_error_string(archive);
    const int is_unknown = words != NULL && strstr(words, "nrecognized") != NULL;
    fail(is_unknown ? READER_FORMAT : READER_CUT, words);
}

void unpack_reader(const struct unpack_limits *limits)
{
    struct zip_directory directory = {0};
    struct archive_entry *entry = NULL;
    int code = ARCHIVE_OK;
    /* Names that are not ASCII have no form in the "C" locale. */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL || unpack_guard(limits) != 0)
        fail(READER_SETUP, "its limits or its locale C.UTF-8 cannot be set");
    const int is_zip = look_at_zip(&directory, limits);
    struct archive *archive = set_up();
    if (lseek(STDIN_FILENO, 0, SEEK_SET) != 0 || archive_read_open1(archive) != ARCHIVE_OK)
        open_failed(archive);
    for (int index = 0;; index++) {
        code = archive_read_next_header(archive, &entry);
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            break;
        const int format = archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK;
        if (format == ARCHIVE_FORMAT_ZIP && !is_zip) /* one that hides in something else */
            fail(READER_NAMES, "");
        send_member(archive, entry, &directory, index);
    }
    if (code != ARCHIVE_EOF)
        open_failed(archive);
    say((struct record){.kind = RECORD_ALL}, "", 0);
    _exit(EXIT_SUCCESS);
}
