/* Hashes whose fields have expiries of their own: what their indexes add, on the servers that have them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/ebuckets.h"
#include "model/field_expiry.h"
#include "model_fixture.h"

static void add_field(struct shape *shape, uint64_t field, uint64_t value, int64_t expire_at_ms)
{
    struct shape_text f = {.len = field}, v = {.len = value};
    shape_hash_field(shape, &f, &v, expire_at_ms);
}

/* `timed` of `count` fields expire, all at the same time or each a day after the one before. */
static struct cost hash_cost_of(struct fixture *f, uint64_t count, uint64_t timed, int64_t step)
{
    shape_begin(f->shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, count);
    for (uint64_t i = 0; i < count; i++)
        add_field(f->shape, 8, 8, i < timed ? 1790000000000 + (int64_t)i * step : 0);
    shape_end(f->shape, 0);
    ck_assert_uint_eq(shape_fields_with_expiry(f->shape), timed);
    ck_assert(!shape_is_coarse(f->shape));
    return fixture_cost(f, strlen("hfe:501"), false);
}

/* MEMORY USAGE knows nothing of the index, nor of the table's metadata: redis 8.0 hfe:501, 300 of 600 fields with one
 * expiry, 54712 held and 54152 counted. */
START_TEST(what_redis_does_not_count)
{
    struct fixture f;
    fixture_init(&f, "redis-8.0");
    struct cost cost = hash_cost_of(&f, 600, 300, 0);
    ck_assert_int_eq(cost.encoding, ENCODING_HASHTABLE);
    ck_assert_uint_eq(cost.size_in_bytes - cost.memory_usage, 96 - 56 + 32 + 24 + 16 + 16 + 18 * 24);
    uint64_t without = hash_cost_of(&f, 600, 16, 0).size_in_bytes;
    uint64_t with = hash_cost_of(&f, 600, 17, 0).size_in_bytes;
    /* the 17th: its 18 bytes more (16 and 8+1+1 to 32), then tree 32 + 24 + 16, segments 16 and 24 */
    ck_assert_uint_eq(with - without, 16 + 32 + 24 + 16 + 16 + 24);
    fixture_release(&f);
}
END_TEST

/* A table that grew out of a listpack indexes the fields before the long one in order of expiry. */
START_TEST(fields_out_of_a_listpack_come_sorted)
{
    struct fixture f;
    struct ebuckets sorted, as_stored;
    struct size_classes classes;
    const uint64_t count = 200, long_at = 150;
    int64_t expiry[200];
    size_classes_init(&classes, allocator_get(ALLOCATOR_JEMALLOC_8));
    ebuckets_init(&sorted, &classes, 1);
    ebuckets_init(&as_stored, &classes, 1);
    fixture_init(&f, "redis-7.4");
    for (uint64_t i = 0; i < count; i++) {
        expiry[i] = 1790000000000 + (int64_t)(i * 7919 % 10007) * 1000;
        ebuckets_add(&as_stored, expiry[i]);
    }
    uint64_t size[2];
    for (int late = 0; late < 2; late++) { /* a long value at field 150, or already at the first */
        shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, count);
        for (uint64_t i = 0; i < count; i++)
            add_field(f.shape, 8, i == (late ? long_at : 0) ? 80 : 8, expiry[i]);
        shape_end(f.shape, 0);
        struct cost cost = fixture_cost(&f, 4, false);
        size[late] = cost.size_in_bytes - cost.memory_usage - (96 - 56);
    }
    for (uint64_t i = 0; i < long_at; i++)
        for (uint64_t j = i + 1; j < long_at; j++)
            if (expiry[j] < expiry[i]) {
                int64_t swapped = expiry[i];
                expiry[i] = expiry[j];
                expiry[j] = swapped;
            }
    for (uint64_t i = 0; i < count; i++)
        ebuckets_add(&sorted, expiry[i]);
    ck_assert_uint_ne(ebuckets_held(&sorted, 0, 24), ebuckets_held(&as_stored, 0, 24));
    /* The doubles of MEMORY USAGE may lose a byte. */
    ck_assert_uint_le(size[0] - ebuckets_held(&as_stored, 0, 24), 1);
    ck_assert_uint_le(size[1] - ebuckets_held(&sorted, 0, 24), 1);
    ebuckets_release(&sorted);
    ebuckets_release(&as_stored);
    fixture_release(&f);
}
END_TEST

