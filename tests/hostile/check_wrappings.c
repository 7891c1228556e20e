/* The same snapshot in every wrapping gives the same rows and tables. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "in_process.h"
#include "run_suite.h"
#include "wrap.h"

static const char *const snapshots[] = {TESTDATA "/tiny/types.rdb", TESTDATA "/tiny/names.rdb", TESTDATA "/tiny/v1.rdb",
                                        TESTDATA "/healthy.rdb", TESTDATA "/accuracy/redis-7.2.rdb"};
enum { SNAPSHOTS = sizeof snapshots / sizeof *snapshots };

static const struct in_process_run runs[] = {
    {"keys", {"IN", "--now=1700000000"}},
    {"report", {"IN", "--now=1700000000", "-fcsv", "--section=types"}},
    {"report", {"IN", "--now=1700000000", "-fcsv", "--section=top_keys"}},
    {"report", {"IN", "--now=1700000000", "-fcsv", "--section=groups"}},
    {"upgrade", {"IN", "--now=1700000000"}},
};
enum { RUNS = sizeof runs / sizeof *runs };

START_TEST(every_wrapping_gives_the_same)
{
    struct rdb_writer plain;
    rdb_writer_init(&plain);
    put_file(&plain, snapshots[_i]);
    for (size_t r = 0; r < RUNS; r++) {
        struct in_process_output expected;
        enum exit_status status = in_process(&runs[r], plain.data, plain.len, &expected);
        for (size_t w = WRAP_PLAIN + 1; w < WRAP_COUNT; w++) {
            struct rdb_writer wrapped;
            struct in_process_output output;
            rdb_writer_init(&wrapped);
            wrap_functions[w](&wrapped, plain.data, plain.len);
            enum exit_status same = in_process(&runs[r], wrapped.data, wrapped.len, &output);
            ck_assert_msg(same == status && strcmp(output.text, expected.text) == 0,
                          "%s, wrapping %zu, run %zu: status %d, not %d, or other output", snapshots[_i], w, r,
                          (int)same, (int)status);
            free(output.text);
            rdb_writer_release(&wrapped);
        }
        ck_assert(status == EXIT_STATUS_DONE || status == EXIT_STATUS_USAGE);
        free(expected.text);
    }
    rdb_writer_release(&plain);
}
END_TEST

int main(void)
{
    return run_loop("wrappings", every_wrapping_gives_the_same, SNAPSHOTS);
}
