/* The values of records: strings, packed blobs, elements, parts of streams and of modules, as events have them, to the
 * shape. */
#include "record_values.h"

#include <stdlib.h>
#include <string.h>

#include "collect/shared_keys.h"
#include "model/size_census.h"
#include "stream_entries.h"
#include "string_kind.h"

enum {
    WALK_BATCH = 96, /* entries decoded at a time; a multiple of 2 and 3 */
    INTEGER_MAX_LEN = 20,
    SCORE_MAX_LEN = 64,
    LIST_BYTES_MAX = 1 << 20, /* of an element of a list that is compressed; longer ones make it an estimate */
    SQUEEZED_LEAST = 1024,    /* bytes, */
    SQUEEZED_PARTS = 8        /* compressed to less than an eighth: may be a sparse bitmap */
};

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

static inline uint64_t saved_by_lzf(const struct rdb_string *string)
{
    return string->form == RDB_STRING_LZF && string->len > string->stored_len ? string->len - string->stored_len : 0;
}

static inline void note_saved(struct record_builder *builder, const struct rdb_string *string)
{
    builder->record.stored_saved += saved_by_lzf(string);
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

static inline bool is_looked_at(const struct rdb_string *string, int first)
{
    return first >= 0 && (looked_at[first] || is_squeezed(string));
}

/* The same for a record whoever builds it, and whichever come before: a drawing by the hash of its name. */
static uint32_t document_weight(const struct record *record)
{
    if (record->offset < RECORD_DOCUMENTS_ALL)
        return 1;
    return shared_key_hash(record) % RECORD_DOCUMENTS_THEN == 0 ? RECORD_DOCUMENTS_THEN : 0;
}

static void look_at_value(struct record_builder *builder, struct record *record, const struct rdb_string *string)
{
    int first = rdb_string_first_byte(string);
    if (!is_looked_at(string, first))
        return;
    const uint8_t *bytes = string->bytes;
    size_t len = string->bytes_len, most = RECORD_VALUE_LOOK;
    record->value_weight = first == '{' ? document_weight(record) : 1;
    if (record->value_weight == 0)
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
    record->value = builder->value;
    record->value_bytes = (uint32_t)len;
}

void record_builder_take_string(struct record_builder *builder, struct record *record, const struct rdb_string *string)
{
    take_text(shape_string_place(builder->shape), string);
    record->stored_saved = saved_by_lzf(string);
    if (builder->with_values)
        look_at_value(builder, record, string);
}

bool record_builder_plain(const struct record_builder *builder, uint64_t db, const struct rdb_string_key *whole,
                          struct plain_string *plain)
{
    const struct rdb_key *key = &whole->key;
    const struct rdb_string *value = &whole->value;
    struct shape_text text;
    bool has_more = key->has_expiry | key->has_idle | key->has_frequency | (key->metadata_classes != 0);
    if (has_more || builder->string.census || (key->name.len | value->len | db) >> PLAIN_STRING_BITS != 0)
        return false;
    /* Of numbers, which values are looked at for too, the bytes as fields differ although they are alike. */
    if (builder->with_values && (value->form == RDB_STRING_INT || is_looked_at(value, rdb_string_first_byte(value))))
        return false;
    take_text(&text, value);
    plain->name = key->name.bytes;
    plain->name_len = (uint32_t)key->name.len;
    plain->len = (uint32_t)value->len;
    plain->db = db;
    plain->saved = saved_by_lzf(value);
    plain->flags = string_kind_flags(&text);
    return true;
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

static void add_list_element(struct record_builder *builder, const struct rdb_string *string,
                             const struct shape_text *text)
{
    if (!text->is_integer && shape_wants_list_bytes(builder->shape)) {
        const uint8_t *bytes = NULL;
        size_t known = rdb_string_bytes(string, LIST_BYTES_MAX, &bytes);
        shape_list_bytes(builder->shape, bytes, known);
    }
    shape_list_element(builder->shape, text);
    if (builder->rewrites)
        node_rewrites_list_element(builder->rewrites, text);
}

static void add_list_entries(struct record_builder *builder, const struct rdb_string *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct shape_text text;
        take_text(&text, &entries[i]);
        add_list_element(builder, &entries[i], &text);
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

/* How entries make elements: so many each. */
struct entry_groups {
    void (*add)(struct record_builder *builder, const struct rdb_string *entries, size_t count);
    unsigned arity;
};

static const struct entry_groups *entry_groups(enum object_type type, enum shape_origin origin)
{
    static const struct entry_groups expiring = {add_expiring_entries, 3};
    static const struct entry_groups groups[OBJECT_TYPE_COUNT] = {
        [OBJECT_LIST] = {add_list_entries, 1},
        [OBJECT_SET] = {add_set_entries, 1},
        [OBJECT_ZSET] = {add_zset_entries, 2},
        [OBJECT_HASH] = {add_hash_entries, 2},
    };
    if (type == OBJECT_HASH && origin == ORIGIN_LISTPACK_EX)
        return &expiring;
    return groups[type].add ? &groups[type] : NULL;
}

/* Of a torn group so much of each text is kept as anything above looks at. */
enum { TORN_MAX = 2, TORN_BYTES = SCORE_MAX_LEN };
_Static_assert((int)TORN_BYTES >= INTEGER_MAX_LEN && (int)TORN_BYTES >= RECORD_STRAY_BYTES, "what is looked at");

/* Puts the first entries of a group to the front, where the next batch will bring the others. */
static void keep_torn(struct rdb_string *entries, size_t from, size_t count, uint8_t texts[][TORN_BYTES])
{
    for (size_t i = 0; i < count; i++) {
        struct rdb_string *entry = &entries[i];
        *entry = entries[from + i];
        entry->bytes_len = entry->bytes_len < TORN_BYTES ? entry->bytes_len : TORN_BYTES;
        if (entry->bytes_len == 0)
            continue;
        memmove(texts[i], entry->bytes, entry->bytes_len); /* it may be kept already */
        entry->bytes = texts[i];
    }
}

/* A batch ends where the bytes at hand do, of a long blob also inside a group. */
static void add_groups(struct record_builder *builder, const struct rdb_packed *packed,
                       const struct entry_groups *groups)
{
    struct rdb_string entries[WALK_BATCH];
    uint8_t texts[TORN_MAX][TORN_BYTES];
    size_t torn = 0;
    for (size_t count; (count = rdb_packed_read(packed, entries + torn, WALK_BATCH - torn)) > 0;) {
        count += torn;
        torn = count % groups->arity;
        groups->add(builder, entries, count - torn);
        keep_torn(entries, count - torn, torn, texts);
    }
}

static void add_packed(struct record_builder *builder, const struct rdb_packed *packed)
{
    struct shape *shape = builder->shape;
    enum object_type type = shape_type(shape);
    census_blob(builder, packed->len);
    if (packed->lzf && packed->len > packed->stored_len)
        builder->record.stored_saved += packed->len - packed->stored_len;
    if (type == OBJECT_LIST && shape_origin(shape) != ORIGIN_ZIPLIST)
        shape_list_node(shape, packed->len, packed->form == RDB_PACKED_PLAIN, packed->lzf ? packed->stored_len : 0);
    else
        shape_blob(shape, packed->len, packed->int_width);
    const struct entry_groups *groups = entry_groups(type, shape_origin(shape));
    if (groups != NULL)
        add_groups(builder, packed, groups);
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
        add_list_element(builder, &element->text, &text);
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

/* ---- events --------------------------------------------------------------------------------------------------------
 */

void record_builder_value(struct record_builder *builder, const struct rdb_event *event)
{
    struct shape *shape = builder->shape;
    if (builder->record.stream)
        stream_facts_add(&builder->stream, event);
    switch (event->kind) {
    case RDB_EVENT_STRING:
        record_builder_take_string(builder, &builder->record, &event->string);
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
