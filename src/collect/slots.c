#include "slots.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "memory.h"
#include "slot_level.h"
#include "words.h"

enum { ARCHIVED_TAGS_BYTES = 32 << 10, TAGS_DIVISOR = 4 }; /* a quarter as many tags as patterns */

void slots_init(void *self, const struct collect_context *context)
{
    struct slots *slots = self;
    slots->slot = memory_new(SLOTS, sizeof(*slots->slot));
    slot_nodes_init(&slots->nodes);
    slots->nodes.are_files = true;
    group_table_init_of_sums(&slots->tags,
                             (context->limits.groups ? context->limits.groups : GROUP_MAX) / TAGS_DIVISOR);
}

void slots_release(void *self)
{
    struct slots *slots = self;
    free(slots->slot);
    slot_nodes_release(&slots->nodes);
    group_table_release(&slots->tags);
}

/* The tag as a pattern in which nothing is folded, so that the groups' table can hold it. false: there is none. Which
 * part of a name is its tag: redis 7.2 src/cluster.c, keyHashSlot. */
static bool tag_of(const struct record *record, struct key_pattern *tag)
{
    const uint8_t *open = record->key_bytes ? memchr(record->key, '{', record->key_bytes) : NULL;
    if (!open)
        return false;
    size_t left = record->key_bytes - (size_t)(open + 1 - record->key);
    const uint8_t *close = left ? memchr(open + 1, '}', left) : NULL;
    if (!close || close == open + 1)
        return false;
    size_t len = (size_t)(close - open - 1);
    *tag = (struct key_pattern){.len = len < KEY_PATTERN_MAX ? (unsigned)len : KEY_PATTERN_MAX};
    memcpy(tag->word, open + 1, tag->len);
    return true;
}

void slots_add(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    struct slots *slots = self;
    struct key_pattern tag;
    if (record->slot < 0 || record->slot >= SLOTS)
        return;
    slots->slot[record->slot].keys++;
    slots->slot[record->slot].bytes += record->cost.size_in_bytes;
    if (!tag_of(record, &tag))
        return;
    slots->tagged_keys++;
    slots->tagged_bytes += record->cost.size_in_bytes;
    group_table_add_as(&slots->tags, record, &tag, key_pattern_hash(&tag));
}

void slots_end_file(struct collection *collection, const char *path)
{
    struct slots *slots = collection_own_state(collection, "slots");
    uint16_t node = slots ? slot_nodes_named(&slots->nodes, path) : SLOT_NO_NODE;
    for (int i = 0; slots && i < SLOTS; i++) {
        slots->slot[i].files = slots->slot[i].keys != 0;
        slots->nodes.owner[i] = slots->slot[i].keys ? node : SLOT_NO_NODE;
    }
}

/* Before the sums are added. */
static void merge_nodes(struct slots *slots, const struct slots *from)
{
    uint16_t *node = memory_new(from->nodes.count, sizeof(*node));
    for (size_t i = 0; i < from->nodes.count; i++)
        node[i] = slot_nodes_named(&slots->nodes, from->nodes.name[i]);
    slots->nodes.has_more |= from->nodes.has_more;
    for (int i = 0; i < SLOTS; i++) {
        uint16_t *own = &slots->nodes.owner[i];
        uint16_t other = from->nodes.owner[i] == SLOT_NO_NODE ? SLOT_NO_NODE : node[from->nodes.owner[i]];
        if (*own == SLOT_NO_NODE ||
            (other != SLOT_NO_NODE && strcmp(slots->nodes.name[other], slots->nodes.name[*own]) < 0))
            *own = other;
    }
    free(node);
}

bool slots_depend_on_order(const void *self)
{
    return ((const struct slots *)self)->tags.dropped != 0;
}

bool slots_are_large(const void *self, unsigned sharers)
{
    return group_table_is_large(&((const struct slots *)self)->tags, sharers);
}

void slots_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct slots *slots = self;
    const struct slots *from = other;
    merge_nodes(slots, from);
    for (int i = 0; i < SLOTS; i++) {
        slots->slot[i].keys += from->slot[i].keys;
        slots->slot[i].bytes += from->slot[i].bytes;
        slots->slot[i].files += from->slot[i].files;
    }
    slots->tagged_keys += from->tagged_keys;
    slots->tagged_bytes += from->tagged_bytes;
    group_table_merge(&slots->tags, &from->tags);
}

static void archive_nodes(struct slots *slots, struct archive *archive)
{
    bool *in_use = memory_new(SLOTS, sizeof(*in_use));
    for (size_t i = 0; i < SLOTS; i++)
        in_use[i] = slots->slot[i].keys != 0;
    slot_nodes_archive(&slots->nodes, in_use, archive);
    free(in_use);
}

void slots_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct slots *slots = self;
    uint64_t *number = memory_new((size_t)3 * SLOTS, sizeof(*number));
    for (size_t i = 0; i < SLOTS; i++) {
        number[3 * i] = slots->slot[i].keys;
        number[3 * i + 1] = slots->slot[i].bytes;
        number[3 * i + 2] = slots->slot[i].files > 1 ? slots->slot[i].files : 0;
    }
    archive_sparse(archive, number, (size_t)3 * SLOTS);
    for (size_t i = 0; i < SLOTS && archive->reads; i++) {
        slots->slot[i] = (struct slot_sum){number[3 * i], number[3 * i + 1], number[3 * i + 2]};
        if (slots->slot[i].files == 0 && slots->slot[i].keys)
            slots->slot[i].files = 1;
    }
    free(number);
    archive_nodes(slots, archive);
    archive_u64(archive, &slots->tagged_keys);
    archive_u64(archive, &slots->tagged_bytes);
    group_table_archive(&slots->tags, archive_room(archive, ARCHIVED_TAGS_BYTES), archive);
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

