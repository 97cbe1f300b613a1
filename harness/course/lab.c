/*
 * Finding labs, and checks in them.
 */
#include "course/lab.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

const struct lab *lab_find(const struct lab *const *labs, const char *name)
{
    const struct lab *like = NULL;
    int alike = 0;
    for (int i = 0; labs[i] != NULL; i++) {
        const size_t length = strlen(name);
        if (strcmp(labs[i]->name, name) == 0)
            return labs[i];
        if (length > 0 && strncmp(labs[i]->name, name, length) == 0) {
            like = labs[i];
            alike++;
        }
    }
    return alike == 1 ? like : NULL;
}

const char *lab_home(const struct lab *lab)
{
    return lab->home != NULL ? lab->home : "labs";
}

/* Whether the name is one of those that spaces separate. */
static int is_listed(const char *names, const char *name)
{
    const size_t length = strlen(name);
    while (*names != '\0') {
        const size_t size = strcspn(names, " ");
        if (size == length && memcmp(names, name, length) == 0)
            return 1;
        names += size + strspn(names + size, " ");
    }
    return 0;
}

unsigned lab_steps_of(const struct lab *lab, const char *file)
{
    unsigned steps = 0;
    for (int i = 0; i < lab->step_count; i++)
        if (lab->steps[i].files == NULL || is_listed(lab->steps[i].files, file))
            steps |= 2u << i;
    return steps;
}

int lab_step_needs(const struct lab *lab, int step, int earlier)
{
    const char *needs = lab->steps[step - 1].needs;
    return earlier < step && (needs == NULL || strchr(needs, '0' + earlier) != NULL);
}

const struct check *lab_check(const struct lab *lab, int index)
{
    if (index < 0)
        return NULL;
    for (int i = 0; lab->tables[i] != NULL; i++) {
        for (const struct check *check = lab->tables[i]; check->id != NULL; check++) {
            if (index-- == 0)
                return check;
        }
    }
    return NULL;
}

const struct check *check_find(const struct lab *lab, const char *id)
{
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(lab, i)) != NULL; i++)
        if (strcmp(check->id, id) == 0)
            return check;
    return NULL;
}

int check_matches(const struct check *check, const char *glob)
{
    return fnmatch(glob, check->id, 0) == 0;
}
