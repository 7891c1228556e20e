#include "violations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "inventory.h"
#include "packed_types.h"

/* What top_item.note holds. */
enum { NOTE_VIOLATION, NOTE_LIMIT, NOTE_ACTUAL, NOTE_PACKED };

void violations_init(void *self, const struct collect_context *context)
{
    top_list_init(&((struct violations *)self)->examples, context->top);
}

void violations_release(void *self)
{
    top_list_release(&((struct violations *)self)->examples);
}

/* Of a set that holds text, where text keeps a set from being packed at all: whether it is a set of integers but for at
 * most a tenth of its members. Those become packing->actual. */
static bool few_are_not_integers(const struct record *record, struct packing *packing)
{
    packing->actual = record->elements - shape_integers(record->shape);
    return packing->actual <= record->elements / 10;
}

enum violation violation_of(const struct plan *plan, const struct record *record, struct packing *packing)
{
    const struct settings *settings = &plan_view(plan, 0)->settings;
    const struct packed_type *type = packed_type_of(record->type);
    if (type == NULL)
        return VIOLATION_COUNT;
    enum shape_origin origin = shape_origin(record->shape);
    bool stored_as_table = origin == ORIGIN_ELEMENTS || origin == ORIGIN_FIELD_EXPIRES;
    if (encoding_is_packed(record->cost.encoding)) {
        uint64_t limit = (uint64_t)settings->value[type->value];
        bool is_kept = !stored_as_table && record->cost.encoding != ENCODING_INTSET && record->longest > limit;
        if (!is_kept && !stored_as_table)
            return VIOLATION_COUNT;
        model_packing(plan, 0, NULL, record->shape, &record->facts, packing);
        return is_kept ? VIOLATION_KEPT : VIOLATION_STALE;
    }
    if (!model_packing(plan, 0, NULL, record->shape, &record->facts, packing))
        return VIOLATION_COUNT;
    switch (packing->reason) {
    case UNPACKED_TOO_MANY_ENTRIES:
        if (packing->limit_setting == SETTING_SET_MAX_INTSET)
            return VIOLATION_INTEGERS;
        return stored_as_table ? VIOLATION_ENTRIES : VIOLATION_UNPACKED;
    case UNPACKED_ELEMENT_TOO_LONG:
        return VIOLATION_LENGTH;
    case UNPACKED_NOT_INTEGERS:
        return few_are_not_integers(record, packing) ? VIOLATION_NOT_INTEGERS : VIOLATION_COUNT;
    case UNPACKED_NOT:
        break;
    }
    return VIOLATION_COUNT;
}

void violations_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct violations *violations = self;
    struct packing packing = {0};
    enum violation violation = violation_of(context->plan, record, &packing);
    if (violation == VIOLATION_COUNT)
        return;
    struct violation_sum *sum = &violations->sum[record->type][violation];
    if (violation == VIOLATION_KEPT) {
        packing.limit_setting = packed_type_of(record->type)->value;
        packing.limit = plan_view(context->plan, 0)->settings.value[packing.limit_setting];
        packing.actual = record->longest;
    }
    sum->keys++;
    sum->bytes += record->cost.size_in_bytes;
    sum->limit = packing.limit;
    sum->limit_setting = packing.limit_setting;
    if (sum->worst < packing.actual)
        sum->worst = packing.actual;
    if (violation == VIOLATION_KEPT || !packing.packed_bytes || packing.packed_bytes >= packing.table_bytes)
        return;
    uint64_t saved = packing.table_bytes - packing.packed_bytes;
    if (context->row)
        row_changes_packable(&context->row->changes, context->plan, record, &packing);
    bool is_near = packing.limit > 0 && packing.actual <= (uint64_t)packing.limit + (uint64_t)packing.limit / 4;
    sum->packable_keys++;
    sum->saved_bytes += saved;
    sum->near_keys += is_near;
    sum->near_saved += is_near ? saved : 0;
    if (violation != VIOLATION_STALE && top_list_wants(&violations->examples, saved)) {
        const uint64_t note[4] = {[NOTE_VIOLATION] = violation,
                                  [NOTE_LIMIT] = packing.limit_setting,
                                  [NOTE_ACTUAL] = packing.actual,
                                  [NOTE_PACKED] = packing.packed_bytes};
        top_list_add(&violations->examples, saved, record, note);
    }
}

