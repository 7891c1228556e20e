/* What a hash's pair of two short texts adds to the sums of many lanes: rows of numbers by length as in text_rows.h,
 * for plans that those do not do for. Lanes with field and value in one block, and numbers in objects, are summed
 * apart.
 */
#ifndef MODEL_PAIR_ROWS_H
#define MODEL_PAIR_ROWS_H

#include "lanes.h"

enum { PAIR_ROWS_STEP = 4 }; /* numbers that are added at once */

struct pair_rows {
    unsigned stride; /* numbers of a row, one a hash lane: at least as many as there are */
    unsigned pair_count, object_count;
    uint8_t pair[HASH_LANES_MAX], object[HASH_LANES_MAX]; /* the lanes that are summed apart: by their index */
    uint32_t *field, *value;                              /* by length, up to TEXT_LANE_SMALL */
};

struct pair_rows *pair_rows_new(const struct lane_table *lanes);
void pair_rows_free(struct pair_rows *rows);

/* Not for lengths above TEXT_LANE_SMALL. `sum`: `stride` of them. */
static inline void pair_rows_add(const struct pair_rows *rows, uint64_t *restrict sum, uint64_t field_len,
                                 uint64_t value_len)
{
    const uint32_t *restrict field = rows->field + field_len * rows->stride;
    const uint32_t *restrict value = rows->value + value_len * rows->stride;
    for (unsigned i = 0; i < rows->stride; i += PAIR_ROWS_STEP)
        for (unsigned k = i; k < i + PAIR_ROWS_STEP; k++)
            sum[k] += (uint64_t)field[k] + value[k];
}

#endif
