/* The reader of INFO's text, on what a real server printed and on what none would. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "info.h"
#include "run_suite.h"

static struct info info;

static bool parse(const char *text)
{
    return info_parse(&info, text, strlen(text));
}

static uint64_t bytes(enum info_field field)
{
    ck_assert(info_has(&info, field));
    return info_bytes(&info, field);
}

START_TEST(test_saved_output)
{
    static char text[1 << 16];
    FILE *file = fopen(TESTDATA "/saved/showcase.info", "r");
    ck_assert_ptr_nonnull(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    ck_assert(info_parse(&info, text, len));
    ck_assert_uint_eq(info.malformed, 0);
    ck_assert_uint_eq(info.unknown_count, 0);
    ck_assert_str_eq(info.value[INFO_REDIS_VERSION].text, "7.0.15");
    ck_assert_str_eq(info.value[INFO_MEM_ALLOCATOR].text, "jemalloc-5.3.0");
    ck_assert_uint_gt(bytes(INFO_USED_MEMORY), 7 << 20);
    ck_assert_uint_eq(bytes(INFO_USED_MEMORY) - bytes(INFO_USED_MEMORY_OVERHEAD), bytes(INFO_USED_MEMORY_DATASET));
    ck_assert_uint_eq(info.database_count, 2);
    ck_assert_uint_eq(info.database[1].keys, 1100);
    ck_assert_uint_eq(info.database[1].expires, 0);
    ck_assert_uint_eq(info.database[0].db, 0);
    ck_assert_uint_gt(info.database[0].avg_ttl_ms, 0);
}
END_TEST

START_TEST(test_one_section_and_line_ends)
{
    ck_assert(
        parse("# Memory\r\nused_memory:123\r\nmem_fragmentation_ratio:1.25\r\nused_memory_dataset_perc:89.58%\r\n"));
    ck_assert_uint_eq(bytes(INFO_USED_MEMORY), 123);
    ck_assert_double_eq_tol(info_number(&info, INFO_MEM_FRAGMENTATION_RATIO), 1.25, 1e-9);
    ck_assert_double_eq_tol(info_number(&info, INFO_USED_MEMORY_DATASET_PERC), 89.58, 1e-9);
    ck_assert(!info_has(&info, INFO_MAXMEMORY));
    ck_assert(parse("\xef\xbb\xbfused_memory:124\n"));
    ck_assert_uint_eq(bytes(INFO_USED_MEMORY), 124);
    ck_assert(parse("  maxmemory_policy:allkeys-lru  \n\n\r\nused_memory:7"));
    ck_assert_str_eq(info.value[INFO_MAXMEMORY_POLICY].text, "allkeys-lru");
    ck_assert_uint_eq(bytes(INFO_USED_MEMORY), 7);
}
END_TEST

START_TEST(test_last_one_counts)
{
    ck_assert(parse("used_memory:1\nused_memory:2\ndb0:keys=1,expires=0,avg_ttl=0\ndb0:keys=5,expires=2,avg_ttl=9\n"));
    ck_assert_uint_eq(bytes(INFO_USED_MEMORY), 2);
    ck_assert_uint_eq(info.database_count, 1);
    ck_assert_uint_eq(info.database[0].keys, 5);
    ck_assert_uint_eq(info.database[0].avg_ttl_ms, 9);
}
END_TEST

START_TEST(test_values_that_are_none)
{
    static const char *const texts[] = {"used_memory:",
                                        "used_memory:12x",
                                        "used_memory: 1 2",
                                        "used_memory:1.5",
                                        "used_memory:0x10",
                                        "used_memory:+5",
                                        "used_memory:99999999999999999999",
                                        "used_memory:-",
                                        "used_memory:nan"};
    static const char *const ratios[] = {"-nan", "inf", "1e400", "", "1.5x", "..", "1.0%"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert(!parse(texts[i]));
        ck_assert_uint_eq(info.malformed, 1);
    }
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        char text[64];
        snprintf(text, sizeof text, "used_memory:1\nmem_fragmentation_ratio:%s", ratios[i]);
        ck_assert(parse(text));
        ck_assert(!info_has(&info, INFO_MEM_FRAGMENTATION_RATIO));
        ck_assert_uint_eq(info.malformed, 1);
    }
    ck_assert(parse("mem_fragmentation_bytes:-4096"));
    ck_assert_int_eq(info.value[INFO_MEM_FRAGMENTATION_BYTES].integer, -4096);
    ck_assert_uint_eq(info_bytes(&info, INFO_MEM_FRAGMENTATION_BYTES), 0);
}
END_TEST

START_TEST(test_what_is_not_info)
{
    ck_assert(!parse(""));
    ck_assert(!parse("hello\nworld: 1\n::::\n:\n"));
    ck_assert(!parse("db:keys=1\ndbx:keys=1\ndb-1:keys=1\ndb9999999999999999999:keys=1"));
    ck_assert_uint_eq(info.database_count, 0);
    ck_assert(!info_parse(&info, "used_memory\0:5", 14));
}
END_TEST

START_TEST(test_fields_without_a_row)
{
    ck_assert(parse("# Memory\nused_memory:1\nmem_from_the_future:42\n# Stats\nother:1\n"));
    ck_assert_uint_eq(info.unknown_count, 1);
    ck_assert_str_eq(info.unknown[0].name, "mem_from_the_future");
    ck_assert_str_eq(info.unknown[0].text, "42");
    ck_assert(parse("# Memory\nused_memory:1\nmem\x1b[31m_evil:\x01\x02\n"));
    ck_assert_str_eq(info.unknown[0].name, "mem?[31m_evil");
    ck_assert_str_eq(info.unknown[0].text, "??");
}
END_TEST

START_TEST(test_bounds)
{
    enum { LINES = 3000, LINE = 64 };
    char *text = malloc(LINES * LINE);
    size_t len = (size_t)sprintf(text, "# Memory\nused_memory:1\n");
    for (int i = 0; i < LINES / 2; i++)
        len += (size_t)sprintf(text + len, "db%d:keys=%d,expires=1\nunknown_%d:1\n", i, i + 1, i);
    ck_assert(info_parse(&info, text, len));
    free(text);
    ck_assert_uint_eq(info.database_count, INFO_MAX_DATABASES);
    ck_assert_uint_eq(info.database[INFO_MAX_DATABASES - 1].keys, INFO_MAX_DATABASES);
    ck_assert_uint_eq(info.unknown_count, LINES / 2);
}
END_TEST

START_TEST(test_every_row_is_explained)
{
    for (int i = 0; i < INFO_FIELD_COUNT; i++) {
        const struct info_field_row *row = info_field_row((enum info_field)i);
        ck_assert_uint_lt(strlen(row->name), INFO_NAME_MAX);
        ck_assert((row->kind == INFO_REPEATED) == (*row->help == '\0'));
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(info_field_row((enum info_field)k)->name, row->name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("info");
    TCase *tcase = tcase_create("info");
    tcase_add_test(tcase, test_saved_output);
    tcase_add_test(tcase, test_one_section_and_line_ends);
    tcase_add_test(tcase, test_last_one_counts);
    tcase_add_test(tcase, test_values_that_are_none);
    tcase_add_test(tcase, test_what_is_not_info);
    tcase_add_test(tcase, test_fields_without_a_row);
    tcase_add_test(tcase, test_bounds);
    tcase_add_test(tcase, test_every_row_is_explained);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
