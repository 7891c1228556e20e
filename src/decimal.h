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

/* "000" to "999", the first character lowest; in the highest byte 8 for each leading zero. 1000 entries. */
extern const uint32_t decimal_threes[];

static inline char *decimal_put_first(char *out, unsigned number)
{
    uint32_t three = decimal_threes[number];
    word_store_half(out, three >> (three >> 24));
    return out + 3 - (three >> 27);
}

/* decimal_print, sooner, but that it writes on up to DECIMAL_MAX characters however short the number is. */
static inline char *decimal_put(char *out, uint64_t number)
{
    if (number < 1000)
        return decimal_put_first(out, (unsigned)number);
    if (number >= 1000000)
        return decimal_print(out, number);
    unsigned thousands = (unsigned)number / 1000;
    out = decimal_put_first(out, thousands);
    word_store_half(out, decimal_threes[number - thousands * 1000]);
    return out + 3;
}

#endif
