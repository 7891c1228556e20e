/* The incremental size of radix trees against a tree that is really built, on thousands of key sets. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/rax_size.h"
#include "run_suite.h"
#include "xorshift.h"

/* ---- the tree, built byte by byte ---- */

struct trie {
    struct trie *child[256];
    bool is_key;
};

static void trie_add(struct trie *root, const uint8_t *key, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct trie **next = &root->child[key[i]];
        if (!*next)
            *next = calloc(1, sizeof **next);
        root = *next;
    }
    root->is_key = true;
}

static unsigned ways(const struct trie *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 256; i++)
        n += node->child[i] != NULL;
    return n;
}

static struct trie *only_child(const struct trie *node)
{
    for (unsigned i = 0; i < 256; i++)
        if (node->child[i])
            return node->child[i];
    return NULL;
}

struct measured {
    uint64_t nodes, asked, held[ALLOCATOR_COUNT];
};

static struct size_classes classes[ALLOCATOR_COUNT];

static void measure_node(struct measured *m, size_t size, bool compressed, bool has_value)
{
    size_t padding = (8 - (size + 4) % 8) % 8;
    size_t bytes = 4 + size + padding + 8 * (compressed ? 1 : size) + (has_value ? 8 : 0);
    m->nodes++;
    m->asked += bytes;
    for (unsigned i = 0; i < ALLOCATOR_COUNT; i++)
        m->held[i] += allocator_usable(classes[i].allocator, bytes);
}

static void measure(struct measured *m, const struct trie *node, bool has_values)
{
    unsigned n = ways(node);
    bool value = node->is_key && has_values;
    if (n == 1) {
        size_t len = 0;
        const struct trie *end = node;
        do {
            end = only_child(end);
            len++;
        } while (ways(end) == 1 && !end->is_key);
        measure_node(m, len, len > 1, value);
        measure(m, end, has_values);
        return;
    }
    measure_node(m, n, false, value);
    for (unsigned i = 0; i < 256; i++)
        if (node->child[i])
            measure(m, node->child[i], has_values);
}

static void trie_free(struct trie *node)
{
    for (unsigned i = 0; i < 256; i++)
        if (node->child[i])
            trie_free(node->child[i]);
    free(node);
}

static void assert_same(const struct rax_sum *sum, const struct measured *m)
{
    ck_assert_uint_eq(sum->nodes, m->nodes);
    ck_assert_uint_eq(sum->asked, m->asked);
    for (unsigned i = 0; i < ALLOCATOR_COUNT; i++)
        ck_assert_uint_eq(sum->held[i], m->held[i]);
    ck_assert(!sum->is_coarse);
}

/* ---- random keys ---- */

static uint64_t seed;

static void setup(void)
{
    for (unsigned i = 0; i < ALLOCATOR_COUNT; i++)
        size_classes_init(&classes[i], allocator_get((enum allocator_id)i));
    seed = 88172645463325252u;
}

static int compare_keys(const void *a, const void *b)
{
    const struct rax_key *x = a, *y = b;
    for (unsigned i = 0; i < 3; i++)
        if (x->word[i] != y->word[i])
            return x->word[i] < y->word[i] ? -1 : 1;
    return 0;
}

/* The first `bytes` bytes of some pattern: ids of a stream, times, or dense bytes that branch a lot. */
static struct rax_key random_key(unsigned style, unsigned bytes)
{
    struct rax_key key = {{0}};
    switch (style) {
    case 0:
        key.word[0] = 1700000000000u + random_below(&seed, 100000);
        key.word[1] = random_below(&seed, 3);
        key.word[2] = random_below(&seed, 1000);
        break;
    case 1:
        for (unsigned i = 0; i < 3; i++)
            key.word[i] = random_below(&seed, UINT64_MAX >> 12) << 12 | random_below(&seed, 4096);
        break;
    case 2:
        for (unsigned i = 0; i < 3; i++)
            key.word[i] = random_below(&seed, 2) << 56 | random_below(&seed, 2) << 40 | random_below(&seed, 3);
        break;
    default:
        key.word[0] = random_below(&seed, 70000) << 16;
        key.word[1] = random_below(&seed, 2);
    }
    for (unsigned i = bytes; i < 24; i++)
        key.word[i / 8] &= ~(UINT64_C(0xff) << (56 - 8 * (i % 8)));
    return key;
}

static void reference(const struct rax_key *key, size_t count, unsigned bytes, bool has_values, struct measured *m)
{
    struct trie *root = calloc(1, sizeof *root);
    for (size_t i = 0; i < count; i++) {
        uint8_t text[24];
        for (unsigned b = 0; b < 24; b++)
            text[b] = (uint8_t)(key[i].word[b / 8] >> (56 - 8 * (b % 8)));
        trie_add(root, text, bytes);
    }
    measure(m, root, has_values);
    trie_free(root);
}

