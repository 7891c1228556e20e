
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grouping_cells.h"
#include "grouping_ids.h"
#include "memory.h"
#include "model/packed_hash.h"

enum { FIRST_CELLS = 1024, LONGEST_ENTRY = 248 };

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
    free(grouping->results);
    free(grouping);
}

/* ---- cells ---------------------------------------------------------------------------------------------------------
 */

static struct cell *cell_at(const struct grouping *grouping, uint64_t hash)
{
    uint32_t at = cell_first(grouping, hash);
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

static struct cell *add_cell(struct grouping *grouping, uint64_t hash)
{
    if (grouping->count == grouping->cells)
        return NULL;
    if (grouping->count > grouping->mask / 4 * 3)
        grow(grouping);
    struct cell *cell = cell_at(grouping, hash);
    grouping->count++;
    cell->hash = hash;
    return cell;
}

struct cell *grouping_cell(struct grouping *grouping, uint64_t hash)
{
    struct cell *cell = cell_at(grouping, hash);
    return cell->hash ? cell : add_cell(grouping, hash);
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

/* `pairs`: where the grouping has them. */
static inline void add_to_cell(struct grouping *grouping, struct cell *cell, const struct grouped_key *key,
                               const uint32_t *pairs)
{
    cell->serial = key->row->serial;
    cell->entries += key->entries;
    if (grouping->pairs)
        *cell_pairs(grouping, cell) += *pairs;
    cell->fields = cell_add(cell->fields, key->fields);
    cell->timed = cell_add(cell->timed, key->has_expiry ? key->fields : 0);
}

static inline struct cell *cell_of(struct grouping *grouping, const struct pending *pending)
{
    struct cell *cell = cell_at(grouping, pending->hash);
    if (cell->hash == 0 && (cell = add_cell(grouping, pending->hash)) != NULL) {
        cell->name_len = pending->key.name_len;
        cell->bucket = pending->key.bucket;
        cell->kind = pending->key.kind;
    }
    return cell;
}

/* Kept beside what the row's sums are about, however many meet in a bucket. */
static void put_as_id(struct grouping *grouping, const struct pending *pending, const uint32_t *pairs)
{
    struct cell *cell = grouping_has_room_for_ids(grouping) ? cell_of(grouping, pending) : NULL;
    if (cell) {
        add_to_cell(grouping, cell, &pending->key, pairs);
        return;
    }
    pending->key.row->grouping.as_ids_lost = true;
    grouping->is_crowded = true;
}

static inline void put(struct grouping *grouping, const struct pending *pending, const uint32_t *pairs)
{
    const struct grouped_key *key = &pending->key;
    struct alternative_row *row = key->row;
    if (key->kind == CELL_NUMBER_AS_ID) {
        put_as_id(grouping, pending, pairs);
        return;
    }
    struct cell *cell = cell_of(grouping, pending);
    if (!cell || cell->fields + (uint32_t)key->fields > grouping->max_fields) {
        row->grouping.left++;
        grouping->is_crowded = true;
        return;
    }
    add_to_cell(grouping, cell, key, pairs);
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

void grouping_put_pending(struct grouping *grouping, uint32_t at)
{
    if (grouping->pending[at].hash == 0)
        return;
    put(grouping, &grouping->pending[at], &grouping->pending_pairs[at]);
    grouping->pending[at].hash = 0;
}

void grouping_flush(struct grouping *grouping)
{
    for (uint32_t i = 0; i < GROUPING_PENDING; i++)
        grouping_put_pending(grouping, (grouping->pending_at + i) % GROUPING_PENDING);
    free(grouping->results);
    grouping->results = NULL;
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

/* What rows may come to: their numbers by the rule of numbers, or long ones as ids. */
struct variant {
    bool as_ids;
    struct grouping_sums *sums;     /* by row */
    struct grouping_result *result; /* likewise */
};

/* Whether a cell counts, of a row that is not left out. */
static bool counts(const struct variant *variant, const struct grouping_result *result, enum cell_kind kind)
{
    if (variant->as_ids)
        return result->has_as_ids && kind != CELL_LONG_NUMBER;
    return kind != CELL_NUMBER_AS_ID;
}

/* Rows by serial, plus 1; and which kinds of cells they have. */
static uint32_t *look_at_cells(const struct alternatives *alternatives, struct grouping_result *result)
{
    const struct grouping *grouping = alternatives->grouping;
    uint32_t *place = memory_new(alternatives->next_serial, sizeof(*place));
    for (uint32_t i = 0; i < alternatives->count; i++)
        place[alternatives->row[i].serial] = i + 1;
    for (uint32_t i = 0; i <= grouping->mask; i++) {
        const struct cell *cell = &grouping->cell[i];
        uint32_t at = cell->hash ? place[cell->serial] : 0;
        if (at == 0)
            continue;
        result[at - 1].has_ids |= cell->kind == CELL_ID;
        result[at - 1].has_as_ids |= cell->kind == CELL_NUMBER_AS_ID && !alternatives->row[at - 1].grouping.as_ids_lost;
    }
    return place;
}

static void add_cells(const struct collect_context *context, const struct variant *variant)
{
    const struct grouping *grouping = context->alternatives->grouping;
    struct id_bucket *ids = memory_new(grouping->count, sizeof(*ids));
    size_t id_count = 0;
    uint32_t *place = look_at_cells(context->alternatives, variant->result);
    for (uint32_t i = 0; i <= grouping->mask; i++) {
        const struct cell *cell = &grouping->cell[i];
        uint32_t at = cell->hash ? place[cell->serial] : 0;
        if (at == 0 || !counts(variant, &variant->result[at - 1], cell->kind))
            continue;
        uint32_t row = at - 1, pairs = grouping->pairs ? grouping->pairs[i] : 0;
        if (cell_kind_is_id(cell->kind)) {
            ids[id_count++] = (struct id_bucket){.rest = grouping_ids_rest(cell->hash, cell->bucket, cell->kind),
                                                 .is_number = cell->kind == CELL_NUMBER_AS_ID,
                                                 .row = row,
                                                 .entries = cell->entries,
                                                 .pairs = pairs,
                                                 .fields = cell->fields,
                                                 .timed = cell->timed,
                                                 .bucket = cell->bucket,
                                                 .name_len = cell->name_len};
        } else {
            variant->sums[row].has_numbers = true;
            add_hash(context, cell, pairs, &variant->sums[row]);
        }
    }
    grouping_ids_settle(context, ids, id_count, variant->sums, variant->result);
    free(place);
    free(ids);
}

/* Only their hashes, after and what is known of both. */
static struct grouping_result *settle(const struct collect_context *context, bool as_ids)
{
    const struct alternatives *alternatives = context->alternatives;
    struct grouping_result *result = memory_new(alternatives->count, sizeof(*result));
    struct grouping_sums *sums = memory_new(alternatives->count, sizeof(*sums));
    bool keeps_expiries = model_packs_expiries(context->plan, 0) || model_table_expiries(context->plan, 0);
    const struct variant variant = {as_ids, sums, result};
    add_cells(context, &variant);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct alternative_row *row = &alternatives->row[i];
        result[i].hashes = sums[i].hashes;
        result[i].after = sums[i].bytes;
        result[i].timed_hashes = sums[i].timed_hashes;
        result[i].after_untimed = sums[i].untimed_bytes;
        result[i].has_numbers = sums[i].has_numbers;
        if (row->grouping.sample_below != 0)
            grouping_estimate(&sums[i], row->grouping.fields, &result[i]);
        result[i].loses_expiry = row->grouping.expiring != 0 && !keeps_expiries;
        if (result[i].is_too_many)
            result[i] = (struct grouping_result){
                .after = row->sum[ALTERNATIVE_GROUPED].before, .has_as_ids = result[i].has_as_ids, .is_too_many = true};
    }
    free(sums);
    return result;
}

/* What a row saves, the tables of its database included. */
static void settle_savings(const struct collect_context *context, const struct alternative_row *row,
                           struct grouping_result *result)
{
    const struct alternative_sum *sum = &row->sum[ALTERNATIVE_GROUPED];
    if (result->hashes == 0) /* a row that claims keys without any hash for them */
        return;
    result->saved = (int64_t)(sum->before - result->after);
    if (result->saved <= 0)
        return;
    struct keyspace_change change = {row->db, (int64_t)result->hashes - (int64_t)sum->keys,
                                     -(int64_t)row->grouping.expiring, (int64_t)result->timed_hashes};
    result->saved -= model_keyspace_growth(context->plan, 0, context->keyspace, &change, 1);
}

/* Numbers among ids are ids, too: one rule for all names of the pattern. Numbers alone are what saves more. */
static bool is_better_as_ids(const struct grouping_result *as_numbers, const struct grouping_result *as_ids)
{
    if (!as_ids->has_as_ids || as_ids->is_too_many)
        return false;
    return as_numbers->is_too_many || as_ids->has_ids || as_ids->saved > as_numbers->saved;
}

static bool any_has_as_ids(const struct grouping_result *result, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (result[i].has_as_ids)
            return true;
    return false;
}

static struct grouping_result *make_results(const struct collect_context *context)
{
    const struct alternatives *alternatives = context->alternatives;
    struct grouping_result *result = settle(context, false);
    struct grouping_result *as_ids = any_has_as_ids(result, alternatives->count) ? settle(context, true) : NULL;
    for (uint32_t i = 0; i < alternatives->count; i++) {
        settle_savings(context, &alternatives->row[i], &result[i]);
        if (!result[i].has_as_ids)
            continue;
        settle_savings(context, &alternatives->row[i], &as_ids[i]);
        if (is_better_as_ids(&result[i], &as_ids[i]))
            result[i] = as_ids[i];
        else
            result[i].has_as_ids = false;
    }
    free(as_ids);
    return result;
}

const struct grouping_result *grouping_results(const struct collect_context *context)
{
    struct grouping *grouping = context->alternatives->grouping;
    if (grouping->results == NULL)
        grouping->results = make_results(context);
    return grouping->results;
}

bool grouping_is_clean(const struct alternative_row *row, const struct grouping_result *result)
{
    return result->saved > 0 && !result->loses_expiry && !row->is_late &&
           row->grouping.left <= row->sum[ALTERNATIVE_GROUPED].keys / 10;
}
