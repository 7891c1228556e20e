/* A collector is one section of the report: an aggregate over all records, in its own file, one row of collectors[]
 * (collectors.c). A collection is what a run holds: it feeds every record to the collectors that were asked for and
 * lets them write the document. Collectors see records, costs and the document; never the parser. Each is bounded in
 * memory by construction.
 *
 * Most sections only need sums by type, database or time. Those are gathered once for all of them, in the inventory
 * (inventory.h); such a collector has no state and no add(). */
#ifndef COLLECTOR_H
#define COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "document.h"
#include "model/shape.h"
#include "plain_string.h"
#include "record.h"

/* Where names are cut into prefixes. */
struct prefix_cuts {
    const char *separators; /* each byte of it; NULL: guessed from the names */
    size_t depth;           /* cuts of a name at most; 0: all */
};

/* What the snapshot says of itself; see file_facts.h. */
struct file_facts;
/* Sums over all records; see inventory.h. */
struct inventory;
/* Which node serves which slot; see slot_nodes.h. */
struct slot_nodes;
/* What keys would take in other forms; see alternatives.h. */
struct alternatives;
struct alternative_row;
struct archive;
struct collection;
struct key_pattern;
struct sweep_points;

/* How many of each the tables hold at most, powers of two; 0: as many as their headers say. */
struct collect_limits {
    uint32_t groups, alternatives, cells;
};

/* What collectors share and may read: fixed before the first record, but for `keyspace` and `file`, which are filled
 * while parsing, and `inventory`, which belongs to the collection. */
struct collect_context {
    const struct plan
        *plan;      /* view 0 is the target; view 1, when there, the same server on the other common allocator */
    int64_t now_ms; /* reference time: --now, else the snapshot's ctime, else the clock */
    size_t top;     /* rows of top lists; 0 hides them */
    struct prefix_cuts cuts;
    const struct slot_nodes *nodes;    /* of a cluster; NULL: each file is one */
    const struct sweep_points *points; /* what to try of which setting; NULL, none: each section's own choice */
    const struct keyspace *keyspace;
    const struct file_facts *file;
    struct collect_limits limits;
    /* Set by the collection; what the caller puts here is not read: */
    const struct inventory *inventory;
    const struct alternatives *alternatives; /* for sections that need them; else NULL */
    const struct collection *collection;
    const struct key_pattern *pattern; /* of the record being added, for rows that need it */
    uint64_t pattern_hash;
    struct alternative_row *row; /* likewise, of the alternatives, for what is found out of the record; may be NULL */
};

/* What a section needs gathered beside its own state. */
enum {
    COLLECT_NEEDS_PATTERN = 1,
    COLLECT_NEEDS_VALUES = 2,  /* first bytes: record.h */
    COLLECT_NEEDS_SLOTS = 8,   /* the cluster slot of every key */
    COLLECT_NEEDS_NODES = 16,  /* lists and streams written anew: node_sweeps.h */
    COLLECT_NEEDS_EXPIRY = 32, /* what expiries would cost: record.h */
    COLLECT_NEEDS_CENSUS = 64, /* the sizes of blocks of elements: record.h */
    COLLECT_NEEDS_ALTERNATIVES = 4 | COLLECT_NEEDS_PATTERN | COLLECT_NEEDS_VALUES
};

enum { COLLECT_ALL_TYPES = (1 << OBJECT_TYPE_COUNT) - 1 };

struct collector {
    const char *id;    /* section id in JSON and for --sections: "types", "top_keys", ... */
    const char *title; /* of the section, also for --help */
    bool by_default;
    unsigned types; /* bit 1 << object_type: whose records add() wants; 0: no add() */
    size_t size;    /* of its state; 0: none, and finish() gets NULL */
    void (*init)(void *self, const struct collect_context *context);                             /* state is zeroed */
    void (*add)(void *self, const struct collect_context *context, const struct record *record); /* hot path */
    void (*merge)(void *self, const void *other, const struct collect_context *context);
    void (*finish)(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document);
    void (*release)(void *self);
    unsigned needs;
    /* Writes the state, or reads it into one that init() has made; archive.h. What is written is bounded:
     * COLLECT_ARCHIVE_... says by how much, and where that cuts something the state says so. NULL where there is no
     * state. */
    void (*archive)(void *self, const struct collect_context *context, struct archive *archive);
    bool of_several; /* by default where several files are reported together */
    /* Puts stand-ins in place of names; only to be archived after that. NULL where the state has none. */
    void (*hide)(void *self, const struct doc_hider *hider);
    bool has_hashes; /* of names, in an order that a stand-in has not: left out where names are hidden */
    /* Sections whose states its own reads, a blank between their ids: gathered with it, though not printed. May be
     * NULL. */
    const char *reads;
    /* Strings that are alike (alike.h): add() takes one record for all of them, names and times of which are not its
     * own. Else it gets each of them, but where names_upto() is there those alone that it may want: of records like
     * this one whose names begin with the same `from` bytes it will never want one whose next eight are larger than
     * what it returns (name_order.h, name_word; 0: hardly any, UINT64_MAX: all). */
    bool takes_alike;
    uint64_t (*names_upto)(const void *self, const struct record *record, size_t from);
    /* The next record may make it forget others. Only of takes_alike; NULL: it never does. */
    bool (*is_full)(const void *self);
    /* A record of this pattern is about to be costed and added: what add() will look at in a table larger than the
     * caches can be asked for. NULL: nothing. */
    void (*expect)(const void *self, uint64_t pattern_hash);
    /* What it gathered would be different had the records come in another order, or to several states merged later: a
     * bounded table has been full. NULL: that never matters. */
    bool (*depends_on_order)(const void *self);
    /* It takes more than its share of what `sharers` states, that are to be merged, may take. NULL: it always takes
     * little. */
    bool (*is_large)(const void *self, unsigned sharers);
};

