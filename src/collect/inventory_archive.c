#include "archive/archive.h"
#include "inventory.h"
#include "memory.h"

static void archive_sums(struct inventory_sum *sum, size_t count, struct archive *archive)
{
    for (size_t i = 0; i < count; i++) {
        archive_u64(archive, &sum[i].keys);
        archive_u64(archive, &sum[i].bytes);
    }
}

/* Likewise, where most are zero; FREQUENCY_COUNT at most. */
static void archive_sparse_sums(struct inventory_sum *sum, size_t count, struct archive *archive)
{
    uint64_t keys[FREQUENCY_COUNT], bytes[FREQUENCY_COUNT];
    for (size_t i = 0; i < count; i++) {
        keys[i] = sum[i].keys;
        bytes[i] = sum[i].bytes;
    }
    archive_sparse(archive, keys, count);
    archive_sparse(archive, bytes, count);
    for (size_t i = 0; i < count; i++)
        sum[i] = (struct inventory_sum){keys[i], bytes[i]};
}

static void archive_row(struct inventory_row *row, struct archive *archive)
{
    archive_u64(archive, &row->keys);
    archive_u64(archive, &row->elements);
    archive_u64(archive, &row->bytes);
    archive_u64(archive, &row->memory_usage);
    archive_u64(archive, &row->largest);
    archive_u64(archive, &row->most_elements);
    archive_u64(archive, &row->longest);
    archive_array(archive, row->part, COST_PART_COUNT);
    log_histogram_archive(&row->size_bins, archive);
    log_histogram_archive(&row->element_bins, archive);
    log_histogram_archive(&row->longest_bins, archive);
}

static void archive_rows(struct inventory *inventory, struct archive *archive)
{
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            struct inventory_row **row = &inventory->row[type][encoding];
            bool is_there = *row != NULL;
            archive_bool(archive, &is_there);
            if (!is_there)
                continue;
            if (archive->reads)
                *row = memory_new(1, sizeof(**row));
            archive_row(*row, archive);
        }
}

static void archive_databases(struct inventory *inventory, struct archive *archive)
{
    size_t count = inventory->database_count;
    archive_count(archive, &count, INVENTORY_MAX_DATABASES);
    inventory->database_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct inventory_database *database = &inventory->database[i];
        archive_u64(archive, &database->db);
        archive_sums(database->ttl, TTL_COUNT, archive);
        archive_u64(archive, &database->remaining_ms);
        archive_u64(archive, &database->remaining_ms_carry);
        archive_u64(archive, &database->expiry_bytes);
    }
    if (archive->reads)
        inventory_order_databases(inventory);
}

static void archive_modules(struct inventory *inventory, struct archive *archive)
{
    size_t count = inventory->module_count;
    archive_count(archive, &count, INVENTORY_MAX_MODULES);
    inventory->module_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct inventory_module *module = &inventory->module[i];
        archive_text(archive, module->name, sizeof(module->name));
        archive_u64(archive, &module->keys);
        archive_u64(archive, &module->stored_bytes);
    }
}

void inventory_archive(struct inventory *inventory, struct archive *archive)
{
    archive_rows(inventory, archive);
    archive_databases(inventory, archive);
    archive_modules(inventory, archive);
    archive_sums(&inventory->timed_hashes, 1, archive);
    archive_u64(archive, &inventory->timed_fields);
    archive_u64(archive, &inventory->damaged_keys);
    archive_array(archive, inventory->name_bins, INVENTORY_BINS);
    archive_u64(archive, &inventory->longest_name);
    archive_u64(archive, &inventory->idle_keys);
    archive_u64(archive, &inventory->frequency_keys);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        archive_sparse_sums(inventory->expiring[type], TTL_NONE, archive);
        archive_sparse_sums(inventory->idle[type], IDLE_COUNT, archive);
        archive_sparse_sums(inventory->frequency[type], FREQUENCY_COUNT, archive);
    }
}
