/* The inside of a shape, for the files of src/model only. Each kind of object has its own struct, built by its own
 * file: shape_list.c, shape_set.c, ... ; only one is in use at a time. */
#ifndef MODEL_SHAPE_INTERNAL_H
#define MODEL_SHAPE_INTERNAL_H

#include "array_shape.h"
#include "field_expiry.h"
#include "list_packer.h"
#include "list_press.h"
#include "module_shape.h"
#include "number_texts.h"
#include "packed_size.h"
#include "plan_internal.h"
#include "sds.h"
#include "steps.h"
#include "stream_shape.h"

struct string_shape {
    struct shape_text text;
    bool stored_lzf;
};

struct list_shape {
    struct packed_sums packed;  /* all elements in one blob; with the next one, kept for views of 2.8 only */
    struct steps steps;         /* 2.8 tests lengths while it loads */
    struct list_packer *packer; /* one per list lane of the plan */
    bool has_node;              /* a node of the file is being read: */
    bool node_plain;
    uint64_t node_len, node_compressed, node_count;
    struct packed_sums node;  /* its elements packed anew */
    struct list_room room;    /* in the open node of every lane; elements that went there */
    struct list_press *press; /* where a lane compresses nodes; made when it is needed, else NULL */
    bool presses_node;        /* the node that is being read may be compressed */
    bool only_counts;         /* of its elements only their number matters */
};

struct set_shape {
    struct text_sums texts;
    struct packed_sums packed;
    uint64_t integers;
    int64_t smallest, largest; /* integers, when there are any */
    /* When the first member came that is no integer: */
    uint64_t first_text;   /* its index; UINT64_MAX: none came */
    uint64_t longest_then; /* up to and with it */
    int64_t smallest_then, largest_then;
    uint64_t text_longest; /* of members from there on */
};

struct zset_shape {
    struct text_sums texts;
    struct packed_sums members; /* listpack bytes of members that came by rows, which are in the next two at the end */
    struct packed_sums printed; /* member and score, scores as %.17g prints them */
    uint64_t shortest;          /* listpack bytes with scores in their shortest form */
    uint64_t longest_text;      /* members that are no integers */
};

/* Lengths of a hash's first pairs, each 255 at most. */
struct kept_pairs {
    uint8_t field[SHAPE_KEPT_PAIRS], value[SHAPE_KEPT_PAIRS];
};

struct hash_shape {
    struct text_sums fields, values;
    struct packed_sums packed;
    uint64_t expiry_entries; /* listpack bytes of one expiry a field, 0 where it has none */
    uint64_t timed;          /* fields that have one */
    struct steps steps;      /* the longer of field and value */
    uint64_t integer_fields; /* fields that are integers: their number, text, and packed bytes */
    uint64_t integer_field_text, integer_field_listpack, integer_field_ziplist;
    struct kept_pairs kept;                /* where the plan keeps_pairs */
    uint64_t by_pair_rows[HASH_LANES_MAX]; /* of each lane, until the end; where the plan has such rows */
};

struct shape {
    const struct plan *plan;
    enum object_type type;
    enum shape_origin origin;
    bool is_coarse;        /* a bound was reached: the cost is an estimate */
    uint64_t claimed;      /* elements, as the file said in advance; 0 when it did not */
    uint64_t elements;     /* as LLEN, XLEN, ... */
    uint64_t longest;      /* bytes of text of the longest element */
    uint64_t payload;      /* bytes of text of all elements */
    uint64_t integer_text; /* of it, text of integers */
    uint64_t integer_body; /* what holds those integers in a packed blob */
    uint64_t blob_len;     /* the blob that the whole value lay in; 0 when there was none */
    unsigned blob_int_width;
    uint64_t stored_bytes;   /* of the value in the file; known at shape_end */
    int64_t load_time_ms;    /* 0: nothing is too old */
    uint64_t mapped_freed;   /* largest block that the server has mapped and freed while loading so far (LZF buffers) */
    uint64_t mapped_freeing; /* likewise, by this object */
    struct string_shape string;     /* here, next to what every object touches: most are strings */
    uint64_t sum[SUMS_MAX];         /* the lanes of the object's type */
    struct text_row row, value_row; /* what comes by rows (text_rows.h), until the end; of hashes fields and values */
    /* Of lists, sets and hashes, where a view's layout asks for it: up to the element that ends a packed form. */
    struct number_texts numbers;
    struct list_shape list;
    struct set_shape set;
    struct zset_shape zset;
    struct hash_shape hash;
    struct stream_shape stream;
    struct array_shape array;
    struct module_shape module; /* also vector sets: OBJECT_VECTORSET is set by shape_module_begin */
    struct field_expiry_shape field_expiry;
};

