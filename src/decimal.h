/* Numbers and times as text, without printf, for rows by the million. Each writes at `out` and returns the end. */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdint.h>

#include "byte_words.h"

enum { DECIMAL_MAX = 20, DECIMAL_TIME_MAX = 24 };

/* At most DECIMAL_MAX characters. */
char *decimal_print(char *out, uint64_t number);
/* "2026-11-20T07:36:00.123Z" of milliseconds since 1970; outside the years 1 to 9999 the plain number of milliseconds.
 * At most DECIMAL_TIME_MAX characters. */
char *decimal_print_time(char *out, int64_t ms);

/* decimal_print, sooner, but that it writes on up to DECIMAL_MAX characters however short the number is.
 * Eight digits side by side in a word: halves of four, then pairs, then digits, each divided by a multiplication with
 * the reciprocal that is exact for so few digits. Leading zeros, in the lowest bytes, are shifted out. */
static inline char *decimal_put(char *out, uint64_t number)
{
    if (number >= 100000000)
        return decimal_print(out, number);
    uint64_t fours = number / 10000 | number % 10000 << 32;
    uint64_t hundreds = fours * 10486 >> 20 & UINT64_C(0x0000007f0000007f);
    uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = pairs * 103 >> 10 & UINT64_C(0x000f000f000f000f);
    uint64_t digits = tens | (pairs - tens * 10) << 8;
    unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
    word_store(out, (digits | UINT64_C(0x3030303030303030)) >> 8 * zeros);
    return out + (8 - zeros);
}

#endif
