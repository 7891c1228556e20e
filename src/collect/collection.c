/* A collection: the state of the wanted collectors, and for each type the short list of those that want its records. */
#include <stdlib.h>

#include <string.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "collector.h"
#include "file_facts.h"
#include "inventory.h"
#include "key_pattern.h"
#include "memory.h"

enum { MAX_COLLECTORS = 32 };

struct adder {
    void (*add)(void *self, const struct collect_context *context, const struct record *record);
    void *self;
};

struct collection {
    struct collect_context context;
    struct inventory *inventory;
    struct alternatives *alternatives; /* NULL: no wanted row needs them */
    struct key_pattern pattern;
    unsigned needs;
    bool wanted[MAX_COLLECTORS];
    bool is_read[MAX_COLLECTORS]; /* its chunk came */
    bool alternatives_are_read, hides_names;
    void *state[MAX_COLLECTORS]; /* NULL where the collector has none */
    unsigned adder_count[OBJECT_TYPE_COUNT];
    struct adder adder[OBJECT_TYPE_COUNT][MAX_COLLECTORS];
};

static void start(struct collection *collection, size_t index, const struct collector *row)
{
    collection->wanted[index] = true;
    if (row->size == 0)
        return;
    collection->state[index] = memory_new(1, row->size);
    if (row->init)
        row->init(collection->state[index], &collection->context);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        if (row->types & 1U << type)
            collection->adder[type][collection->adder_count[type]++] =
                (struct adder){row->add, collection->state[index]};
}

unsigned collectors_need(const bool *wanted)
{
    size_t count;
    unsigned needs = 0;
    const struct collector *row = collectors(&count);
    for (size_t i = 0; i < count; i++)
        if (wanted ? wanted[i] : row[i].by_default)
            needs |= row[i].needs;
    return needs;
}

static void *state_of(const struct collection *collection, const char *id)
{
    size_t count;
    const struct collector *row = collectors(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(row[i].id, id) == 0)
            return collection->state[i];
    return NULL;
}

const void *collection_state(const struct collect_context *context, const char *id)
{
    return state_of(context->collection, id);
}

void *collection_own_state(struct collection *collection, const char *id)
{
    return state_of(collection, id);
}

/* Slots are of interest where there is a cluster. */
static bool is_default(const struct collector *row, const struct collect_context *context)
{
    bool is_cluster = context->file && context->file->is_cluster;
    return row->by_default || (is_cluster && (row->needs & COLLECT_NEEDS_SLOTS));
}

struct collection *collection_new(const struct collect_context *context, const bool *wanted)
{
    size_t count;
    const struct collector *row = collectors(&count);
    struct collection *collection = memory_new(1, sizeof(*collection));
    collection->inventory = inventory_new(context->now_ms);
    collection->context = *context;
    collection->context.inventory = collection->inventory;
    collection->context.collection = collection;
    collection->context.pattern = &collection->pattern;
    collection->needs = collectors_need(wanted);
    if ((collection->needs & COLLECT_NEEDS_ALTERNATIVES) == COLLECT_NEEDS_ALTERNATIVES)
        collection->alternatives = alternatives_new(&collection->context);
    collection->context.alternatives = collection->alternatives;
    for (size_t i = 0; i < count; i++)
        if (wanted ? wanted[i] : is_default(&row[i], context))
            start(collection, i, &row[i]);
    return collection;
}

void collection_free(struct collection *collection)
{
    if (!collection)
        return;
    size_t count;
    const struct collector *row = collectors(&count);
    for (size_t i = 0; i < count; i++) {
        if (collection->state[i] && row[i].release)
            row[i].release(collection->state[i]);
        free(collection->state[i]);
    }
    inventory_free(collection->inventory);
    alternatives_free(collection->alternatives);
    free(collection);
}

void collection_add(struct collection *collection, const struct record *record)
{
    inventory_add(collection->inventory, record);
    if (record->damaged)
        return;
    if (collection->needs & COLLECT_NEEDS_PATTERN) {
        key_pattern_of(&collection->pattern, record->key, record->key_bytes);
        collection->context.pattern_hash = key_pattern_hash(&collection->pattern);
    }
    if (collection->alternatives)
        collection->context.row = alternatives_add(collection->alternatives, &collection->context, record);
    const struct adder *adder = collection->adder[record->type];
    for (unsigned i = 0, n = collection->adder_count[record->type]; i < n; i++)
        adder[i].add(adder[i].self, &collection->context, record);
}

