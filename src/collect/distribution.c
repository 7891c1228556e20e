/* How many elements keys have and how long the longest one is, by type and encoding; sizes of keys; lengths of names.
 * People get percentiles, machines and charts the histograms as well. */
#include <inttypes.h>
#include <stdio.h>

#include "inventory.h"
#include "sections.h"

static const struct doc_column percentile_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},     {"encoding", "Encoding", DOC_TEXT, DOC_COLUMN_KEY},
    {"elements_p50", "Elements p50", DOC_COUNT, 0}, {"elements_p90", "p90", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"elements_p99", "p99", DOC_COUNT, 0},          {"elements_max", "max", DOC_COUNT, 0},
    {"longest_p50", "Longest p50", DOC_BYTES, 0},   {"longest_p90", "p90", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"longest_p99", "p99", DOC_BYTES, 0},           {"longest_max", "max", DOC_BYTES, 0},
};

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

static void add_bins(const struct log_histogram *histogram, uint64_t bins[INVENTORY_BINS])
{
    for (unsigned b = 0; b < LOG_HISTOGRAM_BUCKETS; b++)
        bins[inventory_bin(log_histogram_lower_bound(b))] += histogram->count[b];
}

static void write_bins(struct doc_table *table, enum object_type type, enum object_encoding encoding,
                       const struct log_histogram *histogram, uint64_t keys)
{
    uint64_t bins[INVENTORY_BINS] = {0};
    add_bins(histogram, bins);
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
            doc_share((double)bins[bin], (double)keys),
        };
        table_row(table, cells);
    }
}

static void write_percentiles(struct doc_table *table, enum object_type type, enum object_encoding encoding,
                              const struct inventory_row *row)
{
    const struct log_histogram *elements = &row->element_bins, *longest = &row->longest_bins;
    bool counts = type != OBJECT_STRING, has_longest = object_has_longest(type);
    const struct doc_value cells[] = {
        doc_text(object_type_name(type)),
        doc_text(object_encoding_name(encoding)),
        counts ? doc_count(log_histogram_percentile(elements, 500, row->most_elements)) : doc_none(),
        counts ? doc_count(log_histogram_percentile(elements, 900, row->most_elements)) : doc_none(),
        counts ? doc_count(log_histogram_percentile(elements, 990, row->most_elements)) : doc_none(),
        counts ? doc_count(row->most_elements) : doc_none(),
        has_longest ? doc_bytes(log_histogram_percentile(longest, 500, row->longest)) : doc_none(),
        has_longest ? doc_bytes(log_histogram_percentile(longest, 900, row->longest)) : doc_none(),
        has_longest ? doc_bytes(log_histogram_percentile(longest, 990, row->longest)) : doc_none(),
        has_longest ? doc_bytes(row->longest) : doc_none(),
    };
    table_row(table, cells);
}

static void write_encodings(struct doc_section *section, const struct inventory *inventory)
{
    enum {
        PERCENTILES = sizeof(percentile_columns) / sizeof(*percentile_columns),
        COLUMNS = sizeof(encoding_columns) / sizeof(*encoding_columns)
    };
    struct doc_table *percentiles = section_table(
        section, "encodings", "Elements per key, and the longest element (of a string its value) in bytes",
        percentile_columns, PERCENTILES, DOC_CHART_NONE);
    struct doc_table *elements = section_table(section, "elements", "Elements per key, in powers of two",
                                               encoding_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    struct doc_table *longest =
        section_table(section, "longest", "Longest element, of a string its value, in bytes, in powers of two",
                      encoding_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    struct doc_table *sizes = section_table(section, "sizes_by_encoding", "Bytes per key, by type and encoding",
                                            encoding_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    table_print_at_most(elements, 0);
    table_print_at_most(longest, 0);
    table_print_at_most(sizes, 0);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            const struct inventory_row *row = inventory->row[type][encoding];
            if (!row)
                continue;
            write_percentiles(percentiles, type, encoding, row);
            write_bins(elements, type, encoding, &row->element_bins, row->keys);
            if (object_has_longest(type))
                write_bins(longest, type, encoding, &row->longest_bins, row->keys);
            write_bins(sizes, type, encoding, &row->size_bins, row->keys);
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

void distribution_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                         struct document *document)
{
    (void)self;
    enum { COLUMNS = sizeof(plain_columns) / sizeof(*plain_columns) };
    const struct inventory *inventory = context->inventory;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    section_fact(section, "longest_name", "Longest key name", doc_bytes(inventory->longest_name));
    write_encodings(section, inventory);
    uint64_t sizes[INVENTORY_BINS] = {0};
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++)
            if (inventory->row[type][encoding])
                add_bins(&inventory->row[type][encoding]->size_bins, sizes);
    write_plain(section_table(section, "sizes", "Bytes per key, everything included", plain_columns, COLUMNS,
                              DOC_CHART_HISTOGRAM),
                sizes);
    struct doc_table *names =
        section_table(section, "names", "Length of key names in bytes", plain_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    write_plain(names, inventory->name_bins);
}
