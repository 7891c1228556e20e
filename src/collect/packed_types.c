#include "packed_types.h"

#include <stddef.h>

const struct packed_type *packed_type_of(enum object_type type)
{
    static const struct packed_type row[] = {
        {OBJECT_HASH, SETTING_HASH_MAX_ENTRIES, SETTING_HASH_MAX_VALUE, "hashes", "hash", "field", "fields",
         "field or value"},
        {OBJECT_ZSET, SETTING_ZSET_MAX_ENTRIES, SETTING_ZSET_MAX_VALUE, "sorted sets", "sorted set", "member",
         "members", "member"},
        {OBJECT_SET, SETTING_SET_MAX_ENTRIES, SETTING_SET_MAX_VALUE, "sets", "set", "member", "members", "member"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
        if (row[i].type == type)
            return &row[i];
    return NULL;
}

const char *packed_setting_name(enum setting setting, enum object_encoding packed)
{
    const struct setting_info *info = setting_info(setting);
    return packed == ENCODING_ZIPLIST && info->aliases[0] ? info->aliases[0] : info->name;
}
