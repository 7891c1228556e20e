/* Strings that are mostly nothing: HyperLogLogs that turned dense although few of their registers differ, and bitmaps
 * of mostly zero bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alternative_sections.h"
#include "alternatives.h"

/* redis src/hyperloglog.c */
enum {
    HLL_HEADER = 16,
    HLL_REGISTERS = 16384,
    HLL_REGISTER_BITS = 6,
    HLL_DENSE_BYTES = HLL_HEADER + HLL_REGISTERS * HLL_REGISTER_BITS / 8,
    HLL_ENCODING_AT = 4, /* 0: dense */
    HLL_VALUE_MAX = 32,  /* of a sparse register */
    HLL_VALUE_RUN = 4,   /* registers of one VAL opcode, */
    HLL_ZERO_RUN = 64,   /* of one ZERO opcode; XZERO: all of them, in two bytes */
    BITMAP_LEAST_BYTES = 1024,
    BITMAP_SQUEEZED = 8 /* compressed to less than an eighth */
};

static unsigned register_of(const uint8_t *registers, unsigned index)
{
    unsigned bit = index * HLL_REGISTER_BITS, byte = bit / 8, shift = bit % 8;
    unsigned both = registers[byte] | (byte + 1 < HLL_DENSE_BYTES - HLL_HEADER ? registers[byte + 1] << 8 : 0);
    return both >> shift & 63;
}

/* Bytes of the sparse form; 0 when a register is too large for it. */
static unsigned sparse_bytes(const uint8_t *registers)
{
    unsigned bytes = HLL_HEADER;
    for (unsigned i = 0; i < HLL_REGISTERS;) {
        unsigned value = register_of(registers, i), run = 1;
        while (i + run < HLL_REGISTERS && register_of(registers, i + run) == value)
            run++;
        if (value > HLL_VALUE_MAX)
            return 0;
        bytes += value ? (run + HLL_VALUE_RUN - 1) / HLL_VALUE_RUN : run <= HLL_ZERO_RUN ? 1 : 2;
        i += run;
    }
    return bytes;
}

void hyperloglog_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record)
{
    if (record->value_bytes != HLL_DENSE_BYTES || record->elements != HLL_DENSE_BYTES ||
        memcmp(record->value, "HYLL", 4) != 0 || record->value[HLL_ENCODING_AT] != 0)
        return;
    unsigned bytes = sparse_bytes(record->value + HLL_HEADER);
    const struct shape_text text = {.len = bytes && bytes < HLL_DENSE_BYTES ? bytes : HLL_DENSE_BYTES};
    alternative_sum_add(&row->sum[ALTERNATIVE_SPARSE], record->cost.size_in_bytes,
                        alternatives_string_bytes(alternatives, &record->facts, &text), 1);
    if (row->sparse_longest < text.len)
        row->sparse_longest = text.len;
}

void bitmap_add(struct alternative_row *row, const struct record *record)
{
    uint64_t stored = record->elements - record->stored_saved;
    if (record->elements < BITMAP_LEAST_BYTES || stored > record->elements / BITMAP_SQUEEZED)
        return;
    uint32_t zeros = 0;
    for (uint32_t i = 0; i < record->value_bytes; i++)
        zeros += record->value[i] == 0;
    if (zeros < record->value_bytes - record->value_bytes / 8)
        return;
    row->bitmaps.keys++;
    row->bitmaps.bytes += record->cost.size_in_bytes;
    row->bitmaps.stored_bytes += stored;
}

static const struct doc_column hll_columns[] = {
    ALTERNATIVE_COLUMNS,
    {"keys", "Dense", DOC_COUNT, 0},
    {"before_bytes", "Bytes", DOC_BYTES, 0},
    {"after_bytes", "Sparse", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
    {"sparse_longest", "Longest sparse", DOC_BYTES, 0},
};

static void write_hyperloglogs(struct doc_section *section, const struct collect_context *context,
                               const struct alternative_row **row, size_t count)
{
    struct doc_table *table = section_table(section, "hyperloglogs", "Dense HyperLogLogs", hll_columns,
                                            sizeof(hll_columns) / sizeof(*hll_columns), DOC_CHART_NONE);
    table_print_at_most(table, context->top);
    for (size_t i = 0; i < count && i < ALTERNATIVE_MAX_TABLE; i++) {
        const struct alternative_sum *sum = &row[i]->sum[ALTERNATIVE_SPARSE];
        const struct doc_value cells[] = {
            ALTERNATIVE_CELLS(row[i]),
            doc_count(sum->keys),
            doc_bytes(sum->before),
            doc_bytes(sum->after),
            doc_delta((int64_t)(sum->before - sum->after)),
            doc_bytes(row[i]->sparse_longest),
        };
        table_row(table, cells);
    }
    section_note(section, DOC_INFO,
                 "A HyperLogLog turns dense (12 KB) when its sparse form would exceed hll-sparse-max-bytes (%" PRId64
                 " here), or a register 32. A higher limit keeps new ones sparse at the price of slower PFADD; those "
                 "that are dense stay so.",
                 plan_view(context->plan, 0)->settings.value[SETTING_HLL_SPARSE_MAX_BYTES]);
}

static const struct doc_column bitmap_columns[] = {
    ALTERNATIVE_COLUMNS,
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"compressed_bytes", "LZF", DOC_BYTES, 0},
};

