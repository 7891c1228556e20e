#include "record_builder.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collect/shared_keys.h"
#include "complain.h"
#include "model/size_census.h"
#include "slot.h"
#include "stream_entries.h"
#include "stream_facts.h"

enum {
    WALK_BATCH = 96, /* entries decoded at a time; a multiple of 2 and 3 */
    INTEGER_MAX_LEN = 20,
    SCORE_MAX_LEN = 64,
    HYPERLOGLOG_BYTES = 16 + 12288, /* redis src/hyperloglog.c HLL_DENSE_SIZE */
    VALUE_BUFFER = HYPERLOGLOG_BYTES,
    SQUEEZED_LEAST = 1024, /* bytes, */
    SQUEEZED_PARTS = 8,    /* compressed to less than an eighth: may be a sparse bitmap */
    NAME_LEAST = 256,      /* bytes that there is always room for */
    NAME_KEPT = 4096       /* room for a longer name is given back with the next one */
};

struct record_builder {
    const struct plan *plan;
    struct shape *shape;
    uint8_t *name;
    size_t name_capacity;
    struct node_rewrites *rewrites; /* NULL: nobody asked */
    bool with_slots, with_values;
    uint64_t long_from;                     /* an element longer than this is the record's long element */
    uint64_t long_limit[OBJECT_TYPE_COUNT]; /* where it starts for each type; UINT64_MAX: no such limit */
    enum rdb_pending_owner pending_owner;
    char module_name[10];
    struct record record;
    struct record_stray stray[RECORD_STRAYS];
    struct record_stray long_element;
    struct stream_facts stream;
    uint8_t value[VALUE_BUFFER];
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

bool record_has_field_expiries(const struct rdb_key *key)
{
    return origins[key->encoding] == ORIGIN_FIELD_EXPIRES || origins[key->encoding] == ORIGIN_LISTPACK_EX;
}

/* ---- strings -------------------------------------------------------------------------------------------------------
 */

static void take_compressed_text(struct shape_text *text, const struct rdb_string *string)
{
    const uint8_t *bytes;
    if (string->len <= INTEGER_MAX_LEN && rdb_string_bytes(string, INTEGER_MAX_LEN, &bytes) == string->len)
        text->is_integer = shape_text_is_integer(bytes, string->len, &text->integer);
}

/* Every element passes. Its text is filled in place: a copy of what was just written in smaller pieces stalls. */
__attribute__((always_inline)) static inline void take_text(struct shape_text *text, const struct rdb_string *string)
{
    text->len = string->len;
    text->is_integer = text->stored_as_integer = string->form == RDB_STRING_INT;
    if (text->is_integer)
        text->integer = string->value;
    else if (string->len <= INTEGER_MAX_LEN && string->bytes_len == string->len)
        text->is_integer = shape_text_is_integer(string->bytes, string->len, &text->integer);
    else if (string->form == RDB_STRING_LZF)
        take_compressed_text(text, string);
}

static inline void note_saved(struct record_builder *builder, const struct rdb_string *string)
{
    if (string->form == RDB_STRING_LZF && string->len > string->stored_len)
        builder->record.stored_saved += string->len - string->stored_len;
}

/* First bytes of what record.h offers values of: blanks, digits, signs, '{', the H of "HYLL", zero. */
static const bool looked_at[256] = {
    [0] = true,   [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true, ['+'] = true, ['-'] = true,
    ['.'] = true, ['0'] = true, ['1'] = true,  ['2'] = true,  ['3'] = true,  ['4'] = true, ['5'] = true,
    ['6'] = true, ['7'] = true, ['8'] = true,  ['9'] = true,  ['H'] = true,  ['{'] = true,
};

/* A compressed value that may be a sparse bitmap. */
static bool is_squeezed(const struct rdb_string *string)
{
    return string->form == RDB_STRING_LZF && string->len >= SQUEEZED_LEAST &&
           string->stored_len < string->len / SQUEEZED_PARTS;
}

/* The same for a record whoever builds it, and whichever come before: a drawing by the hash of its name. */
static uint32_t document_weight(const struct record *record)
{
    if (record->offset < RECORD_DOCUMENTS_ALL)
        return 1;
    return shared_key_hash(record) % RECORD_DOCUMENTS_THEN == 0 ? RECORD_DOCUMENTS_THEN : 0;
}

static void look_at_value(struct record_builder *builder, const struct rdb_string *string)
{
    int first = rdb_string_first_byte(string);
    if (first < 0 || (!looked_at[first] && !is_squeezed(string)))
        return;
    const uint8_t *bytes = string->bytes;
    size_t len = string->bytes_len, most = RECORD_VALUE_LOOK;
    builder->record.value_weight = first == '{' ? document_weight(&builder->record) : 1;
    if (builder->record.value_weight == 0)
        return;
    if (first == 'H') {
        if (string->len != HYPERLOGLOG_BYTES && string->len > RECORD_VALUE_LOOK)
            return;
        most = VALUE_BUFFER;
    }
    if (string->form == RDB_STRING_LZF)
        len = rdb_string_bytes(string, most, &bytes);
    len = len < most ? len : most;
    if (len > 0)
        memcpy(builder->value, bytes, len);
    builder->record.value = builder->value;
    builder->record.value_bytes = (uint32_t)len;
}

static void take_stray(struct record_stray *stray, const struct rdb_string *string)
{
    const uint8_t *bytes = NULL;
    size_t len = rdb_string_bytes(string, RECORD_STRAY_BYTES, &bytes);
    stray->len = (uint8_t)(len < RECORD_STRAY_BYTES ? len : RECORD_STRAY_BYTES);
    stray->full_len = (uint8_t)(string->len < UINT8_MAX ? string->len : UINT8_MAX);
    if (stray->len > 0)
        memcpy(stray->bytes, bytes, stray->len);
}

static void keep_long(struct record_builder *builder, const struct rdb_string *name, uint64_t len)
{
    builder->long_from = len;
    take_stray(&builder->long_element, name);
    builder->record.long_element = &builder->long_element;
}

/* `name`: what the element is known by. */
static inline void note_long(struct record_builder *builder, const struct rdb_string *name, uint64_t len)
{
    if (len > builder->long_from)
        keep_long(builder, name, len);
}

static inline void census_member(struct record_builder *builder, enum object_type type, const struct shape_text *text)
{
    if (builder->record.census)
        size_census_member(builder->record.census, type, text);
}

static inline void census_pair(struct record_builder *builder, const struct shape_text *field,
                               const struct shape_text *value, bool has_expiry)
{
    if (builder->record.census)
        size_census_pair(builder->record.census, field, value, has_expiry);
}

static inline void census_blob(struct record_builder *builder, uint64_t len)
{
    if (builder->record.census)
        size_census_blob(builder->record.census, len);
}

static inline void note_stray(struct record_builder *builder, const struct rdb_string *string,
                              const struct shape_text *text)
{
    if (!text->is_integer && builder->with_values && builder->record.strays < RECORD_STRAYS)
        take_stray(&builder->stray[builder->record.strays++], string);
}

static double score_of(const struct rdb_string *string)
{
    char text[SCORE_MAX_LEN + 1];
    const uint8_t *bytes;
    if (string->form == RDB_STRING_INT)
        return (double)string->value;
    size_t len = rdb_string_bytes(string, SCORE_MAX_LEN, &bytes);
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = '\0';
    return strtod(text, NULL);
}

static int64_t expiry_of(const struct rdb_string *string)
{
    struct shape_text text;
    take_text(&text, string);
    return text.is_integer ? text.integer : 0;
}

/* ---- packed blobs --------------------------------------------------------------------------------------------------
 */

static void add_list_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct shape_text text;
        take_text(&text, &entries[i]);
        shape_list_element(builder->shape, &text);
        if (builder->rewrites)
            node_rewrites_list_element(builder->rewrites, &text);
    }
}

