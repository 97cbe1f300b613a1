/*
 * Tests graded as code is: a student's scenarios must hold for the reference, and are worth as much
 * as the share of the known wrong solutions that they tell from it.
 *
 *   svclab check-tests --lab 02 --tests FILE [--enough POINTS] [--jobs N]
 *
 * Only mutants are tried that one probe's answers can give away: threads and clusters are none of a
 * scenario's business. Runs in the repository's folder. Exits 0 when the points are enough (100
 * unless told), 1 when they are not, otherwise as judge/flags.h has it.
 */
#ifndef MUTANTS_CHECK_TESTS_H
#define MUTANTS_CHECK_TESTS_H

/* argv[0] is "check-tests"; returns the exit status. */
int check_tests_main(int argc, char **argv);

#endif
