/*
 * The file behind a connection: is it still the one that was opened, and is there room for more?
 *
 * A file that is removed, or replaced by another, lives on for those who have it open: they would
 * write, sync and acknowledge what nobody finds again. So after each commit, and before it is
 * acknowledged, the paths are looked at; and before a write begins once they were found wrong.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "kit/db_internal.h"

static void remember(struct db_file *file, const char *path)
{
    struct stat found;
    if (path == NULL || path[0] == '\0' || stat(path, &found) < 0)
        return; /* in memory, or not there yet: never looked at */
    *file = (struct db_file){.path = path, .device = found.st_dev, .inode = found.st_ino};
}

void db_remember_files(struct db *db)
{
    const char *path = sqlite3_db_filename(db->handle, "main");
    remember(&db->file, path);
    if (db->file.path != NULL)
        remember(&db->log, sqlite3_filename_wal(path));
}

static int look(const struct db_file *file, struct error *err)
{
    struct stat found;
    if (file->path == NULL || (stat(file->path, &found) == 0 && found.st_dev == file->device &&
                               found.st_ino == file->inode))
        return 0;
    return error_set(err, ERR_IO,
                     "%.150s is not the file that was opened: put that back, or start again",
                     file->path);
}

int db_check_files(struct db *db, struct error *err)
{
    int code = look(&db->file, err);
    if (code == 0)
        code = look(&db->log, err);
    atomic_store(&db->gone, code < 0);
    return code;
}

int db_check_gone(struct db *db, struct error *err)
{
    return atomic_load(&db->gone) ? db_check_files(db, err) : 0;
}

int db_check_room(const struct db *db, struct error *err)
{
    struct statvfs disk;
    if (db->file.path == NULL || statvfs(db->file.path, &disk) < 0)
        return 0;
    if ((disk.f_flag & ST_RDONLY) != 0)
        return error_set(err, ERR_IO, "the disk may only be read: mount it for writing again");
    uint64_t blocks = geteuid() == 0 ? disk.f_bfree : disk.f_bavail;
    if (blocks * disk.f_frsize < STORE_ROOM_BYTES)
        return error_set(err, ERR_IO, "the disk is full: free some space");
    return 0;
}

int db_same_file(const struct db *db, const struct db *other)
{
    return db->file.device == other->file.device && db->file.inode == other->file.inode;
}
