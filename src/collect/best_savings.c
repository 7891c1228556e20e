#include "best_savings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "grouping.h"
#include "memory.h"
#include "packed_types.h"
#include "savings.h"

/* ---- gathering -----------------------------------------------------------------------------------------------------
 */

/* The limits of a type, in the order of packed_limit; SETTING_COUNT: there is none. */
static void limits_of(enum object_type type, enum setting limit[PACKED_LIMITS])
{
    const struct packed_type *packed = packed_type_of(type);
    limit[0] = packed ? packed->entries : SETTING_COUNT;
    limit[1] = packed ? packed->value : SETTING_COUNT;
    limit[2] = type == OBJECT_SET ? SETTING_SET_MAX_INTSET : SETTING_COUNT;
}

void row_changes_packable(struct row_changes *changes, const struct plan *plan, const struct record *record,
                          const struct packing *packing)
{
    enum setting limit[PACKED_LIMITS];
    bool is_intset = packing->packed_encoding == ENCODING_INTSET;
    const uint64_t actual[PACKED_LIMITS] = {is_intset ? 0 : record->elements,
                                            is_intset ? 0 : shape_longest_tested(record->shape), record->elements};
    if (packing->reason == UNPACKED_NOT || packing->packed_len > SWEEP_SCAN_LIMIT)
        return;
    limits_of(record->type, limit);
    for (int i = 0; i < PACKED_LIMITS; i++) {
        int64_t in_force = limit[i] == SETTING_COUNT ? INT64_MAX : plan_view(plan, 0)->settings.value[limit[i]];
        if (in_force >= 0 && actual[i] > (uint64_t)in_force && actual[i] > changes->packed_limit[i])
            changes->packed_limit[i] = actual[i];
    }
    changes->packed = packing->packed_encoding;
    changes->packed_saved += packing->table_bytes - packing->packed_bytes;
}

void row_changes_merge(struct row_changes *changes, const struct row_changes *from)
{
    if (from->packed_saved)
        changes->packed = from->packed;
    changes->packed_saved += from->packed_saved;
    for (int i = 0; i < PACKED_LIMITS; i++)
        if (changes->packed_limit[i] < from->packed_limit[i])
            changes->packed_limit[i] = from->packed_limit[i];
    changes->strays_saved += from->strays_saved;
    for (int i = 0; i < NODE_SWEEP_DEPTHS; i++)
        changes->depth_bytes[i] += from->depth_bytes[i];
}

/* A type that has a limit may have keys beyond it. */
static bool are_possible(const struct row_changes *changes, enum object_type type)
{
    enum setting limit[PACKED_LIMITS];
    limits_of(type, limit);
    for (int i = 0; i < PACKED_LIMITS; i++)
        if (changes->packed_limit[i] && limit[i] == SETTING_COUNT)
            return false;
    return changes->packed_saved == 0 || packed_type_of(type) != NULL;
}

static void archive_changes(struct row_changes *changes, struct archive *archive)
{
    uint64_t packed = changes->packed;
    archive_u64(archive, &changes->packed_saved);
    archive_array(archive, changes->packed_limit, PACKED_LIMITS);
    archive_within(archive, &packed, ENCODING_COUNT - 1);
    changes->packed = (enum object_encoding)packed;
    archive_u64(archive, &changes->strays_saved);
    archive_sparse(archive, changes->depth_bytes, NODE_SWEEP_DEPTHS);
}

static bool has_changes(const struct row_changes *changes)
{
    return changes->packed_saved != 0 || changes->strays_saved != 0 || changes->depth_bytes[0] != 0;
}

static int heaviest_first(const void *a, const void *b)
{
    const struct alternative_row *x = *(const struct alternative_row *const *)a;
    const struct alternative_row *y = *(const struct alternative_row *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Those of the heaviest rows, as many as there is room for. */
static void write_changes(const struct alternatives *alternatives, struct archive *archive)
{
    struct archive rows;
    const struct alternative_row **row = memory_new(alternatives->count, sizeof(*row));
    size_t with_changes = 0, count = 0, end = 0;
    for (uint32_t i = 0; i < alternatives->count; i++)
        if (has_changes(&alternatives->row[i].changes))
            row[with_changes++] = &alternatives->row[i];
    qsort(row, with_changes, sizeof(*row), heaviest_first);
    archive_init_writer(&rows);
    for (; count < with_changes; count++) {
        struct row_changes changes = row[count]->changes;
        uint64_t hash = row[count]->hash;
        archive_bytes(&rows, &hash, sizeof(hash));
        archive_changes(&changes, &rows);
        if (rows.len > archive_room(archive, COLLECT_ARCHIVE_ROW_CHANGES))
            break;
        end = rows.len;
    }
    uint64_t left_out = alternatives->changes_left_out + with_changes - count;
    archive_u64(archive, &left_out);
    archive_count(archive, &count, ALTERNATIVES_ROWS);
    archive_bytes(archive, rows.bytes, end);
    archive_release(&rows);
    free(row);
}

void row_changes_archive(struct alternatives *alternatives, struct archive *archive)
{
    size_t count = 0;
    if (!archive->reads) {
        write_changes(alternatives, archive);
        return;
    }
    archive_u64(archive, &alternatives->changes_left_out);
    archive_count(archive, &count, alternatives->maximum);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        uint64_t hash;
        struct row_changes unused = {.packed_saved = 0};
        archive_bytes(archive, &hash, sizeof(hash));
        struct alternative_row *row = archive->failed ? NULL : alternatives_find(alternatives, hash);
        archive_changes(row ? &row->changes : &unused, archive);
        if (row && !are_possible(&row->changes, row->type))
            archive->failed = true;
    }
}

/* ---- lookup --------------------------------------------------------------------------------------------------------
 */

struct item {
    uint64_t pattern_hash;
    const struct alternative_row *row;
    uint64_t grouped; /* saved by grouping */
};

struct best_savings {
    const struct alternatives *alternatives;
    const struct node_sweeps *nodes; /* NULL: not gathered */
    size_t count;
    struct item *item; /* by pattern_hash */
};

static int by_pattern(const void *a, const void *b)
{
    uint64_t x = ((const struct item *)a)->pattern_hash, y = ((const struct item *)b)->pattern_hash;
    return (x > y) - (x < y);
}

struct best_savings *best_savings_new(const struct collect_context *context)
{
    const struct alternatives *alternatives = context->alternatives;
    if (!alternatives || !collection_state(context, "violations") || !collection_state(context, "intset_strays"))
        return NULL;
    struct best_savings *savings = memory_new(1, sizeof(*savings));
    const struct grouping_result *grouped = grouping_results(context);
    savings->alternatives = alternatives;
    savings->nodes = collection_state(context, "node_sweeps");
    savings->count = alternatives->count;
    savings->item = memory_new(alternatives->count, sizeof(*savings->item));
    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct alternative_row *row = &alternatives->row[i];
        uint64_t saved = grouping_is_clean(row, &grouped[i]) ? (uint64_t)grouped[i].saved : 0;
        savings->item[i] = (struct item){alternatives_pattern_hash(row), row, saved};
    }
    qsort(savings->item, savings->count, sizeof(*savings->item), by_pattern);
    return savings;
}

