/* What every main() of Check's tests ends with. */
#ifndef RUN_SUITE_H
#define RUN_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs and frees it. Returns the program's exit status. */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A suite of one test, once for each of `count` rows of a table. */
static inline int run_loop(const char *name, const TTest *test, int count)
{
    enum { SECONDS = 600 };
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, SECONDS);
    tcase_add_loop_test(cases, test, 0, count);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

#endif
