#include "group_table.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "inventory.h"
#include "log_histogram.h"
#include "memory.h"
#include "name_order.h"
#include "nth_smallest.h"

enum { FIRST_CAPACITY = 256 };

static const uint64_t tag_mask = UINT64_C(0xffffffff00000000);

void group_table_init(struct group_table *table, uint32_t maximum)
{
    *table = (struct group_table){.maximum = maximum};
}

void group_table_init_of_sums(struct group_table *table, uint32_t maximum)
{
    *table = (struct group_table){.maximum = maximum, .is_of_sums = true};
}

static void free_sizes(struct group_sizes *sizes)
{
    if (sizes)
        free(sizes->carried);
    free(sizes);
}

void group_table_release(struct group_table *table)
{
    free(table->group);
    free(table->name);
    free(table->idle);
    for (uint32_t i = 0; i < table->count && table->sizes; i++)
        free_sizes(table->sizes[i]);
    free(table->sizes);
    free(table->slot);
    *table = (struct group_table){0};
}

static void put_slot(struct group_table *table, uint64_t hash, uint32_t index)
{
    uint64_t at = hash & table->slot_mask;
    while (table->slot[at])
        at = (at + 1) & table->slot_mask;
    table->slot[at] = (hash & tag_mask) | (index + 1);
}

static void fill_slots(struct group_table *table)
{
    memset(table->slot, 0, (table->slot_mask + 1) * sizeof(*table->slot));
    for (uint32_t i = 0; i < table->count; i++)
        put_slot(table, table->group[i].hash, i);
}

static void *grown(void *old, size_t old_count, size_t count, size_t size)
{
    void *bigger = memory_new(count, size);
    if (old)
        memcpy(bigger, old, old_count * size);
    free(old);
    return bigger;
}

/* Twice as many slots as groups at least. */
static void grow(struct group_table *table)
{
    uint32_t capacity = table->capacity ? 2 * table->capacity : FIRST_CAPACITY;
    table->group = grown(table->group, table->count, capacity, sizeof(*table->group));
    table->name = grown(table->name, table->count, capacity, sizeof(*table->name));
    if (!table->is_of_sums)
        table->sizes = grown(table->sizes, table->count, capacity, sizeof(struct group_sizes *));
    if (table->idle)
        table->idle = grown(table->idle, table->count, capacity, sizeof(*table->idle));
    table->capacity = capacity;
    uint64_t slots = 2;
    while (slots < 2 * (uint64_t)capacity)
        slots *= 2;
    free(table->slot);
    table->slot = memory_new(slots, sizeof(*table->slot));
    table->slot_mask = slots - 1;
    fill_slots(table);
}

/* Before the keys that are of it are counted. */
static inline void note_database(struct group *group, uint64_t db)
{
    if (group->keys == 0)
        group->db = db < GROUP_SEVERAL_DATABASES ? (uint32_t)db : GROUP_SEVERAL_DATABASES;
    else if (group->db != db)
        group->db = GROUP_SEVERAL_DATABASES;
}

static void add_sums(struct group *to, const struct group *from)
{
    if (from->keys)
        note_database(to, from->db);
    to->keys += from->keys;
    to->expiry_bytes += from->expiry_bytes;
    for (int i = 0; i < COST_PART_COUNT; i++)
        to->part[i] += from->part[i];
    to->bytes += from->bytes;
    to->elements += from->elements;
    to->no_ttl_keys += from->no_ttl_keys;
    to->no_ttl_bytes += from->no_ttl_bytes;
    to->expired_keys += from->expired_keys;
    to->expired_bytes += from->expired_bytes;
    to->types |= from->types;
    to->encodings |= from->encodings;
}

static void add_idle(struct group_idle *to, const struct group_idle *from)
{
    for (int i = 0; i < GROUP_IDLE_BINS; i++)
        to->keys[i] += from->keys[i];
}

static uint64_t upper_bound(const struct group *group)
{
    return group->bytes + group->missing;
}

static uint64_t nth_bound(const struct group_table *table, size_t n, size_t *ties)
{
    uint64_t *bound = memory_new(table->count, sizeof(*bound));
    for (uint32_t i = 0; i < table->count; i++)
        bound[i] = upper_bound(&table->group[i]);
    uint64_t found = nth_smallest(bound, table->count, n, ties);
    free(bound);
    return found;
}

