/*
 * The adapter through which the judge drives lab 04. Given: nothing to write here.
 *
 * The actions stand at the top of the file that has them: probe_design.c, probe_capacity.c,
 * probe_log.c, probe_hub.c, probe_presence.c, probe_world.c.
 */
#include "probe.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"design", do_design},     {"service", do_element},
        {"entity", do_element},    {"message", do_element},
        {"on", do_element},        {"flow", do_element},
        {"hop", do_element},       {"rest", do_rest},
        {"capacity", do_capacity}, {NULL, NULL},
    };
    struct rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL)
        return 1;
    int status = probe_main(argc, argv, "04-chat", actions, rig);
    design_rig_free(rig->design);
    core_rig_free(rig->core);
    free(rig);
    return status;
}
