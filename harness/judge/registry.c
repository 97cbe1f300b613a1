/*
 * The list of labs, and finding things in it.
 */
#include <fnmatch.h>
#include <string.h>

#include "judge/check.h"
#include "judge/suites/suites.h"

const struct lab *const all_labs[] = {&lab_00_tour,
                                      &lab_01_order,
                                      &lab_02_breaker,
                                      &lab_03_saga,
                                      &drill_retry_storm,
                                      &drill_fallback_404,
                                      &drill_empty_map,
                                      &drill_queued_not_done,
                                      &drill_late_registration,
                                      NULL};

const struct lab *lab_find(const char *name_or_number)
{
    size_t length = strlen(name_or_number);
    for (int i = 0; all_labs[i] != NULL; i++) {
        const char *name = all_labs[i]->name;
        if (strcmp(name, name_or_number) == 0 ||
            (length == strcspn(name, "-") && strncmp(name, name_or_number, length) == 0))
            return all_labs[i];
    }
    return NULL;
}

const char *lab_home(const char *name)
{
    const struct lab *lab = lab_find(name);
    return lab != NULL && lab->home != NULL ? lab->home : "labs";
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
        if (index < *lab->table_counts[i])
            return &lab->tables[i][index];
        index -= *lab->table_counts[i];
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
