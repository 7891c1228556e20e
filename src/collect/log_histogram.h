/* A histogram of bounded size over all 64-bit values: exact below 128, then 64 buckets a power of two. A percentile
 * read from it is never above the true one and less than 1/64 (1.6 %) below it; exact where values are multiples of 8
 * and below 1,024, as most keys' sizes are. */
#ifndef LOG_HISTOGRAM_H
#define LOG_HISTOGRAM_H

#include <stdint.h>

enum {
    LOG_HISTOGRAM_BITS = 6, /* 2^6 buckets a power of two */
    LOG_HISTOGRAM_LINEAR = 2 << LOG_HISTOGRAM_BITS,
    LOG_HISTOGRAM_BUCKETS = LOG_HISTOGRAM_LINEAR + ((63 - LOG_HISTOGRAM_BITS) << LOG_HISTOGRAM_BITS)
};

struct log_histogram {
    uint64_t count[LOG_HISTOGRAM_BUCKETS];
};

/* Index of the highest one bit; `value` is not 0. */
static inline unsigned highest_bit(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

static inline unsigned log_histogram_bucket(uint64_t value)
{
    if (value < LOG_HISTOGRAM_LINEAR)
        return (unsigned)value;
    unsigned shift = highest_bit(value) - LOG_HISTOGRAM_BITS;
    return (shift << LOG_HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

static inline void log_histogram_add(struct log_histogram *h, uint64_t value, uint64_t times)
{
    h->count[log_histogram_bucket(value)] += times;
}

/* Smallest value that falls into a bucket. */
uint64_t log_histogram_lower_bound(unsigned bucket);
void log_histogram_merge(struct log_histogram *h, const struct log_histogram *other);
struct archive;
void log_histogram_archive(struct log_histogram *h, struct archive *archive);
/* The value that `permille` thousandths of all values do not exceed (nearest rank), as far as the buckets tell.
 * `largest` is the largest value that was added: the answer where the rank is the last one, and for an empty histogram.
 */
uint64_t log_histogram_percentile(const struct log_histogram *h, unsigned permille, uint64_t largest);

#endif
