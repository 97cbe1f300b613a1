/*
 * What scripts of steps 1 and 2 of lab 03 are made of: answers, and the way to each step.
 */
#ifndef SUITES_SAGA_SCRIPTS_H
#define SUITES_SAGA_SCRIPTS_H

#define BEGIN                 "create list=1\nstart now=0\n"
#define OK(step, now)         "reply step=" #step " answer=ok now=" #now "\n"
#define REJECTED(step, now)   "reply step=" #step " answer=rejected now=" #now "\n"
#define UNKNOWN(step, now)    "reply step=" #step " answer=unknown now=" #now "\n"
#define UNDONE(step, now)     "reply step=" #step " direction=back answer=ok now=" #now "\n"
#define NOT_UNDONE(step, now) "reply step=" #step " direction=back answer=unknown now=" #now "\n"
#define TO_DISCOUNT           BEGIN "reply step=validate answer=ok cents=12000 now=10\n"
#define TO_RESERVE            TO_DISCOUNT "reply step=discount answer=ok cents=2000 now=20\n"
#define TO_PAY                TO_RESERVE OK(reserve, 30)
#define TO_SHIP               TO_PAY OK(pay, 40)
#define TO_CONFIRM            TO_SHIP OK(ship, 50)

#endif
