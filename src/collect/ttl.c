/* When keys expire, over all; and what it would cost to give a TTL to those that have none, by database and pattern,
 * beside what goes when they expire. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alternatives.h"
#include "groups.h"
#include "inventory.h"
#include "memory.h"
#include "sections.h"
#include "words.h"

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

static const struct doc_column ttl_columns[] = {
    {"expires", "Expires", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
};

static const struct doc_column ttl_by_type_columns[] = {
    {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
    {"expires", "Expires", DOC_TEXT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Of its type", DOC_SHARE, DOC_COLUMN_BAR},
};

static void write_types(struct doc_section *section, const struct inventory *inventory)
{
    struct doc_table *table =
        section_table(section, "buckets_by_type", "Time to live, by type", ttl_by_type_columns,
                      sizeof(ttl_by_type_columns) / sizeof(*ttl_by_type_columns), DOC_CHART_HISTOGRAM);
    table_print_across(table);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        struct inventory_sum ttl[TTL_COUNT];
        inventory_ttl_of_type(inventory, type, ttl);
        const struct inventory_sum all = inventory_sum_of(ttl);
        for (int i = 0; i < TTL_COUNT && all.keys; i++) {
            const struct doc_value cells[] = {
                doc_text(object_type_name(type)),
                doc_text(ttl_bucket[i]),
                doc_count(ttl[i].keys),
                doc_bytes(ttl[i].bytes),
                doc_share((double)ttl[i].bytes, (double)all.bytes),
            };
            table_row(table, cells);
        }
    }
}

static void write_buckets(struct doc_section *section, const struct inventory_sum ttl[TTL_COUNT])
{
    uint64_t all_bytes = inventory_sum_of(ttl).bytes;
    struct doc_table *table = section_table(section, "buckets", "Time to live", ttl_columns,
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
                     "%" PRIu64 " %s expired already: memory until the server touches or samples such keys. A master "
                     "that loads this snapshot drops them.",
                     ttl[TTL_EXPIRED].keys, words_for(ttl[TTL_EXPIRED].keys, "key has", "keys have"));
}

/* Fields of hashes (Redis 7.4, Valkey 9 and later), and the index that lists them by time. */
static void write_fields(struct doc_section *section, const struct collect_context *context)
{
    const struct inventory *inventory = context->inventory;
    struct keyspace_cost tables;
    if (inventory->timed_fields == 0)
        return;
    model_keyspace(context->plan, 0, context->keyspace, &tables);
    section_fact(section, "hashes_with_field_ttl", "Hashes of which fields expire",
                 doc_count(inventory->timed_hashes.keys));
    section_fact(section, "hashes_with_field_ttl_bytes", "Their bytes", doc_bytes(inventory->timed_hashes.bytes));
    section_fact(section, "fields_with_ttl", "Fields with a TTL", doc_count(inventory->timed_fields));
    if (tables.field_expiry_bytes)
        section_fact(section, "field_index_bytes", "Index of these hashes", doc_bytes(tables.field_expiry_bytes));
}

/* ---- keys without a TTL --------------------------------------------------------------------------------------------
 */

/* What it costs to give a TTL to so many keys of a database, and what their expiry gives back. */
struct added_ttls {
    uint64_t keys, bytes; /* of them as they are: what goes when they expire */
    uint64_t entries;     /* what each takes more */
    int64_t tables;       /* what the table of expiries does */
    int64_t tables_freed; /* by the table of keys, once it is made anew for those that are left */
};

static int64_t tables_grow(const struct collect_context *context, const struct keyspace_change *change)
{
    return model_keyspace_growth(context->plan, 0, context->keyspace, change, 1);
}

/* `has_tables`: it is known which database the keys are in. */
static struct added_ttls added_ttls(const struct collect_context *context, const struct inventory_sum *none,
                                    uint64_t entries, uint64_t db, bool has_tables)
{
    const struct keyspace_change given = {.db = db, .expires = (int64_t)none->keys};
    const struct keyspace_change expired = {.db = db, .keys = -(int64_t)none->keys};
    return (struct added_ttls){
        .keys = none->keys,
        .bytes = none->bytes,
        .entries = entries,
        .tables = has_tables ? tables_grow(context, &given) : 0,
        .tables_freed = has_tables ? -tables_grow(context, &expired) : 0,
    };
}

