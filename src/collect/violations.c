#include "violations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "hiding.h"
#include "inventory.h"
#include "packed_types.h"
#include "words.h"

enum { MAX_PATTERNS = 1000 }; /* in formats that are not for paper */

/* What top_item.note holds. */
enum { NOTE_VIOLATION, NOTE_LIMIT, NOTE_ACTUAL, NOTE_PACKED };

void violations_init(void *self, const struct collect_context *context)
{
    top_list_init(&((struct violations *)self)->examples, context->top);
}

void violations_release(void *self)
{
    struct violations *violations = self;
    violation_rows_release(&violations->rows);
    top_list_release(&violations->examples);
}

/* Of a set that holds text, where text keeps a set from being packed at all: whether it is a set of integers but for at
 * most a tenth of its members. Those become packing->actual. */
static bool few_are_not_integers(const struct record *record, struct packing *packing)
{
    packing->actual = record->elements - shape_integers(record->shape);
    return packing->actual <= record->elements / 10;
}

/* Servers test the count of a set before they have seen whether its members are integers. */
static enum violation too_many_entries(const struct settings *settings, const struct record *record,
                                       struct packing *packing, bool stored_as_table)
{
    if (packing->limit_setting == SETTING_SET_MAX_INTSET) {
        if (shape_integers(record->shape) == record->elements)
            return stored_as_table ? VIOLATION_INTEGERS : VIOLATION_UNPACKED_SET;
        if (packing->packed_bytes == 0) /* text is packed by no setting */
            return VIOLATION_COUNT;
        packing->limit_setting = SETTING_SET_MAX_ENTRIES;
        packing->limit = settings->value[SETTING_SET_MAX_ENTRIES];
    }
    return stored_as_table ? VIOLATION_ENTRIES : VIOLATION_UNPACKED;
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
        return too_many_entries(settings, record, packing, stored_as_table);
    case UNPACKED_ELEMENT_TOO_LONG:
        return VIOLATION_LENGTH;
    case UNPACKED_NOT_INTEGERS:
        return few_are_not_integers(record, packing) ? VIOLATION_NOT_INTEGERS : VIOLATION_COUNT;
    case UNPACKED_NOT:
        break;
    }
    return VIOLATION_COUNT;
}

static bool is_near_miss(const struct packing *packing)
{
    return packing->limit > 0 && packing->actual <= (uint64_t)packing->limit + (uint64_t)packing->limit / 4;
}

/* Any type's; fills *packing with what the limit is about. Long lists are meant to have several nodes: of lists only
 * near misses count. */
static enum violation violation_found(const struct collect_context *context, const struct record *record,
                                      struct packing *packing)
{
    bool is_bytes;
    if (record->type == OBJECT_LIST) {
        if (!model_list_packing(context->plan, 0, record->shape, &record->facts, packing, &is_bytes) ||
            !is_near_miss(packing))
            return VIOLATION_COUNT;
        return is_bytes ? VIOLATION_LIST_BYTES : VIOLATION_LIST_ENTRIES;
    }
    enum violation violation = violation_of(context->plan, record, packing);
    if (violation == VIOLATION_KEPT) {
        packing->limit_setting = packed_type_of(record->type)->value;
        packing->limit = plan_view(context->plan, 0)->settings.value[packing->limit_setting];
        packing->actual = record->longest;
    }
    return violation;
}

static struct violation_sum sum_of(const struct record *record, enum violation violation, const struct packing *packing)
{
    struct violation_sum sum = {.keys = 1,
                                .bytes = record->cost.size_in_bytes,
                                .worst = packing->actual,
                                .limit = packing->limit,
                                .limit_setting = packing->limit_setting};
    sum.near_keys = violation != VIOLATION_KEPT && is_near_miss(packing);
    if (violation == VIOLATION_KEPT || !packing->packed_bytes || packing->packed_bytes >= packing->table_bytes)
        return sum;
    sum.packable_keys = 1;
    sum.saved_bytes = packing->table_bytes - packing->packed_bytes;
    sum.near_saved = sum.near_keys ? sum.saved_bytes : 0;
    return sum;
}

/* The element that breaks the limit: too long, or no integer. */
static const struct record_stray *culprit_of(const struct record *record, enum violation violation)
{
    if (violation == VIOLATION_LENGTH || violation == VIOLATION_KEPT)
        return record->long_element;
    return violation == VIOLATION_NOT_INTEGERS && record->strays ? record->stray : NULL;
}

