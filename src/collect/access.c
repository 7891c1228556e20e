/* Idle times and LFU counters. A snapshot has them only when its server evicts by LRU or by LFU. */
#include "inventory.h"
#include "sections.h"

#include <stdio.h>

static const char *const idle_title[IDLE_COUNT] = {
    [IDLE_HOUR] = "up to an hour",  [IDLE_DAY] = "up to a day",       [IDLE_WEEK] = "up to a week",
    [IDLE_MONTH] = "up to 30 days", [IDLE_QUARTER] = "up to 90 days", [IDLE_YEAR] = "up to a year",
    [IDLE_LONGER] = "longer",
};

static const struct doc_column idle_columns[] = {
    {"idle", "Not used for", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
};

static const struct doc_column frequency_columns[] = {
    {"frequency", "LFU counter", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
};

enum { COLUMNS = sizeof(idle_columns) / sizeof(*idle_columns) };

static void write_row(struct doc_table *table, const char *bucket, struct inventory_sum sum, uint64_t all_bytes)
{
    const struct doc_value cells[COLUMNS] = {doc_text(bucket), doc_count(sum.keys), doc_bytes(sum.bytes),
                                             doc_share((double)sum.bytes, (double)all_bytes)};
    table_row(table, cells);
}

static uint64_t bytes_of(const struct inventory_sum *sum, int count)
{
    uint64_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += sum[i].bytes;
    return bytes;
}

static void write_idle(struct doc_section *section, const struct inventory *inventory)
{
    uint64_t all_bytes = bytes_of(inventory->idle, IDLE_COUNT);
    struct doc_table *table = section_table(section, "idle", "Idle time", idle_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    for (int i = 0; i < IDLE_COUNT; i++)
        write_row(table, idle_title[i], inventory->idle[i], all_bytes);
    struct inventory_sum cold = {0};
    for (int i = IDLE_MONTH + 1; i < IDLE_COUNT; i++) {
        cold.keys += inventory->idle[i].keys;
        cold.bytes += inventory->idle[i].bytes;
    }
    section_fact(section, "cold_keys", "Keys not used for 30 days", doc_count(cold.keys));
    section_fact(section, "cold_bytes", "Their bytes", doc_bytes(cold.bytes));
}

/* Counters 0..255 in doubling steps: they are logarithmic already, but most keys are near 0. */
static void write_frequency(struct doc_section *section, const struct inventory *inventory)
{
    static const int first[] = {0, 1, 2, 5, 6, 10, 20, 50, 100, 200, 256};
    uint64_t all_bytes = bytes_of(inventory->frequency, 256);
    struct doc_table *table =
        section_table(section, "frequency", "Access frequency", frequency_columns, COLUMNS, DOC_CHART_HISTOGRAM);
    for (size_t i = 0; i + 1 < sizeof(first) / sizeof(*first); i++) {
        struct inventory_sum sum = {0};
        for (int f = first[i]; f < first[i + 1]; f++) {
            sum.keys += inventory->frequency[f].keys;
            sum.bytes += inventory->frequency[f].bytes;
        }
        char bucket[32];
        if (first[i] + 1 == first[i + 1])
            snprintf(bucket, sizeof(bucket), "%d", first[i]);
        else
            snprintf(bucket, sizeof(bucket), "%d-%d", first[i], first[i + 1] - 1);
        write_row(table, bucket, sum, all_bytes);
    }
    section_note(section, DOC_INFO, "New keys start at 5; the counter is logarithmic and falls while a key is unused.");
}

void access_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document)
{
    (void)self;
    const struct inventory *inventory = context->inventory;
    if (inventory->idle_keys == 0 && inventory->frequency_keys == 0)
        return;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (inventory->idle_keys)
        write_idle(section, inventory);
    if (inventory->frequency_keys)
        write_frequency(section, inventory);
}
