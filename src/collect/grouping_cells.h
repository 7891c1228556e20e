/* Inside grouping: its cells; and samples of them, where they are more than a summary holds.
 *
 * A sample is the cells of a row with the lowest ranks. A cell's rank follows from its hash, or of ids from their
 * bucket, so that every file of a fleet keeps the same cells, and the sample of all files is what the files' samples
 * have in common: whole hashes, as they would be of one file. What all hashes of a row come to follows from the ratio
 * of bytes to fields in its sample, since its fields are known exactly. */
#ifndef GROUPING_CELLS_H
#define GROUPING_CELLS_H

#include "grouping.h"

/* Numbers as long as an id is are kept twice: as what the rule of numbers makes of them, and as the ids that they may
 * be. Which counts is chosen once all keys are known. */
enum cell_kind { CELL_NUMBER, CELL_LONG_NUMBER, CELL_ID, CELL_NUMBER_AS_ID, CELL_KINDS };

static inline bool cell_kind_is_id(enum cell_kind kind)
{
    return kind == CELL_ID || kind == CELL_NUMBER_AS_ID;
}

/* One hash that would come of grouping; of ids a part of one, grouping_ids.h. */
struct cell {
    uint64_t hash;    /* of row and name; 0: free */
    uint32_t serial;  /* of the row */
    uint32_t entries; /* bytes of its fields and values */
    uint16_t fields, timed;
    uint16_t bucket;
    uint8_t name_len;
    uint8_t kind;
};

/* Fields of one, or those with a TTL, with others: no more than it can count. */
static inline uint16_t cell_add(uint16_t fields, uint16_t more)
{
    return (uint16_t)(fields + more < UINT16_MAX ? fields + more : UINT16_MAX);
}

/* A key on its way into its cell. Cells lie all over a table larger than the caches, so they are asked for some keys
 * before they are needed. */
struct pending {
    uint64_t hash; /* 0: none */
    struct grouped_key key;
};

enum { GROUPING_PENDING = 16, GROUPING_FIELDS = 1000 };
_Static_assert(GROUPING_MAX_DIGITS == 3, "numbers of fields are below GROUPING_FIELDS");

struct grouping {
    const struct plan *plan;
    uint32_t max_fields, max_value;  /* what keeps a hash packed */
    uint8_t digits;                  /* for strings */
    uint32_t max_timed;              /* model_table_expiries */
    uint32_t count, mask, cells;     /* cells: how many there may be */
    struct cell *cell;               /* mask + 1 of them, at most three quarters in use */
    uint32_t *pairs;                 /* by cell, its fields as a table has them; NULL where max_timed is 0 */
    bool is_crowded;                 /* grouping.h */
    struct grouping_result *results; /* NULL: they are to be made */
    uint32_t pending_at;             /* where the next one goes: a ring */
    struct pending pending[GROUPING_PENDING];
    uint32_t pending_pairs[GROUPING_PENDING]; /* where there are `pairs` */
    /* Bytes of a field of so many digits and that value, packed. */
    uint8_t field_entry[GROUPING_MAX_DIGITS][GROUPING_FIELDS];
};

/* Puts the pending key of that place, if there is one, into its cell. */
void grouping_put_pending(struct grouping *grouping, uint32_t at);

/* Where the search for it begins. */
static inline uint32_t cell_first(const struct grouping *grouping, uint64_t hash)
{
    return (uint32_t)(hash >> 20) & grouping->mask;
}

/* A new one, whose `fields` are 0, when it is not there. NULL when there is no room for another one. */
struct cell *grouping_cell(struct grouping *grouping, uint64_t hash);

/* Numbers as ids must leave room for what is needed. */
static inline bool grouping_has_room_for_ids(const struct grouping *grouping)
{
    return grouping->count < grouping->cells / 4 * 3;
}

/* Where a cell's bytes as a table are; NULL where there are none. */
static inline uint32_t *cell_pairs(const struct grouping *grouping, const struct cell *cell)
{
    return grouping->pairs ? &grouping->pairs[cell - grouping->cell] : NULL;
}

/* Cells to be put back one by one into places of their own. */
struct cells_taken {
    struct cell *cell;
    uint32_t *pairs, mask;
};
/* Leaves none in the grouping, and room for `mask` + 1. */
struct cells_taken grouping_take(struct grouping *grouping, uint32_t mask);
/* Number `i`, under this hash now. */
void grouping_put_back(struct grouping *grouping, const struct cells_taken *taken, uint32_t i, uint64_t hash);
void grouping_taken_free(const struct cells_taken *taken);

/* Even over all cells of a row: buckets in their order, as only neighbours are joined to hashes. */
static inline uint64_t cell_rank(const struct cell *cell)
{
    return cell_kind_is_id(cell->kind) ? (uint64_t)cell->bucket << 48 | cell->hash >> 16 : cell->hash;
}

/* What a row's hashes come to, as far as they are known: for each its fields x and its bytes y. */
struct grouping_sums {
    bool has_numbers; /* hashes by the rule of numbers are among them */
    uint64_t hashes, fields, bytes;
    uint64_t timed_hashes, untimed_bytes; /* hashes with expiries; bytes of all if there were none */
    uint64_t xx, xy, yy;
};

static inline void grouping_sums_add(struct grouping_sums *sums, uint64_t fields, uint64_t bytes)
{
    sums->hashes++;
    sums->fields += fields;
    sums->bytes += bytes;
    sums->xx += fields * fields;
    sums->xy += fields * bytes;
    sums->yy += bytes * bytes;
}

/* A hash with what its fields take: `entries` packed, `pairs` in a table. */
struct grouped_hash {
    uint64_t name_len, entries, pairs;
    uint32_t fields, timed;
};
void grouping_add_hash(const struct plan *plan, const struct grouped_hash *hash, struct grouping_sums *sums);

/* All hashes of a row with so many fields, from those in its sample. */
void grouping_estimate(const struct grouping_sums *sums, uint64_t fields, struct grouping_result *result);

#endif