/* Drops groups, those with the smallest upper bounds, until `keep` are left; ties go in order of arrival. */
static void shrink(struct group_table *table, uint32_t keep)
{
    uint32_t drop = table->count - keep;
    size_t ties;
    uint64_t limit = nth_bound(table, drop - 1, &ties);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        uint64_t upper = upper_bound(&table->group[i]);
        if (upper < limit || (upper == limit && ties && ties--)) {
            add_sums(&table->rest, &table->group[i]);
            if (table->sizes)
                free_sizes(table->sizes[i]);
            continue;
        }
        table->group[kept] = table->group[i];
        table->name[kept] = table->name[i];
        if (table->sizes)
            table->sizes[kept] = table->sizes[i];
        if (table->idle)
            table->idle[kept] = table->idle[i];
        kept++;
    }
    table->dropped += drop;
    table->count = kept;
    if (table->sizes)
        memset(table->sizes + kept, 0, (table->capacity - kept) * sizeof(struct group_sizes *));
    if (table->idle)
        memset(table->idle + kept, 0, (table->capacity - kept) * sizeof(*table->idle));
    if (table->bound < limit)
        table->bound = limit;
    fill_slots(table);
}

/* A new group, its name not yet set. Its index stays valid until the next one is made. */
static uint32_t append(struct group_table *table, uint64_t hash)
{
    if (table->count == table->maximum)
        shrink(table, table->maximum / 2);
    if (table->count == table->capacity)
        grow(table);
    uint32_t index = table->count++;
    table->group[index] = (struct group){.hash = hash, .missing = table->bound};
    put_slot(table, hash, index);
    return index;
}

/* UINT32_MAX when there is none. */
static inline uint32_t find(const struct group_table *table, uint64_t hash)
{
    if (table->count == 0)
        return UINT32_MAX;
    for (uint64_t at = hash & table->slot_mask; table->slot[at]; at = (at + 1) & table->slot_mask) {
        uint32_t index = (uint32_t)table->slot[at] - 1;
        if (((table->slot[at] ^ hash) & tag_mask) == 0 && table->group[index].hash == hash)
            return index;
    }
    return UINT32_MAX;
}

static uint32_t append_named(struct group_table *table, uint64_t hash, const struct key_pattern *pattern)
{
    uint32_t index = append(table, hash);
    struct group_name *name = &table->name[index];
    name->len = (uint8_t)key_pattern_text(pattern, name->text);
    return index;
}

static void add_idle_time(struct group_table *table, uint32_t index, uint64_t seconds, uint64_t keys)
{
    if (!table->idle)
        table->idle = memory_new(table->capacity, sizeof(*table->idle));
    unsigned bin = inventory_bin(seconds);
    table->idle[index].keys[bin < GROUP_IDLE_BINS ? bin : GROUP_IDLE_BINS - 1] += (uint32_t)keys;
}

/* ---- sizes ---------------------------------------------------------------------------------------------------------
 */

static unsigned size_bin(uint64_t bytes)
{
    if (bytes < 32)
        return (unsigned)(bytes / 8);
    unsigned bit = highest_bit(bytes), bin = 4 * (bit - 4) + (unsigned)(bytes >> (bit - 2) & 3);
    return bin < GROUP_SIZE_BINS ? bin : GROUP_SIZE_BINS - 1;
}

static uint64_t size_bin_from(unsigned bin)
{
    return bin < 4 ? 8 * (uint64_t)bin : (4 + (uint64_t)bin % 4) << (bin / 4 + 2);
}

static struct group_sizes *sizes_of(struct group_table *table, uint32_t index)
{
    if (!table->sizes[index])
        table->sizes[index] = memory_new(1, sizeof(struct group_sizes));
    return table->sizes[index];
}

static void carry(struct group_sizes *sizes, unsigned bin, uint64_t count)
{
    if (!sizes->carried)
        sizes->carried = memory_new(GROUP_SIZE_BINS, sizeof(*sizes->carried));
    sizes->carried[bin] += count;
}

static inline void count_keys(struct group_sizes *sizes, unsigned bin, uint64_t keys)
{
    uint64_t sum = sizes->keys[bin] + keys;
    sizes->keys[bin] = (uint16_t)sum;
    if (sum > UINT16_MAX)
        carry(sizes, bin, sum >> 16);
}

