/* Which tables a dict or hashtable holds after a load: a table that grows while it is filled keeps its old half until
 * every bucket has been moved, and later inserts are all that move buckets; a value that is only loaded keeps both. */
#ifndef MODEL_DICT_GROWTH_H
#define MODEL_DICT_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

/* How a release's tables answer an explicit expand (dict.c dictExpand, hashtable.c hashtableExpand). */
struct growth_rule {
    bool is_hashtable;         /* Valkey 8.1+: sizes are buckets of 7; every insert moves one bucket, empty or not */
    bool expands_to_same_size; /* 2.8: a second table of the size that it has */
    bool ignores_smaller;      /* redis 7.4+, valkey 8.0: a request that the present size meets */
    bool replaces_empty;       /* 7.4+: an empty table is replaced, not moved */
    bool finishes_move_first;  /* valkey 8.1: an expand ends a running move; else it is ignored during one */
    bool extra_step;           /* 2.8: releasing the old table costs one more insert */
};

struct dict_growth {
    const struct growth_rule *rule;
    uint64_t size[2]; /* slots or buckets; size[1] is the new table while buckets move, else 0 */
    uint64_t used;
    uint64_t left;        /* old buckets still to be moved, fixed point (CHANCE_BITS) */
    uint64_t moving;      /* likewise, when the move began */
    uint64_t moving_used; /* entries then */
};

void dict_growth_init(struct dict_growth *dict, const struct growth_rule *rule);
void dict_growth_expand(struct dict_growth *dict, uint64_t entries);
void dict_growth_insert(struct dict_growth *dict, uint64_t entries);

#endif
