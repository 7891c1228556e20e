#include "grow.h"
#include "shape_internal.h"

#include <stdlib.h>
#include <string.h>

bool shape_text_parse(const uint8_t *bytes, uint64_t len, int64_t *integer)
{
    if (len == 0 || len > 20)
        return false;
    bool negative = bytes[0] == '-';
    uint64_t at = negative, digits = len - at, value = 0;
    /* One form for each number: no leading zero, no "-0", nothing beyond 64 bits. */
    if (digits == 0 || digits > 19 || (bytes[at] == '0' && len > 1))
        return false;
    for (; at < len; at++) {
        unsigned digit = (unsigned)bytes[at] - '0';
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *integer = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

struct shape *shape_new(const struct plan *plan)
{
    struct shape *shape = allocate(1, sizeof *shape);
    shape->plan = plan;
    shape_list_init(shape);
    stream_shape_init(&shape->stream, plan);
    array_shape_init(&shape->array, plan);
    module_shape_init(&shape->module, plan);
    field_expiry_init(&shape->field_expiry, plan);
    return shape;
}

void shape_free(struct shape *shape)
{
    if (!shape)
        return;
    shape_list_release(shape);
    stream_shape_release(&shape->stream);
    array_shape_release(&shape->array);
    module_shape_release(&shape->module);
    field_expiry_release(&shape->field_expiry);
    free(shape);
}

void shape_set_load_time(struct shape *shape, int64_t now_ms)
{
    shape->load_time_ms = now_ms;
}

static void clear_sums(struct shape *shape, const struct lane_list *lanes)
{
    memset(shape->sum, 0, lanes->count * sizeof *shape->sum);
    unsigned first_object = TEXT_LANES_MAX - lanes->object_count;
    memset(&shape->sum[first_object], 0, lanes->object_count * sizeof *shape->sum);
}

static void begin_string(struct shape *shape)
{
    shape->string = (struct string_shape){.stored_lzf = false};
}

static void begin_list(struct shape *shape)
{
    clear_sums(shape, &shape->plan->lanes.list);
    shape_list_begin(shape);
}

static void begin_set(struct shape *shape)
{
    clear_sums(shape, &shape->plan->lanes.set);
    shape->set = (struct set_shape){.first_text = UINT64_MAX};
}

static void begin_zset(struct shape *shape)
{
    clear_sums(shape, &shape->plan->lanes.zset);
    shape->zset = (struct zset_shape){.longest_text = 0};
}

static void begin_hash(struct shape *shape)
{
    struct hash_shape *hash = &shape->hash;
    memset(shape->sum, 0, 3 * shape->plan->lanes.hash_count * sizeof *shape->sum);
    if (shape->plan->pair_rows)
        memset(hash->by_pair_rows, 0, shape->plan->pair_rows->stride * sizeof *hash->by_pair_rows);
    hash->fields = hash->values = (struct text_sums){.bytes = 0};
    hash->packed = (struct packed_sums){.listpack = 0};
    hash->expiry_entries = hash->timed = 0;
    hash->integer_fields = hash->integer_field_text = 0;
    hash->integer_field_listpack = hash->integer_field_ziplist = 0;
    hash->steps.count = 0;
    hash->steps.is_coarse = false;
    field_expiry_begin(&shape->field_expiry);
}

static void begin_stream(struct shape *shape)
{
    stream_shape_begin(&shape->stream);
}

static void begin_array(struct shape *shape)
{
    array_shape_begin(&shape->array);
}

static void begin_module(struct shape *shape)
{
    module_shape_begin(&shape->module);
}

static void end_set(struct shape *shape)
{
    shape->payload += shape->row.bytes;
    shape->set.packed.listpack += shape->row.listpack;
    text_row_move(&shape->row, &shape->set.texts, shape->sum, 1);
}

static void end_zset(struct shape *shape)
{
    struct zset_shape *zset = &shape->zset;
    uint64_t members = zset->members.listpack + shape->row.listpack;
    shape->payload += shape->row.bytes;
    zset->printed.listpack += members;
    zset->shortest += members;
    text_row_move(&shape->row, &zset->texts, shape->sum, 1);
}

static void end_hash(struct shape *shape)
{
    struct hash_shape *hash = &shape->hash;
    hash->packed.listpack += shape->row.listpack + shape->value_row.listpack;
    text_row_move(&shape->row, &hash->fields, shape->sum, 3);
    text_row_move(&shape->value_row, &hash->values, shape->sum, 3);
    for (unsigned i = 0; shape->plan->pair_rows && i < shape->plan->lanes.hash_count; i++)
        shape->sum[3 * i] += hash->by_pair_rows[i];
    shape->payload = shape->hash.fields.bytes + shape->hash.values.bytes;
    shape->is_coarse |= shape->hash.steps.is_coarse | field_expiry_is_coarse(&shape->field_expiry);
}

/* What each type does at its start and end. */
static const struct {
    void (*begin)(struct shape *shape);
    void (*end)(struct shape *shape);
} types[OBJECT_TYPE_COUNT] = {
    [OBJECT_STRING] = {begin_string, NULL},
    [OBJECT_LIST] = {begin_list, shape_list_end},
    [OBJECT_SET] = {begin_set, end_set},
    [OBJECT_ZSET] = {begin_zset, end_zset},
    [OBJECT_HASH] = {begin_hash, end_hash},
    [OBJECT_STREAM] = {begin_stream, stream_shape_end},
    [OBJECT_ARRAY] = {begin_array, array_shape_end},
    [OBJECT_VECTORSET] = {begin_module, module_shape_end},
    [OBJECT_MODULE] = {begin_module, module_shape_end},
};

static inline void begin_any(struct shape *shape, enum object_type type, enum shape_origin origin, uint64_t count)
{
    shape->type = type;
    shape->origin = origin;
    shape->claimed = count;
    shape->is_coarse = false;
    shape->elements = shape->longest = shape->payload = 0;
    shape->integer_text = shape->integer_body = 0;
    shape->blob_len = shape->stored_bytes = 0;
    shape->blob_int_width = 0;
    number_texts_begin(&shape->numbers);
    if (shape->mapped_freeing > shape->mapped_freed)
        shape->mapped_freed = shape->mapped_freeing;
}

void shape_begin(struct shape *shape, enum object_type type, enum shape_origin origin, uint64_t count)
{
    begin_any(shape, type, origin, count);
    types[type].begin(shape);
}

void shape_blob(struct shape *shape, uint64_t len, unsigned int_width)
{
    shape->blob_len = len;
    shape->blob_int_width = int_width;
}

struct shape_text *shape_string_place(struct shape *shape)
{
    return &shape->string.text;
}

void shape_string_placed(struct shape *shape, bool stored_lzf)
{
    const struct shape_text *text = &shape->string.text;
    shape->string.stored_lzf = stored_lzf;
    shape->elements = shape->longest = shape->payload = text->len;
    shape->integer_text = text->is_integer ? text->len : 0;
}

void shape_string(struct shape *shape, const struct shape_text *text, bool stored_lzf)
{
    shape->string.text = *text;
    shape_string_placed(shape, stored_lzf);
}

/* glibc malloc.c DEFAULT_MMAP_THRESHOLD and _MAX, as requests; opcode and two lengths before a string's LZF bytes. */
enum { MAPPED_FROM_LEAST = 131072 - 23, MAPPED_MOST = (32 << 20) - 24, LZF_HEAD = 11 };

void shape_remember_freed(struct shape *shape, uint64_t bytes)
{
    if (bytes >= MAPPED_FROM_LEAST && bytes <= MAPPED_MOST && bytes > shape->mapped_freeing)
        shape->mapped_freeing = bytes;
}

static void remember_string(struct shape *shape, uint64_t stored_bytes)
{
    if (shape->string.stored_lzf && stored_bytes > LZF_HEAD)
        shape_remember_freed(shape, stored_bytes - LZF_HEAD);
}

void shape_end(struct shape *shape, uint64_t stored_bytes)
{
    shape->stored_bytes = stored_bytes;
    if (shape->type == OBJECT_STRING)
        remember_string(shape, stored_bytes);
    if (types[shape->type].end)
        types[shape->type].end(shape);
}

void shape_string_alone(struct shape *shape, bool stored_lzf, uint64_t stored_bytes)
{
    begin_any(shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string_placed(shape, stored_lzf);
    shape->stored_bytes = stored_bytes;
    remember_string(shape, stored_bytes);
}

enum object_type shape_type(const struct shape *shape)
{
    return shape->type;
}

enum shape_origin shape_origin(const struct shape *shape)
{
    return shape->origin;
}

uint64_t shape_elements(const struct shape *shape)
{
    return shape->elements;
}

uint64_t shape_longest(const struct shape *shape)
{
    return shape->longest;
}

uint64_t shape_payload(const struct shape *shape)
{
    return shape->payload;
}

uint64_t shape_longest_tested(const struct shape *shape)
{
    switch (shape->origin) {
    case ORIGIN_ELEMENTS:
    case ORIGIN_ZIPMAP:
    case ORIGIN_FIELD_EXPIRES:
        return shape->longest;
    default:
        return 0;
    }
}

uint64_t shape_fields_with_expiry(const struct shape *shape)
{
    return shape->type == OBJECT_HASH ? shape->hash.timed : 0;
}

uint64_t shape_field_at_most(const struct shape *shape)
{
    uint64_t all = shape->hash.fields.bytes;
    return all < shape->longest ? all : shape->longest;
}

uint64_t shape_integers(const struct shape *shape)
{
    return shape->type == OBJECT_SET ? shape->set.integers : 0;
}

const struct shape_text *shape_string_text(const struct shape *shape)
{
    return &shape->string.text;
}

int64_t shape_widest_integer(const struct shape *shape)
{
    const struct set_shape *set = &shape->set;
    return intset_width(set->smallest) > intset_width(set->largest) ? set->smallest : set->largest;
}

bool shape_is_coarse(const struct shape *shape)
{
    return shape->is_coarse;
}
