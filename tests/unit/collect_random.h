/* Reproducible random numbers and records for the collectors' tests. */
#ifndef COLLECT_RANDOM_H
#define COLLECT_RANDOM_H

#include <stdint.h>
#include <stdio.h>

#include "record.h"

/* splitmix64 */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Uniform in the exponent, so that every power of two is as likely. */
static inline uint64_t next_size(uint64_t *state, unsigned bits)
{
    uint64_t value = next_random(state);
    return value >> (64 - 1 - value % bits);
}

static inline struct record record_named(const char *name, size_t len, uint64_t bytes)
{
    return (struct record){.key = (const uint8_t *)name,
                           .key_len = len,
                           .key_bytes = (uint32_t)len,
                           .type = OBJECT_STRING,
                           .cost = {.size_in_bytes = bytes, .encoding = ENCODING_RAW}};
}

#endif
