/* Redis' field-expiry index against a plain list of buckets, and against what servers measured. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/ebuckets.h"
#include "model/field_expiry.h"
#include "run_suite.h"
#include "xorshift.h"

/* ---- the same rules on plain arrays ---- */

struct plain_bucket {
    int64_t key;
    int64_t first[16]; /* times of the first segment */
    int count, further;
};

struct plain {
    struct plain_bucket *bucket;
    int buckets, items;
    int64_t list[16];
};

static void plain_sort_in(int64_t *time, int count, int64_t t)
{
    int at = 0;
    while (at < count && time[at] <= t)
        at++;
    memmove(time + at + 1, time + at, sizeof *time * (size_t)(count - at));
    time[at] = t;
}

static void plain_new(struct plain *p, int64_t key, const int64_t *time, int count)
{
    p->bucket = realloc(p->bucket, sizeof *p->bucket * (size_t)(p->buckets + 1));
    p->bucket[p->buckets] = (struct plain_bucket){.key = key, .count = count};
    memcpy(p->bucket[p->buckets].first, time, sizeof *time * (size_t)count);
    p->buckets++;
}

static int plain_cut(const int64_t *time)
{
    int cut = -1;
    for (int i = 0; i < 8; i++)
        if (time[i] < time[i + 1])
            cut = i;
    for (int i = 8; i < 15; i++)
        if (time[i] < time[i + 1])
            return i - 7 < (cut < 0 ? 8 : 8 - cut) ? i : cut;
    return cut;
}

static void plain_add(struct plain *p, int64_t t)
{
    if (p->items++ < 16) {
        plain_sort_in(p->list, p->items - 1, t);
        return;
    }
    if (p->items == 17)
        plain_new(p, p->list[0], p->list, 16);
    struct plain_bucket *b = NULL;
    for (int i = 0; i < p->buckets; i++)
        if (p->bucket[i].key <= t && (!b || p->bucket[i].key > b->key))
            b = &p->bucket[i];
    if (!b) {
        plain_new(p, t, &t, 1);
        return;
    }
    if (b->further == 0 && b->count < 16) {
        plain_sort_in(b->first, b->count++, t);
        return;
    }
    int cut = b->further ? -1 : plain_cut(b->first);
    if (cut >= 0) {
        size_t index = (size_t)(b - p->bucket);
        int64_t right[16];
        memcpy(right, b->first + cut + 1, sizeof *right * (size_t)(15 - cut));
        plain_new(p, right[0], right, 15 - cut);
        b = &p->bucket[index];
        b->count = cut + 1;
        struct plain_bucket *into = t >= p->bucket[p->buckets - 1].key ? &p->bucket[p->buckets - 1] : b;
        plain_sort_in(into->first, into->count++, t);
        return;
    }
    if (t == b->first[0] && b->count < 16) {
        b->first[b->count++] = t;
    } else if (t == b->first[0]) {
        b->key = t;
        b->further++;
        b->count = 1;
    } else {
        if (b->first[0] > t)
            b->key = b->first[0];
        plain_new(p, t, &t, 1);
    }
}

/* ---- tests ---- */

static struct size_classes classes;
static uint64_t seed;

static void setup(void)
{
    size_classes_init(&classes, allocator_get(ALLOCATOR_JEMALLOC_8));
    seed = 2463534242u;
}

static void measure_plain(const struct plain *p, struct ebuckets_sum *sum)
{
    struct rax_fixed tree;
    *sum = (struct ebuckets_sum){.has_tree = p->buckets > 0, .first_segments = (uint64_t)p->buckets};
    rax_fixed_init(&tree, &classes, 1, 6, true);
    rax_fixed_begin(&tree);
    for (int i = 0; i < p->buckets; i++) {
        rax_fixed_add(&tree, &(struct rax_key){{(uint64_t)p->bucket[i].key << 16, 0, 0}});
        sum->next_segments += (uint64_t)p->bucket[i].further;
    }
    if (p->buckets)
        rax_fixed_end(&tree, &sum->tree);
    rax_fixed_release(&tree);
}

