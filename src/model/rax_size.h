/* The size of a radix tree (rax.c) over a set of keys, without building it: keys come in ascending order, as servers
 * write them, and only the path to the last key is remembered.
 *
 * The shape of the tree depends on the set of keys alone, not on the order of insertion (redis 5.0 .. 8.8 and valkey
 * 7.2 .. 9.1 src/rax.c): one compressed node for each run of bytes without branch or end of a key, a plain node for
 * each branch, a leaf at the end of each key. Keys out of order are collected and sorted at the end, within a bound;
 * beyond the bound the rest is extrapolated and the sum marked coarse. */
#ifndef MODEL_RAX_SIZE_H
#define MODEL_RAX_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "size_classes.h"

/* What one or more trees take, without their heads (struct rax). */
struct rax_sum {
    uint64_t trees, keys;
    uint64_t nodes;                 /* raxNodes, the root included */
    uint64_t asked;                 /* bytes of all nodes */
    uint64_t held[ALLOCATOR_COUNT]; /* by dense index of the plan */
    bool is_coarse;
};

static inline void rax_sum_add(struct rax_sum *sum, const struct rax_sum *more)
{
    sum->trees += more->trees;
    sum->keys += more->keys;
    sum->nodes += more->nodes;
    sum->asked += more->asked;
    for (unsigned i = 0; i < ALLOCATOR_COUNT; i++)
        sum->held[i] += more->held[i];
    sum->is_coarse |= more->is_coarse;
}

/* For trees of which only a part is known: as if all else were like it. The number of trees stays. */
static inline void rax_sum_extrapolate(struct rax_sum *sum, uint64_t known, uint64_t all)
{
    double factor = (double)all / (double)known;
    sum->keys = (uint64_t)((double)sum->keys * factor);
    sum->nodes = (uint64_t)((double)sum->nodes * factor);
    sum->asked = (uint64_t)((double)sum->asked * factor);
    for (unsigned i = 0; i < ALLOCATOR_COUNT; i++)
        sum->held[i] = (uint64_t)((double)sum->held[i] * factor);
    sum->is_coarse = true;
}

/* Bytes of a run of `len` >= 1 bytes; of a branch into `ways` >= 2; `is_key` when a key with a value ends there. */
static inline uint64_t rax_run_bytes(uint64_t len, bool is_key)
{
    return ((4 + len + 7) & ~(uint64_t)7) + 8 + (is_key ? 8 : 0);
}
static inline uint64_t rax_branch_bytes(uint64_t ways, bool is_key)
{
    return ((4 + ways + 7) & ~(uint64_t)7) + 8 * ways + (is_key ? 8 : 0);
}
enum { RAX_LEAF_BYTES = 8, RAX_VALUE_BYTES = 8 };

/* ---- keys of one fixed length ----------------------------------------------------------------------------------- */

/* Keys of up to 24 bytes (stream ids, expiry times), as big-endian words, left-aligned: the first byte of the key is
 * the highest byte of word[0]. Bytes beyond the key's length are zero. */
struct rax_key {
    uint64_t word[3];
};

enum { RAX_FIXED_MAX_BYTES = 24, RAX_FIXED_MAX_COLLECTED = 1 << 18 };

struct rax_fixed {
    const struct size_classes *classes; /* borrowed; `class_count` of them */
    unsigned class_count;
    unsigned key_bytes;
    bool has_values;      /* false: keys only, leaves stay 8 bytes */
    size_t max_collected; /* 0 where keys are known to come in order */

    uint64_t keys;                          /* distinct keys counted so far, in order */
    struct rax_key last;                    /* the greatest of them */
    uint32_t branches_on_path;              /* bit d: the path to `last` branches at depth d */
    uint16_t ways[RAX_FIXED_MAX_BYTES];     /* of the branch at that depth */
    uint64_t runs[RAX_FIXED_MAX_BYTES + 1]; /* finished compressed nodes by length */
    uint64_t branches, branch_asked, branch_held[ALLOCATOR_COUNT];

    struct rax_key *collected; /* the keys in order of arrival, up to RAX_FIXED_MAX_COLLECTED */
    size_t collected_count, collected_capacity;
    uint64_t offered; /* keys handed in; more than collected_count: the rest was not kept */
    bool is_unsorted; /* a key came out of order: nothing is counted any more until the keys are sorted */
};

void rax_fixed_init(struct rax_fixed *rax, const struct size_classes *classes, unsigned class_count, unsigned key_bytes,
                    bool has_values);
void rax_fixed_release(struct rax_fixed *rax);
/* Starts another tree; the buffer is kept. */
void rax_fixed_begin(struct rax_fixed *rax);
/* A key again is no key. Aborts when out of memory. */
void rax_fixed_add(struct rax_fixed *rax, const struct rax_key *key);
/* Ends the tree and adds it to *sum. Afterwards `collected` is sorted when the keys had come out of order. */
void rax_fixed_end(struct rax_fixed *rax, struct rax_sum *sum);

static inline void rax_fixed_add_id(struct rax_fixed *rax, uint64_t ms, uint64_t seq)
{
    rax_fixed_add(rax, &(struct rax_key){{ms, seq, 0}});
}

/* Sorts `count` keys and drops repeated ones; returns how many are left. */
size_t rax_keys_sort(struct rax_key *key, size_t count);

/* ---- names ------------------------------------------------------------------------------------------------------ */

enum { RAX_NAMES_MAX_NAME = 1 << 20, RAX_NAMES_MAX_BYTES = 1 << 24, RAX_NAMES_MAX_COUNT = 1 << 20 };

struct rax_cut; /* a node boundary on the path to the last name */

struct rax_names {
    const struct size_classes *classes;
    unsigned class_count;

    uint8_t *last; /* the last name */
    size_t last_len, last_capacity;
    struct rax_cut *cut; /* from the root down */
    size_t cut_count, cut_capacity;
    struct rax_sum tree; /* finished nodes of this tree */

    uint8_t *bytes; /* the names in order of arrival, up to RAX_NAMES_MAX_BYTES */
    size_t bytes_len, bytes_capacity;
    struct rax_name {
        uint32_t start, len;
    } * name;
    size_t name_count, name_capacity;
    uint64_t offered;
    bool keys_only; /* names have no values: leaves stay 8 bytes; the caller's to set */
    bool is_unsorted;
    bool is_cut_short; /* a name longer than RAX_NAMES_MAX_NAME, or without its bytes */
};

void rax_names_init(struct rax_names *rax, const struct size_classes *classes, unsigned class_count);
void rax_names_release(struct rax_names *rax);
void rax_names_begin(struct rax_names *rax);
/* `name` may be NULL when its bytes are not known. */
void rax_names_add(struct rax_names *rax, const uint8_t *name, uint64_t len);
void rax_names_end(struct rax_names *rax, struct rax_sum *sum);

#endif
