/* Snapshots of other projects and of real servers, where they are beside the repository: as many keys as a server's own
 * checker counted, or a clear error. */
#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rdbparse.h"
#include "run_suite.h"

struct counts {
    uint64_t keys, damaged, entries;
    enum rdb_checksum checksum;
};

static enum rdb_status count(void *context, const struct rdb_event *event)
{
    struct counts *counts = context;
    struct rdb_string entries[32];
    if (event->kind == RDB_EVENT_KEY)
        counts->keys++;
    else if (event->kind == RDB_EVENT_PACKED)
        for (size_t n; (n = rdb_packed_read(&event->packed, entries, 32)) > 0;)
            counts->entries += n;
    else if (event->kind == RDB_EVENT_KEY_END)
        counts->damaged += event->key_end.damaged;
    else if (event->kind == RDB_EVENT_END)
        counts->checksum = event->end.checksum;
    return RDB_OK;
}

static enum rdb_status parse(const char *path, struct counts *counts, struct rdb_error *error)
{
    const struct rdb_options options = {.deep = true};
    struct rdb_source source;
    *counts = (struct counts){0};
    *error = (struct rdb_error){0};
    enum rdb_status status = rdb_source_open(&source, path, NULL, error);
    if (status == RDB_OK)
        status = rdb_parse(&source, &options, count, counts, error);
    rdb_source_close(&source);
    return status;
}

/* One line of expected.csv: file, header, verdict, keys. What stock Redis rejects may be a relative's file that is read
 * here; when it is not, the error says why. */
static void check_line(char *line)
{
    char path[512];
    struct counts counts;
    struct rdb_error error;
    char *rest = line, *file = strsep(&rest, ","), *header = strsep(&rest, ","), *verdict = strsep(&rest, ",");
    const char *keys = strsep(&rest, ",");
    ck_assert(header && verdict && keys);
    snprintf(path, sizeof path, SHARED "/corpus/%s", file);
    enum rdb_status status = parse(path, &counts, &error);
    if (strcmp(verdict, "ok") == 0) {
        ck_assert_msg(status == RDB_OK, "%s: %s", file, error.message);
        ck_assert_msg(counts.keys == strtoull(keys, NULL, 10), "%s: %zu keys, not %s", file, (size_t)counts.keys, keys);
        ck_assert_msg(counts.checksum != RDB_CHECKSUM_MISMATCH, "%s: checksum", file);
        ck_assert_msg(counts.damaged == 0, "%s: damaged", file);
    } else if (status != RDB_OK) {
        ck_assert_msg(error.status == status && strlen(error.message) > 10, "%s: no reason given", file);
    } else {
        ck_assert_msg(counts.checksum == RDB_CHECKSUM_MISMATCH || strstr(file, "redis_ent"), "%s: accepted", file);
    }
}

START_TEST(corpus)
{
    char line[1024];
    unsigned lines = 0;
    FILE *list = fopen(SHARED "/corpus/expected.csv", "r");
    if (!list) {
        puts("skipped: no corpus beside the repository");
        return;
    }
    ck_assert(fgets(line, sizeof line, list) != NULL);
    for (; fgets(line, sizeof line, list); lines++)
        check_line(line);
    fclose(list);
    ck_assert_uint_gt(lines, 0);
}
END_TEST

/* Rows of a CSV file with a header, where quoted fields may hold line ends. */
static uint64_t csv_rows(const char *path)
{
    FILE *file = fopen(path, "r");
    uint64_t rows = 0;
    bool quoted = false;
    ck_assert(file != NULL);
    for (int c; (c = getc(file)) != EOF;) {
        quoted ^= c == '"';
        rows += c == '\n' && !quoted;
    }
    fclose(file);
    return rows - 1;
}

static int check_dump(const char *path, const struct stat *status, int type, struct FTW *place)
{
    char keys[1024];
    struct counts counts;
    struct rdb_error error;
    (void)status;
    if (type != FTW_F || strcmp(path + place->base, "dump.rdb") != 0)
        return 0;
    snprintf(keys, sizeof keys, "%.*skeys.csv", place->base, path);
    enum rdb_status result = parse(path, &counts, &error);
    ck_assert_msg(result == RDB_OK, "%s: %s", path, error.message);
    ck_assert_msg(counts.checksum == RDB_CHECKSUM_OK, "%s: checksum", path);
    ck_assert_msg(counts.keys == csv_rows(keys), "%s: %zu keys", path, (size_t)counts.keys);
    ck_assert_msg(counts.damaged == 0, "%s: damaged", path);
    return 0;
}

START_TEST(real_servers)
{
    if (access(SHARED "/truth", R_OK) != 0) {
        puts("skipped: no snapshots of real servers beside the repository");
        return;
    }
    ck_assert_int_eq(nftw(SHARED "/truth", check_dump, 16, FTW_PHYS), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_corpus");
    TCase *tests = tcase_create("corpus");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, corpus);
    tcase_add_test(tests, real_servers);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
