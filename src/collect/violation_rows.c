/* Violations by pattern: a bounded table. */
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "hiding.h"
#include "memory.h"
#include "violations.h"

enum { FIRST_ROWS = 64 };

void violation_rows_release(struct violation_rows *rows)
{
    free(rows->row);
    free(rows->slot);
    *rows = (struct violation_rows){.count = 0};
}

/* ---- sums ----------------------------------------------------------------------------------------------------------
 */

void violation_sum_add(struct violation_sum *to, const struct violation_sum *from)
{
    if (from->keys == 0)
        return;
    to->keys += from->keys;
    to->bytes += from->bytes;
    to->packable_keys += from->packable_keys;
    to->saved_bytes += from->saved_bytes;
    to->near_keys += from->near_keys;
    to->near_saved += from->near_saved;
    to->worst = to->worst > from->worst ? to->worst : from->worst;
    to->limit = from->limit;
    to->limit_setting = from->limit_setting;
}

void violation_sum_archive(struct violation_sum *sum, struct archive *archive)
{
    uint64_t setting = sum->limit_setting;
    archive_u64(archive, &sum->keys);
    if (sum->keys == 0)
        return;
    archive_u64(archive, &sum->bytes);
    archive_u64(archive, &sum->packable_keys);
    archive_u64(archive, &sum->saved_bytes);
    archive_u64(archive, &sum->near_keys);
    archive_u64(archive, &sum->near_saved);
    archive_u64(archive, &sum->worst);
    archive_i64(archive, &sum->limit);
    archive_within(archive, &setting, SETTING_COUNT);
    sum->limit_setting = (enum setting)setting;
}