static int64_t time_of(unsigned style, int i)
{
    const int64_t start = 1790000000000;
    switch (style) {
    case 0:
        return start;
    case 1:
        return start + i;
    case 2:
        return start - 1000 * i;
    case 3:
        return start + (int64_t)random_below(&seed, 100000000);
    case 4:
        return start + (int64_t)random_below(&seed, 5);
    case 5:
        return start + 1000 * (int64_t)random_below(&seed, 60) + (int64_t)(random_below(&seed, 4) == 0);
    default:
        return start + (i % 7) * 86400000 - (int64_t)random_below(&seed, 2) * i;
    }
}

START_TEST(like_the_plain_one)
{
    struct ebuckets e;
    ebuckets_init(&e, &classes, 1);
    for (unsigned round = 0; round < 700; round++) {
        struct plain p = {0};
        int count = (int)random_below(&seed, round < 100 ? 40 : 900);
        ebuckets_clear(&e);
        for (int i = 0; i < count; i++) {
            int64_t t = time_of(round % 7, i);
            plain_add(&p, t);
            ebuckets_add(&e, t);
        }
        struct ebuckets_sum got, want;
        ebuckets_measure(&e, &got);
        measure_plain(&p, &want);
        ck_assert_int_eq(got.has_tree, want.has_tree);
        ck_assert_uint_eq(got.first_segments, want.first_segments);
        ck_assert_uint_eq(got.next_segments, want.next_segments);
        ck_assert_uint_eq(got.tree.nodes, want.tree.nodes);
        ck_assert_uint_eq(got.tree.held[0], want.tree.held[0]);
        ck_assert(!got.is_coarse);
        free(p.bucket);
    }
    ebuckets_release(&e);
}
END_TEST

/* redis 8.0, a hash of which 300 fields have the same expiry: tree 32 + 24 + 16, a segment of 16, 18 of 24. */
START_TEST(one_expiry_for_all)
{
    struct ebuckets e;
    ebuckets_init(&e, &classes, 1);
    for (int i = 0; i < 300; i++) {
        ck_assert_uint_eq(ebuckets_held(&e, 0, 24), i <= 16 ? 0 : 32 + 24 + 16 + 16 + 24u * ((i + 15) / 16 - 1));
        ebuckets_add(&e, 1790000000000);
    }
    ck_assert_uint_eq(ebuckets_held(&e, 0, 24), 520);
    ck_assert_uint_eq(ebuckets_held(&e, 0, 32), 528);
    ebuckets_release(&e);
}
END_TEST

/* Every item a bucket of its own, in the order that is worst for a sorted array; beyond the bound an estimate. */
START_TEST(descending_times_stay_cheap)
{
    struct ebuckets e;
    struct ebuckets_sum half, all;
    const int count = 4 * EBUCKETS_MAX_BUCKETS;
    clock_t begin = clock();
    ebuckets_init(&e, &classes, 1);
    for (int i = 0; i < count; i++) {
        if (i == EBUCKETS_MAX_BUCKETS)
            ebuckets_measure(&e, &half);
        ebuckets_add(&e, 1790000000000 - i);
    }
    ebuckets_measure(&e, &all);
    ck_assert(!half.is_coarse && all.is_coarse);
    ck_assert_uint_ge(all.first_segments, half.first_segments * 39 / 10);
    ck_assert_uint_le(all.first_segments, half.first_segments * 41 / 10);
    ck_assert_int_lt((clock() - begin) / CLOCKS_PER_SEC, 5);
    ebuckets_release(&e);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ebuckets");
    TCase *tests = tcase_create("ebuckets");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, like_the_plain_one);
    tcase_add_test(tests, one_expiry_for_all);
    tcase_add_test(tests, descending_times_stay_cheap);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
