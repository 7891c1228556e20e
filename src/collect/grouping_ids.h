/* Of grouping, names that end in an id: 2^16 buckets by the id's CRC-32 are kept of each, and joined to the fewest
 * hashes that stay packed once all keys are known. The whole id is the field, so joining changes no entry. */
#ifndef GROUPING_IDS_H
#define GROUPING_IDS_H

#include "grouping_cells.h"

struct id_bucket {
    uint64_t rest;  /* hash of the name without its id */
    bool is_number; /* has GROUPING_NUMBER_DIGITS digits of the CRC only */
    uint32_t row;
    uint32_t entries, pairs;
    uint16_t fields, timed, bucket;
    uint8_t name_len; /* without the id */
};

/* Numbers as ids have fewer buckets: each such key has a cell more than it needs. */
enum { GROUPING_NUMBER_DIGITS = 3 };

/* Even, so that a hash of a rest that is odd never becomes 0. */
#define GROUPING_IDS_SPREAD    UINT64_C(0x3c6ef372fe94f82a)
#define GROUPING_NUMBERS_APART UINT64_C(0x5be0cd19137e2178)

static inline uint64_t grouping_ids_hash(uint64_t rest, uint16_t bucket, enum cell_kind kind)
{
    return rest ^ bucket * GROUPING_IDS_SPREAD ^ (kind == CELL_NUMBER_AS_ID ? GROUPING_NUMBERS_APART : 0);
}

static inline uint64_t grouping_ids_rest(uint64_t hash, uint16_t bucket, enum cell_kind kind)
{
    return grouping_ids_hash(hash, bucket, kind);
}

/* Adds to each row's sums the hashes that its buckets come to, those that are known as a whole, and says in its result
 * how many digits tell them apart. Sorts `bucket`. A row of which no number of digits keeps the hashes small enough
 * is_too_many. */
void grouping_ids_settle(const struct collect_context *context, struct id_bucket *bucket, size_t count,
                         struct grouping_sums *sums, struct grouping_result *result);

#endif
