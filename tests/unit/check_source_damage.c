/* Truncated, damaged, foreign, oversized input: a status, the bytes before the fault, bounded memory. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
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
    bool checked; /* a changed byte is noticed */
} wrappings[] = {
    {"gzip", wrap_gzip, true},
    {"zstd", wrap_zstd, true},
    {"lz4", wrap_lz4, true},
    {"vcs lz4", wrap_vcs_lz4, true},
    {"vcs zstd", wrap_vcs_zstd, true},
    {"replication by length", wrap_replication_length, false},
    {"replication by mark", wrap_replication_mark, false},
};
enum { WRAPPINGS = sizeof wrappings / sizeof *wrappings };

static void make_wrapped(struct rdb_writer *snapshot, struct rdb_writer *wrapped, wrap_function *wrap)
{
    rdb_writer_init(snapshot);
    rdb_writer_init(wrapped);
    put_sample(snapshot, 9);
    wrap(wrapped, snapshot->data, snapshot->len);
}

/* Opens and reads all; *len bytes of it are at *bytes, which may be NULL when it did not open. */
static enum rdb_status open_and_read(struct trickle *trickle, size_t max, uint8_t **bytes, size_t *len,
                                     struct rdb_error *error)
{
    struct rdb_source source;
    *bytes = NULL;
    *len = 0;
    *error = (struct rdb_error){0};
    enum rdb_status status = rdb_source_unwrap(&source, trickle_source(trickle), NULL, error);
    if (status == RDB_OK) {
        status = read_all(&source, 777, max, bytes, len, error);
        if (status != RDB_OK) { /* and it stays */
            uint8_t byte;
            size_t got;
            struct rdb_error again = {0};
            ck_assert_int_eq(source.read(source.self, &byte, 1, &got, &again), status);
            ck_assert_uint_eq(got, 0);
            ck_assert_str_eq(again.message, error->message);
            ck_assert_uint_eq(error->offset, *len);
        }
    }
    ck_assert_int_eq(error->status, status);
    ck_assert((status == RDB_OK) == (error->message[0] == '\0'));
    rdb_source_close(&source);
    ck_assert_uint_eq(trickle->closes, 1);
    return status;
}

START_TEST(truncated_anywhere)
{
    struct rdb_writer snapshot, wrapped;
    make_wrapped(&snapshot, &wrapped, wrappings[_i].wrap);
    size_t header = wrapped.len < snapshot.len ? 4 : wrapped.len - snapshot.len;
    for (size_t len = 0; len < wrapped.len; len++) {
        struct trickle trickle = trickle_of(wrapped.data, len, len % 3);
        struct rdb_error error;
        uint8_t *bytes;
        size_t got;
        enum rdb_status status = open_and_read(&trickle, snapshot.len, &bytes, &got, &error);
        bool fine = status == RDB_ERR_TRUNCATED || (status == RDB_ERR_NOT_RDB && len <= header);
        ck_assert_msg(fine, "%s cut at %zu of %zu: %d %s", wrappings[_i].name, len, wrapped.len, status, error.message);
        ck_assert_msg(got <= snapshot.len && (got == 0 || memcmp(bytes, snapshot.data, got) == 0),
                      "%s cut at %zu: other bytes", wrappings[_i].name, len);
        free(bytes);
    }
    rdb_writer_release(&wrapped);
    rdb_writer_release(&snapshot);
}
END_TEST

START_TEST(unreadable_anywhere)
{
    struct rdb_writer snapshot, wrapped;
    make_wrapped(&snapshot, &wrapped, wrappings[_i].wrap);
    for (size_t at = 0; at <= wrapped.len; at++) {
        struct trickle trickle = trickle_of(wrapped.data, wrapped.len, at % 3);
        struct rdb_error error;
        uint8_t *bytes;
        size_t got;
        trickle.fail_at = at;
        enum rdb_status status = open_and_read(&trickle, snapshot.len, &bytes, &got, &error);
        /* Behind the end nobody asks for more. */
        bool fine = status == RDB_ERR_READ || (status == RDB_OK && got == snapshot.len && at == wrapped.len);
        ck_assert_msg(fine, "%s unreadable at %zu of %zu: %d %s", wrappings[_i].name, at, wrapped.len, status,
                      error.message);
        free(bytes);
    }
    rdb_writer_release(&wrapped);
    rdb_writer_release(&snapshot);
}
END_TEST