static void add_set_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct shape_text text;
        take_text(&text, &entries[i]);
        note_stray(builder, &entries[i], &text);
        note_long(builder, &entries[i], text.len);
        census_member(builder, OBJECT_SET, &text);
        shape_set_member(builder->shape, &text);
    }
}

static void add_zset_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        struct shape_text text;
        take_text(&text, &entries[i]);
        note_long(builder, &entries[i], text.len);
        census_member(builder, OBJECT_ZSET, &text);
        shape_zset_member(builder->shape, &text, score_of(&entries[i + 1]));
    }
}

static void add_hash_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        struct shape_text field, value;
        take_text(&field, &entries[i]);
        take_text(&value, &entries[i + 1]);
        note_long(builder, &entries[i], field.len > value.len ? field.len : value.len);
        census_pair(builder, &field, &value, false);
        shape_hash_field(builder->shape, &field, &value, 0);
    }
}

static void add_expiring_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count)
{
    for (size_t i = 0; i + 2 < count; i += 3) {
        struct shape_text field, value;
        take_text(&field, &entries[i]);
        take_text(&value, &entries[i + 1]);
        note_long(builder, &entries[i], field.len > value.len ? field.len : value.len);
        shape_hash_field(builder->shape, &field, &value, expiry_of(&entries[i + 2]));
    }
}

