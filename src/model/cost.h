/* What one key costs, in bytes, split by cause. */
#ifndef MODEL_COST_H
#define MODEL_COST_H

#include <stddef.h>
#include <stdint.h>

#include "object.h"

/* Where bytes go. Every byte of size_in_bytes is in exactly one part. */
enum cost_part {
    COST_PAYLOAD, /* the user's bytes: string values, elements, fields (text length; an integer: the bytes that hold it)
                   */
    COST_KEY_NAME, /* the key's own bytes */
    COST_ENTRY,    /* keyspace entry, object and string headers of the key */
    COST_EXPIRES,  /* what the expiry adds */
    COST_TABLE,    /* bucket arrays, skip list headers, radix tree nodes, quicklist nodes, containers of the value */
    COST_ELEMENT,  /* per-element overhead: entries, string headers, skip list nodes, packed encodings */
    COST_ROUNDING, /* held by the allocator beyond what was asked for */
    COST_PART_COUNT
};

const char *cost_part_name(enum cost_part part);  /* "payload", "key_names", ...: ids in JSON */
const char *cost_part_title(enum cost_part part); /* for people */

struct cost {
    uint64_t size_in_bytes; /* what the allocator holds for the key; == sum of parts */
    uint64_t memory_usage;  /* what MEMORY USAGE key SAMPLES 0 prints; 0 where the server has no such command */
    uint64_t part[COST_PART_COUNT];
    enum object_encoding encoding;
};

/* One line of `explain`: `count` allocations of the same kind. */
struct cost_line {
    const char *what; /* static text: "hash table, 16 buckets" is printed from what and note */
    uint64_t note;    /* a number that belongs to `what`, 0 for none */
    uint64_t count;
    uint64_t asked; /* bytes requested, all together */
    uint64_t held;  /* bytes the allocator holds for them */
};

/* Takes the lines as the model adds them; NULL in the hot path. */
struct cost_lines {
    struct cost_line *line;
    size_t count, capacity; /* further lines are merged into the last one */
};

#endif