struct spread {
    uint64_t used, shared, keys, bytes;
    double deviation; /* of the bytes of a used slot, as a part of their mean */
};

static struct spread spread_of(const struct slots *slots)
{
    struct spread spread = {0};
    double squares = 0;
    for (int i = 0; i < SLOTS; i++) {
        const struct slot_sum *slot = &slots->slot[i];
        spread.used += slot->keys != 0;
        spread.shared += slot->files > 1;
        spread.keys += slot->keys;
        spread.bytes += slot->bytes;
    }
    double mean = spread.used ? (double)spread.bytes / (double)spread.used : 0;
    for (int i = 0; i < SLOTS; i++)
        if (slots->slot[i].keys)
            squares += ((double)slots->slot[i].bytes - mean) * ((double)slots->slot[i].bytes - mean);
    spread.deviation = mean > 0 ? sqrt(squares / (double)spread.used) / mean : 0;
    return spread;
}

struct sort_item {
    uint64_t bytes;
    int slot;
};

static int heavier_first(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->slot - y->slot;
}

static const struct doc_column slot_columns[] = {
    {"slot", "Slot", DOC_COUNT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"times_mean", "Times mean", DOC_NUMBER, 0},
    {"files", "Files", DOC_COUNT, DOC_COLUMN_OPTIONAL},
};

static void write_slots(struct doc_section *section, const struct slots *slots, const struct spread *spread, size_t top)
{
    struct sort_item *item = memory_new(SLOTS, sizeof(*item));
    struct doc_table *table = section_table(section, "heaviest_slots", "Heaviest slots", slot_columns,
                                            sizeof(slot_columns) / sizeof(*slot_columns), DOC_CHART_NONE);
    for (int i = 0; i < SLOTS; i++)
        item[i] = (struct sort_item){slots->slot[i].bytes, i};
    qsort(item, SLOTS, sizeof(*item), heavier_first);
    for (size_t i = 0; i < top && i < spread->used; i++) {
        const struct slot_sum *slot = &slots->slot[item[i].slot];
        const struct doc_value cells[] = {
            doc_count((uint64_t)item[i].slot),
            doc_count(slot->keys),
            doc_bytes(slot->bytes),
            doc_share((double)slot->bytes, (double)spread->bytes),
            doc_number((double)slot->bytes * (double)spread->used / (double)spread->bytes),
            slot->files ? doc_count(slot->files) : doc_none(),
        };
        table_row(table, cells);
    }
    free(item);
}

static const struct doc_column tag_columns[] = {
    {"tag", "Hash tag", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"missing_bytes", "Up to so many more", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

static void write_tags(struct doc_section *section, const struct slots *slots, uint64_t all_bytes, size_t top)
{
    const struct group_table *tags = &slots->tags;
    struct doc_table *table = section_table(section, "heaviest_tags", "Heaviest hash tags", tag_columns,
                                            sizeof(tag_columns) / sizeof(*tag_columns), DOC_CHART_NONE);
    uint32_t *order = group_table_sorted(tags);
    for (size_t i = 0; i < top && i < tags->count; i++) {
        const struct group *tag = &tags->group[order[i]];
        const struct group_name *name = &tags->name[order[i]];
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, name->text, name->len, name->len),
            doc_count(tag->keys),
            doc_bytes(tag->bytes),
            doc_share((double)tag->bytes, (double)all_bytes),
            doc_bytes(tag->missing),
        };
        table_row(table, cells);
    }
    free(order);
}

/* What is to be levelled: what --nodes says, or the files where they are those of one cluster. */
static const struct slot_nodes *nodes_of(const struct slots *slots, const struct collect_context *context,
                                         const struct spread *spread)
{
    enum { MOVING_DIVISOR = 256 }; /* so many slots at most are in two files because they were moving */
    if (context->nodes)
        return context->nodes;
    bool are_shards = spread->shared <= spread->used / MOVING_DIVISOR;
    return slots->nodes.count > 1 && !slots->nodes.has_more && are_shards ? &slots->nodes : NULL;
}

void slots_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                  struct document *document)
{
    const struct slots *slots = self;
    struct spread spread = spread_of(slots);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (spread.used == 0) {
        section_note(section, DOC_INFO, "No key has a slot.");
        return;
    }
    section_fact(section, "used_slots", "Slots with keys", doc_count(spread.used));
    section_fact(section, "shared_slots", "Slots in several files", doc_count(spread.shared));
    section_fact(section, "deviation", "Deviation of their bytes", doc_share(spread.deviation, 1));
    section_fact(section, "tagged_keys", "Keys with a hash tag", doc_count(slots->tagged_keys));
    section_fact(section, "tagged_bytes", "Their bytes", doc_bytes(slots->tagged_bytes));
    const struct slot_nodes *nodes = nodes_of(slots, context, &spread);
    if (nodes)
        slot_level_write(section, slots->slot, nodes, context->top);
    if (context->top)
        write_slots(section, slots, &spread, context->top);
    if (context->top && slots->tags.count)
        write_tags(section, slots, spread.bytes, context->top);
    if (spread.shared)
        section_note(section, DOC_INFO,
                     "%" PRIu64 " %s keys in several files: these are not the shards of one cluster, or slots were "
                     "moving.",
                     spread.shared, words_for(spread.shared, "slot has", "slots have"));
}

void slots_hide(void *self, const struct doc_hider *hider)
{
    group_table_hide(&((struct slots *)self)->tags, hider);
}
