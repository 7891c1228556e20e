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

static const struct doc_column idle_by_type_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
    {"idle", "Not used for", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Of its type", DOC_SHARE, DOC_COLUMN_BAR},
};

static const struct doc_column frequency_columns[] = {
    {"frequency", "LFU counter", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
};

static const struct doc_column frequency_by_type_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
    {"frequency", "LFU counter", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Of its type", DOC_SHARE, DOC_COLUMN_BAR},
};

enum { COLUMNS = sizeof(idle_columns) / sizeof(*idle_columns), COLUMNS_BY_TYPE = COLUMNS + 1 };

static struct inventory_sum sum_of(const struct inventory_sum *part, int count)
{
    struct inventory_sum sum = {0};
    for (int i = 0; i < count; i++) {
        sum.keys += part[i].keys;
        sum.bytes += part[i].bytes;
    }
    return sum;
}

/* `type` is NULL in a table of all types. */
static void write_row(struct doc_table *table, const char *type, const char *bucket, struct inventory_sum sum,
                      struct inventory_sum all)
{
    const struct doc_value cells[COLUMNS_BY_TYPE] = {doc_text(type), doc_text(bucket), doc_count(sum.keys),
                                                     doc_bytes(sum.bytes),
                                                     doc_share((double)sum.bytes, (double)all.bytes)};
    table_row(table, type ? cells : cells + 1);
}

static void write_idle_rows(struct doc_table *table, const char *type, const struct inventory_sum idle[IDLE_COUNT])
{
    const struct inventory_sum all = sum_of(idle, IDLE_COUNT);
    for (int i = 0; i < IDLE_COUNT && (all.keys || !type); i++)
        write_row(table, type, idle_title[i], idle[i], all);
}

static void write_idle(struct doc_section *section, const struct inventory *inventory)
{
    struct inventory_sum idle[IDLE_COUNT];
    inventory_idle(inventory, idle);
    write_idle_rows(section_table(section, "idle", "Idle time", idle_columns, COLUMNS, DOC_CHART_HISTOGRAM), NULL,
                    idle);
    struct doc_table *by_type = section_table(section, "idle_by_type", "Idle time, by type", idle_by_type_columns,
                                              COLUMNS_BY_TYPE, DOC_CHART_HISTOGRAM);
    table_print_across(by_type);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        write_idle_rows(by_type, object_type_name(type), inventory->idle[type]);
    const struct inventory_sum cold = sum_of(idle + IDLE_MONTH + 1, IDLE_COUNT - IDLE_MONTH - 1);
    section_fact(section, "cold_keys", "Keys not used for 30 days", doc_count(cold.keys));
    section_fact(section, "cold_bytes", "Their bytes", doc_bytes(cold.bytes));
}

/* Counters 0..255 in doubling steps: they are logarithmic already, but most keys are near 0. */
static void write_frequency_rows(struct doc_table *table, const char *type,
                                 const struct inventory_sum frequency[FREQUENCY_COUNT])
{
    static const int first[] = {0, 1, 2, 5, 6, 10, 20, 50, 100, 200, FREQUENCY_COUNT};
    const struct inventory_sum all = sum_of(frequency, FREQUENCY_COUNT);
    for (size_t i = 0; i + 1 < sizeof(first) / sizeof(*first) && (all.keys || !type); i++) {
        char bucket[32];
        if (first[i] + 1 == first[i + 1])
            snprintf(bucket, sizeof(bucket), "%d", first[i]);
        else
            snprintf(bucket, sizeof(bucket), "%d-%d", first[i], first[i + 1] - 1);
        write_row(table, type, bucket, sum_of(frequency + first[i], first[i + 1] - first[i]), all);
    }
}

static void write_frequency(struct doc_section *section, const struct inventory *inventory)
{
    struct inventory_sum frequency[FREQUENCY_COUNT];
    inventory_frequency(inventory, frequency);
    write_frequency_rows(
        section_table(section, "frequency", "Access frequency", frequency_columns, COLUMNS, DOC_CHART_HISTOGRAM), NULL,
        frequency);
    struct doc_table *by_type = section_table(section, "frequency_by_type", "Access frequency, by type",
                                              frequency_by_type_columns, COLUMNS_BY_TYPE, DOC_CHART_HISTOGRAM);
    table_print_across(by_type);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        write_frequency_rows(by_type, object_type_name(type), inventory->frequency[type]);
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
