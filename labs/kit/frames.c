/* Frames with checksums. See frames.h. */
#include "kit/frames.h"

#include <assert.h>
#include "kit/error.h"

/* A nibble at a time. table[i]: i shifted out of a register of the polynomial 0x82f63b78, which is
   Castagnoli's with its lowest bit first. */
uint32_t crc32c(const void *bytes, size_t length)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const unsigned char *at = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static void put(unsigned char *bytes, int count, uint32_t value)
{
    for (int i = 0; i < count; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get(const unsigned char *bytes, int count)
{
    uint32_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

void frame_append(struct text *log, uint32_t sequence, const void *payload, size_t length)
{
    unsigned char header[FRAME_HEADER_BYTES] = {FRAME_VERSION}, check[4];
    assert(length <= FRAME_PAYLOAD_MAX);
    put(header + 2, 2, (uint32_t)length);
    put(header + 4, 4, sequence);
    put(header + 8, 4, crc32c(header, 8));
    put(check, 4, crc32c(payload, length));
    text_append(log, (const char *)header, sizeof header);
    text_append(log, payload, length);
    text_append(log, (const char *)check, sizeof check);
}

static int damaged(const struct frame_reader *reader, struct error *err, const char *what)
{
    return error_set(err, ERR_CORRUPT,
                     "The log is damaged at offset %zu, in frame %lu: %s. Put back a copy of it; "
                     "nothing was changed.",
                     reader->offset, (unsigned long)reader->sequence, what);
}

int frame_next(struct frame_reader *reader, const void **payload, size_t *length, struct error *err)
{
    const unsigned char *frame = (const unsigned char *)reader->bytes + reader->offset;
    size_t left = reader->length - reader->offset;
    if (left < FRAME_HEADER_BYTES)
        return 0;
    if (get(frame + 8, 4) != crc32c(frame, 8))
        return damaged(reader, err, "the header's checksum is wrong");
    if (frame[0] != FRAME_VERSION || frame[1] != 0)
        return error_set(err, ERR_CORRUPT,
                         "The log is of version %d from offset %zu on; this program reads version "
                         "%d. Use the program that wrote it, or a later one.",
                         frame[0], reader->offset, FRAME_VERSION);
    size_t size = get(frame + 2, 2);
    if (get(frame + 4, 4) != reader->sequence)
        return damaged(reader, err, "a frame is missing before it, or it is another log's");
    if (left < size + FRAME_OVERHEAD_BYTES)
        return 0;
    if (get(frame + FRAME_HEADER_BYTES + size, 4) != crc32c(frame + FRAME_HEADER_BYTES, size))
        return damaged(reader, err, "the payload's checksum is wrong");
    *payload = frame + FRAME_HEADER_BYTES;
    *length = size;
    reader->offset += size + FRAME_OVERHEAD_BYTES;
    reader->sequence++;
    return 1;
}
