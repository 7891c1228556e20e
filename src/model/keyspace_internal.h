/* The inside of a keyspace: counted by keyspace.c, costed by keyspace_cost.c. */
#ifndef MODEL_KEYSPACE_INTERNAL_H
#define MODEL_KEYSPACE_INTERNAL_H

#include "field_expiry.h"
#include "plan_internal.h"

/* A file may name any number of databases; those beyond so many are counted into the last one. */
enum { KEYSPACE_MAX_DATABASES = 1 << 16, KEYSPACE_SLOTS = 16384 };

struct keyspace_slot {
    uint32_t keys, expires;
    bool has_info; /* the file has a record of the slot's counts */
};

struct keyspace_database {
    uint64_t db;
    uint64_t keys, expires;
    uint64_t hint_keys, hint_expires; /* RESIZEDB */
    uint64_t volatile_hashes;         /* hashes with field expiries */
    uint64_t producer_streams;        /* streams with ids of idempotent producers, not too old when they were loaded */
    bool has_hint;
    struct keyspace_slot *slots;  /* KEYSPACE_SLOTS of them once a key came with its slot; else NULL */
    struct ebuckets *field_index; /* where a view's server keeps one; NULL while empty */
};

struct keyspace {
    const struct plan *plan;
    struct keyspace_database **database; /* by number */
    size_t count, capacity;
    struct keyspace_database *last; /* the one that was asked for last */
    bool needs_field_index;
    uint64_t libraries, functions;
    uint64_t vm_bytes;     /* of the libraries' compiled code */
    struct text_sums code; /* of the libraries */
};

#endif
