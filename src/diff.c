#include "diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/group_table.h"
#include "collect/inventory.h"
#include "collect/saturated.h"
#include "complain.h"

static const struct inventory *inventory_of(const struct diff *diff, int side)
{
    return collection_context(diff->gathered[side]->collection)->inventory;
}

uint64_t diff_dataset_bytes(const struct gathered *gathered)
{
    struct inventory_totals totals;
    struct keyspace_cost tables;
    inventory_totals(collection_context(gathered->collection)->inventory, OBJECT_TYPE_COUNT, &totals);
    model_keyspace(gathered->plan, 0, gathered->keyspace, &tables);
    return totals.bytes + tables.total_bytes;
}

static int64_t change(uint64_t before, uint64_t after)
{
    return (int64_t)(after - before);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

/* ---- overview ------------------------------------------------------------------------------------------------------
 */

static void write_times(const struct diff *diff, struct doc_section *section, int64_t bytes)
{
    const struct file_facts *old = &diff->gathered[DIFF_OLD]->facts, *new = &diff->gathered[DIFF_NEW]->facts;
    int64_t ms;
    if (old->has_ctime)
        section_fact(section, "old_taken_at", "Old taken at", doc_time(old->ctime_ms));
    if (new->has_ctime)
        section_fact(section, "new_taken_at", "New taken at", doc_time(new->ctime_ms));
    if (!old->has_ctime || !new->has_ctime || __builtin_sub_overflow(new->ctime_ms, old->ctime_ms, &ms))
        return;
    section_fact(section, "elapsed", "Between them", doc_duration(ms));
    if (ms < 0)
        section_note(section, DOC_WARNING, "The old one was taken later than the new one.");
    if (ms >= 60000)
        section_fact(section, "bytes_per_day", "Growth a day at this rate",
                     doc_delta(saturated_i64((double)bytes / (double)ms * 86400000.0)));
}

static const struct doc_column setting_columns[] = {
    {"what", "What", DOC_TEXT, DOC_COLUMN_KEY},
    {"old", "Old", DOC_NAME, 0},
    {"new", "New", DOC_NAME, 0},
};

static void setting_row(struct doc_section *section, struct doc_table **table, const char *what, const char *old,
                        const char *new)
{
    if (strcmp(old, new) == 0)
        return;
    if (*table == NULL)
        *table =
            section_table(section, "server", "Server and settings that changed", setting_columns, 3, DOC_CHART_NONE);
    const struct doc_value cells[] = {doc_text(what), doc_name(old, strlen(old), strlen(old)),
                                      doc_name(new, strlen(new), strlen(new))};
    table_row(*table, cells);
}

static void write_server(const struct diff *diff, struct doc_section *section)
{
    struct doc_table *table = NULL;
    const struct plan_view *old = plan_view(diff->gathered[DIFF_OLD]->plan, 0);
    const struct plan_view *new = plan_view(diff->gathered[DIFF_NEW]->plan, 0);
    setting_row(section, &table, "written by release", diff->gathered[DIFF_OLD]->facts.server_version,
                diff->gathered[DIFF_NEW]->facts.server_version);
    setting_row(section, &table, "costed as", old->server->id, new->server->id);
    setting_row(section, &table, "allocator", old->allocator->name, new->allocator->name);
    for (int i = 0; i < SETTING_COUNT; i++) {
        char a[48], b[48];
        setting_format((enum setting)i, old->settings.value[i], a, sizeof a);
        setting_format((enum setting)i, new->settings.value[i], b, sizeof b);
        setting_row(section, &table, setting_info((enum setting)i)->name, a, b);
    }
    if (old->server != new->server || old->allocator != new->allocator)
        section_note(
            section, DOC_WARNING,
            "The two are costed differently, so a part of the change is the servers'. --target and --allocator "
            "cost both alike.");
}

void diff_write_overview(const struct diff *diff, struct document *document)
{
    struct doc_section *section = document_section(document, "change", "What changed");
    const struct file_facts *old = &diff->gathered[DIFF_OLD]->facts, *new = &diff->gathered[DIFF_NEW]->facts;
    uint64_t before = diff_dataset_bytes(diff->gathered[DIFF_OLD]),
             after = diff_dataset_bytes(diff->gathered[DIFF_NEW]);
    section_fact(section, "old_file", "Old", doc_name(old->path, strlen(old->path), strlen(old->path)));
    section_fact(section, "new_file", "New", doc_name(new->path, strlen(new->path), strlen(new->path)));
    section_headline(section, "old_bytes", "Memory of the data before", doc_bytes(before));
    section_headline(section, "new_bytes", "Memory of the data now", doc_bytes(after));
    section_headline(section, "change_bytes", "Change", doc_delta(change(before, after)));
    section_fact(section, "change_share", "Change by what it was",
                 doc_share((double)change(before, after), (double)before));
    section_fact(section, "old_keys", "Keys before", doc_count(old->keys));
    section_fact(section, "new_keys", "Keys now", doc_count(new->keys));
    section_fact(section, "old_expires", "With a TTL before", doc_count(old->expires));
    section_fact(section, "new_expires", "With a TTL now", doc_count(new->expires));
    if (old->has_used_mem && new->has_used_mem)
        section_fact(section, "change_used_mem", "Change of used_memory",
                     doc_delta(change(old->used_mem, new->used_mem)));
    write_times(diff, section, change(before, after));
    write_server(diff, section);
}

/* ---- databases, types ----------------------------------------------------------------------------------------------
 */

struct side_sum {
    uint64_t keys, bytes;
};

#define CHANGE_COLUMNS                                                                                                 \
    {"old_keys", "Keys before", DOC_COUNT, DOC_COLUMN_OPTIONAL}, {"new_keys", "Keys now", DOC_COUNT, 0},               \
        {"old_bytes", "Bytes before", DOC_BYTES, DOC_COLUMN_OPTIONAL}, {"new_bytes", "Bytes now", DOC_BYTES, 0},       \
    {                                                                                                                  \
        "change_bytes", "Change", DOC_DELTA, 0                                                                         \
    }
#define CHANGE_CELLS(sum)                                                                                              \
    doc_count((sum)[0].keys), doc_count((sum)[1].keys), doc_bytes((sum)[0].bytes), doc_bytes((sum)[1].bytes),          \
        doc_delta(change((sum)[0].bytes, (sum)[1].bytes))

static const struct doc_column database_columns[] = {{"database", "DB", DOC_COUNT, DOC_COLUMN_KEY}, CHANGE_COLUMNS};

struct database_row {
    uint64_t db;
    struct side_sum sum[2];
};

static int by_number(const void *a, const void *b)
{
    uint64_t x = ((const struct database_row *)a)->db, y = ((const struct database_row *)b)->db;
    return (x > y) - (x < y);
}

void diff_write_databases(const struct diff *diff, struct document *document)
{
    size_t count = 0;
    struct doc_section *section = document_section(document, "databases", "Databases");
    struct doc_table *table = section_table(section, "list", "Databases", database_columns,
                                            sizeof database_columns / sizeof *database_columns, DOC_CHART_NONE);
    struct database_row *row = xcalloc(2 * INVENTORY_MAX_DATABASES, sizeof *row);
    for (int side = 0; side < 2; side++) {
        const struct inventory *inventory = inventory_of(diff, side);
        for (uint32_t i = 0; i < inventory->database_count; i++) {
            const struct inventory_database *database = &inventory->database[i];
            size_t at = 0;
            while (at < count && row[at].db != database->db)
                at++;
            count += at == count;
            row[at].db = database->db;
            for (int ttl = 0; ttl < TTL_COUNT; ttl++) {
                row[at].sum[side].keys += database->ttl[ttl].keys;
                row[at].sum[side].bytes += database->ttl[ttl].bytes;
            }
        }
    }
    qsort(row, count, sizeof *row, by_number);
    for (size_t i = 0; i < count; i++) {
        const struct doc_value cells[] = {doc_count(row[i].db), CHANGE_CELLS(row[i].sum)};
        table_row(table, cells);
    }
    free(row);
}

static const struct doc_column type_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY}, {"encoding", "Encoding", DOC_TEXT, DOC_COLUMN_KEY}, CHANGE_COLUMNS};

