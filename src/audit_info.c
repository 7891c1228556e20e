/* Sections info_memory, INFO beside what the snapshot determines, and malloc_bins, the allocator's own numbers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "complain.h"
#include "document_parts.h"
#include "values.h"

/* ---- fields --------------------------------------------------------------------------------------------------------
 */

/* What the data takes beside names and values where the server counts it as overhead: tables of the databases, entries
 * and headers of keys, expiries. */
static uint64_t keyspace_overhead(const struct audit *audit)
{
    return audit->keyspace.total_bytes + audit->totals.part[COST_ENTRY] + audit->totals.part[COST_EXPIRES];
}

uint64_t audit_not_data(const struct audit *audit)
{
    static const enum info_field fields[] = {INFO_USED_MEMORY_STARTUP,     INFO_MEM_CLIENTS_NORMAL,
                                             INFO_MEM_CLIENTS_SLAVES,      INFO_MEM_AOF_BUFFER,
                                             INFO_MEM_REPLICATION_BACKLOG, INFO_MEM_CLUSTER_LINKS};
    bool has_split = info_has(audit->info, INFO_USED_MEMORY_SCRIPTS_EVAL);
    uint64_t bytes = info_bytes(audit->info, has_split ? INFO_USED_MEMORY_SCRIPTS_EVAL : INFO_USED_MEMORY_SCRIPTS);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        bytes += info_bytes(audit->info, fields[i]);
    return bytes;
}

/* Which rule's finding is about a field. */
static const struct {
    enum info_field field;
    const char *rule;
} judged[] = {
    {INFO_MEM_FRAGMENTATION_RATIO, "swapping"},
    {INFO_MEM_FRAGMENTATION_RATIO, "fragmentation_high"},
    {INFO_MEM_FRAGMENTATION_RATIO, "fragmentation_moderate"},
    {INFO_MEM_FRAGMENTATION_BYTES, "fragmentation_high"},
    {INFO_ALLOCATOR_FRAG_RATIO, "allocator_holes"},
    {INFO_ALLOCATOR_RSS_RATIO, "allocator_pages"},
    {INFO_RSS_OVERHEAD_RATIO, "process_overhead"},
    {INFO_USED_MEMORY_PEAK, "peak"},
    {INFO_USED_MEMORY_RSS, "machine_full"},
    {INFO_USED_MEMORY, "near_limit"},
    {INFO_MEM_CLIENTS_NORMAL, "clients"},
    {INFO_MEM_CLIENTS_NORMAL, "client_average"},
    {INFO_MEM_CLIENTS_SLAVES, "replicas"},
    {INFO_MEM_REPLICATION_BACKLOG, "replication_backlog"},
    {INFO_MEM_AOF_BUFFER, "aof_buffer"},
    {INFO_MEM_CLUSTER_LINKS, "cluster_links"},
    {INFO_MEM_REPLICA_FULL_SYNC, "full_sync"},
    {INFO_NUMBER_OF_CACHED_SCRIPTS, "scripts"},
    {INFO_USED_MEMORY_VM_TOTAL, "lua"},
    {INFO_USED_MEMORY_LUA, "lua"},
    {INFO_USED_MEMORY_FUNCTIONS, "functions"},
    {INFO_LAZYFREE_PENDING, "lazyfree"},
    {INFO_MEM_OVERHEAD_REHASHING, "rehashing"},
    {INFO_MAXMEMORY, "no_limit"},
    {INFO_MAXMEMORY, "above_machine"},
    {INFO_MAXMEMORY_POLICY, "volatile_without_ttl"},
    {INFO_MEM_ALLOCATOR, "other_allocator"},
    {INFO_USED_MEMORY_OVERHEAD, "info_overhead"},
};

/* "" when no rule looks at the field, "fine" when those that do have found nothing. */
static const char *verdict(const struct findings *findings, enum info_field field)
{
    const char *words = "";
    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
        if (judged[i].field != field)
            continue;
        words = *words ? words : "fine";
        for (size_t k = 0; k < findings->count; k++)
            if (strcmp(findings->item[k].id, judged[i].rule) == 0)
                return severity_words(findings->item[k].severity)->name;
    }
    return words;
}

