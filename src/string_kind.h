/* Strings of a kind: all that decides what they cost on any server is the same, so that what follows from it is worked
 * out once and kept. Most keys of most files are strings of a few kinds. The table is the caller's: an array of entries
 * that hold their kind, of which each kind has one place. */
#ifndef STRING_KIND_H
#define STRING_KIND_H

#include "record.h"

enum {
    STRING_KIND_TEXT_BITS = 14, /* far below what costs by what was read before (shape.c, remember_freed) */
    STRING_KIND_NAME_BITS = 8,
    STRING_KIND_FLAG_BITS = 3
};

/* What of a text decides, beside its length, what it costs as a string: STRING_KIND_FLAG_BITS bits. */
static inline uint64_t string_kind_flags(const struct shape_text *text)
{
    if (!text->is_integer)
        return 0;
    bool is_shared = text->integer >= 0 && text->integer < OBJECT_SHARED_INTEGERS;
    return 1 | (uint64_t)is_shared << 1 | (uint64_t)text->stored_as_integer << 2;
}

/* 0: of no kind. */
static inline uint64_t string_kind(const struct record *record)
{
    const struct key_facts *facts = &record->facts;
    if (record->type != OBJECT_STRING || record->damaged || facts->metadata_classes != 0)
        return 0;
    const struct shape_text *text = shape_string_text(record->shape);
    if (text->len >> STRING_KIND_TEXT_BITS != 0 || facts->name_len >> STRING_KIND_NAME_BITS != 0)
        return 0;
    uint64_t kind = text->len << STRING_KIND_NAME_BITS | facts->name_len;
    kind = kind << STRING_KIND_FLAG_BITS | string_kind_flags(text);
    return kind << 2 | (uint64_t)facts->has_expiry << 1 | 1;
}

/* Where it lies in a table of 2^bits entries. */
static inline size_t string_kind_place(uint64_t kind, unsigned bits)
{
    return (size_t)(kind * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

#endif
