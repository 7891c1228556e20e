/* Keys grouped by the pattern of their names, in bounded memory. Up to GROUP_MAX groups everything is exact. When one
 * more comes, the lighter half is dropped into `rest`, and `bound` rises to the heaviest of those: no group that is not
 * in the table has more bytes than `bound`, and a group that came (back) later may lack up to `missing` bytes that went
 * to `rest` before. So for every group: bytes <= true bytes <= bytes + missing; and all groups and `rest` together are
 * always exact. With N bytes in all, `bound` stays in the order of N / GROUP_MAX. */
#ifndef GROUP_TABLE_H
#define GROUP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "hiding.h"
#include "key_pattern.h"
#include "record.h"

/* A group takes 650 bytes with its sizes and idle times; of threads each has a table of its own for some time, so that
 * a report stays within 64 MB whatever names there are. */
enum { GROUP_MAX = 1 << 15, GROUP_IDLE_BINS = 32 };
#define GROUP_SEVERAL_DATABASES UINT32_MAX

struct group {
    uint64_t hash;
    uint64_t keys, bytes, elements; /* strings have no elements here */
    uint64_t no_ttl_keys, no_ttl_bytes, expired_keys, expired_bytes;
    uint64_t missing;               /* bytes that may belong to it and are in `rest` */
    uint64_t part[COST_PART_COUNT]; /* of `bytes`, by cause */
    uint64_t expiry_bytes;          /* what expiries would cost the keys that have none: record.h */
    uint32_t types;                 /* bit 1 << object_type */
    uint32_t encodings;             /* bit 1 << object_encoding */
    uint32_t db;                    /* of all of its keys, or GROUP_SEVERAL_DATABASES */
};

/* What only few files need of a group: kept apart so that groups stay small. */
struct group_idle {
    uint32_t keys[GROUP_IDLE_BINS]; /* bin 0: 0 seconds; bin b: 2^(b-1) to 2^b - 1 */
};

/* Sizes of a group's keys: 8 bytes wide below 32, then 4 bins a power of two. */
enum { GROUP_SIZE_BINS = 132 };
struct group_sizes {
    uint16_t keys[GROUP_SIZE_BINS];
    uint64_t *carried; /* what does not fit there, in units of 65,536 keys; NULL: all fits */
};

struct group_name {
    uint8_t len;
    uint8_t text[KEY_PATTERN_MAX];
};

struct group_table {
    uint32_t count, capacity, maximum;
    struct group *group;
    struct group_name *name;
    struct group_idle *idle;    /* NULL until a key with an idle time comes */
    struct group_sizes **sizes; /* of groups of two keys and more; NULL where only sums are kept */
    bool is_of_sums;
    uint64_t *slot; /* hash's upper half and index + 1; 0 is free; slot_mask + 1 of them */
    uint64_t slot_mask;
    struct group rest; /* dropped groups together */
    uint64_t dropped;  /* how many times a group was dropped */
    uint64_t bound;
};

/* `maximum` is GROUP_MAX but in tests. Aborts when out of memory, as every function here. */
void group_table_init(struct group_table *table, uint32_t maximum);
/* Of a group neither sizes nor idle times are kept. */
void group_table_init_of_sums(struct group_table *table, uint32_t maximum);
void group_table_release(struct group_table *table);
/* `record` stands for 1 + more keys of its pattern. */
void group_table_add(struct group_table *table, const struct record *record);
/* Asks for what adding a key of that pattern looks at first. */
static inline void group_table_expect(const struct group_table *table, uint64_t hash)
{
    if (table->slot)
        __builtin_prefetch(&table->slot[hash & table->slot_mask]);
}
/* Likewise, with the pattern of its name and that pattern's hash at hand. */
void group_table_add_as(struct group_table *table, const struct record *record, const struct key_pattern *pattern,
                        uint64_t hash);
/* Exact while all groups of both fit; else the bounds above hold for the sum. */
void group_table_merge(struct group_table *table, const struct group_table *other);
/* The size that 99 of 100 keys of a group do not exceed: the least of its bin, so never above the true one and at most
 * a fifth below it (8 bytes where it is below 32). */
uint64_t group_table_p99(const struct group_table *table, uint32_t index);
/* collector.h, is_large(). */
bool group_table_is_large(const struct group_table *table, unsigned sharers);
struct archive;
/* Writes the heaviest groups, as many as `budget` bytes hold (the others go into `rest`, under a `bound` that is raised
 * accordingly), or reads them into a new table. */
void group_table_archive(struct group_table *table, size_t budget, struct archive *archive);
/* Puts stand-ins in place of the names. */
void group_table_hide(struct group_table *table, const struct doc_hider *hider);
/* Indexes of all groups, heaviest first, ties by pattern. The caller frees it. */
uint32_t *group_table_sorted(const struct group_table *table);

enum { GROUP_NAMES_MAX = 160 };
/* The names of a group's types and encodings, a space between them, into `text`; they all fit. */
const char *group_types(uint32_t types, char text[GROUP_NAMES_MAX]);
const char *group_encodings(uint32_t encodings, char text[GROUP_NAMES_MAX]);

#endif
