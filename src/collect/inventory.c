#include "inventory.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "saturated.h"

static const int64_t hour_ms = 3600 * INT64_C(1000);

static int64_t add_clamped(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

struct inventory *inventory_new(int64_t now_ms)
{
    static const int64_t hours[TTL_LATER] = {
        [TTL_HOUR] = 1, [TTL_DAY] = 24, [TTL_WEEK] = 7 * 24, [TTL_MONTH] = 30 * 24, [TTL_YEAR] = 365 * 24};
    struct inventory *inventory = memory_new(1, sizeof(*inventory));
    inventory->database = memory_new(INVENTORY_MAX_DATABASES, sizeof(*inventory->database));
    for (int i = 0; i < TTL_LATER; i++)
        inventory->ttl_limit_ms[i] = add_clamped(now_ms, hours[i] * hour_ms);
    return inventory;
}

void inventory_free(struct inventory *inventory)
{
    if (!inventory)
        return;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++)
            free(inventory->row[type][encoding]);
    free(inventory->database);
    free(inventory);
}

static struct inventory_row *row_of(struct inventory *inventory, enum object_type type, enum object_encoding encoding)
{
    struct inventory_row **row = &inventory->row[type][encoding];
    if (!*row)
        *row = memory_new(1, sizeof(**row));
    return *row;
}

