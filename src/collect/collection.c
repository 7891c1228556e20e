/* A collection: the state of the wanted collectors, and for each type the short list of those that want its records. */
#include <stdlib.h>

#include <string.h>

#include "alike.h"
#include "alternatives.h"
#include "archive/archive.h"
#include "collector.h"
#include "file_facts.h"
#include "grouping.h"
#include "inventory.h"
#include "key_pattern.h"
#include "memory.h"

enum { MAX_COLLECTORS = 32 };

/* A wanted collector, with its row's add(). */
struct adder {
    void (*add)(void *self, const struct collect_context *context, const struct record *record);
    void *self;
    const struct collector *row;
};

struct adders {
    unsigned count;
    struct adder adder[MAX_COLLECTORS];
};

struct collection {
    struct collect_context context;
    struct inventory *inventory;
    struct alternatives *alternatives; /* NULL: no wanted row needs them */
    struct key_pattern pattern;
    struct key_pattern_memos memos;
    bool knows_pattern; /* `pattern` is that of the record to come */
    unsigned needs;
    bool wanted[MAX_COLLECTORS];
    bool is_read[MAX_COLLECTORS]; /* its chunk came */
    bool alternatives_are_read, hides_names;
    void *state[MAX_COLLECTORS]; /* NULL where the collector has none */
    struct alike_table *alike;
    /* By type: those that take alike strings together, and those that get every record. */
    struct adders sums[OBJECT_TYPE_COUNT], keys[OBJECT_TYPE_COUNT];
    struct adders forgetful, expecting; /* those that have is_full(), expect() */
};

static void start(struct collection *collection, size_t index, const struct collector *row)
{
    collection->wanted[index] = true;
    if (row->size == 0)
        return;
    collection->state[index] = memory_new(1, row->size);
    if (row->init)
        row->init(collection->state[index], &collection->context);
    const struct adder adder = {row->add, collection->state[index], row};
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++) {
        struct adders *adders = row->takes_alike ? &collection->sums[type] : &collection->keys[type];
        if (row->types & 1U << type)
            adders->adder[adders->count++] = adder;
    }
    if (row->is_full)
        collection->forgetful.adder[collection->forgetful.count++] = adder;
    if (row->expect)
        collection->expecting.adder[collection->expecting.count++] = adder;
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
    collection->alike = memory_new(1, sizeof(*collection->alike));
    alike_init(collection->alike);
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
    alike_release(collection->alike);
    free(collection->alike);
    inventory_free(collection->inventory);
    alternatives_free(collection->alternatives);
    free(collection);
}

/* ---- records -------------------------------------------------------------------------------------------------------
 */

static inline void add_to(const struct adders *adders, const struct collect_context *context,
                          const struct record *record)
{
    const struct adder *end = adders->adder + adders->count;
    for (const struct adder *adder = adders->adder; adder < end; adder++)
        adder->add(adder->self, context, record);
}

/* What is the same for all keys that the record stands for. */
static void add_sums(const struct collection *collection, const struct collect_context *context,
                     const struct record *record, uint32_t row)
{
    inventory_add_sums(collection->inventory, record);
    if (collection->alternatives)
        alternatives_add_sums(collection->alternatives, row, record);
    add_to(&collection->sums[record->type], context, record);
}

/* What is to be done for each of them, whatever its name. */
static inline void add_key(struct collection *collection, const struct record *record, uint32_t row)
{
    if (inventory_has_times(record))
        inventory_add_times(collection->inventory, record);
    if (collection->alternatives)
        collection->context.row = alternatives_add_key(collection->alternatives, row, &collection->pattern, record);
}

static void add_waiting(const struct collection *collection, struct alike *entry)
{
    if (entry->waiting == 0)
        return;
    struct collect_context context = collection->context;
    context.pattern_hash = entry->tag.pattern_hash;
    struct record *record = alike_record(collection->alike, entry);
    record->more = entry->waiting - 1;
    entry->waiting = 0;
    add_sums(collection, &context, record, entry->row);
}

