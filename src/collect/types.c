/* Memory by type and encoding. */
#include "inventory.h"
#include "sections.h"

#include <stdlib.h>

#include "memory.h"

struct type_row {
    enum object_type type;
    enum object_encoding encoding;
    const struct inventory_row *sums;
};

static int heavier_first(const void *a, const void *b)
{
    const struct type_row *x = a, *y = b;
    if (x->sums->bytes != y->sums->bytes)
        return x->sums->bytes < y->sums->bytes ? 1 : -1;
    return x->type != y->type ? (int)x->type - (int)y->type : (int)x->encoding - (int)y->encoding;
}

/* All rows that occur, heaviest first; the caller frees them. */
static struct type_row *sorted_rows(const struct inventory *inventory, size_t *count)
{
    struct type_row *rows = memory_new((size_t)OBJECT_TYPE_COUNT * ENCODING_COUNT, sizeof(*rows));
    *count = 0;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++)
            if (inventory->row[type][encoding])
                rows[(*count)++] = (struct type_row){type, encoding, inventory->row[type][encoding]};
    qsort(rows, *count, sizeof(*rows), heavier_first);
    return rows;
}

static const struct doc_column type_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
    {"encoding", "Encoding", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"average", "Average", DOC_BYTES, 0},
    {"elements", "Elements", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"p50", "p50", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"p90", "p90", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"p99", "p99", DOC_BYTES, 0},
    {"max", "Max", DOC_BYTES, 0},
    {"memory_usage", "MEMORY USAGE", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

void types_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                  struct document *document)
{
    (void)self;
    struct inventory_totals totals;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table = section_table(section, "encodings", collector->title, type_columns,
                                            sizeof(type_columns) / sizeof(*type_columns), DOC_CHART_BARS);
    size_t count;
    struct type_row *rows = sorted_rows(context->inventory, &count);
    for (size_t i = 0; i < count; i++) {
        const struct inventory_row *sums = rows[i].sums;
        const struct doc_value cells[] = {
            doc_text(object_type_name(rows[i].type)),
            doc_text(object_encoding_name(rows[i].encoding)),
            doc_count(sums->keys),
            doc_bytes(sums->bytes),
            doc_share(rows[i].type == OBJECT_MODULE ? 0 : (double)sums->bytes, (double)totals.bytes),
            doc_bytes(sums->keys ? sums->bytes / sums->keys : 0), /* a damaged summary may claim a row of none */
            rows[i].type == OBJECT_STRING ? doc_none() : doc_count(sums->elements),
            doc_bytes(log_histogram_percentile(&sums->size_bins, 500, sums->largest)),
            doc_bytes(log_histogram_percentile(&sums->size_bins, 900, sums->largest)),
            doc_bytes(log_histogram_percentile(&sums->size_bins, 990, sums->largest)),
            doc_bytes(sums->largest),
            doc_bytes(sums->memory_usage),
        };
        table_row(table, cells);
    }
    free(rows);
}
