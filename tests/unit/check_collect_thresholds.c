/* Every cell of every sweep is what the model says of the same objects under those settings, on every server. */
#include <check.h>
#include <stdlib.h>

#include "collect/thresholds.h"
#include "collect/violations.h"
#include "collect_objects.h"
#include "run_suite.h"

enum { OBJECTS = 120 };

/* The sum over the objects of a type under limits number e and v of a sweep, from the model itself. */
static uint64_t bytes_under(const struct plan *plan, struct shape *shape, const struct object *object,
                            const struct sweep *sweep, const unsigned at[2])
{
    enum object_type type = sweep->entries_setting == SETTING_HASH_MAX_ENTRIES   ? OBJECT_HASH
                            : sweep->entries_setting == SETTING_ZSET_MAX_ENTRIES ? OBJECT_ZSET
                                                                                 : OBJECT_SET;
    struct settings settings = plan_view(plan, 0)->settings;
    settings.value[sweep->entries_setting] = sweep->entries[at[0]];
    if (sweep->value_setting != SETTING_COUNT)
        settings.value[sweep->value_setting] = sweep->value[at[1]];
    uint64_t bytes = 0;
    for (int i = 0; i < OBJECTS; i++) {
        if (object[i].type != type)
            continue;
        struct record record = object_build(shape, &object[i], plan);
        struct cost cost;
        model_cost(plan, 0, &settings, shape, &record.facts, &cost);
        bytes += cost.size_in_bytes;
    }
    return bytes;
}

START_TEST(every_cell_is_what_the_model_says)
{
    size_t servers;
    const struct server_model *server = &server_models(&servers)[_i];
    struct plan *plan = plan_of(server);
    struct shape *shape = shape_new(plan);
    struct thresholds *thresholds = calloc(2, sizeof *thresholds);
    struct collect_context context = {.plan = plan};
    struct object object[OBJECTS];
    uint64_t seed = (uint64_t)_i + 1;
    thresholds_init(&thresholds[0], &context);
    thresholds_init(&thresholds[1], &context);
    for (int i = 0; i < OBJECTS; i++) {
        object[i] = object_random(server, &seed);
        struct record record = object_build(shape, &object[i], plan);
        thresholds_add(&thresholds[i % 2], &context, &record);
    }
    thresholds_merge(&thresholds[0], &thresholds[1], &context);
    for (int s = 0; s < SWEEP_SET_TEXT; s++) {
        const struct sweep *sweep = &thresholds->sweep[s];
        for (unsigned e = 0; e < sweep->entries_count; e++)
            for (unsigned v = 0; v < sweep->value_count; v++) {
                struct sweep_result result;
                sweep_result(sweep, e, v, &result);
                uint64_t bytes = bytes_under(plan, shape, object, sweep, (const unsigned[2]){e, v});
                ck_assert_msg(result.bytes == bytes, "%s sweep %d, %ld x %ld: %lu, model %lu", server->id, s,
                              (long)sweep->entries[e], (long)sweep->value[v], (unsigned long)result.bytes,
                              (unsigned long)bytes);
            }
    }
    free(thresholds);
    shape_free(shape);
    plan_free(plan);
}
END_TEST

/* A violation's saving is the difference of two costs of the model. */
START_TEST(violations_save_what_packing_saves)
{
    size_t servers;
    const struct server_model *server = &server_models(&servers)[_i];
    struct plan *plan = plan_of(server);
    struct shape *shape = shape_new(plan);
    struct key_pattern pattern;
    key_pattern_of(&pattern, (const uint8_t *)"user:1", 6);
    struct collect_context context = {
        .plan = plan, .top = 10, .pattern = &pattern, .pattern_hash = key_pattern_hash(&pattern)};
    struct violations violations = {0};
    struct settings unlimited = *server->defaults;
    unlimited.value[SETTING_HASH_MAX_ENTRIES] = unlimited.value[SETTING_HASH_MAX_VALUE] = 1 << 30;
    uint64_t seed = (uint64_t)_i + 100, saved = 0, keys = 0;
    violations_init(&violations, &context);
    for (int i = 0; i < OBJECTS; i++) {
        struct object object = object_random(server, &seed);
        object.type = OBJECT_HASH;
        object.origin = ORIGIN_ELEMENTS;
        struct record record = object_build(shape, &object, plan);
        violations_add(&violations, &context, &record);
        if (record.cost.encoding != ENCODING_HASHTABLE)
            continue;
        struct cost packed;
        model_cost(plan, 0, &unlimited, shape, &record.facts, &packed);
        keys++;
        saved +=
            record.cost.size_in_bytes > packed.size_in_bytes ? record.cost.size_in_bytes - packed.size_in_bytes : 0;
    }
    const struct violation_sum *sum = violations.sum[OBJECT_HASH];
    ck_assert_uint_gt(keys, 0);
    ck_assert_uint_eq(sum[VIOLATION_ENTRIES].keys + sum[VIOLATION_LENGTH].keys, keys);
    ck_assert_uint_eq(sum[VIOLATION_ENTRIES].saved_bytes + sum[VIOLATION_LENGTH].saved_bytes, saved);
    uint64_t by_pattern = 0;
    for (uint32_t i = 0; i < violations.rows.count; i++)
        if (violations.rows.row[i].violation != VIOLATION_STALE)
            by_pattern += violations.rows.row[i].sum.saved_bytes;
    ck_assert_uint_eq(by_pattern, saved);
    violations_release(&violations);
    shape_free(shape);
    plan_free(plan);
}
END_TEST

/* Of lists only those count that are at most a quarter over what a node holds. */
START_TEST(lists_are_near_misses_or_none)
{
    static const struct {
        uint64_t elements;
        bool is_near;
    } lists[] = {{70, false}, {85, true}, {99, true}, {100, false}, {5000, false}}; /* of 103 bytes; a node has 8192 */
    struct plan *plan = plan_of(server_by_id("redis-7.2"));
    struct shape *shape = shape_new(plan);
    struct key_pattern pattern;
    key_pattern_of(&pattern, (const uint8_t *)"queue:1", 7);
    struct collect_context context = {.plan = plan, .top = 10, .pattern = &pattern};
    struct violations violations = {0};
    violations_init(&violations, &context);
    uint64_t near_keys = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct shape_text text = {.len = 100};
        struct record record = {.type = OBJECT_LIST, .shape = shape, .key = (const uint8_t *)"queue:1"};
        record.key_len = record.key_bytes = 7;
        record.facts.name_len = 7;
        shape_begin(shape, OBJECT_LIST, ORIGIN_ELEMENTS, lists[i].elements);
        for (uint64_t k = 0; k < lists[i].elements; k++)
            shape_list_element(shape, &text);
        shape_end(shape, 0);
        model_cost(plan, 0, NULL, shape, &record.facts, &record.cost);
        violations_add(&violations, &context, &record);
        near_keys += lists[i].is_near;
        const struct violation_sum *sum = &violations.sum[OBJECT_LIST][VIOLATION_LIST_BYTES];
        ck_assert_uint_eq(sum->keys, near_keys);
        ck_assert_uint_eq(sum->near_keys, near_keys);
    }
    violations_release(&violations);
    shape_free(shape);
    plan_free(plan);
}
END_TEST

int main(void)
{
    size_t servers;
    server_models(&servers);
    Suite *suite = suite_create("thresholds");
    TCase *cases = tcase_create("thresholds");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, every_cell_is_what_the_model_says, 0, (int)servers);
    tcase_add_loop_test(cases, violations_save_what_packing_saves, 0, (int)servers);
    tcase_add_test(cases, lists_are_near_misses_or_none);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
