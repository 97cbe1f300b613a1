#define _GNU_SOURCE
/*
 * The given host of lab 03, around the reference saga: logs that were damaged while nobody looked.
 */
#include "tests/checkout_fixture.h"

#include "kit/frames.h"

/* A checkout's frame, as it is in the database; the caller frees it. */
static unsigned char *read_frame(struct checkout_fixture *checkout, const char *id, int sequence,
                                 int *length)
{
    sqlite3_stmt *statement = NULL;
    unsigned char *frame = NULL;
    sqlite3_prepare_v2(checkout->db,
                       "SELECT frame FROM saga_log WHERE saga_id = ? AND sequence = ?", -1,
                       &statement, NULL);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, sequence);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        *length = sqlite3_column_bytes(statement, 0);
        frame = malloc((size_t)*length);
        ck_assert_ptr_nonnull(frame);
        memcpy(frame, sqlite3_column_blob(statement, 0), (size_t)*length);
    }
    sqlite3_finalize(statement);
    return frame;
}

static void write_frame(struct checkout_fixture *checkout, const char *id, int sequence,
                        const unsigned char *frame, int length)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(checkout->db,
                       "UPDATE saga_log SET frame = ? WHERE saga_id = ? AND sequence = ?", -1,
                       &statement, NULL);
    sqlite3_bind_blob(statement, 1, length > 0 ? (const void *)frame : "", length, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, id, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 3, sequence);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_DONE);
    ck_assert_int_eq(sqlite3_changes(checkout->db), 1);
    sqlite3_finalize(statement);
}

/* The story and the operator's call both say what is wrong with it. */
static void expect_damaged(struct checkout_fixture *checkout, const char *id, const char *words)
{
    char path[80];
    struct text answer = {0};
    snprintf(path, sizeof path, "/checkouts/%s/resume", id);
    for (int i = 0; i < 2; i++) {
        int status =
            i == 0 ? show(checkout, id, &answer) : calls(checkout, "POST", path, NULL, "", &answer);
        ck_assert_msg(status == 500 && strstr(text_str(&answer), words) != NULL &&
                          strstr(text_str(&answer), id) != NULL,
                      "wanted %s: %d %s", words, status, text_str(&answer));
    }
    text_release(&answer);
}

START_TEST(any_flipped_byte_and_any_cut_is_found)
{
    struct checkout_fixture checkout;
    char id[ID_SIZE];
    struct text before = {0}, after = {0};
    unsigned char *frame = NULL;
    int length = 0, sequence = 0;
    checkout_open(&checkout);
    place(&checkout, NULL, "{\"cartId\":\"cart-1\",\"customerId\":\"user-1\",\"coupon\":\"x\"}",
          id);
    wait_for(&checkout, id, "\"phase\":\"ROLLED_BACK\"");
    ck_assert_int_eq(show(&checkout, id, &before), 200);
    for (; (frame = read_frame(&checkout, id, sequence, &length)) != NULL; sequence++) {
        for (int i = 0; i < length; i++) {
            frame[i] ^= 0x10;
            write_frame(&checkout, id, sequence, frame, length);
            expect_damaged(&checkout, id, "The log is damaged");
            frame[i] ^= 0x10;
            write_frame(&checkout, id, sequence, frame, i);
            expect_damaged(&checkout, id, "The log is damaged");
        }
        write_frame(&checkout, id, sequence, frame, length);
        free(frame);
    }
    ck_assert_int_gt(sequence, 3);
    ck_assert_int_eq(show(&checkout, id, &after), 200);
    ck_assert_str_eq(text_str(&after), text_str(&before));
    text_release(&before);
    text_release(&after);
    checkout_close(&checkout);
}
END_TEST

enum damage { FLIPPED, CUT, NEWER, NEWER_RECORD, NEGATIVE, GONE, SOUND, CHECKOUTS };

