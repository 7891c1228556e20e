/* What the tables of keys and expiries cost. */
#include <stdlib.h>
#include <string.h>

#include "ebuckets.h"
#include "grow.h"
#include "keyspace_internal.h"
#include "keyspace_part.h"
#include "table_cost.h"
#include "table_size.h"

enum { COLLISION_ENTRY_BYTES = 16, DICT_SLOT_BYTES = 8 };

struct one_table {
    uint64_t entries;
    uint64_t hint; /* entries that the file promises; 0: none */
    uint64_t structure;
};

/* Whether cron shrinks a table that was made for what the file promised, because too few came (or a hostile file
 * promised too much). */
static bool is_shrunk(const struct keyspace_tables *tables, uint64_t entries, uint64_t places)
{
    return places > 4 && entries < places / 100 * tables->shrinks_below + places % 100 * tables->shrinks_below / 100;
}

/* A dict that has grown to hold its entries, or was made for what the file promises. */
static uint64_t slots_for(const struct keyspace_tables *tables, const struct one_table *table)
{
    uint64_t n = table->entries > table->hint ? table->entries : table->hint;
    uint64_t slots = n ? dict_slots(n) : 0;
    if (table->hint > table->entries && is_shrunk(tables, table->entries, slots))
        slots = dict_slots(table->entries);
    if (tables->doubles_when_full && table->entries > 4 && slots <= table->entries)
        slots *= 2;
    return slots;
}

static uint64_t hashtable_bytes(const struct size_classes *classes, const struct keyspace_tables *tables,
                                const struct one_table *table)
{
    uint64_t n = table->entries > table->hint ? table->entries : table->hint;
    if (n == 0)
        return 0;
    uint64_t buckets = hashtable_buckets(n), bucket = HASHTABLE_BUCKET_BYTES;
    if (table->hint > table->entries && is_shrunk(tables, table->entries, buckets * HASHTABLE_BUCKET_ENTRIES))
        buckets = hashtable_buckets(table->entries);
    uint64_t chained = chance_bytes(chance_chained(table->entries, buckets), size_classes_held(classes, bucket));
    return size_classes_held(classes, table->structure) + size_classes_held(classes, buckets * bucket) + chained;
}

static uint64_t dict_bytes(const struct size_classes *classes, const struct keyspace_tables *tables,
                           const struct one_table *table)
{
    uint64_t slots = slots_for(tables, table);
    uint64_t bytes = slots ? size_classes_held(classes, slots * DICT_SLOT_BYTES) : 0;
    if (table->structure && slots)
        bytes += size_classes_held(classes, table->structure);
    if (tables->colliding_entries)
        bytes +=
            chance_bytes(chance_collisions(table->entries, slots), size_classes_held(classes, COLLISION_ENTRY_BYTES));
    return bytes;
}

static uint64_t table_bytes(const struct size_classes *classes, const struct keyspace_tables *tables,
                            const struct one_table *table)
{
    return tables->is_hashtable ? hashtable_bytes(classes, tables, table) : dict_bytes(classes, tables, table);
}

static uint64_t scaled(uint64_t count, uint64_t whole, uint64_t new_whole)
{
    double share = whole ? (double)count * (double)new_whole / (double)whole + 0.5 : 0;
    return share < (double)UINT64_MAX ? (uint64_t)share : UINT64_MAX;
}

/* What a database has, or would have. */
struct database_counts {
    uint64_t keys, expires, volatile_hashes;
    uint64_t hint_keys, hint_expires;
};

static struct database_counts counts_of(const struct keyspace_database *database)
{
    return (struct database_counts){database->keys, database->expires, database->volatile_hashes, database->hint_keys,
                                    database->hint_expires};
}

/* Each slot has its share of a change. */
static uint64_t of_slot(uint64_t entries, uint64_t whole, uint64_t new_whole)
{
    return whole == new_whole ? entries : scaled(entries, whole, new_whole);
}

