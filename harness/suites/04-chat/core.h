/*
 * Lab 04, step 4: what the files of the core's checks share.
 */
#ifndef SUITES_CHAT_CORE_H
#define SUITES_CHAT_CORE_H

#include "course/lab.h"
#include "judge/scenario.h"
#include "kit/text.h"

/* The judge's own naive models; each is told by its probe file's actions. */
extern const struct oracle chat_log_oracle;      /* model_log.c */
extern const struct oracle chat_hub_oracle;      /* model_hub.c */
extern const struct oracle chat_presence_oracle; /* model_presence.c */

/* A field of an action or a reply, or what it is when it is not there. */
int64_t chat_number(const struct message *message, const char *name, int64_t otherwise);
/* Fills the finding. Always 1. */
int chat_differs(struct finding *finding, const char *expected, const char *got);
/* 0 when the reply is an error of this code, "ok" for none; else 1 with the finding filled. */
int chat_code_differs(const struct message *reply, const char *code, struct finding *finding);
/* Zeroed memory; without any the process ends. */
void *chat_memory(size_t size);

/* Of the words one, by chance. */
#define CHAT_ONE_OF(random, words) ((words)[random_below(random, sizeof words / sizeof words[0])])

#endif