/* Lists have state per list lane of the plan (shape_list.c). */
void shape_list_init(struct shape *shape);
void shape_list_release(struct shape *shape);
void shape_list_begin(struct shape *shape);
void shape_list_end(struct shape *shape);

/* Of a text or a number, in a lane of any layout. */
static inline uint64_t object_lane_bytes(const struct text_lane *lane, const struct shape_text *text)
{
    if (text->is_integer && text_is_object(lane->layout))
        return text_layout_object_bytes(lane->layout, lane->classes, text);
    return text_lane_bytes(lane, text->len);
}

/* Adds one text to the lanes of a list of layouts. */
static inline void shape_sum_text(struct shape *shape, const struct lane_list *lanes, const struct shape_text *text)
{
    for (unsigned i = 0; i < lanes->count; i++)
        shape->sum[i] += text_lane_bytes(lanes->lane[i], text->len);
    for (unsigned i = TEXT_LANES_MAX - lanes->object_count; i < TEXT_LANES_MAX; i++)
        shape->sum[i] += object_lane_bytes(lanes->lane[i], text);
}

static inline uint64_t listpack_entry(const struct shape_text *text)
{
    return text->is_integer ? listpack_integer_entry(text->integer) : listpack_text_entry(text->len);
}

static inline uint64_t ziplist_body(const struct shape_text *text)
{
    return text->is_integer ? ziplist_integer_body(text->integer) : ziplist_text_body(text->len);
}

/* Adds one text to what is packed, in both forms that views need. */
static inline void shape_pack_text(const struct shape *shape, struct packed_sums *sums, const struct shape_text *text)
{
    sums->listpack += listpack_entry(text);
    if (shape->plan->needs_ziplist)
        packed_sums_ziplist(sums, ziplist_body(text));
}

/* A row took it for a text. */
static inline void shape_correct_integer(struct packed_sums *packed, const struct shape_text *text)
{
    packed->listpack += listpack_integer_entry(text->integer) - listpack_text_entry(text->len);
}

static inline void shape_count_integer(struct shape *shape, const struct shape_text *text)
{
    if (!text->is_integer)
        return;
    shape->integer_text += text->len;
    shape->integer_body += listpack_integer_entry(text->integer) - 1;
}

/* Counts one text of the user's, which a row has been added for. */
static inline void shape_count_short(struct shape *shape, const struct shape_text *text, struct packed_sums *packed)
{
    if (text->len > shape->longest)
        shape->longest = text->len;
    if (!text->is_integer)
        return;
    shape_count_integer(shape, text);
    shape_correct_integer(packed, text);
}

/* Counts one text of the user's. */
static inline void shape_count_text(struct shape *shape, const struct shape_text *text)
{
    shape->payload += text->len;
    if (text->len > shape->longest)
        shape->longest = text->len;
    shape_count_integer(shape, text);
}

/* The server has read LZF bytes of the object into a block of `bytes` and freed it: where that was mapped, glibc serves
 * later blocks that are smaller from the heap. Freeing one above the largest threshold changes nothing. */
void shape_remember_freed(struct shape *shape, uint64_t bytes);

#endif