void violations_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct violations *violations = self;
    const struct violations *from = other;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int i = 0; i < VIOLATION_COUNT; i++) {
            struct violation_sum *a = &violations->sum[type][i];
            const struct violation_sum *b = &from->sum[type][i];
            if (b->keys == 0)
                continue;
            a->keys += b->keys;
            a->bytes += b->bytes;
            a->packable_keys += b->packable_keys;
            a->saved_bytes += b->saved_bytes;
            a->near_keys += b->near_keys;
            a->near_saved += b->near_saved;
            a->worst = a->worst > b->worst ? a->worst : b->worst;
            a->limit = b->limit;
            a->limit_setting = b->limit_setting;
        }
    top_list_merge(&violations->examples, &from->examples);
}

/* `format` takes the name of what is limited and the limit. */
static const struct {
    const char *id, *format;
    bool is_length, has_limit;
} kinds[VIOLATION_COUNT] = {
    [VIOLATION_ENTRIES] = {"too_many_entries", "> %2$" PRId64 " %1$s", false, true},
    [VIOLATION_INTEGERS] = {"too_many_integers", "> %2$" PRId64 " integers", false, true},
    [VIOLATION_LENGTH] = {"element_too_long", "%1$s > %2$" PRId64 " B", true, true},
    [VIOLATION_NOT_INTEGERS] = {"not_integers", "integers but for a few", false, false},
    [VIOLATION_UNPACKED] = {"unpacked_by_load", "> %2$" PRId64 ", loading unpacks", false, true},
    [VIOLATION_KEPT] = {"packed_over_limit", "packed with > %2$" PRId64 " B", true, true},
    [VIOLATION_STALE] = {"packed_by_load", "fits, needs a restart", false, false},
};

/* "> 512 fields", "member > 64 B", ... */
static const char *reason_text(const struct packed_type *type, enum violation violation, int64_t limit, char text[96])
{
    snprintf(text, 96, kinds[violation].format, kinds[violation].is_length ? type->text : type->entries_, limit);
    return text;
}

static const struct doc_column sum_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
    {"reason", "Why", DOC_TEXT, 0},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"saved_bytes", "Packed saves", DOC_BYTES, 0},
    {"near_keys", "Near misses", DOC_COUNT, 0},
    {"near_saved", "They save", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"worst", "Worst", DOC_COUNT, 0},
    {"limit", "Limit", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"reason_id", "Id", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
};

static const struct doc_column example_columns[] = {
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, 0},
    {"reason_id", "Why", DOC_TEXT, 0},
    {"actual", "Has", DOC_COUNT, 0},
    {"limit", "Limit", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"packed_bytes", "Packed", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

struct sum_row {
    enum object_type type;
    enum violation violation;
    const struct violation_sum *sum;
};

static int most_saved_first(const void *a, const void *b)
{
    const struct sum_row *x = a, *y = b;
    if (x->sum->saved_bytes != y->sum->saved_bytes)
        return x->sum->saved_bytes < y->sum->saved_bytes ? 1 : -1;
    if (x->sum->bytes != y->sum->bytes)
        return x->sum->bytes < y->sum->bytes ? 1 : -1;
    return x->type != y->type ? (int)x->type - (int)y->type : (int)x->violation - (int)y->violation;
}

static size_t sorted_sums(const struct violations *violations, struct sum_row rows[])
{
    size_t count = 0;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int i = 0; i < VIOLATION_COUNT; i++)
            if (violations->sum[type][i].keys)
                rows[count++] = (struct sum_row){type, i, &violations->sum[type][i]};
    qsort(rows, count, sizeof(*rows), most_saved_first);
    return count;
}

