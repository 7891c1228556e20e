/* Of grouping: which part of a key's name becomes the field, and what the key comes to in a hash. */
#include <string.h>

#include <isa-l/crc.h>

#include "grouping_cells.h"
#include "grouping_ids.h"
#include "model/packed_hash.h"
#include "name_order.h"

uint16_t grouping_bucket(const uint8_t *id, size_t len)
{
    return (uint16_t)(crc32_gzip_refl(0, id, len) >> 16);
}

/* ---- names ---------------------------------------------------------------------------------------------------------
 */

/* Of the name with the field's digits, at most seven of them, taken out. */
static inline uint64_t hash_without(const struct alternative_row *row, const struct key_pattern *pattern, unsigned at,
                                    unsigned len)
{
    uint64_t hash = row->hash ^ pattern->len, field = (UINT64_C(1) << 8 * len) - 1;
    unsigned i = 0, shift = 8 * (at % 8);
    for (; i < at / 8; i++)
        hash = key_pattern_mix(hash, pattern->word[i]);
    hash = key_pattern_mix(hash, pattern->word[i++] & ~(field << shift));
    if (8 * i < pattern->len)
        hash = key_pattern_mix(hash, pattern->word[i++] & ~(shift ? field >> (64 - shift) : 0));
    for (; 8 * i < pattern->len; i++)
        hash = key_pattern_mix(hash, pattern->word[i]);
    return hash | 1;
}

static uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, unsigned len)
{
    unsigned at = 0;
    for (; len - at >= 8; at += 8)
        hash = key_pattern_mix(hash, word_load(bytes + at));
    return at < len ? key_pattern_mix(hash, word_load_few(bytes + at, len - at)) : hash;
}

/* Of the name with its id taken out, and the bucket of the id: grouping_ids_rest gives the first of them back. */
static uint64_t hash_of_id(const struct alternative_row *row, const struct record *record,
                           const struct key_varying *varying, uint16_t bucket, enum cell_kind kind)
{
    unsigned end = varying->at + varying->len;
    uint64_t hash = hash_bytes(key_pattern_mix(row->hash, varying->at), record->key, varying->at);
    hash = hash_bytes(hash, record->key + end, (unsigned)record->key_len - end);
    return grouping_ids_hash(hash | 1, bucket, kind);
}

/* ---- examples ------------------------------------------------------------------------------------------------------
 */

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
    to->grouping.id_at = from->grouping.id_at;
    to->grouping.at = from->grouping.at;
    to->grouping.len = from->grouping.len;
    memcpy(to->grouping.name, from->grouping.name, from->grouping.name_len);
}

