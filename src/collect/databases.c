/* Databases as INFO keyspace lists them, with their bytes. */
#include <stdlib.h>

#include "inventory.h"
#include "sections.h"

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
    struct inventory_sum sum = inventory_sum_of(database->ttl);
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
        doc_duration(inventory_average_ttl_ms(database)),
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
    const struct inventory_database **database = inventory_databases(inventory);
    for (uint32_t i = 0; i < inventory->database_count; i++)
        write_database(table, context, database[i], inventory_sum_of(ttl).bytes);
    free(database);
    if (ttl[TTL_NONE].keys < inventory_sum_of(ttl).keys)
        section_note(
            section, DOC_INFO,
            "avg_ttl is what keys with a TTL have left on average, those that have expired left out: what INFO "
            "of a server comes to by sampling. After a start it has 0 there.");
    if (inventory->database_count == INVENTORY_MAX_DATABASES)
        section_note(section, DOC_INFO, "Databases beyond the first %d are one row.", INVENTORY_MAX_DATABASES);
}
