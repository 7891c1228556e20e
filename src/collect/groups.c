#include "groups.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "best_savings.h"
#include "prefix_tree.h"

void groups_init(void *self, const struct collect_context *context)
{
    group_table_init(self, context->limits.groups ? context->limits.groups : GROUP_MAX);
}

void groups_release(void *self)
{
    group_table_release(self);
}

void groups_add(void *self, const struct collect_context *context, const struct record *record)
{
    group_table_add_as(self, record, context->pattern, context->pattern_hash);
}

void groups_expect(const void *self, uint64_t pattern_hash)
{
    group_table_expect(self, pattern_hash);
}

bool groups_are_full(const void *self)
{
    const struct group_table *table = self;
    return table->count == table->maximum;
}

bool groups_depend_on_order(const void *self)
{
    return ((const struct group_table *)self)->dropped != 0;
}

bool groups_are_large(const void *self, unsigned sharers)
{
    return group_table_is_large(self, sharers);
}

void groups_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    group_table_merge(self, other);
}

enum { MAX_ROWS = 1000 }; /* patterns in formats that are not for paper, whatever --top says */

static const struct doc_column columns[] = {
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"average", "Average", DOC_BYTES, 0},
    {"best_saving_bytes", "Can save", DOC_BYTES, 0},
    {"best_saving", "Best by", DOC_TEXT, DOC_COLUMN_OPTIONAL | DOC_COLUMN_WRAP},
    {"overhead_bytes", "Overhead", DOC_BYTES, DOC_COLUMN_OPTIONAL}, /* all but payload and names; by cause: */
    {"payload_bytes", "Payload", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"name_bytes", "Names", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"entry_bytes", "Entries", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"expires_bytes", "Expiries", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"table_bytes", "Tables", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"element_bytes", "Elements", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"rounding_bytes", "Rounding", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"p99", "p99", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"elements", "Elements", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"no_ttl_keys", "No TTL", DOC_COUNT, 0},
    {"no_ttl_bytes", "Their bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"expired_keys", "Expired", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"expired_bytes", "Their bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"idle", "Median idle", DOC_DURATION, DOC_COLUMN_OPTIONAL},
    {"types", "Types", DOC_TEXT, DOC_COLUMN_OPTIONAL},
    {"encodings", "Encodings", DOC_TEXT, DOC_COLUMN_OPTIONAL},
    {"missing_bytes", "At most more", DOC_BYTES, DOC_COLUMN_OPTIONAL}, /* left out where all are exact */
};

struct doc_value group_median_idle(const struct group_idle *idle)
{
    uint64_t all = 0, seen = 0;
    for (int i = 0; idle && i < GROUP_IDLE_BINS; i++)
        all += idle->keys[i];
    for (int i = 0; all && i < GROUP_IDLE_BINS; i++) {
        seen += idle->keys[i];
        if (2 * seen >= all)
            return doc_duration(i ? INT64_C(1000) << (i - 1) : 0);
    }
    return doc_none();
}

static void write_group(struct doc_table *out, const struct group_table *table, uint32_t index, uint64_t all_bytes,
                        const struct best_savings *savings)
{
    const struct group *group = &table->group[index];
    const struct group_name *name = &table->name[index];
    char types[GROUP_NAMES_MAX], encodings[GROUP_NAMES_MAX];
    struct best_saving best = {.saved_bytes = 0};
    if (savings)
        best_savings_find(savings, group->hash, &best);
    const struct doc_value cells[] = {
        doc_name_of(DOC_THEIR_NAME, name->text, name->len, name->len),
        doc_count(group->keys),
        doc_bytes(group->bytes),
        doc_share((double)group->bytes, (double)all_bytes),
        doc_bytes(group->keys ? group->bytes / group->keys : 0),
        best.saved_bytes ? doc_bytes(best.saved_bytes) : doc_none(),
        best.saved_bytes ? doc_text(best.change) : doc_none(),
        doc_bytes(group->bytes - group->part[COST_PAYLOAD] - group->part[COST_KEY_NAME]),
        doc_bytes(group->part[COST_PAYLOAD]),
        doc_bytes(group->part[COST_KEY_NAME]),
        doc_bytes(group->part[COST_ENTRY]),
        doc_bytes(group->part[COST_EXPIRES]),
        doc_bytes(group->part[COST_TABLE]),
        doc_bytes(group->part[COST_ELEMENT]),
        doc_bytes(group->part[COST_ROUNDING]),
        doc_bytes(group_table_p99(table, index)),
        doc_count(group->elements),
        doc_count(group->no_ttl_keys),
        doc_bytes(group->no_ttl_bytes),
        doc_count(group->expired_keys),
        doc_bytes(group->expired_bytes),
        group_median_idle(table->idle ? &table->idle[index] : NULL),
        doc_text(group_types(group->types, types)),
        doc_text(group_encodings(group->encodings, encodings)),
        doc_bytes(group->missing),
    };
    table_row(out, cells);
}

