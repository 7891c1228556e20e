#include "archive/archive.h"
#include "grow.h"
#include "keyspace_internal.h"

enum { MAX_ARCHIVED_EXPIRIES = 1 << 15 }; /* of all databases together */

/* Slots that have something: how many others are before each, its counts, and whether the file has a record of it. */
static void archive_slots(struct keyspace_database *database, struct archive *archive)
{
    bool has_slots = database->slots != NULL;
    archive_bool(archive, &has_slots);
    if (!has_slots)
        return;
    if (database->db >= KEYSPACE_SLOTTED_DATABASES) {
        archive->failed = true;
        return;
    }
    if (!database->slots)
        database->slots = allocate(KEYSPACE_SLOTS, sizeof *database->slots);
    uint64_t *counts = allocate(2 * KEYSPACE_SLOTS, sizeof *counts);
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++) {
        counts[2 * i] = (uint64_t)database->slots[i].keys << 1 | database->slots[i].has_info;
        counts[2 * i + 1] = database->slots[i].expires;
    }
    archive_sparse(archive, counts, 2 * (size_t)KEYSPACE_SLOTS);
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++) {
        database->slots[i].keys = (uint32_t)(counts[2 * i] >> 1);
        database->slots[i].has_info = counts[2 * i] & 1;
        database->slots[i].expires = (uint32_t)counts[2 * i + 1];
    }
    free(counts);
}

/* The index is played through again from the times in their order of arrival; `*room`: for so many of them. */
static void archive_field_index(const struct keyspace *ks, struct keyspace_database *database, size_t *room,
                                struct archive *archive)
{
    size_t kept = 0;
    const uint64_t *time = NULL;
    if (!archive->reads && ks->fields)
        time = field_index_times(ks->fields, database->serial, &kept);
    kept = kept < *room ? kept : *room;
    archive_u64(archive, &database->field_items);
    archive_count(archive, &kept, MAX_ARCHIVED_EXPIRIES);
    *room -= archive->reads ? 0 : kept;
    int64_t last = 0;
    for (size_t i = 0; i < kept && !archive->failed; i++) {
        int64_t step = time != NULL ? (int64_t)(time[i] - (uint64_t)last) : 0;
        archive_i64(archive, &step);
        last = (int64_t)((uint64_t)last + (uint64_t)step);
        if (archive->reads && ks->fields)
            field_index_add(ks->fields, database->serial, last);
    }
    if (database->field_items < kept)
        database->field_items = kept;
}

/* Not the names, but what the index over them takes: by allocator, of the view that has it. */
static void archive_slot_index(const struct keyspace *ks, struct keyspace_database *database, struct archive *archive)
{
    struct slot_index_sum sum = database->past;
    if (!archive->reads) {
        sum.keys = database->names.keys + database->past.keys;
        for (size_t i = 0; i < ks->plan->view_count; i++) {
            const struct planned_view *view = &ks->plan->view[i];
            if (view_has_slot_index(view))
                sum.held[view->allocator] = slot_index_held(view, database);
        }
    }
    archive_u64(archive, &sum.keys);
    if (sum.keys != 0)
        archive_array(archive, sum.held, ALLOCATOR_COUNT);
    if (archive->reads)
        database->past = sum;
}

static void archive_database(const struct keyspace *ks, struct keyspace_database *database, size_t *room,
                             struct archive *archive)
{
    archive_u64(archive, &database->keys);
    archive_u64(archive, &database->expires);
    archive_u64(archive, &database->hint_keys);
    archive_u64(archive, &database->hint_expires);
    archive_u64(archive, &database->volatile_hashes);
    archive_u64(archive, &database->producer_streams);
    archive_bool(archive, &database->has_hint);
    archive_slots(database, archive);
    archive_slot_index(ks, database, archive);
    archive_field_index(ks, database, room, archive);
}

void keyspace_archive(struct keyspace *ks, struct archive *archive)
{
    size_t count = ks->count, room = MAX_ARCHIVED_EXPIRIES;
    uint64_t next = 0;
    archive_count(archive, &count, KEYSPACE_MAX_DATABASES);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        uint64_t gap = archive->reads ? 0 : ks->database[i]->db - next;
        archive_within(archive, &gap, UINT64_MAX - next);
        archive_database(ks, archive->reads ? keyspace_new_database(ks, ks->count, next + gap) : ks->database[i], &room,
                         archive);
        next += gap + 1;
        if (next == 0 && i + 1 < count) /* behind the largest number there is none */
            archive->failed = true;
    }
    archive_u64(archive, &ks->libraries);
    archive_u64(archive, &ks->functions);
    archive_u64(archive, &ks->vm_bytes);
    uint64_t texts = 0; /* which the bands tell */
    for (int i = 0; i < TEXT_BANDS; i++)
        texts += ks->code.band[i];
    archive_u64(archive, &texts);
    archive_u64(archive, &ks->code.bytes);
    archive_array(archive, ks->code.band, TEXT_BANDS);
}
