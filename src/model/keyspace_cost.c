/* What the tables of keys and expiries cost. */
#include <stdlib.h>

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

/* Cluster: one pair of tables per slot. */
static void slot_tables_cost(const struct planned_view *view, const struct keyspace_tables *tables,
                             const struct keyspace_database *database, struct keyspace_cost *cost)
{
    uint64_t expires_struct = size_classes_held(view->classes, tables->expires_struct);
    bool has_info = false;
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++)
        has_info |= database->slots[i].has_info;
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++) {
        const struct keyspace_slot *slot = &database->slots[i];
        bool at_start = tables->all_slots_at_start && !has_info;
        bool makes_expires = (tables->slot_info_makes_expires && slot->has_info) || at_start;
        struct one_table keys = {slot->keys, 0, tables->keys_struct};
        struct one_table expires = {slot->expires, 0, tables->expires_struct};
        cost->main_table_bytes += table_bytes(view->classes, tables, &keys);
        cost->expires_table_bytes += table_bytes(view->classes, tables, &expires);
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

uint64_t slot_index_held(const struct planned_view *view, const struct keyspace_database *database)
{
    const struct keyspace_part *keyspace = view->view.server->keyspace;
    uint64_t known = database->names.keys + database->past.keys;
    if (known == 0 || !view_has_slot_index(view))
        return 0;
    uint64_t held = slot_names_held(&database->names, keyspace->tables->slot_index, keyspace->name, view->classes) +
                    database->past.held[view->allocator];
    return scaled(held, known, database->keys);
}

static void database_tables_cost(const struct planned_view *view, const struct keyspace_tables *tables,
                                 const struct keyspace_database *database, struct keyspace_cost *cost)
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

static void database_cost(const struct planned_view *view, const struct keyspace_database *database,
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

void model_keyspace_changed(const struct plan *plan, size_t view, const struct keyspace *ks,
                            const struct keyspace_change *change, size_t count, struct keyspace_cost *cost)
{
    model_keyspace(plan, view, ks, cost);
    for (size_t i = 0; i < ks->count; i++) {
        struct keyspace_change sum = {.db = ks->database[i]->db};
        for (size_t k = 0; k < count; k++)
            if (change[k].db == sum.db) {
                sum.keys += change[k].keys;
                sum.expires += change[k].expires;
                sum.volatile_hashes += change[k].volatile_hashes;
            }
        if (sum.keys == 0 && sum.expires == 0 && sum.volatile_hashes == 0)
            continue;
        struct keyspace_database after = database_after(ks->database[i], &sum);
        struct keyspace_cost before_cost = {0}, after_cost = {0};
        database_cost(&plan->view[view], ks->database[i], &before_cost);
        if (after.keys != 0) /* a database without keys is in no snapshot */
            database_cost(&plan->view[view], &after, &after_cost);
        cost->keys += after_cost.keys - before_cost.keys;
        cost->expires += after_cost.expires - before_cost.expires;
        cost->main_table_bytes += after_cost.main_table_bytes - before_cost.main_table_bytes;
        cost->expires_table_bytes += after_cost.expires_table_bytes - before_cost.expires_table_bytes;
        cost->field_expiry_bytes += after_cost.field_expiry_bytes - before_cost.field_expiry_bytes;
        if (after.slots != ks->database[i]->slots)
            free(after.slots);
    }
    total(cost);
}

bool model_keyspace_db(const struct plan *plan, size_t view, const struct keyspace *ks, uint64_t db,
                       struct keyspace_cost *cost)
{
    *cost = (struct keyspace_cost){0};
    for (size_t i = 0; i < ks->count; i++) {
        if (ks->database[i]->db != db)
            continue;
        database_cost(&plan->view[view], ks->database[i], cost);
        total(cost);
        return true;
    }
    return false;
}
