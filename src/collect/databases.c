/* Databases as INFO keyspace lists them, with their bytes; and when keys expire, over all and per database. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "sections.h"

static const char *const ttl_bucket[TTL_COUNT] = {
    [TTL_EXPIRED] = "expired already",
    [TTL_HOUR] = "within an hour",
    [TTL_DAY] = "within a day",
    [TTL_WEEK] = "within a week",
    [TTL_MONTH] = "within 30 days",
    [TTL_YEAR] = "within a year",
    [TTL_LATER] = "later",
    [TTL_NONE] = "never (no TTL)",
};

static struct inventory_sum sum_of(const struct inventory_sum ttl[TTL_COUNT])
{
    struct inventory_sum sum = {0};
    for (int i = 0; i < TTL_COUNT; i++) {
        sum.keys += ttl[i].keys;
        sum.bytes += ttl[i].bytes;
    }
    return sum;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = (*(const struct inventory_database *const *)a)->db;
    uint64_t y = (*(const struct inventory_database *const *)b)->db;
    return (x > y) - (x < y);
}

/* The caller frees the array. */
static const struct inventory_database **sorted_databases(const struct inventory *inventory)
{
    const struct inventory_database **sorted = memory_new(inventory->database_count, sizeof(*sorted));
    for (uint32_t i = 0; i < inventory->database_count; i++)
        sorted[i] = &inventory->database[i];
    qsort(sorted, inventory->database_count, sizeof(*sorted), by_number);
    return sorted;
}

static const struct doc_column database_columns[] = {
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"expires", "With TTL", DOC_COUNT, 0},
    {"bytes", "Keys' bytes", DOC_BYTES, 0},
    {"table_bytes", "Tables", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"no_ttl_bytes", "No TTL", DOC_BYTES, 0},
    {"avg_ttl_ms", "avg_ttl", DOC_DURATION, 0},
};

static void write_database(struct doc_table *table, const struct collect_context *context,
                           const struct inventory_database *database, uint64_t all_bytes)
{
    struct inventory_sum sum = sum_of(database->ttl);
    struct keyspace_cost cost = {0};
    bool has_tables = model_keyspace_db(context->plan, 0, context->keyspace, database->db, &cost);
    const struct doc_value cells[] = {
        doc_count(database->db),
        doc_count(sum.keys),
        doc_count(sum.keys - database->ttl[TTL_NONE].keys),
        doc_bytes(sum.bytes),
        has_tables ? doc_bytes(cost.total_bytes) : doc_none(),
        doc_share((double)sum.bytes, (double)all_bytes),
        doc_bytes(database->ttl[TTL_NONE].bytes),
        doc_duration((int64_t)inventory_average_ttl_ms(database)),
    };
    table_row(table, cells);
}

void databases_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                      struct document *document)
{
    (void)self;
    const struct inventory *inventory = context->inventory;
    struct inventory_sum ttl[TTL_COUNT];
    inventory_ttl(inventory, ttl);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table = section_table(section, "list", collector->title, database_columns,
                                            sizeof(database_columns) / sizeof(*database_columns), DOC_CHART_BARS);
    const struct inventory_database **database = sorted_databases(inventory);
    for (uint32_t i = 0; i < inventory->database_count; i++)
        write_database(table, context, database[i], sum_of(ttl).bytes);
    free(database);
    if (inventory->database_count == INVENTORY_MAX_DATABASES)
        section_note(section, DOC_INFO, "Databases beyond the first %d are one row.", INVENTORY_MAX_DATABASES);
}

static const struct doc_column ttl_columns[] = {
    {"expires", "Expires", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
};

void ttl_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                struct document *document)
{
    (void)self;
    struct inventory_sum ttl[TTL_COUNT];
    inventory_ttl(context->inventory, ttl);
    uint64_t all_bytes = sum_of(ttl).bytes;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table = section_table(section, "buckets", collector->title, ttl_columns,
                                            sizeof(ttl_columns) / sizeof(*ttl_columns), DOC_CHART_HISTOGRAM);
    for (int i = 0; i < TTL_COUNT; i++) {
        const struct doc_value cells[] = {
            doc_text(ttl_bucket[i]),
            doc_count(ttl[i].keys),
            doc_bytes(ttl[i].bytes),
            doc_share((double)ttl[i].bytes, (double)all_bytes),
        };
        table_row(table, cells);
    }
    section_headline(section, "no_ttl_share", "Bytes that never expire",
                     doc_share((double)ttl[TTL_NONE].bytes, (double)all_bytes));
    if (ttl[TTL_EXPIRED].keys)
        section_note(section, DOC_WARNING,
                     "%" PRIu64
                     " keys have expired already. They take memory until the server touches or samples them; "
                     "a master that loads this snapshot drops them.",
                     ttl[TTL_EXPIRED].keys);
}
