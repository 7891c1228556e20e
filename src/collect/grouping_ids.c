#include "grouping_ids.h"

#include <stdlib.h>

#include "model/packed_hash.h"

/* A hash: neighbouring buckets. */
struct joined {
    uint64_t entries;
    uint32_t fields, timed;
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

/* Joins the first buckets of `bucket` that share their first `digits` digits; returns how many they are. */
static size_t join(const struct id_bucket *bucket, size_t count, unsigned digits, struct joined *joined)
{
    unsigned cut = 4 * (GROUPING_BUCKET_DIGITS - digits);
    size_t i = 0;
    *joined = (struct joined){0, 0, 0};
    do {
        joined->entries += bucket[i].entries;
        joined->fields += bucket[i].fields;
        joined->timed += bucket[i].timed;
        i++;
    } while (i < count && bucket[i].rest == bucket[0].rest && bucket[i].bucket >> cut == bucket[0].bucket >> cut);
    return i;
}

static bool all_fit(const struct id_bucket *bucket, size_t count, unsigned digits, uint32_t max_fields)
{
    struct joined joined;
    for (size_t i = 0; i < count;) {
        i += join(&bucket[i], count - i, digits, &joined);
        if (joined.fields > max_fields || joined.entries > GROUPING_LONGEST_HASH)
            return false;
    }
    return true;
}

static void add_row(const struct collect_context *context, const struct id_bucket *bucket, size_t count,
                    unsigned digits, struct grouping_result *result)
{
    bool packs_expiries = model_packs_expiries(context->plan, 0);
    struct joined joined;
    result->bucket_digits = (uint8_t)digits;
    for (size_t i = 0; i < count;) {
        const struct key_facts key = {.name_len = bucket[i].name_len + digits};
        i += join(&bucket[i], count - i, digits, &joined);
        result->hashes++;
        result->after +=
            model_packed_hash(context->plan, 0, &key, joined.entries, joined.fields, packs_expiries ? joined.timed : 0);
        result->loses_expiry |= joined.timed && !packs_expiries;
    }
}

void grouping_ids_settle(const struct collect_context *context, uint32_t max_fields, struct id_bucket *bucket,
                         size_t count, struct grouping_result *result)
{
    qsort(bucket, count, sizeof(*bucket), in_order);
    for (size_t i = 0, end = 0; i < count; i = end) {
        while (end < count && bucket[end].row == bucket[i].row)
            end++;
        unsigned digits = 1;
        while (digits <= GROUPING_BUCKET_DIGITS && !all_fit(&bucket[i], end - i, digits, max_fields))
            digits++;
        if (digits <= GROUPING_BUCKET_DIGITS)
            add_row(context, &bucket[i], end - i, digits, &result[bucket[i].row]);
        else
            result[bucket[i].row].is_too_many = true;
    }
}
