/* Lanes: running sums over the elements of an object, one per distinct (element layout, allocator) that the views of a
 * plan need. Rounding to size classes makes an element's cost depend on its own length, so it cannot be had from sums
 * of lengths; layouts are few and shared between servers. */
#ifndef MODEL_LANES_H
#define MODEL_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "sds.h"
#include "size_classes.h"

struct shape_text;

/* ---- layouts of one text -------------------------------------------------------------------------------------------
 */

enum text_layout {
    TEXT_NONE, /* what is asked by a family of sds headers: no sum of its own, see text_sums_request */
    TEXT_SDS_3_2,
    TEXT_SDS_8_2,
    TEXT_SDS_ALLOC_SIZE, /* as redis 8.4+ counts it: asked where the header has no room for the block's size */
    TEXT_MSTR,           /* hash field of redis 7.4 .. 8.4 */
    TEXT_MSTR_TIMED,     /* with an expiry of its own */
    TEXT_OBJECT_2_8,     /* an object and its text, integers apart: see text_is_object */
    TEXT_OBJECT_3_0,
    TEXT_OBJECT_3_2,
    TEXT_NODE_REDIS_8_6,  /* skip list node with the member inside: expected bytes, CHANCE_BITS fixed point */
    TEXT_NODE_VALKEY_9_1, /* likewise */
    TEXT_LAYOUT_COUNT
};

/* In an object layout: robj, redis 2.8 redis.h, 3.2 server.h; integers below OBJECT_SHARED_INTEGERS cost nothing. */
enum { OBJECT_BYTES = 16 };
/* What the block has beside the text that a number keeps when it is read as text; 0: it keeps none. */
uint64_t text_integer_block(enum text_layout layout);
/* Whether integers in this layout have a cost of their own (shared, or without text). */
bool text_is_object(enum text_layout layout);
/* Bytes for a text of `len` bytes. `classes` NULL: bytes asked instead of held. */
uint64_t text_layout_bytes(enum text_layout layout, const struct size_classes *classes, uint64_t len);
/* Likewise for an element that may be an integer, in an object layout. */
uint64_t text_layout_object_bytes(enum text_layout layout, const struct size_classes *classes,
                                  const struct shape_text *text);

enum { TEXT_LANE_SMALL = 255 };

/* One layout on one allocator, with its costs of short texts at hand. */
struct text_lane {
    enum text_layout layout;
    const struct size_classes *classes;
    uint32_t small[TEXT_LANE_SMALL + 1];
};

static inline uint64_t text_lane_bytes(const struct text_lane *lane, uint64_t len)
{
    return len <= TEXT_LANE_SMALL ? lane->small[len] : text_layout_bytes(lane->layout, lane->classes, len);
}

/* ---- layouts of a field and its value in one block ------------------------------------------------------------------
 */

/* Field and value share a block up to `embed_max` bytes; above, the value is apart and the block points to it. */
struct pair_layout {
    uint16_t embed_max;
    uint8_t apart_bytes;        /* pointer (and, in Redis, what keeps it aligned) before the field */
    uint8_t expiry_bytes;       /* before the field when it has an expiry */
    bool counts_value_as_asked; /* MEMORY USAGE takes sds_alloc_size of a value apart (redis 8.6+) and asked bytes of a
                                   shared block; else what is held */
};

/* What one pair costs three ways. */
struct pair_bytes {
    uint64_t held, counted, asked;
};

/* ---- lanes of a plan ------------------------------------------------------------------------------------------------
 */

enum { TEXT_LANES_MAX = 48, HASH_LANES_MAX = 48, SUMS_MAX = 3 * HASH_LANES_MAX };

/* Text lanes whose sums a type needs; sum k of the shape belongs to lane k of the list. */
struct lane_list {
    unsigned count;
    unsigned object_count; /* those where integers count apart */
    const struct text_lane *lane[TEXT_LANES_MAX];
};

/* How a hash's pairs are summed: field and value each through a text lane into one sum, or as one block into three. */
struct hash_lane {
    const struct pair_layout *pair; /* NULL: apart */
    const struct text_lane *field, *timed_field, *value;
    const struct size_classes *classes; /* of pairs */
};

struct lane_table {
    unsigned text_count, hash_count;
    struct text_lane text[TEXT_LANES_MAX];
    struct lane_list set, zset, list;
    struct hash_lane hash[HASH_LANES_MAX];
};

/* The index of a lane in a list, added when it is not there yet. */
unsigned lane_list_need(struct lane_table *table, struct lane_list *list, enum text_layout layout,
                        const struct size_classes *classes);
unsigned lane_table_need_hash(struct lane_table *table, enum text_layout field, enum text_layout timed_field,
                              enum text_layout value, const struct size_classes *classes);
unsigned lane_table_need_pair(struct lane_table *table, const struct pair_layout *pair,
                              const struct size_classes *classes);
void pair_layout_bytes(const struct pair_layout *pair, const struct size_classes *classes, uint64_t field,
                       uint64_t value, bool has_expiry, struct pair_bytes *bytes);

/* Where one view finds its sums. The asked sums are those of layouts whose requests do not follow from text_sums. */
struct view_lanes {
    uint8_t set_held, set_counted, set_asked;
    uint8_t zset_held, zset_counted, zset_asked;
    uint8_t hash_held, hash_counted, hash_asked; /* of a pair: the first of three sums in hash_held */
    uint8_t list_held, list_asked;
    uint8_t quicklist; /* index of its list packer */
};

#endif