typedef void add_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count);

static add_entries *entries_adder(enum object_type type, enum shape_origin origin)
{
    switch (type) {
    case OBJECT_LIST:
        return add_list_entries;
    case OBJECT_SET:
        return add_set_entries;
    case OBJECT_ZSET:
        return add_zset_entries;
    case OBJECT_HASH:
        return origin == ORIGIN_LISTPACK_EX ? add_expiring_entries : add_hash_entries;
    default:
        return NULL;
    }
}

/* Walks a blob. Batches are full but for the last, so groups of two and three entries are never torn apart. */
static void add_packed(struct record_builder *builder, const struct rdb_packed *packed)
{
    struct rdb_string entries[WALK_BATCH];
    struct shape *shape = builder->shape;
    enum object_type type = shape_type(shape);
    census_blob(builder, packed->len);
    if (packed->lzf && packed->len > packed->stored_len)
        builder->record.stored_saved += packed->len - packed->stored_len;
    if (type == OBJECT_LIST && shape_origin(shape) != ORIGIN_ZIPLIST)
        shape_list_node(shape, packed->len, packed->form == RDB_PACKED_PLAIN, packed->lzf ? packed->stored_len : 0);
    else
        shape_blob(shape, packed->len, packed->int_width);
    add_entries *add = entries_adder(type, shape_origin(shape));
    for (size_t count; add != NULL && (count = rdb_packed_read(packed, entries, WALK_BATCH)) > 0;)
        add(builder, entries, count);
}

/* ---- elements ------------------------------------------------------------------------------------------------------
 */

static void add_element(struct record_builder *builder, const struct rdb_element *element)
{
    struct shape_text text, value;
    take_text(&text, &element->text);
    note_saved(builder, &element->text);
    switch (shape_type(builder->shape)) {
    case OBJECT_LIST:
        shape_list_element(builder->shape, &text);
        if (builder->rewrites)
            node_rewrites_list_element(builder->rewrites, &text);
        break;
    case OBJECT_SET:
        note_stray(builder, &element->text, &text);
        note_long(builder, &element->text, text.len);
        census_member(builder, OBJECT_SET, &text);
        shape_set_member(builder->shape, &text);
        break;
    case OBJECT_ZSET:
        note_long(builder, &element->text, text.len);
        census_member(builder, OBJECT_ZSET, &text);
        shape_zset_member(builder->shape, &text, element->score);
        break;
    case OBJECT_HASH:
        take_text(&value, &element->value);
        note_saved(builder, &element->value);
        note_long(builder, &element->text, text.len > value.len ? text.len : value.len);
        census_pair(builder, &text, &value, element->expire_at_ms != 0);
        shape_hash_field(builder->shape, &text, &value, element->expire_at_ms);
        break;
    default:
        break;
    }
}

static void add_array_item(struct record_builder *builder, const struct rdb_array_item *item)
{
    static const bool tagged[] = {[RDB_ARRAY_INT] = true, [RDB_ARRAY_FLOAT] = true, [RDB_ARRAY_SMALL_STRING] = true};
    const uint8_t *bytes = NULL;
    struct shape_text text;
    take_text(&text, &item->string);
    if (text.len <= INTEGER_MAX_LEN)
        rdb_string_bytes(&item->string, INTEGER_MAX_LEN, &bytes);
    note_saved(builder, &item->string);
    shape_array_item(builder->shape, item->index, &text, bytes, tagged[item->tag]);
}

