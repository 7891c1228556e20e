#include "shape_internal.h"

static inline void sum_block(uint64_t sum[3], const struct hash_lane *lane, uint64_t field_len, uint64_t value_len,
                             bool has_expiry)
{
    struct pair_bytes bytes;
    pair_layout_bytes(lane->pair, lane->classes, field_len, value_len, has_expiry, &bytes);
    sum[0] += bytes.held;
    sum[1] += bytes.counted;
    sum[2] += bytes.asked;
}

static void sum_pair(struct shape *shape, const struct shape_text *field, const struct shape_text *value,
                     bool has_expiry)
{
    const struct lane_table *lanes = &shape->plan->lanes;
    uint64_t *sum = shape->sum;
    for (unsigned i = 0; i < lanes->hash_count; i++, sum += 3) {
        const struct hash_lane *lane = &lanes->hash[i];
        if (lane->pair)
            sum_block(sum, lane, field->len, value->len, has_expiry);
        else
            sum[0] += object_lane_bytes(has_expiry ? lane->timed_field : lane->field, field) +
                      object_lane_bytes(lane->value, value);
    }
}

/* Of short texts, without an expiry. */
static void sum_short_pair(struct shape *shape, const struct pair_rows *rows, const struct shape_text *field,
                           const struct shape_text *value)
{
    const struct hash_lane *lanes = shape->plan->lanes.hash;
    pair_rows_add(rows, shape->hash.by_pair_rows, field->len, value->len);
    for (unsigned i = 0; i < rows->pair_count; i++)
        sum_block(&shape->sum[3 * rows->pair[i]], &lanes[rows->pair[i]], field->len, value->len, false);
    if (!(field->is_integer | value->is_integer))
        return;
    for (unsigned i = 0; i < rows->object_count; i++) {
        const struct hash_lane *lane = &lanes[rows->object[i]];
        shape->sum[3 * rows->object[i]] += object_lane_bytes(lane->field, field) - lane->field->small[field->len] +
                                           object_lane_bytes(lane->value, value) - lane->value->small[value->len];
    }
}

/* Numbers are rare among fields: what they need is apart from what every field passes. */
static void count_integers(struct shape *shape, const struct shape_text *field, const struct shape_text *value)
{
    struct hash_shape *hash = &shape->hash;
    shape_count_integer(shape, field);
    shape_count_integer(shape, value);
    if (!field->is_integer)
        return;
    hash->integer_fields++;
    hash->integer_field_text += field->len;
    hash->integer_field_listpack += listpack_entry(field);
    hash->integer_field_ziplist += ziplist_body(field) + 1;
}

static uint8_t kept_len(uint64_t len)
{
    return (uint8_t)(len < UINT8_MAX ? len : UINT8_MAX);
}

/* What few plans need to know of a pair. */
static void watch_pair(struct shape *shape, const struct shape_text *field, const struct shape_text *value)
{
    const struct plan *plan = shape->plan;
    if (plan->counts_numbers && shape->longest <= plan->hash_packed_until) {
        number_texts_add(&shape->numbers, field);
        number_texts_add(&shape->numbers, value);
    }
    if (plan->keeps_pairs && shape->elements < SHAPE_KEPT_PAIRS) {
        shape->hash.kept.field[shape->elements] = kept_len(field->len);
        shape->hash.kept.value[shape->elements] = kept_len(value->len);
    }
}

static __attribute__((noinline)) void add_integers(struct shape *shape, const struct shape_text *field,
                                                   const struct shape_text *value)
{
    count_integers(shape, field, value);
    if (field->is_integer)
        shape_correct_integer(&shape->hash.packed, field);
    if (value->is_integer)
        shape_correct_integer(&shape->hash.packed, value);
}

/* Apart, so that what nearly all pairs take is not slowed by it. */
static __attribute__((noinline)) void add_by_lanes(struct shape *shape, const struct shape_text *field,
                                                   const struct shape_text *value, bool has_expiry)
{
    struct hash_shape *hash = &shape->hash;
    if (field->is_integer | value->is_integer)
        count_integers(shape, field, value);
    text_sums_add(&hash->fields, field->len);
    text_sums_add(&hash->values, value->len);
    shape_pack_text(shape, &hash->packed, field);
    shape_pack_text(shape, &hash->packed, value);
    const struct pair_rows *rows = shape->plan->pair_rows;
    if (rows && (field->len | value->len) <= TEXT_LANE_SMALL && !has_expiry)
        sum_short_pair(shape, rows, field, value);
    else
        sum_pair(shape, field, value, has_expiry);
}

void shape_hash_field(struct shape *shape, const struct shape_text *field, const struct shape_text *value,
                      int64_t expire_at_ms)
{
    struct hash_shape *hash = &shape->hash;
    uint64_t longer = field->len > value->len ? field->len : value->len;
    if (shape->plan->watches_pairs)
        watch_pair(shape, field, value);
    if (longer > shape->longest || shape->elements == 0) {
        shape->longest = longer;
        steps_add(&hash->steps, shape->elements, longer);
    }
    if (shape->plan->value_rows && (field->len | value->len) <= TEXT_LANE_SMALL && expire_at_ms == 0) {
        text_rows_add(&shape->row, shape->plan->field_rows, field->len);
        text_rows_add(&shape->value_row, shape->plan->value_rows, value->len);
        if (field->is_integer | value->is_integer)
            add_integers(shape, field, value);
    } else {
        add_by_lanes(shape, field, value, expire_at_ms != 0);
    }
    hash->expiry_entries += listpack_integer_entry(expire_at_ms);
    if (expire_at_ms != 0) {
        hash->timed++;
        field_expiry_add(&shape->field_expiry, shape->elements, expire_at_ms);
    }
    shape->elements++;
}