static const struct slot_census *census_of(struct keyspace_database *database)
{
    if (database->census && database->census_keys != database->keys) {
        slot_census_free(database->census);
        database->census = NULL;
    }
    if (!database->census) {
        database->census = slot_census_new(database->slots);
        database->census_keys = database->keys;
    }
    return database->census;
}

/* Cluster: one pair of tables per slot. */
static void slot_tables_cost(const struct planned_view *view, struct keyspace_database *database,
                             const struct database_counts *counts, struct keyspace_cost *cost)
{
    const struct slot_census *census = census_of(database);
    const struct keyspace_tables *tables = view->view.server->keyspace->tables;
    uint64_t keys_struct = size_classes_held(view->classes, tables->keys_struct);
    uint64_t expires_struct = size_classes_held(view->classes, tables->expires_struct);
    bool at_start = tables->all_slots_at_start && !census->has_info;
    for (size_t i = 0; i < census->key_classes; i++) {
        const struct slot_class *class = &census->keys[i];
        const struct one_table table = {of_slot(class->entries, database->keys, counts->keys), 0, tables->keys_struct};
        bool is_made = at_start && table.entries == 0;
        cost->main_table_bytes += class->slots * (table_bytes(view->classes, tables, &table) + is_made * keys_struct);
    }
    for (size_t i = 0; i < census->expiry_classes; i++) {
        const struct slot_class *class = &census->expires[i];
        const struct one_table table = {of_slot(class->entries, database->expires, counts->expires), 0,
                                        tables->expires_struct};
        uint64_t made = at_start ? class->slots : tables->slot_info_makes_expires ? class->with_info : 0;
        cost->expires_table_bytes += class->slots * table_bytes(view->classes, tables, &table);
        cost->expires_table_bytes += table.entries == 0 ? made * expires_struct : 0;
    }
}

static uint64_t names_held(const struct planned_view *view, struct keyspace_database *database)
{
    const struct keyspace_part *keyspace = view->view.server->keyspace;
    struct index_known *index = &database->slot_index;
    if (index->view != view || index->items != database->names.keys)
        *index = (struct index_known){
            .view = view,
            .items = database->names.keys,
            .held = slot_names_held(&database->names, keyspace->tables->slot_index, keyspace->name, view->classes)};
    return index->held;
}

static uint64_t index_of_names(const struct planned_view *view, struct keyspace_database *database, uint64_t keys)
{
    uint64_t known = database->names.keys + database->past.keys;
    if (known == 0 || !view_has_slot_index(view))
        return 0;
    return scaled(names_held(view, database) + database->past.held[view->allocator], known, keys);
}

uint64_t slot_index_held(const struct planned_view *view, struct keyspace_database *database)
{
    return index_of_names(view, database, database->keys);
}

static void database_tables_cost(const struct planned_view *view, struct keyspace_database *database,
                                 const struct database_counts *counts, struct keyspace_cost *cost)
{
    const struct keyspace_tables *tables = view->view.server->keyspace->tables;
    bool hinted = tables->uses_hint && database->has_hint;
    struct one_table keys = {counts->keys, hinted ? counts->hint_keys : 0, tables->keys_struct};
    struct one_table expires = {counts->expires, hinted ? counts->hint_expires : 0, tables->expires_struct};
    cost->main_table_bytes += table_bytes(view->classes, tables, &keys);
    cost->expires_table_bytes += table_bytes(view->classes, tables, &expires);
    bool has_expires = expires.entries || expires.hint;
    if (!has_expires && tables->empty_expires_table && hinted)
        cost->expires_table_bytes += size_classes_held(view->classes, dict_slots(0) * DICT_SLOT_BYTES);
    if (!has_expires && tables->expires_with_keys && counts->keys)
        cost->expires_table_bytes += size_classes_held(view->classes, tables->expires_struct);
    cost->main_table_bytes += index_of_names(view, database, counts->keys);
}

