/* The same snapshot in every wrapping gives the same rows and tables. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "in_process.h"
#include "run_suite.h"
#include "wrap.h"

static wrap_function *const wrappings[] = {wrap_gzip,
                                           wrap_gzip_members,
                                           wrap_zstd,
                                           wrap_zstd_frames,
                                           wrap_lz4,
                                           wrap_lz4_frames,
                                           wrap_vcs_lz4,
                                           wrap_vcs_zstd,
                                           wrap_replication_length,
                                           wrap_replication_captured,
                                           wrap_replication_mark};
enum { WRAPPINGS = sizeof wrappings / sizeof *wrappings };

static const char *const snapshots[] = {"tiny/types.rdb", "tiny/names.rdb", "tiny/v1.rdb", "healthy.rdb",
                                        "accuracy/redis-7.2.rdb"};
enum { SNAPSHOTS = sizeof snapshots / sizeof *snapshots };

static const struct in_process_run runs[] = {
    {"keys", {"IN", "--now=1700000000"}},
    {"report", {"IN", "--now=1700000000", "-fcsv", "--section=types"}},
    {"report", {"IN", "--now=1700000000", "-fcsv", "--section=top_keys"}},
    {"report", {"IN", "--now=1700000000", "-fcsv", "--section=groups"}},
    {"upgrade", {"IN", "--now=1700000000"}},
};
enum { RUNS = sizeof runs / sizeof *runs };

static void load(struct rdb_writer *bytes, const char *name)
{
    char path[512];
    uint8_t buffer[65536];
    snprintf(path, sizeof path, "%s/%s", TESTDATA, name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    rdb_writer_init(bytes);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        put_bytes(bytes, buffer, n);
    fclose(file);
}

START_TEST(every_wrapping_gives_the_same)
{
    struct rdb_writer plain;
    load(&plain, snapshots[_i]);
    for (size_t r = 0; r < RUNS; r++) {
        struct in_process_output expected;
        enum exit_status status = in_process(&runs[r], plain.data, plain.len, &expected);
        for (size_t w = 0; w < WRAPPINGS; w++) {
            struct rdb_writer wrapped;
            struct in_process_output output;
            rdb_writer_init(&wrapped);
            wrappings[w](&wrapped, plain.data, plain.len);
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