START_TEST(changed_anywhere)
{
    struct rdb_writer snapshot, wrapped;
    make_wrapped(&snapshot, &wrapped, wrappings[_i].wrap);
    for (size_t at = 0; at < 8 * wrapped.len; at++) {
        struct trickle trickle = trickle_of(wrapped.data, wrapped.len, 0);
        struct rdb_error error;
        uint8_t *bytes;
        size_t got;
        damage_flip(&wrapped, at / 8, (uint8_t)(1U << (at % 8)));
        enum rdb_status status = open_and_read(&trickle, 4 * snapshot.len, &bytes, &got, &error);
        damage_flip(&wrapped, at / 8, (uint8_t)(1U << (at % 8)));
        bool same = got == snapshot.len && memcmp(bytes, snapshot.data, got) == 0;
        ck_assert_msg(status != RDB_OK || same || !wrappings[_i].checked, "%s: bit %zu changed unnoticed",
                      wrappings[_i].name, at);
        free(bytes);
    }
    rdb_writer_release(&wrapped);
    rdb_writer_release(&snapshot);
}
END_TEST

/* ---- what follows -------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    wrap_function *wrap;
    const char *tail;
    enum rdb_status status;
} tails[] = {
    {"gzip", wrap_gzip, "garbage", RDB_ERR_CORRUPT},
    {"gzip", wrap_gzip, "\x1fgarbage of some length", RDB_ERR_CORRUPT},
    {"zstd", wrap_zstd, "garbage", RDB_ERR_CORRUPT},
    {"lz4", wrap_lz4, "garbage", RDB_ERR_CORRUPT},
    {"vcs lz4", wrap_vcs_lz4, "garbage", RDB_OK},
    {"vcs zstd", wrap_vcs_zstd, "garbage", RDB_OK},
    {"replication by length", wrap_replication_length, "*1\r\n$4\r\nPING\r\n", RDB_OK},
    {"replication by mark", wrap_replication_mark, "*1\r\n$4\r\nPING\r\n", RDB_OK},
};

START_TEST(tail)
{
    struct rdb_writer snapshot, wrapped;
    make_wrapped(&snapshot, &wrapped, tails[_i].wrap);
    put_bytes(&wrapped, tails[_i].tail, strlen(tails[_i].tail));
    struct trickle trickle = trickle_of(wrapped.data, wrapped.len, 0);
    struct rdb_error error;
    uint8_t *bytes;
    size_t got;
    enum rdb_status status = open_and_read(&trickle, snapshot.len, &bytes, &got, &error);
    ck_assert_msg(status == tails[_i].status, "%s: %d %s", tails[_i].name, status, error.message);
    ck_assert_uint_eq(got, snapshot.len);
    ck_assert(memcmp(bytes, snapshot.data, got) == 0);
    free(bytes);
    rdb_writer_release(&wrapped);
    rdb_writer_release(&snapshot);
}
END_TEST

/* ---- refused ------------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *bytes;
    size_t len;
    enum rdb_status status;
    const char *says;
} refusals[] = {
    {"", 0, RDB_ERR_NOT_RDB, "empty"},
    {"REDI", 4, RDB_ERR_TRUNCATED, "inside its first bytes"},
    {"VALK", 4, RDB_ERR_TRUNCATED, "inside its first bytes"},
    {"\x28\xb5\x2f", 3, RDB_ERR_TRUNCATED, "inside its first bytes"},
    {"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", 23, RDB_ERR_NOT_RDB, "append-only file without a snapshot"},
    {"#TS:1700000000\r\n*1\r\n", 20, RDB_ERR_NOT_RDB, "append-only file without a snapshot"},
    {"-NOAUTH Authentication required.\r\n", 34, RDB_ERR_NOT_RDB, "error reply"},
    {"\x7f"
     "ELF\x02\x01\x01",
     7, RDB_ERR_NOT_RDB, "ELF"},
    {"PK\x03\x04....", 8, RDB_ERR_NOT_RDB, "ZIP"},
    {"Dear diary", 10, RDB_ERR_NOT_RDB, "it starts with 44 65 61 72 20 64 69 61:"},
    {"redis0009", 9, RDB_ERR_NOT_RDB, "it starts with"},
    {"file a.txt is not a manifest\n", 29, RDB_ERR_NOT_RDB, "it starts with"},
    {"file a.rdb seq 1 type b\n", 24, RDB_ERR_NOT_RDB, "manifest: give its path"},
    {"$\r\nREDIS0009", 12, RDB_ERR_NOT_RDB, "it starts with"},
    {"$99999999999999999999\r\nREDIS", 28, RDB_ERR_NOT_RDB, "it starts with"},
    {"VCS\x02\x01\x00\x01....", 11, RDB_ERR_VERSION, "version 2"},
    {"VCS\x01\x03\x00\x01....", 11, RDB_ERR_UNSUPPORTED, "codec 3"},
    {"VCS\x01\x01\x01\x01....", 11, RDB_ERR_CORRUPT, "reserved byte is 1"},
    {"VCS\x01\x01\x00\x02....", 11, RDB_ERR_UNSUPPORTED, "kind 2"},
    {"VCS\x01\x01", 5, RDB_ERR_TRUNCATED, "seven bytes"},
    {"VCS is a text", 13, RDB_ERR_NOT_RDB, "it starts with"},
    {"VCS\x01\x01\x00\x01"
     "REDIS0009",
     16, RDB_ERR_CORRUPT, "LZ4: "},
    {"VCS\x01\x02\x00\x01"
     "REDIS0009",
     16, RDB_ERR_CORRUPT, "zstd: "},
    {"\x50\x2a\x4d\x18\x02\x00\x00\x00xx", 10, RDB_ERR_NOT_RDB, "empty"},
    {"\x50\x2a\x4d\x18\xff\xff\xff\xffxx", 10, RDB_ERR_TRUNCATED, "skippable"},
    {"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x03....", 14, RDB_ERR_UNSUPPORTED, "gzip: a method other than deflate"},
};

START_TEST(refused)
{
    struct trickle trickle = trickle_of(refusals[_i].bytes, refusals[_i].len, 0);
    struct rdb_error error;
    uint8_t *bytes;
    size_t got;
    enum rdb_status status = open_and_read(&trickle, 100, &bytes, &got, &error);
    ck_assert_msg(status == refusals[_i].status, "row %d: %d %s", _i, status, error.message);
    ck_assert_msg(strstr(error.message, refusals[_i].says), "row %d: %s", _i, error.message);
    free(bytes);
}
END_TEST

START_TEST(unreadable_paths)
{
    static const struct {
        const char *path;
        int number;
    } rows[] = {{"/", EISDIR}, {"/no/such/file.rdb", ENOENT}};
    for (size_t i = 0; i < 2; i++) {
        struct rdb_source source;
        struct rdb_error error = {0};
        ck_assert_int_eq(rdb_source_open(&source, rows[i].path, NULL, &error), RDB_ERR_READ);
        ck_assert_ptr_nonnull(strstr(error.message, rows[i].path));
        ck_assert_ptr_nonnull(strstr(error.message, strerror(rows[i].number)));
        rdb_source_close(&source);
    }
}
END_TEST

/* ---- bombs --------------------------------------------------------------------------------------------------------
 */

