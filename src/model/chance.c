#include "chance.h"

#include "table_size.h"

/* Probabilities have 63 fraction bits. */
typedef unsigned __int128 wide;
enum { PROBABILITY_BITS = 63 };
static const uint64_t certain = (uint64_t)1 << PROBABILITY_BITS;

/* (1 - 1/slots)^n by repeated squaring. */
static uint64_t all_miss(uint64_t n, uint64_t slots)
{
    uint64_t base = certain - certain / slots, power = certain;
    for (; n; n >>= 1) {
        if (n & 1)
            power = (uint64_t)((wide)power * base >> PROBABILITY_BITS);
        base = (uint64_t)((wide)base * base >> PROBABILITY_BITS);
    }
    return power;
}

uint64_t chance_occupied(uint64_t n, uint64_t slots)
{
    if (slots == 0)
        return 0;
    return (uint64_t)((wide)slots * (certain - all_miss(n, slots)) >> (PROBABILITY_BITS - CHANCE_BITS));
}

uint64_t chance_collisions(uint64_t n, uint64_t slots)
{
    uint64_t occupied = chance_occupied(n, slots), all = n << CHANCE_BITS;
    return occupied < all ? all - occupied : 0;
}

static uint64_t children(uint64_t entries)
{
    return entries <= HASHTABLE_BUCKET_ENTRIES ? 0 : (entries - HASHTABLE_BUCKET_ENTRIES + 5) / 6;
}

uint64_t chance_chained(uint64_t n, uint64_t buckets)
{
    if (buckets <= 1)
        return buckets ? children(n) << CHANCE_BITS : 0;
    /* Binomial terms by recurrence; a bucket holds at most 7 on average, so 128 terms leave nothing behind. */
    uint64_t term = all_miss(n, buckets);
    wide sum = 0;
    for (uint64_t j = 0; j < n && j < 128 && term; j++) {
        term = (uint64_t)((wide)term * (n - j) / ((wide)(j + 1) * (buckets - 1)));
        sum += (wide)term * children(j + 1);
    }
    return (uint64_t)((sum >> (PROBABILITY_BITS - CHANCE_BITS - 20)) * buckets >> 20);
}

enum { SKIPLIST_TERMS = 16 };

/* P(level) in 32 fraction bits. */
static uint64_t level_probability(unsigned level)
{
    return (uint64_t)3 << (32 - 2 * level);
}

uint64_t chance_skiplist_node(const struct size_classes *classes, uint64_t base)
{
    uint64_t sum = 0;
    for (unsigned level = 1; level < SKIPLIST_TERMS; level++)
        sum += level_probability(level) * size_classes_held(classes, base + 16 * level);
    return sum >> (32 - CHANCE_BITS);
}

uint64_t chance_skiplist_request(uint64_t base)
{
    uint64_t sum = 0;
    for (unsigned level = 1; level < SKIPLIST_TERMS; level++)
        sum += level_probability(level) * (base + 16 * level);
    return sum >> (32 - CHANCE_BITS);
}

void chance_tables_init(struct chance_tables *tables, bool with_chained)
{
    for (uint64_t n = 0; n <= CHANCE_SMALL; n++) {
        tables->collisions[n] = (uint32_t)chance_collisions(n, dict_slots(n));
        if (with_chained)
            tables->chained[n] = (uint32_t)chance_chained(n, hashtable_buckets(n));
    }
}
