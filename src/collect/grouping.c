
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <isa-l/crc.h>

#include "grouping_cells.h"
#include "grouping_ids.h"
#include "memory.h"
#include "model/packed_hash.h"
#include "name_order.h"

enum { FIRST_CELLS = 1024, LONGEST_ENTRY = 248 };

uint16_t grouping_bucket(const uint8_t *id, size_t len)
{
    return (uint16_t)(crc32_gzip_refl(0, id, len) >> 16);
}

static unsigned digits_within(uint64_t limit)
{
    unsigned digits = 0;
    for (uint64_t power = 10; power <= limit && digits < GROUPING_MAX_DIGITS; power *= 10)
        digits++;
    return digits;
}

static uint32_t clamped(int64_t value, uint32_t most)
{
    return value < 0 ? 0 : value < (int64_t)most ? (uint32_t)value : most;
}

static void fill_field_entries(struct grouping *grouping)
{
    for (unsigned value = 0; value < GROUPING_FIELDS; value++) {
        const uint8_t text[] = {(uint8_t)('0' + value / 100), (uint8_t)('0' + value / 10 % 10),
                                (uint8_t)('0' + value % 10)};
        for (unsigned digits = 1; digits <= GROUPING_MAX_DIGITS; digits++) {
            struct shape_text field = shape_text_of(text + GROUPING_MAX_DIGITS - digits, digits);
            grouping->field_entry[digits - 1][value] = (uint8_t)model_packed_entry(grouping->plan, 0, &field);
        }
    }
}

struct grouping *grouping_new(const struct plan *plan, uint32_t cells)
{
    const struct settings *settings = &plan_view(plan, 0)->settings;
    struct grouping *grouping = memory_new(1, sizeof(*grouping));
    grouping->plan = plan;
    grouping->max_fields = clamped(settings->value[SETTING_HASH_MAX_ENTRIES], UINT16_MAX);
    grouping->max_value = clamped(settings->value[SETTING_HASH_MAX_VALUE], LONGEST_ENTRY);
    grouping->max_timed = model_table_expiries(plan, 0);
    bool has_tables = grouping->max_timed != 0;
    uint32_t most =
        has_tables && grouping->max_timed < grouping->max_fields ? grouping->max_timed : grouping->max_fields;
    grouping->digits = (uint8_t)digits_within(most);
    grouping->cells = cells ? cells : GROUPING_CELLS;
    grouping->mask = FIRST_CELLS - 1;
    grouping->cell = memory_new(FIRST_CELLS, sizeof(*grouping->cell));
    grouping->pairs = has_tables ? memory_new(FIRST_CELLS, sizeof(*grouping->pairs)) : NULL;
    fill_field_entries(grouping);
    return grouping;
}

void grouping_free(struct grouping *grouping)
{
    if (!grouping)
        return;
    free(grouping->cell);
    free(grouping->pairs);
    free(grouping);
}

/* ---- cells ---------------------------------------------------------------------------------------------------------
 */

static uint32_t first_at(const struct grouping *grouping, uint64_t hash)
{
    return (uint32_t)(hash >> 20) & grouping->mask;
}

static struct cell *cell_at(const struct grouping *grouping, uint64_t hash)
{
    uint32_t at = first_at(grouping, hash);
    while (grouping->cell[at].hash && grouping->cell[at].hash != hash)
        at = (at + 1) & grouping->mask;
    return &grouping->cell[at];
}

struct cells_taken grouping_take(struct grouping *grouping, uint32_t mask)
{
    struct cells_taken taken = {grouping->cell, grouping->pairs, grouping->mask};
    grouping->mask = mask;
    grouping->count = 0;
    grouping->cell = memory_new((size_t)mask + 1, sizeof(*grouping->cell));
    if (taken.pairs)
        grouping->pairs = memory_new((size_t)mask + 1, sizeof(*grouping->pairs));
    return taken;
}

void grouping_put_back(struct grouping *grouping, const struct cells_taken *taken, uint32_t i, uint64_t hash)
{
    struct cell *cell = cell_at(grouping, hash);
    grouping->count += cell->hash == 0;
    *cell = taken->cell[i];
    cell->hash = hash;
    if (taken->pairs)
        *cell_pairs(grouping, cell) = taken->pairs[i];
}