static size_t resident_bytes(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%lu %lu", &pages, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* Reads all of a bomb; returns what memory grew by. */
static size_t defuse(const struct rdb_writer *bomb, uint64_t want)
{
    static uint8_t buffer[256 * 1024];
    struct trickle trickle = trickle_of(bomb->data, bomb->len, 0);
    struct rdb_source source;
    struct rdb_error error = {0};
    memset(buffer, 1, sizeof buffer);
    size_t before = resident_bytes();
    ck_assert_msg(rdb_source_unwrap(&source, trickle_source(&trickle), NULL, &error) == RDB_OK, "%s", error.message);
    uint64_t total = 0;
    size_t got = 0, most = before;
    do {
        enum rdb_status status = source.read(source.self, buffer, sizeof buffer, &got, &error);
        ck_assert_msg(status == RDB_OK, "%s", error.message);
        total += got;
        size_t now = total % (64 << 20) < got ? resident_bytes() : 0;
        most = now > most ? now : most;
    } while (got > 0);
    ck_assert_uint_eq(total, want);
    rdb_source_close(&source);
    return most - before;
}

enum { MIB = 1 << 20 };
static const char bomb_head[] = "REDIS0009";

START_TEST(bombs)
{
    const uint64_t len = (uint64_t)512 * MIB;
    struct rdb_writer bomb;
    size_t grown[3];
    rdb_writer_init(&bomb);
    wrap_gzip_repeated(&bomb, bomb_head, 0, len / 4);
    grown[0] = defuse(&bomb, len / 4 + strlen(bomb_head));
    rdb_writer_clear(&bomb);
    wrap_zstd_repeated(&bomb, bomb_head, 0, len, 25);
    grown[1] = defuse(&bomb, len + strlen(bomb_head));
    rdb_writer_clear(&bomb);
    wrap_lz4_repeated(&bomb, bomb_head, 0, len);
    grown[2] = defuse(&bomb, len + strlen(bomb_head));
    rdb_writer_release(&bomb);
    /* A sanitizer keeps freed memory; the bound is on ours. */
    ck_assert_uint_le(grown[0], 2 * MIB);
    ck_assert_uint_le(grown[1], 36 * MIB);
    ck_assert_uint_le(grown[2], 12 * MIB);
}
END_TEST

/* A gzip of a gzip of zeros: a few hundred bytes that hold gigabytes are still read in constant memory. */
START_TEST(nested_bomb)
{
    struct rdb_writer inner, outer;
    rdb_writer_init(&inner);
    rdb_writer_init(&outer);
    wrap_zstd_repeated(&inner, bomb_head, 0, (uint64_t)256 * MIB, 20);
    wrap_gzip(&outer, inner.data, inner.len);
    ck_assert_uint_le(outer.len, 100000);
    ck_assert_uint_le(defuse(&outer, (uint64_t)256 * MIB + strlen(bomb_head)), 8 * MIB);
    rdb_writer_release(&inner);
    rdb_writer_release(&outer);
}
END_TEST

START_TEST(window_too_large)
{
    struct rdb_writer bomb;
    struct rdb_error error;
    uint8_t *bytes;
    size_t got;
    rdb_writer_init(&bomb);
    wrap_zstd_repeated(&bomb, bomb_head, 0, MIB, 26);
    struct trickle trickle = trickle_of(bomb.data, bomb.len, 0);
    ck_assert_int_eq(open_and_read(&trickle, 2 * MIB, &bytes, &got, &error), RDB_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(error.message, "32 MiB"));
    free(bytes);
    rdb_writer_release(&bomb);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source_damage");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, truncated_anywhere, 0, WRAPPINGS);
    tcase_add_loop_test(all, unreadable_anywhere, 0, WRAPPINGS);
    tcase_add_loop_test(all, changed_anywhere, 0, WRAPPINGS);
    tcase_add_loop_test(all, tail, 0, sizeof tails / sizeof *tails);
    tcase_add_loop_test(all, refused, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(all, unreadable_paths);
    tcase_add_test(all, bombs);
    tcase_add_test(all, nested_bomb);
    tcase_add_test(all, window_too_large);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