void best_savings_note_bounds(const struct best_savings *savings, struct doc_section *section)
{
    const struct alternatives *alternatives = savings->alternatives;
    uint64_t patterns = alternatives->dropped + alternatives->changes_left_out;
    if (patterns)
        section_note(section, DOC_INFO,
                     "There are more patterns than are looked at for savings: of %" PRIu64
                     " light ones the column says less than could be saved, or nothing.",
                     patterns);
}

void best_savings_free(struct best_savings *savings)
{
    if (!savings)
        return;
    free(savings->item);
    free(savings);
}

/* ---- the best ------------------------------------------------------------------------------------------------------
 */

/* What the rows of one pattern come to, by change. */
struct sums {
    uint64_t alternative[ALTERNATIVE_COUNT];
    struct row_changes of_type[OBJECT_TYPE_COUNT];
};

static void add_item(struct sums *sums, const struct item *item)
{
    for (int i = 0; i < ALTERNATIVE_COUNT; i++)
        sums->alternative[i] += i == ALTERNATIVE_GROUPED ? item->grouped : alternative_saved(&item->row->sum[i]);
    row_changes_merge(&sums->of_type[item->row->type], &item->row->changes);
}

/* "hash-max-listpack-entries 1000; hash-max-listpack-value 90" */
static void limits_text(const struct row_changes *changes, enum object_type type, char text[BEST_SAVING_TEXT])
{
    enum setting limit[PACKED_LIMITS];
    size_t len = 0;
    limits_of(type, limit);
    *text = '\0';
    for (int i = 0; i < PACKED_LIMITS && len < BEST_SAVING_TEXT; i++) {
        if (changes->packed_limit[i] == 0 || limit[i] == SETTING_COUNT)
            continue;
        len += (size_t)snprintf(text + len, BEST_SAVING_TEXT - len, "%s%s %" PRIu64, len ? "; " : "",
                                packed_setting_name(limit[i], changes->packed), changes->packed_limit[i]);
    }
}

static bool is_better(struct best_saving *best, uint64_t saved_bytes)
{
    if (saved_bytes <= best->saved_bytes)
        return false;
    best->saved_bytes = saved_bytes;
    return true;
}

/* Of the depths that were tried number 0 is that in force. */
static void try_depths(const struct best_savings *savings, const struct row_changes *lists, struct best_saving *best)
{
    const struct node_sweeps *nodes = savings->nodes;
    for (unsigned i = 1; nodes && i < nodes->depths; i++)
        if (lists->depth_bytes[i] < lists->depth_bytes[0] &&
            is_better(best, lists->depth_bytes[0] - lists->depth_bytes[i]))
            snprintf(best->change, sizeof(best->change), "%s %" PRId64, setting_info(SETTING_LIST_COMPRESS_DEPTH)->name,
                     nodes->depth[i]);
}

void best_savings_find(const struct best_savings *savings, uint64_t pattern_hash, struct best_saving *best)
{
    struct sums sums = {{0}, {{0}}};
    size_t low = 0, high = savings->count;
    *best = (struct best_saving){.saved_bytes = 0};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (savings->item[middle].pattern_hash < pattern_hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < savings->count && savings->item[low].pattern_hash == pattern_hash; low++)
        add_item(&sums, &savings->item[low]);
    for (int i = 0; i < ALTERNATIVE_COUNT; i++)
        if (is_better(best, sums.alternative[i]))
            snprintf(best->change, sizeof(best->change), "%s", savings_title(i));
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        if (is_better(best, sums.of_type[type].packed_saved))
            limits_text(&sums.of_type[type], type, best->change);
        if (is_better(best, sums.of_type[type].strays_saved))
            snprintf(best->change, sizeof(best->change), "integers only");
    }
    try_depths(savings, &sums.of_type[OBJECT_LIST], best);
}
