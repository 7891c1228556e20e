#include "record_builder.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "model/size_census.h"
#include "record_values.h"
#include "slot.h"

enum {
    NAME_LEAST = 256, /* bytes that there is always room for */
    NAME_KEPT = 4096  /* room for a longer name is given back with the next one */
};

/* ---- what lies in the file, as the model sees it -------------------------------------------------------------------
 */

static const enum shape_origin origins[RDB_ENC_COUNT] = {
    [RDB_ENC_HASH_ZIPMAP] = ORIGIN_ZIPMAP,
    [RDB_ENC_LIST_ZIPLIST] = ORIGIN_ZIPLIST,
    [RDB_ENC_SET_INTSET] = ORIGIN_INTSET,
    [RDB_ENC_ZSET_ZIPLIST] = ORIGIN_ZIPLIST,
    [RDB_ENC_HASH_ZIPLIST] = ORIGIN_ZIPLIST,
    [RDB_ENC_LIST_QUICKLIST] = ORIGIN_QUICKLIST,
    [RDB_ENC_HASH_LISTPACK] = ORIGIN_LISTPACK,
    [RDB_ENC_ZSET_LISTPACK] = ORIGIN_LISTPACK,
    [RDB_ENC_LIST_QUICKLIST_2] = ORIGIN_QUICKLIST_2,
    [RDB_ENC_SET_LISTPACK] = ORIGIN_LISTPACK,
    [RDB_ENC_HASH_METADATA_PRE_GA] = ORIGIN_FIELD_EXPIRES,
    [RDB_ENC_HASH_LISTPACK_EX_PRE_GA] = ORIGIN_LISTPACK_EX,
    [RDB_ENC_HASH_METADATA] = ORIGIN_FIELD_EXPIRES,
    [RDB_ENC_HASH_LISTPACK_EX] = ORIGIN_LISTPACK_EX,
    [RDB_ENC_VALKEY_HASH_2] = ORIGIN_FIELD_EXPIRES,
    [RDB_ENC_DRAGONFLY_HASH_EXPIRY] = ORIGIN_FIELD_EXPIRES,
    /* All others hold their elements one by one: ORIGIN_ELEMENTS is 0. */
};
_Static_assert(ORIGIN_ELEMENTS == 0, "the rows left out above");

enum object_type record_object_type(const struct rdb_key *key)
{
    static const enum object_type types[] = {
        [RDB_TYPE_STRING] = OBJECT_STRING, [RDB_TYPE_LIST] = OBJECT_LIST,   [RDB_TYPE_SET] = OBJECT_SET,
        [RDB_TYPE_ZSET] = OBJECT_ZSET,     [RDB_TYPE_HASH] = OBJECT_HASH,   [RDB_TYPE_STREAM] = OBJECT_STREAM,
        [RDB_TYPE_MODULE] = OBJECT_MODULE, [RDB_TYPE_ARRAY] = OBJECT_ARRAY, [RDB_TYPE_OTHER] = OBJECT_MODULE,
    };
    if (key->type == RDB_TYPE_MODULE && strcmp(key->module_name, "vectorset") == 0)
        return OBJECT_VECTORSET;
    return types[key->type];
}

/* ---- builder -------------------------------------------------------------------------------------------------------
 */

static void make_room_for_name(struct record_builder *builder, size_t len)
{
    free(builder->name);
    builder->name_capacity = len > NAME_LEAST ? len : NAME_LEAST;
    builder->name = xmalloc(builder->name_capacity);
}

static void set_long_limits(struct record_builder *builder)
{
    static const struct {
        enum object_type type;
        enum setting limit;
    } limited[] = {{OBJECT_HASH, SETTING_HASH_MAX_VALUE},
                   {OBJECT_SET, SETTING_SET_MAX_VALUE},
                   {OBJECT_ZSET, SETTING_ZSET_MAX_VALUE}};
    const struct settings *settings = &plan_view(builder->plan, 0)->settings;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        builder->long_limit[type] = UINT64_MAX;
    for (size_t i = 0; i < sizeof limited / sizeof *limited; i++)
        if (builder->with_values && settings->value[limited[i].limit] >= 0)
            builder->long_limit[limited[i].type] = (uint64_t)settings->value[limited[i].limit];
}

struct record_builder *record_builder_new(const struct plan *plan, int64_t load_time_ms, bool with_slots,
                                          bool with_values)
{
    struct record_builder *builder = xcalloc(1, sizeof *builder);
    builder->plan = plan;
    builder->with_slots = with_slots;
    builder->with_values = with_values;
    builder->shape = shape_new(plan);
    builder->string = (struct record){.type = OBJECT_STRING,
                                      .stored_encoding = rdb_encoding_name(RDB_ENC_STRING),
                                      .module_name = "",
                                      .stray = builder->stray,
                                      .shape = builder->shape};
    make_room_for_name(builder, 0);
    shape_set_load_time(builder->shape, load_time_ms);
    set_long_limits(builder);
    return builder;
}

void record_builder_cost_other(struct record_builder *builder)
{
    builder->record.with_other = builder->string.with_other = true;
}

void record_builder_rewrite_nodes(struct record_builder *builder, const struct node_points *points)
{
    builder->rewrites = node_rewrites_new(plan_view(builder->plan, 0), points);
}

void record_builder_price_expiries(struct record_builder *builder)
{
    builder->record.with_expiry_bytes = builder->string.with_expiry_bytes = true;
}