static const struct doc_column field_columns[] = {
    {"field", "Field", DOC_TEXT, DOC_COLUMN_KEY},
    {"bytes", "Bytes", DOC_DELTA, DOC_COLUMN_OPTIONAL},
    {"value", "Value", DOC_TEXT, 0},
    {"verdict", "Verdict", DOC_TEXT, 0},
    {"meaning", "What it is", DOC_TEXT, DOC_COLUMN_WIDE | DOC_COLUMN_WRAP},
};

static const struct doc_column computed_columns[] = {
    {"what", "What", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"info_bytes", "INFO", DOC_BYTES, 0},
    {"computed_bytes", "By the data", DOC_BYTES, 0},
    {"difference_bytes", "Differs by", DOC_DELTA, 0},
};

static const char *shown(const struct info_value *value, enum info_kind kind, char text[INFO_TEXT_MAX])
{
    char bytes[AUDIT_BYTES_MAX];
    bool is_bytes = kind == INFO_BYTES;
    if (is_bytes)
        snprintf(text, INFO_TEXT_MAX, "%s%s", value->integer < 0 ? "-" : "",
                 audit_bytes((uint64_t)(value->integer < 0 ? -value->integer : value->integer), bytes));
    return is_bytes ? text : value->text;
}

static void write_field(struct doc_table *table, const struct audit *audit, const struct findings *findings,
                        enum info_field field)
{
    const struct info_field_row *row = info_field_row(field);
    const struct info_value *value = &audit->info->value[field];
    char text[INFO_TEXT_MAX];
    const char *words = verdict(findings, field);
    const struct doc_value cells[] = {
        doc_text(row->name),
        row->kind == INFO_BYTES ? doc_delta(value->integer) : doc_none(),
        doc_text(shown(value, row->kind, text)),
        *words ? doc_text(words) : doc_none(),
        doc_text(row->help),
    };
    table_row(table, cells);
}

static void write_unknown(struct doc_table *table, const struct info *info)
{
    for (size_t i = 0; i < info->unknown_count && i < INFO_MAX_UNKNOWN; i++) {
        const struct doc_value cells[] = {doc_text(info->unknown[i].name), doc_none(), doc_text(info->unknown[i].text),
                                          doc_none(), doc_text("not known to this version of rdbmeter")};
        table_row(table, cells);
    }
}

/* ---- beside the data -----------------------------------------------------------------------------------------------
 */

static void write_both(struct doc_table *table, const struct info *info, enum info_field field, uint64_t ours)
{
    bool is_there = info_has(info, field);
    const struct doc_value cells[] = {
        doc_text(info_field_row(field)->name),
        is_there ? doc_bytes(info_bytes(info, field)) : doc_none(),
        doc_bytes(ours),
        is_there ? doc_delta((int64_t)(info_bytes(info, field) - ours)) : doc_none(),
    };
    table_row(table, cells);
}

static void write_part(struct doc_table *table, const char *what, uint64_t bytes)
{
    const struct doc_value cells[] = {doc_text(what), doc_none(), doc_bytes(bytes), doc_none()};
    table_row(table, cells);
}

/* What the snapshot determines of INFO memory. Without used_memory_startup (before 4.0) only the data can be told. */
static void write_computed(struct doc_section *section, const struct audit *audit)
{
    uint64_t overhead = keyspace_overhead(audit);
    struct doc_table *table = section_table(section, "computed", "INFO memory beside the snapshot", computed_columns,
                                            sizeof computed_columns / sizeof *computed_columns, DOC_CHART_NONE);
    if (info_has(audit->info, INFO_USED_MEMORY_STARTUP)) {
        write_both(table, audit->info, INFO_USED_MEMORY, audit_not_data(audit) + audit->data_bytes);
        write_both(table, audit->info, INFO_USED_MEMORY_OVERHEAD, audit_not_data(audit) + overhead);
    }
    write_part(table, "  startup and buffers, by INFO", audit_not_data(audit));
    write_part(table, "  tables of keys", audit->keyspace.main_table_bytes);
    write_part(table, "  tables of expiries", audit->keyspace.expires_table_bytes);
    write_part(table, "  entries and headers of keys", audit->totals.part[COST_ENTRY]);
    write_part(table, "  entries of expiries", audit->totals.part[COST_EXPIRES]);
    write_both(table, audit->info, INFO_USED_MEMORY_DATASET, audit->data_bytes - overhead);
}

/* ---- keyspace ------------------------------------------------------------------------------------------------------
 */

