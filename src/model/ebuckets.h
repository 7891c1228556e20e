/* ebuckets: Redis' index of items by expiry time (redis 7.4 .. 8.8 src/ebuckets.c). Kept per hash over its fields, and
 * per database over the hashes by their earliest field. Its size depends on the order in which items came, so it is
 * played through: up to 16 items are a list threaded through the items; then a radix tree of buckets, keyed by time,
 * of segments of 16 items.
 *
 * Memory is bounded: from EBUCKETS_MAX_BUCKETS buckets on, further items only scale what was found until then, and the
 * sum is coarse. */
#ifndef MODEL_EBUCKETS_H
#define MODEL_EBUCKETS_H

#include "rax_size.h"
#include "sorted_map.h"

enum { EBUCKETS_SEGMENT_ITEMS = 16, EBUCKETS_MAX_BUCKETS = 1 << 16 };

/* sizeof FirstSegHdr, sizeof NextSegHdr, and the item counter behind the tree's head. */
enum { EBUCKETS_FIRST_SEGMENT_BYTES = 16, EBUCKETS_NEXT_SEGMENT_BYTES = 24, EBUCKETS_COUNTER_BYTES = 8 };

struct ebucket;

struct ebuckets {
    const struct size_classes *classes;
    unsigned class_count;
    uint64_t items;                        /* added */
    uint64_t played;                       /* of these, played through */
    uint64_t list[EBUCKETS_SEGMENT_ITEMS]; /* the first items, sorted */
    struct ebucket *bucket;
    size_t bucket_count, bucket_capacity;
    struct sorted_map by_key;
    uint64_t next_segments;
};

void ebuckets_init(struct ebuckets *ebuckets, const struct size_classes *classes, unsigned class_count);
void ebuckets_release(struct ebuckets *ebuckets);
void ebuckets_clear(struct ebuckets *ebuckets);
void ebuckets_add(struct ebuckets *ebuckets, int64_t expire_at_ms);

/* What is held beside the items. */
struct ebuckets_sum {
    bool has_tree;
    struct rax_sum tree; /* nodes only */
    uint64_t first_segments, next_segments;
    bool is_coarse;
};
void ebuckets_measure(const struct ebuckets *ebuckets, struct ebuckets_sum *sum);
/* Bytes held under allocator `allocator` (dense index of the plan). `rax_header`: see rax_header_bytes. */
uint64_t ebuckets_held(const struct ebuckets *ebuckets, unsigned allocator, uint64_t rax_header);

#endif
