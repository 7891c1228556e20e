#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collect/inventory.h"
#include "collect/saturated.h"
#include "collect_inventory.h"
#include "collect_random.h"
#include "model/server.h"
#include "model/shape.h"
#include "run_suite.h"

static const int64_t now_ms = INT64_C(1700000000000);

static struct plan *plan;
static struct shape *timed_hash; /* with a field that expires */

static void set_up(void)
{
    const struct server_model *server = server_by_id("redis-7.4");
    const struct plan_view view = {server, allocator_get(ALLOCATOR_JEMALLOC_8), *server->defaults};
    const struct shape_text text = shape_text_of((const uint8_t *)"text", 4);
    plan = plan_new(&view, 1);
    timed_hash = shape_new(plan);
    shape_begin(timed_hash, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, 1);
    shape_hash_field(timed_hash, &text, &text, now_ms);
    shape_end(timed_hash, 20);
}

static void tear_down(void)
{
    shape_free(timed_hash);
    plan_free(plan);
}

static struct record random_record(uint64_t *seed)
{
    struct record record = record_named("name", next_random(seed) % 5, 8 * next_size(seed, 30));
    record.type = next_random(seed) % OBJECT_TYPE_COUNT;
    record.shape = timed_hash;
    record.module_name = "module-nm";
    record.cost.encoding = next_random(seed) % ENCODING_COUNT;
    record.cost.part[COST_PAYLOAD] = record.cost.size_in_bytes;
    record.cost.memory_usage = next_size(seed, 30);
    record.db = next_random(seed) % 4;
    record.elements = next_size(seed, 20);
    record.longest = next_size(seed, 20);
    record.stored_bytes = next_size(seed, 20);
    record.has_expiry = next_random(seed) % 2;
    record.expire_at_ms = now_ms - 1000 + (int64_t)next_size(seed, 42);
    record.is_expired = record.has_expiry && record.expire_at_ms < now_ms;
    record.has_idle = next_random(seed) % 2;
    record.idle_seconds = next_size(seed, 30);
    record.has_frequency = !record.has_idle;
    record.lfu_frequency = (uint8_t)next_random(seed);
    record.damaged = next_random(seed) % 50 == 0;
    return record;
}

START_TEST(merged_parts_are_the_whole)
{
    struct inventory *whole = inventory_new(now_ms), *a = inventory_new(now_ms), *b = inventory_new(now_ms);
    uint64_t seed = (uint64_t)_i;
    for (int i = 0; i < 3000; i++) {
        struct record record = random_record(&seed);
        inventory_add(whole, &record);
        inventory_add(i % 3 ? a : b, &record);
    }
    inventory_merge(a, b);
    check_same_inventory(a, whole);
    inventory_free(whole);
    inventory_free(a);
    inventory_free(b);
}
END_TEST

START_TEST(ttl_buckets)
{
    static const struct {
        int64_t in_ms;
        enum inventory_ttl bucket;
    } expiry[] = {
        {-1, TTL_EXPIRED},
        {0, TTL_HOUR},
        {3600 * 1000, TTL_HOUR},
        {3600 * 1000 + 1, TTL_DAY},
        {INT64_C(86400) * 1000, TTL_DAY},
        {INT64_C(7) * 86400 * 1000, TTL_WEEK},
        {INT64_C(30) * 86400 * 1000, TTL_MONTH},
        {INT64_C(365) * 86400 * 1000, TTL_YEAR},
        {INT64_C(365) * 86400 * 1000 + 1, TTL_LATER},
        {INT64_MAX - now_ms, TTL_LATER},
    };
    for (size_t i = 0; i < sizeof expiry / sizeof *expiry; i++) {
        struct inventory *inventory = inventory_new(now_ms);
        struct record record = record_named("k", 1, 40);
        record.has_expiry = true;
        record.expire_at_ms = now_ms + expiry[i].in_ms;
        record.is_expired = expiry[i].in_ms < 0;
        inventory_add(inventory, &record);
        struct inventory_sum ttl[TTL_COUNT];
        inventory_ttl(inventory, ttl);
        ck_assert_uint_eq(ttl[expiry[i].bucket].keys, 1);
        ck_assert_uint_eq(ttl[expiry[i].bucket].bytes, 40);
        inventory_free(inventory);
    }
}
END_TEST

static void add_up(struct inventory_sum *to, const struct inventory_sum *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i].keys += from[i].keys;
        to[i].bytes += from[i].bytes;
    }
}

START_TEST(types_add_up)
{
    struct inventory *inventory = inventory_new(now_ms);
    struct inventory_sum ttl[TTL_COUNT], ttl_of_types[TTL_COUNT] = {{0}}, of_type[TTL_COUNT], idle[IDLE_COUNT];
    struct inventory_sum frequency[FREQUENCY_COUNT], keys[OBJECT_TYPE_COUNT][TTL_NONE + 1] = {{{0}}};
    uint64_t seed = (uint64_t)_i, idle_keys = 0, frequency_keys = 0;
    for (int i = 0; i < 3000; i++) {
        struct record record = random_record(&seed);
        inventory_add(inventory, &record);
        if (record.damaged)
            continue;
        keys[record.type][record.has_expiry ? TTL_EXPIRED : TTL_NONE].keys++;
        keys[record.type][record.has_expiry ? TTL_EXPIRED : TTL_NONE].bytes += record.cost.size_in_bytes;
    }
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        inventory_ttl_of_type(inventory, type, of_type);
        add_up(ttl_of_types, of_type, TTL_COUNT);
        ck_assert_mem_eq(&of_type[TTL_NONE], &keys[type][TTL_NONE], sizeof of_type[0]);
        of_type[TTL_NONE] = (struct inventory_sum){0};
        struct inventory_sum expiring = inventory_sum_of(of_type);
        ck_assert_mem_eq(&expiring, &keys[type][TTL_EXPIRED], sizeof expiring);
    }
    inventory_ttl(inventory, ttl);
    ck_assert_mem_eq(ttl_of_types, ttl, sizeof ttl);
    inventory_idle(inventory, idle);
    inventory_frequency(inventory, frequency);
    for (int i = 0; i < IDLE_COUNT; i++)
        idle_keys += idle[i].keys;
    for (int i = 0; i < FREQUENCY_COUNT; i++)
        frequency_keys += frequency[i].keys;
    ck_assert_uint_eq(idle_keys, inventory->idle_keys);
    ck_assert_uint_eq(frequency_keys, inventory->frequency_keys);
    inventory_free(inventory);
}
END_TEST