static void write_sum(struct doc_table *table, const struct sum_row *row)
{
    char text[96];
    const struct violation_sum *sum = row->sum;
    bool has_limit = kinds[row->violation].has_limit;
    const struct doc_value cells[] = {
        doc_text(object_type_name(row->type)),
        doc_text(reason_text(packed_type_of(row->type), row->violation, sum->limit, text)),
        doc_count(sum->keys),
        doc_bytes(sum->bytes),
        sum->packable_keys ? doc_bytes(sum->saved_bytes) : doc_none(),
        has_limit ? doc_count(sum->near_keys) : doc_none(),
        has_limit ? doc_bytes(sum->near_saved) : doc_none(),
        row->violation != VIOLATION_STALE ? doc_count(sum->worst) : doc_none(),
        has_limit ? doc_count((uint64_t)sum->limit) : doc_none(),
        doc_text(kinds[row->violation].id),
    };
    table_row(table, cells);
}

static void write_examples(struct doc_section *section, const struct collect_context *context,
                           const struct top_list *examples)
{
    struct doc_table *table = section_table(section, "examples", "Keys that would save most", example_columns,
                                            sizeof(example_columns) / sizeof(*example_columns), DOC_CHART_NONE);
    const struct top_item **item = top_list_sorted(examples);
    for (size_t i = 0; i < examples->count; i++) {
        int64_t limit = plan_view(context->plan, 0)->settings.value[item[i]->note[NOTE_LIMIT]];
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_text(object_type_name(item[i]->type)),
            doc_text(kinds[item[i]->note[NOTE_VIOLATION]].id),
            doc_count(item[i]->note[NOTE_ACTUAL]),
            doc_count((uint64_t)limit),
            doc_bytes(item[i]->bytes),
            doc_bytes(item[i]->note[NOTE_PACKED]),
            doc_bytes(item[i]->measure),
        };
        table_row(table, cells);
    }
    free(item);
}

/* Objects that fit all limits but are tables in the running server: whatever ends it gives their bytes back. */
static void write_restart(const struct violations *violations, uint64_t all_bytes, struct document *document)
{
    enum { WORTH_DIVISOR = 100 };
    uint64_t keys = 0, saved_bytes = 0;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        keys += violations->sum[type][VIOLATION_STALE].packable_keys;
        saved_bytes += violations->sum[type][VIOLATION_STALE].saved_bytes;
    }
    if (saved_bytes <= all_bytes / WORTH_DIVISOR)
        return;
    char why[400];
    snprintf(why, sizeof(why),
             "%" PRIu64 " hashes, sets and sorted sets fit all limits but are tables in the running server: they once "
             "were larger, or the limits were lower. Loading packs them; every other number of this report is about "
             "the data after that.",
             keys);
    document_action(document, "restart", "Restart or fail over once", why, saved_bytes, NULL);
}

void violations_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                       struct document *document)
{
    const struct violations *violations = self;
    struct sum_row rows[OBJECT_TYPE_COUNT * VIOLATION_COUNT];
    size_t count = sorted_sums(violations, rows);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (count == 0) {
        section_note(section, DOC_GOOD, "Every hash, set and sorted set that can be packed is packed.");
        return;
    }
    struct inventory_totals totals;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    write_restart(violations, totals.bytes, document);
    struct doc_table *table = section_table(section, "reasons", collector->title, sum_columns,
                                            sizeof(sum_columns) / sizeof(*sum_columns), DOC_CHART_NONE);
    for (size_t i = 0; i < count; i++)
        write_sum(table, &rows[i]);
    if (violations->examples.count)
        write_examples(section, context, &violations->examples);
    section_note(
        section, DOC_INFO,
        "Saves: what the keys would take less if they were packed, whatever that costs in scanning. Near "
        "misses are at most a quarter over their limit. The section on encoding limits says which are worth raising.");
}

static void archive_sum(struct violation_sum *sum, struct archive *archive)
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

void violations_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct violations *violations = self;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int i = 0; i < VIOLATION_COUNT; i++)
            archive_sum(&violations->sum[type][i], archive);
    top_list_archive(&violations->examples, COLLECT_ARCHIVE_LIST, archive);
    const struct top_list *examples = &violations->examples;
    for (size_t i = 0; i < examples->count && archive->reads; i++) {
        const struct top_item *item = &examples->item[i];
        if (item->note[NOTE_VIOLATION] >= VIOLATION_COUNT || item->note[NOTE_LIMIT] >= SETTING_COUNT)
            archive->failed = true;
    }
}

void violations_hide(void *self, const struct doc_hider *hider)
{
    top_list_hide(&((struct violations *)self)->examples, hider);
}
