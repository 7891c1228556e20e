/* vset: Valkey's index of a hash's fields by expiry time (valkey 9.0 src/vset.c). Its size depends on the order in
 * which fields came, so it is played through: nothing for one field; up to 127 a sorted vector of pointers; then a
 * radix tree of buckets, keyed by the end of a time window, each a single pointer, a vector, or a hash table.
 *
 * Memory is bounded: from VSET_MAX_ITEMS fields in vectors on, further fields only scale what was found until then, and
 * the sum is coarse. */
#ifndef MODEL_VSET_H
#define MODEL_VSET_H

#include "rax_size.h"
#include "sorted_map.h"

enum {
    VSET_VECTOR_MAX = 127,        /* VOLATILESET_VECTOR_BUCKET_MAX_SIZE */
    VSET_VECTOR_HEADER_BYTES = 8, /* sizeof pVector; 8 more per field */
    VSET_MAX_ITEMS = 1 << 18
};

/* Asked for a vector. Up to VSET_VECTOR_MAX fields one is all there is of the index, whenever they expire. */
static inline uint64_t vset_vector_bytes(uint64_t fields)
{
    return VSET_VECTOR_HEADER_BYTES + 8 * fields;
}

struct vset_bucket;
struct vset_item;

struct vset {
    uint64_t items, played;          /* fields added; of these, played through */
    uint64_t first[VSET_VECTOR_MAX]; /* the vector before there is a tree, sorted */
    struct vset_bucket *bucket;
    size_t bucket_count, bucket_capacity;
    struct vset_item *item; /* times of the fields in vectors, one chain a bucket */
    size_t item_count, item_capacity;
    uint32_t free_item;
    struct sorted_map by_key;
};

void vset_init(struct vset *vset);
void vset_release(struct vset *vset);
void vset_clear(struct vset *vset);
void vset_add(struct vset *vset, int64_t expire_at_ms);

struct vset_sum {
    bool has_tree;
    struct rax_sum tree;                   /* nodes only */
    uint64_t vectors[VSET_VECTOR_MAX + 1]; /* by length */
    uint64_t fresh_pairs; /* of the vectors of two: still as asked for, never resized (their size is counted as such) */
    uint64_t tables;
    bool is_coarse;
};
void vset_measure(const struct vset *vset, const struct size_classes *classes, unsigned class_count,
                  struct vset_sum *sum);
/* Fields in the hash table bucket after bucket *at (0 to begin with); 0: no more. */
uint64_t vset_next_table(const struct vset *vset, size_t *at);

#endif
