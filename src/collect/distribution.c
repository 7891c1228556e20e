/* Histograms: how many elements and how long the longest one is, by type and encoding; key sizes; key names. */
#include <inttypes.h>
#include <stdio.h>

#include "inventory.h"
#include "sections.h"

static const struct doc_column encoding_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
    {"encoding", "Encoding", DOC_TEXT, DOC_COLUMN_KEY},
    {"range", "Range", DOC_TEXT, DOC_COLUMN_KEY},
    {"from", "From", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"keys", "Keys", DOC_COUNT, 0},
    {"share", "Of its encoding", DOC_SHARE, DOC_COLUMN_BAR},
};

static const struct doc_column plain_columns[] = {
    {"range", "Range", DOC_TEXT, DOC_COLUMN_KEY},
    {"from", "From", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"keys", "Keys", DOC_COUNT, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
};

static uint64_t first_of(unsigned bin)
{
    return bin ? UINT64_C(1) << (bin - 1) : 0;
}

/* "0", "1", "2-3", "4-7", ... */
static const char *range_of(unsigned bin, char buffer[48])
{
    uint64_t first = first_of(bin);
    uint64_t last = bin ? first + (first - 1) : 0;
    if (first == last)
        snprintf(buffer, 48, "%" PRIu64, first);
    else
        snprintf(buffer, 48, "%" PRIu64 "-%" PRIu64, first, last);
    return buffer;
}

static void write_bins(struct doc_table *table, enum object_type type, enum object_encoding encoding,
                       const struct inventory_row *row, const uint64_t bins[INVENTORY_BINS])
{
    for (unsigned bin = 0; bin < INVENTORY_BINS; bin++) {
        if (bins[bin] == 0)
            continue;
        char range[48];
        const struct doc_value cells[] = {
            doc_text(object_type_name(type)),
            doc_text(object_encoding_name(encoding)),
            doc_text(range_of(bin, range)),
            doc_count(first_of(bin)),
            doc_count(bins[bin]),
            doc_share((double)bins[bin], (double)row->keys),
        };
        table_row(table, cells);
    }
}

static void write_encodings(struct doc_section *section, const struct inventory *inventory)
{
    enum { COLUMNS = sizeof(encoding_columns) / sizeof(*encoding_columns) };
    struct doc_table *elements =
        section_table(section, "elements", "Elements per key", encoding_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    struct doc_table *longest = section_table(section, "longest", "Longest element of a key, in bytes",
                                              encoding_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            const struct inventory_row *row = inventory->row[type][encoding];
            if (!row)
                continue;
            if (type != OBJECT_STRING)
                write_bins(elements, type, encoding, row, row->element_bins);
            write_bins(longest, type, encoding, row, row->longest_bins);
        }
}

static void write_plain(struct doc_table *table, const uint64_t bins[INVENTORY_BINS])
{
    uint64_t total = 0;
    for (unsigned bin = 0; bin < INVENTORY_BINS; bin++)
        total += bins[bin];
    for (unsigned bin = 0; bin < INVENTORY_BINS; bin++) {
        if (bins[bin] == 0)
            continue;
        char range[48];
        const struct doc_value cells[] = {doc_text(range_of(bin, range)), doc_count(first_of(bin)),
                                          doc_count(bins[bin]), doc_share((double)bins[bin], (double)total)};
        table_row(table, cells);
    }
}

/* Keys by size_in_bytes, all types together, from the finer histograms of each. */
static void size_bins(const struct inventory *inventory, uint64_t bins[INVENTORY_BINS])
{
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            const struct inventory_row *row = inventory->row[type][encoding];
            for (unsigned b = 0; row && b < LOG_HISTOGRAM_BUCKETS; b++)
                bins[inventory_bin(log_histogram_lower_bound(b))] += row->sizes.count[b];
        }
}

void distribution_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                         struct document *document)
{
    (void)self;
    enum { COLUMNS = sizeof(plain_columns) / sizeof(*plain_columns) };
    struct doc_section *section = document_section(document, collector->id, collector->title);
    write_encodings(section, context->inventory);
    uint64_t sizes[INVENTORY_BINS] = {0};
    size_bins(context->inventory, sizes);
    write_plain(section_table(section, "sizes", "Bytes per key, everything included", plain_columns, COLUMNS,
                              DOC_CHART_HISTOGRAM),
                sizes);
    write_plain(section_table(section, "names", "Length of key names", plain_columns, COLUMNS, DOC_CHART_HISTOGRAM),
                context->inventory->name_bins);
    section_fact(section, "longest_name", "Longest key name", doc_bytes(context->inventory->longest_name));
}
