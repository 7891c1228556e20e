#include "text_rows.h"

#include "grow.h"
#include "packed_size.h"

_Static_assert(TEXT_LANE_SMALL < 256, "the bands of a row");

struct text_rows *text_rows_new(const struct text_lane *const *lanes, unsigned count)
{
    if (count > TEXT_ROW_LANES)
        return NULL;
    for (unsigned i = 0; i < count; i++)
        if (text_is_object(lanes[i]->layout))
            return NULL;
    struct text_rows *rows = allocate(1, sizeof *rows);
    for (uint64_t len = 0; len <= TEXT_LANE_SMALL; len++) {
        struct text_row *row = &rows->row[len];
        row->bytes = len;
        row->listpack = listpack_text_entry(len);
        row->band[text_band(len)] = 1;
        for (unsigned i = 0; i < count; i++)
            row->lane[i] = lanes[i]->small[len];
    }
    return rows;
}

void text_row_move(struct text_row *sums, struct text_sums *texts, uint64_t *lane, unsigned lane_step)
{
    texts->bytes += sums->bytes;
    for (unsigned i = 0; i < TEXT_ROW_BANDS; i++)
        texts->band[i] += sums->band[i];
    for (unsigned i = 0; i < TEXT_ROW_LANES; i++)
        lane[i * lane_step] += sums->lane[i];
    *sums = (struct text_row){.bytes = 0};
}
