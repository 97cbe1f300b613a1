/*
 * Lists of files that were handed in.
 */
#include "grade/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/limits.h"
#include "grade/member_name.h"
#include "kit/error.h"

enum { FIRST_CAPACITY = 32 };

struct item *listing_add(struct listing *listing, const char *name, const char *path, int64_t size)
{
    if (listing->count == listing->capacity) {
        listing->capacity = listing->capacity == 0 ? FIRST_CAPACITY : 2 * listing->capacity;
        listing->items =
            realloc(listing->items, (size_t)listing->capacity * sizeof *listing->items);
        if (listing->items == NULL)
            abort();
    }
    struct item *item = &listing->items[listing->count++];
    *item = (struct item){.name = strdup(name), .path = path == NULL ? NULL : strdup(path)};
    item->size = size;
    if (item->name == NULL || (path != NULL && item->path == NULL))
        abort();
    return item;
}

/* --- folders ---------------------------------------------------------------------------------- */

struct walk {
    struct listing *listing;
    struct text path, name; /* of the folder that is read, and of it from the first folder on */
    int members_max;
    struct error *err;
};

static int walk_folder(struct walk *walk, int depth);

static int add_file(struct walk *walk, const struct stat *status)
{
    const char *name = text_str(&walk->name);
    const enum wrong wrong = member_name_wrong(name);
    struct item *item =
        listing_add(walk->listing, name, wrong == WRONG_NOTHING ? text_str(&walk->path) : NULL,
                    status->st_size);
    item->wrong = wrong;
    if (wrong != WRONG_NOTHING)
        return 0;
    if (!S_ISREG(status->st_mode))
        item->wrong = S_ISLNK(status->st_mode) ? WRONG_LINK : WRONG_SPECIAL;
    else if (access(text_str(&walk->path), R_OK) != 0)
        item->wrong = WRONG_UNREADABLE;
    if (item->wrong != WRONG_NOTHING) {
        free(item->path);
        item->path = NULL;
    }
    return 0;
}

/* The entry whose path and name were put behind those of its folder. */
static int walk_entry(struct walk *walk, const char *entry, int depth)
{
    struct stat status;
    if (walk->listing->count + walk->listing->folders >= walk->members_max)
        return error_set(walk->err, ERR_LIMIT, "more than %d files below %s", walk->members_max,
                         text_str(&walk->path));
    if (lstat(text_str(&walk->path), &status) != 0)
        return 0; /* gone since */
    if (!S_ISDIR(status.st_mode))
        return add_file(walk, &status);
    walk->listing->folders++;
    if (strcmp(entry, ".git") != 0 && depth < DEPTH_MAX)
        return walk_folder(walk, depth + 1);
    text_add(&walk->name, "/");
    listing_add(walk->listing, text_str(&walk->name), NULL, 0)->wrong =
        depth < DEPTH_MAX ? WRONG_NOTHING : WRONG_DEEP;
    return 0;
}

static void cut(struct text *text, size_t length)
{
    text->length = length;
    text->bytes[length] = '\0';
}

static int walk_folder(struct walk *walk, int depth)
{
    DIR *entries = opendir(text_str(&walk->path));
    if (entries == NULL && depth > 0) {
        text_add(&walk->name, "/");
        listing_add(walk->listing, text_str(&walk->name), NULL, 0)->wrong = WRONG_UNREADABLE;
        return 0;
    }
    if (entries == NULL)
        return error_set(walk->err, ERR_IO, "cannot read the folder %s: %s", text_str(&walk->path),
                         strerror(errno));
    int code = 0;
    for (struct dirent *entry; code == 0 && (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const size_t path_length = walk->path.length, name_length = walk->name.length;
        text_addf(&walk->path, "/%s", entry->d_name);
        text_addf(&walk->name, "%s%s", name_length > 0 ? "/" : "", entry->d_name);
        code = walk_entry(walk, entry->d_name, depth);
        cut(&walk->path, path_length);
        cut(&walk->name, name_length);
    }
    closedir(entries);
    return code;
}

int listing_of_folder(struct listing *listing, const char *folder, int members, struct error *err)
{
    struct walk walk = {.listing = listing, .members_max = members, .err = err};
    text_add(&walk.path, folder);
    text_add(&walk.name, "");
    const int code = walk_folder(&walk, 0);
    text_release(&walk.path);
    text_release(&walk.name);
    listing_sort(listing);
    return code;
}

/* --- order ------------------------------------------------------------------------------------ */

static int by_name(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    return strcmp(a->name, b->name);
}

/* glibc's qsort of small lists merges, but does not promise it: names that are equal must keep
   their order, so this is an insertion into runs that are mostly sorted. */
static void merge(struct item *items, struct item *room, int count)
{
    if (count < 2)
        return;
    const int half = count / 2;
    merge(items, room, half);
    merge(items + half, room, count - half);
    int left = 0, right = half;
    for (int i = 0; i < count; i++) {
        const int takes_left =
            left < half && (right >= count || by_name(&items[left], &items[right]) <= 0);
        room[i] = takes_left ? items[left++] : items[right++];
    }
    memcpy(items, room, (size_t)count * sizeof *items);
}

void listing_sort(struct listing *listing)
{
    if (listing->count < 2)
        return;
    struct item *room = malloc((size_t)listing->count * sizeof *room);
    if (room == NULL)
        abort();
    merge(listing->items, room, listing->count);
    free(room);
}

void listing_release(struct listing *listing)
{
    for (int i = 0; i < listing->count; i++) {
        free(listing->items[i].name);
        free(listing->items[i].path);
    }
    free(listing->items);
    *listing = (struct listing){0};
}

/* --- words ------------------------------------------------------------------------------------ */

void wrong_sentence(const struct item *item, struct text *out)
{
    static const char *const sentences[] = {
        [WRONG_NOTHING] = "nothing is wrong",
        [WRONG_LINK] = "links are not accepted",
        [WRONG_SPECIAL] = "special files are not accepted",
        [WRONG_LEAVES] = "a file name leaves the archive with ..",
        [WRONG_ABSOLUTE] = "a file name is absolute",
        [WRONG_LONG_NAME] = "a file name is longer than 255 bytes",
        [WRONG_DEEP] = "folders are nested more than 32 deep",
        [WRONG_NAMELESS] = "a file has no name that can be read",
        [WRONG_LOCKED] = "a file has a password; hand it in again without one",
        [WRONG_CHECKSUM] =
            "the archive is damaged (checksum of one file); pack it and upload it again",
        [WRONG_SIZE] = "the archive is damaged (a size that cannot be); upload it again",
        [WRONG_LARGE] = "a file has more than 256 MB",
        [WRONG_UNREADABLE] = "it cannot be read here; give the grading user the right to",
        [WRONG_METHOD] = ("a compression method in this archive is not supported; pack it as an "
                          "ordinary .zip or .tar.gz"),
    };
    _Static_assert(COMPONENT_BYTES_MAX == 255 && DEPTH_MAX == 32 && CLASS_FILE_MB_MAX == 256,
                   "the sentences say the limits");
    text_addf(out, "%s (", sentences[item->wrong]);
    name_show(item->name, out);
    text_add(out, ")");
}