void record_builder_count_sizes(struct record_builder *builder)
{
    builder->record.census = builder->string.census = size_census_new(builder->plan);
}

void record_builder_free(struct record_builder *builder)
{
    if (builder == NULL)
        return;
    shape_free(builder->shape);
    size_census_free(builder->record.census);
    node_rewrites_free(builder->rewrites);
    free(builder->name);
    free(builder);
}

/* Copies the name: the parser's bytes are gone when the value has been read. */
static void take_name(struct record_builder *builder, const struct rdb_string *name)
{
    const uint8_t *bytes = name->bytes;
    size_t len = name->bytes_len;
    if (name->form != RDB_STRING_RAW || len > RECORD_MAX_NAME)
        len = rdb_string_bytes(name, RECORD_MAX_NAME, &bytes);
    if (len > builder->name_capacity || builder->name_capacity > NAME_KEPT)
        make_room_for_name(builder, len);
    if (len > 0)
        memcpy(builder->name, bytes, len);
    builder->record.key = builder->name;
    builder->record.key_bytes = (uint32_t)len;
    builder->record.key_len = name->len;
}

/* What every record has beside its name. */
static inline void take_common(struct record_builder *builder, struct record *record, uint64_t db, bool is_expired,
                               const struct rdb_event *event)
{
    const struct rdb_key *key = &event->key; /* RDB_EVENT_STRING_KEY: string_key.key, which is the same */
    record->db = db;
    record->offset = event->offset;
    record->is_expired = is_expired;
    record->expire_at_ms = key->expire_at_ms;
    record->idle_seconds = key->idle_seconds;
    record->lfu_frequency = key->lfu_frequency;
    record->has_expiry = key->has_expiry;
    record->has_idle = key->has_idle;
    record->has_frequency = key->has_frequency;
    record->facts.name_len = key->name.len;
    record->facts.has_expiry = key->has_expiry;
    record->facts.metadata_classes = key->metadata_classes;
    record->value = NULL;
    record->value_bytes = 0;
    record->slot = builder->with_slots ? (int)slot_of_key(record->key, record->key_bytes) : -1;
    if (record->census)
        size_census_begin(record->census);
}

/* Every member is set, here or by the callers, one by one: clearing all of it first costs more than the rest. */
static void take_attributes(struct record_builder *builder, const struct rdb_key *key)
{
    struct record *record = &builder->record;
    record->type = record_object_type(key);
    record->stored_encoding = rdb_encoding_name(key->encoding);
    record->module_name = builder->module_name;
    record->shape = builder->shape;
    record->damaged = false;
    record->strays = 0;
    record->stray = builder->stray;
    record->long_element = NULL;
    builder->long_from = builder->long_limit[record->type];
    record->elements = record->longest = record->timed_fields = record->stored_bytes = record->stored_saved = 0;
    if (key->type == RDB_TYPE_MODULE)
        memcpy(builder->module_name, key->module_name, sizeof builder->module_name);
    else
        builder->module_name[0] = '\0';
}

void record_builder_begin(struct record_builder *builder, uint64_t db, bool is_expired, const struct rdb_event *event)
{
    const struct rdb_key *key = &event->key;
    struct record *record = &builder->record;
    take_name(builder, &key->name);
    take_attributes(builder, key);
    take_common(builder, record, db, is_expired, event);
    bool has_nodes = record->type == OBJECT_LIST || record->type == OBJECT_STREAM;
    record->rewrites = has_nodes ? builder->rewrites : NULL;
    if (record->rewrites)
        node_rewrites_begin(builder->rewrites, record->type);
    record->stream = record->type == OBJECT_STREAM ? &builder->stream.stream : NULL;
    if (record->stream)
        stream_facts_begin(&builder->stream);
    shape_begin(builder->shape, record->type, origins[key->encoding], key->count);
    if (key->type == RDB_TYPE_MODULE)
        shape_module_begin(builder->shape, builder->module_name, (unsigned)(key->module_id & 1023));
}

struct record *record_builder_string(struct record_builder *builder, uint64_t db, bool is_expired,
                                     const struct rdb_event *event)
{
    const struct rdb_string_key *whole = &event->string_key;
    struct record *record = &builder->string;
    record->key = whole->key.name.bytes;
    record->key_bytes = whole->key.name.bytes_len;
    record->key_len = whole->key.name.len;
    take_common(builder, record, db, is_expired, event);
    record->stored_bytes = whole->stored_bytes;
    record_builder_take_string(builder, record, &whole->value);
    shape_string_alone(builder->shape, whole->value.form == RDB_STRING_LZF, whole->stored_bytes);
    record->elements = record->longest = whole->value.len;
    record->cost_is_due = true;
    return record;
}

const struct record *record_builder_current(const struct record_builder *builder)
{
    return &builder->record;
}

struct record *record_builder_close(struct record_builder *builder, const struct rdb_event *event)
{
    struct record *record = &builder->record;
    record->stored_bytes = event->key_end.stored_bytes;
    record->damaged = event->key_end.damaged;
    record->cost_is_due = true;
    shape_end(builder->shape, record->stored_bytes);
    if (record->rewrites)
        node_rewrites_end(builder->rewrites);
    if (record->stream)
        stream_facts_end(&builder->stream);
    if (!record->damaged) {
        record->elements = shape_elements(builder->shape);
        record->longest = shape_longest(builder->shape);
        if (record->type == OBJECT_HASH)
            record->timed_fields = shape_fields_with_expiry(builder->shape);
    }
    return record;
}
