/* Every cell of every sweep is what the model says of the same objects under those settings, on every server. */
#include <check.h>
#include <stdlib.h>

#include "collect/thresholds.h"
#include "collect/violations.h"
#include "collect_random.h"

enum { OBJECTS = 120, MAX_ELEMENTS = 9000 };

struct object {
    enum object_type type;
    enum shape_origin origin;
    uint64_t count, seed;
    unsigned long_one_in; /* one element in so many is longer than usual; 0: none */
    bool integers;        /* most elements are */
};

/* A packed origin of a file that the server can load: listpacks came with RDB 10, those of sets with 11. */
static enum shape_origin packed_origin(const struct server_model *server, const struct object *object)
{
    enum { FIRST_LISTPACK = 10, FIRST_SET_LISTPACK = 11 };
    if (object->type == OBJECT_SET && object->integers)
        return ORIGIN_INTSET;
    if (object->type == OBJECT_SET)
        return server->rdb_version >= FIRST_SET_LISTPACK ? ORIGIN_LISTPACK : ORIGIN_ELEMENTS;
    return server->rdb_version >= FIRST_LISTPACK && object->seed % 2 ? ORIGIN_LISTPACK : ORIGIN_ZIPLIST;
}

static struct object random_object(const struct server_model *server, uint64_t *seed)
{
    static const enum object_type type[] = {OBJECT_HASH, OBJECT_ZSET, OBJECT_SET};
    struct object object = {.type = type[next_random(seed) % 3], .origin = ORIGIN_ELEMENTS};
    object.count = 1 + next_size(seed, next_random(seed) % 8 ? 11 : 14) % MAX_ELEMENTS;
    object.seed = next_random(seed);
    object.integers = next_random(seed) % 3 == 0;
    object.long_one_in = next_random(seed) % 2 ? 1 + next_random(seed) % 600 : 0;
    if (next_random(seed) % 2 && object.count < 3000)
        object.origin = packed_origin(server, &object);
    if (object.origin == ORIGIN_INTSET)
        object.long_one_in = 0;
    return object;
}

static struct shape_text random_text(const struct object *object, uint64_t *seed, uint64_t i)
{
    struct shape_text text = {.len = 1 + next_random(seed) % 40};
    bool may_be_text = object->origin != ORIGIN_INTSET;
    if (object->integers && (!may_be_text || next_random(seed) % 2000)) {
        char digits[24];
        int len = snprintf(digits, sizeof digits, "%u", (unsigned)(i * 7 + 1000));
        return shape_text_of((const uint8_t *)digits, (uint64_t)len);
    }
    if (object->long_one_in && next_random(seed) % object->long_one_in == 0)
        text.len = 1 + next_random(seed) % 1500;
    return text;
}

static void add_element(struct shape *shape, const struct object *object, uint64_t *seed, uint64_t i)
{
    struct shape_text text = random_text(object, seed, i);
    if (object->type == OBJECT_HASH) {
        struct shape_text value = random_text(object, seed, i + 1);
        shape_hash_field(shape, &text, &value, 0);
    } else if (object->type == OBJECT_ZSET) {
        shape_zset_member(shape, &text, (double)i);
    } else {
        shape_set_member(shape, &text);
    }
}

static struct record build(struct shape *shape, const struct object *object, const struct plan *plan)
{
    uint64_t seed = object->seed;
    bool is_packed = object->origin != ORIGIN_ELEMENTS;
    shape_begin(shape, object->type, object->origin, is_packed ? 0 : object->count);
    if (is_packed)
        shape_blob(shape, 7 + object->count * 30, object->origin == ORIGIN_INTSET ? 4 : 0);
    for (uint64_t i = 0; i < object->count; i++)
        add_element(shape, object, &seed, i);
    shape_end(shape, object->count * 20);
    struct record record = record_named("key", 3, 0);
    record.type = object->type;
    record.shape = shape;
    record.facts.name_len = 3;
    record.elements = shape_elements(shape);
    record.longest = shape_longest(shape);
    model_cost(plan, 0, NULL, shape, &record.facts, &record.cost);
    return record;
}

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
        struct record record = build(shape, &object[i], plan);
        struct cost cost;
        model_cost(plan, 0, &settings, shape, &record.facts, &cost);
        bytes += cost.size_in_bytes;
    }
    return bytes;
}

static struct plan *plan_of(const struct server_model *server)
{
    struct plan_view view = {server, allocator_get(server->allocator), *server->defaults};
    return plan_new(&view, 1);
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
        object[i] = random_object(server, &seed);
        struct record record = build(shape, &object[i], plan);
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
    struct collect_context context = {.plan = plan, .top = 10};
    struct violations violations = {0};
    struct settings unlimited = *server->defaults;
    unlimited.value[SETTING_HASH_MAX_ENTRIES] = unlimited.value[SETTING_HASH_MAX_VALUE] = 1 << 30;
    uint64_t seed = (uint64_t)_i + 100, saved = 0, keys = 0;
    violations_init(&violations, &context);
    for (int i = 0; i < OBJECTS; i++) {
        struct object object = random_object(server, &seed);
        object.type = OBJECT_HASH;
        object.origin = ORIGIN_ELEMENTS;
        struct record record = build(shape, &object, plan);
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
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
