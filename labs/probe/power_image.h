/*
 * What a disk surely holds of one file, and the writes that no sync has kept yet.
 *
 * Used by power_loss.c, under its lock. Codes are SQLite's: SQLITE_OK or SQLITE_IOERR_NOMEM.
 */
#ifndef PROBE_POWER_IMAGE_H
#define PROBE_POWER_IMAGE_H

#include <stdint.h>

struct random;

/* A write (bytes != NULL), or a cut to `offset` bytes (bytes == NULL). */
struct pending_write {
    int64_t offset;
    int64_t length;
    unsigned char *bytes; /* owned */
};

struct power_image {
    unsigned char *bytes; /* what is surely on disk */
    int64_t size, capacity;
    struct pending_write *pending;
    int pending_count, pending_capacity;
};

void power_image_release(struct power_image *image);

/* Grows with zeros or cuts, as if on disk at once. */
int power_image_resize(struct power_image *image, int64_t size);

/* Notes a write of length bytes, or (bytes NULL) a cut to offset bytes. Copies the bytes. */
int power_image_note(struct power_image *image, const void *bytes, int64_t offset, int64_t length);

/* A sync: all that was noted is on disk. */
int power_image_sync(struct power_image *image);

/* A power cut: of what was noted some sectors are on disk, by seed (see power_loss_arm). */
int power_image_cut(struct power_image *image, uint64_t seed, const struct random *random);

#endif