void grouping_taken_free(const struct cells_taken *taken)
{
    free(taken->cell);
    free(taken->pairs);
}

static void grow(struct grouping *grouping)
{
    struct cells_taken taken = grouping_take(grouping, 2 * grouping->mask + 1);
    for (uint32_t i = 0; i <= taken.mask; i++)
        if (taken.cell[i].hash)
            grouping_put_back(grouping, &taken, i, taken.cell[i].hash);
    grouping_taken_free(&taken);
}

struct cell *grouping_cell(struct grouping *grouping, uint64_t hash)
{
    struct cell *cell = cell_at(grouping, hash);
    if (cell->hash)
        return cell;
    if (grouping->count == grouping->cells)
        return NULL;
    if (grouping->count > grouping->mask / 4 * 3) {
        grow(grouping);
        cell = cell_at(grouping, hash);
    }
    grouping->count++;
    cell->hash = hash;
    return cell;
}

/* ---- names ---------------------------------------------------------------------------------------------------------
 */

/* What stands between the numbers of a date or an address: key_pattern.h. */
static bool is_mark(uint8_t byte)
{
    return byte == '-' || byte == '.';
}

/* The part of a name that becomes the field. */
struct varying {
    unsigned at, len;
    bool is_id;
};

/* Finds the last thing that varies in the name: the last digits of a number, or an id as a whole. */
static bool find_varying(const struct key_pattern *pattern, const struct record *record, unsigned most,
                         struct varying *varying)
{
    if (record->key_len > KEY_PATTERN_MAX || record->key_bytes != record->key_len || pattern->folded == 0)
        return false;
    unsigned last = 63 - (unsigned)__builtin_clzll(pattern->folded);
    uint64_t upto = UINT64_MAX >> (63 - last), unfolded = ~pattern->folded & upto, others = ~pattern->digits & upto;
    unsigned start = unfolded ? 64 - (unsigned)__builtin_clzll(unfolded) : 0;
    bool is_id = !(pattern->digits >> last & 1);
    for (uint64_t rest = others >> start << start; rest && !is_id; rest &= rest - 1)
        is_id = !is_mark(record->key[__builtin_ctzll(rest)]);
    if (is_id) {
        *varying = (struct varying){start, last + 1 - start, true};
        return varying->len >= GROUPING_SHORTEST_ID;
    }
    unsigned first = others ? 64 - (unsigned)__builtin_clzll(others) : 0;
    unsigned digits = last - first + 1, len = digits < most ? digits : most;
    *varying = (struct varying){last + 1 - len, len, false};
    return true;
}

/* Of the name with the field's digits taken out. */
static uint64_t hash_without(const struct alternative_row *row, const struct key_pattern *pattern, unsigned at,
                             unsigned len)
{
    uint64_t hash = row->hash ^ pattern->len, field = (UINT64_C(1) << 8 * len) - 1;
    for (unsigned first = 0; first < pattern->len; first += 8) {
        uint64_t word = pattern->word[first / 8];
        if (at < first + 8 && at + len > first)
            word &= ~(at >= first ? field << 8 * (at - first) : field >> 8 * (first - at));
        hash = key_pattern_mix(hash, word);
    }
    return hash | 1;
}

static uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, unsigned len)
{
    for (unsigned at = 0; at < len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, len - at < 8 ? len - at : 8);
        hash = key_pattern_mix(hash, word);
    }
    return hash;
}

/* Of the name with its id taken out, and the bucket of the id: grouping_ids_rest gives the first of them back. */
static uint64_t hash_of_id(const struct alternative_row *row, const struct record *record,
                           const struct varying *varying, uint16_t bucket)
{
    unsigned end = varying->at + varying->len;
    uint64_t hash = hash_bytes(key_pattern_mix(row->hash, varying->at), record->key, varying->at);
    hash = hash_bytes(hash, record->key + end, (unsigned)record->key_len - end);
    return grouping_ids_hash(hash | 1, bucket);
}

/* ---- records -------------------------------------------------------------------------------------------------------
 */

/* A key as it would be in a hash. */
struct member {
    struct varying in; /* its field in the name */
    uint64_t fields, entries;
    uint64_t pairs; /* as a table has them, where fields that expire are in tables */
};

