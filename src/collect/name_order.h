/* Comparing names of keys where most comparisons end at their first bytes. */
#ifndef NAME_ORDER_H
#define NAME_ORDER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "byte_words.h"

/* Eight bytes as a number that is in their order. */
static inline uint64_t name_eight(const uint8_t *bytes)
{
    return __builtin_bswap64(word_load(bytes));
}

/* Those of a name from `from` on, as if zero bytes followed it. */
static inline uint64_t name_word(const uint8_t *name, size_t len, size_t from)
{
    if (from + 8 <= len)
        return name_eight(name + from);
    if (from >= len)
        return 0;
    if (len >= 8)
        return name_eight(name + len - 8) << 8 * (from + 8 - len);
    uint64_t word = 0;
    for (size_t i = from; i < len; i++)
        word |= (uint64_t)name[i] << 8 * (from + 7 - i);
    return word;
}

/* As memcmp, without the call where the names are those of keys. */
static inline int name_order(const uint8_t *a, const uint8_t *b, size_t len)
{
    if (len < 8)
        return len ? memcmp(a, b, len) : 0;
    uint64_t x = name_eight(a), y = name_eight(b);
    for (size_t at = 8; x == y; at += 8) {
        if (at >= len)
            return 0;
        if (at > len - 8)
            at = len - 8;
        x = name_eight(a + at);
        y = name_eight(b + at);
    }
    return x < y ? -1 : 1;
}

#endif