static void move_log(struct checkout_fixture *checkout, const char *from, const char *to)
{
    char sql[200];
    snprintf(sql, sizeof sql, "UPDATE saga_log SET saga_id = '%s' WHERE saga_id = '%s'", to, from);
    ck_assert_int_eq(sqlite3_exec(checkout->db, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_gt(sqlite3_changes(checkout->db), 0);
}

static void put_crc(unsigned char *at, const unsigned char *bytes, size_t length)
{
    uint32_t crc = crc32c(bytes, length);
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(crc >> 8 * i);
}

/* Does it, or puts the first frame back. */
static void damage(struct checkout_fixture *checkout, const char *id, enum damage what, int repair)
{
    int length = 0;
    if (what == GONE) {
        move_log(checkout, repair ? "gone" : id, repair ? id : "gone");
        return;
    }
    unsigned char *frame = read_frame(checkout, id, 0, &length);
    if (what == FLIPPED)
        frame[FRAME_HEADER_BYTES] ^= 1;
    if (what == NEWER)
        frame[0] = repair ? FRAME_VERSION : FRAME_VERSION + 1;
    if (what == NEWER_RECORD)
        frame[FRAME_HEADER_BYTES] = repair ? 1 : 2;
    if (what == NEGATIVE)
        frame[FRAME_HEADER_BYTES + 24] ^= 0x80; /* the sign of its last number */
    if (what == NEWER || what == NEWER_RECORD || what == NEGATIVE) { /* its checksums are right */
        put_crc(frame + 8, frame, 8);
        put_crc(frame + length - 4, frame + FRAME_HEADER_BYTES,
                (size_t)(length - FRAME_OVERHEAD_BYTES));
    }
    write_frame(checkout, id, 0, frame, length);
    free(frame);
}

static void expect_logged(struct checkout_fixture *checkout, const char *id)
{
    char line[4096];
    int found = 0;
    FILE *log = fopen(cluster_log(checkout->cluster, CHECKOUT), "re");
    ck_assert_ptr_nonnull(log);
    while (fgets(line, sizeof line, log) != NULL)
        found |= strstr(line, "a checkout is left as it is") != NULL && strstr(line, id) != NULL;
    fclose(log);
    ck_assert_msg(found, "nothing about %s in the log", id);
}

START_TEST(one_damaged_checkout_stops_neither_the_start_nor_the_others)
{
    static const char *const says[CHECKOUTS] = {
        [FLIPPED] = "The log is damaged at offset 0, in frame 0: the payload's checksum is wrong",
        [CUT] = "is missing or cut off",
        [NEWER] = "The log is of version 2 from offset 0 on; this program reads version 1.",
        [NEWER_RECORD] = "A record has version 2; this program reads version 1. Use the program",
        [NEGATIVE] = "A record has a field out of range. Use the program",
        [GONE] = "The log is damaged: record 0 is missing or cut off"};
    struct checkout_fixture checkout;
    char ids[CHECKOUTS][ID_SIZE];
    int length = 0, last = -1;
    unsigned char *frame = NULL, *next = NULL;
    checkout_open(&checkout);
    fault(&checkout, "cart-service", FAULT_HANG);
    for (int i = 0; i < CHECKOUTS; i++)
        place(&checkout, NULL, BODY, ids[i]);
    ck_assert_int_eq(cluster_kill(checkout.cluster, CHECKOUT, SIGKILL), 0);
    fault(&checkout, "cart-service", FAULT_NONE);
    for (int i = 0; i < SOUND; i++)
        if (i != CUT)
            damage(&checkout, ids[i], (enum damage)i, 0);
    while ((next = read_frame(&checkout, ids[CUT], last + 1, &length)) != NULL) {
        free(frame);
        frame = next;
        last++;
    }
    write_frame(&checkout, ids[CUT], last, frame, length - 1);

    struct error err = {0};
    ck_assert_msg(cluster_restart(checkout.cluster, CHECKOUT, &err) == 0, "%s", err.text);
    wait_for(&checkout, ids[SOUND], "\"phase\":\"COMPLETED\"");
    for (int i = 0; i < SOUND; i++) {
        expect_damaged(&checkout, ids[i], says[i]);
        expect_logged(&checkout, ids[i]);
        if (i != CUT)
            damage(&checkout, ids[i], (enum damage)i, 1);
    }
    write_frame(&checkout, ids[CUT], last, frame, length);
    kill_and_restart(&checkout);
    for (int i = 0; i < SOUND; i++)
        wait_for(&checkout, ids[i], "\"phase\":\"COMPLETED\"");
    free(frame);
    checkout_close(&checkout);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {any_flipped_byte_and_any_cut_is_found,
                                  one_damaged_checkout_stops_neither_the_start_nor_the_others,
                                  NULL};
    return run_tests("saga_log", tests);
}
