/*
 * Frames: a log that can say where it was damaged.
 *
 * A log is frames one after another, with nothing between them. A frame is, numbers little endian:
 *
 *   offset  0  version, 1               1 byte
 *           1  0                        1 byte
 *           2  length of the payload    2 bytes
 *           4  sequence: 0, 1, 2, ...   4 bytes
 *           8  CRC32C of bytes 0 to 7   4 bytes
 *          12  payload                  length bytes
 *   12+length  CRC32C of the payload    4 bytes
 *
 * Reading a log:
 *  - Fewer bytes left than the frame needs: its writing was cut off by a crash, and nobody has been
 *    told that it was written. It is dropped, and the log ends before it.
 *  - A checksum or the sequence is wrong: the log was damaged or cut together. It is refused, with
 *    the offset of the frame; guessing on from here would lose what was acknowledged.
 *  - A cut at the end of a frame cannot be told from a shorter log, and is one.
 * The header has a checksum of its own because of its length: a damaged length must not make the
 * rest of the log look like one frame that was cut off. In every later version the first 12 bytes
 * keep this shape, so that an old program can say that the log is too new for it.
 *
 * CRC32C is the Castagnoli polynomial, as in RFC 3720, appendix B.4.
 */
#ifndef KIT_FRAMES_H
#define KIT_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include "kit/text.h"

struct error;

enum {
    FRAME_VERSION = 1,
    FRAME_HEADER_BYTES = 12,
    FRAME_OVERHEAD_BYTES = FRAME_HEADER_BYTES + 4,
    FRAME_PAYLOAD_MAX = 65535
};

/* Appends one frame to log. length is at most FRAME_PAYLOAD_MAX (asserted). */
void frame_append(struct text *log, uint32_t sequence, const void *payload, size_t length);

/* Where reading stands. Start with {.bytes = log, .length = its length}. */
struct frame_reader {
    const void *bytes;
    size_t length;
    size_t offset;     /* of the next frame; at the end, how much of the log is good */
    uint32_t sequence; /* that it must have */
};

/* Reads the next frame; *payload points into the log. 1, or 0 at the end (offset < length: an
   incomplete last frame is dropped). ERR_CORRUPT names the offset; reading on gives it again. */
int frame_next(struct frame_reader *reader, const void **payload, size_t *length,
               struct error *err);

uint32_t crc32c(const void *bytes, size_t length);

#endif
