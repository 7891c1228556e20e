#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "collect/group_table.h"
#include "collect/nth_smallest.h"
#include "collect_random.h"
#include "run_suite.h"

enum { KINDS = 600, RECORDS = 20000 };

/* What the groups are, counted the plain way: kind k is named k in base 26. */
struct truth {
    uint64_t keys[KINDS], bytes[KINDS];
};

/* `skew`: light kinds are rarer the larger it is. */
static unsigned random_kind(uint64_t *seed, unsigned skew)
{
    unsigned kind = next_random(seed) % KINDS;
    for (unsigned i = 0; i < skew; i++) {
        unsigned other = next_random(seed) % KINDS;
        kind = other < kind ? other : kind;
    }
    return kind;
}

static size_t unique_name(unsigned kind, char name[16])
{
    size_t len = 0;
    for (unsigned rest = kind + 26; rest; rest /= 26)
        name[len++] = (char)('a' + rest % 26);
    return len;
}

static void add_random(struct group_table *table, struct truth *truth, uint64_t seed, unsigned skew)
{
    for (int i = 0; i < RECORDS; i++) {
        char name[32];
        unsigned kind = random_kind(&seed, skew);
        size_t len = unique_name(kind, name);
        len += (size_t)sprintf(name + len, ":%u", (unsigned)(next_random(&seed) % 1000));
        uint64_t bytes = 8 + next_random(&seed) % 200;
        struct record record = record_named(name, len, bytes);
        group_table_add(table, &record);
        truth->keys[kind]++;
        truth->bytes[kind] += bytes;
    }
}

static int kind_of(const struct group_name *name)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        char text[16];
        size_t len = unique_name(kind, text);
        if (name->len == len + 2 && memcmp(name->text, text, len) == 0)
            return (int)kind;
    }
    return -1;
}

static void check_bounds(const struct group_table *table, const struct truth *truth)
{
    struct group sum = table->rest;
    uint64_t all_keys = 0, all_bytes = 0;
    bool is_kept[KINDS] = {false};
    for (uint32_t i = 0; i < table->count; i++) {
        int kind = kind_of(&table->name[i]);
        ck_assert_int_ge(kind, 0);
        ck_assert(!is_kept[kind]);
        is_kept[kind] = true;
        ck_assert_uint_le(table->group[i].bytes, truth->bytes[kind]);
        ck_assert_uint_le(truth->bytes[kind], table->group[i].bytes + table->group[i].missing);
        sum.keys += table->group[i].keys;
        sum.bytes += table->group[i].bytes;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        all_keys += truth->keys[kind];
        all_bytes += truth->bytes[kind];
        if (!is_kept[kind])
            ck_assert_uint_le(truth->bytes[kind], table->bound);
    }
    ck_assert_uint_eq(sum.keys, all_keys);
    ck_assert_uint_eq(sum.bytes, all_bytes);
}

START_TEST(exact_while_all_groups_fit)
{
    struct group_table table;
    struct truth truth = {{0}, {0}};
    group_table_init(&table, KINDS);
    add_random(&table, &truth, 1, (unsigned)_i);
    ck_assert_uint_eq(table.dropped, 0);
    ck_assert_uint_eq(table.bound, 0);
    for (uint32_t i = 0; i < table.count; i++) {
        int kind = kind_of(&table.name[i]);
        ck_assert_uint_eq(table.group[i].keys, truth.keys[kind]);
        ck_assert_uint_eq(table.group[i].bytes, truth.bytes[kind]);
        ck_assert_uint_eq(table.group[i].missing, 0);
    }
    check_bounds(&table, &truth);
    group_table_release(&table);
}
END_TEST

