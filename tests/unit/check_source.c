/* The same snapshot in every wrapping gives the same bytes, whatever the sizes of the reads. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rdbparse.h"
#include "run_suite.h"
#include "trickle.h"
#include "wrap.h"

static const struct {
    const char *name;
    wrap_function *wrap;
    enum rdb_wrapping wrapping;
} wrappings[] = {
    {"plain", wrap_plain, RDB_WRAPPING_NONE},
    {"gzip", wrap_gzip, RDB_WRAPPING_GZIP},
    {"gzip members", wrap_gzip_members, RDB_WRAPPING_GZIP},
    {"zstd", wrap_zstd, RDB_WRAPPING_ZSTD},
    {"zstd frames", wrap_zstd_frames, RDB_WRAPPING_ZSTD},
    {"lz4", wrap_lz4, RDB_WRAPPING_LZ4},
    {"lz4 frames", wrap_lz4_frames, RDB_WRAPPING_LZ4},
    {"vcs lz4", wrap_vcs_lz4, RDB_WRAPPING_VCS},
    {"vcs zstd", wrap_vcs_zstd, RDB_WRAPPING_VCS},
    {"replication by length", wrap_replication_length, RDB_WRAPPING_REPLICATION},
    {"replication as captured", wrap_replication_captured, RDB_WRAPPING_REPLICATION},
    {"replication by mark", wrap_replication_mark, RDB_WRAPPING_REPLICATION},
};
enum { WRAPPINGS = sizeof wrappings / sizeof *wrappings };

/* A snapshot, and one that is larger than the buffers of the sources and compresses badly. */
static void make_snapshot(struct rdb_writer *snapshot, bool large)
{
    rdb_writer_init(snapshot);
    put_sample(snapshot, 11);
    uint64_t random = 88172645463325252;
    for (unsigned i = 0; large && i < 60000; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        put_le(snapshot, random, 8);
        put_text(snapshot, "something that repeats");
    }
}

static void check_equal(const struct rdb_writer *want, const uint8_t *bytes, size_t len, const char *what)
{
    ck_assert_msg(len == want->len, "%s: %zu bytes instead of %zu", what, len, want->len);
    ck_assert_msg(memcmp(bytes, want->data, len) == 0, "%s: other bytes", what);
}

/* Unwraps `wrapped`, given by `in_step` bytes, in reads of `out_step`. */
static void check_unwraps(const struct rdb_writer *want, const struct rdb_writer *wrapped, size_t in_step,
                          size_t out_step, struct rdb_source_info *info, const char *what)
{
    struct trickle trickle = trickle_of(wrapped->data, wrapped->len, in_step);
    struct rdb_source source;
    struct rdb_error error = {0};
    enum rdb_status status = rdb_source_unwrap(&source, trickle_source(&trickle), info, &error);
    ck_assert_msg(status == RDB_OK, "%s: %s", what, error.message);
    uint8_t *bytes;
    size_t len;
    status = read_all(&source, out_step, want->len, &bytes, &len, &error);
    ck_assert_msg(status == RDB_OK, "%s: %s", what, error.message);
    check_equal(want, bytes, len, what);
    ck_assert_uint_eq(source.position(source.self), trickle.taken);
    free(bytes);
    rdb_source_close(&source);
    ck_assert_uint_eq(trickle.closes, 1);
}

START_TEST(every_wrapping)
{
    struct rdb_source_info info;
    for (int large = 0; large < 2; large++) {
        struct rdb_writer snapshot, wrapped;
        make_snapshot(&snapshot, large);
        rdb_writer_init(&wrapped);
        wrappings[_i].wrap(&wrapped, snapshot.data, snapshot.len);
        check_unwraps(&snapshot, &wrapped, 0, 256 * 1024, &info, wrappings[_i].name);
        bool plain = wrappings[_i].wrapping == RDB_WRAPPING_NONE;
        ck_assert_uint_eq(info.wrapping_count, plain ? 0 : 1);
        ck_assert(info.wrappings[0] == wrappings[_i].wrapping);
        rdb_writer_release(&wrapped);
        rdb_writer_release(&snapshot);
    }
}
END_TEST

START_TEST(every_step)
{
    static const size_t steps[] = {1, 2, 3, 4, 5, 7, 64 * 1024};
    enum { STEPS = sizeof steps / sizeof *steps };
    for (size_t in = 0; in < STEPS; in++)
        for (size_t out = 0; out < STEPS; out++) {
            struct rdb_writer snapshot, wrapped;
            make_snapshot(&snapshot, in >= STEPS - 1 && out >= STEPS - 2);
            rdb_writer_init(&wrapped);
            wrappings[_i].wrap(&wrapped, snapshot.data, snapshot.len);
            check_unwraps(&snapshot, &wrapped, steps[in], steps[out], NULL, wrappings[_i].name);
            rdb_writer_release(&wrapped);
            rdb_writer_release(&snapshot);
        }
}
END_TEST

/* Every pair, which has every order of two. */
START_TEST(nested_twice)
{
    for (size_t outer = 1; outer < WRAPPINGS; outer++) {
        struct rdb_writer snapshot, inside, wrapped;
        struct rdb_source_info info;
        make_snapshot(&snapshot, true);
        rdb_writer_init(&inside);
        rdb_writer_init(&wrapped);
        wrappings[_i].wrap(&inside, snapshot.data, snapshot.len);
        wrappings[outer].wrap(&wrapped, inside.data, inside.len);
        check_unwraps(&snapshot, &wrapped, 0, 64 * 1024, &info, wrappings[outer].name);
        ck_assert(info.wrappings[0] == wrappings[outer].wrapping);
        rdb_writer_release(&wrapped);
        rdb_writer_release(&inside);
        rdb_writer_release(&snapshot);
    }
}
END_TEST

