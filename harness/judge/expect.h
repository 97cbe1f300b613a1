/*
 * An action with the answer that must come back, as one line of text:
 *
 *     report token=1 outcome=FAIL now=3 -> ok state=OPEN
 *
 * Right of the arrow stand the reply's first word, which may be left out, and fields with the
 * values that they must have. What is not named may be anything. A line without an arrow expects no
 * more than an answer.
 */
#ifndef JUDGE_EXPECT_H
#define JUDGE_EXPECT_H

#include "course/lab.h"
#include "judge/scenario.h"
#include "kit/text.h"

struct error;

struct expectation {
    struct text action; /* the line up to the arrow */
    struct text reply;  /* a reply line with the parts that must agree; empty = no arrow */
    struct text judged; /* their names, for compare_reply */
};

/* Splits and reads both sides. ERR_INVALID with what is wrong and where; release it in any case. */
int expect_parse(const char *line, struct expectation *out, struct error *err);
/* 0 when the reply is as expected; 1 with finding filled. */
int expect_compare(const struct expectation *expectation, const struct message *reply,
                   struct finding *finding);
void expect_release(struct expectation *expectation);

/* 1 when the line has an arrow outside of quotes. */
int expect_has_arrow(const char *line);

#endif
