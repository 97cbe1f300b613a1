/*
 * Archives as students, tools and platforms make them, the odd and the hostile ones too: written
 * byte by byte, so that each lie in them is one field. No test keeps a binary file.
 */
#ifndef TESTS_ARCHIVE_FIXTURE_H
#define TESTS_ARCHIVE_FIXTURE_H

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/text.h"
#include "tests/run_tests.h"

/* --- numbers ---------------------------------------------------------------------------------- */

static inline void put(struct text *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++, value >>= 8)
        text_append(out, &(char){(char)(value & 0xff)}, 1);
}

static inline uint32_t crc32_of(const char *bytes, size_t length)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

/* --- zip -------------------------------------------------------------------------------------- */

enum {
    ZIP_DATE = (2026 - 1980) << 9 | 11 << 5 | 6,
    ZIP_TIME = 17 << 11 | 41 << 5,
    ZIP_UTF8 = 0x800
};

struct member {
    const char *name;
    const char *bytes;
    size_t length;          /* 0: that of bytes as a string */
    const char *local_name; /* before its bytes; NULL = name */
    const char *extra;      /* fields of the directory and before the bytes */
    size_t extra_length;
    unsigned mode;     /* 0: an ordinary file */
    int flags, method; /* of PKWARE: flags 1 encrypted, 8 sizes behind the bytes, 0x800 UTF-8 */
    int is_dos;        /* made by DOS: backslashes */
    int crc_is_wrong;  /* 1: it is */
    int shares;        /* 1: with the member before it, all its bytes */
    int64_t claims;    /* bytes unpacked; 0: the truth */
};

struct zip_file { /* {0} is an empty one */
    struct text body, directory;
    int count, is_zip64;
    size_t last; /* where the last member begins */
};

/* Deflate without compression: one stored block, which every reader takes. */
static inline void deflate(struct text *out, const char *bytes, size_t length)
{
    put(out, 1, 1);
    put(out, length, 2);
    put(out, ~length & 0xffff, 2);
    text_append(out, bytes, length);
}

static inline void zip_local(struct zip_file *zip, const struct member *member,
                             const struct text *packed, const struct text *extra, uint32_t crc,
                             uint64_t unpacked)
{
    const char *name = member->local_name == NULL ? member->name : member->local_name;
    const int is_behind = (member->flags & 8) != 0;
    zip->last = zip->body.length;
    put(&zip->body, 0x04034b50, 4);
    put(&zip->body, 20, 2);
    put(&zip->body, (uint64_t)member->flags, 2);
    put(&zip->body, (uint64_t)member->method, 2);
    put(&zip->body, ZIP_TIME, 2);
    put(&zip->body, ZIP_DATE, 2);
    put(&zip->body, is_behind ? 0 : crc, 4);
    put(&zip->body, is_behind ? 0 : zip->is_zip64 ? 0xffffffff : packed->length, 4);
    put(&zip->body, is_behind ? 0 : zip->is_zip64 ? 0xffffffff : unpacked, 4);
    put(&zip->body, strlen(name), 2);
    put(&zip->body, extra->length, 2);
    text_add(&zip->body, name);
    text_append(&zip->body, text_str(extra), extra->length);
    text_append(&zip->body, text_str(packed), packed->length);
    if (!is_behind)
        return;
    put(&zip->body, 0x08074b50, 4);
    put(&zip->body, crc, 4);
    put(&zip->body, packed->length, 4);
    put(&zip->body, unpacked, 4);
}

static inline void zip_add(struct zip_file *zip, struct member member)
{
    const char *bytes = member.bytes == NULL ? "" : member.bytes;
    const size_t length = member.length > 0 ? member.length : strlen(bytes);
    const uint32_t crc = crc32_of(bytes, length) ^ (uint32_t)member.crc_is_wrong;
    const uint64_t unpacked = member.claims > 0 ? (uint64_t)member.claims : length;
    const unsigned mode = member.mode == 0 ? 0100644 : member.mode;
    struct text packed = {0}, extra = {0};
    if (member.method == 8)
        deflate(&packed, bytes, length);
    else
        text_append(&packed, bytes, length);
    if (zip->is_zip64) {
        put(&extra, 1, 2);
        put(&extra, 16, 2);
        put(&extra, unpacked, 8);
        put(&extra, packed.length, 8);
    }
    if (member.extra != NULL)
        text_append(&extra, member.extra, member.extra_length);
    if (!member.shares)
        zip_local(zip, &member, &packed, &extra, crc, unpacked);
    put(&zip->directory, 0x02014b50, 4);
    put(&zip->directory, (uint64_t)(20 | (member.is_dos ? 0 : 3 << 8)), 2);
    put(&zip->directory, 20, 2);
    put(&zip->directory, (uint64_t)member.flags, 2);
    put(&zip->directory, (uint64_t)member.method, 2);
    put(&zip->directory, ZIP_TIME, 2);
    put(&zip->directory, ZIP_DATE, 2);
    put(&zip->directory, crc, 4);
    put(&zip->directory, zip->is_zip64 ? 0xffffffff : packed.length, 4);
    put(&zip->directory, zip->is_zip64 ? 0xffffffff : unpacked, 4);
    put(&zip->directory, strlen(member.name), 2);
    put(&zip->directory, extra.length, 2);
    put(&zip->directory, 0, 2 + 2 + 2);
    put(&zip->directory, member.is_dos ? 0x20 : (uint64_t)mode << 16, 4);
    put(&zip->directory, zip->last, 4);
    text_add(&zip->directory, member.name);
    text_append(&zip->directory, text_str(&extra), extra.length);
    zip->count++;
    text_release(&packed);
    text_release(&extra);
}

