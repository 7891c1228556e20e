#include "grouping_ids.h"

#include <math.h>
#include <stdlib.h>

enum { BUCKETS = 1 << 4 * GROUPING_BUCKET_DIGITS };

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

/* Joins the buckets from number `first` on that share their first `digits` digits to a hash; returns the next one's
 * first. */
static size_t join(const struct buckets *buckets, size_t first, unsigned digits, struct grouped_hash *joined)
{
    const struct id_bucket *bucket = buckets->bucket;
    unsigned cut = 4 * (GROUPING_BUCKET_DIGITS - digits);
    size_t i = first;
    *joined = (struct grouped_hash){.name_len = bucket[first].name_len + 1 + digits}; /* and the # */
    do {
        joined->entries += bucket[i].entries;
        joined->pairs += bucket[i].pairs;
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
    struct grouped_hash joined;
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
    struct grouped_hash joined;
    for (size_t i = 0, first; (first = i) < buckets->count;) {
        i = join(buckets, i, digits, &joined);
        if (is_whole(buckets, &buckets->bucket[first], digits))
            grouping_add_hash(context->plan, &joined, sums);
    }
}

/* Tables are kept to what their size does not depend on. */
static uint32_t most_fields(const struct grouping *grouping, const struct alternative_row *row)
{
    bool are_tables = row->grouping.expiring != 0 && grouping->max_timed != 0;
    return are_tables && grouping->max_timed < grouping->max_fields ? grouping->max_timed : grouping->max_fields;
}

void grouping_ids_settle(const struct collect_context *context, struct id_bucket *bucket, size_t count,
                         struct grouping_sums *sums, struct grouping_result *result)
{
    const struct grouping *grouping = context->alternatives->grouping;
    qsort(bucket, count, sizeof(*bucket), in_order);
    for (size_t i = 0, end = 0; i < count; i = end) {
        const struct alternative_row *row = &context->alternatives->row[bucket[i].row];
        uint64_t below = row->grouping.sample_below;
        unsigned most_digits = GROUPING_BUCKET_DIGITS;
        for (; end < count && bucket[end].row == bucket[i].row; end++)
            most_digits = bucket[end].is_number ? GROUPING_NUMBER_DIGITS : most_digits;
        const struct buckets buckets = {&bucket[i], end - i, below != 0 ? (uint32_t)(below >> 48) : BUCKETS,
                                        row->grouping.fields};
        uint32_t max_fields = most_fields(grouping, row);
        unsigned digits = 1;
        while (digits <= most_digits && !all_fit(&buckets, digits, max_fields))
            digits++;
        if (digits > most_digits) {
            result[bucket[i].row].is_too_many = true;
            continue;
        }
        result[bucket[i].row].bucket_digits = (uint8_t)digits;
        add_row(context, &buckets, digits, &sums[bucket[i].row]);
    }
}
