/*
 * Comparing a reply with the one that the rules ask for.
 */
#ifndef JUDGE_COMPARE_H
#define JUDGE_COMPARE_H

#include "course/lab.h"
#include "probe/message.h"

/* expected: a reply line. judged: the parts that must agree, space separated: "word" is the first
   word, all else are field names; a field that both lack agrees. 0 when they do; 1 with finding
   filled: the first part that differs, named and in full. */
int compare_reply(const struct message *reply, const char *expected, const char *judged,
                  struct finding *finding);

#endif
