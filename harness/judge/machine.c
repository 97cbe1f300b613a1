/*
 * Asking about the machine: before the first cluster, and at an end in doubt.
 */
#include "judge/machine.h"

#include "judge/run.h"
#include "process/loopback.h"

/* What run knows; `unknown` where it stands alone, outside of a judge. */
static struct machine *machine_of(const struct check_run *run, struct machine *unknown)
{
    return run->machine != NULL ? run->machine : unknown;
}

int run_blames_machine(struct check_run *run, enum doubt doubt)
{
    struct machine unknown = {0}, *machine = machine_of(run, &unknown);
    struct error *fault = &machine->runtimes[run->runtime];
    if (doubt == DOUBT_NONE || run_ended(run))
        return 0;
    if (fault->text[0] == '\0')
        runtime_canary(run->runtime, run->launcher, run->peers,
                       doubt == DOUBT_MEMORY ? CANARY_MUCH_MB : CANARY_MB, fault);
    return fault->text[0] != '\0' && run_error(run, "%s", fault->text);
}

int run_lacks_loopback(struct check_run *run)
{
    struct machine unknown = {0}, *machine = machine_of(run, &unknown);
    if (machine->loopback.text[0] == '\0' && !machine->loopback_works)
        machine->loopback_works = loopback_works(run->launcher, &machine->loopback) == 0;
    return machine->loopback.text[0] != '\0' && run_error(run, "%s", machine->loopback.text);
}
