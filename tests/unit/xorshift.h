/* Reproducible random numbers for the model's tests. */
#ifndef XORSHIFT_H
#define XORSHIFT_H

#include <stdint.h>

/* Marsaglia's xorshift64. `seed` is not 0. */
static inline uint64_t random_below(uint64_t *seed, uint64_t bound)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (*seed >> 11) % bound;
}

#endif
