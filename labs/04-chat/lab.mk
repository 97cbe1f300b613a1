# The design as data is read on both sides, in the probe and in the judge.
WORLD_04-chat := chat_words.c chat_model.c workload.c chat_hash.c core_words.c
PROBE_ONLY_04-chat := core_words.c