START_TEST(bounds_hold_when_groups_are_dropped)
{
    static const uint32_t maximum[] = {2, 3, 16, 64, 300};
    for (size_t i = 0; i < sizeof maximum / sizeof *maximum; i++) {
        struct group_table table;
        struct truth truth = {{0}, {0}};
        group_table_init(&table, maximum[i]);
        add_random(&table, &truth, (uint64_t)_i, (unsigned)_i % 5);
        ck_assert_uint_gt(table.dropped, 0);
        ck_assert_uint_le(table.count, maximum[i]);
        check_bounds(&table, &truth);
        group_table_release(&table);
    }
}
END_TEST

START_TEST(heavy_groups_survive)
{
    struct group_table table;
    struct truth truth = {{0}, {0}};
    group_table_init(&table, 64);
    struct record heavy = record_named("heavy", 5, 5000000);
    add_random(&table, &truth, 3, 0);
    group_table_add(&table, &heavy);
    add_random(&table, &truth, 4, 0);
    uint32_t *order = group_table_sorted(&table);
    ck_assert_mem_eq(table.name[order[0]].text, "heavy", 5);
    ck_assert_uint_eq(table.group[order[0]].bytes, 5000000);
    for (uint32_t i = 1; i < table.count; i++)
        ck_assert_uint_le(table.group[order[i]].bytes, table.group[order[i - 1]].bytes);
    free(order);
    group_table_release(&table);
}
END_TEST

START_TEST(merging_keeps_the_bounds)
{
    static const uint32_t maximum[] = {4, 50, 200, KINDS};
    for (size_t i = 0; i < sizeof maximum / sizeof *maximum; i++) {
        struct group_table a, b;
        struct truth truth = {{0}, {0}};
        group_table_init(&a, maximum[i]);
        group_table_init(&b, maximum[i]);
        add_random(&a, &truth, (uint64_t)_i, 1);
        add_random(&b, &truth, (uint64_t)_i + 1000, 2);
        group_table_merge(&a, &b);
        ck_assert_uint_le(a.count, maximum[i]);
        if (maximum[i] == KINDS)
            ck_assert_uint_eq(a.bound, 0);
        check_bounds(&a, &truth);
        add_random(&a, &truth, (uint64_t)_i + 2000, 0);
        check_bounds(&a, &truth);
        group_table_release(&a);
        group_table_release(&b);
    }
}
END_TEST

/* The 99th percentile of sorted sizes, by nearest rank. */
static uint64_t plain_p99(const uint64_t *size, size_t count)
{
    return size[count - count / 100 - 1];
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

START_TEST(percentiles_are_within_their_bin)
{
    enum { MOST = 3000 };
    static const size_t counts[] = {1, 2, 3, 99, 100, 101, 1000, MOST};
    uint64_t size[MOST], seed = (uint64_t)_i;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct group_table whole, part[2];
        group_table_init(&whole, 8);
        group_table_init(&part[0], 8);
        group_table_init(&part[1], 8);
        for (size_t i = 0; i < counts[c]; i++) {
            size[i] = 8 + next_random(&seed) % (UINT64_C(1) << (5 + next_random(&seed) % 25));
            struct record record = record_named("user:17", 7, size[i]);
            group_table_add(&whole, &record);
            group_table_add(&part[i % 3 == 0], &record);
        }
        group_table_merge(&part[0], &part[1]);
        qsort(size, counts[c], sizeof *size, by_size);
        uint64_t truth = plain_p99(size, counts[c]), told = group_table_p99(&whole, 0);
        ck_assert_uint_le(told, truth);
        ck_assert_uint_le(truth < 32 ? truth - 7 : truth - truth / 5, told);
        if (part[0].count)
            ck_assert_uint_eq(group_table_p99(&part[0], 0), told);
        group_table_release(&whole);
        group_table_release(&part[0]);
        group_table_release(&part[1]);
    }
}
END_TEST

