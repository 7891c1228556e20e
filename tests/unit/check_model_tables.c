/* Expected values, and which tables a load leaves behind. */
#include <math.h>
#include <stdlib.h>

#include "model/chance.h"
#include "model/dict_growth.h"
#include "model/table_size.h"
#include "model_fixture.h"

static double plain(uint64_t fixed)
{
    return (double)fixed / (1 << CHANCE_BITS);
}

static double expected_occupied(double n, double slots)
{
    return slots * (1 - pow(1 - 1 / slots, n));
}

START_TEST(test_occupied)
{
    static const uint64_t sizes[][2] = {
        {1, 4}, {4, 4}, {50, 64}, {1024, 1024}, {600, 1024}, {1000000, 1048576}, {100000000, 134217728}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t n = sizes[i][0], slots = sizes[i][1];
        double expected = expected_occupied((double)n, (double)slots);
        ck_assert_double_eq_tol(plain(chance_occupied(n, slots)), expected, 1e-4 + expected * 1e-9);
        ck_assert_double_eq_tol(plain(chance_collisions(n, slots)), (double)n - expected, 1e-4 + (double)n * 1e-9);
    }
    ck_assert_uint_eq(chance_occupied(0, 4), 0);
    ck_assert_uint_eq(chance_occupied(5, 0), 0);
}
END_TEST

