/* The n-th smallest of many numbers, without sorting them. */
#ifndef NTH_SMALLEST_H
#define NTH_SMALLEST_H

#include <stddef.h>
#include <stdint.h>

/* `n` is counted from 0 and below `count`. *ties: how many of those equal to it are among the n + 1 smallest. */
uint64_t nth_smallest(const uint64_t *value, size_t count, size_t n, size_t *ties);

#endif