static void add_pending(struct record_builder *builder, const struct rdb_stream_pending *pending)
{
    struct shape *shape = builder->shape;
    switch (pending->owner) {
    case RDB_PENDING_GROUP:
        shape_stream_pending(shape, pending->id.ms, pending->id.seq, pending->delivery_time_ms);
        break;
    case RDB_PENDING_CONSUMER:
        shape_stream_consumer_pending(shape, pending->id.ms, pending->id.seq);
        break;
    case RDB_PENDING_RELEASED:
        shape_stream_released(shape, pending->id.ms, pending->id.seq);
        break;
    }
}

static void add_module_string(struct shape *shape, const struct rdb_string *string)
{
    const uint8_t *bytes = string->bytes;
    size_t len = string->bytes_len;
    if (shape_module_wants_bytes(shape))
        len = rdb_string_bytes(string, RECORD_MAX_NAME, &bytes);
    shape_module_string(shape, bytes, len, string->len, string->form == RDB_STRING_LZF);
}

static void add_module_item(struct record_builder *builder, const struct rdb_module_item *item)
{
    struct shape *shape = builder->shape;
    switch (item->opcode) {
    case RDB_MODULE_SINT:
    case RDB_MODULE_UINT:
        shape_module_integer(shape, item->integer);
        break;
    case RDB_MODULE_FLOAT:
    case RDB_MODULE_DOUBLE:
        shape_module_number(shape, item->number);
        break;
    case RDB_MODULE_STRING:
        note_saved(builder, &item->string);
        add_module_string(shape, &item->string);
        break;
    }
}

/* ---- streams -------------------------------------------------------------------------------------------------------
 */

static const uint8_t *whole_name(const struct rdb_string *name, uint64_t *len)
{
    const uint8_t *bytes = NULL;
    *len = rdb_string_bytes(name, RECORD_MAX_NAME, &bytes);
    return bytes;
}

static void add_stream_node(struct record_builder *builder, const struct rdb_event *event)
{
    const struct rdb_packed *packed = &event->stream_node.packed;
    census_blob(builder, packed->len);
    if (packed->lzf && packed->len > packed->stored_len)
        builder->record.stored_saved += packed->len - packed->stored_len;
    shape_stream_node(builder->shape, event->stream_node.id.ms, event->stream_node.id.seq, packed->len);
    if (builder->rewrites)
        stream_entries_read(packed, event->stream_node.id.ms, event->stream_node.id.seq, builder->rewrites);
}

static void add_stream_group(struct shape *shape, const struct rdb_stream_group *group)
{
    uint64_t len;
    const uint8_t *name = whole_name(&group->name, &len);
    shape_stream_group(shape, name, len, group->pending);
}

static void add_stream_consumer(struct shape *shape, const struct rdb_stream_consumer *consumer)
{
    uint64_t len;
    const uint8_t *name = whole_name(&consumer->name, &len);
    shape_stream_consumer(shape, name, len, consumer->pending);
}

static void add_stream_producer(struct shape *shape, const struct rdb_stream_producer *producer)
{
    uint64_t len;
    const uint8_t *id = whole_name(&producer->id, &len);
    shape_stream_producer(shape, id, len, producer->entries, producer->duration_seconds);
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
    make_room_for_name(builder, 0);
    shape_set_load_time(builder->shape, load_time_ms);
    set_long_limits(builder);
    return builder;
}

void record_builder_cost_other(struct record_builder *builder)
{
    builder->record.with_other = true;
}

void record_builder_rewrite_nodes(struct record_builder *builder, const struct node_points *points)
{
    builder->rewrites = node_rewrites_new(plan_view(builder->plan, 0), points);
}

void record_builder_price_expiries(struct record_builder *builder)
{
    builder->record.with_expiry_bytes = true;
}

