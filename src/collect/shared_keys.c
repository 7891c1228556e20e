#include "shared_keys.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "inventory.h"
#include "memory.h"

enum { ROOM = 2 * SHARED_KEYS_SAMPLE };

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 35;
}

uint64_t shared_key_hash(const struct record *record)
{
    uint64_t hash = mix(UINT64_C(0x9e3779b97f4a7c15) ^ record->key_len, record->db), word = 0;
    uint32_t at = 0;
    for (; at + 8 <= record->key_bytes; at += 8) {
        memcpy(&word, record->key + at, 8);
        hash = mix(hash, word);
    }
    word = 0;
    if (at < record->key_bytes)
        memcpy(&word, record->key + at, record->key_bytes - at);
    hash = mix(mix(hash, word), UINT64_C(0xd6e8feb86659fd93));
    return mix(hash, hash >> 29);
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct shared_key *)a)->hash, y = ((const struct shared_key *)b)->hash;
    return (x > y) - (x < y);
}

/* Sorts, makes one of equal ones, and keeps the sample. */
static void settle(struct shared_keys *shared)
{
    size_t kept = 0;
    if (shared->count)
        qsort(shared->key, shared->count, sizeof(*shared->key), by_hash);
    for (size_t i = 0; i < shared->count; i++) {
        if (kept && shared->key[kept - 1].hash == shared->key[i].hash)
            shared->key[kept - 1].files += shared->key[i].files;
        else
            shared->key[kept++] = shared->key[i];
    }
    shared->count = kept;
    if (kept <= SHARED_KEYS_SAMPLE)
        return;
    shared->count = SHARED_KEYS_SAMPLE;
    shared->limit = shared->key[SHARED_KEYS_SAMPLE].hash;
    shared->is_cut = true;
}

static void put(struct shared_keys *shared, const struct shared_key *key)
{
    if (shared->is_cut && key->hash >= shared->limit)
        return;
    if (!shared->key)
        shared->key = memory_new(ROOM, sizeof(*shared->key));
    if (shared->count == ROOM)
        settle(shared);
    shared->key[shared->count++] = *key;
}

void shared_keys_add(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    const struct shared_key key = {shared_key_hash(record), 1};
    put(self, &key);
}

void shared_keys_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct shared_keys *shared = self;
    const struct shared_keys *from = other;
    if (from->is_cut && (!shared->is_cut || from->limit < shared->limit)) {
        size_t kept = 0;
        shared->is_cut = true;
        shared->limit = from->limit;
        for (size_t i = 0; i < shared->count; i++)
            if (shared->key[i].hash < shared->limit)
                shared->key[kept++] = shared->key[i];
        shared->count = kept;
    }
    for (size_t i = 0; i < from->count; i++)
        put(shared, &from->key[i]);
    settle(shared);
}

void shared_keys_release(void *self)
{
    struct shared_keys *shared = self;
    if (shared->list)
        free(shared->list->item);
    free(shared->list);
    free(shared->key);
}

/* Files are counted from 2 on: nearly all keys are in one. */
void shared_keys_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct shared_keys *shared = self;
    settle(shared);
    size_t count = shared->count;
    uint64_t next = 0;
    archive_bool(archive, &shared->is_cut);
    archive_u64(archive, &shared->limit);
    archive_count(archive, &count, SHARED_KEYS_SAMPLE);
    if (archive->reads && count)
        shared->key = memory_new(ROOM, sizeof(*shared->key));
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct shared_key *key = &shared->key[i];
        uint64_t gap = key->hash - next;
        archive_within(archive, &gap, UINT64_MAX - next - 1);
        archive_u64(archive, &key->files);
        key->hash = next + gap;
        next = key->hash + 1;
        shared->count = i + 1;
    }
}

static void write_exact(struct doc_section *section, uint64_t keys, uint64_t copies)
{
    section_fact(section, "shared", "In several files", doc_count(keys));
    section_fact(section, "copies", "Copies beyond the first", doc_count(copies));
    section_note(section, keys ? DOC_WARNING : DOC_GOOD,
                 keys ? "Counted exactly. In a cluster a key is in one shard only: a slot that was moving, or files of "
                        "one shard taken twice, show like this."
                      : "No key is in more than one file (counted exactly).");
}

static const struct doc_column columns[] = {
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, 0},
    {"files", "Files", DOC_COUNT, 0},
    {"bytes", "Bytes in all", DOC_BYTES, 0},
    {"in", "In", DOC_NAME, DOC_COLUMN_WIDE},
};

static void write_list(struct doc_section *section, const struct collect_context *context,
                       const struct shared_list *list)
{
    write_exact(section, list->keys, list->copies);
    if (list->keys == 0)
        return;
    section_fact(section, "shared_bytes", "Bytes of the copies", doc_bytes(list->bytes));
    if (context->top == 0)
        return;
    struct doc_table *table = section_table(section, "keys", "Keys in several files, heaviest first", columns,
                                            sizeof(columns) / sizeof(*columns), DOC_CHART_NONE);
    for (size_t i = 0; i < list->count && i < context->top; i++) {
        const struct shared_item *item = &list->item[i];
        size_t places = strlen(item->places);
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item->name, item->name_len, item->name_full_len),
            doc_count(item->db),
            doc_text(object_type_name(item->type)),
            doc_count(item->files),
            doc_bytes(item->bytes),
            doc_name_of(DOC_OURS, item->places, places, places),
        };
        table_row(table, cells);
    }
}

static void write_estimate(struct doc_section *section, const struct collect_context *context,
                           const struct shared_keys *shared, uint64_t found, uint64_t files)
{
    struct inventory_totals all;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &all);
    double sample = (double)shared->count, part = (double)found / sample;
    double different = (double)all.keys * sample / (double)files; /* files: of the sample, copies counted */
    double error = 1.96 * sqrt(part * (1 - part) / sample) * different;
    if (found == 0)
        error = 3 / sample * different; /* the rule of three */
    section_fact(section, "shared", "In several files, about", doc_count((uint64_t)(part * different)));
    section_fact(section, "shared_error", "Off by at most, 19 in 20", doc_count((uint64_t)error));
    section_note(section, found ? DOC_WARNING : DOC_GOOD,
                 "Estimated from the %zu keys with the smallest hashes, of which %" PRIu64
                 " are in more than one file.",
                 shared->count, found);
}

void shared_keys_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                        struct document *document)
{
    struct shared_keys settled = {0};
    uint64_t found = 0, files = 0;
    shared_keys_merge(&settled, self, context);
    for (size_t i = 0; i < settled.count; i++) {
        found += settled.key[i].files > 1;
        files += settled.key[i].files;
    }
    struct doc_section *section = document_section(document, collector->id, collector->title);
    const struct shared_list *list = ((const struct shared_keys *)self)->list;
    if (list)
        write_list(section, context, list);
    else if (settled.is_cut && settled.count)
        write_estimate(section, context, &settled, found, files);
    else
        write_exact(section, found, files - settled.count);
    shared_keys_release(&settled);
}
