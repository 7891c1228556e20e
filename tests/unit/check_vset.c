/* Valkey's field-expiry index against plain sorted arrays. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/vset.h"
#include "run_suite.h"
#include "xorshift.h"

/* ---- the same rules on plain arrays ---- */

struct plain_bucket {
    int64_t key;
    int64_t time[127];
    int count;
    bool is_table;
};

struct plain {
    struct plain_bucket *bucket;
    int buckets, items;
    int64_t list[127];
};

static int64_t end_of(int64_t time, int64_t window)
{
    return (time / window + 1) * window;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct plain_bucket *plain_new(struct plain *p, int64_t key)
{
    p->bucket = realloc(p->bucket, sizeof *p->bucket * (size_t)(p->buckets + 1));
    p->bucket[p->buckets].key = key;
    p->bucket[p->buckets].count = 0;
    p->bucket[p->buckets].is_table = false;
    return &p->bucket[p->buckets++];
}

static int plain_cut(const int64_t *time)
{
    for (int offset = 0; offset < 64; offset++) {
        int left = 63 - offset, right = 63 + offset;
        if (left > 0 && end_of(time[left - 1], 16) != end_of(time[left], 16))
            return left;
        if (right < 127 && end_of(time[right - 1], 16) != end_of(time[right], 16))
            return right;
    }
    return 0;
}

static void plain_to_tree(struct plain *p, int64_t t)
{
    int found = -1;
    for (int i = 0; i < p->buckets; i++)
        if (p->bucket[i].key > t && (found < 0 || p->bucket[i].key < p->bucket[found].key))
            found = i;
    if (found < 0 || p->bucket[found].key > end_of(t, 8192)) {
        struct plain_bucket *b = plain_new(p, end_of(t, 8192));
        b->time[b->count++] = t;
        return;
    }
    struct plain_bucket *b = &p->bucket[found];
    if (b->is_table) {
        b->count++;
        return;
    }
    if (b->count < 127) {
        b->time[b->count++] = t;
        return;
    }
    qsort(b->time, 127, sizeof *b->time, compare);
    int64_t last = end_of(b->time[126], 16);
    if (last < b->key) {
        b->key = last;
    } else if (end_of(b->time[0], 16) == last) {
        b->is_table = true;
    } else {
        int cut = plain_cut(b->time);
        struct plain_bucket *left = plain_new(p, end_of(b->time[cut - 1], 16));
        b = &p->bucket[found];
        memcpy(left->time, b->time, sizeof *b->time * (size_t)cut);
        left->count = cut;
        b->count = 127 - cut;
        memmove(b->time, b->time + cut, sizeof *b->time * (size_t)b->count);
    }
    plain_to_tree(p, t);
}

static void plain_add(struct plain *p, int64_t t)
{
    if (p->items < 127) {
        p->list[p->items++] = t;
        return;
    }
    if (p->items++ == 127) {
        qsort(p->list, 127, sizeof *p->list, compare);
        if (end_of(p->list[0], 8192) == end_of(p->list[126], 8192)) {
            struct plain_bucket *b = plain_new(p, end_of(p->list[0], 8192));
            memcpy(b->time, p->list, sizeof *p->list * 127);
            b->count = 127;
        } else {
            for (int i = 0; i < 127; i++)
                plain_to_tree(p, p->list[i]);
        }
    }
    plain_to_tree(p, t);
}

/* ---- tests ---- */

static struct size_classes classes;
static uint64_t seed;

static void setup(void)
{
    size_classes_init(&classes, allocator_get(ALLOCATOR_JEMALLOC_8));
    seed = 2463534242u;
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
        return start - 10000 * i;
    case 3:
        return start + (int64_t)random_below(&seed, 94608000000);
    case 4:
        return start + (int64_t)random_below(&seed, 8192);
    case 5:
        return start + 100 * (int64_t)random_below(&seed, 6) +
               (int64_t)random_below(&seed, 12) * (random_below(&seed, 9) == 0);
    case 6:
        return start + (int64_t)random_below(&seed, 40000);
    default:
        return start + (i % 6) * 86400000 + (int64_t)random_below(&seed, 400);
    }
}

static void assert_same(const struct vset *vset, const struct plain *p)
{
    struct vset_sum sum;
    struct rax_fixed tree;
    struct rax_sum want = {0};
    uint64_t tables = 0, in_tables = 0, in_vectors = 0, vectors[128] = {0};
    vset_measure(vset, &classes, 1, &sum);
    ck_assert_int_eq(sum.has_tree, p->buckets > 0);
    rax_fixed_init(&tree, &classes, 1, 8, true);
    rax_fixed_begin(&tree);
    for (int i = 0; i < p->buckets; i++) {
        rax_fixed_add(&tree, &(struct rax_key){{(uint64_t)p->bucket[i].key, 0, 0}});
        tables += p->bucket[i].is_table;
        in_tables += p->bucket[i].is_table ? (uint64_t)p->bucket[i].count : 0;
        if (!p->bucket[i].is_table)
            vectors[p->bucket[i].count]++;
    }
    rax_fixed_end(&tree, &want);
    rax_fixed_release(&tree);
    if (p->buckets) {
        ck_assert_uint_eq(sum.tree.nodes, want.nodes);
        ck_assert_uint_eq(sum.tree.held[0], want.held[0]);
    }
    ck_assert_uint_eq(sum.tables, tables);
    size_t at = 0;
    for (uint64_t n; (n = vset_next_table(vset, &at)) > 0;)
        in_tables -= n;
    ck_assert_uint_eq(in_tables, 0);
    for (unsigned len = 2; len <= 127; len++) {
        in_vectors += len * sum.vectors[len];
        if (p->buckets)
            ck_assert_uint_eq(sum.vectors[len], vectors[len]);
    }
    if (!p->buckets)
        ck_assert_uint_eq(in_vectors, p->items > 1 ? (uint64_t)p->items : 0);
    ck_assert(!sum.is_coarse);
}

START_TEST(like_the_plain_one)
{
    struct vset vset;
    vset_init(&vset);
    for (unsigned round = 0; round < 64; round++) {
        struct plain *p = calloc(1, sizeof *p);
        int count = round < 8 ? (int)round : (int)random_below(&seed, round % 8 == 2 || round % 8 == 3 ? 400 : 3000);
        vset_clear(&vset);
        for (int i = 0; i < count; i++) {
            int64_t t = time_of(round % 8, i);
            plain_add(p, t);
            vset_add(&vset, t);
        }
        assert_same(&vset, p);
        free(p->bucket);
        free(p);
    }
    vset_release(&vset);
}
END_TEST

/* Scattered times and more of them than are kept: an estimate, in linear time. */
START_TEST(many_scattered_times)
{
    struct vset vset;
    struct vset_sum sum;
    clock_t begin = clock();
    vset_init(&vset);
    for (int i = 0; i < 2 * VSET_MAX_ITEMS; i++)
        vset_add(&vset, 1790000000000 - 9000 * (int64_t)i);
    vset_measure(&vset, &classes, 1, &sum);
    ck_assert(sum.is_coarse);
    ck_assert_int_lt((clock() - begin) / CLOCKS_PER_SEC, 5);
    vset_release(&vset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vset");
    TCase *tests = tcase_create("vset");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, like_the_plain_one);
    tcase_add_test(tests, many_scattered_times);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
