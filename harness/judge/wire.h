/*
 * Results on the way from a lab's judge to the process that reports them: one line of
 * probe/message.h each.
 *
 *   result  id=... verdict=pass reason="" ...      a check's result; what belongs to it follows:
 *   story   at=0 kind=0 from=... to=... text=...
 *   picture title=... alt=... source=...
 *   figure  name=... value=...
 *   lab     builds=1 compiler=... wall_ms=...      pictures after it belong to the lab
 *   end                                            nothing is missing
 *
 * Points are not sent: the verdict decides them.
 */
#ifndef JUDGE_WIRE_H
#define JUDGE_WIRE_H

#include "course/result.h"

struct error;

void wire_write_result(struct text *out, const struct result *result);
/* The lab's own line, its pictures and the end. */
void wire_write_lab(struct text *out, const struct lab_result *lab);

struct wire_reader {
    struct lab_result *lab; /* lab->lab is set; results has room for every check of it */
    int lab_seen;
    int ended; /* 1 once the last line was read */
};
/* Reads one line (no newline). ERR_INVALID for one that no lab's judge writes, such as a second
   result of a check. */
int wire_read(struct wire_reader *reader, const char *line, struct error *err);

#endif