/* Where the first database not below `db` is in their order. */
static uint32_t lower_bound(const struct inventory *inventory, uint64_t db)
{
    uint32_t low = 0, high = inventory->database_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (inventory->database[inventory->by_number[middle]].db < db)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void put_in_order(struct inventory *inventory, uint32_t index, uint64_t db)
{
    uint32_t at = lower_bound(inventory, db);
    uint16_t *place = &inventory->by_number[at];
    memmove(place + 1, place, (inventory->database_count - at) * sizeof(*place));
    *place = (uint16_t)index;
    inventory->database[index].db = db;
    inventory->database_count++;
}

/* The last row's; it is the last by number then. */
static uint32_t shared_database(struct inventory *inventory)
{
    const uint32_t last = INVENTORY_MAX_DATABASES - 1;
    inventory->has_more = true;
    if (inventory->database[last].db != UINT64_MAX) {
        uint32_t at = lower_bound(inventory, inventory->database[last].db);
        memmove(&inventory->by_number[at], &inventory->by_number[at + 1], (last - at) * sizeof(*inventory->by_number));
        inventory->by_number[last] = (uint16_t)last;
        inventory->database[last].db = UINT64_MAX;
    }
    return last;
}

static uint32_t find_database(struct inventory *inventory, uint64_t db)
{
    uint32_t at = lower_bound(inventory, db), index = inventory->database_count;
    if (at < index && inventory->database[inventory->by_number[at]].db == db)
        return inventory->by_number[at];
    if (index == INVENTORY_MAX_DATABASES)
        return shared_database(inventory);
    put_in_order(inventory, index, db);
    return index;
}

void inventory_order_databases(struct inventory *inventory)
{
    uint32_t count = inventory->database_count;
    inventory->database_count = 0;
    for (uint32_t i = 0; i < count; i++)
        put_in_order(inventory, i, inventory->database[i].db);
}

bool inventory_depends_on_order(const struct inventory *inventory)
{
    return inventory->has_more;
}

static struct inventory_database *database_of(struct inventory *inventory, uint64_t db)
{
    if (inventory->database_count == 0 || inventory->database[inventory->current_database].db != db)
        inventory->current_database = find_database(inventory, db);
    return &inventory->database[inventory->current_database];
}

static void add_wide(struct inventory_database *database, uint64_t low, uint64_t high)
{
    database->remaining_ms += low;
    database->remaining_ms_carry += high + (database->remaining_ms < low);
}

static inline void add_keys(struct inventory_sum *sum, uint64_t keys, uint64_t bytes)
{
    sum->keys += keys;
    sum->bytes += keys * bytes;
}

static void add_ttl(struct inventory *inventory, const struct record *record, uint64_t keys)
{
    uint64_t bytes = record->cost.size_in_bytes;
    struct inventory_database *database = database_of(inventory, record->db);
    unsigned ttl = TTL_NONE;
    if (record->is_expired) {
        ttl = TTL_EXPIRED;
    } else if (record->has_expiry) {
        int64_t now_ms = inventory->ttl_limit_ms[TTL_EXPIRED];
        for (ttl = TTL_HOUR; ttl < TTL_LATER && record->expire_at_ms > inventory->ttl_limit_ms[ttl];)
            ttl++;
        if (record->expire_at_ms > now_ms)
            add_wide(database, (uint64_t)record->expire_at_ms - (uint64_t)now_ms, 0);
    }
    add_keys(&database->ttl[ttl], keys, bytes);
    if (ttl != TTL_NONE)
        add_keys(&inventory->expiring[record->type][ttl], keys, bytes);
    database->expiry_bytes += keys * record->expiry_bytes;
}

static void add_access(struct inventory *inventory, const struct record *record, uint64_t bytes)
{
    static const uint64_t limit_hours[IDLE_LONGER] = {1, 24, 7 * 24, 30 * 24, 90 * 24, 365 * 24};
    if (record->has_idle) {
        unsigned idle = 0;
        while (idle < IDLE_LONGER && record->idle_seconds > limit_hours[idle] * 3600)
            idle++;
        inventory->idle_keys++;
        add_keys(&inventory->idle[record->type][idle], 1, bytes);
    }
    if (record->has_frequency) {
        inventory->frequency_keys++;
        add_keys(&inventory->frequency[record->type][record->lfu_frequency], 1, bytes);
    }
}

static struct inventory_module *module_of(struct inventory *inventory, const char *name)
{
    for (uint32_t i = 0; i < inventory->module_count; i++)
        if (strncmp(inventory->module[i].name, name, sizeof(inventory->module[i].name) - 1) == 0)
            return &inventory->module[i];
    if (inventory->module_count == INVENTORY_MAX_MODULES) {
        inventory->has_more = true;
        memcpy(inventory->module[INVENTORY_MAX_MODULES - 1].name, "(others)", sizeof("(others)"));
        return &inventory->module[INVENTORY_MAX_MODULES - 1];
    }
    struct inventory_module *module = &inventory->module[inventory->module_count++];
    strncpy(module->name, name, sizeof(module->name) - 1);
    return module;
}

static inline void raise_to(uint64_t *maximum, uint64_t value)
{
    if (*maximum < value)
        *maximum = value;
}

static void add_timed_fields(struct inventory *inventory, const struct record *record)
{
    inventory->timed_hashes.keys++;
    inventory->timed_hashes.bytes += record->cost.size_in_bytes;
    inventory->timed_fields += record->timed_fields;
}

void inventory_add(struct inventory *inventory, const struct record *record)
{
    if (record->damaged) {
        inventory->damaged_keys++;
        return;
    }
    inventory_add_sums(inventory, record);
    if (inventory_has_times(record))
        inventory_add_times(inventory, record);
}

void inventory_add_times(struct inventory *inventory, const struct record *record)
{
    add_ttl(inventory, record, 1);
    if (record->has_idle | record->has_frequency)
        add_access(inventory, record, record->cost.size_in_bytes);
}

void inventory_add_sums(struct inventory *inventory, const struct record *record)
{
    const struct cost *cost = &record->cost;
    const uint64_t keys = 1 + record->more;
    struct inventory_row *row = row_of(inventory, record->type, cost->encoding);
    row->keys += keys;
    row->elements += keys * record->elements;
    row->bytes += keys * cost->size_in_bytes;
    row->memory_usage += keys * cost->memory_usage;
    cost_parts_add(row->part, cost->part, keys);
    raise_to(&row->largest, cost->size_in_bytes);
    raise_to(&row->most_elements, record->elements);
    raise_to(&row->longest, record->longest);
    log_histogram_add(&row->size_bins, cost->size_in_bytes, keys);
    log_histogram_add(&row->longest_bins, record->longest, keys);
    if (record->type != OBJECT_STRING)
        log_histogram_add(&row->element_bins, record->elements, keys);
    inventory->name_bins[inventory_bin(record->key_len)] += keys;
    raise_to(&inventory->longest_name, record->key_len);
    if (!inventory_has_times(record))
        add_ttl(inventory, record, keys);
    if (record->timed_fields)
        add_timed_fields(inventory, record);
    if (record->type == OBJECT_MODULE) {
        struct inventory_module *module = module_of(inventory, record->module_name);
        module->keys++;
        module->stored_bytes += record->stored_bytes;
    }
}

static void add_sums(struct inventory_sum *to, const struct inventory_sum *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i].keys += from[i].keys;
        to[i].bytes += from[i].bytes;
    }
}