const struct collect_context *collection_context(const struct collection *collection)
{
    return &collection->context;
}

void collection_merge(struct collection *collection, const struct collection *other)
{
    size_t count;
    const struct collector *row = collectors(&count);
    inventory_merge(collection->inventory, other->inventory);
    if (collection->alternatives && other->alternatives)
        alternatives_merge(collection->alternatives, other->alternatives);
    for (size_t i = 0; i < count; i++)
        collection->wanted[i] &= other->wanted[i];
    for (size_t i = 0; i < count; i++)
        if (collection->state[i] && other->state[i])
            row[i].merge(collection->state[i], other->state[i], &collection->context);
}

void collection_finish_some(const struct collection *collection, const bool *printed, struct document *document)
{
    size_t count;
    const struct collector *row = collectors(&count);
    if (collection->alternatives)
        alternatives_flush(collection->alternatives);
    for (size_t i = 0; i < count; i++)
        if (collection->wanted[i] && (printed == NULL || printed[i]))
            row[i].finish(collection->state[i], &collection->context, &row[i], document);
}

bool collection_has(const struct collection *collection, size_t index)
{
    return collection->wanted[index];
}

void collection_set_now(struct collection *collection, int64_t now_ms)
{
    collection->context.now_ms = now_ms;
}

void collection_hide_names(struct collection *collection, const struct doc_hider *hider)
{
    size_t count;
    const struct collector *row = collectors(&count);
    collection->hides_names = true;
    if (collection->alternatives)
        alternatives_hide(collection->alternatives, hider);
    for (size_t i = 0; i < count; i++)
        if (collection->state[i] && row[i].hide)
            row[i].hide(collection->state[i], hider);
}

static const char inventory_chunk[] = "inventory", alternatives_chunk[] = "alternatives",
                  row_changes_chunk[] = "row_changes";

void collection_write(struct collection *collection, struct archive *archive)
{
    size_t count, begun = archive_chunk_begin(archive, inventory_chunk);
    const struct collector *row = collectors(&count);
    inventory_archive(collection->inventory, archive);
    archive_chunk_end(archive, begun);
    if (collection->alternatives) {
        begun = archive_chunk_begin(archive, alternatives_chunk);
        alternatives_archive(collection->alternatives, archive);
        archive_chunk_end(archive, begun);
        begun = archive_chunk_begin(archive, row_changes_chunk);
        row_changes_archive(collection->alternatives, archive);
        archive_chunk_end(archive, begun);
    }
    for (size_t i = 0; i < count; i++) {
        if (!collection->state[i] || !row[i].archive || (collection->hides_names && row[i].has_hashes))
            continue;
        begun = archive_chunk_begin(archive, row[i].id);
        row[i].archive(collection->state[i], &collection->context, archive);
        archive_chunk_end(archive, begun);
    }
}

bool collection_read(struct collection *collection, const char *name, struct archive *chunk)
{
    size_t count;
    const struct collector *row = collectors(&count);
    if (strcmp(name, inventory_chunk) == 0) {
        inventory_archive(collection->inventory, chunk);
        return true;
    }
    if (strcmp(name, alternatives_chunk) == 0 && collection->alternatives) {
        alternatives_archive(collection->alternatives, chunk);
        return collection->alternatives_are_read = true;
    }
    if (strcmp(name, row_changes_chunk) == 0 && collection->alternatives) {
        row_changes_archive(collection->alternatives, chunk);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, row[i].id) != 0 || !collection->state[i] || !row[i].archive)
            continue;
        row[i].archive(collection->state[i], &collection->context, chunk);
        return collection->is_read[i] = true;
    }
    return false;
}

void collection_end_read(struct collection *collection)
{
    size_t count;
    const struct collector *row = collectors(&count);
    for (size_t i = 0; i < count; i++) {
        bool needs_alternatives = (row[i].needs & COLLECT_NEEDS_ALTERNATIVES) == COLLECT_NEEDS_ALTERNATIVES;
        if ((row[i].size != 0 && !collection->is_read[i]) || (needs_alternatives && !collection->alternatives_are_read))
            collection->wanted[i] = false;
    }
}

void collection_finish(const struct collection *collection, struct document *document)
{
    collection_finish_some(collection, NULL, document);
}
