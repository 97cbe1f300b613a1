# The design as data is read on both sides, in the probe and in the judge. The services are wired from
# it too, but say it to nobody. The world of faults is played on both sides as well.
WORLD_04-chat := chat_words.c chat_model.c chat_check.c chat_check_flow.c chat_nodes.c chat_wire.c workload.c \
                 workload_members.c chat_hash.c core_words.c chat_world.c chat_world_log.c \
                 chat_world_readers.c chat_world_rules.c chat_world_trace.c
# The probe lets memory run out (probe_memory.c).
WRAPPED_04-chat := malloc calloc realloc
PROBE_ONLY_04-chat := chat_wire.c workload_members.c core_words.c chat_world.c chat_world_log.c \
                      chat_world_readers.c chat_world_rules.c chat_world_trace.c
