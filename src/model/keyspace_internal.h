/* The inside of a keyspace: counted by keyspace.c, costed by keyspace_cost.c. */
#ifndef MODEL_KEYSPACE_INTERNAL_H
#define MODEL_KEYSPACE_INTERNAL_H

#include "field_index.h"
#include "keyspace_part.h"
#include "plan_internal.h"
#include "slot_census.h"
#include "slot_names.h"

/* A file may name any number of databases; those beyond so many are counted into the last one: which those are depends
 * on the order of the file, and the tables are an estimate then. */
enum { KEYSPACE_MAX_DATABASES = 1 << 12, KEYSPACE_SLOTS = 16384 };
/* Slots are counted apart in the first databases only: a cluster has one, from Valkey 9.0 on as many as
 * cluster-databases says. Further ones are costed as if they had one table. Servers that find a slot's keys by their
 * names (up to 6.2) have no database but the first in a cluster. */
enum { KEYSPACE_SLOTTED_DATABASES = 16, KEYSPACE_NAMED_DATABASES = 1 };

struct keyspace_slot {
    uint32_t keys;
    uint32_t expires : 31;
    uint32_t has_info : 1; /* the file has a record of the slot's counts */
};

/* What an index takes on a view, once it is known: finding out takes a look at all that is in it. */
struct index_known {
    const struct planned_view *view;
    uint64_t items, held; /* of so many items */
};

/* What an index over names took, by allocator of the plan. */
struct slot_index_sum {
    uint64_t keys, held[ALLOCATOR_COUNT];
};

struct keyspace_database {
    uint64_t db;
    uint64_t keys, expires;
    uint64_t hint_keys, hint_expires; /* RESIZEDB */
    uint64_t volatile_hashes;         /* hashes with field expiries */
    uint64_t field_items;             /* of these, those that are in an index of a view's server */
    uint64_t producer_streams;        /* streams with ids of idempotent producers, not too old when they were loaded */
    bool has_hint;
    uint16_t serial;             /* in the order of their arrival */
    struct keyspace_slot *slots; /* KEYSPACE_SLOTS of them once a key came with its slot; else NULL */
    struct slot_census *census;  /* of the slots, when there were so many keys; NULL: they have not been counted */
    uint64_t census_keys;
    struct slot_names names; /* where a view's server finds the keys of a slot by them */
    struct index_known slot_index, field_index;
    struct slot_index_sum past; /* of the index of names, of what was read from a summary */
};

/* Whether a clustered server of the view has an index over names. */
static inline bool view_has_slot_index(const struct planned_view *view)
{
    return view->view.server->keyspace->tables->slot_index != SLOT_INDEX_NONE &&
           view->view.settings.value[SETTING_CLUSTER_ENABLED] != 0;
}

struct keyspace;
/* What the view's index over the names takes, of those read from a summary too. */
uint64_t slot_index_held(const struct planned_view *view, struct keyspace_database *database);
/* What the view's index of hashes with field expiries takes. */
uint64_t field_index_held_by(const struct planned_view *view, const struct keyspace *ks,
                             struct keyspace_database *database);
/* A new database, which belongs in place `at`. */
struct keyspace_database *keyspace_new_database(struct keyspace *ks, size_t at, uint64_t db);
/* Index of the first database not below `db`. */
size_t keyspace_lower_bound(const struct keyspace *ks, uint64_t db);

struct keyspace {
    const struct plan *plan;
    struct keyspace_database **database; /* by number */
    size_t count, capacity;
    struct keyspace_database *last; /* the one that was asked for last */
    bool needs_slot_names;
    struct field_index *fields; /* NULL unless a view's server has an index of hashes with field expiries */
    struct field_rate {
        const struct planned_view *view; /* for which it is known; NULL: for none */
        uint64_t items, held;            /* of all databases of which enough is known */
    } * rate;
    uint64_t libraries, functions;
    uint64_t vm_bytes;     /* of the libraries' compiled code */
    struct text_sums code; /* of the libraries */
};

#endif
