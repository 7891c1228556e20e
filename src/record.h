/* A record is one key as collectors see it: name, attributes, shape and cost. One is reused for every key of the file.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/shape.h"

enum {
    RECORD_DOCUMENTS_ALL = 32 << 20, /* values that may be JSON documents: all that begin here in the snapshot, */
    RECORD_DOCUMENTS_THEN = 16,      /* then one in so many, by chance */
    RECORD_VALUE_LOOK = 4096,        /* bytes of a value that are looked at; of a HyperLogLog all */
    RECORD_CONSUMERS = 4,            /* of a stream: those that hold most pending entries */
    RECORD_NAME_BYTES = 40,          /* of the names of groups and consumers */
    RECORD_STRAYS = 3,               /* members of a set that are no integers: the first ones are kept */
    RECORD_STRAY_BYTES = 62          /* of each */
};

struct record_stray {
    uint8_t len, full_len; /* full_len: 255 for longer ones */
    uint8_t bytes[RECORD_STRAY_BYTES];
};

/* A name of a group or consumer, its first bytes. */
struct record_short_name {
    uint8_t len;
    uint8_t bytes[RECORD_NAME_BYTES];
};

struct record_consumer {
    struct record_short_name group, name;
    uint64_t pending;   /* entries that were delivered to it and not acknowledged */
    uint64_t oldest_ms; /* time of the oldest of these, by its id */
    int64_t seen_ms;    /* when it last did anything */
};

struct record_stream {
    uint64_t groups, consumers, pending;
    uint64_t first_ms, last_ms; /* of the ids of the first entry and of the last one ever added */
    bool is_whole;              /* known: nothing was ever taken out of it */
    uint32_t listed;
    struct record_consumer consumer[RECORD_CONSUMERS]; /* most pending entries first */
};

struct node_rewrites;

/* Whether the elements of a type are texts, so that there is a longest: entries of streams and what modules hold are
 * not. */
static inline bool object_has_longest(enum object_type type)
{
    enum { WITHOUT = 1 << OBJECT_STREAM | 1 << OBJECT_MODULE };
    return !(WITHOUT >> type & 1);
}

struct size_census;

struct record {
    uint64_t db;
    const uint8_t *key; /* first key_bytes bytes of the name; borrowed while the record is being added */
    uint64_t key_len;   /* exact length */
    uint32_t key_bytes;
    enum object_type type;
    const char *stored_encoding; /* how the file holds it: "hash_listpack", ... static */
    const char *module_name;     /* "" but for module values; borrowed */
    int64_t expire_at_ms;
    uint64_t idle_seconds;
    uint64_t elements;
    uint64_t longest;      /* bytes of the longest element */
    uint64_t timed_fields; /* of a hash: fields that have a TTL of their own */
    uint64_t stored_bytes; /* of the value in the file */
    uint64_t stored_saved; /* bytes that LZF saves on the value in the file */
    uint64_t offset;       /* of the record in the snapshot */
    int slot;              /* cluster hash slot of the name; -1 when not computed */
    uint8_t lfu_frequency;
    bool has_expiry, has_idle, has_frequency;
    bool is_expired; /* against the run's --now */
    bool damaged;    /* its value is damaged: counted, not costed */
    /* Only where the run asked for values: the first value_bytes bytes of a string that may be a JSON document, a
     * number, a HyperLogLog or a bitmap, by its first bytes; and what keeps a set from being one of integers. */
    const uint8_t *value;
    uint32_t value_bytes;
    uint32_t value_weight; /* so many strings like this one it stands for: of very many documents some are offered */
    /* Likewise, of hashes, sets and sorted sets with an element above the limit for packed ones: the longest one's
     * first bytes; of a hash those of its field's name. NULL: there is none. */
    const struct record_stray *long_element;
    uint32_t strays;
    const struct record_stray *stray;
    const struct record_stream *stream; /* of streams; else NULL */
    /* Only where the run asked for it: the list or stream as if it were written anew. NULL for other types. */
    const struct node_rewrites *rewrites;
    struct size_census *census; /* only where the run asked for it: the blocks of its elements by size */
    struct key_facts facts;
    const struct shape *shape;
    struct cost cost;      /* under the plan's view 0 */
    uint64_t other_bytes;  /* with_other: size_in_bytes under view 1 */
    uint64_t expiry_bytes; /* with_expiry_bytes: what it would take more with an expiry; 0 where it has one */
    bool with_other, with_expiry_bytes;
    bool cost_is_due; /* nobody has called record_cost yet */
    uint64_t more;    /* for sums: so many further keys it stands for, alike but for their names (collect/alike.h) */
};

/* Fills in what a record costs. */
static inline void record_cost(struct record *record, const struct plan *plan)
{
    record->cost_is_due = false;
    record->other_bytes = record->expiry_bytes = 0;
    if (record->damaged) {
        record->cost = (struct cost){0};
        return;
    }
    model_cost(plan, 0, NULL, record->shape, &record->facts, &record->cost);
    if (record->with_other) {
        struct cost other;
        model_cost(plan, 1, NULL, record->shape, &record->facts, &other);
        record->other_bytes = other.size_in_bytes;
    }
    if (record->with_expiry_bytes && !record->has_expiry)
        record->expiry_bytes = model_expiry_bytes(plan, 0, record->shape, &record->facts, record->cost.size_in_bytes);
}

#endif