START_TEST(nested_to_the_limit)
{
    struct rdb_writer snapshot, wrapped[6];
    make_snapshot(&snapshot, false);
    const struct rdb_writer *inside = &snapshot;
    for (size_t i = 0; i < 6; i++) {
        rdb_writer_init(&wrapped[i]);
        wrappings[_i].wrap(&wrapped[i], inside->data, inside->len);
        inside = &wrapped[i];
        if (i < 4) {
            struct rdb_source_info info;
            check_unwraps(&snapshot, inside, 0, 1000, &info, wrappings[_i].name);
            ck_assert_uint_eq(info.wrapping_count, i + 1);
            ck_assert(info.wrappings[i] == wrappings[_i].wrapping);
            continue;
        }
        struct trickle trickle = trickle_of(inside->data, inside->len, 0);
        struct rdb_source source;
        struct rdb_error error = {0};
        ck_assert_int_eq(rdb_source_unwrap(&source, trickle_source(&trickle), NULL, &error), RDB_ERR_LIMIT);
        ck_assert_int_eq(error.status, RDB_ERR_LIMIT);
        ck_assert_uint_eq(trickle.closes, 1);
        rdb_source_close(&source); /* nothing is left to close */
        ck_assert_uint_eq(trickle.closes, 1);
    }
    for (size_t i = 0; i < 6; i++)
        rdb_writer_release(&wrapped[i]);
    rdb_writer_release(&snapshot);
}
END_TEST

START_TEST(from_a_file)
{
    struct rdb_writer snapshot, wrapped;
    make_snapshot(&snapshot, true);
    rdb_writer_init(&wrapped);
    wrappings[_i].wrap(&wrapped, snapshot.data, snapshot.len);
    char path[] = "/tmp/check_source.XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert(write(fd, wrapped.data, wrapped.len) == (ssize_t)wrapped.len);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    static const char *const paths[] = {NULL, "-"};
    for (size_t i = 0; i < 2; i++) {
        struct rdb_source source;
        struct rdb_source_info info;
        struct rdb_error error = {0};
        uint8_t *bytes;
        size_t len;
        ck_assert_msg(rdb_source_open(&source, paths[i] ? paths[i] : path, &info, &error) == RDB_OK, "%s",
                      error.message);
        ck_assert_uint_eq(info.size_bytes, wrapped.len);
        ck_assert_int_eq(read_all(&source, 100000, snapshot.len, &bytes, &len, &error), RDB_OK);
        check_equal(&snapshot, bytes, len, wrappings[_i].name);
        free(bytes);
        rdb_source_close(&source);
    }
    unlink(path);
    close(fd);
    rdb_writer_release(&wrapped);
    rdb_writer_release(&snapshot);
}
END_TEST

/* A preamble's tail belongs to what the parser sees. */
START_TEST(preamble)
{
    struct rdb_writer file;
    make_snapshot(&file, false);
    put_bytes(&file, "*1\r\n$4\r\nPING\r\n", 14);
    check_unwraps(&file, &file, 0, 1000, NULL, "preamble");
    rdb_writer_release(&file);
}
END_TEST

START_TEST(other_magic)
{
    struct rdb_writer file;
    rdb_writer_init(&file);
    put_magic(&file, "VALKEY080");
    put_eof(&file);
    check_unwraps(&file, &file, 1, 1, NULL, "VALKEY");
    rdb_writer_release(&file);
}
END_TEST

/* The end mark anywhere relative to the buffers, and its beginnings inside the snapshot. */
START_TEST(mark_at_any_place)
{
    static const char mark[] = "0000000000000000000000000000000000000001";
    for (size_t len = 128 * 1024 - 100; len < 128 * 1024 + 20; len += 3) {
        struct rdb_writer snapshot, wrapped;
        rdb_writer_init(&snapshot);
        rdb_writer_init(&wrapped);
        put_magic(&snapshot, "REDIS0009");
        while (snapshot.len < len)
            put_bytes(&snapshot, mark, snapshot.len % 40);
        put_bytes(&wrapped, "$EOF:", 5);
        put_bytes(&wrapped, mark, 40);
        put_bytes(&wrapped, "\r\n", 2);
        put_bytes(&wrapped, snapshot.data, snapshot.len);
        put_bytes(&wrapped, mark, 40);
        put_bytes(&wrapped, "*1\r\n$4\r\nPING\r\n", 14);
        check_unwraps(&snapshot, &wrapped, 0, 4096, NULL, "mark");
        rdb_writer_release(&snapshot);
        rdb_writer_release(&wrapped);
    }
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(rdb_wrapping_name(RDB_WRAPPING_NONE), "");
    ck_assert_str_eq(rdb_wrapping_name(RDB_WRAPPING_GZIP), "gzip");
    ck_assert_str_eq(rdb_wrapping_name(RDB_WRAPPING_REPLICATION), "replication");
    ck_assert_str_eq(rdb_wrapping_name((enum rdb_wrapping)99), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, every_wrapping, 0, WRAPPINGS);
    tcase_add_loop_test(all, every_step, 0, WRAPPINGS);
    tcase_add_loop_test(all, nested_twice, 0, WRAPPINGS);
    tcase_add_loop_test(all, nested_to_the_limit, 1, WRAPPINGS);
    tcase_add_loop_test(all, from_a_file, 0, WRAPPINGS);
    tcase_add_test(all, preamble);
    tcase_add_test(all, other_magic);
    tcase_add_test(all, mark_at_any_place);
    tcase_add_test(all, names);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
