#include <stdlib.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "grouping.h"
#include "memory.h"

static void archive_short(struct archive *archive, uint8_t *value, uint64_t maximum)
{
    uint64_t number = *value;
    archive_within(archive, &number, maximum);
    *value = (uint8_t)number;
}

static void archive_grouping(struct alternative_row *row, struct archive *archive)
{
    archive_short(archive, &row->grouping.digits, GROUPING_MAX_DIGITS);
    archive_short(archive, &row->grouping.name_len, KEY_PATTERN_MAX);
    if (row->grouping.name_len == 0)
        return;
    archive_bool(archive, &row->grouping.is_id);
    archive_short(archive, &row->grouping.at, row->grouping.name_len);
    archive_short(archive, &row->grouping.len, row->grouping.name_len - row->grouping.at);
    archive_short(archive, &row->grouping.id_at, row->grouping.at);
    archive_bool(archive, &row->grouping.as_ids_lost);
    archive_bytes(archive, row->grouping.name, row->grouping.name_len);
    archive_u64(archive, &row->grouping.expiring);
    archive_u64(archive, &row->grouping.left);
    archive_u64(archive, &row->grouping.fields);
}

static void archive_row(struct alternative_row *row, struct archive *archive)
{
    uint64_t type = row->type;
    archive_u64(archive, &row->db);
    archive_within(archive, &type, OBJECT_TYPE_COUNT - 1);
    row->type = (enum object_type)type;
    archive_bool(archive, &row->is_late);
    archive_short(archive, &row->pattern_len, KEY_PATTERN_MAX);
    archive_bytes(archive, row->pattern, row->pattern_len);
    archive_u64(archive, &row->keys);
    archive_u64(archive, &row->bytes);
    archive_u64(archive, &row->expiring);
    for (int i = 0; i < ALTERNATIVE_COUNT; i++) {
        archive_u64(archive, &row->sum[i].keys);
        archive_u64(archive, &row->sum[i].before);
        archive_u64(archive, &row->sum[i].after);
    }
    archive_grouping(row, archive);
    archive_u64(archive, &row->json.sampled);
    archive_i64(archive, &row->json.change);
    archive_u64(archive, &row->json.squares);
    archive_u64(archive, &row->json.larger);
    archive_u64(archive, &row->json.too_long);
    archive_u64(archive, &row->json.fields);
    archive_array(archive, row->numbers, NUMBER_KINDS);
    archive_u64(archive, &row->bitmaps.keys);
    archive_u64(archive, &row->bitmaps.bytes);
    archive_u64(archive, &row->bitmaps.stored_bytes);
    archive_u64(archive, &row->value_bytes);
    archive_u64(archive, &row->stored_bytes);
    archive_u64(archive, &row->sparse_longest);
    archive_u64(archive, &row->name_bytes);
    archive_short(archive, &row->name_cut, UINT8_MAX);
}

struct sort_item {
    uint64_t bytes, hash;
    uint32_t index;
};

static int heavier_first(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Writes the heaviest rows that fit, `order` says which, and returns how many. What is left out is counted. */
static size_t write_rows(const struct alternatives *alternatives, uint32_t *order, struct archive *archive,
                         uint64_t *left_out_keys)
{
    struct sort_item *item = memory_new(alternatives->count, sizeof(*item));
    size_t written = 0;
    for (uint32_t i = 0; i < alternatives->count; i++)
        item[i] = (struct sort_item){alternatives->row[i].bytes, alternatives->row[i].hash, i};
    qsort(item, alternatives->count, sizeof(*item), heavier_first);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        struct alternative_row row = alternatives->row[item[i].index];
        size_t end = archive->len;
        order[i] = item[i].index;
        if (written == i) {
            archive_bytes(archive, &row.hash, sizeof(row.hash));
            archive_row(&row, archive);
            written += archive->len <= archive_room(archive, COLLECT_ARCHIVE_ALTERNATIVES);
        }
        if (written <= i) {
            archive->len = end;
            *left_out_keys += row.keys;
        }
    }
    free(item);
    return written;
}

static void write_all(const struct alternatives *alternatives, struct archive *archive)
{
    struct archive rows;
    uint32_t *order = memory_new(alternatives->count, sizeof(*order));
    uint64_t dropped = alternatives->dropped, dropped_keys = alternatives->dropped_keys;
    alternatives_flush(alternatives);
    archive_init_writer(&rows);
    rows.tighter = archive->tighter;
    size_t count = write_rows(alternatives, order, &rows, &dropped_keys);
    dropped += alternatives->count - count;
    archive_u64(archive, &dropped);
    archive_u64(archive, &dropped_keys);
    archive_count(archive, &count, ALTERNATIVES_ROWS);
    archive_bytes(archive, rows.bytes, rows.len);
    archive_release(&rows);
    grouping_write(alternatives, order, count, archive);
    free(order);
}

void alternatives_archive(struct alternatives *alternatives, struct archive *archive)
{
    size_t count = 0;
    if (!archive->reads) {
        write_all(alternatives, archive);
        return;
    }
    uint64_t dropped, dropped_keys;
    archive_u64(archive, &dropped);
    archive_u64(archive, &dropped_keys);
    archive_count(archive, &count, alternatives->maximum);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        uint64_t hash;
        archive_bytes(archive, &hash, sizeof(hash));
        struct alternative_row *row = archive->failed ? NULL : alternatives_append(alternatives, hash);
        if (row)
            archive_row(row, archive);
        else
            archive->failed = true;
    }
    grouping_read(alternatives, archive);
    alternatives->dropped = dropped;
    alternatives->dropped_keys = dropped_keys;
}
