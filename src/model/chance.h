/* Expected values of what servers draw by lot, in integer arithmetic: the same input always gives the same bytes.
 * Results are fixed-point numbers with CHANCE_BITS fraction bits. */
#ifndef MODEL_CHANCE_H
#define MODEL_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "size_classes.h"

enum { CHANCE_BITS = 16, CHANCE_SMALL = 1024 };

/* Buckets that hold something when `n` keys are hashed into `slots` buckets: slots * (1 - (1 - 1/slots)^n). */
uint64_t chance_occupied(uint64_t n, uint64_t slots);
/* Keys that find their bucket occupied: n minus the above. */
uint64_t chance_collisions(uint64_t n, uint64_t slots);
/* Child buckets of a Valkey hashtable: a bucket of j entries has none up to 7, then one per 6 more (valkey 8.1
 * src/hashtable.c: 7 entries a bucket, 6 where the seventh place links to a child). */
uint64_t chance_chained(uint64_t n, uint64_t buckets);
/* Bytes held for a skip list node of `base` bytes and 16 per level, the level k having probability 3/4 * (1/4)^(k-1)
 * (t_zset.c zslRandomLevel, every release). */
uint64_t chance_skiplist_node(const struct size_classes *classes, uint64_t base);
/* Likewise, requested. */
uint64_t chance_skiplist_request(uint64_t base);

/* The expectations of tables sized for their n, ready for small n. */
struct chance_tables {
    uint32_t collisions[CHANCE_SMALL + 1]; /* dict: slots = smallest power of two >= max(n, 4) */
    uint32_t chained[CHANCE_SMALL + 1];    /* hashtable presized for n; only made where asked for */
};
void chance_tables_init(struct chance_tables *tables, bool with_chained);

/* A fixed-point number times `bytes`, to the nearest byte. */
static inline uint64_t chance_bytes(uint64_t expected, uint64_t bytes)
{
    return (expected * bytes + (1u << (CHANCE_BITS - 1))) >> CHANCE_BITS;
}

#endif
