/*
 * The commands of svclab that judge and explain. Each is given argv from its own name on and
 * returns the exit status (judge/flags.h).
 */
#ifndef JUDGE_COMMANDS_H
#define JUDGE_COMMANDS_H

int command_check(int argc, char **argv); /* grade a tree */
int command_hint(int argc, char **argv);  /* the next hint of a check */
int command_debug(int argc, char **argv); /* gdb at the failing call */
int command_list(int argc, char **argv);  /* the checks, as a table */
int command_audit(int argc, char **argv); /* no check may pass on a skeleton */
/* Refuses what escapes the sanitizers. For the Makefile: refuse OBJECT... */
int command_refuse(int argc, char **argv);

#endif
