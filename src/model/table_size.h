/* How many buckets a hash table has for its entries. */
#ifndef MODEL_TABLE_SIZE_H
#define MODEL_TABLE_SIZE_H

#include <stdint.h>

static inline uint64_t power_of_two_for(uint64_t n)
{
    if (n <= 1)
        return 1;
    if (n > (uint64_t)1 << 48)
        n = (uint64_t)1 << 48; /* a hostile count: no table is that large */
    return (uint64_t)1 << (64 - __builtin_clzll(n - 1));
}

/* dict.c (Redis; Valkey 7.2, 8.0): a power of two, at least 4. */
static inline uint64_t dict_slots(uint64_t n)
{
    return n <= 4 ? 4 : power_of_two_for(n);
}

/* hashtable.c (Valkey 8.1+): 64-byte buckets of 7 entries, presized so that 32/5 entries a bucket are not exceeded. */
enum { HASHTABLE_BUCKET_BYTES = 64, HASHTABLE_BUCKET_ENTRIES = 7 };

static inline uint64_t hashtable_buckets(uint64_t n)
{
    uint64_t bounded = n < (uint64_t)1 << 48 ? n : (uint64_t)1 << 48;
    return power_of_two_for((5 * bounded + 31) / 32);
}

#endif
