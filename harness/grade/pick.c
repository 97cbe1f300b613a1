/*
 * Which of the files that were handed in are a lab's.
 */
#include "grade/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "course/lab.h"
#include "grade/limits.h"
#include "grade/member_name.h"

enum { COPIES_SHOWN = 4 };

/* --- folders ---------------------------------------------------------------------------------- */

struct place {        /* a folder that has files of the lab */
    const char *name; /* of a file in it */
    size_t length;    /* of the folder in that name */
    int files;
    int rank;
};

struct places {
    struct place list[PLACES_MAX];
    int count, best; /* best: its place in the list, -1 = none */
    int more;        /* than there is room for */
};

static int rank_of(const char *name, size_t length, const char *lab)
{
    char tail[128];
    snprintf(tail, sizeof tail, "labs/%s", lab);
    if (length > 0 && name_has_tail(name, length - 1, tail, 0))
        return 2;
    return length > 0 && name_has_tail(name, length - 1, lab, 0);
}

static void add_place(struct places *places, const char *name, size_t length, const char *lab)
{
    for (int i = 0; i < places->count; i++)
        if (places->list[i].length == length && strncmp(places->list[i].name, name, length) == 0)
            return;
    if (places->count == PLACES_MAX) {
        places->more = 1;
        return;
    }
    places->list[places->count++] =
        (struct place){.name = name, .length = length, .rank = rank_of(name, length, lab)};
}

static int is_in(const char *name, size_t folder, const struct place *place)
{
    return folder == place->length && strncmp(name, place->name, folder) == 0;
}

/* The item that is most like the wanted file in this folder, -1 = none. */
static int find(const struct listing *files, const struct place *place, const char *wanted)
{
    enum likeness best = LIKE_NOTHING;
    int found = -1;
    for (int i = 0; i < files->count; i++) {
        size_t folder = 0;
        if (!wanted_candidate(&files->items[i]))
            continue;
        const enum likeness like = likeness_of(files->items[i].name, wanted, &folder);
        if (like == LIKE_NOTHING || !is_in(files->items[i].name, folder, place))
            continue;
        if (found < 0 || like < best || (like == best && like == LIKE_NUMBERED)) {
            best = like;
            found = i;
        }
    }
    return found;
}

static void find_places(const struct listing *files, const struct wanted *wanted,
                        struct places *places)
{
    for (int i = 0; i < files->count; i++)
        for (int k = 0; k < wanted->count && wanted_candidate(&files->items[i]); k++) {
            size_t folder = 0;
            if (likeness_of(files->items[i].name, wanted->names[k], &folder) != LIKE_NOTHING)
                add_place(places, files->items[i].name, folder, wanted->lab->name);
        }
    places->best = -1;
    for (int i = 0; i < places->count; i++) {
        struct place *place = &places->list[i];
        for (int k = 0; k < wanted->count; k++)
            place->files += find(files, place, wanted->names[k]) >= 0;
        const struct place *best = places->best < 0 ? NULL : &places->list[places->best];
        if (best == NULL || place->rank > best->rank ||
            (place->rank == best->rank && place->files > best->files))
            places->best = i;
    }
}

/* --- content ---------------------------------------------------------------------------------- */

static int same_content(const struct item *left, const struct item *right)
{
    struct text a = {0}, b = {0};
    const int same = left->size == right->size && handed_read(left, &a, NULL) == 0 &&
                     handed_read(right, &b, NULL) == 0 && a.length == b.length &&
                     memcmp(text_str(&a), text_str(&b), a.length) == 0;
    text_release(&a);
    text_release(&b);
    return same;
}

/* Whether both folders have the same files with the same content. */
static int same_work(const struct listing *files, const struct wanted *wanted,
                     const struct place *left, const struct place *right)
{
    for (int i = 0; i < wanted->count; i++) {
        const int a = find(files, left, wanted->names[i]), b = find(files, right, wanted->names[i]);
        if ((a < 0) != (b < 0) || (a >= 0 && !same_content(&files->items[a], &files->items[b])))
            return 0;
    }
    return 1;
}

/* --- choosing --------------------------------------------------------------------------------- */

static void show_folder(const struct place *place, struct text *out)
{
    char *folder = strndup(place->name, place->length);
    if (folder == NULL)
        abort();
    if (place->length == 0)
        text_add(out, "the top");
    else
        name_show(folder, out);
    free(folder);
}

/* Sets trouble when another folder is as good as the best, and different. */
static void look_for_copies(const struct listing *files, const struct wanted *wanted,
                            const struct places *places, struct picked *picked)
{
    const struct place *best = &places->list[places->best];
    int copies = 1, differ = 0;
    struct text names = {0};
    show_folder(best, &names);
    for (int i = 0; i < places->count; i++) {
        const struct place *place = &places->list[i];
        if (place == best || place->rank != best->rank || place->files != best->files)
            continue;
        differ |= !same_work(files, wanted, best, place);
        if (copies++ < COPIES_SHOWN) {
            text_add(&names, ", ");
            show_folder(place, &names);
        }
    }
    if (differ)
        text_addf(&picked->trouble,
                  "%d copies of %s were handed in (%s); none was chosen: remove all but one",
                  copies, wanted->lab->name, text_str(&names));
    text_release(&names);
}

