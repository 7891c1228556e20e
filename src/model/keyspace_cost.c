/* What the tables of keys and expiries cost. */
#include <stdlib.h>
#include <string.h>

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

/* What tables of so many entries take. Most slots of a cluster have about as many keys as others. */
enum { REMEMBERED = 512 };

struct table_memory {
    struct {
        uint64_t entries, bytes;
        bool is_known;
    } table[REMEMBERED];
};

static uint64_t slot_table_bytes(const struct planned_view *view, uint64_t entries, uint64_t structure,
                                 struct table_memory *memory)
{
    unsigned at = (unsigned)(entries % REMEMBERED);
    if (!memory->table[at].is_known || memory->table[at].entries != entries) {
        const struct one_table table = {entries, 0, structure};
        memory->table[at].entries = entries;
        memory->table[at].bytes = table_bytes(view->classes, view->view.server->keyspace->tables, &table);
        memory->table[at].is_known = true;
    }
    return memory->table[at].bytes;
}

/* Cluster: one pair of tables per slot. */
static void slot_tables_cost(const struct planned_view *view, const struct keyspace_tables *tables,
                             const struct keyspace_database *database, struct keyspace_cost *cost)
{
    struct table_memory keys_memory = {0}, expires_memory = {0};
    uint64_t expires_struct = size_classes_held(view->classes, tables->expires_struct);
    bool has_info = false;
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++)
        has_info |= database->slots[i].has_info;
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++) {
        const struct keyspace_slot *slot = &database->slots[i];
        bool at_start = tables->all_slots_at_start && !has_info;
        bool makes_expires = (tables->slot_info_makes_expires && slot->has_info) || at_start;
        cost->main_table_bytes += slot_table_bytes(view, slot->keys, tables->keys_struct, &keys_memory);
        cost->expires_table_bytes += slot_table_bytes(view, slot->expires, tables->expires_struct, &expires_memory);
        if (at_start && slot->keys == 0)
            cost->main_table_bytes += size_classes_held(view->classes, tables->keys_struct);
        if (makes_expires && slot->expires == 0)
            cost->expires_table_bytes += expires_struct;
    }
}

static uint64_t scaled(uint64_t count, uint64_t whole, uint64_t new_whole)
{
    double share = whole ? (double)count * (double)new_whole / (double)whole + 0.5 : 0;
    return share < (double)UINT64_MAX ? (uint64_t)share : UINT64_MAX;
}

static uint64_t names_held(const struct planned_view *view, struct keyspace_database *database)
{
    const struct keyspace_part *keyspace = view->view.server->keyspace;
    struct slot_index_known *index = &database->index;
    if (index->view != view || index->keys != database->names.keys)
        *index = (struct slot_index_known){
            .view = view,
            .keys = database->names.keys,
            .held = slot_names_held(&database->names, keyspace->tables->slot_index, keyspace->name, view->classes)};
    return index->held;
}

uint64_t slot_index_held(const struct planned_view *view, struct keyspace_database *database)
{
    uint64_t known = database->names.keys + database->past.keys;
    if (known == 0 || !view_has_slot_index(view))
        return 0;
    return scaled(names_held(view, database) + database->past.held[view->allocator], known, database->keys);
}

static void database_tables_cost(const struct planned_view *view, const struct keyspace_tables *tables,
                                 struct keyspace_database *database, struct keyspace_cost *cost)
{
    bool hinted = tables->uses_hint && database->has_hint;
    struct one_table keys = {database->keys, hinted ? database->hint_keys : 0, tables->keys_struct};
    struct one_table expires = {database->expires, hinted ? database->hint_expires : 0, tables->expires_struct};
    cost->main_table_bytes += table_bytes(view->classes, tables, &keys);
    cost->expires_table_bytes += table_bytes(view->classes, tables, &expires);
    bool has_expires = expires.entries || expires.hint;
    if (!has_expires && tables->empty_expires_table && hinted)
        cost->expires_table_bytes += size_classes_held(view->classes, dict_slots(0) * DICT_SLOT_BYTES);
    if (!has_expires && tables->expires_with_keys && database->keys)
        cost->expires_table_bytes += size_classes_held(view->classes, tables->expires_struct);
    cost->main_table_bytes += slot_index_held(view, database);
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

static void database_cost(const struct planned_view *view, struct keyspace_database *database,
                          struct keyspace_cost *cost)
{
    const struct keyspace_tables *tables = view->view.server->keyspace->tables;
    bool by_slot = view->view.settings.value[SETTING_CLUSTER_ENABLED] && tables->cluster_slot_tables;
    cost->databases++;
    cost->keys += database->keys;
    cost->expires += database->expires;
    if (by_slot && database->slots)
        slot_tables_cost(view, tables, database, cost);
    else
        database_tables_cost(view, tables, database, cost);
    if (tables->lists_producer_streams)
        cost->main_table_bytes += producer_streams_bytes(view, database->producer_streams);
    if (database->db != 0)
        cost->main_table_bytes += tables->further_database;
    if (tables->field_index_head && database->field_index)
        cost->field_expiry_bytes += ebuckets_held(database->field_index, view->allocator, tables->field_index_head);
    struct one_table volatile_hashes = {database->volatile_hashes, 0, tables->field_table_struct};
    if (tables->field_table_struct)
        cost->field_expiry_bytes += table_bytes(view->classes, tables, &volatile_hashes);
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
        database_cost(&plan->view[view], ks->database[i], cost);
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

/* A copy of the database after the change; its slots are the caller's to free. */
static struct keyspace_database database_after(const struct keyspace_database *database,
                                               const struct keyspace_change *change)
{
    struct keyspace_database after = *database;
    after.keys = changed(database->keys, change->keys);
    after.expires = changed(database->expires, change->expires);
    after.volatile_hashes = changed(database->volatile_hashes, change->volatile_hashes);
    if (database->has_hint) {
        after.hint_keys = after.keys;
        after.hint_expires = after.expires;
    }
    if (!database->slots)
        return after;
    after.slots = allocate(KEYSPACE_SLOTS, sizeof *after.slots);
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++) {
        after.slots[i] = database->slots[i];
        after.slots[i].keys = (uint32_t)scaled(database->slots[i].keys, database->keys, after.keys);
        after.slots[i].expires = (uint32_t)scaled(database->slots[i].expires, database->expires, after.expires);
    }
    return after;
}

static int64_t database_growth(const struct planned_view *view, struct keyspace_database *database,
                               const struct keyspace_change *change)
{
    struct keyspace_database after = database_after(database, change);
    struct keyspace_cost before_cost = {0}, after_cost = {0};
    database_cost(view, database, &before_cost);
    if (after.keys != 0) /* a database without keys is in no snapshot */
        database_cost(view, &after, &after_cost);
    if (after.slots != database->slots)
        free(after.slots);
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
            growth += database_growth(&plan->view[view], ks->database[at], &sum);
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
    database_cost(&plan->view[view], ks->database[at], cost);
    total(cost);
    return true;
}