/* valkey 9.0 and 9.1, hfe:490: three fields with expiries in blocks of 80, 32 and 32, and a vector of three. */
START_TEST(a_vector_of_three_fields)
{
    static const struct {
        const char *server;
        uint64_t usage, allocated;
    } measured[] = {{"valkey-9.0", 352, 352}, {"valkey-9.1", 360, 368}};
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        fixture_init(&f, measured[i].server);
        shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, 3);
        add_field(f.shape, 4, 60, 1790000000000);
        add_field(f.shape, 4, 12, 1790000001000);
        add_field(f.shape, 4, 12, 1790000000000);
        shape_end(f.shape, 0);
        struct cost cost = fixture_cost(&f, strlen("hfe:490"), false);
        ck_assert_uint_eq(cost.size_in_bytes, measured[i].allocated);
        ck_assert_uint_eq(cost.memory_usage, measured[i].usage);
        fixture_release(&f);
    }
}
END_TEST

/* valkey 9.0: one field needs no index, 127 a vector of 1024 bytes; from the 128th on a tree, in which fields of one
 * expiry share a hash table and fields a day apart are buckets of one. */
START_TEST(from_vector_to_tree)
{
    struct fixture f;
    fixture_init(&f, "valkey-9.0");
    uint64_t none = hash_cost_of(&f, 400, 1, 0).size_in_bytes, entry = 8; /* 8 more: from 24 to 32 */
    ck_assert_uint_eq(hash_cost_of(&f, 400, 127, 0).size_in_bytes - none, 126 * entry + 1024);
    uint64_t table = hash_cost_of(&f, 400, 128, 0).size_in_bytes - none - 127 * entry;
    /* tree 32, a run of 8 and a leaf; the table's structure, its 32 buckets and what is left of 16, or they alone */
    ck_assert_uint_ge(table, 32 + 24 + 16 + 80 + 64 * 32);
    ck_assert_uint_le(table, 32 + 24 + 16 + 80 + 64 * (32 + 16) + 64 * 4);
    uint64_t tree = hash_cost_of(&f, 400, 128, 86400000).size_in_bytes - none - 127 * entry;
    struct rax_fixed rax;
    struct rax_sum sum = {0};
    struct size_classes classes;
    size_classes_init(&classes, allocator_get(ALLOCATOR_JEMALLOC_8));
    rax_fixed_init(&rax, &classes, 1, 8, true);
    for (uint64_t i = 0; i < 128; i++)
        rax_fixed_add_id(&rax, ((1790000000000 + i * 86400000) / 8192 + 1) * 8192, 0);
    rax_fixed_end(&rax, &sum);
    ck_assert_uint_eq(tree, 32 + sum.held[0]);
    rax_fixed_release(&rax);
    fixture_release(&f);
}
END_TEST

/* More timed fields than are logged are played through as they come. */
START_TEST(more_fields_than_are_logged)
{
    struct fixture f;
    fixture_init(&f, "redis-8.4");
    const uint64_t count = (UINT64_C(1) << 18) + 100000;
    shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, count);
    for (uint64_t i = 0; i < count; i++)
        add_field(f.shape, 8, 8, 1790000000000);
    shape_end(f.shape, 0);
    uint64_t segments = (count + 15) / 16 - 1;
    struct cost cost = fixture_cost(&f, 4, false);
    ck_assert(!shape_is_coarse(f.shape));
    ck_assert_uint_ge(cost.size_in_bytes - cost.memory_usage, segments * 24);
    ck_assert_uint_le(cost.size_in_bytes - cost.memory_usage, segments * 24 + count * 16);
    /* Scattered in descending order, each is a bucket of its own: beyond the bound an estimate. */
    shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, count);
    for (uint64_t i = 0; i < count; i++)
        add_field(f.shape, 8, 8, 1790000000000 - (int64_t)i * 9000);
    shape_end(f.shape, 0);
    ck_assert(shape_is_coarse(f.shape));
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("field_expiry");
    TCase *tests = tcase_create("field_expiry");
    tcase_add_test(tests, what_redis_does_not_count);
    tcase_add_test(tests, fields_out_of_a_listpack_come_sorted);
    tcase_add_test(tests, a_vector_of_three_fields);
    tcase_add_test(tests, from_vector_to_tree);
    tcase_add_test(tests, more_fields_than_are_logged);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
