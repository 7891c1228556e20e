#include "table_cost.h"

#include "table_size.h"

const struct growth_rule growth_redis_2_8 = {.expands_to_same_size = true, .extra_step = true};
const struct growth_rule growth_redis_3_0 = {0};
const struct growth_rule growth_redis_7_4 = {.ignores_smaller = true, .replaces_empty = true};
const struct growth_rule growth_valkey_8_0 = {.ignores_smaller = true};
const struct growth_rule growth_valkey_8_1 = {.is_hashtable = true, .finishes_move_first = true};
const struct growth_rule growth_valkey_9_0 = {.is_hashtable = true};

void table_presized(struct dict_growth *table, const struct growth_rule *rule, uint64_t entries)
{
    dict_growth_init(table, rule);
    table->size[0] = rule->is_hashtable ? hashtable_buckets(entries) : dict_slots(entries);
    table->used = entries;
}

/* What of something spread over the old one of two tables has not been moved yet. */
static uint64_t not_moved(const struct dict_growth *table, uint64_t all)
{
    return (uint64_t)((unsigned __int128)all * table->left / table->moving);
}

/* Elements without a bucket of their own while buckets move. A new element goes into the new table, and its own old
 * bucket is moved first (dict.c _dictRehashStepIfNeeded, 7.4+), so new elements meet just those that have been moved:
 * in the new table a slot is taken by new elements, by moved ones, or by both. */
static uint64_t moving_collisions(const struct dict_growth *table)
{
    uint64_t spread = chance_occupied(table->moving_used, table->size[1]);
    uint64_t fresh = chance_occupied(table->used - table->moving_used, table->size[1]);
    uint64_t moved = (uint64_t)((unsigned __int128)(table->moving - table->left) * spread / table->moving);
    uint64_t both = (uint64_t)((unsigned __int128)fresh * spread / table->size[1] >> CHANCE_BITS);
    uint64_t taken = table->left + fresh + moved - both, all = table->used << CHANCE_BITS;
    return taken < all ? all - taken : 0;
}

uint64_t table_collisions(const struct dict_growth *table)
{
    return table->size[1] ? moving_collisions(table) : chance_collisions(table->used, table->size[0]);
}

static uint64_t expected_collisions(const struct cost_context *c, const struct dict_growth *table)
{
    uint64_t n = table->used;
    if (!table->size[1] && n <= CHANCE_SMALL && table->size[0] == dict_slots(n))
        return c->plan->chance.collisions[n];
    return table_collisions(table);
}

static uint64_t expected_chained(const struct cost_context *c, const struct dict_growth *table)
{
    uint64_t n = table->used;
    if (table->size[1]) {
        uint64_t old = not_moved(table, table->moving_used);
        return not_moved(table, chance_chained(table->moving_used, table->size[0])) +
               chance_chained(n - old, table->size[1]);
    }
    if (n <= CHANCE_SMALL && table->size[0] == hashtable_buckets(n))
        return c->plan->chance.chained[n];
    return chance_chained(n, table->size[0]);
}

static uint64_t entries_cost(const struct cost_context *c, struct tally *t, const struct table_layout *layout,
                             const struct dict_growth *table)
{
    uint64_t n = table->used, asked = n * layout->entry_bytes;
    if (layout->entries == ENTRIES_ALL) {
        tally_add(t, COST_ELEMENT, "table entries", 0, n, asked, n * held(c, layout->entry_bytes));
        return n * layout->entry_counted;
    }
    bool chained = layout->entries == ENTRIES_CHAINED;
    uint64_t expected = chained ? expected_chained(c, table) : expected_collisions(c, table);
    tally_add(t, COST_TABLE, chained ? "chained buckets (expected)" : "entries of colliding elements (expected)", 0,
              expected >> CHANCE_BITS ? expected >> CHANCE_BITS : expected != 0,
              chance_bytes(expected, layout->entry_bytes), chance_bytes(expected, held(c, layout->entry_bytes)));
    if (chained) {
        tally_usage(t, chance_bytes(expected, layout->entry_counted));
        return 0;
    }
    return layout->counts_colliding ? chance_bytes(expected, layout->entry_counted) : n * layout->entry_counted;
}

uint64_t table_cost(const struct cost_context *c, struct tally *t, const struct table_layout *layout,
                    const struct dict_growth *table, uint64_t struct_more)
{
    uint64_t bytes = layout->struct_bytes + struct_more;
    tally_add(t, COST_TABLE, "table structure", 0, 1, bytes, held(c, bytes));
    tally_usage(t, layout->struct_counted);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t array = table->size[i] * layout->bucket_bytes;
        if (!array)
            continue;
        tally_add(t, COST_TABLE, i ? "second bucket array" : "bucket array", table->size[i], 1, array, held(c, array));
        tally_usage(t, array);
    }
    return entries_cost(c, t, layout, table);
}
