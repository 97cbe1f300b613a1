/*
 * Noted writes are brought into the image in their order, so a later write to the same sector wins
 * when both survive. A write survives sector by sector: that is what tears it.
 */
#include "probe/power_image.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include "kit/random.h"
#include "probe/power_loss.h"

static void pending_clear(struct power_image *image)
{
    for (int i = 0; i < image->pending_count; i++)
        free(image->pending[i].bytes);
    image->pending_count = 0;
}

void power_image_release(struct power_image *image)
{
    pending_clear(image);
    free(image->pending);
    free(image->bytes);
    *image = (struct power_image){0};
}

int power_image_resize(struct power_image *image, int64_t size)
{
    if (size > image->capacity) {
        int64_t capacity = size * 2;
        unsigned char *bytes = realloc(image->bytes, (size_t)capacity);
        if (bytes == NULL)
            return SQLITE_IOERR_NOMEM;
        image->bytes = bytes;
        image->capacity = capacity;
    }
    if (size > image->size)
        memset(image->bytes + image->size, 0, (size_t)(size - image->size));
    image->size = size;
    return SQLITE_OK;
}

int power_image_note(struct power_image *image, const void *bytes, int64_t offset, int64_t length)
{
    if (image->pending_count == image->pending_capacity) {
        int capacity = image->pending_capacity * 2 + 16;
        struct pending_write *grown = realloc(image->pending, (size_t)capacity * sizeof *grown);
        if (grown == NULL)
            return SQLITE_IOERR_NOMEM;
        image->pending = grown;
        image->pending_capacity = capacity;
    }
    unsigned char *copy = NULL;
    if (bytes != NULL) {
        copy = malloc((size_t)length);
        if (copy == NULL)
            return SQLITE_IOERR_NOMEM;
        memcpy(copy, bytes, (size_t)length);
    }
    image->pending[image->pending_count++] = (struct pending_write){offset, length, copy};
    return SQLITE_OK;
}

/* Whether the next unsynced sector reached the disk; without a random source all do. */
static int survives(uint64_t seed, const struct random *random)
{
    if (random == NULL)
        return 1;
    if (seed % 4 < 2)
        return seed % 4 == 1;
    return random_unit(random) < 0.5;
}

static int write_sectors(struct power_image *image, const struct pending_write *write,
                         uint64_t seed, const struct random *random)
{
    int64_t end = write->offset + write->length;
    int64_t next = 0;
    for (int64_t at = write->offset; at < end; at = next) {
        next = at - at % POWER_LOSS_SECTOR + POWER_LOSS_SECTOR;
        if (next > end)
            next = end;
        if (!survives(seed, random))
            continue;
        if (next > image->size && power_image_resize(image, next) != SQLITE_OK)
            return SQLITE_IOERR_NOMEM;
        memcpy(image->bytes + at, write->bytes + (at - write->offset), (size_t)(next - at));
    }
    return SQLITE_OK;
}

int power_image_cut(struct power_image *image, uint64_t seed, const struct random *random)
{
    int code = SQLITE_OK;
    for (int i = 0; i < image->pending_count && code == SQLITE_OK; i++) {
        const struct pending_write *write = &image->pending[i];
        if (write->bytes != NULL)
            code = write_sectors(image, write, seed, random);
        else if (survives(seed, random))
            code = power_image_resize(image, write->offset);
    }
    pending_clear(image);
    return code;
}

int power_image_sync(struct power_image *image)
{
    return power_image_cut(image, 0, NULL);
}
