#include "grouping_ids.h"

#include <math.h>
#include <stdlib.h>

#include "model/packed_hash.h"

enum { BUCKETS = 1 << 4 * GROUPING_BUCKET_DIGITS };

/* A hash: neighbouring buckets. */
struct joined {
    uint64_t entries;
    uint32_t fields, timed;
};

/* The buckets of a row, all or a sample. */
struct buckets {
    const struct id_bucket *bucket;
    size_t count;
    uint32_t end;    /* those below are all there */
    uint64_t fields; /* of all the row's keys */
};

static int in_order(const void *a, const void *b)
{
    const struct id_bucket *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->rest != y->rest)
        return x->rest < y->rest ? -1 : 1;
    return (int)x->bucket - (int)y->bucket;
}

/* Joins the buckets from number `first` on that share their first `digits` digits; returns the next hash's first. */
static size_t join(const struct buckets *buckets, size_t first, unsigned digits, struct joined *joined)
{
    const struct id_bucket *bucket = buckets->bucket;
    unsigned cut = 4 * (GROUPING_BUCKET_DIGITS - digits);
    size_t i = first;
    *joined = (struct joined){0, 0, 0};
    do {
        joined->entries += bucket[i].entries;
        joined->fields += bucket[i].fields;
        joined->timed += bucket[i].timed;
        i++;
    } while (i < buckets->count && bucket[i].rest == bucket[first].rest &&
             bucket[i].bucket >> cut == bucket[first].bucket >> cut);
    return i;
}

/* Whether no bucket of the hash that this one belongs to is left out of the sample. */
static bool is_whole(const struct buckets *buckets, const struct id_bucket *bucket, unsigned digits)
{
    unsigned cut = 4 * (GROUPING_BUCKET_DIGITS - digits);
    return (((uint32_t)bucket->bucket >> cut) + 1) << cut <= buckets->end;
}

/* The most that is to be expected among `all` hashes of which so many are known: by their mean and deviation, as if
 * normally distributed. */
static double expected_most(double sum, double squares, double known, double all)
{
    double mean = sum / known, variance = squares / known - mean * mean;
    return mean + (variance > 0 && all > 1 ? sqrt(2 * log(all) * variance) : 0);
}

static bool all_fit(const struct buckets *buckets, unsigned digits, uint32_t max_fields)
{
    struct joined joined;
    double known = 0, fields = 0, fields_squared = 0, entries = 0, entries_squared = 0;
    for (size_t i = 0, first; (first = i) < buckets->count;) {
        i = join(buckets, i, digits, &joined);
        if (joined.fields > max_fields || joined.entries > GROUPING_LONGEST_HASH)
            return false;
        if (!is_whole(buckets, &buckets->bucket[first], digits))
            continue;
        known++;
        fields += joined.fields;
        fields_squared += (double)joined.fields * joined.fields;
        entries += (double)joined.entries;
        entries_squared += (double)joined.entries * (double)joined.entries;
    }
    if (buckets->end == BUCKETS)
        return true;
    double all = known * (double)buckets->fields / fields;
    return known > 0 && expected_most(fields, fields_squared, known, all) <= max_fields &&
           expected_most(entries, entries_squared, known, all) <= GROUPING_LONGEST_HASH;
}

static void add_row(const struct collect_context *context, const struct buckets *buckets, unsigned digits,
                    struct grouping_sums *sums)
{
    bool packs_expiries = model_packs_expiries(context->plan, 0);
    struct joined joined;
    for (size_t i = 0, first; (first = i) < buckets->count;) {
        const struct key_facts key = {.name_len = buckets->bucket[i].name_len + digits};
        i = join(buckets, i, digits, &joined);
        if (is_whole(buckets, &buckets->bucket[first], digits))
            grouping_sums_add(sums, joined.fields,
                              model_packed_hash(context->plan, 0, &key, joined.entries, joined.fields,
                                                packs_expiries ? joined.timed : 0));
    }
}

void grouping_ids_settle(const struct collect_context *context, uint32_t max_fields, struct id_bucket *bucket,
                         size_t count, struct grouping_sums *sums, struct grouping_result *result)
{
    qsort(bucket, count, sizeof(*bucket), in_order);
    for (size_t i = 0, end = 0; i < count; i = end) {
        const struct alternative_row *row = &context->alternatives->row[bucket[i].row];
        uint64_t below = row->grouping.sample_below;
        while (end < count && bucket[end].row == bucket[i].row)
            end++;
        const struct buckets buckets = {&bucket[i], end - i, below != 0 ? (uint32_t)(below >> 48) : BUCKETS,
                                        row->grouping.fields};
        unsigned digits = 1;
        while (digits <= GROUPING_BUCKET_DIGITS && !all_fit(&buckets, digits, max_fields))
            digits++;
        if (digits > GROUPING_BUCKET_DIGITS) {
            result[bucket[i].row].is_too_many = true;
            continue;
        }
        result[bucket[i].row].bucket_digits = (uint8_t)digits;
        add_row(context, &buckets, digits, &sums[bucket[i].row]);
    }
}
