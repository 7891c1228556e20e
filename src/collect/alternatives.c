#include "alternatives.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grouping.h"
#include "hiding.h"
#include "inventory.h"
#include "memory.h"
#include "nth_smallest.h"
#include "packed_types.h"

enum { MEMO_LEN = 1 << 15 }; /* lengths that a memo can name */

struct alternatives *alternatives_new(const struct collect_context *context)
{
    struct alternatives *alternatives = memory_new(1, sizeof(*alternatives));
    alternatives->plan = context->plan;
    alternatives->shape = shape_new(context->plan);
    alternatives->maximum = context->limits.alternatives ? context->limits.alternatives : ALTERNATIVES_ROWS;
    alternatives->row = memory_new(alternatives->maximum, sizeof(*alternatives->row));
    alternatives->slot_mask = 2 * alternatives->maximum - 1;
    alternatives->slot = memory_new(alternatives->slot_mask + 1, sizeof(*alternatives->slot));
    alternatives->grouping = grouping_new(context->plan, context->limits.cells);
    return alternatives;
}

void alternatives_free(struct alternatives *alternatives)
{
    if (!alternatives)
        return;
    shape_free(alternatives->shape);
    grouping_free(alternatives->grouping);
    free(alternatives->row);
    free(alternatives->slot);
    free(alternatives);
}

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

static const uint64_t tag_mask = UINT64_C(0xffffffff00000000);

/* The slot of a row, or the free one that it would have. Rows are large and apart: only one of the same tag is looked
 * at. */
static uint64_t *slot_of(const struct alternatives *alternatives, uint64_t hash)
{
    for (uint32_t at = (uint32_t)(hash >> 32);; at++) {
        uint64_t *slot = &alternatives->slot[at & alternatives->slot_mask];
        if (*slot == 0)
            return slot;
        if (((*slot ^ hash) & tag_mask) == 0 && alternatives->row[(uint32_t)*slot - 1].hash == hash)
            return slot;
    }
}

/* Plus 1; 0: there is none. */
static uint32_t index_of(const struct alternatives *alternatives, uint64_t hash)
{
    return (uint32_t)*slot_of(alternatives, hash);
}

static void put_slot(struct alternatives *alternatives, uint64_t hash, uint32_t index)
{
    *slot_of(alternatives, hash) = (hash & tag_mask) | (index + 1);
}

/* Drops the rows of fewest bytes, at least half of them. */
static void shrink(struct alternatives *alternatives)
{
    grouping_flush(alternatives->grouping);
    uint64_t *bytes = memory_new(alternatives->count, sizeof(*bytes));
    for (uint32_t i = 0; i < alternatives->count; i++)
        bytes[i] = alternatives->row[i].bytes;
    size_t ties;
    uint64_t limit = nth_smallest(bytes, alternatives->count, alternatives->count / 2, &ties);
    free(bytes);
    uint32_t kept = 0;
    memset(alternatives->slot, 0, (alternatives->slot_mask + 1) * sizeof(*alternatives->slot));
    for (uint32_t i = 0; i < alternatives->count; i++) {
        if (alternatives->row[i].bytes <= limit) {
            alternatives->dropped++;
            alternatives->dropped_keys += alternatives->row[i].keys;
            continue;
        }
        alternatives->row[kept] = alternatives->row[i];
        put_slot(alternatives, alternatives->row[kept].hash, kept);
        kept++;
    }
    alternatives->count = kept;
}

static struct alternative_row *append(struct alternatives *alternatives, uint64_t hash)
{
    if (alternatives->count == alternatives->maximum)
        shrink(alternatives);
    put_slot(alternatives, hash, alternatives->count);
    struct alternative_row *row = &alternatives->row[alternatives->count++];
    *row = (struct alternative_row){
        .hash = hash, .serial = alternatives->next_serial++, .is_late = alternatives->dropped != 0};
    return row;
}

struct alternative_row *alternatives_append(struct alternatives *alternatives, uint64_t hash)
{
    return index_of(alternatives, hash) ? NULL : append(alternatives, hash);
}

struct alternative_row *alternatives_find(const struct alternatives *alternatives, uint64_t hash)
{
    uint32_t index = index_of(alternatives, hash);
    return index ? &alternatives->row[index - 1] : NULL;
}

