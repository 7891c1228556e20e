/* Whole collections: parts that are merged write the same report as one that saw everything. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "collect_objects.h"
#include "collect_parts.h"
#include "run_suite.h"

enum { RECORDS = 400, PARTS = 3 };

static const int64_t now_ms = INT64_C(1700000000000);

static void decorate(struct record *record, char name[40], uint64_t *seed)
{
    int len =
        snprintf(name, 40, "kind%c:%u:x", (char)('a' + next_random(seed) % 5), (unsigned)(next_random(seed) % 90000));
    record->key = (const uint8_t *)name;
    record->key_len = record->key_bytes = (uint32_t)len;
    record->db = next_random(seed) % 3;
    record->module_name = "";
    record->has_expiry = next_random(seed) % 3 == 0;
    record->expire_at_ms = now_ms - 100000 + (int64_t)(next_random(seed) % 1000000000);
    record->is_expired = record->has_expiry && record->expire_at_ms < now_ms;
    record->has_idle = next_random(seed) % 2;
    record->idle_seconds = next_size(seed, 25);
    record->has_frequency = !record->has_idle;
    record->lfu_frequency = (uint8_t)next_random(seed);
    record->damaged = next_random(seed) % 60 == 0;
}

START_TEST(merged_parts_write_the_same_report)
{
    size_t servers;
    const struct server_model *server = &server_models(&servers)[_i];
    struct plan_view views[2] = {{server, allocator_get(ALLOCATOR_JEMALLOC_8), *server->defaults},
                                 {server, allocator_get(ALLOCATOR_JEMALLOC_16), *server->defaults}};
    struct plan *plan = plan_new(views, 2);
    struct shape *shape = shape_new(plan);
    struct file_facts file = {.path = "made up"};
    struct part whole = part_new(plan, &file, now_ms, (struct collect_limits){0}), part[PARTS];
    for (int i = 0; i < PARTS; i++)
        part[i] = part_new(plan, &file, now_ms, (struct collect_limits){0});
    uint64_t seed = (uint64_t)_i + 1;
    for (int i = 0; i < RECORDS; i++) {
        char name[40];
        struct object object = object_random(server, &seed);
        struct record record = object_build(shape, &object, plan);
        decorate(&record, name, &seed);
        record.offset = (uint64_t)i * 100;
        part_add(&whole, &record);
        part_add(&part[next_random(&seed) % PARTS], &record);
    }
    for (int i = 1; i < PARTS; i++) {
        collection_merge(part[0].collection, part[i].collection);
        keyspace_merge(part[0].keyspace, part[i].keyspace);
    }
    check_same_report(&part[0], &whole);
    part_free(&whole);
    for (int i = 0; i < PARTS; i++)
        part_free(&part[i]);
    shape_free(shape);
    plan_free(plan);
}
END_TEST

START_TEST(an_empty_snapshot_has_a_report)
{
    size_t servers;
    struct plan *plan = plan_of(&server_models(&servers)[0]);
    struct file_facts file = {.path = "empty"};
    struct part part = part_new(plan, &file, now_ms, (struct collect_limits){0});
    char *json = part_json(&part);
    ck_assert_ptr_nonnull(strstr(json, "\"dataset_bytes\""));
    free(json);
    part_free(&part);
    plan_free(plan);
}
END_TEST

int main(void)
{
    size_t servers;
    server_models(&servers);
    Suite *suite = suite_create("collection");
    TCase *cases = tcase_create("collection");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, merged_parts_write_the_same_report, 0, (int)servers);
    tcase_add_test(cases, an_empty_snapshot_has_a_report);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
