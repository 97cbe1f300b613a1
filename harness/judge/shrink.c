/*
 * Making a failing scenario small: delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input", IEEE TSE 2002) over the actions.
 *
 * All that follows the failing action goes first and costs nothing. Then chunks are left out, half
 * of the actions first and single ones last, and a smaller scenario is kept when the same check
 * still fails in the same way. Oracles are defined on every sub-list, so each one is a fair test.
 * The number of plays is bounded, not their time: the same seed must give the same story.
 */
#include "judge/play.h"

enum { SHRINK_PLAYS_MAX = 80 };

static int same_failure(const struct play *one, const struct play *other)
{
    return one->outcome == other->outcome &&
           (one->outcome != PLAY_ENDED || one->state == other->state);
}

/* A probe that hangs costs its whole limit on each play. */
static int is_costly(const struct play *play)
{
    return play->outcome == PLAY_ENDED &&
           (play->state == PROBE_CPU_LIMIT || play->state == PROBE_WALL_LIMIT ||
            play->state == PROBE_MEMORY_LIMIT || play->state == PROBE_OUTPUT_LIMIT);
}

/* How many actions, from the first on, may be left out: the failing one is needed. */
static int removable(const struct scenario *scenario, const struct play *play)
{
    return play->at < scenario->count ? play->at : scenario->count;
}

/* Plays scenario without count actions from first on; keeps it when it fails in the same way. */
static int try_without(struct check_run *run, struct scenario *scenario, struct play *play,
                       int first, int count)
{
    struct scenario smaller = {0};
    struct play attempt;
    scenario_copy_without(&smaller, scenario, first, count);
    play_scenario(run, &smaller, &attempt);
    int keep = same_failure(play, &attempt);
    if (keep) {
        struct scenario larger = *scenario;
        *scenario = smaller;
        smaller = larger;
        struct play was = *play;
        *play = attempt;
        attempt = was;
        play->cpu_ms += attempt.cpu_ms;
    } else {
        play->cpu_ms += attempt.cpu_ms;
    }
    play_release(&attempt);
    scenario_release(&smaller);
    return keep;
}

static void cut_after_failure(struct scenario *scenario, const struct play *play)
{
    struct scenario prefix = {0};
    int kept = play->at + 1 < scenario->count ? play->at + 1 : scenario->count;
    scenario_copy_without(&prefix, scenario, kept, scenario->count - kept);
    scenario_release(scenario);
    *scenario = prefix;
}

void shrink(struct check_run *run, struct scenario *scenario, struct play *play)
{
    cut_after_failure(scenario, play);
    if (is_costly(play))
        return;
    int plays = 0;
    for (int chunk = scenario->count / 2; chunk >= 1;) {
        int removed = 0;
        for (int first = 0; first < removable(scenario, play);) {
            if (plays++ >= SHRINK_PLAYS_MAX)
                return;
            int left = removable(scenario, play) - first;
            int count = chunk < left ? chunk : left;
            if (try_without(run, scenario, play, first, count)) {
                cut_after_failure(scenario, play);
                removed = 1;
            } else {
                first += count;
            }
        }
        if (!removed) /* else the same size once more: what is left may have come free */
            chunk /= 2;
    }
}