static uint64_t field_entry(const struct grouping *grouping, const struct record *record, const struct varying *in)
{
    const uint8_t *text = record->key + in->at;
    if (in->is_id) {
        struct shape_text id = shape_text_of(text, in->len);
        return model_packed_entry(grouping->plan, 0, &id);
    }
    unsigned number = 0;
    for (unsigned i = 0; i < in->len; i++)
        number = 10 * number + (text[i] - '0');
    return grouping->field_entry[in->len - 1][number];
}

static bool string_member(const struct grouping *grouping, const struct record *record, struct member *member)
{
    const struct shape_text *value = shape_string_text(record->shape);
    if (value->len > grouping->max_value)
        return false;
    member->fields = 1;
    member->entries = field_entry(grouping, record, &member->in) + model_packed_entry(grouping->plan, 0, value);
    member->pairs =
        grouping->pairs ? model_table_pair(grouping->plan, 0, member->in.len, value->len, record->has_expiry) : 0;
    return true;
}

/* As many fields as ten hashes may have that become one, where it is a table those that are to expire. */
static uint32_t most_fields_of_hash(const struct grouping *grouping, const struct record *record)
{
    uint32_t most = grouping->max_fields / GROUPING_HASHES;
    if (!grouping->pairs)
        return most;
    if (record->has_expiry && grouping->max_timed / GROUPING_HASHES < most)
        return grouping->max_timed / GROUPING_HASHES;
    return most < SHAPE_KEPT_PAIRS ? most : SHAPE_KEPT_PAIRS;
}

static bool hash_member(const struct grouping *grouping, const struct record *record, struct member *member)
{
    enum { EXACT_UP_TO = 63 };
    unsigned more = member->in.len + 1;
    uint64_t field = shape_field_at_most(record->shape) + more;
    if (record->longest > grouping->max_value || field > grouping->max_value || field > EXACT_UP_TO ||
        shape_fields_with_expiry(record->shape) || record->elements > most_fields_of_hash(grouping, record))
        return false;
    member->fields = record->elements;
    member->pairs = grouping->pairs ? model_prefixed_pairs(grouping->plan, record->shape, more, record->has_expiry) : 0;
    member->entries = model_prefixed_entries(grouping->plan, 0, record->shape, more);
    return true;
}

/* Of hashes one digit: GROUPING_HASHES in one, whatever the number of their fields. */
static unsigned digits_of(const struct grouping *grouping, const struct record *record)
{
    return record->type == OBJECT_STRING ? grouping->digits : 1;
}

/* The longest name shows best how names are split; of those the first in order, whatever came first. */
static bool is_better_example(const struct alternative_row *row, const uint8_t *name, unsigned len)
{
    if (row->grouping.name_len != len)
        return row->grouping.name_len < len;
    return name_order(name, row->grouping.name, len) < 0;
}

void grouping_merge_example(struct alternative_row *to, const struct alternative_row *from)
{
    if (!is_better_example(to, from->grouping.name, from->grouping.name_len))
        return;
    to->grouping.name_len = from->grouping.name_len;
    to->grouping.is_id = from->grouping.is_id;
    to->grouping.at = from->grouping.at;
    to->grouping.len = from->grouping.len;
    memcpy(to->grouping.name, from->grouping.name, from->grouping.name_len);
}

static void keep_example(struct alternative_row *row, const struct record *record, const struct member *member)
{
    row->grouping.name_len = (uint8_t)record->key_len;
    row->grouping.is_id = member->in.is_id;
    row->grouping.at = (uint8_t)member->in.at;
    row->grouping.len = (uint8_t)member->in.len;
    memcpy(row->grouping.name, record->key, record->key_len);
}

static void put(struct grouping *grouping, struct alternative_row *row, const struct pending *key)
{
    struct cell *cell = grouping_cell(grouping, key->hash);
    if (!cell || cell->fields + (uint32_t)key->fields > grouping->max_fields) {
        row->grouping.left++;
        grouping->is_crowded = true;
        return;
    }
    cell->serial = row->serial;
    cell->name_len = key->name_len;
    cell->bucket = key->bucket;
    cell->is_id = key->is_id;
    cell->entries += key->entries;
    if (grouping->pairs)
        *cell_pairs(grouping, cell) += key->pairs;
    cell->fields = (uint16_t)(cell->fields + key->fields);
    cell->timed = (uint16_t)(cell->timed + (key->has_expiry ? key->fields : 0));
    alternative_sum_add(&row->sum[ALTERNATIVE_GROUPED], key->bytes, 0, 1);
    row->grouping.expiring += key->has_expiry;
    row->grouping.fields += key->fields;
}

