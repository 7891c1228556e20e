#include "grouping_cells.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "grouping_ids.h"
#include "hiding.h"
#include "memory.h"
#include "sampling.h"
#include "saturated.h"

enum { SAMPLE_CELLS = 8192 }; /* of a row, at most */

struct ranked {
    uint64_t rank;
    const struct cell *cell;
    uint32_t row; /* place in some order of the rows */
};

static int in_order(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->cell->hash > y->cell->hash) - (x->cell->hash < y->cell->hash);
}

/* The cells of the rows that have a place, by row and rank. `place`: by serial, plus 1; 0: none. */
static struct ranked *ranked_cells(const struct grouping *grouping, const uint32_t *place, size_t *count)
{
    struct ranked *item = memory_new(grouping->count, sizeof(*item));
    *count = 0;
    for (uint32_t i = 0; i <= grouping->mask; i++) {
        const struct cell *cell = &grouping->cell[i];
        if (cell->hash != 0 && place[cell->serial] != 0)
            item[(*count)++] = (struct ranked){cell_rank(cell), cell, place[cell->serial] - 1};
    }
    qsort(item, *count, sizeof(*item), in_order);
    return item;
}

static size_t end_of_row(const struct ranked *item, size_t begin, size_t count)
{
    size_t end = begin;
    while (end < count && item[end].row == item[begin].row)
        end++;
    return end;
}

/* From which rank on cells are left out so that at most `most` are kept; those from `below` on (0: none) are gone. */
static uint64_t cut_at(const struct ranked *item, size_t count, size_t most, uint64_t below)
{
    if (count <= most)
        return below;
    return item[most].rank != 0 ? item[most].rank : 1;
}

static bool is_below(uint64_t rank, uint64_t below)
{
    return below == 0 || rank < below;
}

/* ---- merging -------------------------------------------------------------------------------------------------------
 */

/* Rows by serial, plus 1. */
static uint32_t *rows_by_serial(const struct alternatives *alternatives)
{
    uint32_t *place = memory_new(alternatives->next_serial, sizeof(*place));
    for (uint32_t i = 0; i < alternatives->count; i++)
        place[alternatives->row[i].serial] = i + 1;
    return place;
}

/* Takes cells out that are not below their row's bound, or whose row is gone. */
static void drop_cells(struct alternatives *alternatives, const uint32_t *place)
{
    struct grouping *grouping = alternatives->grouping;
    struct cells_taken taken = grouping_take(grouping, grouping->mask);
    for (uint32_t i = 0; i <= taken.mask; i++) {
        const struct cell *cell = &taken.cell[i];
        uint32_t at = cell->hash != 0 ? place[cell->serial] : 0;
        if (at != 0 && is_below(cell_rank(cell), alternatives->row[at - 1].grouping.sample_below))
            grouping_put_back(grouping, &taken, i, cell->hash);
    }
    grouping_taken_free(&taken);
}

/* Makes samples of `most` cells of those rows that are samples already, or of all that have more. */
static void cut_rows(struct alternatives *alternatives, const uint32_t *place, size_t most, bool all)
{
    size_t count;
    struct ranked *item = ranked_cells(alternatives->grouping, place, &count);
    for (size_t i = 0, end; i < count; i = end) {
        uint64_t *below = &alternatives->row[item[i].row].grouping.sample_below;
        end = end_of_row(item, i, count);
        if (all || *below != 0)
            *below = cut_at(&item[i], end - i, most, *below);
    }
    free(item);
    drop_cells(alternatives, place);
}

static void make_room(struct alternatives *alternatives, const uint32_t *place)
{
    struct grouping *grouping = alternatives->grouping;
    for (size_t most = SAMPLE_CELLS; most != 0 && grouping->count > grouping->cells / 2; most /= 2)
        cut_rows(alternatives, place, most, true);
}

/* Whether a sample has cells that do not belong to it, or more than it may have. */
static bool has_too_many(const struct alternatives *alternatives, const uint32_t *place)
{
    const struct grouping *grouping = alternatives->grouping;
    uint32_t *cells = memory_new(alternatives->count, sizeof(*cells));
    bool too_many = false;
    for (uint32_t i = 0; i <= grouping->mask && !too_many; i++) {
        const struct cell *cell = &grouping->cell[i];
        uint32_t at = cell->hash != 0 ? place[cell->serial] : 0;
        uint64_t below = at != 0 ? alternatives->row[at - 1].grouping.sample_below : 0;
        if (below != 0)
            too_many = !is_below(cell_rank(cell), below) || ++cells[at - 1] > SAMPLE_CELLS;
    }
    free(cells);
    return too_many;
}