/* Streams are added while they are loaded, one by one; names are entries of their own only where they collide. */
static uint64_t producer_streams_bytes(const struct planned_view *view, uint64_t streams)
{
    struct dict_growth table;
    uint64_t bytes = 0;
    dict_growth_init(&table, &growth_redis_7_4);
    dict_growth_insert(&table, streams);
    for (unsigned i = 0; i < 2 && table.size[i]; i++)
        bytes += size_classes_held(view->classes, table.size[i] * DICT_SLOT_BYTES);
    if (streams)
        bytes += chance_bytes(table_collisions(&table), size_classes_held(view->classes, COLLISION_ENTRY_BYTES));
    return bytes;
}

/* Of a database that enough is known of; else 0. */
static uint64_t own_field_index(const struct planned_view *view, struct field_index *fields,
                                struct keyspace_database *database)
{
    size_t count;
    struct index_known *known = &database->field_index;
    if (known->view == view && known->items == database->field_items)
        return known->held;
    const uint64_t *time = field_index_times(fields, database->serial, &count);
    uint64_t head = view->view.server->keyspace->tables->field_index_head;
    *known = (struct index_known){
        .view = view,
        .items = database->field_items,
        .held = field_index_held(fields, time, count, database->field_items, view->allocator, head)};
    return known->held;
}

/* What an item takes in the databases of which enough is known. */
static const struct field_rate *field_rate(const struct planned_view *view, const struct keyspace *ks)
{
    uint64_t items = 0, held = 0;
    if (ks->rate->view == view)
        return ks->rate;
    for (size_t i = 0; i < ks->count; i++) {
        uint64_t bytes = own_field_index(view, ks->fields, ks->database[i]);
        held += bytes;
        items += bytes ? ks->database[i]->field_items : 0;
    }
    *ks->rate = (struct field_rate){view, items, held};
    return ks->rate;
}

uint64_t field_index_held_by(const struct planned_view *view, const struct keyspace *ks,
                             struct keyspace_database *database)
{
    if (!ks->fields || database->field_items <= EBUCKETS_SEGMENT_ITEMS)
        return 0;
    uint64_t own = own_field_index(view, ks->fields, database);
    if (own)
        return own;
    const struct field_rate *rate = field_rate(view, ks);
    return scaled(database->field_items, rate->items, rate->held);
}

static void database_cost(const struct planned_view *view, const struct keyspace *ks,
                          struct keyspace_database *database, const struct database_counts *counts,
                          struct keyspace_cost *cost)
{
    const struct keyspace_tables *tables = view->view.server->keyspace->tables;
    bool by_slot = view->view.settings.value[SETTING_CLUSTER_ENABLED] && tables->cluster_slot_tables;
    cost->databases++;
    cost->keys += counts->keys;
    cost->expires += counts->expires;
    if (by_slot && database->slots)
        slot_tables_cost(view, database, counts, cost);
    else
        database_tables_cost(view, database, counts, cost);
    if (tables->lists_producer_streams)
        cost->main_table_bytes += producer_streams_bytes(view, database->producer_streams);
    if (database->db != 0)
        cost->main_table_bytes += tables->further_database;
    if (tables->field_index_head)
        cost->field_expiry_bytes += field_index_held_by(view, ks, database);
    struct one_table volatile_hashes = {counts->volatile_hashes, 0, tables->field_table_struct};
    if (tables->field_table_struct)
        cost->field_expiry_bytes += table_bytes(view->classes, tables, &volatile_hashes);
}

static void whole_database_cost(const struct planned_view *view, const struct keyspace *ks,
                                struct keyspace_database *database, struct keyspace_cost *cost)
{
    const struct database_counts counts = counts_of(database);
    database_cost(view, ks, database, &counts, cost);
}

