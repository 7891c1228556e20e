#include "alike.h"

#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"

/* Where flags lie in `others`; bit 0 is always set. */
enum { HAS_EXPIRY = 1, IS_EXPIRED, IS_INTEGER, IS_SHARED, IS_STORED, IDLE_AT = 8, NAME_AT = 16, DATABASE_AT = 40 };

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
    enum { SHARED_INTEGERS = 10000 }; /* redis src/server.h OBJ_SHARED_INTEGERS */
    enum { LONGEST = UINT16_MAX };    /* what a longer one costs may depend on those before: shape.c */
    bool is_too_large = record->elements > LONGEST || record->key_len >> (DATABASE_AT - NAME_AT) != 0 ||
                        record->db >> (64 - DATABASE_AT) != 0;
    if (record->type != OBJECT_STRING || is_too_large || record->facts.metadata_classes)
        return false;
    const struct shape_text *text = shape_string_text(record->shape);
    bool is_shared = text->is_integer && text->integer >= 0 && text->integer < SHARED_INTEGERS;
    unsigned idle = record->has_idle ? inventory_bin(record->idle_seconds) + 1 : 0;
    tag->pattern_hash = pattern_hash;
    tag->len = record->elements;
    tag->saved = record->stored_saved;
    tag->others = 1 | (uint64_t)record->has_expiry << HAS_EXPIRY | (uint64_t)record->is_expired << IS_EXPIRED |
                  (uint64_t)text->is_integer << IS_INTEGER | (uint64_t)is_shared << IS_SHARED |
                  (uint64_t)text->stored_as_integer << IS_STORED | (uint64_t)idle << IDLE_AT |
                  record->key_len << NAME_AT | record->db << DATABASE_AT;
    return true;
}

static uint64_t hash_of(const struct alike_tag *tag)
{
    uint64_t hash = tag->pattern_hash ^ tag->len * UINT64_C(0x9e3779b97f4a7c15) ^ tag->saved << 7 ^
                    tag->others * UINT64_C(0x9fb21c651e98df25);
    return hash * UINT64_C(0x5851f42d4c957f2d);
}

struct alike *alike_entry(struct alike_table *table, const struct alike_tag *tag)
{
    return &table->entry[hash_of(tag) >> 32 & (ALIKE_ENTRIES - 1)];
}

bool alike_is_due(struct alike *entry, const struct alike_tag *tag)
{
    uint64_t hash = hash_of(tag);
    if (entry->candidate == hash)
        return true;
    entry->candidate = hash;
    return false;
}

bool alike_is(const struct alike *entry, const struct alike_tag *tag)
{
    return entry->tag.pattern_hash == tag->pattern_hash && entry->tag.len == tag->len &&
           entry->tag.saved == tag->saved && entry->tag.others == tag->others;
}

void alike_take(struct alike_table *table, struct alike *entry, const struct alike_tag *tag,
                const struct record *record)
{
    if (entry->tag.others == 0)
        table->used[table->used_count++] = (uint16_t)(entry - table->entry);
    entry->tag = *tag;
    *alike_record(table, entry) = *record;
}

void alike_clear(struct alike_table *table)
{
    for (uint32_t i = 0; i < table->used_count; i++)
        table->entry[table->used[i]].tag.others = 0;
    table->used_count = 0;
}