static void add_example(struct violations *violations, const struct record *record, enum violation violation,
                        const struct packing *packing, uint64_t saved)
{
    const struct record_stray *culprit = culprit_of(record, violation);
    const uint64_t note[4] = {[NOTE_VIOLATION] = violation,
                              [NOTE_LIMIT] = (uint64_t)packing->limit,
                              [NOTE_ACTUAL] = packing->actual,
                              [NOTE_PACKED] = packing->packed_bytes};
    top_list_add_text(&violations->examples, saved, record, note, culprit ? culprit->bytes : NULL,
                      culprit ? culprit->len : 0);
}

void violations_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct violations *violations = self;
    struct packing packing = {0};
    enum violation violation = violation_found(context, record, &packing);
    if (violation == VIOLATION_COUNT)
        return;
    const struct violation_sum sum = sum_of(record, violation, &packing);
    violation_sum_add(&violations->sum[record->type][violation], &sum);
    struct violation_row *row = violation_rows_find(&violations->rows, context, record, violation);
    violation_sum_add(&row->sum, &sum);
    violation_row_offer(row, record, sum.packable_keys ? sum.saved_bytes : sum.bytes, culprit_of(record, violation));
    if (sum.packable_keys == 0)
        return;
    if (context->row && record->type != OBJECT_LIST)
        row_changes_packable(&context->row->changes, context->plan, record, &packing);
    if (violation != VIOLATION_STALE && top_list_wants(&violations->examples, sum.saved_bytes))
        add_example(violations, record, violation, &packing, sum.saved_bytes);
}

bool violations_depend_on_order(const void *self)
{
    return ((const struct violations *)self)->rows.dropped_keys != 0;
}

void violations_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct violations *violations = self;
    const struct violations *from = other;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int i = 0; i < VIOLATION_COUNT; i++)
            violation_sum_add(&violations->sum[type][i], &from->sum[type][i]);
    violation_rows_merge(&violations->rows, &from->rows);
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
    [VIOLATION_UNPACKED_SET] = {"unpacked_integers", "> %2$" PRId64 ", loading unpacks", false, true},
    [VIOLATION_KEPT] = {"packed_over_limit", "packed with > %2$" PRId64 " B", true, true},
    [VIOLATION_STALE] = {"packed_by_load", "fits, needs a restart", false, false},
    [VIOLATION_LIST_BYTES] = {"list_over_node_bytes", "> %2$" PRId64 " B: several nodes", true, true},
    [VIOLATION_LIST_ENTRIES] = {"list_over_node_entries", "> %2$" PRId64 ": several nodes", false, true},
};

/* "> 512 fields", "member > 64 B", ... */
static const char *reason_text(enum object_type type, enum violation violation, int64_t limit, char text[96])
{
    const struct packed_type *words = packed_type_of(type);
    const char *noun = words == NULL ? "" : kinds[violation].is_length ? words->text : words->entries_;
    snprintf(text, 96, kinds[violation].format, noun, limit);
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
    {"type", "Type", DOC_TEXT, DOC_COLUMN_OPTIONAL},
    {"reason_id", "Why", DOC_TEXT, 0},
    {"actual", "Has", DOC_COUNT, 0},
    {"limit", "Limit", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"packed_bytes", "Packed", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"saved_bytes", "Saves", DOC_BYTES, 0},
    {"field", "By field", DOC_NAME, DOC_COLUMN_OPTIONAL},
    {"member", "By member", DOC_NAME, DOC_COLUMN_OPTIONAL},
};

static const struct doc_column pattern_columns[] = {
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"reason", "Why", DOC_TEXT, 0},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"saved_bytes", "Packed saves", DOC_BYTES, 0},
    {"near_keys", "Near misses", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"near_saved", "They save", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"worst", "Worst", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"reason_id", "Id", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"example_key", "Such as", DOC_NAME, DOC_COLUMN_OPTIONAL},
    {"field", "By field", DOC_NAME, DOC_COLUMN_OPTIONAL},
    {"member", "By member", DOC_NAME, DOC_COLUMN_OPTIONAL},
};

struct sum_row {
    enum object_type type;
    enum violation violation;
    const struct violation_sum *sum;
};

