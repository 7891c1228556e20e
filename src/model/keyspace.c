/* What is needed of every database to cost its tables. */
#include <stdlib.h>
#include <string.h>

#include "function_library.h"
#include "grow.h"
#include "keyspace_internal.h"
#include "keyspace_part.h"
#include "shape_internal.h"

struct keyspace *keyspace_new(const struct plan *plan)
{
    struct keyspace *ks = allocate(1, sizeof *ks);
    ks->plan = plan;
    bool has_field_index = false;
    for (size_t i = 0; i < plan->view_count; i++) {
        has_field_index |= plan->view[i].view.server->keyspace->tables->field_index_head != 0;
        ks->needs_slot_names |= view_has_slot_index(&plan->view[i]);
    }
    ks->fields = has_field_index ? field_index_new(plan) : NULL;
    ks->rate = allocate(1, sizeof *ks->rate);
    return ks;
}

static void database_free(struct keyspace_database *database)
{
    slot_names_release(&database->names);
    slot_census_free(database->census);
    free(database->slots);
    free(database);
}

void keyspace_free(struct keyspace *ks)
{
    if (!ks)
        return;
    for (size_t i = 0; i < ks->count; i++)
        database_free(ks->database[i]);
    field_index_free(ks->fields);
    free(ks->rate);
    free(ks->database);
    free(ks);
}

size_t keyspace_lower_bound(const struct keyspace *ks, uint64_t db)
{
    size_t low = 0, high = ks->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ks->database[middle]->db < db)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct keyspace_database *keyspace_new_database(struct keyspace *ks, size_t at, uint64_t db)
{
    struct keyspace_database *database = allocate(1, sizeof *database);
    database->db = db;
    database->serial = (uint16_t)ks->count;
    ks->database = grow(ks->database, &ks->capacity, ks->count + 1, sizeof *ks->database);
    memmove(&ks->database[at + 1], &ks->database[at], (ks->count - at) * sizeof *ks->database);
    ks->database[at] = database;
    ks->count++;
    return database;
}

static __attribute__((noinline)) struct keyspace_database *find_database(struct keyspace *ks, uint64_t db)
{
    size_t at = keyspace_lower_bound(ks, db);
    if (at < ks->count && ks->database[at]->db == db)
        return ks->last = ks->database[at];
    if (ks->count == KEYSPACE_MAX_DATABASES)
        return ks->last = ks->database[ks->count - 1];
    return ks->last = keyspace_new_database(ks, at, db);
}

static inline struct keyspace_database *database_for(struct keyspace *ks, uint64_t db)
{
    return ks->last && ks->last->db == db ? ks->last : find_database(ks, db);
}

/* NULL: those of this database are not counted apart. */
static struct keyspace_slot *slots_of(struct keyspace_database *database)
{
    if (!database->slots && database->db < KEYSPACE_SLOTTED_DATABASES)
        database->slots = allocate(KEYSPACE_SLOTS, sizeof *database->slots);
    return database->slots;
}

static void forget_census(struct keyspace_database *database)
{
    slot_census_free(database->census);
    database->census = NULL;
}

void keyspace_resizedb(struct keyspace *ks, uint64_t db, uint64_t keys, uint64_t expires)
{
    struct keyspace_database *database = database_for(ks, db);
    database->has_hint = true;
    database->hint_keys = keys;
    database->hint_expires = expires;
}

void keyspace_slot(struct keyspace *ks, uint64_t db, uint64_t slot, uint64_t keys, uint64_t expires)
{
    (void)keys;
    (void)expires;
    if (slot >= KEYSPACE_SLOTS)
        return;
    struct keyspace_database *database = database_for(ks, db);
    struct keyspace_slot *slots = slots_of(database);
    if (slots)
        slots[slot].has_info = true;
    forget_census(database);
}

void keyspace_function(struct keyspace *ks, const struct function_library *library)
{
    ks->libraries++;
    text_sums_add(&ks->code, library->code_len);
    ks->functions += library->functions;
    ks->vm_bytes += library->vm_bytes;
}