START_TEST(claims_beyond_a_type_leave_none_without_ttl)
{
    struct inventory *inventory = inventory_new(now_ms);
    struct record record = record_named("k", 1, 40);
    struct inventory_sum ttl[TTL_COUNT];
    inventory_add(inventory, &record);
    inventory->expiring[record.type][TTL_DAY] = (struct inventory_sum){2, 30};
    inventory_ttl_of_type(inventory, record.type, ttl);
    ck_assert_uint_eq(ttl[TTL_NONE].keys, 0);
    ck_assert_uint_eq(ttl[TTL_NONE].bytes, 10);
    inventory_free(inventory);
}
END_TEST

START_TEST(remaining_time_does_not_overflow)
{
    struct inventory *inventory = inventory_new(0);
    struct record record = record_named("k", 1, 40);
    record.has_expiry = true;
    record.expire_at_ms = INT64_MAX;
    for (int i = 0; i < 5; i++)
        inventory_add(inventory, &record);
    ck_assert_uint_eq(inventory->database[0].remaining_ms_carry, 2);
    ck_assert_uint_eq(inventory->database[0].remaining_ms, (uint64_t)INT64_MAX - 4);
    inventory_free(inventory);
}
END_TEST

/* A summary may claim any time for few keys. */
START_TEST(claims_of_time_beyond_any)
{
    struct inventory_database database = {.remaining_ms_carry = UINT64_MAX, .remaining_ms = UINT64_MAX};
    ck_assert_int_eq(inventory_average_ttl_ms(&database), 0);
    database.ttl[TTL_NONE - 1].keys = 3;
    ck_assert_int_eq(inventory_average_ttl_ms(&database), INT64_MAX);
}
END_TEST

START_TEST(saturated)
{
    ck_assert_uint_eq(saturated_u64(1e30), UINT64_MAX);
    ck_assert_uint_eq(saturated_u64(INFINITY), UINT64_MAX);
    ck_assert_uint_eq(saturated_u64(NAN), 0);
    ck_assert_uint_eq(saturated_u64(-1e30), 0);
    ck_assert_uint_eq(saturated_u64(2.9), 2);
    ck_assert_int_eq(saturated_i64(1e30), INT64_MAX);
    ck_assert_int_eq(saturated_i64(-INFINITY), INT64_MIN);
    ck_assert_int_eq(saturated_i64(NAN), 0);
    ck_assert_int_eq(saturated_i64(-2.9), -2);
}
END_TEST

START_TEST(databases_and_modules_are_bounded)
{
    struct inventory *inventory = inventory_new(now_ms);
    for (uint64_t i = 0; i < 3 * INVENTORY_MAX_DATABASES; i++) {
        char module[12];
        snprintf(module, sizeof module, "mod%06u", (unsigned)i);
        struct record record = record_named("k", 1, 16);
        record.db = i;
        record.type = OBJECT_MODULE;
        record.module_name = module;
        inventory_add(inventory, &record);
    }
    struct inventory_sum ttl[TTL_COUNT];
    inventory_ttl(inventory, ttl);
    ck_assert_uint_eq(inventory->database_count, INVENTORY_MAX_DATABASES);
    ck_assert_uint_eq(ttl[TTL_NONE].keys, 3 * INVENTORY_MAX_DATABASES);
    ck_assert_uint_eq(inventory->module_count, INVENTORY_MAX_MODULES);
    ck_assert_str_eq(inventory->module[INVENTORY_MAX_MODULES - 1].name, "(others)");
    inventory_free(inventory);
}
END_TEST

START_TEST(module_bytes_are_kept_apart)
{
    struct inventory *inventory = inventory_new(now_ms);
    struct record record = record_named("k", 1, 100);
    inventory_add(inventory, &record);
    record.type = OBJECT_MODULE;
    record.module_name = "";
    inventory_add(inventory, &record);
    struct inventory_totals totals;
    inventory_totals(inventory, OBJECT_TYPE_COUNT, &totals);
    ck_assert_uint_eq(totals.keys, 1);
    ck_assert_uint_eq(totals.bytes, 100);
    inventory_totals(inventory, OBJECT_MODULE, &totals);
    ck_assert_uint_eq(totals.keys, 1);
    inventory_free(inventory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inventory");
    TCase *cases = tcase_create("inventory");
    tcase_add_unchecked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, merged_parts_are_the_whole, 0, 5);
    tcase_add_test(cases, ttl_buckets);
    tcase_add_loop_test(cases, types_add_up, 0, 5);
    tcase_add_test(cases, claims_beyond_a_type_leave_none_without_ttl);
    tcase_add_test(cases, remaining_time_does_not_overflow);
    tcase_add_test(cases, claims_of_time_beyond_any);
    tcase_add_test(cases, saturated);
    tcase_add_test(cases, databases_and_modules_are_bounded);
    tcase_add_test(cases, module_bytes_are_kept_apart);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
