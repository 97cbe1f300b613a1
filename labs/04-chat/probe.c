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
        /* the design */
        {"design", do_design},
        {"service", do_element},
        {"entity", do_element},
        {"message", do_element},
        {"on", do_element},
        {"flow", do_element},
        {"hop", do_element},
        {"rest", do_rest},
        /* the numbers */
        {"capacity", do_capacity},
        /* the core */
        {"log", do_log},
        {"send", do_send},
        {"drop", do_drop},
        {"restart", do_restart},
        {"replay", do_replay},
        {"newest", do_newest},
        {"flood", do_flood},
        {"hub", do_hub},
        {"store", do_store},
        {"open", do_open},
        {"page", do_page},
        {"bring", do_bring},
        {"publish", do_publish},
        {"hint", do_hint},
        {"drained", do_drained},
        {"removed", do_removed},
        {"closed", do_closed},
        {"streams", do_streams},
        {"presence", do_presence},
        {"beat", do_beat},
        {"leave", do_leave},
        {"tick", do_tick},
        {"watch", do_watch},
        {"unwatch", do_unwatch},
        {"look", do_look},
        {"crowd", do_crowd},
        {"place", do_place},
        {"places", do_places},
        {"delay", do_delay},
        {"explore", do_explore},
        {NULL, NULL},
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
