#include "object.h"

#include "cost.h"

static const char *const type_names[OBJECT_TYPE_COUNT] = {
    [OBJECT_STRING] = "string", [OBJECT_LIST] = "list",           [OBJECT_SET] = "set",
    [OBJECT_ZSET] = "zset",     [OBJECT_HASH] = "hash",           [OBJECT_STREAM] = "stream",
    [OBJECT_ARRAY] = "array",   [OBJECT_VECTORSET] = "vectorset", [OBJECT_MODULE] = "module",
};

static const char *const encoding_names[ENCODING_COUNT] = {
    [ENCODING_INT] = "int",
    [ENCODING_EMBSTR] = "embstr",
    [ENCODING_RAW] = "raw",
    [ENCODING_LINKEDLIST] = "linkedlist",
    [ENCODING_ZIPLIST] = "ziplist",
    [ENCODING_QUICKLIST] = "quicklist",
    [ENCODING_LISTPACK] = "listpack",
    [ENCODING_LISTPACKEX] = "listpackex",
    [ENCODING_INTSET] = "intset",
    [ENCODING_HASHTABLE] = "hashtable",
    [ENCODING_SKIPLIST] = "skiplist",
    [ENCODING_STREAM] = "stream",
    [ENCODING_SLICED_ARRAY] = "sliced-array",
    [ENCODING_VECTORSET] = "raw",
    [ENCODING_MODULE] = "raw",
};

static const struct {
    const char *name, *title;
} parts[COST_PART_COUNT] = {
    [COST_PAYLOAD] = {"payload", "payload"},
    [COST_KEY_NAME] = {"key_names", "key names"},
    [COST_ENTRY] = {"entries", "key entries and object headers"},
    [COST_EXPIRES] = {"expires", "expiries"},
    [COST_TABLE] = {"tables", "tables, nodes and containers"},
    [COST_ELEMENT] = {"elements", "per-element overhead"},
    [COST_ROUNDING] = {"rounding", "allocator rounding"},
};

const char *object_type_name(enum object_type type)
{
    return (unsigned)type < OBJECT_TYPE_COUNT ? type_names[type] : "unknown";
}

const char *object_encoding_name(enum object_encoding encoding)
{
    return (unsigned)encoding < ENCODING_COUNT ? encoding_names[encoding] : "unknown";
}

const char *cost_part_name(enum cost_part part)
{
    return parts[part].name;
}

const char *cost_part_title(enum cost_part part)
{
    return parts[part].title;
}
