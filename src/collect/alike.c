#include "alike.h"

#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "string_kind.h"

_Static_assert(ALIKE_TEXT_AT + STRING_KIND_FLAG_BITS <= ALIKE_IDLE_AT, "bits of their own");

void alike_init(struct alike_table *table)
{
    *table = (struct alike_table){.entry = memory_new(ALIKE_ENTRIES, sizeof(*table->entry)),
                                  .record = memory_new(ALIKE_ENTRIES, sizeof(*table->record))};
}

void alike_release(struct alike_table *table)
{
    free(table->entry);
    free(table->record);
    *table = (struct alike_table){.entry = NULL};
}

bool alike_tag_of(const struct record *record, uint64_t pattern_hash, struct alike_tag *tag)
{
    /* What a longer value costs may depend on those before: shape.c. */
    bool is_too_large = (record->elements | record->key_len | record->db) >> PLAIN_STRING_BITS != 0;
    if (record->type != OBJECT_STRING || is_too_large || record->facts.metadata_classes)
        return false;
    uint64_t idle = record->has_idle ? inventory_bin(record->idle_seconds) + 1 : 0;
    tag->pattern_hash = pattern_hash;
    tag->saved = record->stored_saved;
    tag->others =
        1 | (uint64_t)record->has_expiry << ALIKE_HAS_EXPIRY | (uint64_t)record->is_expired << ALIKE_IS_EXPIRED |
        (uint64_t)record->has_frequency << ALIKE_HAS_FREQUENCY |
        string_kind_flags(shape_string_text(record->shape)) << ALIKE_TEXT_AT | idle << ALIKE_IDLE_AT |
        record->key_len << ALIKE_NAME_AT | record->elements << ALIKE_VALUE_AT | record->db << ALIKE_DATABASE_AT;
    return true;
}

static uint64_t hash_of(const struct alike_tag *tag)
{
    uint64_t hash = tag->pattern_hash ^ tag->saved << 7 ^ tag->others * UINT64_C(0x9fb21c651e98df25);
    return hash * UINT64_C(0x5851f42d4c957f2d);
}

struct alike *alike_entry(struct alike_table *table, const struct alike_tag *tag)
{
    return &table->entry[hash_of(tag) >> (64 - ALIKE_BITS)];
}

bool alike_is_due(struct alike *entry, const struct alike_tag *tag)
{
    uint64_t hash = hash_of(tag);
    if (entry->candidate == hash)
        return true;
    entry->candidate = hash;
    return false;
}

void alike_take(struct alike_table *table, struct alike *entry, const struct alike_tag *tag,
                const struct record *record, uint8_t name_from)
{
    uint32_t end = name_from + 8U, len = record->key_bytes;
    bool is_cut = len >= 8 && end > len;
    if (entry->tag.others == 0)
        table->used[table->used_count++] = (uint16_t)(entry - table->entry);
    entry->tag = *tag;
    entry->name_from = name_from;
    entry->name_at = is_cut ? (uint8_t)(len - 8) : name_from;
    entry->name_shift = is_cut ? (uint8_t)(8 * (end - len)) : 0;
    *alike_record(table, entry) = *record;
}

void alike_clear(struct alike_table *table)
{
    for (uint32_t i = 0; i < table->used_count; i++)
        table->entry[table->used[i]].tag.others = 0;
    table->used_count = 0;
}
