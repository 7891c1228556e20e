/* The same events whatever the sizes of reads and of the window; every prefix is truncated. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_log.h"
#include "rdb_writer.h"
#include "run_suite.h"
#include "trickle.h"

static const char *const files[] = {"empty", "names", "types", "v1", "v2", "v3", "v4", "v5"};
enum { FILES = sizeof files / sizeof *files, SAMPLES = 12, INPUTS = FILES + SAMPLES };

/* testdata/tiny, then the writer's samples of every version. */
static void load_input(int index, struct rdb_writer *bytes)
{
    rdb_writer_init(bytes);
    if (index >= FILES) {
        put_sample(bytes, (unsigned)(index - FILES + 1));
        return;
    }
    char path[256];
    uint8_t buffer[4096];
    snprintf(path, sizeof path, TESTDATA "/tiny/%s.rdb", files[index]);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        put_bytes(bytes, buffer, n);
    fclose(file);
}

static void expect_same(const struct event_log *expected, const struct rdb_writer *bytes, size_t step, size_t window,
                        bool deep)
{
    struct event_log log = {.offsets = true};
    struct rdb_error error;
    const struct rdb_options options = {.window_bytes = window, .deep = deep};
    event_log_parse(&log, bytes->data, bytes->len, step, &options, &error);
    if (strcmp(log.text, expected->text) != 0) {
        size_t same = 0;
        while (log.text[same] == expected->text[same])
            same++;
        while (same > 0 && log.text[same - 1] != '\n')
            same--;
        ck_abort_msg("step %zu, window %zu, deep %d:\n%.300s\nnot\n%.300s", step, window, deep, log.text + same,
                     expected->text + same);
    }
    event_log_release(&log);
}

START_TEST(sizes_do_not_matter)
{
    static const size_t windows[] = {1, 65, 66, 67, 71, 100, 128, 257, 1000, 4096, 65536};
    static const size_t steps[] = {1, 2, 3, 4, 5, 65536};
    struct rdb_writer bytes;
    struct event_log expected = {.offsets = true};
    struct rdb_error error;
    load_input(_i, &bytes);
    ck_assert_int_eq(event_log_parse(&expected, bytes.data, bytes.len, 0, NULL, &error), RDB_OK);
    ck_assert_uint_eq(expected.findings, 0);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        expect_same(&expected, &bytes, steps[i], 0, i % 2);
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        expect_same(&expected, &bytes, 0, windows[i], false);
        expect_same(&expected, &bytes, 1 + i % 5, windows[i], true);
    }
    event_log_release(&expected);
    rdb_writer_release(&bytes);
}
END_TEST

/* Skipping a value and reading it end at the same byte. */
START_TEST(skipping_ends_where_reading_does)
{
    struct rdb_writer bytes;
    struct rdb_error error;
    struct event_log skipped = {.skip_values = true}, read = {0};
    load_input(_i, &bytes);
    const struct rdb_options small = {.window_bytes = 1};
    ck_assert_int_eq(event_log_parse(&read, bytes.data, bytes.len, 0, NULL, &error), RDB_OK);
    ck_assert_int_eq(event_log_parse(&skipped, bytes.data, bytes.len, 0, &small, &error), RDB_OK);
    ck_assert_uint_eq(skipped.keys, read.keys);
    ck_assert_uint_eq(skipped.end.checksum_computed, read.end.checksum_computed);
    ck_assert(strstr(skipped.text, "\nelement") == NULL && strstr(skipped.text, "\npacked") == NULL);
    event_log_release(&skipped);
    event_log_release(&read);
    rdb_writer_release(&bytes);
}
END_TEST

/* The end of the bytes is where the error is, and the events before it are those of the whole. A snapshot older than
 * version 5 has no trailer: all but its EOF opcode is a prefix. */
START_TEST(every_prefix_is_truncated)
{
    struct rdb_writer bytes;
    struct event_log whole = {0};
    struct rdb_error error;
    load_input(_i, &bytes);
    event_log_parse(&whole, bytes.data, bytes.len, 0, NULL, &error);
    static const size_t windows[] = {0, 64, 65, 67, 71, 90, 130};
    enum { WINDOWS = sizeof windows / sizeof *windows };
    for (size_t i = 0; i < WINDOWS * bytes.len; i++) {
        struct event_log log = {0};
        size_t len = i / WINDOWS;
        const struct rdb_options options = {.window_bytes = windows[i % WINDOWS], .deep = i % 2};
        uint8_t *part = malloc(len + 1); /* of its own, so that reading behind it is noticed */
        memcpy(part, bytes.data, len);
        enum rdb_status status = event_log_parse(&log, part, len, 0, &options, &error);
        ck_assert_msg(status == (len < 5 ? RDB_ERR_NOT_RDB : RDB_ERR_TRUNCATED), "%zu of %zu bytes: %s", len, bytes.len,
                      log.text + (log.len > 200 ? log.len - 200 : 0));
        ck_assert_msg(status != RDB_ERR_TRUNCATED || error.offset == len, "%zu bytes: truncated at %zu", len,
                      (size_t)error.offset);
        free(part);
        event_log_release(&log);
    }
    event_log_release(&whole);
    rdb_writer_release(&bytes);
}
END_TEST