int violation_sum_compare(const struct violation_sum *a, const struct violation_sum *b)
{
    if (a->saved_bytes != b->saved_bytes)
        return a->saved_bytes < b->saved_bytes ? 1 : -1;
    return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

/* ---- the table -----------------------------------------------------------------------------------------------------
 */

static uint32_t *slot_of(const struct violation_rows *rows, uint64_t hash)
{
    uint32_t mask = 2 * rows->capacity - 1, at = (uint32_t)(hash >> 32) & mask;
    while (rows->slot[at] && rows->row[rows->slot[at] - 1].hash != hash)
        at = (at + 1) & mask;
    return &rows->slot[at];
}

static void fill_slots(struct violation_rows *rows)
{
    memset(rows->slot, 0, 2 * (size_t)rows->capacity * sizeof(*rows->slot));
    for (uint32_t i = 0; i < rows->count; i++)
        *slot_of(rows, rows->row[i].hash) = i + 1;
}

static void grow(struct violation_rows *rows)
{
    struct violation_row *old = rows->row;
    rows->capacity = rows->capacity ? 2 * rows->capacity : FIRST_ROWS;
    rows->row = memory_new(rows->capacity, sizeof(*rows->row));
    if (old)
        memcpy(rows->row, old, rows->count * sizeof(*old));
    free(old);
    free(rows->slot);
    rows->slot = memory_new(2 * (size_t)rows->capacity, sizeof(*rows->slot));
    fill_slots(rows);
}

static int heavier_first(const void *a, const void *b)
{
    const struct violation_row *x = a, *y = b;
    if (x->sum.bytes != y->sum.bytes)
        return x->sum.bytes < y->sum.bytes ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static void drop_half(struct violation_rows *rows)
{
    qsort(rows->row, rows->count, sizeof(*rows->row), heavier_first);
    for (uint32_t i = rows->count / 2; i < rows->count; i++)
        rows->dropped_keys += rows->row[i].sum.keys;
    rows->count /= 2;
    fill_slots(rows);
}

static struct violation_row *append(struct violation_rows *rows, uint64_t hash)
{
    if (rows->count == VIOLATION_ROWS)
        drop_half(rows);
    if (rows->row == NULL || rows->count == rows->capacity)
        grow(rows);
    *slot_of(rows, hash) = rows->count + 1;
    struct violation_row *row = &rows->row[rows->count++];
    *row = (struct violation_row){.hash = hash};
    return row;
}

/* NULL when there is none. */
static struct violation_row *find(const struct violation_rows *rows, uint64_t hash)
{
    uint32_t index = rows->count ? *slot_of(rows, hash) : 0;
    return index ? &rows->row[index - 1] : NULL;
}

static uint64_t hash_of(uint64_t pattern_hash, uint64_t db, enum object_type type, enum violation violation)
{
    uint64_t kind = (db * OBJECT_TYPE_COUNT + type) * VIOLATION_COUNT + violation + 1;
    return pattern_hash ^ kind * UINT64_C(0x9e3779b97f4a7c15);
}

struct violation_row *violation_rows_find(struct violation_rows *rows, const struct collect_context *context,
                                          const struct record *record, enum violation violation)
{
    uint64_t hash = hash_of(context->pattern_hash, record->db, record->type, violation);
    struct violation_row *row = find(rows, hash);
    if (row)
        return row;
    row = append(rows, hash);
    row->db = record->db;
    row->type = record->type;
    row->violation = violation;
    row->pattern_len = (uint8_t)key_pattern_text(context->pattern, row->pattern);
    return row;
}

/* Whether `a` is worse off than `b`; of equals the first in order. */
static bool is_worse(const struct violation_example *a, const struct violation_example *b)
{
    if (a->measure != b->measure)
        return a->measure > b->measure;
    unsigned shorter = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    int order = memcmp(a->key, b->key, shorter);
    return order ? order < 0 : a->key_len < b->key_len;
}

void violation_row_offer(struct violation_row *row, const struct record *record, uint64_t measure,
                         const struct record_stray *culprit)
{
    if (measure < row->example.measure)
        return;
    struct violation_example example = {.measure = measure, .key_len = record->key_len};
    example.key_bytes = (uint8_t)(record->key_bytes < KEY_PATTERN_MAX ? record->key_bytes : KEY_PATTERN_MAX);
    memcpy(example.key, record->key, example.key_bytes);
    example.element_len = culprit ? culprit->len : 0;
    if (example.element_len)
        memcpy(example.element, culprit->bytes, example.element_len);
    if (row->example.measure == 0 || is_worse(&example, &row->example))
        row->example = example;
}

void violation_rows_merge(struct violation_rows *rows, const struct violation_rows *other)
{
    for (uint32_t i = 0; i < other->count; i++) {
        const struct violation_row *from = &other->row[i];
        struct violation_row *row = find(rows, from->hash);
        if (row) {
            violation_sum_add(&row->sum, &from->sum);
            if (is_worse(&from->example, &row->example))
                row->example = from->example;
        } else {
            row = append(rows, from->hash);
            *row = *from;
        }
    }
    rows->dropped_keys += other->dropped_keys;
}

static void hide_row(struct violation_row *row, const struct doc_hider *hider)
{
    struct violation_example old = row->example, *example = &row->example;
    uint8_t pattern[KEY_PATTERN_MAX];
    uint64_t hash;
    memcpy(pattern, row->pattern, row->pattern_len);
    row->pattern_len = (uint8_t)hiding_name(hider, pattern, row->pattern_len, row->pattern, KEY_PATTERN_MAX, &hash);
    row->hash = hash_of(hash, row->db, row->type, row->violation);
    example->key_bytes = (uint8_t)hiding_name(hider, old.key, old.key_bytes, example->key, KEY_PATTERN_MAX, NULL);
    example->key_len = example->key_bytes + (old.key_len - old.key_bytes);
    example->element_len = 0;
    if (row->type == OBJECT_HASH && old.element_len)
        example->element_len =
            (uint8_t)hiding_name(hider, old.element, old.element_len, example->element, RECORD_STRAY_BYTES, NULL);
}

void violation_rows_hide(struct violation_rows *rows, const struct doc_hider *hider)
{
    for (uint32_t i = 0; i < rows->count; i++)
        hide_row(&rows->row[i], hider);
    if (rows->count)
        fill_slots(rows);
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

static int most_saved_first(const void *a, const void *b)
{
    const struct violation_row *x = *(const struct violation_row *const *)a,
                               *y = *(const struct violation_row *const *)b;
    int order = violation_sum_compare(&x->sum, &y->sum);
    if (order == 0)
        order = memcmp(x->pattern, y->pattern, KEY_PATTERN_MAX);
    return order ? order : (x->hash > y->hash) - (x->hash < y->hash);
}

const struct violation_row **violation_rows_sorted(const struct violation_rows *rows)
{
    const struct violation_row **sorted = memory_new(rows->count, sizeof(*sorted));
    for (uint32_t i = 0; i < rows->count; i++)
        sorted[i] = &rows->row[i];
    qsort(sorted, rows->count, sizeof(*sorted), most_saved_first);
    return sorted;
}

static void archive_example(struct violation_example *example, struct archive *archive)
{
    uint64_t key_bytes = example->key_bytes, element_len = example->element_len;
    archive_u64(archive, &example->measure);
    archive_u64(archive, &example->key_len);
    archive_within(archive, &key_bytes, KEY_PATTERN_MAX);
    archive_within(archive, &element_len, RECORD_STRAY_BYTES);
    example->key_bytes = (uint8_t)key_bytes;
    example->element_len = (uint8_t)element_len;
    archive_bytes(archive, example->key, example->key_bytes);
    archive_bytes(archive, example->element, example->element_len);
    if (example->key_len < example->key_bytes)
        archive->failed = true;
}

static void archive_row(struct violation_row *row, struct archive *archive)
{
    uint64_t type = row->type, violation = row->violation, len = row->pattern_len;
    archive_bytes(archive, &row->hash, sizeof(row->hash));
    archive_u64(archive, &row->db);
    archive_within(archive, &type, OBJECT_TYPE_COUNT - 1);
    archive_within(archive, &violation, VIOLATION_COUNT - 1);
    archive_within(archive, &len, KEY_PATTERN_MAX);
    row->type = (enum object_type)type;
    row->violation = (enum violation)violation;
    row->pattern_len = (uint8_t)len;
    archive_bytes(archive, row->pattern, row->pattern_len);
    violation_sum_archive(&row->sum, archive);
    archive_example(&row->example, archive);
}

/* Writes the first of the sorted rows, as many as there is room for. Members are values: they stay here. */
static void write_rows(const struct violation_rows *rows, struct archive *archive)
{
    struct archive bytes;
    size_t count = 0, end = 0;
    uint64_t dropped_keys = rows->dropped_keys;
    const struct violation_row **sorted = violation_rows_sorted(rows);
    archive_init_writer(&bytes);
    for (uint32_t i = 0; i < rows->count; i++) {
        struct violation_row row = *sorted[i];
        if (count == i) {
            row.example.element_len = row.type == OBJECT_HASH ? row.example.element_len : 0;
            archive_row(&row, &bytes);
            count += bytes.len <= archive_room(archive, COLLECT_ARCHIVE_LIST);
            end = count > i ? bytes.len : end;
        }
        dropped_keys += count <= i ? row.sum.keys : 0;
    }
    archive_u64(archive, &dropped_keys);
    archive_count(archive, &count, VIOLATION_ROWS);
    archive_bytes(archive, bytes.bytes, end);
    archive_release(&bytes);
    free(sorted);
}

void violation_rows_archive(struct violation_rows *rows, struct archive *archive)
{
    size_t count = 0;
    if (!archive->reads) {
        write_rows(rows, archive);
        return;
    }
    archive_u64(archive, &rows->dropped_keys);
    archive_count(archive, &count, VIOLATION_ROWS);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct violation_row row = {.hash = 0};
        archive_row(&row, archive);
        if (archive->failed || find(rows, row.hash))
            archive->failed = true;
        else
            *append(rows, row.hash) = row;
    }
}