static void add_counts(uint64_t *to, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

static void merge_row(struct inventory_row *row, const struct inventory_row *other)
{
    row->keys += other->keys;
    row->elements += other->elements;
    row->bytes += other->bytes;
    row->memory_usage += other->memory_usage;
    raise_to(&row->largest, other->largest);
    raise_to(&row->most_elements, other->most_elements);
    raise_to(&row->longest, other->longest);
    add_counts(row->part, other->part, COST_PART_COUNT);
    log_histogram_merge(&row->size_bins, &other->size_bins);
    log_histogram_merge(&row->element_bins, &other->element_bins);
    log_histogram_merge(&row->longest_bins, &other->longest_bins);
}

void inventory_merge(struct inventory *inventory, const struct inventory *other)
{
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++)
            if (other->row[type][encoding])
                merge_row(row_of(inventory, type, encoding), other->row[type][encoding]);
    for (uint32_t i = 0; i < other->database_count; i++) {
        const struct inventory_database *from = &other->database[i];
        struct inventory_database *to = database_of(inventory, from->db);
        add_sums(to->ttl, from->ttl, TTL_COUNT);
        add_wide(to, from->remaining_ms, from->remaining_ms_carry);
        to->expiry_bytes += from->expiry_bytes;
    }
    for (uint32_t i = 0; i < other->module_count; i++) {
        struct inventory_module *to = module_of(inventory, other->module[i].name);
        to->keys += other->module[i].keys;
        to->stored_bytes += other->module[i].stored_bytes;
    }
    add_sums(&inventory->timed_hashes, &other->timed_hashes, 1);
    inventory->timed_fields += other->timed_fields;
    inventory->damaged_keys += other->damaged_keys;
    add_counts(inventory->name_bins, other->name_bins, INVENTORY_BINS);
    raise_to(&inventory->longest_name, other->longest_name);
    inventory->idle_keys += other->idle_keys;
    inventory->frequency_keys += other->frequency_keys;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        add_sums(inventory->expiring[type], other->expiring[type], TTL_NONE);
        add_sums(inventory->idle[type], other->idle[type], IDLE_COUNT);
        add_sums(inventory->frequency[type], other->frequency[type], FREQUENCY_COUNT);
    }
}

void inventory_totals(const struct inventory *inventory, enum object_type type, struct inventory_totals *totals)
{
    *totals = (struct inventory_totals){0};
    for (int t = 0; t < OBJECT_TYPE_COUNT; t++) {
        if (type == OBJECT_TYPE_COUNT ? t == OBJECT_MODULE : t != (int)type)
            continue;
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            const struct inventory_row *row = inventory->row[t][encoding];
            if (!row)
                continue;
            totals->keys += row->keys;
            totals->elements += row->elements;
            totals->bytes += row->bytes;
            totals->memory_usage += row->memory_usage;
            add_counts(totals->part, row->part, COST_PART_COUNT);
        }
    }
}

void inventory_ttl(const struct inventory *inventory, struct inventory_sum ttl[TTL_COUNT])
{
    memset(ttl, 0, TTL_COUNT * sizeof(*ttl));
    for (uint32_t i = 0; i < inventory->database_count; i++)
        add_sums(ttl, inventory->database[i].ttl, TTL_COUNT);
}

void inventory_ttl_of_type(const struct inventory *inventory, enum object_type type,
                           struct inventory_sum ttl[TTL_COUNT])
{
    struct inventory_sum none = {0}, expiring = {0};
    for (int encoding = 0; encoding < ENCODING_COUNT; encoding++)
        if (inventory->row[type][encoding]) {
            none.keys += inventory->row[type][encoding]->keys;
            none.bytes += inventory->row[type][encoding]->bytes;
        }
    for (int i = 0; i < TTL_NONE; i++) {
        ttl[i] = inventory->expiring[type][i];
        add_sums(&expiring, &ttl[i], 1);
    }
    /* a summary may claim anything */
    none.keys -= expiring.keys < none.keys ? expiring.keys : none.keys;
    none.bytes -= expiring.bytes < none.bytes ? expiring.bytes : none.bytes;
    ttl[TTL_NONE] = none;
}

void inventory_idle(const struct inventory *inventory, struct inventory_sum idle[IDLE_COUNT])
{
    memset(idle, 0, IDLE_COUNT * sizeof(*idle));
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        add_sums(idle, inventory->idle[type], IDLE_COUNT);
}

void inventory_frequency(const struct inventory *inventory, struct inventory_sum frequency[FREQUENCY_COUNT])
{
    memset(frequency, 0, FREQUENCY_COUNT * sizeof(*frequency));
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        add_sums(frequency, inventory->frequency[type], FREQUENCY_COUNT);
}

int64_t inventory_average_ttl_ms(const struct inventory_database *database)
{
    uint64_t keys = 0;
    for (int i = TTL_EXPIRED + 1; i < TTL_NONE; i++)
        keys += database->ttl[i].keys;
    double total_ms = (double)database->remaining_ms_carry * 18446744073709551616.0 + (double)database->remaining_ms;
    return keys ? saturated_i64(total_ms / (double)keys) : 0;
}

struct inventory_sum inventory_sum_of(const struct inventory_sum ttl[TTL_COUNT])
{
    struct inventory_sum sum = {0};
    for (int i = 0; i < TTL_COUNT; i++) {
        sum.keys += ttl[i].keys;
        sum.bytes += ttl[i].bytes;
    }
    return sum;
}

const struct inventory_database **inventory_databases(const struct inventory *inventory)
{
    const struct inventory_database **sorted = memory_new(inventory->database_count, sizeof(*sorted));
    for (uint32_t i = 0; i < inventory->database_count; i++)
        sorted[i] = &inventory->database[inventory->by_number[i]];
    return sorted;
}
