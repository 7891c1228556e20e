#include "shape_internal.h"

static uint64_t pair_lane(const struct text_lane *lane, const struct shape_text *text)
{
    if (text->is_integer && text_is_object(lane->layout))
        return text_layout_object_bytes(lane->layout, lane->classes, text);
    return text_lane_bytes(lane, text->len);
}

static void sum_pair(struct shape *shape, const struct shape_text *field, const struct shape_text *value,
                     bool has_expiry)
{
    const struct lane_table *lanes = &shape->plan->lanes;
    uint64_t *sum = shape->sum;
    for (unsigned i = 0; i < lanes->hash_count; i++, sum += 3) {
        const struct hash_lane *lane = &lanes->hash[i];
        if (lane->pair) {
            struct pair_bytes bytes;
            pair_layout_bytes(lane->pair, lane->classes, field->len, value->len, has_expiry, &bytes);
            sum[0] += bytes.held;
            sum[1] += bytes.counted;
            sum[2] += bytes.asked;
        } else {
            sum[0] += pair_lane(has_expiry ? lane->timed_field : lane->field, field) + pair_lane(lane->value, value);
        }
    }
}

static void count_integer_field(struct hash_shape *hash, const struct shape_text *field)
{
    hash->integer_fields++;
    hash->integer_field_text += field->len;
    hash->integer_field_listpack += listpack_entry(field);
    hash->integer_field_ziplist += ziplist_body(field) + 1;
}

void shape_hash_field(struct shape *shape, const struct shape_text *field, const struct shape_text *value,
                      int64_t expire_at_ms)
{
    struct hash_shape *hash = &shape->hash;
    bool has_expiry = expire_at_ms != 0;
    shape_count_text(shape, field);
    shape_count_text(shape, value);
    text_sums_add(&hash->fields, field->len);
    text_sums_add(&hash->values, value->len);
    steps_add(&hash->steps, shape->elements, field->len > value->len ? field->len : value->len);
    if (field->is_integer)
        count_integer_field(hash, field);
    shape_pack_text(shape, &hash->packed, field);
    shape_pack_text(shape, &hash->packed, value);
    sum_pair(shape, field, value, has_expiry);
    hash->expiry_entries += listpack_integer_entry(expire_at_ms);
    if (has_expiry) {
        hash->timed++;
        field_expiry_add(&shape->field_expiry, shape->elements, expire_at_ms);
    }
    shape->elements++;
}
