/*
 * The shim: each method counts, notes and passes on to the system's VFS. What is "on disk" is kept
 * in memory, so no real fsync is needed and a cut costs well under a millisecond.
 */
#include "probe/power_loss.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/random.h"
#include "probe/power_image.h"

struct disk_file {
    struct disk_file *next;
    char *path;
    struct power_image image;
};

struct power_loss {
    struct sqlite3_vfs vfs; /* first: SQLite's pointer is ours */
    struct sqlite3_vfs *system;

    pthread_mutex_t lock; /* guards all below */
    struct disk_file *files;
    int64_t operations;
    int64_t cut_at; /* 0 = never */
    uint64_t seed;
    int lying;
    int off;
};

struct power_file {
    struct sqlite3_file base; /* first: SQLite's pointer is ours */
    struct power_loss *power;
    struct disk_file *disk; /* NULL for temporary files, which no power cut concerns */
    struct sqlite3_file *real;
};

static struct power_file *power_file_of(sqlite3_file *file)
{
    return (struct power_file *)(void *)file;
}

static struct power_loss *power_of(sqlite3_vfs *vfs)
{
    return (struct power_loss *)(void *)vfs;
}

/* Counts one operation. 1 when it may go on; 0 when the power is off, or goes with this one. Needs
   the lock. */
static int count_operation(struct power_loss *power)
{
    if (power->off)
        return 0;
    power->operations++;
    if (power->cut_at != 0 && power->operations >= power->cut_at)
        power->off = 1;
    return !power->off;
}

/* --- the files on the disk; all need the lock --------------------------------------------- */

static void disk_file_free(struct disk_file *file)
{
    power_image_release(&file->image);
    free(file->path);
    free(file);
}

static void disk_forget(struct power_loss *power, const char *path)
{
    struct disk_file **link = &power->files;
    while (*link != NULL && strcmp((*link)->path, path) != 0)
        link = &(*link)->next;
    struct disk_file *gone = *link;
    if (gone == NULL)
        return;
    *link = gone->next;
    disk_file_free(gone);
}

/* The record of path, made from what the file holds when it is opened for the first time. */
static struct disk_file *disk_open(struct power_loss *power, const char *path, sqlite3_file *real)
{
    struct disk_file *file = power->files;
    while (file != NULL && strcmp(file->path, path) != 0)
        file = file->next;
    if (file != NULL)
        return file;
    sqlite3_int64 size = 0;
    file = calloc(1, sizeof *file);
    if (file == NULL)
        return NULL;
    file->path = strdup(path);
    if (file->path == NULL || real->pMethods->xFileSize(real, &size) != SQLITE_OK ||
        power_image_resize(&file->image, size) != SQLITE_OK)
        goto bad;
    if (size > 0 && real->pMethods->xRead(real, file->image.bytes, (int)size, 0) != SQLITE_OK)
        goto bad;
    file->next = power->files;
    power->files = file;
    return file;
bad:
    disk_file_free(file);
    return NULL;
}

/* --- file methods ------------------------------------------------------------------------- */

static int file_close(sqlite3_file *base)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xClose(file->real);
}

static int file_read(sqlite3_file *base, void *bytes, int length, sqlite3_int64 offset)
{
    struct power_file *file = power_file_of(base);
    if (power_loss_is_off(file->power))
        return SQLITE_IOERR_READ;
    return file->real->pMethods->xRead(file->real, bytes, length, offset);
}

static int file_write(sqlite3_file *base, const void *bytes, int length, sqlite3_int64 offset)
{
    struct power_file *file = power_file_of(base);
    struct power_loss *power = file->power;
    int code = SQLITE_OK;
    if (file->disk != NULL) {
        pthread_mutex_lock(&power->lock);
        int was_off = power->off;
        int alive = count_operation(power);
        if (!was_off) /* the write that the cut interrupts may be there in part */
            code = power_image_note(&file->disk->image, bytes, offset, length);
        pthread_mutex_unlock(&power->lock);
        if (!alive)
            return SQLITE_IOERR_WRITE;
    }
    if (code != SQLITE_OK)
        return code;
    return file->real->pMethods->xWrite(file->real, bytes, length, offset);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct power_file *file = power_file_of(base);
    struct power_loss *power = file->power;
    int code = SQLITE_OK;
    if (file->disk != NULL) {
        pthread_mutex_lock(&power->lock);
        if (count_operation(power))
            code = power_image_note(&file->disk->image, NULL, size, 0);
        else
            code = SQLITE_IOERR_TRUNCATE;
        pthread_mutex_unlock(&power->lock);
    }
    if (code != SQLITE_OK)
        return code;
    return file->real->pMethods->xTruncate(file->real, size);
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct power_file *file = power_file_of(base);
    struct power_loss *power = file->power;
    int code = SQLITE_OK;
    (void)flags; /* full or data only: both keep the bytes */
    if (file->disk == NULL)
        return SQLITE_OK;
    pthread_mutex_lock(&power->lock);
    if (!count_operation(power))
        code = SQLITE_IOERR_FSYNC;
    else if (!power->lying)
        code = power_image_sync(&file->disk->image);
    pthread_mutex_unlock(&power->lock);
    return code;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xFileSize(file->real, size);
}

static int file_lock(sqlite3_file *base, int level)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xLock(file->real, level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xUnlock(file->real, level);
}

static int file_check_reserved(sqlite3_file *base, int *held)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xCheckReservedLock(file->real, held);
}