bool grouping_is_crowded(const struct grouping *grouping)
{
    return grouping->is_crowded;
}

bool grouping_is_large(const struct grouping *grouping, unsigned sharers)
{
    return grouping->count > grouping->cells / (2 * sharers);
}

void grouping_flush(struct grouping *grouping, struct alternative_row *rows)
{
    for (uint32_t i = 0; i < grouping->pending_count; i++)
        put(grouping, &rows[grouping->pending[i].row], &grouping->pending[i]);
    grouping->pending_count = 0;
}

/* Takes the digits of a row's rule, or the whole id; false: no field of it. */
static bool find_member(const struct grouping *grouping, struct alternative_row *row, const struct key_pattern *pattern,
                        const struct record *record, struct member *member)
{
    if (grouping->digits == 0 || !find_varying(pattern, record, GROUPING_MAX_DIGITS, &member->in))
        return false;
    if (member->in.is_id)
        return true;
    if (row->grouping.digits == 0)
        row->grouping.digits = (uint8_t)digits_of(grouping, record);
    if (member->in.len > row->grouping.digits) {
        member->in.at += member->in.len - row->grouping.digits;
        member->in.len = row->grouping.digits;
    }
    return row->grouping.digits > 0;
}

void grouping_add(struct grouping *grouping, struct alternative_row *row, uint32_t index,
                  const struct key_pattern *pattern, const struct record *record)
{
    struct member member;
    if (!find_member(grouping, row, pattern, record, &member))
        return;
    bool fits = record->type == OBJECT_STRING ? string_member(grouping, record, &member)
                                              : hash_member(grouping, record, &member);
    if (!fits) {
        row->grouping.left++;
        return;
    }
    if (is_better_example(row, record->key, (unsigned)record->key_len))
        keep_example(row, record, &member);
    bool is_id = member.in.is_id;
    uint16_t bucket = is_id ? grouping_bucket(record->key + member.in.at, member.in.len) : 0;
    uint64_t hash =
        is_id ? hash_of_id(row, record, &member.in, bucket) : hash_without(row, pattern, member.in.at, member.in.len);
    __builtin_prefetch(&grouping->cell[first_at(grouping, hash)], 1);
    struct pending *pending = &grouping->pending[grouping->pending_count++];
    pending->hash = hash;
    pending->bytes = record->cost.size_in_bytes;
    pending->row = index;
    pending->entries = (uint32_t)member.entries;
    pending->pairs = (uint32_t)member.pairs;
    pending->fields = (uint16_t)member.fields;
    pending->bucket = bucket;
    pending->name_len = (uint8_t)(record->key_len - (is_id ? member.in.len : 0));
    pending->has_expiry = record->has_expiry;
    pending->is_id = is_id;
    if (grouping->pending_count == GROUPING_PENDING)
        grouping_flush(grouping, row - index);
}

/* ---- results -------------------------------------------------------------------------------------------------------
 */

void grouping_add_hash(const struct plan *plan, const struct grouped_hash *hash, struct grouping_sums *sums)
{
    const struct key_facts key = {.name_len = hash->name_len};
    uint64_t untimed = model_packed_hash(plan, 0, &key, hash->entries, hash->fields, 0), bytes = untimed;
    bool is_table = hash->timed && model_table_expiries(plan, 0), packs = hash->timed && model_packs_expiries(plan, 0);
    if (is_table)
        bytes = model_table_hash(plan, 0, &key, hash->pairs, hash->fields, hash->timed);
    else if (packs)
        bytes = model_packed_hash(plan, 0, &key, hash->entries, hash->fields, hash->timed);
    grouping_sums_add(sums, hash->fields, bytes);
    sums->untimed_bytes += untimed;
    sums->timed_hashes += is_table || packs;
}