/* Everything that came is in the sums: before they are read, and before tables drop what alike strings are counted
 * for. */
static void settle(const struct collection *collection)
{
    for (uint32_t i = 0; i < collection->alike->used_count; i++)
        add_waiting(collection, &collection->alike->entry[collection->alike->used[i]]);
    alike_clear(collection->alike);
}

static bool may_drop(const struct collection *collection)
{
    const struct adders *adders = &collection->forgetful;
    if (collection->alternatives && alternatives_are_full(collection->alternatives))
        return true;
    for (unsigned i = 0; i < adders->count; i++)
        if (adders->adder[i].row->is_full(adders->adder[i].self))
            return true;
    return false;
}

static void expect(const struct collection *collection)
{
    const struct adders *adders = &collection->expecting;
    for (unsigned i = 0; i < adders->count; i++)
        adders->adder[i].row->expect(adders->adder[i].self, collection->context.pattern_hash);
}

/* Returns its row of alternatives. */
static uint32_t add_first(struct collection *collection, struct record *record)
{
    expect(collection);
    if (record->cost_is_due)
        record_cost(record, collection->context.plan);
    if (may_drop(collection))
        settle(collection);
    uint32_t row = collection->alternatives ? alternatives_row(collection->alternatives, &collection->context, record)
                                            : ALTERNATIVES_NO_ROW;
    add_sums(collection, &collection->context, record, row);
    return row;
}

static void add_other(struct collection *collection, struct record *record)
{
    uint32_t row = add_first(collection, record);
    add_key(collection, record, row);
    add_to(&collection->keys[record->type], &collection->context, record);
}

/* The largest name_word of strings like this one that is still of interest. */
static uint64_t names_upto(const struct collection *collection, const struct alike *entry, const struct record *record)
{
    const struct adders *adders = &collection->keys[record->type];
    uint64_t upto = collection->alternatives ? grouping_names_upto(&entry->grouped, record, entry->name_from) : 0;
    for (unsigned i = 0; i < adders->count; i++) {
        const struct collector *row = adders->adder[i].row;
        uint64_t own = row->names_upto ? row->names_upto(adders->adder[i].self, record, entry->name_from) : UINT64_MAX;
        upto = own > upto ? own : upto;
    }
    return upto;
}

static inline bool is_named_by(const struct alike *entry, const uint8_t *name, uint32_t len)
{
    return alike_name_word(entry, name, len) <= entry->names_upto;
}

/* `record`: NULL where there is none yet. */
static inline bool add_short(const struct collection *collection, const struct alike *entry, const uint8_t *name,
                             const struct record *record)
{
    return !collection->alternatives ||
           alternatives_add_short(collection->alternatives, &entry->grouped, &collection->pattern, name, record);
}

/* Most strings are not of interest by themselves: there is only to be seen which hash they would be grouped into. */
static void add_alike(struct collection *collection, struct record *record, struct alike *entry)
{
    bool is_named = is_named_by(entry, record->key, record->key_bytes);
    if (!is_named && !entry->is_by_itself && record->value_bytes == 0 &&
        add_short(collection, entry, record->key, record))
        return;
    const struct record *first = alike_record(collection->alike, entry);
    record->cost = first->cost;
    record->expiry_bytes = first->expiry_bytes;
    record->cost_is_due = false;
    add_key(collection, record, entry->row);
    if (!is_named)
        return;
    add_to(&collection->keys[OBJECT_STRING], &collection->context, record);
    entry->names_upto = names_upto(collection, entry, record);
}

/* Of names of one pattern the bytes in front of the first folded one are the same. */
static uint8_t first_varying(const struct collection *collection)
{
    bool has_pattern = collection->needs & COLLECT_NEEDS_PATTERN;
    return has_pattern && collection->pattern.folded ? (uint8_t)__builtin_ctzll(collection->pattern.folded) : 0;
}