static struct event_log log_of_failing(const struct rdb_writer *bytes, size_t fail_at, size_t step)
{
    struct trickle trickle = trickle_of(bytes->data, bytes->len, step);
    struct rdb_source source = trickle_source(&trickle);
    struct event_log log = {.offsets = true};
    struct rdb_error error = {0};
    trickle.fail_at = fail_at;
    ck_assert_int_eq(rdb_parse(&source, NULL, event_log_sink, &log, &error), RDB_ERR_READ);
    rdb_source_close(&source);
    ck_assert_str_eq(error.message, "trickle: told to fail");
    return log;
}

/* Bytes that came before the source failed are read, in whatever steps they came. */
START_TEST(failing_sources_give_the_same_in_all_steps)
{
    static const size_t steps[] = {1, 3, 64};
    struct rdb_writer bytes;
    load_input(_i, &bytes);
    for (size_t at = 1; at < bytes.len; at += 1 + bytes.len / 400) {
        struct event_log expected = log_of_failing(&bytes, at, 0);
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            struct event_log log = log_of_failing(&bytes, at, steps[k]);
            ck_assert_msg(log.len == expected.len &&
                              memcmp(log.text ? log.text : "", expected.text ? expected.text : "", expected.len) == 0,
                          "failing at byte %zu, in steps of %zu:\n%s\nnot\n%s", at, steps[k], log.text, expected.text);
            event_log_release(&log);
        }
        event_log_release(&expected);
    }
    rdb_writer_release(&bytes);
}
END_TEST

/* Names of every length around that of a window, before values that begin with a count, where they are in a window
 * or across two. */
START_TEST(names_end_anywhere_in_a_window)
{
    enum { SET = 2, LONGEST = 140 };
    struct rdb_writer bytes;
    struct event_log expected = {.offsets = true};
    struct rdb_error error;
    char name[LONGEST + 1];
    rdb_writer_init(&bytes);
    put_magic(&bytes, "REDIS0011");
    put_select_db(&bytes, 0);
    for (size_t len = 1; len <= LONGEST; len++) {
        memset(name, 'a' + (int)(len % 26), len);
        name[len] = '\0';
        put_key(&bytes, SET, name);
        put_len(&bytes, 2);
        put_text(&bytes, "member");
        put_text(&bytes, name);
    }
    put_eof(&bytes);
    ck_assert_int_eq(event_log_parse(&expected, bytes.data, bytes.len, 0, NULL, &error), RDB_OK);
    for (size_t window = 64; window < LONGEST + 30; window++) {
        expect_same(&expected, &bytes, 0, window, false);
        expect_same(&expected, &bytes, 7, window, true);
    }
    event_log_release(&expected);
    rdb_writer_release(&bytes);
}
END_TEST

/* What is wrong is found without the bytes behind it: a pipe that stays open may never bring them. */
START_TEST(damage_is_found_before_more_is_read)
{
    enum { HASH = 4, ZSET_2 = 5, NOTHING = 0xf0, BEHIND = 10 };
    struct rdb_writer bytes;
    rdb_writer_init(&bytes);
    put_magic(&bytes, "REDIS0011");
    if (_i == 0) {
        put_u8(&bytes, HASH);
    } else {
        put_key(&bytes, _i < 4 ? HASH : ZSET_2, "key");
        put_len(&bytes, 3);
    }
    if (_i == 2 || _i == 5)
        put_text(&bytes, "a");
    if (_i == 3)
        put_text(&bytes, "a"), put_text(&bytes, "b");
    if (_i == 5)
        put_double(&bytes, 1);
    for (size_t i = 0; i < BEHIND; i++)
        put_u8(&bytes, NOTHING);
    struct trickle trickle = trickle_of(bytes.data, bytes.len, 0);
    struct rdb_source source = trickle_source(&trickle);
    struct event_log log = {0};
    struct rdb_error error = {0};
    trickle.fail_at = bytes.len;
    enum rdb_status status = rdb_parse(&source, NULL, event_log_sink, &log, &error);
    ck_assert_msg(status == RDB_ERR_CORRUPT && error.offset == bytes.len - BEHIND, "status %d at %zu: %s", (int)status,
                  (size_t)error.offset, error.message);
    rdb_source_close(&source);
    event_log_release(&log);
    rdb_writer_release(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_sweep");
    TCase *tests = tcase_create("sweep");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, sizes_do_not_matter, 0, INPUTS);
    tcase_add_loop_test(tests, skipping_ends_where_reading_does, 0, INPUTS);
    tcase_add_loop_test(tests, every_prefix_is_truncated, 0, INPUTS);
    tcase_add_loop_test(tests, failing_sources_give_the_same_in_all_steps, 0, INPUTS);
    tcase_add_test(tests, names_end_anywhere_in_a_window);
    tcase_add_loop_test(tests, damage_is_found_before_more_is_read, 0, 6);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
