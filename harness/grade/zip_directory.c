/*
 * A zip ends with: the directory, one record a member; perhaps a zip64 record and where that is;
 * the end record, which says where the directory begins, and a comment of up to 64 KB. Numbers are
 * little endian. A program may stand before the first member: then places count from behind it.
 */
#include "grade/zip_directory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    END_SIZE = 22,
    COMMENT_MAX = 65535,
    TAIL_MAX = END_SIZE + COMMENT_MAX + 1024, /* what mail programs put behind it too */
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    RECORD_SIZE = 46,
    LOCAL_SIZE = 30,
    DIRECTORY_MAX = 256 << 20,
    ZIP64_FIELD = 1
};

struct zip { /* what is read */
    int fd;
    int64_t size;
    int64_t directory, directory_size, count;
    int64_t before; /* bytes before the first one that places count from */
};

static uint64_t number(const unsigned char *bytes, int length)
{
    uint64_t value = 0;
    for (int i = length - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

/* 1 when all of them are there. */
static int read_at(const struct zip *zip, int64_t place, void *bytes, size_t length)
{
    if (place < 0 || place > zip->size || (int64_t)length > zip->size - place)
        return 0;
    if (lseek(zip->fd, place, SEEK_SET) != place)
        return 0;
    for (size_t got = 0; got < length;) {
        const ssize_t more = read(zip->fd, (char *)bytes + got, length - got);
        if (more <= 0)
            return 0;
        got += (size_t)more;
    }
    return 1;
}

/* --- where the directory is ------------------------------------------------------------------- */

static int read_end64(struct zip *zip, int64_t end)
{
    unsigned char locator[LOCATOR_SIZE], record[END64_SIZE];
    if (!read_at(zip, end - LOCATOR_SIZE, locator, sizeof locator) ||
        number(locator, 4) != 0x07064b50)
        return 1; /* an ordinary one */
    if (!read_at(zip, (int64_t)number(locator + 8, 8), record, sizeof record) ||
        number(record, 4) != 0x06064b50)
        return 0;
    zip->count = (int64_t)number(record + 32, 8);
    zip->directory_size = (int64_t)number(record + 40, 8);
    zip->directory = (int64_t)number(record + 48, 8);
    return zip->count >= 0 && zip->directory_size >= 0 && zip->directory >= 0;
}

static int read_end(struct zip *zip)
{
    const int64_t length = zip->size < TAIL_MAX ? zip->size : TAIL_MAX;
    unsigned char *tail = malloc((size_t)length + 1);
    int found = 0;
    if (tail == NULL || !read_at(zip, zip->size - length, tail, (size_t)length))
        goto out;
    int64_t at = length - END_SIZE;
    while (at >= 0 && number(tail + at, 4) != 0x06054b50)
        at--;
    if (at < 0)
        goto out;
    const int64_t end = zip->size - length + at;
    zip->count = (int64_t)number(tail + at + 10, 2);
    zip->directory_size = (int64_t)number(tail + at + 12, 4);
    zip->directory = (int64_t)number(tail + at + 16, 4);
    const int is_small = zip->directory != 0xffffffff && zip->count != 0xffff;
    found = is_small || read_end64(zip, end);
    if (found && is_small)
        zip->before = end - zip->directory_size - zip->directory;
    found = found && zip->before >= 0;
out:
    free(tail);
    return found;
}

/* --- members ---------------------------------------------------------------------------------- */

/* The 8 bytes of a zip64 field that stand for the which-th number that is too large for 4. */
static uint64_t from_zip64(const unsigned char *extra, size_t length, int which, uint64_t otherwise)
{
    while (length >= 4) {
        const size_t size = number(extra + 2, 2);
        if (size > length - 4)
            return otherwise;
        if (number(extra, 2) == ZIP64_FIELD)
            return size >= 8 * ((size_t)which + 1) ? number(extra + 4 + 8 * (size_t)which, 8)
                                                   : otherwise;
        extra += 4 + size;
        length -= 4 + size;
    }
    return otherwise;
}

/* Whether the name before the member's bytes is that of the directory; sets where they end. */
static enum zip_fault look_at_local(const struct zip *zip, struct zip_member *member,
                                    int64_t packed, size_t name_length)
{
    unsigned char local[LOCAL_SIZE];
    if (!read_at(zip, member->begin, local, sizeof local) || number(local, 4) != 0x04034b50)
        return ZIP_CUT;
    const size_t length = number(local + 26, 2), extra = number(local + 28, 2);
    member->end = member->begin + LOCAL_SIZE + (int64_t)(length + extra);
    if (packed < 0 || packed > zip->size - member->end)
        return ZIP_CUT;
    member->end += packed;
    char *name = malloc(length + 1);
    enum zip_fault fault = ZIP_CUT;
    if (name != NULL && read_at(zip, member->begin + LOCAL_SIZE, name, length))
        fault = length == name_length && memcmp(name, member->name, length) == 0 ? ZIP_SOUND
                                                                                 : ZIP_NAMES;
    free(name);
    return fault;
}

/* The record at *at; moves *at behind it. */
static enum zip_fault read_record(const struct zip *zip, const unsigned char *bytes, int64_t length,
                                  int64_t *at, struct zip_member *member)
{
    if (length - *at < RECORD_SIZE || number(bytes + *at, 4) != 0x02014b50)
        return ZIP_CUT;
    const unsigned char *record = bytes + *at;
    const size_t name = number(record + 28, 2), extra = number(record + 30, 2);
    const int64_t all = RECORD_SIZE + (int64_t)(name + extra + number(record + 32, 2));
    if (length - *at < all)
        return ZIP_CUT;
    *at += all;
    uint64_t packed = number(record + 20, 4), begin = number(record + 42, 4);
    const unsigned char *field = record + RECORD_SIZE + name;
    const int unpacked_is_large = number(record + 24, 4) == 0xffffffff;
    const int packed_is_large = packed == 0xffffffff;
    if (packed_is_large)
        packed = from_zip64(field, extra, unpacked_is_large, packed);
    if (begin == 0xffffffff)
        begin = from_zip64(field, extra, unpacked_is_large + packed_is_large, begin);
    member->begin = (int64_t)begin + zip->before;
    member->name = strndup((const char *)record + RECORD_SIZE, name);
    if (member->name == NULL || member->begin < 0)
        return ZIP_CUT;
    if (strlen(member->name) != name)
        return ZIP_NAMES; /* a NUL in it: readers end it there, or not */
    return look_at_local(zip, member, (int64_t)packed, name);
}

static int by_begin(const void *left, const void *right)
{
    const struct zip_member *a = left, *b = right;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

static enum zip_fault read_members(struct zip_directory *directory, const struct zip *zip,
                                   const unsigned char *bytes)
{
    int64_t at = 0;
    enum zip_fault fault = ZIP_SOUND;
    for (int64_t i = 0; i < zip->count && fault != ZIP_CUT; i++) {
        struct zip_member *member = &directory->members[directory->count];
        const enum zip_fault found = read_record(zip, bytes, zip->directory_size, &at, member);
        directory->count += member->name != NULL;
        fault = found == ZIP_SOUND ? fault : found;
    }
    if (fault == ZIP_CUT)
        return ZIP_CUT;
    qsort(directory->members, (size_t)directory->count, sizeof *directory->members, by_begin);
    for (int i = 1; i < directory->count; i++)
        if (directory->members[i].begin < directory->members[i - 1].end)
            return ZIP_OVERLAP;
    return fault;
}

enum zip_fault zip_directory_read(struct zip_directory *directory, int fd, int64_t size,
                                  int members_max)
{
    struct zip zip = {.fd = fd, .size = size};
    if (!read_end(&zip) || zip.directory_size > DIRECTORY_MAX)
        return ZIP_CUT;
    if (zip.count > members_max)
        return ZIP_MANY;
    if (zip.count > zip.directory_size / RECORD_SIZE)
        return ZIP_CUT;
    enum zip_fault fault = ZIP_CUT;
    unsigned char *bytes = malloc((size_t)zip.directory_size + 1);
    directory->members = calloc((size_t)zip.count + 1, sizeof *directory->members);
    if (bytes != NULL && directory->members != NULL &&
        read_at(&zip, zip.directory + zip.before, bytes, (size_t)zip.directory_size))
        fault = read_members(directory, &zip, bytes);
    free(bytes);
    return fault;
}

void zip_directory_release(struct zip_directory *directory)
{
    for (int i = 0; i < directory->count; i++)
        free(directory->members[i].name);
    free(directory->members);
    *directory = (struct zip_directory){0};
}