static int most_saved_first(const void *a, const void *b)
{
    const struct sum_row *x = a, *y = b;
    int order = violation_sum_compare(x->sum, y->sum);
    if (order)
        return order;
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
        doc_text(reason_text(row->type, row->violation, sum->limit, text)),
        doc_count(sum->keys),
        doc_bytes(sum->bytes),
        sum->packable_keys ? doc_bytes(sum->saved_bytes) : doc_none(),
        has_limit ? doc_count(sum->near_keys) : doc_none(),
        has_limit && sum->packable_keys ? doc_bytes(sum->near_saved) : doc_none(),
        row->violation != VIOLATION_STALE ? doc_count(sum->worst) : doc_none(),
        has_limit ? doc_count((uint64_t)sum->limit) : doc_none(),
        doc_text(kinds[row->violation].id),
    };
    table_row(table, cells);
}

/* The element that breaks the limit. */
static struct doc_value culprit(const uint8_t *text, size_t len, enum doc_owner owner)
{
    return len ? doc_name_of(owner, text, len, len) : doc_none();
}

static void write_examples(struct doc_section *section, const struct top_list *examples)
{
    struct doc_table *table = section_table(section, "examples", "Keys that would save most", example_columns,
                                            sizeof(example_columns) / sizeof(*example_columns), DOC_CHART_NONE);
    const struct top_item **item = top_list_sorted(examples);
    for (size_t i = 0; i < examples->count; i++) {
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_text(object_type_name(item[i]->type)),
            doc_text(kinds[item[i]->note[NOTE_VIOLATION]].id),
            doc_count(item[i]->note[NOTE_ACTUAL]),
            doc_count(item[i]->note[NOTE_LIMIT]),
            doc_bytes(item[i]->bytes),
            doc_bytes(item[i]->note[NOTE_PACKED]),
            doc_bytes(item[i]->measure),
            item[i]->type == OBJECT_HASH ? culprit(item[i]->text, item[i]->text_len, DOC_THEIR_NAME) : doc_none(),
            item[i]->type != OBJECT_HASH ? culprit(item[i]->text, item[i]->text_len, DOC_THEIR_VALUE) : doc_none(),
        };
        table_row(table, cells);
    }
    free(item);
}

static void write_patterns(struct doc_section *section, const struct collect_context *context,
                           const struct violation_rows *rows)
{
    char text[96];
    const struct violation_row **row = violation_rows_sorted(rows);
    struct doc_table *table = section_table(section, "patterns", "By pattern", pattern_columns,
                                            sizeof(pattern_columns) / sizeof(*pattern_columns), DOC_CHART_NONE);
    table_print_at_most(table, context->top);
    for (uint32_t i = 0; i < rows->count && (i < MAX_PATTERNS || i < context->top); i++) {
        const struct violation_sum *sum = &row[i]->sum;
        const struct violation_example *example = &row[i]->example;
        bool has_limit = kinds[row[i]->violation].has_limit;
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, row[i]->pattern, row[i]->pattern_len, row[i]->pattern_len),
            doc_count(row[i]->db),
            doc_text(object_type_name(row[i]->type)),
            doc_text(reason_text(row[i]->type, row[i]->violation, sum->limit, text)),
            doc_count(sum->keys),
            doc_bytes(sum->bytes),
            sum->packable_keys ? doc_bytes(sum->saved_bytes) : doc_none(),
            has_limit ? doc_count(sum->near_keys) : doc_none(),
            has_limit && sum->packable_keys ? doc_bytes(sum->near_saved) : doc_none(),
            row[i]->violation != VIOLATION_STALE ? doc_count(sum->worst) : doc_none(),
            doc_text(kinds[row[i]->violation].id),
            doc_name_of(DOC_THEIR_NAME, example->key, example->key_bytes, example->key_len),
            row[i]->type == OBJECT_HASH ? culprit(example->element, example->element_len, DOC_THEIR_NAME) : doc_none(),
            row[i]->type != OBJECT_HASH ? culprit(example->element, example->element_len, DOC_THEIR_VALUE) : doc_none(),
        };
        table_row(table, cells);
    }
    free(row);
    if (rows->dropped_keys)
        section_note(section, DOC_INFO,
                     "There are more patterns than are kept (%d): %" PRIu64 " keys are in none below.", VIOLATION_ROWS,
                     rows->dropped_keys);
}

struct restart_sum {
    uint64_t packed_keys, packed_bytes, unpacked_keys, unpacked_bytes;
};

static struct restart_sum sum_restart(const struct violations *violations)
{
    static const enum violation unpacked[] = {VIOLATION_UNPACKED, VIOLATION_UNPACKED_SET};
    struct restart_sum sum = {0};
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        sum.packed_keys += violations->sum[type][VIOLATION_STALE].packable_keys;
        sum.packed_bytes += violations->sum[type][VIOLATION_STALE].saved_bytes;
        for (size_t i = 0; i < sizeof(unpacked) / sizeof(*unpacked); i++) {
            sum.unpacked_keys += violations->sum[type][unpacked[i]].packable_keys;
            sum.unpacked_bytes += violations->sum[type][unpacked[i]].saved_bytes;
        }
    }
    return sum;
}

