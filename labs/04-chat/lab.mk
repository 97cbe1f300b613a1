# The design as data is read on both sides, in the probe and in the judge.
WORLD_04-chat := chat_words.c chat_model.c workload.c workload_members.c
