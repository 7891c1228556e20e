#include "lanes.h"

#include <stddef.h>
#include <stdlib.h>

#include "chance.h"
#include "shape.h"

enum {
    EMBSTR_3_0_BYTES = 25,  /* object, header, NUL of a string in one block with its object: redis 3.0 object.c */
    EMBSTR_3_0_MAX = 39,    /* redis 3.0 object.c REDIS_ENCODING_EMBSTR_SIZE_LIMIT */
    EMBSTR_3_2_BYTES = 20,  /* redis 3.2 object.c */
    EMBSTR_3_2_MAX = 44,    /* redis 3.2 object.c OBJ_ENCODING_EMBSTR_SIZE_LIMIT */
    MSTR_EXPIRY_BYTES = 18, /* ExpireMeta and the flags before it: redis 7.4 ebuckets.h, mstr.h */
    EMBEDDED_SDS_BYTES = 4  /* 3-byte header and NUL: entry.c writes embedded values with sdshdr8 */
};

static uint64_t take(const struct size_classes *classes, uint64_t request)
{
    return classes ? size_classes_held(classes, request) : request;
}

static uint64_t sds_3_2_bytes(const struct size_classes *classes, uint64_t len)
{
    return take(classes, sds_request(&sds_3_2, len));
}

static uint64_t sds_8_2_bytes(const struct size_classes *classes, uint64_t len)
{
    return take(classes, sds_request(&sds_8_2, len));
}

static uint64_t alloc_size_bytes(const struct size_classes *classes, uint64_t len)
{
    return sds_alloc_size(len, sds_8_2_bytes(classes, len));
}

static uint64_t mstr_bytes(const struct size_classes *classes, uint64_t len)
{
    return take(classes, sds_request(&mstr_7_4, len));
}

static uint64_t mstr_timed_bytes(const struct size_classes *classes, uint64_t len)
{
    return take(classes, sds_request(&mstr_7_4, len) + MSTR_EXPIRY_BYTES);
}

static uint64_t object_2_8_bytes(const struct size_classes *classes, uint64_t len)
{
    return take(classes, OBJECT_BYTES) + take(classes, sds_request(&sds_2_8, len));
}

static uint64_t object_3_0_bytes(const struct size_classes *classes, uint64_t len)
{
    if (len <= EMBSTR_3_0_MAX)
        return take(classes, EMBSTR_3_0_BYTES + len);
    return object_2_8_bytes(classes, len);
}

static uint64_t object_3_2_bytes(const struct size_classes *classes, uint64_t len)
{
    if (len <= EMBSTR_3_2_MAX)
        return take(classes, EMBSTR_3_2_BYTES + len);
    return take(classes, OBJECT_BYTES) + take(classes, sds_request(&sds_3_2, len));
}

/* Skip list nodes that hold their member: score, backward pointer, 16 bytes a level, the member as an embedded sds. */
static uint64_t node_bytes(const struct size_classes *classes, uint64_t base)
{
    return classes ? chance_skiplist_node(classes, base) : chance_skiplist_request(base);
}

static uint64_t node_redis_8_6_bytes(const struct size_classes *classes, uint64_t len)
{
    return node_bytes(classes, 16 + sds_request(&sds_embedded, len));
}

static uint64_t node_valkey_9_1_bytes(const struct size_classes *classes, uint64_t len)
{
    return node_bytes(classes, 16 + 1 + sds_request(&sds_embedded, len));
}

/* Integers as objects: shared up to 9999; else an object that holds the number. From 3.0 to 4.0 text that turns out to
 * be a number keeps the block that it was read into (redis 3.0, 3.2 object.c tryObjectEncoding). */
static const struct {
    uint64_t (*bytes)(const struct size_classes *classes, uint64_t len);
    bool is_object;
    uint8_t integer_block; /* what that block has beside the text; 0: it is given up */
} layouts[TEXT_LAYOUT_COUNT] = {
    [TEXT_SDS_3_2] = {sds_3_2_bytes},
    [TEXT_SDS_8_2] = {sds_8_2_bytes},
    [TEXT_SDS_ALLOC_SIZE] = {alloc_size_bytes},
    [TEXT_MSTR] = {mstr_bytes},
    [TEXT_MSTR_TIMED] = {mstr_timed_bytes},
    [TEXT_OBJECT_2_8] = {object_2_8_bytes, true, 0},
    [TEXT_OBJECT_3_0] = {object_3_0_bytes, true, EMBSTR_3_0_BYTES},
    [TEXT_OBJECT_3_2] = {object_3_2_bytes, true, EMBSTR_3_2_BYTES},
    [TEXT_NODE_REDIS_8_6] = {node_redis_8_6_bytes},
    [TEXT_NODE_VALKEY_9_1] = {node_valkey_9_1_bytes},
};