void diff_write_types(const struct diff *diff, struct document *document)
{
    struct doc_section *section = document_section(document, "types", "By type and encoding");
    struct doc_table *table = section_table(section, "list", "By type and encoding", type_columns,
                                            sizeof type_columns / sizeof *type_columns, DOC_CHART_NONE);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            struct side_sum sum[2] = {{0, 0}, {0, 0}};
            for (int side = 0; side < 2; side++) {
                const struct inventory_row *row = inventory_of(diff, side)->row[type][encoding];
                if (row != NULL)
                    sum[side] = (struct side_sum){row->keys, row->bytes};
            }
            if (sum[0].keys == 0 && sum[1].keys == 0)
                continue;
            const struct doc_value cells[] = {doc_text(object_type_name((enum object_type)type)),
                                              doc_text(object_encoding_name((enum object_encoding)encoding)),
                                              CHANGE_CELLS(sum)};
            table_row(table, cells);
        }
}

/* ---- patterns ------------------------------------------------------------------------------------------------------
 */

struct pattern_row {
    uint64_t hash;
    const struct group_name *name;
    struct side_sum sum[2];
    uint64_t missing; /* bytes that the change may be off by */
    bool seen[2];
};

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct pattern_row *)a)->hash, y = ((const struct pattern_row *)b)->hash;
    return (x > y) - (x < y);
}

