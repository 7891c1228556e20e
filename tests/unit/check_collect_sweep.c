#include <check.h>
#include <stdlib.h>

#include "collect/sweep.h"
#include "collect_random.h"
#include "run_suite.h"

/* A key that a table costs `table`, a table made late `late`, and packed `packed`. */
struct key {
    uint64_t entries, longest, table, late, packed, packed_len;
};

enum { KEYS = 3000 };

static uint64_t cost_under(const struct key *key, int64_t entries, int64_t value)
{
    if (key->entries > (uint64_t)entries)
        return key->table;
    return key->longest > (uint64_t)value ? key->late : key->packed;
}

static void init(struct sweep *sweep, int64_t entries, int64_t value)
{
    struct settings settings = {{0}}, defaults = {{0}};
    settings.value[SETTING_HASH_MAX_ENTRIES] = entries;
    settings.value[SETTING_HASH_MAX_VALUE] = value;
    defaults.value[SETTING_HASH_MAX_ENTRIES] = 512;
    defaults.value[SETTING_HASH_MAX_VALUE] = 64;
    sweep_init(sweep, SETTING_HASH_MAX_ENTRIES, SETTING_HASH_MAX_VALUE, &settings, &defaults);
}

static void add(struct sweep *sweep, const struct key *key)
{
    unsigned row = sweep_index(sweep->entries, sweep->entries_count, key->entries);
    unsigned column = sweep_index(sweep->value, sweep->value_count, key->longest);
    sweep->base_bytes += key->table;
    if (row == sweep->entries_count)
        return;
    for (unsigned v = 0; v < sweep->value_count; v++)
        sweep->delta[row][v] += (int64_t)((v < column ? key->late : key->packed) - key->table);
    if (column == sweep->value_count)
        return;
    struct sweep_cell *cell = &sweep->cell[row][column];
    cell->keys++;
    cell->packed_bytes += key->packed_len;
    if (cell->packed_longest < key->packed_len)
        cell->packed_longest = key->packed_len;
}

static void make_keys(struct key key[KEYS], uint64_t seed)
{
    for (int i = 0; i < KEYS; i++) {
        uint64_t entries = next_size(&seed, 14), longest = next_size(&seed, 12);
        uint64_t packed = 64 + entries * (longest / 4 + 2);
        key[i] = (struct key){entries, longest, packed * 3, packed * 3 + 64, packed, entries * (longest / 4 + 2)};
    }
}

static const int64_t in_force[][2] = {{512, 64}, {128, 64}, {0, 64}, {1000, 100}, {INT64_C(1) << 40, 64}, {512, 0}};

START_TEST(every_cell_is_the_sum_over_keys)
{
    static struct key key[KEYS];
    struct sweep sweep;
    make_keys(key, (uint64_t)_i);
    init(&sweep, in_force[_i][0], in_force[_i][1]);
    ck_assert_int_eq(sweep.entries[sweep.current_entries], in_force[_i][0]);
    ck_assert_int_eq(sweep.value[sweep.current_value], in_force[_i][1]);
    for (int i = 0; i < KEYS; i++)
        add(&sweep, &key[i]);
    for (unsigned e = 0; e < sweep.entries_count; e++)
        for (unsigned v = 0; v < sweep.value_count; v++) {
            uint64_t bytes = 0, now_bytes = 0, newly = 0, gone = 0, longest = 0;
            for (int i = 0; i < KEYS; i++) {
                uint64_t now = cost_under(&key[i], in_force[_i][0], in_force[_i][1]);
                uint64_t then = cost_under(&key[i], sweep.entries[e], sweep.value[v]);
                bytes += then;
                now_bytes += now;
                bool is_new = now != key[i].packed && then == key[i].packed;
                newly += is_new;
                gone += now == key[i].packed && then != key[i].packed;
                longest = is_new && key[i].packed_len > longest ? key[i].packed_len : longest;
            }
            struct sweep_result result;
            sweep_result(&sweep, e, v, &result);
            ck_assert_uint_eq(result.bytes, bytes);
            ck_assert_int_eq(result.saved_bytes, (int64_t)(now_bytes - bytes));
            ck_assert_uint_eq(result.newly_packed, newly);
            ck_assert_uint_eq(result.newly_unpacked, gone);
            ck_assert_uint_eq(result.scan_longest, longest);
        }
}
END_TEST

START_TEST(merged_parts_are_the_whole)
{
    static struct key key[KEYS];
    struct sweep whole, a, b;
    make_keys(key, 77);
    init(&whole, 512, 64);
    init(&a, 512, 64);
    init(&b, 512, 64);
    for (int i = 0; i < KEYS; i++) {
        add(&whole, &key[i]);
        add(i % 3 ? &a : &b, &key[i]);
    }
    sweep_merge(&a, &b);
    ck_assert_mem_eq(&a, &whole, sizeof a);
}
END_TEST

START_TEST(recommends_what_pays_and_scans_little)
{
    struct sweep sweep;
    unsigned e, v;
    init(&sweep, 512, 64);
    ck_assert(!sweep_recommend(&sweep, 1, &e, &v));
    const struct key near = {600, 10, 90000, 90000, 30000, 6000};
    const struct key long_scan = {8000, 10, 9000000, 9000000, 100000, 90000};
    add(&sweep, &near);
    add(&sweep, &long_scan);
    ck_assert(sweep_recommend(&sweep, 60000, &e, &v));
    ck_assert_int_eq(sweep.entries[e], 1024);
    ck_assert_int_eq(sweep.value[v], 64);
    ck_assert(!sweep_recommend(&sweep, 60001, &e, &v));
}
END_TEST

START_TEST(a_single_limit_is_a_curve)
{
    struct settings settings = {{0}}, defaults = {{0}};
    settings.value[SETTING_SET_MAX_INTSET] = defaults.value[SETTING_SET_MAX_INTSET] = 512;
    struct sweep sweep;
    sweep_init(&sweep, SETTING_SET_MAX_INTSET, SETTING_COUNT, &settings, &defaults);
    ck_assert_uint_eq(sweep.value_count, 1);
    ck_assert_uint_eq(sweep.entries_count, 7);
    ck_assert_int_eq(sweep.entries[0], 128);
    ck_assert_int_eq(sweep.entries[6], 8192);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sweep");
    TCase *cases = tcase_create("sweep");
    tcase_add_loop_test(cases, every_cell_is_the_sum_over_keys, 0, sizeof in_force / sizeof *in_force);
    tcase_add_test(cases, merged_parts_are_the_whole);
    tcase_add_test(cases, recommends_what_pays_and_scans_little);
    tcase_add_test(cases, a_single_limit_is_a_curve);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