/* `pairs`: of `from`; NULL where there are none. */
static void merge_cell(struct alternatives *alternatives, const struct cell *from, const uint32_t *pairs,
                       uint32_t serial, const uint32_t *place)
{
    if (place[serial] == 0)
        return;
    bool is_apart = from->kind == CELL_NUMBER_AS_ID;
    if (is_apart && !grouping_has_room_for_ids(alternatives->grouping)) {
        alternatives->row[place[serial] - 1].grouping.as_ids_lost = true;
        alternatives->grouping->is_crowded = true;
        return;
    }
    struct cell *cell = grouping_cell(alternatives->grouping, from->hash);
    if (cell == NULL) {
        alternatives->grouping->is_crowded = true;
        make_room(alternatives, place);
        cell = grouping_cell(alternatives->grouping, from->hash);
    }
    if (cell == NULL)
        return;
    alternatives->grouping->is_crowded |=
        !is_apart && cell->fields + (uint32_t)from->fields > alternatives->grouping->max_fields;
    cell->serial = serial;
    cell->name_len = from->name_len;
    cell->bucket = from->bucket;
    cell->kind = from->kind;
    cell->entries += from->entries;
    cell->fields = cell_add(cell->fields, from->fields);
    cell->timed = cell_add(cell->timed, from->timed);
    if (pairs && alternatives->grouping->pairs)
        *cell_pairs(alternatives->grouping, cell) += *pairs;
}

void grouping_merge(struct alternatives *alternatives, const struct grouping *other, const uint32_t *serial)
{
    alternatives->grouping->is_crowded |= other->is_crowded;
    uint32_t *place = rows_by_serial(alternatives);
    for (uint32_t i = 0; i <= other->mask; i++) {
        const struct cell *from = &other->cell[i];
        if (from->hash != 0 && serial[from->serial] != UINT32_MAX)
            merge_cell(alternatives, from, cell_pairs(other, from), serial[from->serial], place);
    }
    if (has_too_many(alternatives, place)) {
        drop_cells(alternatives, place);
        cut_rows(alternatives, place, SAMPLE_CELLS, false);
    }
    free(place);
}

/* ---- hiding --------------------------------------------------------------------------------------------------------
 */

/* Under one key all files of a fleet give a cell the same hash, so that they still meet. What grouping_ids_hash has put
 * in stays. */
static uint64_t hidden_hash(const struct cell *cell, const struct doc_hider *hider)
{
    enum { HEX_DIGITS = 16 };
    char digits[HEX_DIGITS + 1];
    bool is_id = cell_kind_is_id(cell->kind);
    uint64_t hash = is_id ? grouping_ids_rest(cell->hash, cell->bucket, cell->kind) : cell->hash;
    snprintf(digits, sizeof(digits), "%016" PRIx64, hash);
    hiding_name(hider, (const uint8_t *)digits, HEX_DIGITS, (uint8_t *)digits, 0, &hash);
    return is_id ? grouping_ids_hash(hash | 1, cell->bucket, cell->kind) : hash | 1;
}

void grouping_hide(struct alternatives *alternatives, const struct doc_hider *hider)
{
    struct grouping *grouping = alternatives->grouping;
    uint32_t *place = rows_by_serial(alternatives);
    struct cells_taken taken = grouping_take(grouping, grouping->mask);
    for (uint32_t i = 0; i <= taken.mask; i++) {
        const struct cell *cell = &taken.cell[i];
        uint32_t at = cell->hash != 0 ? place[cell->serial] : 0;
        if (at != 0 && alternatives->row[at - 1].grouping.sample_below == 0)
            grouping_put_back(grouping, &taken, i, hidden_hash(cell, hider));
    }
    /* The order of a sample is that of the old hashes: it is none any more. */
    for (uint32_t i = 0; i < alternatives->count; i++)
        if (alternatives->row[i].grouping.sample_below != 0)
            alternatives->row[i].grouping.sample_below = 1;
    free(place);
    grouping_taken_free(&taken);
}

/* ---- archives ------------------------------------------------------------------------------------------------------
 */

static void archive_16(struct archive *archive, uint16_t *value)
{
    uint64_t number = *value;
    archive_within(archive, &number, UINT16_MAX);
    *value = (uint16_t)number;
}

