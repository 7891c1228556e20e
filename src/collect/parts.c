/* Where the bytes go: by cause instead of by key. */
#include <stdlib.h>

#include "inventory.h"
#include "sections.h"

static const struct doc_column part_columns[] = {
    {"part", "Part", DOC_TEXT, DOC_COLUMN_KEY},         {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},      {"per_key", "Per key", DOC_NUMBER, 0},
    {"title", "What it is", DOC_TEXT, DOC_COLUMN_WIDE},
};

struct part_sum {
    const char *id, *title;
    uint64_t bytes;
};

static int larger_part_first(const void *a, const void *b)
{
    const struct part_sum *x = a, *y = b;
    return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

void parts_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                  struct document *document)
{
    (void)self;
    struct inventory_totals totals;
    struct keyspace_cost keyspace;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    model_keyspace(context->plan, 0, context->keyspace, &keyspace);
    struct part_sum part[COST_PART_COUNT + 1];
    for (int i = 0; i < COST_PART_COUNT; i++)
        part[i] = (struct part_sum){cost_part_name(i), cost_part_title(i), totals.part[i]};
    part[COST_PART_COUNT] = (struct part_sum){"keyspace_tables", "tables of the databases", keyspace.total_bytes};
    qsort(part, COST_PART_COUNT + 1, sizeof(*part), larger_part_first);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table = section_table(section, "causes", collector->title, part_columns,
                                            sizeof(part_columns) / sizeof(*part_columns), DOC_CHART_BARS);
    for (int i = 0; i <= COST_PART_COUNT; i++) {
        const struct doc_value cells[] = {
            doc_text(part[i].id),
            doc_bytes(part[i].bytes),
            doc_share((double)part[i].bytes, (double)(totals.bytes + keyspace.total_bytes)),
            totals.keys ? doc_number((double)part[i].bytes / (double)totals.keys) : doc_none(),
            doc_text(part[i].title),
        };
        table_row(table, cells);
    }
    if (totals.keys)
        section_note(section, DOC_INFO, "%.0f of each 100 bytes are the users' own (names and payload).",
                     100.0 * (double)(totals.part[COST_PAYLOAD] + totals.part[COST_KEY_NAME]) /
                         (double)(totals.bytes + keyspace.total_bytes));
}
