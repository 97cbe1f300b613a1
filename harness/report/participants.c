#include "report/participants.h"

#include <string.h>

#define FIRST "judge"

int find_participant(const char *const *names, int count, const char *name)
{
    for (int i = 0; name != NULL && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static void add(const char **names, int *count, int max, const char *name)
{
    if (name != NULL && *count < max && find_participant(names, *count, name) < 0)
        names[(*count)++] = name;
}

static int is_first(const char *name)
{
    return name != NULL && strcmp(name, FIRST) == 0;
}

int story_participants(const struct story *story, const char **names, int max)
{
    int count = 0;
    for (int i = 0; i < story->count; i++)
        if (is_first(story->lines[i].from) || is_first(story->lines[i].to))
            add(names, &count, max, FIRST);
    for (int arrows = 1; arrows >= 0; arrows--)
        for (int i = 0; i < story->count; i++) {
            if (arrows && story->lines[i].to == NULL)
                continue;
            add(names, &count, max, story->lines[i].from);
            add(names, &count, max, story->lines[i].to);
        }
    return count;
}