/* Objects that fit all limits but are tables in the running server: whatever ends it gives their bytes back, less what
 * those take that it unpacks. A table shrinks only when less than a tenth of its buckets is in use (redis 7.0
 * src/dict.h HASHTABLE_MIN_FILL), and nothing in a snapshot says how many it has. */
static void write_restart(const struct violations *violations, uint64_t all_bytes, struct document *document)
{
    enum { WORTH_DIVISOR = 100 };
    const struct restart_sum sum = sum_restart(violations);
    if (sum.packed_bytes <= sum.unpacked_bytes + all_bytes / WORTH_DIVISOR)
        return;
    char unpacked[160] = "", why[700];
    if (sum.unpacked_keys != 0)
        snprintf(unpacked, sizeof(unpacked),
                 "; it unpacks %" PRIu64 " that %s over a limit, for %" PRIu64 " bytes more, which are taken off here",
                 sum.unpacked_keys, words_for(sum.unpacked_keys, "is", "are"), sum.unpacked_bytes);
    snprintf(
        why, sizeof(why),
        "Of the hashes, sets and sorted sets %" PRIu64 " %s all limits but %s in the running server, once "
        "larger or under lower limits. Loading packs such tables%s. Every other number of this report is about the "
        "data after that. At least so much: buckets that tables have kept from when they were larger, and other "
        "room that values were given to grow, come on top.",
        sum.packed_keys, words_for(sum.packed_keys, "fits", "fit"),
        words_for(sum.packed_keys, "is a table", "are tables"), unpacked);
    document_action(document, "restart", "Restart or fail over once", why, sum.packed_bytes - sum.unpacked_bytes, NULL);
}

static void note_unpacked(const struct violations *violations, struct doc_section *section)
{
    const struct restart_sum sum = sum_restart(violations);
    if (sum.unpacked_keys != 0)
        section_note(section, DOC_WARNING,
                     "%" PRIu64 " %s packed in the running server, but over a limit: a restart or a failover unpacks "
                     "%s, for %" PRIu64 " bytes more. A higher limit before it keeps %s packed.",
                     sum.unpacked_keys, words_for(sum.unpacked_keys, "value is", "values are"),
                     words_for(sum.unpacked_keys, "it", "them"), sum.unpacked_bytes,
                     words_for(sum.unpacked_keys, "it", "them"));
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
        write_examples(section, &violations->examples);
    write_patterns(section, context, &violations->rows);
    note_unpacked(violations, section);
    section_note(
        section, DOC_INFO,
        "Saves: what the keys would take less if they were packed, whatever that costs in scanning. Near "
        "misses are at most a quarter over their limit. The section on encoding limits says which are worth raising. "
        "Of lists, which have several nodes beyond the limit of one, only near misses are listed; limits on streams "
        "are about their nodes alone (section node_sweeps).");
}

void violations_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct violations *violations = self;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int i = 0; i < VIOLATION_COUNT; i++)
            violation_sum_archive(&violations->sum[type][i], archive);
    violation_rows_archive(&violations->rows, archive);
    top_list_archive_texts(&violations->examples, 1 << OBJECT_HASH, archive_room(archive, COLLECT_ARCHIVE_LIST),
                           archive);
    const struct top_list *examples = &violations->examples;
    for (size_t i = 0; i < examples->count && archive->reads; i++) {
        const struct top_item *item = &examples->item[i];
        archive->failed |= item->note[NOTE_VIOLATION] >= VIOLATION_COUNT;
    }
}

static void hide_element(struct top_item *item, const struct doc_hider *hider)
{
    uint8_t text[TOP_TEXT_MAX];
    size_t len = 0;
    if (item->type == OBJECT_HASH && item->text_len)
        len = hiding_name(hider, item->text, item->text_len, text, sizeof(text), NULL);
    memcpy(item->text, text, len);
    item->text_len = (uint8_t)len;
}

void violations_hide(void *self, const struct doc_hider *hider)
{
    struct violations *violations = self;
    violation_rows_hide(&violations->rows, hider);
    top_list_hide(&violations->examples, hider);
    for (size_t i = 0; i < violations->examples.count; i++)
        hide_element(&violations->examples.item[i], hider);
}
