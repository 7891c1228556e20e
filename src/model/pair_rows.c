#include "pair_rows.h"

#include "grow.h"

static void fill_lane(struct pair_rows *rows, const struct hash_lane *lane, unsigned i)
{
    if (lane->pair) {
        rows->pair[rows->pair_count++] = (uint8_t)i;
        return;
    }
    if (text_is_object(lane->field->layout) || text_is_object(lane->value->layout))
        rows->object[rows->object_count++] = (uint8_t)i;
    for (unsigned len = 0; len <= TEXT_LANE_SMALL; len++) {
        rows->field[len * rows->stride + i] = lane->field->small[len];
        rows->value[len * rows->stride + i] = lane->value->small[len];
    }
}

struct pair_rows *pair_rows_new(const struct lane_table *lanes)
{
    _Static_assert(HASH_LANES_MAX % PAIR_ROWS_STEP == 0, "sums of all lanes are room for a row");
    struct pair_rows *rows = allocate(1, sizeof *rows);
    rows->stride = (lanes->hash_count + PAIR_ROWS_STEP - 1) / PAIR_ROWS_STEP * PAIR_ROWS_STEP;
    rows->field = allocate((size_t)(TEXT_LANE_SMALL + 1) * rows->stride, sizeof *rows->field);
    rows->value = allocate((size_t)(TEXT_LANE_SMALL + 1) * rows->stride, sizeof *rows->value);
    for (unsigned i = 0; i < lanes->hash_count; i++)
        fill_lane(rows, &lanes->hash[i], i);
    return rows;
}

void pair_rows_free(struct pair_rows *rows)
{
    if (!rows)
        return;
    free(rows->field);
    free(rows->value);
    free(rows);
}