uint64_t text_integer_block(enum text_layout layout)
{
    return layouts[layout].integer_block;
}

bool text_is_object(enum text_layout layout)
{
    return layouts[layout].is_object;
}

uint64_t text_layout_bytes(enum text_layout layout, const struct size_classes *classes, uint64_t len)
{
    return layouts[layout].bytes(classes, len);
}

uint64_t text_layout_object_bytes(enum text_layout layout, const struct size_classes *classes,
                                  const struct shape_text *text)
{
    if (!text->is_integer)
        return layouts[layout].bytes(classes, text->len);
    if (text->integer >= 0 && text->integer < OBJECT_SHARED_INTEGERS)
        return 0;
    bool keeps_block = layouts[layout].integer_block && !text->stored_as_integer;
    return take(classes, keeps_block ? layouts[layout].integer_block + text->len : OBJECT_BYTES);
}

void pair_layout_bytes(const struct pair_layout *pair, const struct size_classes *classes, uint64_t field,
                       uint64_t value, bool has_expiry, struct pair_bytes *bytes)
{
    uint64_t expiry = has_expiry ? pair->expiry_bytes : 0;
    /* The 1-byte header has no bit to say that an expiry precedes, nor that the value is apart. */
    uint64_t name = sds_request(expiry ? &sds_entry : &sds_embedded, field);
    uint64_t together = expiry + name + value + EMBEDDED_SDS_BYTES;
    if (together <= pair->embed_max) {
        bytes->asked = together;
        bytes->held = size_classes_held(classes, together);
        bytes->counted = pair->counts_value_as_asked ? together : bytes->held;
        return;
    }
    uint64_t block = expiry + pair->apart_bytes + sds_request(&sds_entry, field);
    bytes->asked = block + sds_request(&sds_8_2, value);
    bytes->held = size_classes_held(classes, block) + sds_8_2_bytes(classes, value);
    bytes->counted = pair->counts_value_as_asked ? block + alloc_size_bytes(classes, value) : bytes->held;
}

static const struct text_lane *text_lane_need(struct lane_table *table, enum text_layout layout,
                                              const struct size_classes *classes)
{
    for (unsigned i = 0; i < table->text_count; i++)
        if (table->text[i].layout == layout && table->text[i].classes == classes)
            return &table->text[i];
    if (table->text_count == TEXT_LANES_MAX)
        abort(); /* more layouts times allocators than the tables of this folder can make */
    struct text_lane *lane = &table->text[table->text_count++];
    lane->layout = layout;
    lane->classes = classes;
    for (uint64_t len = 0; len <= TEXT_LANE_SMALL; len++)
        lane->small[len] = (uint32_t)text_layout_bytes(layout, classes, len);
    return lane;
}

/* Object lanes come last in a list, so that the hot loop over plain texts need not ask. The order of plain ones is
 * fixed once added; that of object lanes too, because their sums start at the end of the sums. */
unsigned lane_list_need(struct lane_table *table, struct lane_list *list, enum text_layout layout,
                        const struct size_classes *classes)
{
    const struct text_lane *lane = text_lane_need(table, layout, classes);
    bool is_object = text_is_object(layout);
    unsigned first = is_object ? TEXT_LANES_MAX - list->object_count : 0;
    unsigned end = is_object ? TEXT_LANES_MAX : list->count;
    for (unsigned i = first; i < end; i++)
        if (list->lane[i] == lane)
            return i;
    unsigned index = is_object ? TEXT_LANES_MAX - ++list->object_count : list->count++;
    list->lane[index] = lane;
    return index;
}

static unsigned hash_lane_need(struct lane_table *table, const struct hash_lane *wanted)
{
    for (unsigned i = 0; i < table->hash_count; i++) {
        const struct hash_lane *lane = &table->hash[i];
        if (lane->pair == wanted->pair && lane->field == wanted->field && lane->timed_field == wanted->timed_field &&
            lane->value == wanted->value && lane->classes == wanted->classes)
            return i;
    }
    if (table->hash_count == HASH_LANES_MAX)
        abort();
    table->hash[table->hash_count] = *wanted;
    return table->hash_count++;
}

unsigned lane_table_need_hash(struct lane_table *table, enum text_layout field, enum text_layout timed_field,
                              enum text_layout value, const struct size_classes *classes)
{
    struct hash_lane lane = {.field = text_lane_need(table, field, classes),
                             .timed_field = text_lane_need(table, timed_field, classes),
                             .value = text_lane_need(table, value, classes)};
    return 3 * hash_lane_need(table, &lane);
}

unsigned lane_table_need_pair(struct lane_table *table, const struct pair_layout *pair,
                              const struct size_classes *classes)
{
    struct hash_lane lane = {.pair = pair, .classes = classes};
    return 3 * hash_lane_need(table, &lane);
}