static void add_hash(const struct collect_context *context, const struct cell *cell, uint32_t pairs,
                     struct grouping_sums *sums)
{
    const struct grouped_hash hash = {cell->name_len, cell->entries, pairs, cell->fields, cell->timed};
    grouping_add_hash(context->plan, &hash, sums);
}

static void add_cells(const struct collect_context *context, struct grouping_sums *sums, struct grouping_result *result)
{
    const struct alternatives *alternatives = context->alternatives;
    const struct grouping *grouping = alternatives->grouping;
    struct id_bucket *ids = memory_new(grouping->count, sizeof(*ids));
    size_t id_count = 0;
    uint32_t *index = memory_new(alternatives->next_serial, sizeof(*index));
    for (uint32_t i = 0; i < alternatives->count; i++)
        index[alternatives->row[i].serial] = i + 1;
    for (uint32_t i = 0; i <= grouping->mask; i++) {
        const struct cell *cell = &grouping->cell[i];
        if (cell->hash == 0 || index[cell->serial] == 0)
            continue;
        uint32_t row = index[cell->serial] - 1, pairs = grouping->pairs ? grouping->pairs[i] : 0;
        if (cell->is_id)
            ids[id_count++] = (struct id_bucket){.rest = grouping_ids_rest(cell->hash, cell->bucket),
                                                 .row = row,
                                                 .entries = cell->entries,
                                                 .pairs = pairs,
                                                 .fields = cell->fields,
                                                 .timed = cell->timed,
                                                 .bucket = cell->bucket,
                                                 .name_len = cell->name_len};
        else
            add_hash(context, cell, pairs, &sums[row]);
    }
    grouping_ids_settle(context, ids, id_count, sums, result);
    free(index);
    free(ids);
}

/* Only their hashes, after and what is known of both. */
static struct grouping_result *settle(const struct collect_context *context)
{
    const struct alternatives *alternatives = context->alternatives;
    struct grouping_result *result = memory_new(alternatives->count, sizeof(*result));
    struct grouping_sums *sums = memory_new(alternatives->count, sizeof(*sums));
    bool keeps_expiries = model_packs_expiries(context->plan, 0) || model_table_expiries(context->plan, 0);
    add_cells(context, sums, result);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct alternative_row *row = &alternatives->row[i];
        result[i].hashes = sums[i].hashes;
        result[i].after = sums[i].bytes;
        result[i].timed_hashes = sums[i].timed_hashes;
        result[i].after_untimed = sums[i].untimed_bytes;
        if (row->grouping.sample_below != 0)
            grouping_estimate(&sums[i], row->grouping.fields, &result[i]);
        result[i].loses_expiry = row->grouping.expiring != 0 && !keeps_expiries;
        if (result[i].is_too_many)
            result[i] = (struct grouping_result){.after = row->sum[ALTERNATIVE_GROUPED].before, .is_too_many = true};
    }
    free(sums);
    return result;
}

struct grouping_result *grouping_results(const struct collect_context *context)
{
    const struct alternatives *alternatives = context->alternatives;
    struct grouping_result *result = settle(context);
    struct keyspace_cost before, after;
    model_keyspace(context->plan, 0, context->keyspace, &before);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct alternative_row *row = &alternatives->row[i];
        const struct alternative_sum *sum = &row->sum[ALTERNATIVE_GROUPED];
        if (result[i].hashes == 0) /* a row that claims keys without any hash for them */
            continue;
        result[i].saved = (int64_t)(sum->before - result[i].after);
        if (result[i].saved <= 0)
            continue;
        struct keyspace_change change = {row->db, (int64_t)result[i].hashes - (int64_t)sum->keys,
                                         -(int64_t)row->grouping.expiring, (int64_t)result[i].timed_hashes};
        model_keyspace_changed(context->plan, 0, context->keyspace, &change, 1, &after);
        result[i].saved += (int64_t)(before.total_bytes - after.total_bytes);
    }
    return result;
}

bool grouping_is_clean(const struct alternative_row *row, const struct grouping_result *result)
{
    return result->saved > 0 && !result->loses_expiry && !row->is_late &&
           row->grouping.left <= row->sum[ALTERNATIVE_GROUPED].keys / 10;
}