/* More keys of one size than a counter of 16 bits holds, one by one and many at once. */
START_TEST(percentiles_of_very_many_keys)
{
    struct group_table table, other;
    struct record record = record_named("user:17", 7, 100), large = record_named("user:18", 7, 1000);
    group_table_init(&table, 8);
    group_table_init(&other, 8);
    for (int i = 0; i < 70000; i++)
        group_table_add(&table, &record);
    for (int i = 0; i < 700; i++)
        group_table_add(&table, &large);
    ck_assert_uint_eq(group_table_p99(&table, 0), 96);
    group_table_add(&table, &large);
    for (int i = 0; i < 10; i++)
        group_table_add(&table, &large);
    ck_assert_uint_eq(group_table_p99(&table, 0), 896);
    record.more = 999999;
    group_table_add(&other, &record);
    group_table_merge(&table, &other);
    ck_assert_uint_eq(group_table_p99(&table, 0), 96);
    ck_assert_uint_eq(table.group[0].keys, 1070711);
    group_table_release(&table);
    group_table_release(&other);
}
END_TEST

START_TEST(a_group_knows_its_keys)
{
    struct group_table table;
    group_table_init(&table, 8);
    struct record record = record_named("user:17", 7, 100);
    record.elements = 17;
    record.has_idle = true;
    record.idle_seconds = 70;
    group_table_add(&table, &record);
    record.has_expiry = record.is_expired = true;
    record.type = OBJECT_HASH;
    record.elements = 3;
    record.cost.encoding = ENCODING_LISTPACK;
    record.idle_seconds = 0;
    group_table_add(&table, &record);
    ck_assert_uint_eq(table.count, 1);
    const struct group *group = &table.group[0];
    ck_assert_uint_eq(group->keys, 2);
    ck_assert_uint_eq(group->bytes, 200);
    ck_assert_uint_eq(group->elements, 3);
    ck_assert_uint_eq(group->no_ttl_keys, 1);
    ck_assert_uint_eq(group->no_ttl_bytes, 100);
    ck_assert_uint_eq(group->expired_keys, 1);
    ck_assert_uint_eq(group->expired_bytes, 100);
    ck_assert_uint_eq(table.idle[0].keys[7], 1);
    ck_assert_uint_eq(table.idle[0].keys[0], 1);
    char text[GROUP_NAMES_MAX];
    ck_assert_str_eq(group_types(group->types, text), "string hash");
    ck_assert_str_eq(group_encodings(group->encodings, text), "raw listpack");
    group_table_release(&table);
}
END_TEST

static int in_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

START_TEST(nth_smallest_is_that_of_the_sorted)
{
    enum { COUNT = 300 };
    uint64_t value[COUNT], sorted[COUNT], seed = (uint64_t)_i + 1;
    size_t count = 1 + next_random(&seed) % COUNT;
    for (size_t i = 0; i < count; i++)
        value[i] = next_random(&seed) >> (next_random(&seed) % 8 + (unsigned)_i * 8 % 56) & ~UINT64_C(3);
    memcpy(sorted, value, count * sizeof *value);
    qsort(sorted, count, sizeof *sorted, in_order);
    for (size_t n = 0; n < count; n++) {
        size_t ties, before = 0;
        ck_assert_uint_eq(nth_smallest(value, count, n, &ties), sorted[n]);
        while (sorted[before] != sorted[n])
            before++;
        ck_assert_uint_eq(ties, n + 1 - before);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("group_table");
    TCase *cases = tcase_create("group_table");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, exact_while_all_groups_fit, 0, 3);
    tcase_add_loop_test(cases, bounds_hold_when_groups_are_dropped, 0, 10);
    tcase_add_test(cases, heavy_groups_survive);
    tcase_add_loop_test(cases, merging_keeps_the_bounds, 0, 5);
    tcase_add_loop_test(cases, percentiles_are_within_their_bin, 1, 20);
    tcase_add_test(cases, percentiles_of_very_many_keys);
    tcase_add_test(cases, a_group_knows_its_keys);
    tcase_add_loop_test(cases, nth_smallest_is_that_of_the_sorted, 0, 40);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
