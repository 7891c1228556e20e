/* The types that have a packed form under limits, with what people call their elements: one row a type. */
#ifndef PACKED_TYPES_H
#define PACKED_TYPES_H

#include <stdbool.h>

#include "model/object.h"
#include "model/settings.h"

struct packed_type {
    enum object_type type;
    enum setting entries, value;  /* its limits */
    const char *plural, *noun;    /* "hashes", "hash" */
    const char *entry, *entries_; /* "field", "fields" */
    const char *text;             /* what the value limit is about: "field or value" */
};

/* NULL for types without such limits. */
const struct packed_type *packed_type_of(enum object_type type);

/* Whether an encoding is one block that commands scan. */
static inline bool encoding_is_packed(enum object_encoding encoding)
{
    enum { PACKED = 1 << ENCODING_ZIPLIST | 1 << ENCODING_LISTPACK | 1 << ENCODING_LISTPACKEX | 1 << ENCODING_INTSET };
    return PACKED >> encoding & 1;
}

/* A setting's name in the redis.conf of a server that packs into `packed`: ziplist names where those are in use. */
const char *packed_setting_name(enum setting setting, enum object_encoding packed);

#endif