/* `pairs`: NULL where there are none. */
static void archive_cell(struct cell *cell, uint32_t *pairs, struct archive *archive)
{
    uint64_t entries = cell->entries, name_len = cell->name_len, bytes = pairs ? *pairs : 0, kind = cell->kind;
    archive_bytes(archive, &cell->hash, sizeof(cell->hash));
    archive_within(archive, &entries, UINT32_MAX);
    archive_16(archive, &cell->fields);
    archive_16(archive, &cell->timed);
    archive_within(archive, &name_len, KEY_PATTERN_MAX);
    archive_within(archive, &kind, CELL_KINDS - 1);
    cell->kind = (uint8_t)kind;
    if (cell_kind_is_id(cell->kind))
        archive_16(archive, &cell->bucket);
    if (pairs) {
        archive_within(archive, &bytes, UINT32_MAX);
        *pairs = (uint32_t)bytes;
    }
    cell->entries = (uint32_t)entries;
    cell->name_len = (uint8_t)name_len;
}

/* The cells of one row below that rank. */
static void write_row(const struct grouping *grouping, uint64_t below, const struct ranked *item, size_t count,
                      struct archive *archive)
{
    size_t kept = 0;
    while (kept < count && is_below(item[kept].rank, below))
        kept++;
    archive_u64(archive, &below);
    archive_count(archive, &kept, GROUPING_CELLS);
    for (size_t i = 0; i < kept; i++) {
        struct cell cell = *item[i].cell;
        archive_cell(&cell, cell_pairs(grouping, item[i].cell), archive);
    }
}

void grouping_write(const struct alternatives *alternatives, const uint32_t *order, size_t rows,
                    struct archive *archive)
{
    uint32_t *place = memory_new(alternatives->next_serial, sizeof(*place));
    size_t count;
    for (size_t i = 0; i < rows; i++)
        place[alternatives->row[order[i]].serial] = (uint32_t)i + 1;
    struct ranked *item = ranked_cells(alternatives->grouping, place, &count);
    struct archive cells = {.failed = true};
    for (size_t most = SAMPLE_CELLS;
         cells.failed || (most != 0 && cells.len > archive_room(archive, COLLECT_ARCHIVE_CELLS)); most /= 2) {
        archive_release(&cells);
        archive_init_writer(&cells);
        for (size_t i = 0, at = 0, end; i < rows; i++, at = end) {
            end = at < count && item[at].row == i ? end_of_row(item, at, count) : at;
            uint64_t below = cut_at(&item[at], end - at, most, alternatives->row[order[i]].grouping.sample_below);
            write_row(alternatives->grouping, below, &item[at], end - at, &cells);
        }
    }
    archive_bytes(archive, cells.bytes, cells.len);
    archive_release(&cells);
    free(item);
    free(place);
}

static bool read_cell(struct grouping *grouping, const struct alternative_row *row, struct archive *archive)
{
    struct cell read = {.serial = row->serial};
    uint32_t pairs = 0;
    archive_cell(&read, grouping->pairs ? &pairs : NULL, archive);
    if (archive->failed || read.hash == 0 || read.fields == 0 ||
        !is_below(cell_rank(&read), row->grouping.sample_below))
        return false;
    struct cell *cell = grouping_cell(grouping, read.hash);
    if (cell == NULL || cell->fields != 0)
        return false;
    *cell = read;
    if (grouping->pairs)
        *cell_pairs(grouping, cell) = pairs;
    return true;
}

void grouping_read(struct alternatives *alternatives, struct archive *archive)
{
    for (uint32_t i = 0; i < alternatives->count && !archive->failed; i++) {
        struct alternative_row *row = &alternatives->row[i];
        size_t count = 0;
        archive_u64(archive, &row->grouping.sample_below);
        archive_count(archive, &count, GROUPING_CELLS);
        for (size_t k = 0; k < count && !archive->failed; k++)
            archive->failed |= !read_cell(alternatives->grouping, row, archive);
    }
}

/* ---- estimates -----------------------------------------------------------------------------------------------------
 */

/* The ratio estimator and its variance: Cochran, Sampling Techniques, section 6.4. */
void grouping_estimate(const struct grouping_sums *sums, uint64_t fields, struct grouping_result *result)
{
    double n = (double)sums->hashes, x = (double)sums->fields, y = (double)sums->bytes;
    result->is_estimate = true;
    result->is_too_many |= sums->fields == 0;
    if (sums->fields == 0 || fields < sums->fields)
        return;
    double all = (double)fields / x, ratio = y / x;
    double squares = (double)sums->yy - 2 * ratio * (double)sums->xy + ratio * ratio * (double)sums->xx;
    result->hashes = saturated_u64(round(n * all));
    result->after = saturated_u64(round(y * all));
    result->after_untimed = saturated_u64(round((double)sums->untimed_bytes * all));
    result->timed_hashes = saturated_u64(round((double)sums->timed_hashes * all));
    result->off_by = sampling_off_by(n, n * all, y / n, n > 1 ? squares / (n - 1) : 0);
}
