/* Archives and summaries: every number comes back, nothing is read beyond the end, and no part of a summary can be cut
 * off or changed unnoticed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "regression.h"
#include "run_suite.h"
#include "summary.h"

START_TEST(numbers_come_back)
{
    const uint64_t numbers[] = {0, 1, 127, 128, 300, UINT64_C(1) << 35, UINT64_MAX - 1, UINT64_MAX};
    const int64_t signs[] = {0, -1, 1, INT64_MIN, INT64_MAX};
    struct archive writer, reader;
    archive_init_writer(&writer);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        archive_u64(&writer, &(uint64_t){numbers[i]});
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        archive_i64(&writer, &(int64_t){signs[i]});
    archive_init_reader(&reader, writer.bytes, writer.len);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint64_t number;
        archive_u64(&reader, &number);
        ck_assert_uint_eq(number, numbers[i]);
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        int64_t number;
        archive_i64(&reader, &number);
        ck_assert_int_eq(number, signs[i]);
    }
    ck_assert(archive_is_read(&reader));
    archive_release(&writer);
}
END_TEST

START_TEST(sparse_arrays_come_back)
{
    uint64_t value[100] = {0}, got[100];
    struct archive writer, reader;
    value[0] = 5;
    value[57] = UINT64_MAX;
    value[99] = 1;
    archive_init_writer(&writer);
    archive_sparse(&writer, value, 100);
    ck_assert_uint_lt(writer.len, 20);
    archive_init_reader(&reader, writer.bytes, writer.len);
    archive_sparse(&reader, got, 100);
    ck_assert(archive_is_read(&reader));
    ck_assert_mem_eq(value, got, sizeof value);
    for (size_t len = 0; len < writer.len; len++) {
        archive_init_reader(&reader, writer.bytes, len);
        archive_sparse(&reader, got, 100);
        ck_assert(reader.failed);
    }
    archive_init_reader(&reader, writer.bytes, writer.len);
    archive_sparse(&reader, got, 99);
    ck_assert(reader.failed);
    archive_release(&writer);
}
END_TEST

START_TEST(a_claim_allocates_nothing)
{
    const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3},
                  too_long[11] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    struct archive reader;
    size_t count = 0;
    uint64_t number;
    archive_init_reader(&reader, bytes, sizeof bytes);
    archive_count(&reader, &count, SIZE_MAX);
    ck_assert(reader.failed && count == 0);
    archive_init_reader(&reader, too_long, sizeof too_long);
    archive_u64(&reader, &number);
    ck_assert(reader.failed && number == 0);
}
END_TEST

/* An empty keyspace of the newest server, as a summary. */
static void write_empty(struct archive *archive)
{
    size_t count;
    const struct server_model *server = &server_models(&count)[0];
    const struct plan_view view = {server, allocator_get(ALLOCATOR_JEMALLOC_8), *server->defaults};
    const struct gather gather = {NULL, 10};
    struct gathered *gathered = gathered_new();
    gathered_start(gathered, &view, 1, &gather, 1000);
    gathered_add_missing(gathered, "lost.rdb", "it is not there");
    gathered_end(gathered);
    archive_init_writer(archive);
    summary_write(gathered, archive);
    gathered_free(gathered);
}

START_TEST(no_part_can_be_lost_or_changed)
{
    struct archive archive;
    const struct gather gather = {NULL, 10};
    char message[SUMMARY_MESSAGE_BYTES] = "";
    write_empty(&archive);
    struct gathered *gathered = summary_parse(archive.bytes, archive.len, &gather, message);
    ck_assert_msg(gathered != NULL, "%s", message);
    ck_assert_uint_eq(gathered->file_count, 1);
    ck_assert_str_eq(gathered->file[0].path, "lost.rdb");
    ck_assert(gathered->file[0].is_missing);
    gathered_free(gathered);
    for (size_t len = 0; len < archive.len; len++)
        ck_assert_ptr_null(summary_parse(archive.bytes, len, &gather, message));
    for (size_t i = 0; i < archive.len; i++) {
        archive.bytes[i] ^= 0x10;
        ck_assert_ptr_null(summary_parse(archive.bytes, archive.len, &gather, message));
        archive.bytes[i] ^= 0x10;
    }
    archive_release(&archive);
}
END_TEST

START_TEST(a_line_reaches_its_limit)
{
    const double x[] = {0, 1, 2, 3}, y[] = {10, 20, 30, 40}, flat[] = {5, 5, 5, 5};
    struct regression fit;
    struct crossing crossing;
    ck_assert(regression_fit(&fit, x, y, 4));
    ck_assert_double_eq_tol(fit.slope, 10, 1e-9);
    ck_assert_double_eq_tol(fit.slope_half, 0, 1e-6);
    ck_assert(regression_crossing(&fit, 100, 3, &crossing));
    ck_assert_double_eq_tol(crossing.at, 9, 1e-9);
    ck_assert(crossing.has_earliest && crossing.has_latest);
    ck_assert_double_eq_tol(crossing.latest, 9, 1e-6);
    ck_assert(!regression_crossing(&fit, 35, 3, &crossing));
    ck_assert(regression_fit(&fit, x, flat, 4) && !regression_crossing(&fit, 100, 3, &crossing));
    ck_assert(!regression_fit(&fit, flat, y, 4));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("summary");
    TCase *cases = tcase_create("summary");
    tcase_add_test(cases, numbers_come_back);
    tcase_add_test(cases, sparse_arrays_come_back);
    tcase_add_test(cases, a_claim_allocates_nothing);
    tcase_add_test(cases, no_part_can_be_lost_or_changed);
    tcase_add_test(cases, a_line_reaches_its_limit);
    tcase_set_timeout(cases, 60);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