static int most_bytes_first(const void *a, const void *b)
{
    const struct alternative_row *x = *(const struct alternative_row *const *)a;
    const struct alternative_row *y = *(const struct alternative_row *const *)b;
    if (x->bitmaps.bytes != y->bitmaps.bytes)
        return x->bitmaps.bytes < y->bitmaps.bytes ? 1 : -1;
    return memcmp(x->pattern, y->pattern, KEY_PATTERN_MAX);
}

/* The limit that holds the longest of them, in steps of a kilobyte. */
static void write_hll_action(const struct collect_context *context, const struct alternative_row **row, size_t count,
                             struct document *document)
{
    char why[600], paste[64], commands[80];
    uint64_t saved = 0, keys = 0, longest = 0;
    for (size_t i = 0; i < count; i++) {
        saved += alternative_saved(&row[i]->sum[ALTERNATIVE_SPARSE]);
        keys += row[i]->sum[ALTERNATIVE_SPARSE].keys;
        longest = row[i]->sparse_longest > longest ? row[i]->sparse_longest : longest;
    }
    if (saved < alternatives_worth(context))
        return;
    snprintf(paste, sizeof(paste), "hll-sparse-max-bytes %" PRIu64, (longest / 1024 + 1) * 1024);
    settings_commands(paste, commands, sizeof(commands));
    snprintf(why, sizeof(why),
             "%" PRIu64 " HyperLogLogs are dense (12 KB each), and would be at most %" PRIu64 " bytes in their sparse "
             "form. Under a higher limit new ones stay sparse; PFADD then reads all of that. Those that are dense stay "
             "so until they are made anew from their elements.",
             keys, longest);
    struct doc_action *action =
        document_action(document, "sparse_hyperloglogs", "Keep HyperLogLogs sparse", why, saved, paste);
    action_commands(document, action, commands);
}

static bool write_bitmaps(struct doc_section *section, const struct collect_context *context)
{
    size_t count, kept = 0;
    /* Only a value that the file holds compressed can be so sparse. */
    const struct alternative_row **row = alternatives_sorted(context->alternatives, ALTERNATIVE_COMPRESSED, &count);
    for (size_t i = 0; i < count; i++)
        if (row[i]->bitmaps.keys)
            row[kept++] = row[i];
    qsort(row, kept, sizeof(*row), most_bytes_first);
    struct doc_table *table = kept ? section_table(section, "bitmaps", "Sparse bitmaps", bitmap_columns,
                                                   sizeof(bitmap_columns) / sizeof(*bitmap_columns), DOC_CHART_NONE)
                                   : NULL;
    for (size_t i = 0; i < kept && i < ALTERNATIVE_MAX_TABLE; i++) {
        const struct doc_value cells[] = {
            ALTERNATIVE_CELLS(row[i]),
            doc_count(row[i]->bitmaps.keys),
            doc_bytes(row[i]->bitmaps.bytes),
            doc_bytes(row[i]->bitmaps.stored_bytes),
        };
        table_row(table, cells);
    }
    if (kept)
        section_note(section, DOC_INFO,
                     "Sparse bitmaps: strings of at least 1 KB that are mostly zero bytes (in their first 4 KB) and "
                     "that LZF makes an eighth. Bits far apart cost every byte between them: smaller offsets, several "
                     "bitmaps by range of offsets, or a set of the few that are set take less.");
    free(row);
    return kept != 0;
}

void sparse_values_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                          struct document *document)
{
    (void)self;
    size_t count;
    const struct alternative_row **row = alternatives_sorted(context->alternatives, ALTERNATIVE_SPARSE, &count);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (count) {
        write_hyperloglogs(section, context, row, count);
        write_hll_action(context, row, count, document);
    }
    if (!write_bitmaps(section, context) && count == 0)
        section_note(section, DOC_GOOD, "There are no dense HyperLogLogs and no sparse bitmaps.");
    free(row);
}