static int file_control(sqlite3_file *base, int operation, void *arg)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xFileControl(file->real, operation, arg);
}

static int file_sector_size(sqlite3_file *base)
{
    (void)base;
    return POWER_LOSS_SECTOR;
}

static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int file_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xShmMap(file->real, page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *base)
{
    struct power_file *file = power_file_of(base);
    file->real->pMethods->xShmBarrier(file->real);
}

static int file_shm_unmap(sqlite3_file *base, int delete_it)
{
    struct power_file *file = power_file_of(base);
    return file->real->pMethods->xShmUnmap(file->real, delete_it);
}

/* Version 2: shared memory for WAL, but no memory-mapped reads, which would go past us. */
static const struct sqlite3_io_methods power_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* --- the VFS ------------------------------------------------------------------------------ */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                    int *out_flags)
{
    struct power_loss *power = power_of(vfs);
    struct power_file *file = power_file_of(base);
    int kept = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    *file = (struct power_file){.power = power, .real = (struct sqlite3_file *)(void *)(file + 1)};
    if (power_loss_is_off(power))
        return SQLITE_CANTOPEN;
    int code = power->system->xOpen(power->system, path, file->real, flags, out_flags);
    if (code != SQLITE_OK)
        return code;
    if (kept != 0 && path != NULL) {
        pthread_mutex_lock(&power->lock);
        file->disk = disk_open(power, path, file->real);
        pthread_mutex_unlock(&power->lock);
        if (file->disk == NULL) {
            file->real->pMethods->xClose(file->real);
            return SQLITE_IOERR_NOMEM;
        }
    }
    file->base.pMethods = &power_methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
    (void)sync_directory; /* as good as done: no real fsync is needed */
    struct power_loss *power = power_of(vfs);
    pthread_mutex_lock(&power->lock);
    int alive = count_operation(power);
    if (alive)
        disk_forget(power, path);
    pthread_mutex_unlock(&power->lock);
    if (!alive)
        return SQLITE_IOERR_DELETE;
    return power->system->xDelete(power->system, path, 0);
}

int power_loss_open(struct power_loss **out, const char *name, struct error *err)
{
    struct sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    struct power_loss *power = calloc(1, sizeof *power);
    if (power == NULL || system == NULL) {
        free(power);
        return error_set(err, ERR_UNAVAILABLE, "SQLite has no VFS to stand on");
    }
    power->system = system;
    power->vfs = *system; /* names, times and randomness are the system's own */
    power->vfs.pNext = NULL;
    power->vfs.zName = name;
    power->vfs.szOsFile = (int)sizeof(struct power_file) + system->szOsFile;
    power->vfs.xOpen = vfs_open;
    power->vfs.xDelete = vfs_delete;
    pthread_mutex_init(&power->lock, NULL);
    if (sqlite3_vfs_register(&power->vfs, 0) != SQLITE_OK) {
        power_loss_close(power);
        return error_set(err, ERR_UNAVAILABLE, "the VFS '%s' could not be registered", name);
    }
    *out = power;
    return 0;
}

void power_loss_close(struct power_loss *power)
{
    if (power == NULL)
        return;
    sqlite3_vfs_unregister(&power->vfs);
    while (power->files != NULL) {
        struct disk_file *file = power->files;
        power->files = file->next;
        disk_file_free(file);
    }
    pthread_mutex_destroy(&power->lock);
    free(power);
}

void power_loss_arm(struct power_loss *power, int64_t nth, uint64_t seed, int lying)
{
    assert(nth >= 0);
    pthread_mutex_lock(&power->lock);
    power->operations = 0;
    power->cut_at = nth;
    power->seed = seed;
    power->lying = lying;
    pthread_mutex_unlock(&power->lock);
}

int64_t power_loss_operations(struct power_loss *power)
{
    pthread_mutex_lock(&power->lock);
    int64_t operations = power->operations;
    pthread_mutex_unlock(&power->lock);
    return operations;
}

int power_loss_is_off(struct power_loss *power)
{
    pthread_mutex_lock(&power->lock);
    int off = power->off;
    pthread_mutex_unlock(&power->lock);
    return off;
}

static int file_restore(const struct disk_file *file, struct error *err)
{
    unlink(
        file->path); /* a new file: some systems flush one that is cut to nothing and rewritten */
    FILE *real = fopen(file->path, "wb");
    if (real == NULL)
        return error_set(err, ERR_IO, "%s cannot be written", file->path);
    size_t size = (size_t)file->image.size;
    int wrong = size > 0 && fwrite(file->image.bytes, 1, size, real) != size;
    if (fclose(real) != 0 || wrong)
        return error_set(err, ERR_IO, "%s cannot be written", file->path);
    return 0;
}

int power_loss_restore(struct power_loss *power, struct error *err)
{
    int code = 0;
    struct random_seeded storage;
    struct random random = random_from_seed(&storage, power->seed);
    pthread_mutex_lock(&power->lock);
    for (struct disk_file *file = power->files; file != NULL && code == 0; file = file->next) {
        if (file->image.pending_count == 0) /* the file is as its image is */
            continue;
        if (power_image_cut(&file->image, power->seed, &random) != SQLITE_OK)
            code = error_set(err, ERR_IO, "no memory for %s", file->path);
        else
            code = file_restore(file, err);
    }
    power->off = 0;
    power->cut_at = 0;
    power->lying = 0;
    pthread_mutex_unlock(&power->lock);
    return code;
}
