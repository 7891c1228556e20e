/* A multi-part append-only file: its manifest leads to the base file beside it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rdbparse.h"
#include "run_suite.h"
#include "trickle.h"
#include "wrap.h"

static char directory[64];
static struct rdb_writer snapshot;

static void make_file(const char *name, const void *bytes, size_t len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static void setup(void)
{
    strcpy(directory, "/tmp/check_manifest.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    rdb_writer_init(&snapshot);
    put_sample(&snapshot, 10);
    make_file("a.aof.1.base.rdb", snapshot.data, snapshot.len);
    make_file("a \"b\".base.rdb", snapshot.data, snapshot.len);
    make_file("a.aof.1.incr.aof", "*1\r\n$4\r\nPING\r\n", 14);
    make_file("a.aof.2.incr.aof", "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n", 28);
    make_file("commands.aof", "*1\r\n$4\r\nPING\r\n", 14);
    make_file("loop", "file loop seq 1 type b\n", 23);
    char path[512];
    snprintf(path, sizeof path, "%s/fifo", directory);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    struct rdb_writer zipped;
    rdb_writer_init(&zipped);
    wrap_gzip(&zipped, snapshot.data, snapshot.len);
    make_file("zipped.rdb", zipped.data, zipped.len);
    rdb_writer_release(&zipped);
}

static void teardown(void)
{
    static const char *const names[] = {"a.aof.1.base.rdb",
                                        "a \"b\".base.rdb",
                                        "a.aof.1.incr.aof",
                                        "a.aof.2.incr.aof",
                                        "commands.aof",
                                        "loop",
                                        "fifo",
                                        "zipped.rdb",
                                        "m"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(directory), 0);
    rdb_writer_release(&snapshot);
}

static enum rdb_status open_manifest(const char *text, struct rdb_source *source, struct rdb_source_info *info,
                                     struct rdb_error *error)
{
    char path[512];
    make_file("m", text, strlen(text));
    snprintf(path, sizeof path, "%s/m", directory);
    *error = (struct rdb_error){0};
    return rdb_source_open(source, path, info, error);
}

static const struct {
    const char *text, *base;
    uint64_t incremental_bytes;
    unsigned wrappings;
} good[] = {
    {"file a.aof.1.base.rdb seq 1 type b\n", "a.aof.1.base.rdb", 0, 1},
    {"file a.aof.1.base.rdb seq 1 type b\r\nfile a.aof.1.incr.aof seq 1 type i\r\n", "a.aof.1.base.rdb", 14, 1},
    {"file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.incr.aof seq 1 type i\nfile a.aof.2.incr.aof seq 2 type i\n",
     "a.aof.1.base.rdb", 42, 1},
    {"# a comment\nfile a.aof.1.base.rdb seq 1 type b startoffset 17 endoffset 99\n", "a.aof.1.base.rdb", 0, 1},
    {"file a.aof.1.incr.aof seq 1 type h\nfile a.aof.1.base.rdb seq 2 type b\n", "a.aof.1.base.rdb", 0, 1},
    {"file \"a \\\"b\\\".base.rdb\" seq 1 type b\n", "a \"b\".base.rdb", 0, 1},
    {"file \"\\x61.aof.1.base.rdb\" seq 1 type b\n", "a.aof.1.base.rdb", 0, 1},
    {"file a.aof.1.base.rdb seq 1 type b\nfile gone.incr.aof seq 1 type i\n", "a.aof.1.base.rdb", 0, 1},
    {"file zipped.rdb seq 1 type b\n", "zipped.rdb", 0, 2},
};

START_TEST(finds_the_base)
{
    struct rdb_source source;
    struct rdb_source_info info;
    struct rdb_error error;
    uint8_t *bytes;
    size_t len;
    char base[512];
    ck_assert_msg(open_manifest(good[_i].text, &source, &info, &error) == RDB_OK, "row %d: %s", _i, error.message);
    snprintf(base, sizeof base, "%s/%s", directory, good[_i].base);
    ck_assert_str_eq(info.base_path, base);
    ck_assert_uint_eq(info.incremental_bytes, good[_i].incremental_bytes);
    ck_assert_uint_eq(info.wrapping_count, good[_i].wrappings);
    ck_assert(info.wrappings[0] == RDB_WRAPPING_AOF_MANIFEST);
    struct stat status;
    ck_assert_int_eq(stat(base, &status), 0);
    ck_assert_uint_eq(info.size_bytes, (uint64_t)status.st_size);
    ck_assert_int_eq(read_all(&source, 1000, snapshot.len, &bytes, &len, &error), RDB_OK);
    ck_assert_uint_eq(len, snapshot.len);
    ck_assert(memcmp(bytes, snapshot.data, len) == 0);
    free(bytes);
    rdb_source_close(&source);
}
END_TEST

static const struct {
    const char *text;
    enum rdb_status status;
    const char *says;
} bad[] = {
    {"file a.aof.1.incr.aof seq 1 type i\n", RDB_ERR_NOT_RDB, "no base file"},
    {"file commands.aof seq 1 type b\n", RDB_ERR_NOT_RDB, "append-only file without a snapshot"},
    {"file gone.rdb seq 1 type b\n", RDB_ERR_READ, "gone.rdb"},
    {"file fifo seq 1 type b\n", RDB_ERR_READ, "not a regular file"},
    {"file . seq 1 type b\n", RDB_ERR_READ, "not a regular file"},
    {"file ../etc/passwd seq 1 type b\n", RDB_ERR_CORRUPT, "line 1"},
    {"file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.incr.aof seq 1\n", RDB_ERR_CORRUPT, "line 2"},
    {"file a.aof.1.base.rdb seq 1 type b\nfile a seq 1 type\n", RDB_ERR_CORRUPT, "line 2"},
    {"file a.aof.1.base.rdb seq 1 type b\nfile a seq 1 type x\n", RDB_ERR_CORRUPT, "line 2"},
    {"file \"a.aof.1.base.rdb seq 1 type b\n", RDB_ERR_CORRUPT, "line 1"},
    {"file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.base.rdb seq 1 type b\n", RDB_ERR_CORRUPT, "second base"},
    {"file a.aof.1.base.rdb seq 1 type b", RDB_ERR_TRUNCATED, "inside a line"},
    {"file loop seq 1 type b\n", RDB_ERR_LIMIT, "more than 4"},
};

START_TEST(refuses)
{
    struct rdb_source source;
    struct rdb_error error;
    enum rdb_status status = open_manifest(bad[_i].text, &source, NULL, &error);
    ck_assert_msg(status == bad[_i].status, "row %d: %d %s", _i, status, error.message);
    ck_assert_msg(strstr(error.message, bad[_i].says), "row %d: %s", _i, error.message);
    rdb_source_close(&source);
}
END_TEST

START_TEST(long_lines)
{
    struct rdb_source source;
    struct rdb_error error;
    char text[1400] = "file a.aof.1.base.rdb seq 1 type b\nfile ";
    memset(text + strlen(text), 'x', 1200);
    ck_assert_int_eq(open_manifest(text, &source, NULL, &error), RDB_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "line 2 is longer"));
    rdb_source_close(&source);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source_manifest");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, finds_the_base, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(all, refuses, 0, sizeof bad / sizeof *bad);
    tcase_add_test(all, long_lines);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