static int largest_change_first(const void *a, const void *b)
{
    const struct pattern_row *x = a, *y = b;
    uint64_t cx = magnitude(change(x->sum[0].bytes, x->sum[1].bytes));
    uint64_t cy = magnitude(change(y->sum[0].bytes, y->sum[1].bytes));
    if (cx != cy)
        return cx < cy ? 1 : -1;
    int order = memcmp(x->name->text, y->name->text, x->name->len < y->name->len ? x->name->len : y->name->len);
    return order != 0 ? order : x->name->len - y->name->len;
}

/* One row a pattern of either side; *count of them. The caller frees them. */
static struct pattern_row *join_patterns(const struct group_table *const table[2], size_t *count)
{
    size_t all = (size_t)table[0]->count + table[1]->count, kept = 0;
    struct pattern_row *row = xcalloc(all + 1, sizeof *row);
    for (size_t i = 0; i < all; i++) {
        int side = i >= table[0]->count;
        size_t at = side ? i - table[0]->count : i;
        const struct group *group = &table[side]->group[at];
        row[i].hash = group->hash;
        row[i].name = &table[side]->name[at];
        row[i].sum[side] = (struct side_sum){group->keys, group->bytes};
        row[i].seen[side] = true;
        row[i].missing = group->missing;
    }
    qsort(row, all, sizeof *row, by_hash);
    for (size_t i = 0; i < all; i++) {
        if (kept == 0 || row[kept - 1].hash != row[i].hash) {
            row[kept++] = row[i];
            continue;
        }
        struct pattern_row *to = &row[kept - 1];
        for (int side = 0; side < 2; side++)
            if (row[i].seen[side])
                to->sum[side] = row[i].sum[side];
        to->seen[0] = to->seen[1] = true;
        to->missing += row[i].missing;
    }
    for (size_t i = 0; i < kept; i++)
        for (int side = 0; side < 2; side++)
            row[i].missing += row[i].seen[side] ? 0 : table[side]->bound;
    *count = kept;
    return row;
}

static const struct doc_column pattern_columns[] = {{"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
                                                    CHANGE_COLUMNS,
                                                    {"off_by", "Off by at most", DOC_BYTES, DOC_COLUMN_OPTIONAL}};

void diff_write_patterns(const struct diff *diff, struct document *document)
{
    const struct group_table *table[2];
    size_t count;
    bool is_exact = true;
    struct doc_section *section = document_section(document, "patterns", "By key pattern");
    for (int side = 0; side < 2; side++) {
        table[side] = collection_state(collection_context(diff->gathered[side]->collection), "groups");
        is_exact &= table[side]->dropped == 0;
    }
    struct pattern_row *row = join_patterns(table, &count);
    struct doc_table *out = section_table(section, "list", "Patterns that changed most", pattern_columns,
                                          sizeof pattern_columns / sizeof *pattern_columns, DOC_CHART_NONE);
    qsort(row, count, sizeof *row, largest_change_first);
    size_t top = (size_t)diff->options->output.top;
    for (size_t i = 0; i < count && i < top; i++) {
        if (row[i].sum[0].bytes == row[i].sum[1].bytes && row[i].sum[0].keys == row[i].sum[1].keys)
            break;
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, row[i].name->text, row[i].name->len, row[i].name->len),
            CHANGE_CELLS(row[i].sum), doc_bytes(row[i].missing)};
        table_row(out, cells);
    }
    section_note(section, DOC_INFO,
                 is_exact ? "Exact: all patterns of both sides were kept."
                          : "There are more patterns than are kept: a change may be off by what its row says.");
    free(row);
}
