/* String keys that come in one event say what the three events of the same key say. */
#include <check.h>
#include <glob.h>
#include <string.h>

#include "event_log.h"
#include "rdb_writer.h"
#include "run_suite.h"

static struct event_log log_of(const uint8_t *bytes, size_t len, const struct rdb_options *options, bool joined)
{
    struct rdb_options chosen = *options;
    struct event_log log = {.offsets = true};
    struct rdb_error error;
    chosen.joins_strings = joined;
    event_log_parse(&log, bytes, len, 0, &chosen, &error);
    return log;
}

/* Returns how many keys came in one event. */
static uint64_t check_same(const char *path, const uint8_t *bytes, size_t len, const struct rdb_options *options)
{
    struct event_log apart = log_of(bytes, len, options, false), joined = log_of(bytes, len, options, true);
    uint64_t count = joined.joined;
    ck_assert_uint_eq(apart.joined, 0);
    ck_assert_msg(strcmp(apart.text, joined.text) == 0, "%s: joined events say something else\n%s\n%s", path,
                  apart.text, joined.text);
    event_log_release(&apart);
    event_log_release(&joined);
    return count;
}

/* Also where most strings lie across the seam of two windows; in a deep parse none is joined. */
START_TEST(snapshots)
{
    static const struct rdb_options options[] = {
        {.window_bytes = 0}, {.window_bytes = 64}, {.window_bytes = 300, .max_name_bytes = 10}, {.deep = true}};
    uint64_t joined[sizeof options / sizeof *options] = {0};
    glob_t found;
    ck_assert_int_eq(glob(TESTDATA "/*.rdb", 0, NULL, &found), 0);
    ck_assert_int_eq(glob(TESTDATA "/*/*.rdb", GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct rdb_writer bytes;
        rdb_writer_init(&bytes);
        put_file(&bytes, found.gl_pathv[i]);
        for (size_t k = 0; k < sizeof options / sizeof *options; k++)
            joined[k] += check_same(found.gl_pathv[i], bytes.data, bytes.len, &options[k]);
        rdb_writer_release(&bytes);
    }
    globfree(&found);
    ck_assert_uint_gt(joined[0], 100);
    ck_assert_uint_gt(joined[1], 0);
    ck_assert_uint_lt(joined[1], joined[0]);
    ck_assert_uint_eq(joined[3], 0);
}
END_TEST

/* One bad byte in a string, or an end within it: what is wrong is found at the same place. */
START_TEST(damaged)
{
    static const uint8_t snapshot[] = "REDIS0010\xfe\x00\xfc\x01\x02\x03\x04\x05\x06\x07\x08\x00\x03one\x05value"
                                      "\x00\xc3\x06\x20\x02"
                                      "aaa\xe0\x0d\x00\x03two\x00\x03six\xc3\x09\x28\x02"
                                      "bbb\xe0\x15\x00\x01"
                                      "bb\x00\x01n\xc1\x39\x30\xff\x00\x00\x00\x00\x00\x00\x00\x00";
    uint8_t bytes[sizeof snapshot];
    const struct rdb_options options = {.window_bytes = 0};
    for (size_t at = 9; at < sizeof snapshot - 1; at++) {
        memcpy(bytes, snapshot, sizeof snapshot);
        check_same("cut", bytes, at, &options);
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(bytes, snapshot, sizeof snapshot);
            bytes[at] ^= (uint8_t)(1U << bit);
            check_same("bit", bytes, sizeof snapshot - 1, &options);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_joined");
    TCase *tests = tcase_create("joined");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, snapshots);
    tcase_add_test(tests, damaged);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