void record_builder_count_sizes(struct record_builder *builder)
{
    builder->record.census = size_census_new(builder->plan);
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

void record_builder_expect(const struct record_builder *builder)
{
    enum { LINE = 64, SHAPE_LINES = 3 };
    const char *record = (const char *)builder, *shape = (const char *)builder->shape;
    for (size_t at = 0; at < offsetof(struct record_builder, stray); at += LINE)
        __builtin_prefetch(record + at, 1);
    for (size_t at = 0; at < SHAPE_LINES * LINE; at += LINE)
        __builtin_prefetch(shape + at, 1);
    __builtin_prefetch(builder->name, 1);
}

void record_builder_follow(struct record_builder *builder, const struct record_builder *previous)
{
    shape_follow(builder->shape, previous->shape);
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

/* Every member is set, here or by the callers, one by one: clearing all of it first costs more than the rest. */
static void take_attributes(struct record_builder *builder, const struct rdb_key *key)
{
    struct record *record = &builder->record;
    record->type = record_object_type(key);
    record->stored_encoding = rdb_encoding_name(key->encoding);
    record->module_name = builder->module_name;
    record->expire_at_ms = key->expire_at_ms;
    record->idle_seconds = key->idle_seconds;
    record->lfu_frequency = key->lfu_frequency;
    record->has_expiry = key->has_expiry;
    record->has_idle = key->has_idle;
    record->has_frequency = key->has_frequency;
    record->facts.name_len = key->name.len;
    record->facts.has_expiry = key->has_expiry;
    record->facts.metadata_classes = key->metadata_classes;
    record->shape = builder->shape;
    record->slot = -1;
    record->damaged = false;
    record->value = NULL;
    record->value_bytes = record->strays = 0;
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
    take_attributes(builder, key);
    take_name(builder, &key->name);
    record->db = db;
    record->offset = event->offset;
    record->is_expired = is_expired;
    if (builder->with_slots)
        record->slot = (int)slot_of_key(record->key, record->key_bytes);
    bool has_nodes = record->type == OBJECT_LIST || record->type == OBJECT_STREAM;
    record->rewrites = has_nodes ? builder->rewrites : NULL;
    if (record->rewrites)
        node_rewrites_begin(builder->rewrites, record->type);
    record->stream = record->type == OBJECT_STREAM ? &builder->stream.stream : NULL;
    if (record->stream)
        stream_facts_begin(&builder->stream);
    if (record->census)
        size_census_begin(record->census);
    shape_begin(builder->shape, record->type, origins[key->encoding], key->count);
    if (key->type == RDB_TYPE_MODULE)
        shape_module_begin(builder->shape, builder->module_name, (unsigned)(key->module_id & 1023));
}

const struct record *record_builder_current(const struct record_builder *builder)
{
    return &builder->record;
}

struct record *record_builder_record(struct record_builder *builder)
{
    return &builder->record;
}

void record_builder_value(struct record_builder *builder, const struct rdb_event *event)
{
    struct shape *shape = builder->shape;
    if (builder->record.stream)
        stream_facts_add(&builder->stream, event);
    switch (event->kind) {
    case RDB_EVENT_STRING:
        take_text(shape_string_place(shape), &event->string);
        note_saved(builder, &event->string);
        if (builder->with_values)
            look_at_value(builder, &event->string);
        shape_string_placed(shape, event->string.form == RDB_STRING_LZF);
        break;
    case RDB_EVENT_ELEMENT:
        add_element(builder, &event->element);
        break;
    case RDB_EVENT_PACKED:
        add_packed(builder, &event->packed);
        break;
    case RDB_EVENT_ARRAY_ITEM:
        add_array_item(builder, &event->array_item);
        break;
    case RDB_EVENT_STREAM_NODE:
        add_stream_node(builder, event);
        break;
    case RDB_EVENT_STREAM_META:
        shape_stream_meta(shape, event->stream_meta.length, event->stream_meta.groups);
        break;
    case RDB_EVENT_STREAM_GROUP:
        add_stream_group(shape, &event->stream_group);
        break;
    case RDB_EVENT_STREAM_PENDING:
        add_pending(builder, &event->stream_pending);
        break;
    case RDB_EVENT_STREAM_CONSUMER:
        add_stream_consumer(shape, &event->stream_consumer);
        break;
    case RDB_EVENT_STREAM_PRODUCER:
        add_stream_producer(shape, &event->stream_producer);
        break;
    case RDB_EVENT_STREAM_IID:
        shape_stream_iid(shape, event->stream_iid.iid.len, event->stream_iid.id.ms, event->stream_iid.id.seq);
        break;
    case RDB_EVENT_MODULE_ITEM:
        add_module_item(builder, &event->module_item);
        break;
    default:
        break;
    }
}

const struct record *record_builder_close(struct record_builder *builder, const struct rdb_event *event)
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

struct record *record_builder_cost(struct record_builder *builder)
{
    record_cost(&builder->record, builder->plan);
    return &builder->record;
}
