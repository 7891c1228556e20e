#include "nth_smallest.h"

/* Digit by digit from the highest that any of them has. */
uint64_t nth_smallest(const uint64_t *value, size_t count, size_t n, size_t *ties)
{
    enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };
    uint64_t bits = 1, found = 0;
    unsigned shift = 0;
    for (size_t i = 0; i < count; i++)
        bits |= value[i];
    while (bits >> shift >= DIGITS)
        shift += DIGIT_BITS;
    for (;; shift -= DIGIT_BITS) {
        size_t with[DIGITS] = {0};
        for (size_t i = 0; i < count; i++) {
            uint64_t digit = (value[i] ^ found) >> shift; /* larger where a higher digit is another one */
            if (digit < DIGITS)
                with[digit]++;
        }
        unsigned digit = 0;
        for (; n >= with[digit]; digit++)
            n -= with[digit];
        found |= (uint64_t)digit << shift;
        if (shift == 0)
            break;
    }
    *ties = n + 1;
    return found;
}