/* Appends the archive; the zip is empty again. */
static inline void zip_end(struct zip_file *zip, struct text *out)
{
    text_append(out, text_str(&zip->body), zip->body.length);
    text_append(out, text_str(&zip->directory), zip->directory.length);
    const size_t end = zip->body.length + zip->directory.length;
    const uint64_t count = (uint64_t)zip->count;
    if (zip->is_zip64) {
        put(out, 0x06064b50, 4);
        put(out, 44, 8);
        put(out, 45 | 45 << 16, 4);
        put(out, 0, 8);
        put(out, count, 8);
        put(out, count, 8);
        put(out, zip->directory.length, 8);
        put(out, zip->body.length, 8);
        put(out, 0x07064b50, 4);
        put(out, 0, 4);
        put(out, end, 8);
        put(out, 1, 4);
    }
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, zip->is_zip64 ? 0xffff : count, 2);
    put(out, zip->is_zip64 ? 0xffff : count, 2);
    put(out, zip->is_zip64 ? 0xffffffff : zip->directory.length, 4);
    put(out, zip->is_zip64 ? 0xffffffff : zip->body.length, 4);
    put(out, 0, 2);
    text_release(&zip->body);
    text_release(&zip->directory);
    *zip = (struct zip_file){0};
}

/* --- tar -------------------------------------------------------------------------------------- */

enum { TAR_BLOCK = 512 };

struct tar_member {
    const char *name, *bytes;
    size_t length; /* 0: that of bytes as a string */
    char type; /* 0: a file; '1' hard link, '2' symbolic link, '3' device, '5' folder, '6' pipe */
    const char *link;
    const char *mode, *mtime; /* octal digits; NULL = 0000644, 2026 */
    const char *claims;       /* the 12 bytes of its size; NULL = the truth */
};

static inline void tar_add(struct text *out, struct tar_member member)
{
    char header[TAR_BLOCK] = {0};
    const char *bytes = member.bytes == NULL ? "" : member.bytes;
    const size_t length = member.length > 0 ? member.length : strlen(bytes);
    unsigned sum = 0;
    memcpy(header, member.name, strlen(member.name) < 100 ? strlen(member.name) : 100);
    snprintf(header + 100, 8, "%s", member.mode == NULL ? "0000644" : member.mode);
    snprintf(header + 108, 8, "0001750");
    snprintf(header + 116, 8, "0001750");
    snprintf(header + 124, 12, "%011zo", length);
    if (member.claims != NULL)
        memcpy(header + 124, member.claims, 12);
    snprintf(header + 136, 12, "%s", member.mtime == NULL ? "15273134621" : member.mtime);
    memset(header + 148, ' ', 8);
    header[156] = member.type == 0 ? '0' : member.type;
    snprintf(header + 157, 100, "%s", member.link == NULL ? "" : member.link);
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    for (int i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    text_append(out, header, sizeof header);
    text_append(out, bytes, length);
    static const char zeros[TAR_BLOCK];
    text_append(out, zeros, (TAR_BLOCK - length % TAR_BLOCK) % TAR_BLOCK);
}

static inline void tar_end(struct text *out)
{
    static const char zeros[2 * TAR_BLOCK];
    text_append(out, zeros, sizeof zeros);
}

/* --- by libarchive ---------------------------------------------------------------------------- */

static inline la_ssize_t append_packed(struct archive *archive, void *out, const void *bytes,
                                       size_t length)
{
    (void)archive;
    text_append(out, bytes, length);
    return (la_ssize_t)length;
}

static inline void write_packed(struct archive *archive, const char *name, const char *bytes,
                                size_t length, struct text *out)
{
    struct archive_entry *entry = archive_entry_new();
    archive_write_set_bytes_in_last_block(archive, 1);
    ck_assert_int_eq(archive_write_open(archive, out, NULL, append_packed, NULL), ARCHIVE_OK);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)length);
    archive_entry_set_mtime(entry, 1793986865, 0);
    archive_entry_set_perm(entry, 0644);
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_data(archive, bytes, length), (la_ssize_t)length);
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_entry_free(entry);
    archive_write_free(archive);
}

/* The bytes behind gzip, xz or bzip2: ARCHIVE_FILTER_... */
static inline void compress_as(int filter, const struct text *bytes, struct text *out)
{
    struct archive *archive = archive_write_new();
    archive_write_set_format_raw(archive);
    ck_assert_int_eq(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    write_packed(archive, "data", text_str(bytes), bytes->length, out);
}

/* A zip with one file, really compressed. */
static inline void zip_compressed(const char *name, const char *bytes, size_t length,
                                  struct text *out)
{
    struct archive *archive = archive_write_new();
    archive_write_set_format_zip(archive);
    write_packed(archive, name, bytes, length, out);
}

#endif
