/*
 * The commands of svclab, a file each. Each is given argv from its own name on and returns the exit
 * status (course/status.h).
 */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

int command_check(int argc, char **argv);       /* grade a tree */
int command_build(int argc, char **argv);       /* a lab's programs, and where they are */
int command_hint(int argc, char **argv);        /* the next hint of a check */
int command_debug(int argc, char **argv);       /* gdb at the failing call */
int command_run(int argc, char **argv);         /* one service with the peers it needs */
int command_list(int argc, char **argv);        /* the checks, as a table */
int command_audit(int argc, char **argv);       /* no check may pass on a skeleton */
int command_kill_matrix(int argc, char **argv); /* every mutant against its own check */
int command_check_tests(int argc, char **argv); /* tests that students write */
int command_picture(int argc, char **argv);     /* DOT or a sequence to SVG */
int command_diagrams(int argc, char **argv);    /* the pictures of a tree as files */

/* Not for people. */
int command_judge_lab(int argc, char **argv); /* one shard of a lab, for judge/jobs.h */

#endif