static void add_string(struct collection *collection, struct record *record, const struct alike_tag *tag)
{
    struct alike *entry = alike_entry(collection->alike, tag);
    if (alike_is(entry, tag)) {
        entry->waiting++;
    } else if (!alike_is_due(entry, tag)) {
        add_other(collection, record);
        return;
    } else {
        add_waiting(collection, entry);
        uint32_t row = add_first(collection, record);
        alike_take(collection->alike, entry, tag, record, first_varying(collection));
        entry->row = row;
        if (collection->alternatives)
            alternatives_prepare(collection->alternatives, row, &collection->pattern, record, &entry->grouped);
        entry->names_upto = UINT64_MAX;
        entry->is_by_itself = inventory_has_times(record) || record->key_len >= ALTERNATIVES_LONG_NAME;
    }
    add_alike(collection, record, entry);
}

static inline void recall_pattern(struct collection *collection, const uint8_t *name, size_t len)
{
    if (collection->needs & COLLECT_NEEDS_PATTERN)
        collection->context.pattern_hash = key_pattern_recall(&collection->memos, &collection->pattern, name, len);
}

bool collection_add_plain(struct collection *collection, const struct plain_string *string)
{
    struct alike_tag tag;
    recall_pattern(collection, string->name, string->name_len);
    alike_tag_of_plain(string, collection->context.pattern_hash, &tag);
    struct alike *entry = alike_entry(collection->alike, &tag);
    bool is_like_others =
        alike_is(entry, &tag) && !entry->is_by_itself && !is_named_by(entry, string->name, string->name_len);
    if (is_like_others && add_short(collection, entry, string->name, NULL)) {
        entry->waiting++;
        return true;
    }
    collection->knows_pattern = true;
    return false;
}

void collection_add(struct collection *collection, struct record *record)
{
    struct alike_tag tag;
    if (record->damaged) {
        inventory_add(collection->inventory, record);
        return;
    }
    if (!collection->knows_pattern)
        recall_pattern(collection, record->key, record->key_bytes);
    collection->knows_pattern = false;
    if (alike_tag_of(record, collection->context.pattern_hash, &tag))
        add_string(collection, record, &tag);
    else
        add_other(collection, record);
}

const struct collect_context *collection_context(const struct collection *collection)
{
    settle(collection);
    return &collection->context;
}

void collection_merge(struct collection *collection, const struct collection *other)
{
    size_t count;
    const struct collector *row = collectors(&count);
    settle(collection);
    settle(other);
    inventory_merge(collection->inventory, other->inventory);
    if (collection->alternatives && other->alternatives)
        alternatives_merge(collection->alternatives, other->alternatives);
    for (size_t i = 0; i < count; i++)
        collection->wanted[i] &= other->wanted[i];
    for (size_t i = 0; i < count; i++)
        if (collection->state[i] && other->state[i])
            row[i].merge(collection->state[i], other->state[i], &collection->context);
}

void collection_replace(struct collection *collection, struct collection *empty)
{
    collection->context.keyspace = empty->context.keyspace;
    collection->context.file = empty->context.file;
    collection->context.points = empty->context.points;
    collection->context.nodes = empty->context.nodes;
    collection_free(empty);
}

bool collection_depends_on_order(const struct collection *collection)
{
    size_t count;
    const struct collector *row = collectors(&count);
    for (size_t i = 0; i < count; i++)
        if (collection->state[i] && row[i].depends_on_order && row[i].depends_on_order(collection->state[i]))
            return true;
    return inventory_depends_on_order(collection->inventory) ||
           (collection->alternatives && alternatives_depend_on_order(collection->alternatives));
}

bool collection_is_large(const struct collection *collection, unsigned sharers)
{
    size_t count;
    const struct collector *row = collectors(&count);
    for (size_t i = 0; i < count; i++)
        if (collection->state[i] && row[i].is_large && row[i].is_large(collection->state[i], sharers))
            return true;
    return collection->alternatives && alternatives_are_large(collection->alternatives, sharers);
}

void collection_finish_some(const struct collection *collection, const bool *printed, struct document *document)
{
    size_t count;
    const struct collector *row = collectors(&count);
    settle(collection);
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
    settle(collection);
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