static const struct doc_column database_columns[] = {
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY},
    {"info_keys", "Keys", DOC_COUNT, 0},
    {"keys", "In the file", DOC_COUNT, 0},
    {"info_expires", "Expires", DOC_COUNT, 0},
    {"expires", "In the file", DOC_COUNT, 0},
    {"info_avg_ttl", "avg_ttl", DOC_DURATION, 0},
    {"avg_ttl", "By the file", DOC_DURATION, 0},
    {"main_table_bytes", "Table", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"expires_table_bytes", "Of expiries", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

static const struct inventory_database *find_database(const struct inventory *inventory, uint64_t db)
{
    for (uint32_t i = 0; i < inventory->database_count; i++)
        if (inventory->database[i].db == db)
            return &inventory->database[i];
    return NULL;
}

static void write_database(struct doc_table *table, const struct audit *audit, uint64_t db,
                           const struct info_database *theirs, const struct inventory_database *ours)
{
    uint64_t keys = 0;
    struct keyspace_cost cost = {0};
    for (int i = 0; ours && i < TTL_COUNT; i++)
        keys += ours->ttl[i].keys;
    bool has_tables = ours && model_keyspace_db(audit->collect->plan, 0, audit->collect->keyspace, db, &cost);
    const struct doc_value cells[] = {
        doc_count(db),
        theirs ? doc_count(theirs->keys) : doc_none(),
        doc_count(keys),
        theirs ? doc_count(theirs->expires) : doc_none(),
        doc_count(ours ? keys - ours->ttl[TTL_NONE].keys : 0),
        theirs ? doc_duration((int64_t)theirs->avg_ttl_ms) : doc_none(),
        ours ? doc_duration(inventory_average_ttl_ms(ours)) : doc_none(),
        has_tables ? doc_bytes(cost.main_table_bytes) : doc_none(),
        has_tables ? doc_bytes(cost.expires_table_bytes) : doc_none(),
    };
    table_row(table, cells);
}

static void write_keyspace(struct doc_section *section, const struct audit *audit)
{
    const struct inventory *inventory = audit->collect->inventory;
    const struct info *info = audit->info;
    struct doc_table *table = section_table(section, "keyspace", "INFO keyspace beside the snapshot", database_columns,
                                            sizeof database_columns / sizeof *database_columns, DOC_CHART_NONE);
    for (size_t i = 0; i < info->database_count; i++)
        write_database(table, audit, info->database[i].db, &info->database[i],
                       find_database(inventory, info->database[i].db));
    for (uint32_t i = 0; i < inventory->database_count; i++) {
        size_t k = 0;
        while (k < info->database_count && info->database[k].db != inventory->database[i].db)
            k++;
        if (k == info->database_count)
            write_database(table, audit, inventory->database[i].db, NULL, &inventory->database[i]);
    }
    section_note(
        section, DOC_INFO,
        "avg_ttl by the file is the mean of what its keys have left. The server's is 0 after a start, then the mean "
        "of the first twenty keys that it samples, and moves towards that of all by a fiftieth with every twenty "
        "more, ten times a second: it takes half a minute to be near. Keys that a server drops when it loads the "
        "file, because they have expired, are in the file.");
}

void audit_write_info(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                      struct document *document)
{
    if (audit->info == NULL)
        return;
    struct doc_section *section = document_section(document, row->id, row->title);
    struct doc_table *table = section_table(section, "fields", row->title, field_columns,
                                            sizeof field_columns / sizeof *field_columns, DOC_CHART_NONE);
    for (int field = 0; field < INFO_FIELD_COUNT; field++) {
        const struct info_field_row *field_row = info_field_row((enum info_field)field);
        if (field_row->is_memory && field_row->kind != INFO_REPEATED && audit->info->value[field].present)
            write_field(table, audit, findings, (enum info_field)field);
    }
    write_unknown(table, audit->info);
    write_computed(section, audit);
    section_note(section, DOC_INFO,
                 "By the data: what the snapshot takes on %s. The server counts entries and headers by formula, not as "
                 "its allocator holds them: what its overhead has less, its dataset has more.",
                 plan_view(audit->collect->plan, 0)->server->title);
    if (audit->info->malformed)
        section_note(section, DOC_WARNING, "%zu fields have values that are none; they were left out.",
                     audit->info->malformed);
    if (audit->info->has_keyspace)
        write_keyspace(section, audit);
}

/* ---- bins ----------------------------------------------------------------------------------------------------------
 */

static const struct doc_column bin_columns[] = {
    {"size", "Class", DOC_BYTES, DOC_COLUMN_KEY},
    {"blocks", "Blocks", DOC_COUNT, 0},
    {"allocated", "Allocated", DOC_BYTES, 0},
    {"held", "In slabs", DOC_BYTES, 0},
    {"free", "Free", DOC_BYTES, 0},
    {"used", "Used", DOC_SHARE, DOC_COLUMN_BAR},
    {"data_blocks", "By the data", DOC_COUNT, 0}, /* these two only where they were simulated */
    {"data_bytes", "Bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

enum { BIN_COLUMNS = sizeof bin_columns / sizeof *bin_columns, SIMULATED_COLUMNS = 2 };

/* Blocks and bytes of a size class by the data; 0 for a class that it does not use. */
static void join_bin(const struct doc_table *simulated, uint64_t size, uint64_t *blocks, uint64_t *bytes)
{
    *blocks = *bytes = 0;
    for (const struct doc_row *row = simulated ? simulated->rows : NULL; row; row = row->next) {
        if ((uint64_t)audit_cell(simulated, row, "size") != size)
            continue;
        *blocks = (uint64_t)audit_cell(simulated, row, "allocations");
        *bytes = (uint64_t)audit_cell(simulated, row, "held_bytes");
        return;
    }
}

/* The classes with most free room first: where the holes are. */
static int most_free_first(const void *a, const void *b)
{
    const struct malloc_bin *x = a, *y = b;
    uint64_t free_x = x->held > x->allocated ? x->held - x->allocated : 0;
    uint64_t free_y = y->held > y->allocated ? y->held - y->allocated : 0;
    if (free_x != free_y)
        return free_x < free_y ? 1 : -1;
    return x->size > y->size ? 1 : -1;
}

static void write_bin(struct doc_table *table, const struct malloc_bin *bin, const struct doc_table *simulated)
{
    uint64_t blocks, bytes;
    bool has_held = bin->held >= bin->allocated;
    join_bin(simulated, bin->size, &blocks, &bytes);
    const struct doc_value cells[] = {
        doc_bytes(bin->size),
        doc_count(bin->blocks),
        doc_bytes(bin->allocated),
        has_held ? doc_bytes(bin->held) : doc_none(),
        has_held ? doc_bytes(bin->held - bin->allocated) : doc_none(),
        has_held ? doc_share((double)bin->allocated, (double)bin->held) : doc_none(),
        doc_count(blocks),
        doc_bytes(bytes),
    };
    table_row(table, cells);
}

void audit_write_bins(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                      struct document *document)
{
    (void)findings;
    enum { PRINTED = 15 };
    const struct malloc_stats *stats = audit->malloc_stats;
    if (stats == NULL)
        return;
    struct doc_section *section = document_section(document, row->id, row->title);
    uint64_t free_bytes = 0;
    if (*stats->version)
        section_fact(section, "version", "jemalloc", doc_text(stats->version));
    if (stats->quantum)
        section_fact(section, "quantum", "Steps between classes", doc_bytes(stats->quantum));
    if (stats->has_summary) {
        section_fact(section, "allocated", "Allocated", doc_bytes(stats->allocated));
        section_fact(section, "active", "Active", doc_bytes(stats->active));
        section_fact(section, "resident", "Resident", doc_bytes(stats->resident));
    }
    struct malloc_stats *sorted = xmalloc(sizeof *sorted);
    *sorted = *stats;
    qsort(sorted->bin, sorted->bin_count, sizeof *sorted->bin, most_free_first);
    const struct doc_table *simulated = audit_simulated_bins(audit);
    struct doc_table *table = section_table(section, "bins", row->title, bin_columns,
                                            BIN_COLUMNS - (simulated ? 0 : SIMULATED_COLUMNS), DOC_CHART_BARS);
    table_print_at_most(table, PRINTED);
    for (size_t i = 0; i < sorted->bin_count; i++) {
        write_bin(table, &sorted->bin[i], simulated);
        if (sorted->bin[i].held > sorted->bin[i].allocated)
            free_bytes += sorted->bin[i].held - sorted->bin[i].allocated;
    }
    section_fact(section, "free", "Free in slabs", doc_bytes(free_bytes));
    free(sorted);
}