/* Exact sums for presized tables: valkey 8.1 src/hashtable.c. */
START_TEST(test_chained)
{
    static const struct {
        uint64_t n;
        double expected;
    } rows[] = {{6, 0},      {12, 0.39},  {51, 2.45},  {102, 4.97}, {129, 1.61},
                {204, 10.0}, {513, 6.52}, {819, 40.7}, {2000, 23.4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_double_eq_tol(plain(chance_chained(rows[i].n, hashtable_buckets(rows[i].n))), rows[i].expected, 0.05);
    ck_assert_uint_eq(chance_chained(7, 1), 0);
    ck_assert_uint_eq(chance_chained(8, 1), 1 << CHANCE_BITS);
    ck_assert_uint_eq(chance_chained(14, 1), 2 << CHANCE_BITS);
}
END_TEST

START_TEST(test_table_sizes)
{
    static const uint64_t presized[][2] = {{1, 1},     {6, 1},     {7, 2},      {12, 2},    {13, 4},
                                           {25, 4},    {26, 8},    {51, 8},     {52, 16},   {102, 16},
                                           {103, 32},  {204, 32},  {205, 64},   {409, 64},  {410, 128},
                                           {819, 128}, {820, 256}, {1638, 256}, {1639, 512}};
    for (size_t i = 0; i < sizeof presized / sizeof *presized; i++)
        ck_assert_uint_eq(hashtable_buckets(presized[i][0]), presized[i][1]);
    ck_assert_uint_eq(dict_slots(0), 4);
    ck_assert_uint_eq(dict_slots(4), 4);
    ck_assert_uint_eq(dict_slots(5), 8);
    ck_assert_uint_eq(dict_slots(512), 512);
    ck_assert_uint_eq(dict_slots(513), 1024);
    ck_assert_uint_gt(dict_slots(UINT64_MAX), 0);
    ck_assert_uint_gt(hashtable_buckets(UINT64_MAX), 0);
}
END_TEST

/* Mean blocks of skip list nodes by allocator. */
START_TEST(test_skiplist_nodes)
{
    static const struct {
        enum allocator_id allocator;
        double mean;
    } rows[] = {{ALLOCATOR_JEMALLOC_8, 45.836}, {ALLOCATOR_JEMALLOC_16, 53.336}, {ALLOCATOR_LIBC, 45.333}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct size_classes classes;
        size_classes_init(&classes, allocator_get(rows[i].allocator));
        ck_assert_double_eq_tol(plain(chance_skiplist_node(&classes, 24)), rows[i].mean, 0.001);
    }
    ck_assert_double_eq_tol(plain(chance_skiplist_request(24)), 24 + 16 * 4 / 3.0, 0.001);
}
END_TEST

static const struct growth_rule plain_dict = {0};
static const struct growth_rule plain_hashtable = {.is_hashtable = true};

static void expect_tables(const struct dict_growth *dict, uint64_t first, uint64_t second)
{
    ck_assert_uint_eq(dict->size[0], first);
    ck_assert_uint_eq(dict->size[1], second);
}

/* Filled without a hint: both halves stay while buckets are left to be moved. */
START_TEST(test_growing_dict)
{
    static const struct {
        uint64_t n, first, second;
    } rows[] = {{0, 0, 0},   {1, 4, 0},        {4, 4, 0},       {5, 4, 8},       {8, 8, 0},         {9, 8, 16},
                {50, 64, 0}, {600, 512, 1024}, {1000, 1024, 0}, {1024, 1024, 0}, {1025, 1024, 2048}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dict_growth at_once, one_by_one;
        dict_growth_init(&at_once, &plain_dict);
        dict_growth_insert(&at_once, rows[i].n);
        dict_growth_init(&one_by_one, &plain_dict);
        for (uint64_t k = 0; k < rows[i].n; k++)
            dict_growth_insert(&one_by_one, 1);
        ck_assert_uint_eq(at_once.used, rows[i].n);
        expect_tables(&at_once, one_by_one.size[0], one_by_one.size[1]);
        if (rows[i].n != 50) /* 50: 55 % of the loads have moved all of 32 by then; the expectation has */
            expect_tables(&at_once, rows[i].first, rows[i].second);
    }
}
END_TEST

/* Inserting at once and one by one come to the same for every count. */
START_TEST(test_growth_in_steps)
{
    static const struct growth_rule *const rules[] = {&plain_dict, &plain_hashtable};
    for (size_t r = 0; r < 2; r++) {
        struct dict_growth one_by_one;
        dict_growth_init(&one_by_one, rules[r]);
        for (uint64_t n = 1; n <= 5000; n++) {
            struct dict_growth at_once;
            dict_growth_init(&at_once, rules[r]);
            dict_growth_insert(&at_once, n);
            dict_growth_insert(&one_by_one, 1);
            expect_tables(&at_once, one_by_one.size[0], one_by_one.size[1]);
            ck_assert_uint_eq(at_once.left, one_by_one.left);
        }
    }
}
END_TEST

/* A hash of n pairs whose pair n / 2 is the first too long one: bucket arrays found in real servers. */
START_TEST(test_converted_hash)
{
    static const struct {
        const char *server;
        uint64_t n, first, second;
    } rows[] = {{"valkey-7.2", 5, 4, 8},   {"valkey-7.2", 9, 8, 16},     {"valkey-7.2", 33, 32, 64},
                {"valkey-8.0", 9, 8, 16},  {"valkey-8.1", 8, 1, 2},      {"valkey-8.1", 15, 2, 4},
                {"valkey-8.1", 60, 8, 16}, {"valkey-8.1", 512, 64, 128}, {"valkey-9.0", 15, 2, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_init(&f, rows[i].server);
        shape_begin(f.shape, OBJECT_HASH, ORIGIN_ELEMENTS, rows[i].n);
        for (uint64_t k = 0; k < rows[i].n; k++) {
            struct shape_text field = text_of_len(5), value = text_of_len(k == rows[i].n / 2 ? 100 : 5);
            shape_hash_field(f.shape, &field, &value, 0);
        }
        shape_end(f.shape, 100);
        fixture_cost(&f, 8, false);
        ck_assert_msg(fixture_note(&f, "bucket array") == rows[i].first &&
                          fixture_note(&f, "second bucket array") == rows[i].second,
                      "%s n=%lu: %lu + %lu", rows[i].server, rows[i].n, fixture_note(&f, "bucket array"),
                      fixture_note(&f, "second bucket array"));
        fixture_release(&f);
    }
}
END_TEST

/* Redis 7.4 does not presize a hash with field expiries that is read pair by pair: 600 fields hold 512 and 1024 slots.
 */
START_TEST(test_unsized_hash)
{
    struct fixture f;
    fixture_init(&f, "redis-7.4");
    shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, 600);
    for (int i = 0; i < 600; i++) {
        struct shape_text field = text_of_len(8), value = text_of_len(8);
        shape_hash_field(f.shape, &field, &value, i % 2 ? 1893456000000 : 0);
    }
    shape_end(f.shape, 10000);
    fixture_cost(&f, 8, false);
    ck_assert_uint_eq(fixture_note(&f, "bucket array"), 512);
    ck_assert_uint_eq(fixture_note(&f, "second bucket array"), 1024);
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_tables");
    TCase *tc = tcase_create("model_tables");
    tcase_add_test(tc, test_occupied);
    tcase_add_test(tc, test_chained);
    tcase_add_test(tc, test_table_sizes);
    tcase_add_test(tc, test_skiplist_nodes);
    tcase_add_test(tc, test_growing_dict);
    tcase_add_test(tc, test_growth_in_steps);
    tcase_add_test(tc, test_converted_hash);
    tcase_add_test(tc, test_unsized_hash);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