static uint64_t keys_of_bin(const struct group_sizes *sizes, unsigned bin)
{
    return sizes->keys[bin] + (sizes->carried ? sizes->carried[bin] << 16 : 0);
}

/* Before the keys, all of one size, are added to their group: one key alone is known by the group's bytes. */
static inline void add_sizes(struct group_table *table, uint32_t index, uint64_t bytes, uint64_t keys)
{
    const struct group *group = &table->group[index];
    if ((group->keys == 0 && keys == 1) || !table->sizes)
        return;
    struct group_sizes *sizes = sizes_of(table, index);
    if (group->keys == 1)
        count_keys(sizes, size_bin(group->bytes), 1);
    count_keys(sizes, size_bin(bytes), keys);
}

/* Before the sums are added. */
static void merge_sizes(struct group_table *table, uint32_t index, const struct group_table *other, uint32_t from)
{
    if (!table->sizes)
        return;
    if (other->group[from].keys == 1) {
        add_sizes(table, index, other->group[from].bytes, 1);
        return;
    }
    struct group_sizes *sizes = sizes_of(table, index);
    if (table->group[index].keys == 1)
        count_keys(sizes, size_bin(table->group[index].bytes), 1);
    for (unsigned bin = 0; other->sizes && other->sizes[from] && bin < GROUP_SIZE_BINS; bin++)
        count_keys(sizes, bin, keys_of_bin(other->sizes[from], bin));
}

uint64_t group_table_p99(const struct group_table *table, uint32_t index)
{
    const struct group *group = &table->group[index];
    uint64_t rank = group->keys - group->keys / 100, seen = 0;
    for (unsigned bin = 0; table->sizes && table->sizes[index] && bin < GROUP_SIZE_BINS; bin++) {
        seen += keys_of_bin(table->sizes[index], bin);
        if (seen >= rank)
            return size_bin_from(bin);
    }
    return group->bytes;
}

void group_table_add(struct group_table *table, const struct record *record)
{
    struct key_pattern pattern;
    key_pattern_of(&pattern, record->key, record->key_bytes);
    group_table_add_as(table, record, &pattern, key_pattern_hash(&pattern));
}

void group_table_add_as(struct group_table *table, const struct record *record, const struct key_pattern *pattern,
                        uint64_t hash)
{
    uint32_t index = find(table, hash);
    if (index == UINT32_MAX)
        index = append_named(table, hash, pattern);
    struct group *group = &table->group[index];
    uint64_t keys = 1 + record->more, bytes = keys * record->cost.size_in_bytes;
    uint64_t no_ttl = -(uint64_t)!record->has_expiry, expired = -(uint64_t)record->is_expired;
    add_sizes(table, index, record->cost.size_in_bytes, keys);
    note_database(group, record->db);
    group->keys += keys;
    group->expiry_bytes += keys * record->expiry_bytes;
    cost_parts_add(group->part, record->cost.part, keys);
    group->bytes += bytes;
    group->elements += record->type == OBJECT_STRING ? 0 : record->elements;
    group->no_ttl_keys += keys & no_ttl;
    group->no_ttl_bytes += bytes & no_ttl;
    group->expired_keys += keys & expired;
    group->expired_bytes += bytes & expired;
    group->types |= 1U << record->type;
    group->encodings |= 1U << record->cost.encoding;
    if (record->has_idle && !table->is_of_sums)
        add_idle_time(table, index, record->idle_seconds, keys);
}

bool group_table_is_large(const struct group_table *table, unsigned sharers)
{
    return table->count > table->maximum / (8 * sharers);
}

static void merge_group(struct group_table *table, const struct group_table *other, uint32_t from)
{
    uint64_t hash = other->group[from].hash;
    uint32_t index = find(table, hash);
    if (index == UINT32_MAX) {
        index = append(table, hash);
        table->name[index] = other->name[from];
        table->group[index].missing += other->group[from].missing;
    } else {
        /* What `other` lacks of the group, instead of the most that it could lack. */
        table->group[index].missing += other->group[from].missing - other->bound;
    }
    merge_sizes(table, index, other, from);
    add_sums(&table->group[index], &other->group[from]);
    if (other->idle && !table->is_of_sums) {
        if (!table->idle)
            table->idle = memory_new(table->capacity, sizeof(*table->idle));
        add_idle(&table->idle[index], &other->idle[from]);
    }
}