/* Bytes that a list of keys, or a table of groups, may take in an archive. */
enum {
    COLLECT_ARCHIVE_LIST = 64 << 10,
    COLLECT_ARCHIVE_GROUPS = 224 << 10,
    COLLECT_ARCHIVE_ALTERNATIVES = 128 << 10,
    COLLECT_ARCHIVE_ROW_CHANGES = 32 << 10,
    COLLECT_ARCHIVE_CELLS = 256 << 10
};

/* All rows, in the order of the report. */
const struct collector *collectors(size_t *count);

/* What the wanted rows need, of COLLECT_NEEDS_...; NULL: those that are by_default. */
unsigned collectors_need(const bool *wanted);
/* The state of another row, for sections that sum others up; NULL when it is not wanted or has none. */
const void *collection_state(const struct collect_context *context, const char *id);
/* Likewise, for what is known at the end of a file. */
void *collection_own_state(struct collection *collection, const char *id);

/* `wanted` has one truth value a row of collectors(); NULL takes those that are by_default, and of a cluster's file
 * those that need slots. The context is copied, what it points to is borrowed until collection_free. Aborts when out of
 * memory. */
struct collection *collection_new(const struct collect_context *context, const bool *wanted);
void collection_free(struct collection *collection);
/* Once per key, in file order. A damaged record is counted and nothing else. Its cost, if due, is filled in. */
void collection_add(struct collection *collection, struct record *record);
/* In its place, where there need be no record of it: it is like others that came. False: there must be one, which is
 * added next. */
bool collection_add_plain(struct collection *collection, const struct plain_string *string);
/* Adds what `other` has gathered, from another part of the keyspace, under an equal context and the same `wanted`. The
 * result is what one collection would have gathered from both, but for bounded tables that overflowed (each section
 * states its bound). Keyspaces are merged by the caller (keyspace_merge). */
void collection_merge(struct collection *collection, const struct collection *other);
/* Puts it in the place of an empty one: borrows what that borrows, and frees it. */
void collection_replace(struct collection *collection, struct collection *empty);
/* Whether what was gathered depends on the order of the records, or would not be the same had it been gathered by
 * several collections and merged: a bounded table was full. */
bool collection_depends_on_order(const struct collection *collection);
/* Whether it takes more than a share of the memory that `sharers` collections, which are to be merged, may take. */
bool collection_is_large(const struct collection *collection, unsigned sharers);
/* Writes the state of every wanted row as a chunk of its id, with the inventory and the alternatives. */
void collection_write(struct collection *collection, struct archive *archive);
/* Reads what such a chunk holds into a new collection. false: this program has no such row, or it is not wanted; what
 * cannot be read shows in `chunk`. */
bool collection_read(struct collection *collection, const char *name, struct archive *chunk);
/* After the last chunk: sections whose chunks did not come are not wanted any more. */
void collection_end_read(struct collection *collection);
/* Whether row `index` of collectors() is in it. */
bool collection_has(const struct collection *collection, size_t index);
/* Puts stand-ins in place of all names, of rows and alternatives; after that it can only be written. */
void collection_hide_names(struct collection *collection, const struct doc_hider *hider);
/* The moment that times are counted from when sections are written. */
void collection_set_now(struct collection *collection, int64_t now_ms);
/* What the collection's sections read: with its inventory, and for collection_state. */
const struct collect_context *collection_context(const struct collection *collection);
/* Writes the wanted sections in report order. The collection is unchanged. */
void collection_finish(const struct collection *collection, struct document *document);
/* Likewise, of the wanted sections only those for which `printed`, with one truth value a row, is true; NULL: all. */
void collection_finish_some(const struct collection *collection, const bool *printed, struct document *document);

#endif