static void note_likeness(const struct item *item, const char *wanted, enum likeness like,
                          struct text *notes)
{
    struct text shown = {0};
    name_show(item->name, &shown);
    if (like == LIKE_CASE)
        text_addf(notes, "%s was not found; %s looks like it and was taken\n", wanted,
                  text_str(&shown));
    else if (like != LIKE_NAMED)
        text_addf(notes, "%s was taken as %s\n", text_str(&shown), wanted);
    text_release(&shown);
}

/* One name twice: in a tar the later one counts, in a zip nobody knows which. And another that
   differs in nothing but case. */
static void look_for_twins(const struct listing *files, int found, struct picked *picked)
{
    const struct item *item = &files->items[found];
    for (int i = 0; i < files->count; i++) {
        const struct item *other = &files->items[i];
        if (i == found || !wanted_candidate(other) || strcasecmp(other->name, item->name) != 0)
            continue;
        struct text shown = {0};
        name_show(item->name, &shown);
        if (strcmp(other->name, item->name) != 0)
            text_addf(&picked->notes, "two files whose names differ only in case: %s was taken\n",
                      text_str(&shown));
        else if (!same_content(item, other) && item->later_wins)
            text_addf(&picked->notes,
                      "%s is twice in this archive; the later one was taken, as tar does\n",
                      text_str(&shown));
        else if (!same_content(item, other) && picked->trouble.length == 0)
            text_addf(&picked->trouble,
                      "%s is twice in this archive, with different content: remove one",
                      text_str(&shown));
        text_release(&shown);
        return;
    }
}

/* order-1.c beside order.c: what was passed over may be the newer one. */
static void look_for_numbers(const struct listing *files, const struct place *place,
                             const char *wanted, struct picked *picked)
{
    for (int i = 0; i < files->count; i++) {
        size_t folder = 0;
        const char *name = files->items[i].name;
        if (!wanted_candidate(&files->items[i]) ||
            likeness_of(name, wanted, &folder) != LIKE_NUMBERED || !is_in(name, folder, place))
            continue;
        name_show(name, &picked->notes);
        text_addf(&picked->notes, " was passed over, as %s is there\n", wanted);
    }
}

/* The last of the members with the item's name, where the later one counts. */
static int latest(const struct listing *files, int found)
{
    int last = found;
    for (int i = found + 1; i < files->count && files->items[found].later_wins; i++)
        if (wanted_candidate(&files->items[i]) &&
            strcmp(files->items[i].name, files->items[found].name) == 0)
            last = i;
    return last;
}

/* "My Work/lab 01/": more folders around the work than a tool puts there. */
static void note_folder(const struct place *place, struct picked *picked)
{
    int folders = 0;
    for (size_t i = 0; i < place->length; i++)
        folders += place->name[i] == '/';
    if (folders < 2 || place->rank > 0)
        return;
    text_add(&picked->notes, "your files were found in \"");
    show_folder(place, &picked->notes);
    text_add(&picked->notes, "\"; hand in the files themselves next time\n");
}

void pick(const struct listing *files, const struct wanted *wanted, struct picked *picked)
{
    struct places places = {0};
    picked->items = calloc((size_t)wanted->count + 1, sizeof *picked->items);
    if (picked->items == NULL)
        abort();
    find_places(files, wanted, &places);
    if (places.best < 0)
        return;
    const struct place *best = &places.list[places.best];
    picked->folder = strndup(best->name, best->length);
    for (int i = 0; i < wanted->count; i++) {
        size_t folder = 0;
        picked->items[i] = find(files, best, wanted->names[i]);
        if (picked->items[i] < 0)
            continue;
        picked->items[i] = latest(files, picked->items[i]);
        const struct item *item = &files->items[picked->items[i]];
        picked->count++;
        const enum likeness like = likeness_of(item->name, wanted->names[i], &folder);
        note_likeness(item, wanted->names[i], like, &picked->notes);
        if (like < LIKE_NUMBERED)
            look_for_numbers(files, best, wanted->names[i], picked);
        look_for_twins(files, picked->items[i], picked);
    }
    note_folder(best, picked);
    if (picked->trouble.length == 0)
        look_for_copies(files, wanted, &places, picked);
    if (places.more)
        text_addf(&picked->trouble, "%sfiles of %s lie in more than %d folders: hand in one",
                  picked->trouble.length > 0 ? "; " : "", wanted->lab->name, PLACES_MAX);
}

void picked_release(struct picked *picked)
{
    free(picked->items);
    free(picked->folder);
    text_release(&picked->trouble);
    text_release(&picked->notes);
    *picked = (struct picked){0};
}