static const struct doc_column added_by_database[] = {
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY},
    {"keys", "No TTL", DOC_COUNT, 0},
    {"bytes", "Expiring frees", DOC_BYTES, 0},
    {"entry_bytes", "Expiries take", DOC_BYTES, 0},
    {"table_bytes", "Their table grows", DOC_DELTA, DOC_COLUMN_OPTIONAL},
    {"cost_bytes", "All TTLs cost", DOC_BYTES, 0},
    {"freed_table_bytes", "Then a restart frees", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

static const struct doc_column added_by_pattern[] = {
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"keys", "No TTL", DOC_COUNT, 0},
    {"bytes", "Expiring frees", DOC_BYTES, 0},
    {"entry_bytes", "Expiries take", DOC_BYTES, 0},
    {"table_bytes", "Their table grows", DOC_DELTA, DOC_COLUMN_OPTIONAL},
    {"cost_bytes", "All TTLs cost", DOC_BYTES, 0},
    {"freed_table_bytes", "Then a restart frees", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

static uint64_t cost_of(const struct added_ttls *added)
{
    int64_t cost = (int64_t)added->entries + added->tables;
    return cost > 0 ? (uint64_t)cost : 0;
}

static uint64_t freed_by_tables(const struct added_ttls *added)
{
    return added->tables_freed > 0 ? (uint64_t)added->tables_freed : 0;
}

static void write_databases(struct doc_section *section, const struct collect_context *context)
{
    const struct inventory *inventory = context->inventory;
    const struct inventory_database **database = inventory_databases(inventory);
    struct doc_table *table = NULL;
    for (uint32_t i = 0; i < inventory->database_count; i++) {
        const struct inventory_sum *none = &database[i]->ttl[TTL_NONE];
        if (none->keys == 0 || database[i]->db == UINT64_MAX)
            continue;
        const struct added_ttls added = added_ttls(context, none, database[i]->expiry_bytes, database[i]->db, true);
        if (!table)
            table = section_table(section, "added_by_database", "TTLs for all keys without one", added_by_database,
                                  sizeof(added_by_database) / sizeof(*added_by_database), DOC_CHART_NONE);
        const struct doc_value cells[] = {
            doc_count(database[i]->db),         doc_count(added.keys),   doc_bytes(added.bytes),
            doc_bytes(added.entries),           doc_delta(added.tables), doc_bytes(cost_of(&added)),
            doc_bytes(freed_by_tables(&added)),
        };
        table_row(table, cells);
    }
    free(database);
}

/* Of a pattern in several databases the tables are left out: it is not known how many keys are in which. */
static bool added_for(const struct collect_context *context, const struct group *group, struct added_ttls *added)
{
    bool has_tables = group->db != GROUP_SEVERAL_DATABASES;
    const struct inventory_sum none = {group->no_ttl_keys, group->no_ttl_bytes};
    *added = added_ttls(context, &none, group->expiry_bytes, group->db, has_tables);
    return has_tables;
}

static void write_action(const struct group_name *name, const struct group *group, const struct added_ttls *added,
                         size_t number, struct document *document)
{
    char id[32], title[200], why[600], pattern[ALTERNATIVE_NAME_SIZE], cost[16];
    snprintf(id, sizeof(id), "ttl_%zu", number);
    snprintf(title, sizeof(title), "Give every %s a TTL", alternative_shown(name->text, name->len, document, pattern));
    snprintf(why, sizeof(why),
             "%" PRIu64 " of these %" PRIu64 " keys never expire, although the others do: some code path forgets "
             "EXPIRE. To give them a TTL, too, costs %s at first (entries of the table of expiries, and what that "
             "grows by); the saving comes when they expire, and is not in the joint figure of the other changes.",
             added->keys, group->keys, words_bytes(cost_of(added), cost));
    document_action(document, id, title, why, added->bytes, NULL);
}

/* A group, and what tells it apart in their order. */
struct without_ttl {
    uint64_t bytes, hash;
    const struct group *group;
};

static int most_bytes_first(const void *a, const void *b)
{
    const struct without_ttl *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Groups that have keys without a TTL. The caller frees the array. */
static struct without_ttl *groups_without_ttl(const struct group_table *groups, size_t *count)
{
    struct without_ttl *sorted = memory_new(groups->count, sizeof(*sorted));
    *count = 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        const struct group *group = &groups->group[i];
        if (group->no_ttl_keys)
            sorted[(*count)++] = (struct without_ttl){group->no_ttl_bytes, group->hash, group};
    }
    qsort(sorted, *count, sizeof(*sorted), most_bytes_first);
    return sorted;
}

/* In formats that are not for paper, and whatever --top says: tables are costed anew for each. */
enum { MAX_PATTERNS = 200, MOST_PATTERNS = 1 << 13 };

static void write_patterns(struct doc_section *section, const struct collect_context *context,
                           const struct group_table *groups, struct document *document)
{
    size_t count;
    uint64_t all_bytes = alternatives_worth(context) * 100;
    struct without_ttl *sorted = groups_without_ttl(groups, &count);
    struct doc_table *table = count
                                  ? section_table(section, "added_by_pattern", "TTLs for one pattern", added_by_pattern,
                                                  sizeof(added_by_pattern) / sizeof(*added_by_pattern), DOC_CHART_NONE)
                                  : NULL;
    if (table)
        table_print_at_most(table, context->top);
    for (size_t i = 0; i < count && i < MOST_PATTERNS && (i < MAX_PATTERNS || i < context->top); i++) {
        struct added_ttls added;
        const struct group *group = sorted[i].group;
        const struct group_name *name = &groups->name[group - groups->group];
        bool has_tables = added_for(context, group, &added);
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, name->text, name->len, name->len),
            has_tables ? doc_count(group->db) : doc_none(),
            doc_count(added.keys),
            doc_bytes(added.bytes),
            doc_bytes(added.entries),
            has_tables ? doc_delta(added.tables) : doc_none(),
            doc_bytes(cost_of(&added)),
            has_tables ? doc_bytes(freed_by_tables(&added)) : doc_none(),
        };
        table_row(table, cells);
        if (group_forgot_ttl(group, all_bytes) && added.bytes >= alternatives_worth(context))
            write_action(name, group, &added, i + 1, document);
    }
    free(sorted);
}

void ttl_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                struct document *document)
{
    (void)self;
    struct inventory_sum ttl[TTL_COUNT];
    const struct group_table *groups = collection_state(context, "groups");
    inventory_ttl(context->inventory, ttl);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    write_buckets(section, ttl);
    write_types(section, context->inventory);
    write_fields(section, context);
    if (ttl[TTL_NONE].keys == 0)
        return;
    write_databases(section, context);
    if (groups)
        write_patterns(section, context, groups, document);
    section_note(
        section, DOC_INFO,
        "What TTLs cost: exact for the server once it has loaded the keys with them. What expiring frees: the keys "
        "as they are now; their expiries go with them. The tables of a database grow by powers of two, so for "
        "one pattern after the other they do not add up; and a running server keeps the tables that it has, "
        "until less than about a tenth of one is in use: after a restart they are as small as they can be.");
}
