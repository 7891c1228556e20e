/* Strings that LZF made shorter in the file: evidence, at no cost, of what compression in the client would save. */
#include <inttypes.h>
#include <stdio.h>

#include "alternative_sections.h"
#include "alternatives.h"

void compressible_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record)
{
    const struct shape_text text = {.len = record->elements - record->stored_saved};
    const uint64_t keys = 1 + record->more;
    row->value_bytes += keys * record->elements;
    row->stored_bytes += keys * text.len;
    alternative_sum_add(&row->sum[ALTERNATIVE_COMPRESSED], record->cost.size_in_bytes,
                        alternatives_string_bytes(alternatives, &record->facts, &text), keys);
}

static const struct doc_column columns[] = {
    ALTERNATIVE_COLUMNS,
    {"keys", "Keys", DOC_COUNT, 0},
    {"value_bytes", "Values", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"compressed_bytes", "LZF", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"ratio", "Ratio", DOC_NUMBER, 0},
    {"before_bytes", "Bytes", DOC_BYTES, 0},
    {"after_bytes", "Compressed", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
};

static void write_row(struct doc_table *table, const struct alternative_row *row)
{
    const struct alternative_sum *sum = &row->sum[ALTERNATIVE_COMPRESSED];
    const struct doc_value cells[] = {
        ALTERNATIVE_CELLS(row),
        doc_count(sum->keys),
        doc_bytes(row->value_bytes),
        doc_bytes(row->stored_bytes),
        doc_number((double)row->value_bytes / (double)(row->stored_bytes ? row->stored_bytes : 1)),
        doc_bytes(sum->before),
        doc_bytes(sum->after),
        doc_delta((int64_t)(sum->before - sum->after)),
    };
    table_row(table, cells);
}

static void write_action(const struct alternative_row *row, size_t number, struct document *document)
{
    char id[32], title[160], why[500], pattern[ALTERNATIVE_NAME_SIZE];
    snprintf(id, sizeof(id), "compressible_%zu", number);
    snprintf(title, sizeof(title), "Compress the values of %s in the client",
             alternative_pattern(row, document, pattern));
    snprintf(why, sizeof(why),
             "The snapshot holds %" PRIu64
             " of these values compressed with LZF, at 1 to %.1f. A client that compresses "
             "as well before SET saves that much in memory, and on the network; a stronger compressor (zstd with a "
             "dictionary) saves more. Commands that look into values (GETRANGE, INCR, APPEND) cannot be used on them.",
             row->sum[ALTERNATIVE_COMPRESSED].keys,
             (double)row->value_bytes / (double)(row->stored_bytes ? row->stored_bytes : 1));
    document_action(document, id, title, why, alternative_saved(&row->sum[ALTERNATIVE_COMPRESSED]), NULL);
}

void compressible_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                         struct document *document)
{
    static const struct alternative_table what = {ALTERNATIVE_COMPRESSED, columns, sizeof(columns) / sizeof(*columns),
                                                  write_row, write_action};
    size_t count;
    (void)self;
    struct doc_section *section = alternative_table_write(&what, context, collector, document, &count);
    if (count)
        section_note(section, DOC_INFO,
                     "Exact for values as short as the file holds them (LZF, one by one). Values that the file holds "
                     "as they are, and files written with rdbcompression no, say nothing.");
    else
        section_note(section, DOC_GOOD, "The file holds no string value compressed.");
}
