#include "report/summary.h"

#include <stddef.h>
#include <string.h>

const char *tier_name(enum tier tier)
{
    static const char *const names[] = {
        [TIER_UNIT] = "unit", [TIER_MODEL] = "model", [TIER_CLUSTER] = "cluster"};
    return names[tier];
}

const char *story_kind_name(enum story_kind kind)
{
    static const char *const names[] = {[STORY_CALL] = "call",
                                        [STORY_REPLY] = "reply",
                                        [STORY_FAULT] = "fault",
                                        [STORY_NOTE] = "note",
                                        [STORY_WRONG] = "wrong"};
    return names[kind];
}

struct tally step_tally(const struct lab_result *lab, int step)
{
    struct tally tally = {0};

    for (int i = 0; i < lab->count; i++) {
        const struct result *result = &lab->results[i];
        if (step != 0 && result->check->step != step)
            continue;
        tally.total++;
        tally.passed += result->verdict == VERDICT_PASS;
        tally.failed += result->verdict == VERDICT_FAIL;
        tally.crashed += result->verdict == VERDICT_CRASH;
        tally.waiting += result->verdict == VERDICT_WAITING;
        tally.errors += result->verdict == VERDICT_ERROR;
        tally.points += result->points;
        tally.points_max += result->check->points;
    }
    return tally;
}

struct tally lab_tally(const struct lab_result *lab)
{
    return step_tally(lab, 0);
}

struct tally run_points(const struct run_result *run)
{
    struct tally tally = {0};

    for (int i = 0; i < run->lab_count; i++) {
        tally.points += run->labs[i].points;
        tally.points_max += run->labs[i].points_max;
    }
    return tally;
}

int lab_is_done(const struct lab_result *lab)
{
    struct tally tally = lab_tally(lab);
    return lab->builds && tally.passed == tally.total;
}

const char *lab_state(const struct lab_result *lab)
{
    struct tally tally = lab_tally(lab);

    if (!lab->builds)
        return "does not compile";
    if (tally.errors > 0)
        return "grader error";
    if (tally.passed == tally.total) /* the registry has more when only some were asked for */
        return lab_check(lab->lab, lab->count) == NULL ? "full marks" : "all of these pass";
    return tally.passed > 0 ? "in progress" : "not started";
}

int is_unwritten(const struct result *result)
{
    return result->verdict != VERDICT_PASS && strcmp(result->reason, "not written yet") == 0;
}

const struct lab_result *first_unfinished(const struct run_result *run)
{
    for (int i = 0; i < run->lab_count; i++)
        if (!lab_is_done(&run->labs[i]))
            return &run->labs[i];
    return NULL;
}

const struct result *next_failing(const struct lab_result *lab)
{
    const struct result *error = NULL;

    for (int i = 0; i < lab->count; i++) {
        const struct result *result = &lab->results[i];
        if (result->verdict == VERDICT_FAIL || result->verdict == VERDICT_CRASH)
            return result;
        if (result->verdict == VERDICT_ERROR && error == NULL)
            error = result;
    }
    return error;
}
