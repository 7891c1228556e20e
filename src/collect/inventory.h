/* The inventory: sums over all records that several sections read, gathered in one pass so that a record's fields are
 * touched once. Fixed size, but for a row per type and encoding that occurs and a row per database (bounded). */
#ifndef INVENTORY_H
#define INVENTORY_H

#include <stdint.h>

#include "log_histogram.h"
#include "model/cost.h"
#include "record.h"

enum {
    INVENTORY_MAX_DATABASES = 1024, /* further ones share the last row, whose `db` is then UINT64_MAX */
    INVENTORY_BINS = 65,            /* powers of two: bin 0 holds 0, bin b holds 2^(b-1) .. 2^b - 1 */
    INVENTORY_MAX_MODULES = 32      /* module types by name; further ones share the last row */
};

static inline unsigned inventory_bin(uint64_t value)
{
    return value ? highest_bit(value) + 1 : 0;
}

/* The parts of so many keys that cost the same. */
static inline void cost_parts_add(uint64_t *sum, const uint64_t *part, uint64_t keys)
{
    if (keys == 1) /* without the products it is a handful of additions */
        for (int i = 0; i < COST_PART_COUNT; i++)
            sum[i] += part[i];
    else
        for (int i = 0; i < COST_PART_COUNT; i++)
            sum[i] += keys * part[i];
}

/* Keys of one type and encoding. */
struct inventory_row {
    uint64_t keys, elements, bytes, memory_usage;
    uint64_t largest, most_elements, longest; /* maxima: size_in_bytes, elements, longest element */
    uint64_t part[COST_PART_COUNT];
    struct log_histogram size_bins;    /* of size_in_bytes */
    struct log_histogram element_bins; /* of elements; nothing for strings, whose elements are their bytes */
    struct log_histogram longest_bins; /* of the longest element */
};

struct inventory_sum {
    uint64_t keys, bytes;
};

/* How long keys have still to live, counted from the reference time. */
enum inventory_ttl {
    TTL_EXPIRED,
    TTL_HOUR, /* at most an hour, and so on */
    TTL_DAY,
    TTL_WEEK,
    TTL_MONTH, /* 30 days */
    TTL_YEAR,  /* 365 days */
    TTL_LATER,
    TTL_NONE,
    TTL_COUNT
};

/* Seconds since the last access, where the file has them. */
enum inventory_idle { IDLE_HOUR, IDLE_DAY, IDLE_WEEK, IDLE_MONTH, IDLE_QUARTER, IDLE_YEAR, IDLE_LONGER, IDLE_COUNT };

enum { FREQUENCY_COUNT = 256 }; /* an LFU counter is a byte */

struct inventory_database {
    uint64_t db;
    struct inventory_sum ttl[TTL_COUNT];       /* their sum is the database */
    uint64_t remaining_ms, remaining_ms_carry; /* 128 bits: time to live of the keys that have not expired */
    uint64_t expiry_bytes;                     /* what expiries would cost those that have none: record.h */
};

struct inventory_module {
    char name[12];
    uint64_t keys, stored_bytes;
};

struct inventory {
    struct inventory_row *row[OBJECT_TYPE_COUNT][ENCODING_COUNT]; /* NULL where nothing has come */
    struct inventory_database *database;                          /* in order of appearance */
    uint16_t by_number[INVENTORY_MAX_DATABASES];                  /* their indexes in the order of their numbers */
    uint32_t database_count, current_database;
    uint32_t module_count;
    bool has_more; /* databases or modules than there are rows for */
    struct inventory_module module[INVENTORY_MAX_MODULES];
    int64_t ttl_limit_ms[TTL_LATER];   /* absolute times */
    struct inventory_sum timed_hashes; /* hashes of which fields have a TTL of their own */
    uint64_t timed_fields;
    uint64_t damaged_keys;
    uint64_t name_bins[INVENTORY_BINS]; /* keys by length of their name */
    uint64_t longest_name;
    uint64_t idle_keys, frequency_keys;                         /* keys that have one */
    struct inventory_sum expiring[OBJECT_TYPE_COUNT][TTL_NONE]; /* those without a TTL are the others of the type */
    struct inventory_sum idle[OBJECT_TYPE_COUNT][IDLE_COUNT];
    struct inventory_sum frequency[OBJECT_TYPE_COUNT][FREQUENCY_COUNT];
};

/* Aborts when out of memory. */
struct inventory *inventory_new(int64_t now_ms);
void inventory_free(struct inventory *inventory);
void inventory_add(struct inventory *inventory, const struct record *record);
/* Its two halves, for a record that is not damaged: the sums, for all keys that it stands for; and, of those that
 * inventory_has_times is true of, what depends on when the one key expires and was used. */
void inventory_add_sums(struct inventory *inventory, const struct record *record);
void inventory_add_times(struct inventory *inventory, const struct record *record);
static inline bool inventory_has_times(const struct record *record)
{
    return (record->has_expiry && !record->is_expired) || record->has_idle || record->has_frequency;
}
void inventory_merge(struct inventory *inventory, const struct inventory *other);
/* Which databases, or modules, have rows of their own depends on which came first. */
bool inventory_depends_on_order(const struct inventory *inventory);

struct archive;
/* Puts what was read from a summary in order. */
void inventory_order_databases(struct inventory *inventory);
/* Writes it, or reads it into a new one of the same reference time. */
void inventory_archive(struct inventory *inventory, struct archive *archive);

/* Sums over the rows of one type; of all types but modules with OBJECT_TYPE_COUNT. */
struct inventory_totals {
    uint64_t keys, elements, bytes, memory_usage;
    uint64_t part[COST_PART_COUNT];
};
void inventory_totals(const struct inventory *inventory, enum object_type type, struct inventory_totals *totals);
struct inventory_sum inventory_sum_of(const struct inventory_sum ttl[TTL_COUNT]);
/* The databases by number. The caller frees the array. */
const struct inventory_database **inventory_databases(const struct inventory *inventory);
/* Sum over the databases. */
void inventory_ttl(const struct inventory *inventory, struct inventory_sum ttl[TTL_COUNT]);
/* The keys of one type. */
void inventory_ttl_of_type(const struct inventory *inventory, enum object_type type,
                           struct inventory_sum ttl[TTL_COUNT]);
/* Sums over the types. */
void inventory_idle(const struct inventory *inventory, struct inventory_sum idle[IDLE_COUNT]);
void inventory_frequency(const struct inventory *inventory, struct inventory_sum frequency[FREQUENCY_COUNT]);

/* The mean time that a database's keys have left, in ms: what INFO's avg_ttl converges to once the server has sampled
 * them all. */
int64_t inventory_average_ttl_ms(const struct inventory_database *database);

#endif
