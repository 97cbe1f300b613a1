/* The main of a test program: one suite of one case, from a table of tests that ends with NULL. */
#ifndef TESTS_RUN_TESTS_H
#define TESTS_RUN_TESTS_H

#include <check.h>
#include <stdlib.h>

enum { TEST_TIMEOUT_S = 60 }; /* far beyond any test's need: it only ends one that hangs */

/* Returns the exit status. */
static inline int run_tests(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, TEST_TIMEOUT_S);
    for (; *tests != NULL; tests++)
        tcase_add_test(tcase, *tests);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
