/* Comparing names of keys where most comparisons end at their first bytes. */
#ifndef NAME_ORDER_H
#define NAME_ORDER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* As memcmp, without the call where the first eight bytes differ. */
static inline int name_order(const uint8_t *a, const uint8_t *b, size_t len)
{
    uint64_t x, y;
    if (len >= sizeof(x)) {
        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        if (x != y) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            x = __builtin_bswap64(x);
            y = __builtin_bswap64(y);
#endif
            return x < y ? -1 : 1;
        }
    }
    return memcmp(a, b, len);
}

#endif
