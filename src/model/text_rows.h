/* What a short text adds to the sums of an object follows from its length alone: a row of numbers for each length,
 * which are added at a stroke instead of one by one. Where a plan needs more than rows hold (ziplists, whose entries
 * depend on the one before; objects shared by numbers; a field and its value in one block; too many lanes), there are
 * none. */
#ifndef MODEL_TEXT_ROWS_H
#define MODEL_TEXT_ROWS_H

#include <stdint.h>

#include "lanes.h"

enum {
    TEXT_ROW_LANES = 4,
    TEXT_ROW_BANDS = 4, /* of sds.h: those up to TEXT_LANE_SMALL */
};

/* Of one text, or of many. Ten numbers of 64 bits: five additions of vectors. */
struct text_row {
    _Alignas(16) uint64_t bytes;
    uint64_t listpack; /* its entry, a text's: a number's is another */
    uint64_t band[TEXT_ROW_BANDS];
    uint64_t lane[TEXT_ROW_LANES];
};

struct text_rows {
    struct text_row row[TEXT_LANE_SMALL + 1]; /* by length */
};

/* For `count` lanes of texts. NULL: rows would not do. */
struct text_rows *text_rows_new(const struct text_lane *const *lanes, unsigned count);

/* Not for lengths above TEXT_LANE_SMALL. */
static inline void text_rows_add(struct text_row *restrict sums, const struct text_rows *restrict rows, uint64_t len)
{
    const struct text_row *row = &rows->row[len];
    sums->bytes += row->bytes;
    sums->listpack += row->listpack;
    for (unsigned i = 0; i < TEXT_ROW_BANDS; i++)
        sums->band[i] += row->band[i];
    for (unsigned i = 0; i < TEXT_ROW_LANES; i++)
        sums->lane[i] += row->lane[i];
}

/* Moves what came together to where it is read: `lane_step` apart for each lane. */
void text_row_move(struct text_row *sums, struct text_sums *texts, uint64_t *lane, unsigned lane_step);

#endif