/* What a row's hash has beside that of the pattern. */
static uint64_t hash_of_kind(uint64_t db, enum object_type type)
{
    return (db * OBJECT_TYPE_COUNT + type + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

uint64_t alternatives_pattern_hash(const struct alternative_row *row)
{
    return row->hash ^ hash_of_kind(row->db, row->type);
}

static struct alternative_row *row_for(struct alternatives *alternatives, const struct collect_context *context,
                                       const struct record *record)
{
    uint64_t hash = context->pattern_hash ^ hash_of_kind(record->db, record->type);
    uint32_t index = index_of(alternatives, hash);
    if (index)
        return &alternatives->row[index - 1];
    struct alternative_row *row = append(alternatives, hash);
    row->db = record->db;
    row->type = record->type;
    row->pattern_len = (uint8_t)key_pattern_text(context->pattern, row->pattern);
    row->name_cut = (uint8_t)key_names_cut(context->pattern);
    return row;
}

/* ---- records -------------------------------------------------------------------------------------------------------
 */

uint64_t alternatives_string_bytes(struct alternatives *alternatives, const struct key_facts *key,
                                   const struct shape_text *text)
{
    struct cost cost;
    bool is_common = !text->is_integer && text->len < MEMO_LEN && key->name_len < MEMO_LEN && !key->metadata_classes;
    uint32_t wanted = (uint32_t)(text->len << 16 | key->name_len << 1 | key->has_expiry) + 1;
    struct alternative_memo *memo = &alternatives->memo[wanted * UINT32_C(2654435761) >> (32 - MEMO_BITS)];
    if (is_common && memo->wanted == wanted)
        return memo->bytes;
    shape_begin(alternatives->shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string(alternatives->shape, text, false);
    shape_end(alternatives->shape, text->len);
    model_cost(alternatives->plan, 0, NULL, alternatives->shape, key, &cost);
    if (is_common)
        *memo = (struct alternative_memo){wanted, (uint32_t)cost.size_in_bytes};
    return cost.size_in_bytes;
}

static void add_value(struct alternatives *alternatives, struct alternative_row *row, const struct record *record)
{
    if (record->value[0] == '{' || record->value[0] == ' ' || record->value[0] == '\n' || record->value[0] == '\t' ||
        record->value[0] == '\r')
        json_strings_add(alternatives, row, record);
    if (record->value[0] == 'H')
        hyperloglog_add(alternatives, row, record);
    else if (record->elements == record->value_bytes)
        text_numbers_add(alternatives, row, record);
    bitmap_add(row, record);
}

/* Values that other settings, or other members, could make smaller. */
static bool may_be_packed_better(const struct record *record)
{
    enum { TABLES = 1 << ENCODING_HASHTABLE | 1 << ENCODING_SKIPLIST };
    return TABLES >> record->cost.encoding & 1 || record->type == OBJECT_LIST ||
           (record->type == OBJECT_SET && record->cost.encoding != ENCODING_INTSET);
}

uint32_t alternatives_row(struct alternatives *alternatives, const struct collect_context *context,
                          const struct record *record)
{
    bool is_string = record->type == OBJECT_STRING, has_long_name = record->key_len >= ALTERNATIVES_LONG_NAME;
    bool is_small_hash = record->type == OBJECT_HASH && encoding_is_packed(record->cost.encoding);
    if (!is_string && !has_long_name && !is_small_hash && !may_be_packed_better(record))
        return ALTERNATIVES_NO_ROW;
    return (uint32_t)(row_for(alternatives, context, record) - alternatives->row);
}

void alternatives_add_sums(struct alternatives *alternatives, uint32_t index, const struct record *record)
{
    if (index == ALTERNATIVES_NO_ROW)
        return;
    struct alternative_row *row = &alternatives->row[index];
    uint64_t keys = 1 + record->more;
    row->keys += keys;
    row->bytes += keys * record->cost.size_in_bytes;
    row->expiring += record->has_expiry ? keys : 0;
    if (record->type == OBJECT_STRING && record->stored_saved)
        compressible_add(alternatives, row, record);
}

struct alternative_row *alternatives_add_key(struct alternatives *alternatives, uint32_t index,
                                             const struct key_pattern *pattern, const struct record *record)
{
    if (index == ALTERNATIVES_NO_ROW)
        return NULL;
    struct alternative_row *row = &alternatives->row[index];
    bool is_string = record->type == OBJECT_STRING;
    if (is_string || (record->type == OBJECT_HASH && encoding_is_packed(record->cost.encoding)))
        grouping_add(alternatives->grouping, row, pattern, record, record->cost.size_in_bytes);
    if (record->key_len >= ALTERNATIVES_LONG_NAME)
        key_names_add(alternatives, row, record);
    if (is_string && record->value_bytes)
        add_value(alternatives, row, record);
    return row;
}

void alternatives_prepare(struct alternatives *alternatives, uint32_t index, const struct key_pattern *pattern,
                          const struct record *record, struct grouped_key *prepared)
{
    *prepared = (struct grouped_key){.row = NULL};
    if (index != ALTERNATIVES_NO_ROW)
        grouping_prepare(alternatives->grouping, &alternatives->row[index], pattern, record, record->cost.size_in_bytes,
                         prepared);
}

bool alternatives_add_short(struct alternatives *alternatives, const struct grouped_key *prepared,
                            const struct key_pattern *pattern, const uint8_t *name, const struct record *record)
{
    return prepared->row == NULL || grouping_add_prepared(alternatives->grouping, prepared, pattern, name, record);
}

bool alternatives_are_full(const struct alternatives *alternatives)
{
    return alternatives->count == alternatives->maximum;
}

bool alternatives_depend_on_order(const struct alternatives *alternatives)
{
    return alternatives->dropped != 0 || grouping_is_crowded(alternatives->grouping);
}

bool alternatives_are_large(const struct alternatives *alternatives, unsigned sharers)
{
    return alternatives->count > alternatives->maximum / (2 * sharers) ||
           grouping_is_large(alternatives->grouping, sharers);
}

/* ---- merging -------------------------------------------------------------------------------------------------------
 */

static void add_row(struct alternative_row *to, const struct alternative_row *from)
{
    to->keys += from->keys;
    to->bytes += from->bytes;
    to->expiring += from->expiring;
    for (int i = 0; i < ALTERNATIVE_COUNT; i++) {
        to->sum[i].keys += from->sum[i].keys;
        to->sum[i].before += from->sum[i].before;
        to->sum[i].after += from->sum[i].after;
    }
    to->grouping.digits |= from->grouping.digits;
    to->grouping.expiring += from->grouping.expiring;
    to->grouping.left += from->grouping.left;
    to->grouping.fields += from->grouping.fields;
    to->grouping.as_ids_lost |= from->grouping.as_ids_lost;
    /* The lower one; 0, none, is the highest. */
    if (to->grouping.sample_below - 1 > from->grouping.sample_below - 1)
        to->grouping.sample_below = from->grouping.sample_below;
    grouping_merge_example(to, from);
    to->json.sampled += from->json.sampled;
    to->json.change += from->json.change;
    to->json.squares += from->json.squares;
    to->json.larger += from->json.larger;
    to->json.too_long += from->json.too_long;
    to->json.fields += from->json.fields;
    for (int i = 0; i < NUMBER_KINDS; i++)
        to->numbers[i] += from->numbers[i];
    to->bitmaps.keys += from->bitmaps.keys;
    to->bitmaps.bytes += from->bitmaps.bytes;
    to->bitmaps.stored_bytes += from->bitmaps.stored_bytes;
    to->value_bytes += from->value_bytes;
    to->stored_bytes += from->stored_bytes;
    to->name_bytes += from->name_bytes;
    if (to->sparse_longest < from->sparse_longest)
        to->sparse_longest = from->sparse_longest;
    to->is_late |= from->is_late;
    row_changes_merge(&to->changes, &from->changes);
}

void alternatives_flush(const struct alternatives *alternatives)
{
    grouping_flush(alternatives->grouping);
}

void alternatives_merge(struct alternatives *alternatives, const struct alternatives *other)
{
    alternatives_flush(alternatives);
    alternatives_flush(other);
    uint32_t *serial = memory_new(other->next_serial, sizeof(*serial));
    memset(serial, 0xff, other->next_serial * sizeof(*serial));
    for (uint32_t i = 0; i < other->count; i++) {
        const struct alternative_row *from = &other->row[i];
        uint32_t index = index_of(alternatives, from->hash);
        struct alternative_row *row = index ? &alternatives->row[index - 1] : append(alternatives, from->hash);
        if (index == 0) {
            uint32_t own = row->serial;
            *row = *from;
            row->serial = own;
            row->is_late |= alternatives->dropped != 0;
        } else {
            add_row(row, from);
        }
        serial[from->serial] = row->serial;
    }
    alternatives->dropped += other->dropped;
    alternatives->dropped_keys += other->dropped_keys;
    alternatives->changes_left_out += other->changes_left_out;
    grouping_merge(alternatives, other->grouping, serial);
    free(serial);
}

void alternatives_hide(struct alternatives *alternatives, const struct doc_hider *hider)
{
    alternatives_flush(alternatives);
    grouping_hide(alternatives, hider);
    memset(alternatives->slot, 0, (alternatives->slot_mask + 1) * sizeof(*alternatives->slot));
    for (uint32_t i = 0; i < alternatives->count; i++) {
        struct alternative_row *row = &alternatives->row[i];
        uint8_t pattern[KEY_PATTERN_MAX];
        memcpy(pattern, row->pattern, row->pattern_len);
        memset(row->pattern, 0, sizeof(row->pattern));
        row->pattern_len =
            (uint8_t)hiding_name(hider, pattern, row->pattern_len, row->pattern, KEY_PATTERN_MAX, &row->hash);
        row->hash ^= hash_of_kind(row->db, row->type);
        put_slot(alternatives, row->hash, i);
        if (row->grouping.name_len == 0)
            continue;
        row->grouping.name[0] = '*';
        row->grouping.name_len = 1;
        row->grouping.id_at = row->grouping.at = row->grouping.len = 0;
    }
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

struct sort_item {
    const struct alternative_row *row;
    uint64_t saved;
};

static int most_saved_first(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    if (x->saved != y->saved)
        return x->saved < y->saved ? 1 : -1;
    if (x->row->db != y->row->db)
        return x->row->db < y->row->db ? -1 : 1;
    int order = memcmp(x->row->pattern, y->row->pattern, KEY_PATTERN_MAX);
    return order ? order : (int)x->row->type - (int)y->row->type;
}

const struct alternative_row **alternatives_sorted(const struct alternatives *alternatives,
                                                   enum alternative alternative, size_t *count)
{
    struct sort_item *item = memory_new(alternatives->count, sizeof(*item));
    *count = 0;
    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct alternative_row *row = &alternatives->row[i];
        if (row->sum[alternative].keys)
            item[(*count)++] = (struct sort_item){row, alternative_saved(&row->sum[alternative])};
    }
    qsort(item, *count, sizeof(*item), most_saved_first);
    const struct alternative_row **sorted = memory_new(*count, sizeof(*sorted));
    for (size_t i = 0; i < *count; i++)
        sorted[i] = item[i].row;
    free(item);
    return sorted;
}

uint64_t alternatives_worth(const struct collect_context *context)
{
    enum { WORTH_DIVISOR = 100 };
    struct inventory_totals totals;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    return totals.bytes / WORTH_DIVISOR + 1;
}

const char *alternative_pattern(const struct alternative_row *row, struct document *document,
                                char text[ALTERNATIVE_NAME_SIZE])
{
    return alternative_shown(row->pattern, row->pattern_len, document, text);
}

const char *alternative_shown(const uint8_t *pattern, size_t pattern_len, struct document *document,
                              char text[ALTERNATIVE_NAME_SIZE])
{
    struct doc_bytes name = document_shown_name(document, pattern, pattern_len);
    size_t len = name.len < ALTERNATIVE_NAME_SIZE ? name.len : ALTERNATIVE_NAME_SIZE - 1;
    for (size_t i = 0; i < len; i++)
        text[i] = name.bytes[i] >= ' ' && name.bytes[i] < 0x7f ? (char)name.bytes[i] : '?';
    text[len] = '\0';
    return text;
}

struct doc_section *alternative_table_write(const struct alternative_table *what, const struct collect_context *context,
                                            const struct collector *collector, struct document *document, size_t *rows)
{
    const struct alternative_row **row = alternatives_sorted(context->alternatives, what->alternative, rows);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table =
        *rows ? section_table(section, "patterns", collector->title, what->columns, what->column_count, DOC_CHART_NONE)
              : NULL;
    uint64_t worth = alternatives_worth(context);
    if (table)
        table_print_at_most(table, context->top);
    for (size_t i = 0; i < *rows && i < ALTERNATIVE_MAX_TABLE; i++) {
        what->write_row(table, row[i]);
        if (what->write_action && alternative_saved(&row[i]->sum[what->alternative]) >= worth)
            what->write_action(row[i], i + 1, document);
    }
    free(row);
    return section;
}

void alternatives_note_bounds(const struct alternatives *alternatives, struct doc_section *section)
{
    if (alternatives->dropped)
        section_note(section, DOC_INFO,
                     "There are more patterns than are kept (%u): %" PRIu64
                     " keys of light ones are not in this section.",
                     alternatives->maximum, alternatives->dropped_keys);
}