/* `field`: what of the name becomes the field. */
static inline void offer_example(struct alternative_row *row, const struct record *record,
                                 const struct key_varying *field)
{
    if (!is_better_example(row, record->key, (unsigned)record->key_len))
        return;
    row->grouping.name_len = (uint8_t)record->key_len;
    row->grouping.is_id = field->is_id;
    row->grouping.id_at = field->id_at;
    row->grouping.at = field->at;
    row->grouping.len = field->len;
    memcpy(row->grouping.name, record->key, record->key_len);
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

static unsigned number_of(const uint8_t *digits, unsigned len)
{
    unsigned number = digits[len - 1] - '0';
    if (len > 1)
        number += 10U * (digits[len - 2] - '0');
    if (len > 2)
        number += 100U * (digits[0] - '0');
    return number;
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

/* The next place, in which the caller sets hash, entries and fields: filled where it lies, as a copy of what was just
 * stored would stall. */
static struct pending *next_pending(struct grouping *grouping, struct alternative_row *row, const struct record *record,
                                    uint64_t bytes, enum cell_kind kind)
{
    struct pending *pending = &grouping->pending[grouping->pending_at];
    struct grouped_key *key = &pending->key;
    key->row = row;
    key->bytes = (uint32_t)bytes;
    key->bucket = 0;
    key->name_len = (uint8_t)record->key_len;
    key->kind = (uint8_t)kind;
    key->has_expiry = record->has_expiry;
    return pending;
}

/* The oldest one makes room: its cell has come by now. */
static inline void push(struct grouping *grouping)
{
    uint64_t hash = grouping->pending[grouping->pending_at].hash;
    __builtin_prefetch(&grouping->cell[cell_first(grouping, hash)], 1);
    grouping->pending_at = (grouping->pending_at + 1) % GROUPING_PENDING;
    grouping_put_pending(grouping, grouping->pending_at);
}

/* Of all numbers in a row's names the last digits: as many as its rule takes. 0: none. */
static inline unsigned digits_of_row(const struct grouping *grouping, struct alternative_row *row)
{
    /* Of hashes one digit: GROUPING_HASHES in one, whatever the number of their fields. */
    if (row->grouping.digits == 0)
        row->grouping.digits = row->type == OBJECT_STRING ? grouping->digits : 1;
    return row->grouping.digits;
}

static inline struct key_varying last_digits(const struct key_varying *number, unsigned digits)
{
    unsigned len = number->len < digits ? number->len : digits;
    return (struct key_varying){(uint8_t)(number->at + number->len - len), (uint8_t)len, false, number->id_at};
}

static inline bool is_as_long_as_an_id(const struct key_varying *varying)
{
    return varying->at + varying->len - varying->id_at >= GROUPING_SHORTEST_ID;
}

/* What a key comes to as fields of a hash. */
struct member {
    uint64_t fields, entries;
    uint64_t pairs; /* as a table has them, where fields that expire are in tables */
};

/* Under an id as a field. */
static inline bool string_member(const struct grouping *grouping, const struct record *record,
                                 const struct key_varying *field, struct member *member)
{
    const struct shape_text *value = shape_string_text(record->shape);
    struct shape_text id = shape_text_of(record->key + field->at, field->len);
    if (value->len > grouping->max_value)
        return false;
    member->fields = 1;
    member->entries = model_packed_entry(grouping->plan, 0, &id) + model_packed_entry(grouping->plan, 0, value);
    member->pairs =
        grouping->pairs ? model_table_pair(grouping->plan, 0, field->len, value->len, record->has_expiry) : 0;
    return true;
}

static bool hash_member(const struct grouping *grouping, const struct record *record, const struct key_varying *field,
                        struct member *member)
{
    enum { EXACT_UP_TO = 63 };
    unsigned more = field->len + 1;
    uint64_t longest = shape_field_at_most(record->shape) + more;
    if (record->longest > grouping->max_value || longest > grouping->max_value || longest > EXACT_UP_TO ||
        shape_fields_with_expiry(record->shape) || record->elements > most_fields_of_hash(grouping, record))
        return false;
    member->fields = record->elements;
    member->pairs = grouping->pairs ? model_prefixed_pairs(grouping->plan, record->shape, more, record->has_expiry) : 0;
    member->entries = model_prefixed_entries(grouping->plan, 0, record->shape, more);
    return true;
}

static inline bool fits(const struct grouping *grouping, const struct record *record, const struct key_varying *field,
                        struct member *member)
{
    return record->type == OBJECT_STRING ? string_member(grouping, record, field, member)
                                         : hash_member(grouping, record, field, member);
}

static void push_member(struct grouping *grouping, const struct member *member)
{
    struct grouped_key *key = &grouping->pending[grouping->pending_at].key;
    grouping->pending_pairs[grouping->pending_at] = (uint32_t)member->pairs;
    key->entries = (uint32_t)member->entries;
    key->fields = (uint16_t)member->fields;
    push(grouping);
}

static void push_id(struct grouping *grouping, struct pending *pending, const struct record *record,
                    const struct key_varying *id, const struct member *member)
{
    struct grouped_key *key = &pending->key;
    enum { NUMBER_MASK = UINT16_MAX << 4 * (GROUPING_BUCKET_DIGITS - GROUPING_NUMBER_DIGITS) };
    key->bucket = grouping_bucket(record->key + id->at, id->len);
    if (key->kind == CELL_NUMBER_AS_ID)
        key->bucket &= (uint16_t)NUMBER_MASK;
    pending->hash = hash_of_id(key->row, record, id, key->bucket, key->kind);
    key->name_len = (uint8_t)(record->key_len - id->len);
    push_member(grouping, member);
}

/* There is no room for it as an id, and that is known of its row: adding it would change nothing. */
static inline bool is_lost_as_id(const struct grouping *grouping, const struct alternative_row *row)
{
    return row->grouping.as_ids_lost && grouping->is_crowded && !grouping_has_room_for_ids(grouping);
}

/* A number as the id that it may be. Apart, so that what nearly all keys take is not slowed by it. */
static __attribute__((noinline)) void add_as_id(struct grouping *grouping, struct alternative_row *row,
                                                const struct key_varying *number, const struct record *record,
                                                uint64_t bytes)
{
    struct member member;
    const uint8_t at = number->id_at;
    const struct key_varying id = {at, (uint8_t)(number->at + number->len - at), true, at};
    if (fits(grouping, record, &id, &member))
        push_id(grouping, next_pending(grouping, row, record, bytes, CELL_NUMBER_AS_ID), record, &id, &member);
    else
        row->grouping.as_ids_lost = true;
}

void grouping_add(struct grouping *grouping, struct alternative_row *row, const struct key_pattern *pattern,
                  const struct record *record, uint64_t bytes)
{
    struct member member;
    struct key_varying field = pattern->varying;
    if (grouping->digits == 0)
        return;
    if (!field.is_id)
        field = last_digits(&field, digits_of_row(grouping, row));
    else if (field.len < GROUPING_SHORTEST_ID)
        return;
    if (field.len == 0)
        return;
    if (!fits(grouping, record, &field, &member)) {
        row->grouping.left++;
        return;
    }
    offer_example(row, record, &field);
    if (field.is_id) {
        push_id(grouping, next_pending(grouping, row, record, bytes, CELL_ID), record, &field, &member);
        return;
    }
    bool is_long = is_as_long_as_an_id(&pattern->varying);
    next_pending(grouping, row, record, bytes, is_long ? CELL_LONG_NUMBER : CELL_NUMBER)->hash =
        hash_without(row, pattern, field.at, field.len);
    push_member(grouping, &member);
    if (is_long && !is_lost_as_id(grouping, row))
        add_as_id(grouping, row, &pattern->varying, record, bytes);
}

void grouping_prepare(const struct grouping *grouping, struct alternative_row *row, const struct key_pattern *pattern,
                      const struct record *record, uint64_t bytes, struct grouped_key *prepared)
{
    const struct key_varying *number = &pattern->varying;
    const struct shape_text *value = shape_string_text(record->shape);
    *prepared = (struct grouped_key){.row = row, .bytes = (uint32_t)bytes};
    if (grouping->digits == 0 || grouping->pairs || number->len == 0 || number->is_id || value->is_integer ||
        value->len > grouping->max_value)
        return;
    prepared->entries = (uint32_t)model_packed_entry(grouping->plan, 0, value);
    prepared->fields = 1;
    prepared->name_len = (uint8_t)record->key_len;
    prepared->kind = CELL_NUMBER;
    prepared->has_expiry = record->has_expiry;
    prepared->digits = (uint8_t)digits_of_row(grouping, row);
}

uint64_t grouping_names_upto(const struct grouped_key *prepared, const struct record *record, size_t from)
{
    const struct alternative_row *row = prepared->row;
    if (row == NULL || prepared->digits == 0)
        return 0;
    if (row->grouping.name_len != record->key_len)
        return row->grouping.name_len < record->key_len ? UINT64_MAX : 0;
    return name_word(row->grouping.name, row->grouping.name_len, from);
}

bool grouping_add_prepared(struct grouping *grouping, const struct grouped_key *prepared,
                           const struct key_pattern *pattern, const uint8_t *name, const struct record *record)
{
    const struct key_varying *number = &pattern->varying;
    if (prepared->digits == 0 || number->len == 0 || number->is_id)
        return false;
    bool is_long = is_as_long_as_an_id(number), may_be_id = is_long && !is_lost_as_id(grouping, prepared->row);
    if (may_be_id && record == NULL)
        return false;
    const struct key_varying field = last_digits(number, prepared->digits);
    struct pending *pending = &grouping->pending[grouping->pending_at];
    uint32_t entry = grouping->field_entry[field.len - 1][number_of(name + field.at, field.len)];
    pending->key = *prepared;
    pending->key.entries = prepared->entries + entry;
    pending->hash = hash_without(prepared->row, pattern, field.at, field.len);
    if (is_long)
        pending->key.kind = CELL_LONG_NUMBER;
    push(grouping);
    if (may_be_id)
        add_as_id(grouping, prepared->row, number, record, prepared->bytes);
    return true;
}