static uint64_t bytes_of_all(const struct group_table *table)
{
    uint64_t bytes = table->rest.bytes;
    for (uint32_t i = 0; i < table->count; i++)
        bytes += table->group[i].bytes;
    return bytes;
}

static void write_bounds(struct doc_section *section, const struct group_table *table)
{
    section_fact(section, "patterns", "Patterns", doc_count(table->count));
    if (table->dropped == 0)
        return;
    section_fact(section, "rest_keys", "Keys in no pattern below", doc_count(table->rest.keys));
    section_fact(section, "rest_bytes", "Their bytes", doc_bytes(table->rest.bytes));
    section_fact(section, "bound_bytes", "No other pattern has more than", doc_bytes(table->bound));
    section_note(
        section, DOC_INFO,
        "There are more patterns than are kept (%u): the light ones were dropped. A pattern may have up to the "
        "bytes in its last column more than it shows.",
        table->maximum);
}

static const struct doc_column forgotten_columns[] = {
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"keys", "Keys", DOC_COUNT, 0},
    {"expires", "With TTL", DOC_COUNT, 0},
    {"no_ttl_keys", "Without", DOC_COUNT, 0},
    {"no_ttl_bytes", "Their bytes", DOC_BYTES, 0},
};

/* Patterns where at least half of the keys expire and others never do. */
static void write_forgotten(struct doc_section *section, const struct collect_context *context,
                            const struct group_table *table, const uint32_t *order, uint64_t all_bytes)
{
    struct doc_table *out = NULL;
    size_t rows = 0;
    for (size_t i = 0; i < table->count && rows < context->top; i++) {
        const struct group *group = &table->group[order[i]];
        const struct group_name *name = &table->name[order[i]];
        if (!group_forgot_ttl(group, all_bytes))
            continue;
        if (!out)
            out = section_table(section, "some_without_ttl", "Patterns where most keys expire but some never do",
                                forgotten_columns, sizeof(forgotten_columns) / sizeof(*forgotten_columns),
                                DOC_CHART_NONE);
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, name->text, name->len, name->len),
            doc_count(group->keys),
            doc_count(group->keys - group->no_ttl_keys),
            doc_count(group->no_ttl_keys),
            doc_bytes(group->no_ttl_bytes),
        };
        table_row(out, cells);
        rows++;
    }
}

void groups_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document)
{
    const struct group_table *table = self;
    if (table->count == 0)
        return;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    write_bounds(section, table);
    uint64_t all_bytes = bytes_of_all(table);
    uint32_t *order = group_table_sorted(table);
    size_t column_count = sizeof(columns) / sizeof(*columns) - (table->dropped == 0);
    struct doc_table *out = section_table(section, "list", collector->title, columns, column_count, DOC_CHART_BARS);
    table_print_at_most(out, context->top);
    struct best_savings *savings = best_savings_new(context);
    for (size_t i = 0; i < table->count && (i < MAX_ROWS || i < context->top); i++)
        write_group(out, table, order[i], all_bytes, savings);
    if (savings)
        best_savings_note_bounds(savings, section);
    best_savings_free(savings);
    write_forgotten(section, context, table, order, all_bytes);
    free(order);
    char guessed[11];
    struct prefix_cuts cuts = context->cuts;
    if (!cuts.separators) {
        prefix_separators(table, guessed);
        cuts.separators = guessed;
    }
    if (*cuts.separators) {
        section_fact(section, "separators", "Separators", doc_code(cuts.separators));
        prefix_tree_write(table, &cuts, section);
    }
}

void groups_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    group_table_archive(self, archive_room(archive, COLLECT_ARCHIVE_GROUPS), archive);
}

void groups_hide(void *self, const struct doc_hider *hider)
{
    group_table_hide(self, hider);
}