void group_table_merge(struct group_table *table, const struct group_table *other)
{
    uint32_t maximum = table->maximum;
    table->maximum = table->count + other->count + 1;
    for (uint32_t i = 0; i < table->count; i++)
        table->group[i].missing += other->bound;
    for (uint32_t i = 0; i < other->count; i++)
        merge_group(table, other, i);
    add_sums(&table->rest, &other->rest);
    table->dropped += other->dropped;
    table->bound += other->bound;
    table->maximum = maximum;
    if (table->count > maximum)
        shrink(table, maximum);
}

void group_table_hide(struct group_table *table, const struct doc_hider *hider)
{
    for (uint32_t i = 0; i < table->count; i++) {
        struct group_name name = table->name[i];
        table->name[i].len = (uint8_t)hiding_name(hider, name.text, name.len, table->name[i].text, KEY_PATTERN_MAX,
                                                  &table->group[i].hash);
    }
    if (table->count)
        fill_slots(table);
}

/* Groups lie all over memory, so what tells most of them apart is beside each other. */
struct sort_item {
    uint64_t bytes, begin; /* begin: of the name */
    const struct group_name *name;
    uint32_t index;
};

static int heavier_first(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    const struct group_name *nx = x->name, *ny = y->name;
    int order = memcmp(nx->text, ny->text, nx->len < ny->len ? nx->len : ny->len);
    return order ? order : nx->len - ny->len;
}

uint32_t *group_table_sorted(const struct group_table *table)
{
    struct sort_item *item = memory_new(table->count, sizeof(*item));
    for (uint32_t i = 0; i < table->count; i++) {
        const struct group_name *name = &table->name[i];
        item[i] = (struct sort_item){table->group[i].bytes, name_word(name->text, name->len, 0), name, i};
    }
    qsort(item, table->count, sizeof(*item), heavier_first);
    uint32_t *order = memory_new(table->count, sizeof(*order));
    for (uint32_t i = 0; i < table->count; i++)
        order[i] = item[i].index;
    free(item);
    return order;
}

static void append_name(char text[GROUP_NAMES_MAX], const char *name)
{
    size_t len = strlen(text), name_len = strlen(name);
    if (len + name_len + 2 > GROUP_NAMES_MAX)
        return;
    if (len)
        text[len++] = ' ';
    memcpy(text + len, name, name_len + 1);
}

const char *group_types(uint32_t types, char text[GROUP_NAMES_MAX])
{
    *text = '\0';
    for (int i = 0; i < OBJECT_TYPE_COUNT; i++)
        if (types >> i & 1)
            append_name(text, object_type_name(i));
    return text;
}

const char *group_encodings(uint32_t encodings, char text[GROUP_NAMES_MAX])
{
    *text = '\0';
    for (int i = 0; i < ENCODING_COUNT; i++)
        if (encodings >> i & 1)
            append_name(text, object_encoding_name(i));
    return text;
}

/* ---- archives ------------------------------------------------------------------------------------------------------
 */

static void archive_sums(struct group *group, struct archive *archive)
{
    uint64_t types = group->types, encodings = group->encodings, db = group->db;
    archive_u64(archive, &group->keys);
    archive_u64(archive, &group->bytes);
    archive_u64(archive, &group->elements);
    archive_u64(archive, &group->no_ttl_keys);
    archive_u64(archive, &group->no_ttl_bytes);
    archive_u64(archive, &group->expired_keys);
    archive_u64(archive, &group->expired_bytes);
    archive_u64(archive, &group->missing);
    archive_u64(archive, &group->expiry_bytes);
    archive_array(archive, group->part, COST_PART_COUNT);
    archive_within(archive, &db, GROUP_SEVERAL_DATABASES);
    archive_within(archive, &types, (1 << OBJECT_TYPE_COUNT) - 1);
    archive_within(archive, &encodings, (1 << ENCODING_COUNT) - 1);
    group->types = (uint32_t)types;
    group->encodings = (uint32_t)encodings;
    group->db = (uint32_t)db;
}

static void archive_idle(struct group_idle *idle, struct archive *archive)
{
    uint64_t keys[GROUP_IDLE_BINS];
    for (int i = 0; i < GROUP_IDLE_BINS; i++)
        keys[i] = idle->keys[i];
    archive_sparse(archive, keys, GROUP_IDLE_BINS);
    for (int i = 0; i < GROUP_IDLE_BINS; i++)
        idle->keys[i] = (uint32_t)keys[i];
}

