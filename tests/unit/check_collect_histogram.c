#include <check.h>
#include <stdlib.h>

#include "collect/log_histogram.h"
#include "collect_random.h"
#include "run_suite.h"

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Nearest rank, by definition. */
static uint64_t exact_percentile(const uint64_t *sorted, size_t count, unsigned permille)
{
    size_t rank = (count * permille + 999) / 1000;
    return sorted[rank ? rank - 1 : 0];
}

static const unsigned permille[] = {1, 10, 500, 900, 990, 999, 1000};

START_TEST(buckets_are_ordered_and_cover_every_value)
{
    for (unsigned bucket = 0; bucket < LOG_HISTOGRAM_BUCKETS; bucket++) {
        uint64_t first = log_histogram_lower_bound(bucket);
        ck_assert_uint_eq(log_histogram_bucket(first), bucket);
        if (bucket)
            ck_assert_uint_eq(log_histogram_bucket(first - 1), bucket - 1);
    }
    ck_assert_uint_eq(log_histogram_bucket(UINT64_MAX), LOG_HISTOGRAM_BUCKETS - 1);
}
END_TEST

START_TEST(percentiles_are_within_their_bound)
{
    enum { COUNT = 5000 };
    static uint64_t value[COUNT];
    uint64_t seed = (uint64_t)_i;
    struct log_histogram *h = calloc(1, sizeof *h);
    for (size_t i = 0; i < COUNT; i++) {
        value[i] = next_size(&seed, 60);
        log_histogram_add(h, value[i], 1);
    }
    qsort(value, COUNT, sizeof *value, compare);
    for (size_t i = 0; i < sizeof permille / sizeof *permille; i++) {
        uint64_t exact = exact_percentile(value, COUNT, permille[i]);
        uint64_t read = log_histogram_percentile(h, permille[i], value[COUNT - 1]);
        ck_assert_uint_le(read, exact);
        ck_assert_uint_le(exact - read, exact / 64);
    }
    free(h);
}
END_TEST

START_TEST(small_multiples_of_8_are_exact)
{
    enum { COUNT = 3000 };
    static uint64_t value[COUNT];
    uint64_t seed = (uint64_t)_i + 99;
    struct log_histogram *h = calloc(1, sizeof *h);
    for (size_t i = 0; i < COUNT; i++) {
        value[i] = 8 * (next_random(&seed) % 128);
        log_histogram_add(h, value[i], 1);
    }
    qsort(value, COUNT, sizeof *value, compare);
    for (size_t i = 0; i < sizeof permille / sizeof *permille; i++)
        ck_assert_uint_eq(log_histogram_percentile(h, permille[i], value[COUNT - 1]),
                          exact_percentile(value, COUNT, permille[i]));
    free(h);
}
END_TEST

START_TEST(an_empty_histogram_has_no_percentile)
{
    struct log_histogram *h = calloc(1, sizeof *h);
    ck_assert_uint_eq(log_histogram_percentile(h, 500, 0), 0);
    free(h);
}
END_TEST

START_TEST(merged_parts_are_the_whole)
{
    struct log_histogram *part = calloc(3, sizeof *part);
    uint64_t seed = 7;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = next_size(&seed, 40);
        log_histogram_add(&part[i % 2], value, 1);
        log_histogram_add(&part[2], value, 1);
    }
    log_histogram_merge(&part[0], &part[1]);
    ck_assert_mem_eq(&part[0], &part[2], sizeof *part);
    free(part);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log_histogram");
    TCase *cases = tcase_create("log_histogram");
    tcase_add_test(cases, buckets_are_ordered_and_cover_every_value);
    tcase_add_loop_test(cases, percentiles_are_within_their_bound, 0, 20);
    tcase_add_loop_test(cases, small_multiples_of_8_are_exact, 0, 10);
    tcase_add_test(cases, an_empty_histogram_has_no_percentile);
    tcase_add_test(cases, merged_parts_are_the_whole);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
