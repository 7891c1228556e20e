/* What is estimated from a file's claims may be any number, or none: the nearest integer of the type that there is,
 * towards zero. Not a number is 0. */
#ifndef SATURATED_H
#define SATURATED_H

#include <stdint.h>

static inline uint64_t saturated_u64(double number)
{
    return number >= 0x1p64 ? UINT64_MAX : number > 0 ? (uint64_t)number : 0;
}

static inline int64_t saturated_i64(double number)
{
    return number >= 0x1p63 ? INT64_MAX : number > -0x1p63 ? (int64_t)number : number < 0 ? INT64_MIN : 0;
}

#endif