/* Of a group of several keys; NULL: none are kept. */
static void archive_sizes(struct group_sizes *sizes, struct archive *archive)
{
    uint64_t keys[GROUP_SIZE_BINS] = {0};
    for (unsigned bin = 0; sizes && bin < GROUP_SIZE_BINS; bin++)
        keys[bin] = keys_of_bin(sizes, bin);
    archive_sparse(archive, keys, GROUP_SIZE_BINS);
    for (unsigned bin = 0; sizes && archive->reads && bin < GROUP_SIZE_BINS; bin++)
        count_keys(sizes, bin, keys[bin]);
}

static void archive_name(struct group_name *name, struct archive *archive)
{
    uint64_t len = name->len;
    archive_within(archive, &len, KEY_PATTERN_MAX);
    name->len = (uint8_t)len;
    archive_bytes(archive, name->text, name->len);
}

static void write_group(const struct group_table *table, uint32_t index, struct archive *archive)
{
    struct group group = table->group[index];
    struct group_name name = table->name[index];
    archive_bytes(archive, &group.hash, sizeof(group.hash));
    archive_name(&name, archive);
    archive_sums(&group, archive);
    if (group.keys > 1)
        archive_sizes(table->sizes ? table->sizes[index] : NULL, archive);
    if (table->idle)
        archive_idle(&table->idle[index], archive);
}

/* The groups that fit; the others are added to `rest`, and *bound is raised to the heaviest of them. */
static size_t write_groups(const struct group_table *table, size_t budget, struct archive *archive, struct group *rest,
                           uint64_t *bound)
{
    uint32_t *order = group_table_sorted(table);
    size_t written = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        size_t end = archive->len;
        if (written == i) {
            write_group(table, order[i], archive);
            if (archive->len <= budget) {
                written++;
                continue;
            }
            archive->len = end;
        }
        const struct group *group = &table->group[order[i]];
        add_sums(rest, group);
        if (*bound < upper_bound(group))
            *bound = upper_bound(group);
    }
    free(order);
    return written;
}

static void write_table(const struct group_table *table, size_t budget, struct archive *archive)
{
    struct archive groups;
    struct group rest = table->rest;
    uint64_t bound = table->bound, dropped = table->dropped;
    bool has_idle = table->idle != NULL;
    archive_init_writer(&groups);
    size_t count = write_groups(table, budget, &groups, &rest, &bound);
    dropped += table->count - count;
    archive_u64(archive, &dropped);
    archive_u64(archive, &bound);
    archive_sums(&rest, archive);
    archive_bool(archive, &has_idle);
    archive_count(archive, &count, GROUP_MAX);
    archive_bytes(archive, groups.bytes, groups.len);
    archive_release(&groups);
}

static void read_group(struct group_table *table, bool has_idle, struct archive *archive)
{
    uint64_t hash;
    archive_bytes(archive, &hash, sizeof(hash));
    if (archive->failed || find(table, hash) != UINT32_MAX) {
        archive->failed = true;
        return;
    }
    uint32_t index = append(table, hash);
    archive_name(&table->name[index], archive);
    archive_sums(&table->group[index], archive);
    if (table->group[index].keys > 1)
        archive_sizes(table->sizes ? sizes_of(table, index) : NULL, archive);
    if (has_idle && table->is_of_sums)
        archive_idle(&(struct group_idle){{0}}, archive);
    if (!has_idle || table->is_of_sums)
        return;
    if (!table->idle)
        table->idle = memory_new(table->capacity, sizeof(*table->idle));
    archive_idle(&table->idle[index], archive);
}

void group_table_archive(struct group_table *table, size_t budget, struct archive *archive)
{
    bool has_idle = false;
    size_t count = 0;
    if (!archive->reads) {
        write_table(table, budget, archive);
        return;
    }
    archive_u64(archive, &table->dropped);
    archive_u64(archive, &table->bound);
    archive_sums(&table->rest, archive);
    archive_bool(archive, &has_idle);
    archive_count(archive, &count, table->maximum);
    for (size_t i = 0; i < count && !archive->failed; i++)
        read_group(table, has_idle, archive);
}
