#include "log_histogram.h"

#include "archive/archive.h"

uint64_t log_histogram_lower_bound(unsigned bucket)
{
    if (bucket < LOG_HISTOGRAM_LINEAR)
        return bucket;
    unsigned shift = (bucket >> LOG_HISTOGRAM_BITS) - 1;
    uint64_t mantissa = bucket - ((uint64_t)shift << LOG_HISTOGRAM_BITS);
    return mantissa << shift;
}

void log_histogram_merge(struct log_histogram *h, const struct log_histogram *other)
{
    for (unsigned i = 0; i < LOG_HISTOGRAM_BUCKETS; i++)
        h->count[i] += other->count[i];
}

void log_histogram_archive(struct log_histogram *h, struct archive *archive)
{
    archive_sparse(archive, h->count, LOG_HISTOGRAM_BUCKETS);
}

uint64_t log_histogram_percentile(const struct log_histogram *h, unsigned permille, uint64_t largest)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < LOG_HISTOGRAM_BUCKETS; i++)
        total += h->count[i];
    uint64_t rank = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
    uint64_t seen = 0;
    for (unsigned i = 0; rank < total && i < LOG_HISTOGRAM_BUCKETS; i++) {
        seen += h->count[i];
        if (seen >= rank && seen > 0)
            return log_histogram_lower_bound(i);
    }
    return largest;
}
