/* What a hash table inside a value costs: structure, bucket arrays, entries. */
#ifndef MODEL_TABLE_COST_H
#define MODEL_TABLE_COST_H

#include "dict_growth.h"
#include "plan_internal.h"
#include "tally.h"

enum entries_kind {
    ENTRIES_ALL,       /* one an element */
    ENTRIES_COLLIDING, /* only where the bucket is taken: the element itself lies in the bucket */
    ENTRIES_CHAINED    /* none; buckets that overflow have child buckets */
};

struct table_layout {
    uint16_t struct_bytes;
    uint16_t struct_counted; /* by MEMORY USAGE */
    enum entries_kind entries;
    uint8_t entry_bytes;   /* of an entry; CHAINED: of a child bucket */
    uint8_t entry_counted; /* by MEMORY USAGE, per element; CHAINED: of a child bucket */
    bool counts_colliding; /* MEMORY USAGE counts entry_counted for colliding elements only */
    uint8_t bucket_bytes;
};

extern const struct growth_rule growth_redis_2_8;
extern const struct growth_rule growth_redis_3_0; /* 3.0 .. 7.2, valkey 7.2 */
extern const struct growth_rule growth_redis_7_4;
extern const struct growth_rule growth_valkey_8_0;
extern const struct growth_rule growth_valkey_8_1;
extern const struct growth_rule growth_valkey_9_0;

/* A table that was created with its final size for `entries` elements. */
void table_presized(struct dict_growth *table, const struct growth_rule *rule, uint64_t entries);

/* How many elements of a dict are expected to find their bucket taken; fixed point (CHANCE_BITS). */
uint64_t table_collisions(const struct dict_growth *table);

/* Tallies structure, buckets and entries as held. memory_usage: adds what precedes the average over the elements;
 * returns what the elements' entries add to that average. `struct_more`: bytes by which this table's structure is
 * larger than the layout's. */
uint64_t table_cost(const struct cost_context *c, struct tally *t, const struct table_layout *layout,
                    const struct dict_growth *table, uint64_t struct_more);

#endif
