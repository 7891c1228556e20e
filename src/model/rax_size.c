#include "rax_size.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* ---- fixed length ---- */

void rax_fixed_init(struct rax_fixed *rax, const struct size_classes *classes, unsigned class_count, unsigned key_bytes,
                    bool has_values)
{
    *rax = (struct rax_fixed){.classes = classes,
                              .class_count = class_count,
                              .key_bytes = key_bytes,
                              .has_values = has_values,
                              .max_collected = RAX_FIXED_MAX_COLLECTED};
}

void rax_fixed_release(struct rax_fixed *rax)
{
    free(rax->collected);
    *rax = (struct rax_fixed){0};
}

static void restart(struct rax_fixed *rax)
{
    rax->keys = 0;
    rax->branches_on_path = 0;
    rax->branches = rax->branch_asked = 0;
    memset(rax->runs, 0, sizeof rax->runs);
    memset(rax->branch_held, 0, sizeof rax->branch_held);
}

void rax_fixed_begin(struct rax_fixed *rax)
{
    restart(rax);
    rax->collected_count = 0;
    rax->offered = 0;
    rax->is_unsorted = false;
}

/* Bytes that two different keys have in common. */
static inline unsigned common_bytes(const struct rax_key *a, const struct rax_key *b)
{
    uint64_t differ = a->word[0] ^ b->word[0];
    if (differ)
        return (unsigned)__builtin_clzll(differ) / 8;
    differ = a->word[1] ^ b->word[1];
    if (differ)
        return 8 + (unsigned)__builtin_clzll(differ) / 8;
    return 16 + (unsigned)__builtin_clzll(a->word[2] ^ b->word[2]) / 8;
}

static inline int compare(const struct rax_key *a, const struct rax_key *b)
{
    for (unsigned i = 0; i < 3; i++)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

static void close_branch(struct rax_fixed *rax, unsigned depth)
{
    uint64_t bytes = rax_branch_bytes(rax->ways[depth], false);
    rax->branches++;
    rax->branch_asked += bytes;
    for (unsigned i = 0; i < rax->class_count; i++)
        rax->branch_held[i] += size_classes_held(&rax->classes[i], bytes);
}

/* Finishes the part of the last key's path that lies below depth `depth`; returns where the finished part begins. */
static unsigned close_below(struct rax_fixed *rax, unsigned depth)
{
    unsigned end = rax->key_bytes;
    uint32_t below = rax->branches_on_path >> depth >> 1;
    while (below) {
        unsigned branch = depth + 32 - (unsigned)__builtin_clz(below);
        rax->runs[end - branch - 1]++;
        close_branch(rax, branch);
        end = branch;
        below &= ~(UINT32_C(1) << (branch - depth - 1));
    }
    rax->branches_on_path &= (UINT32_C(2) << depth) - 1;
    return end;
}

static inline void count_key(struct rax_fixed *rax, const struct rax_key *key)
{
    if (rax->keys++ == 0) {
        rax->last = *key;
        return;
    }
    unsigned depth = common_bytes(&rax->last, key);
    unsigned end = close_below(rax, depth);
    rax->runs[end - depth - 1]++;
    if (rax->branches_on_path >> depth & 1) {
        rax->ways[depth]++;
    } else {
        rax->branches_on_path |= UINT32_C(1) << depth;
        rax->ways[depth] = 2;
    }
    rax->last = *key;
}

void rax_fixed_add(struct rax_fixed *rax, const struct rax_key *key)
{
    rax->offered++;
    if (rax->collected_count < rax->max_collected) {
        rax->collected = grow(rax->collected, &rax->collected_capacity, rax->collected_count + 1, sizeof *key);
        rax->collected[rax->collected_count++] = *key;
    }
    if (rax->is_unsorted)
        return;
    int order = rax->keys ? compare(key, &rax->last) : 1;
    if (order > 0)
        count_key(rax, key);
    else if (order < 0)
        rax->is_unsorted = true;
}

static int compare_keys(const void *a, const void *b)
{
    return compare(a, b);
}

size_t rax_keys_sort(struct rax_key *key, size_t count)
{
    if (count == 0)
        return 0;
    qsort(key, count, sizeof *key, compare_keys);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (compare(&key[i], &key[kept - 1]))
            key[kept++] = key[i];
    return kept;
}

static struct rax_sum counted(const struct rax_fixed *rax)
{
    uint64_t leaf = RAX_LEAF_BYTES + (rax->has_values ? RAX_VALUE_BYTES : 0);
    struct rax_sum tree = {.keys = rax->keys, .nodes = rax->keys + rax->branches};
    tree.asked = rax->keys * leaf + rax->branch_asked;
    for (unsigned i = 0; i < rax->class_count; i++)
        tree.held[i] = rax->keys * size_classes_held(&rax->classes[i], leaf) + rax->branch_held[i];
    for (unsigned len = 1; len <= rax->key_bytes; len++) {
        uint64_t count = rax->runs[len];
        if (count == 0)
            continue;
        uint64_t bytes = rax_run_bytes(len, false);
        tree.nodes += count;
        tree.asked += count * bytes;
        for (unsigned i = 0; i < rax->class_count; i++)
            tree.held[i] += count * size_classes_held(&rax->classes[i], bytes);
    }
    return tree;
}

static void count_sorted(struct rax_fixed *rax)
{
    restart(rax);
    rax->collected_count = rax_keys_sort(rax->collected, rax->collected_count);
    for (size_t i = 0; i < rax->collected_count; i++)
        count_key(rax, &rax->collected[i]);
}

static void add_empty_tree(const struct size_classes *classes, unsigned class_count, struct rax_sum *sum)
{
    sum->nodes++;
    sum->asked += RAX_LEAF_BYTES;
    for (unsigned i = 0; i < class_count; i++)
        sum->held[i] += size_classes_held(&classes[i], RAX_LEAF_BYTES);
}

void rax_fixed_end(struct rax_fixed *rax, struct rax_sum *sum)
{
    uint64_t known = rax->offered;
    if (rax->is_unsorted) {
        known = rax->collected_count;
        count_sorted(rax);
    }
    sum->trees++;
    if (rax->keys == 0) {
        add_empty_tree(rax->classes, rax->class_count, sum);
        return;
    }
    unsigned end = close_below(rax, 0);
    if (rax->branches_on_path & 1) {
        rax->runs[end - 1]++;
        close_branch(rax, 0);
    } else {
        rax->runs[end]++;
    }
    struct rax_sum tree = counted(rax);
    if (known < rax->offered)
        rax_sum_extrapolate(&tree, known, rax->offered);
    rax_sum_add(sum, &tree);
}