START_TEST(fixed_keys_of_every_length)
{
    static const unsigned lengths[] = {6, 8, 16, 24};
    static struct rax_key key[600];
    for (unsigned l = 0; l < 4; l++) {
        bool has_values = lengths[l] != 24;
        struct rax_fixed rax;
        rax_fixed_init(&rax, classes, ALLOCATOR_COUNT, lengths[l], has_values);
        for (unsigned round = 0; round < 120; round++) {
            size_t count = round < 20 ? round : random_below(&seed, 600);
            for (size_t i = 0; i < count; i++)
                key[i] = random_key(round % 4, lengths[l]);
            if (round % 3)
                qsort(key, count, sizeof *key, compare_keys);
            struct measured m = {0};
            struct rax_sum sum = {0};
            reference(key, count, lengths[l], has_values, &m);
            rax_fixed_begin(&rax);
            for (size_t i = 0; i < count; i++)
                rax_fixed_add(&rax, &key[i]);
            rax_fixed_end(&rax, &sum);
            assert_same(&sum, &m);
        }
        rax_fixed_release(&rax);
    }
}
END_TEST

START_TEST(names_that_continue_names)
{
    struct rax_names rax;
    rax_names_init(&rax, classes, ALLOCATOR_COUNT);
    for (unsigned round = 0; round < 600; round++) {
        size_t count = round < 12 ? round : random_below(&seed, 120);
        struct trie *root = calloc(1, sizeof *root);
        rax_names_begin(&rax);
        for (size_t i = 0; i < count; i++) {
            uint8_t name[40];
            size_t len = random_below(&seed, round % 2 ? 6 : 40);
            for (size_t b = 0; b < len; b++)
                name[b] = (uint8_t)('a' + random_below(&seed, b < 3 || round % 5 == 0 ? 3 : 1));
            if (round % 4 == 3) { /* as servers write them */
                len = 6;
                memcpy(name, "c00000", 6);
                for (size_t b = 5, n = i; n; b--, n /= 10)
                    name[b] = (uint8_t)('0' + n % 10);
            }
            trie_add(root, name, len);
            rax_names_add(&rax, name, len);
        }
        struct measured m = {0};
        struct rax_sum sum = {0};
        measure(&m, root, true);
        rax_names_end(&rax, &sum);
        assert_same(&sum, &m);
        trie_free(root);
    }
    rax_names_release(&rax);
}
END_TEST

/* 200 pending ids of redis 7.2: 431 nodes of 10616 bytes; an empty tree is one node of 8; one id 32 + 16. */
START_TEST(known_trees)
{
    struct rax_fixed rax;
    rax_fixed_init(&rax, &classes[ALLOCATOR_JEMALLOC_8], 1, 16, true);
    struct rax_sum sum = {0};
    rax_fixed_begin(&rax);
    rax_fixed_end(&rax, &sum);
    ck_assert_uint_eq(sum.nodes, 1);
    ck_assert_uint_eq(sum.held[0], 8);
    rax_fixed_begin(&rax);
    rax_fixed_add_id(&rax, 1700000000000u, 7);
    rax_fixed_end(&rax, &sum);
    ck_assert_uint_eq(sum.nodes, 3);
    ck_assert_uint_eq(sum.held[0], 8 + 32 + 16);
    ck_assert_uint_eq(sum.trees, 2);
    rax_fixed_release(&rax);
}
END_TEST

/* Beyond the bound the sum is an estimate, near the truth and marked; descending keys are sorted, not walked. */
START_TEST(more_unsorted_keys_than_are_kept)
{
    struct rax_fixed rax;
    struct rax_sum up = {0}, down = {0};
    uint64_t count = RAX_FIXED_MAX_COLLECTED * 2;
    rax_fixed_init(&rax, classes, 1, 16, true);
    rax_fixed_begin(&rax);
    for (uint64_t i = 0; i < count; i++)
        rax_fixed_add_id(&rax, 1700000000000u + i, 0);
    rax_fixed_end(&rax, &up);
    rax_fixed_begin(&rax);
    for (uint64_t i = count; i-- > 0;)
        rax_fixed_add_id(&rax, 1700000000000u + i, 0);
    rax_fixed_end(&rax, &down);
    ck_assert(!up.is_coarse && down.is_coarse);
    ck_assert_uint_eq(down.keys, up.keys);
    ck_assert_uint_ge(down.held[0], up.held[0] / 100 * 95);
    ck_assert_uint_le(down.held[0], up.held[0] / 100 * 105);
    rax_fixed_release(&rax);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rax_size");
    TCase *tests = tcase_create("rax_size");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, fixed_keys_of_every_length);
    tcase_add_test(tests, names_that_continue_names);
    tcase_add_test(tests, known_trees);
    tcase_add_test(tests, more_unsorted_keys_than_are_kept);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