static void add_field_expiries(struct keyspace *ks, struct keyspace_database *database, const struct shape *shape)
{
    database->volatile_hashes++;
    if (!ks->fields)
        return;
    database->field_items++;
    field_index_add(ks->fields, database->serial, shape->field_expiry.earliest_at_ms);
}

void keyspace_add(struct keyspace *ks, uint64_t db, const struct key_facts *key, const struct shape *shape, int slot)
{
    struct keyspace_database *database = database_for(ks, db);
    database->keys++;
    database->expires += key->has_expiry;
    struct keyspace_slot *slots = slot >= 0 && slot < KEYSPACE_SLOTS ? slots_of(database) : NULL;
    if (slots) {
        slots[slot].keys++;
        slots[slot].expires += key->has_expiry;
    }
    if (shape->type == OBJECT_HASH && shape->hash.timed)
        add_field_expiries(ks, database, shape);
    database->producer_streams += shape->type == OBJECT_STREAM && shape->stream.producers.live.producers;
}

void keyspace_add_string(struct keyspace *ks, uint64_t db)
{
    database_for(ks, db)->keys++;
}

void keyspace_slot_name(struct keyspace *ks, uint64_t db, int slot, const uint8_t *name, size_t len)
{
    if (ks->needs_slot_names && slot >= 0 && db < KEYSPACE_NAMED_DATABASES)
        slot_names_add(&database_for(ks, db)->names, (unsigned)slot % KEYSPACE_SLOTS, name, len);
}

static void merge_past(struct slot_index_sum *to, const struct slot_index_sum *from)
{
    to->keys += from->keys;
    for (unsigned i = 0; i < ALLOCATOR_COUNT; i++)
        to->held[i] += from->held[i];
}

static void merge_slots(struct keyspace_database *database, const struct keyspace_database *other)
{
    if (!other->slots)
        return;
    struct keyspace_slot *slots = slots_of(database);
    for (size_t i = 0; slots && i < KEYSPACE_SLOTS; i++) {
        slots[i].keys += other->slots[i].keys;
        slots[i].expires += other->slots[i].expires;
        slots[i].has_info |= other->slots[i].has_info;
    }
    forget_census(database);
}

void keyspace_part(struct keyspace *ks, uint64_t part)
{
    if (ks->fields)
        field_index_part(ks->fields, part);
}

void keyspace_end_parts(struct keyspace *ks)
{
    if (ks->fields)
        field_index_end_parts(ks->fields);
}

bool keyspace_depends_on_order(const struct keyspace *ks)
{
    return ks->count == KEYSPACE_MAX_DATABASES;
}

void keyspace_merge(struct keyspace *ks, const struct keyspace *other)
{
    uint16_t *serial = allocate(KEYSPACE_MAX_DATABASES, sizeof *serial);
    for (size_t i = 0; i < other->count; i++) {
        const struct keyspace_database *from = other->database[i];
        struct keyspace_database *to = database_for(ks, from->db);
        serial[from->serial] = to->serial;
        to->keys += from->keys;
        to->expires += from->expires;
        to->volatile_hashes += from->volatile_hashes;
        to->producer_streams += from->producer_streams;
        to->hint_keys += from->hint_keys;
        to->hint_expires += from->hint_expires;
        to->has_hint |= from->has_hint;
        merge_slots(to, from);
        slot_names_merge(&to->names, &from->names);
        merge_past(&to->past, &from->past);
        to->field_items += from->field_items;
    }
    if (ks->fields && other->fields)
        field_index_merge(ks->fields, other->fields, serial);
    free(serial);
    ks->rate->view = NULL;
    ks->libraries += other->libraries;
    ks->code.bytes += other->code.bytes;
    for (unsigned i = 0; i < TEXT_BANDS; i++)
        ks->code.band[i] += other->code.band[i];
    ks->functions += other->functions;
    ks->vm_bytes += other->vm_bytes;
}
