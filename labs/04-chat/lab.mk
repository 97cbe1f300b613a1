# The design as data is read on both sides, in the probe and in the judge.
WORLD_04-chat := chat_words.c chat_model.c workload.c chat_hash.c core_words.c \
                 chat_world.c chat_world_log.c chat_world_readers.c chat_world_rules.c chat_world_trace.c
PROBE_ONLY_04-chat := core_words.c chat_world.c chat_world_log.c chat_world_readers.c chat_world_rules.c chat_world_trace.c
