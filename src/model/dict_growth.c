#include "dict_growth.h"

#include "chance.h"
#include "table_size.h"

enum { HALF = 1 << (CHANCE_BITS - 1) };

void dict_growth_init(struct dict_growth *dict, const struct growth_rule *rule)
{
    *dict = (struct dict_growth){.rule = rule};
}

static uint64_t size_for(const struct dict_growth *dict, uint64_t entries)
{
    return dict->rule->is_hashtable ? hashtable_buckets(entries) : dict_slots(entries);
}

static bool is_full(const struct dict_growth *dict)
{
    if (dict->rule->is_hashtable)
        return dict->used + 1 > HASHTABLE_BUCKET_ENTRIES * dict->size[0];
    return dict->used >= dict->size[0];
}

static void start_move(struct dict_growth *dict, uint64_t new_size)
{
    dict->size[1] = new_size;
    dict->left = dict->rule->is_hashtable ? dict->size[0] << CHANCE_BITS : chance_occupied(dict->used, dict->size[0]);
    dict->left += (uint64_t)dict->rule->extra_step << CHANCE_BITS;
    dict->moving_used = dict->used;
    dict->moving = dict->left;
}

static void end_move(struct dict_growth *dict)
{
    dict->size[0] = dict->size[1];
    dict->size[1] = 0;
    dict->left = 0;
}

void dict_growth_expand(struct dict_growth *dict, uint64_t entries)
{
    const struct growth_rule *rule = dict->rule;
    if (dict->size[1] && rule->finishes_move_first && dict->used <= entries)
        end_move(dict);
    if (dict->size[1] || dict->used > entries)
        return;
    uint64_t size = size_for(dict, entries);
    bool is_same = size == dict->size[0] && !rule->expands_to_same_size;
    if (is_same || (rule->ignores_smaller && dict->size[0] >= entries && dict->size[0]))
        return;
    if (dict->size[0] == 0 || (dict->used == 0 && rule->replaces_empty))
        dict->size[0] = size;
    else
        start_move(dict, size);
}

/* Inserts during a move: each moves a bucket first; the one that moves the last releases the old table. Returns how
 * many of `entries` are left to be inserted into a dict at rest. */
static uint64_t insert_moving(struct dict_growth *dict, uint64_t entries)
{
    uint64_t steps = dict->left <= HALF ? 1 : (dict->left - HALF) / (2 * HALF) + 1;
    if (dict->rule->is_hashtable)
        steps = dict->left >> CHANCE_BITS;
    if (entries < steps) {
        dict->left -= entries << CHANCE_BITS;
        dict->used += entries;
        return 0;
    }
    dict->used += steps - 1;
    end_move(dict);
    return entries - (steps - 1);
}

/* A full dict that is to double twice: the first move is over before the second begins, whatever was drawn, because it
 * takes fewer inserts than the new half has slots. */
static bool will_double_twice(const struct dict_growth *dict, uint64_t entries)
{
    return !dict->rule->is_hashtable && dict->used == dict->size[0] && entries > dict->size[0];
}

void dict_growth_insert(struct dict_growth *dict, uint64_t entries)
{
    if (entries && dict->size[0] == 0)
        dict->size[0] = dict->rule->is_hashtable ? 1 : 4;
    while (entries) {
        if (dict->size[1]) {
            entries = insert_moving(dict, entries);
            continue;
        }
        if (will_double_twice(dict, entries)) {
            entries -= dict->size[0];
            dict->size[0] *= 2;
            dict->used = dict->size[0];
            continue;
        }
        if (is_full(dict)) {
            start_move(dict, size_for(dict, dict->used + 1));
            dict->used++;
            entries--;
            continue;
        }
        uint64_t per_bucket = dict->rule->is_hashtable ? HASHTABLE_BUCKET_ENTRIES : 1;
        uint64_t room = per_bucket * dict->size[0] - dict->used;
        uint64_t taken = entries < room ? entries : room;
        dict->used += taken;
        entries -= taken;
    }
}
