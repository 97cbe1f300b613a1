/* Frames: what was written is read, and every damage is found where it is. */
#include "kit/frames.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "run_tests.h"

enum { FRAMES = 4 };
static const char *const payloads[FRAMES] = {"started", "", "sent to pay\n", "z"};

/* The log of the payloads above. The caller releases it. */
static struct text make_log(size_t ends[FRAMES + 1])
{
    struct text log = {0};
    ends[0] = 0;
    for (uint32_t i = 0; i < FRAMES; i++) {
        frame_append(&log, i, payloads[i], strlen(payloads[i]));
        ends[i + 1] = log.length;
    }
    return log;
}

/* Reads as far as it goes. The number of frames, or the error; reader says where it stands. */
static int read_log(struct frame_reader *reader, struct error *err)
{
    const void *payload = NULL;
    size_t length = 0;
    int count = 0, result = 0;
    while ((result = frame_next(reader, &payload, &length, err)) == 1) {
        ck_assert_int_lt(count, FRAMES);
        ck_assert_uint_eq(length, strlen(payloads[count]));
        ck_assert_mem_eq(payload, payloads[count], length);
        count++;
    }
    return result < 0 ? result : count;
}

/* Which frame the byte at offset lies in. */
static int frame_of(const size_t ends[FRAMES + 1], size_t offset)
{
    int frame = 0;
    while (offset >= ends[frame + 1])
        frame++;
    return frame;
}

START_TEST(the_checksum_is_crc32c)
{
    const char zeros[32] = {0};
    ck_assert_uint_eq(crc32c("123456789", 9), 0xe3069283);
    ck_assert_uint_eq(crc32c(zeros, sizeof zeros), 0x8a9136aa); /* RFC 3720, B.4 */
    ck_assert_uint_eq(crc32c("", 0), 0);
}
END_TEST

START_TEST(a_frame_is_these_bytes)
{
    struct text log = {0};
    frame_append(&log, 258, "abc", 3);
    ck_assert_uint_eq(log.length, FRAME_OVERHEAD_BYTES + 3);
    ck_assert_mem_eq(log.bytes, "\x01\0\x03\0\x02\x01\0\0", 8);
    ck_assert_mem_eq(log.bytes + 12, "abc\xb7\x3f\x4b\x36", 7);
    text_release(&log);
}
END_TEST

START_TEST(what_was_written_is_read)
{
    size_t ends[FRAMES + 1];
    struct text log = make_log(ends);
    struct frame_reader reader = {.bytes = log.bytes, .length = log.length};
    ck_assert_int_eq(read_log(&reader, NULL), FRAMES);
    ck_assert_uint_eq(reader.offset, log.length);
    ck_assert_uint_eq(reader.sequence, FRAMES);
    text_release(&log);

    struct frame_reader empty = {.bytes = "", .length = 0};
    ck_assert_int_eq(read_log(&empty, NULL), 0);
}
END_TEST

START_TEST(the_largest_payload_fits)
{
    static const char bytes[FRAME_PAYLOAD_MAX];
    struct text log = {0};
    const void *payload = NULL;
    size_t length = 0;
    frame_append(&log, 0, bytes, sizeof bytes);
    struct frame_reader reader = {.bytes = log.bytes, .length = log.length};
    ck_assert_int_eq(frame_next(&reader, &payload, &length, NULL), 1);
    ck_assert_uint_eq(length, sizeof bytes);
    ck_assert_int_eq(frame_next(&reader, &payload, &length, NULL), 0);
    text_release(&log);
}
END_TEST

START_TEST(cut_off_anywhere_it_ends_before_the_cut_frame)
{
    size_t ends[FRAMES + 1];
    struct text log = make_log(ends);
    for (size_t cut = 0; cut < log.length; cut++) {
        struct frame_reader reader = {.bytes = log.bytes, .length = cut};
        int whole = frame_of(ends, cut);
        ck_assert_msg(read_log(&reader, NULL) == whole, "cut at %zu", cut);
        ck_assert_uint_eq(reader.offset, ends[whole]);
    }
    text_release(&log);
}
END_TEST

START_TEST(any_bit_flipped_is_refused_with_the_offset)
{
    size_t ends[FRAMES + 1];
    struct text log = make_log(ends);
    for (size_t bit = 0; bit < 8 * log.length; bit++) {
        struct error err = {0};
        char wanted[32];
        struct frame_reader reader = {.bytes = log.bytes, .length = log.length};
        log.bytes[bit / 8] ^= (char)(1 << bit % 8);
        ck_assert_msg(read_log(&reader, &err) == ERR_CORRUPT, "bit %zu of byte %zu", bit % 8,
                      bit / 8);
        snprintf(wanted, sizeof wanted, "at offset %zu,", ends[frame_of(ends, bit / 8)]);
        ck_assert_msg(strstr(err.text, wanted) != NULL, "wanted %s: %s", wanted, err.text);
        log.bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    text_release(&log);
}
END_TEST

START_TEST(a_missing_doubled_or_foreign_frame_is_refused)
{
    const uint32_t rows[][3] = {{1, 2, 3}, {0, 2, 3}, {0, 0, 1}, {0, 1, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text log = {0};
        struct error err = {0};
        for (int j = 0; j < 3; j++)
            frame_append(&log, rows[i][j], payloads[rows[i][j]], strlen(payloads[rows[i][j]]));
        struct frame_reader reader = {.bytes = log.bytes, .length = log.length};
        ck_assert_int_eq(read_log(&reader, &err), ERR_CORRUPT);
        ck_assert_msg(strstr(err.text, "a frame is missing") != NULL, "%s", err.text);
        text_release(&log);
    }
}
END_TEST

START_TEST(a_newer_version_is_named)
{
    /* A whole frame of version 2: its checksum is right. */
    unsigned char bytes[FRAME_OVERHEAD_BYTES] = {2};
    struct error err = {0};
    uint32_t check = crc32c(bytes, 8);
    for (int i = 0; i < 4; i++)
        bytes[8 + i] = (unsigned char)(check >> 8 * i);
    struct frame_reader reader = {.bytes = bytes, .length = sizeof bytes};
    ck_assert_int_eq(read_log(&reader, &err), ERR_CORRUPT);
    ck_assert_msg(strstr(err.text, "of version 2 from offset 0 on; this program reads version 1"),
                  "%s", err.text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_checksum_is_crc32c,
                                  a_frame_is_these_bytes,
                                  what_was_written_is_read,
                                  the_largest_payload_fits,
                                  cut_off_anywhere_it_ends_before_the_cut_frame,
                                  any_bit_flipped_is_refused_with_the_offset,
                                  a_missing_doubled_or_foreign_frame_is_refused,
                                  a_newer_version_is_named,
                                  NULL};
    return run_tests("kit frames", tests);
}