static void total(struct keyspace_cost *cost)
{
    cost->total_bytes =
        cost->main_table_bytes + cost->expires_table_bytes + cost->field_expiry_bytes + cost->function_bytes;
}

void model_keyspace(const struct plan *plan, size_t view, const struct keyspace *ks, struct keyspace_cost *cost)
{
    *cost = (struct keyspace_cost){0};
    for (size_t i = 0; i < ks->count; i++)
        whole_database_cost(&plan->view[view], ks, ks->database[i], cost);
    const struct keyspace_tables *tables = plan->view[view].view.server->keyspace->tables;
    if (tables->library_bytes && ks->libraries)
        cost->function_bytes = ks->libraries * tables->library_bytes + ks->functions * tables->function_bytes +
                               text_sums_request(&ks->code, &sds_3_2);
    if (tables->counts_lua_vm && plan->view[view].view.allocator->is_jemalloc)
        cost->function_bytes += ks->vm_bytes;
    total(cost);
}

static uint64_t changed(uint64_t count, int64_t change)
{
    return change < 0 && (uint64_t)-change > count ? 0 : count + (uint64_t)change;
}

static struct database_counts counts_after(const struct keyspace_database *database,
                                           const struct keyspace_change *change)
{
    struct database_counts after = counts_of(database);
    after.keys = changed(database->keys, change->keys);
    after.expires = changed(database->expires, change->expires);
    after.volatile_hashes = changed(database->volatile_hashes, change->volatile_hashes);
    if (database->has_hint) {
        after.hint_keys = after.keys;
        after.hint_expires = after.expires;
    }
    return after;
}

static int64_t database_growth(const struct planned_view *view, const struct keyspace *ks,
                               struct keyspace_database *database, const struct keyspace_change *change)
{
    struct database_counts before = counts_of(database), after = counts_after(database, change);
    struct keyspace_cost before_cost = {0}, after_cost = {0};
    database_cost(view, ks, database, &before, &before_cost);
    if (after.keys != 0) /* a database without keys is in no snapshot */
        database_cost(view, ks, database, &after, &after_cost);
    total(&before_cost);
    total(&after_cost);
    return (int64_t)(after_cost.total_bytes - before_cost.total_bytes);
}

static int by_database(const void *a, const void *b)
{
    const struct keyspace_change *x = a, *y = b;
    return (x->db > y->db) - (x->db < y->db);
}

int64_t model_keyspace_growth(const struct plan *plan, size_t view, const struct keyspace *ks,
                              const struct keyspace_change *changes, size_t count)
{
    int64_t growth = 0;
    if (count == 0)
        return 0;
    struct keyspace_change *change = allocate(count, sizeof *change);
    memcpy(change, changes, count * sizeof *change);
    qsort(change, count, sizeof *change, by_database);
    for (size_t i = 0; i < count;) {
        struct keyspace_change sum = {.db = change[i].db};
        for (; i < count && change[i].db == sum.db; i++) {
            sum.keys += change[i].keys;
            sum.expires += change[i].expires;
            sum.volatile_hashes += change[i].volatile_hashes;
        }
        size_t at = keyspace_lower_bound(ks, sum.db);
        bool changes_something = sum.keys != 0 || sum.expires != 0 || sum.volatile_hashes != 0;
        if (changes_something && at < ks->count && ks->database[at]->db == sum.db)
            growth += database_growth(&plan->view[view], ks, ks->database[at], &sum);
    }
    free(change);
    return growth;
}

bool model_keyspace_db(const struct plan *plan, size_t view, const struct keyspace *ks, uint64_t db,
                       struct keyspace_cost *cost)
{
    *cost = (struct keyspace_cost){0};
    size_t at = keyspace_lower_bound(ks, db);
    if (at == ks->count || ks->database[at]->db != db)
        return false;
    whole_database_cost(&plan->view[view], ks, ks->database[at], cost);
    total(cost);
    return true;
}
