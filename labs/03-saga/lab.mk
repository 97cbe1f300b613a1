# The world is played on both sides, in the probe and in the judge. The service has no use for it,
# but for the words.
WORLD_03-saga := saga_words.c trace.c world.c world_rules.c world_setup.c
PROBE_ONLY_03-saga := trace.c world.c world_rules.c world_setup.c
