/* A shape is the sufficient statistic of one object: constant in size, built element by element in one pass, from which
 * every planned server's cost follows in O(1). It is encoding-neutral: how the value lay in the file enters only as
 * `struct shape_origin`, because servers convert on load by what they find.
 *
 * A plan is made before parsing: it lists the views (server, allocator) to be costed and knows which running sums
 * ("lanes": one per distinct entry layout and allocator) those need, so that work per element is O(lanes in use). */
#ifndef MODEL_SHAPE_H
#define MODEL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cost.h"
#include "server.h"

/* The length and kind of one string, all that costs depend on. */
struct shape_text {
    uint64_t len;           /* of its text */
    int64_t integer;        /* when is_integer */
    bool is_integer;        /* canonical decimal int64 (what printing the number gives back), at most 20 characters */
    bool stored_as_integer; /* the file holds an integer form, not text */
};

/* Whether text of which `bytes` holds all `len` bytes is the one decimal form of a 64-bit integer; *integer gets it. */
bool shape_text_parse(const uint8_t *bytes, uint64_t len, int64_t *integer);
/* Likewise; most texts are told to be none by their ends. */
static inline bool shape_text_is_integer(const uint8_t *bytes, uint64_t len, int64_t *integer)
{
    if (len - 1 >= 20 || (unsigned)bytes[len - 1] - '0' > 9 || (unsigned)bytes[0] - '-' > '9' - '-')
        return false;
    return shape_text_parse(bytes, len, integer);
}

/* Decides is_integer for text of which `bytes` holds all `len` bytes (len <= 20; else it is no integer). */
static inline struct shape_text shape_text_of(const uint8_t *bytes, uint64_t len)
{
    struct shape_text text = {.len = len};
    text.is_integer = shape_text_is_integer(bytes, len, &text.integer);
    return text;
}

/* How the value lay in the file, as far as loaders care (RDB-FORMAT section 15). */
enum shape_origin {
    ORIGIN_ELEMENTS,      /* element by element (types 1-5, 22, 24, Valkey 22) */
    ORIGIN_ZIPMAP,        /* type 9 */
    ORIGIN_ZIPLIST,       /* types 10, 12, 13 */
    ORIGIN_LISTPACK,      /* types 16, 17, 20 */
    ORIGIN_LISTPACK_EX,   /* types 23, 25: field, value, expiry */
    ORIGIN_INTSET,        /* type 11 */
    ORIGIN_QUICKLIST,     /* type 14: ziplist nodes */
    ORIGIN_QUICKLIST_2,   /* type 18: listpack and plain nodes */
    ORIGIN_FIELD_EXPIRES, /* types 22R, 24, 22V: elements with their own expiry */
    ORIGIN_COUNT
};

struct plan;
struct shape;

/* ---- plan ----------------------------------------------------------------------------------------------------------
 */

struct plan_view {
    const struct server_model *server;
    const struct allocator *allocator;
    struct settings settings; /* what model_cost uses unless told otherwise */
};

enum { PLAN_MAX_VIEWS = 40 };
enum { SHAPE_KEPT_PAIRS = 128 }; /* of a hash, whose lengths are known one by one: model_prefixed_pairs */

/* A plan for `count` views (copied; at most PLAN_MAX_VIEWS). Aborts when out of memory. Immutable afterwards: threads
 * may share it. */
struct plan *plan_new(const struct plan_view *views, size_t count);
void plan_free(struct plan *plan);
const struct plan_view *plan_view(const struct plan *plan, size_t index);
size_t plan_view_count(const struct plan *plan);
/* Whether what a key costs can depend on the keys that were loaded before it (allocator.h, mapped_from). */
bool plan_remembers_loading(const struct plan *plan);

/* ---- building ------------------------------------------------------------------------------------------------------
 */

/* One shape is reused for every key. Its memory is bounded (see shape.c for what is coarsened at the bounds). */
struct shape *shape_new(const struct plan *plan);
void shape_free(struct shape *shape);

/* When the costed server is taken to load the file (Unix time in ms): some releases drop what is too old by then (field
 * expiries, ids of idempotent producers). 0, the default: nothing is too old. Holds until it is set again. */
void shape_set_load_time(struct shape *shape, int64_t now_ms);

/* Starts an object. `count` is the number of elements if the file says it in advance (element-wise origins), else 0. */
void shape_begin(struct shape *shape, enum object_type type, enum shape_origin origin, uint64_t count);

/* A string value. stored_lzf: it lay LZF-compressed in the file. */
void shape_string(struct shape *shape, const struct shape_text *text, bool stored_lzf);
/* Likewise without a copy, which waits for what has just been written: fill in the text where it is kept, then say so.
 */
struct shape_text *shape_string_place(struct shape *shape);
void shape_string_placed(struct shape *shape, bool stored_lzf);
/* Instead of shape_begin, shape_string and shape_end: the whole of a string whose text has been filled in. */
void shape_string_alone(struct shape *shape, bool stored_lzf, uint64_t stored_bytes);

/* One element; for sets, lists, sorted sets, hashes of any origin, in file order. For packed origins call these for the
 * decoded entries, beside shape_blob / shape_list_node. expire_at_ms: 0 for none. */
void shape_list_element(struct shape *shape, const struct shape_text *element);
/* The first `known` bytes of the list element that follows, for how nodes compress: wanted where some view has a
 * list-compress-depth and may compress the node that it goes into, but not of integers. Without them the cost is an
 * estimate. Used before the next call returns. */
bool shape_wants_list_bytes(const struct shape *shape);
void shape_list_bytes(struct shape *shape, const uint8_t *bytes, size_t known);
void shape_set_member(struct shape *shape, const struct shape_text *member);
void shape_zset_member(struct shape *shape, const struct shape_text *member, double score);
void shape_hash_field(struct shape *shape, const struct shape_text *field, const struct shape_text *value,
                      int64_t expire_at_ms);

/* The packed blob that the whole value lay in: its exact bytes in memory, intset: width of an element (else 0). */
void shape_blob(struct shape *shape, uint64_t len, unsigned int_width);
/* Starts a quicklist node (ORIGIN_QUICKLIST, _2); its elements follow as shape_list_element. `compressed_len` is the
 * LZF length that the file holds it at, 0 when it is stored plain. */
void shape_list_node(struct shape *shape, uint64_t len, bool plain, uint64_t compressed_len);

/* Streams, in file order. */
void shape_stream_node(struct shape *shape, uint64_t id_ms, uint64_t id_seq, uint64_t listpack_len);
void shape_stream_meta(struct shape *shape, uint64_t length, uint64_t groups);
void shape_stream_group(struct shape *shape, const uint8_t *name, uint64_t name_len, uint64_t pending);
void shape_stream_pending(struct shape *shape, uint64_t id_ms, uint64_t id_seq, int64_t delivery_time_ms);
void shape_stream_consumer(struct shape *shape, const uint8_t *name, uint64_t name_len, uint64_t pending);
void shape_stream_consumer_pending(struct shape *shape, uint64_t id_ms, uint64_t id_seq);
void shape_stream_released(struct shape *shape, uint64_t id_ms, uint64_t id_seq);
/* `duration_seconds`: how long this stream remembers ids (its own idmp-duration); 0: the view's setting. */
void shape_stream_producer(struct shape *shape, const uint8_t *id, uint64_t id_len, uint64_t entries,
                           uint64_t duration_seconds);
void shape_stream_iid(struct shape *shape, uint64_t iid_len, uint64_t id_ms, uint64_t id_seq);

/* An array element (Redis 8.8). `tagged` is true for forms that live inside the slot (int, float, small string). */
void shape_array_item(struct shape *shape, uint64_t index, const struct shape_text *text, const uint8_t *bytes,
                      bool tagged);

/* One item of a module value, in file order. The vector set's layout is read from these; for other modules only the
 * serialized size counts. `bytes` may be NULL for values that nobody needs. */
void shape_module_begin(struct shape *shape, const char name[10], unsigned encoding_version);
void shape_module_integer(struct shape *shape, uint64_t value);
void shape_module_number(struct shape *shape, double value);
/* Whether the next string's bytes are needed, decoded (a vector set's element names). */
bool shape_module_wants_bytes(const struct shape *shape);
void shape_module_string(struct shape *shape, const uint8_t *bytes, uint64_t bytes_len, uint64_t len, bool stored_lzf);

/* Ends the object: finishes what depends on the last element. `stored_bytes`: the value's bytes in the file. */
void shape_end(struct shape *shape, uint64_t stored_bytes);

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

enum object_type shape_type(const struct shape *shape);
enum shape_origin shape_origin(const struct shape *shape);
uint64_t shape_elements(const struct shape *shape); /* as LLEN, SCARD, ZCARD, HLEN, XLEN, VCARD, ARCOUNT, STRLEN */
uint64_t shape_longest(const struct shape *shape);  /* longest element, field or value, in bytes of text */
uint64_t shape_payload(const struct shape *shape);  /* sum of the text lengths of all elements */
/* Longest element as a threshold would test it on load: 0 for packed origins, where servers test only the count. */
uint64_t shape_longest_tested(const struct shape *shape);
uint64_t shape_fields_with_expiry(const struct shape *shape);
/* A hash's longest field is at most so long: fields are only summed up. */
uint64_t shape_field_at_most(const struct shape *shape);
uint64_t shape_integers(const struct shape *shape); /* members of a set that are integers; 0 for other types */
/* The integer of a set that decides how wide an intset's elements are; of no other type. */
int64_t shape_widest_integer(const struct shape *shape);
const struct shape_text *shape_string_text(const struct shape *shape); /* the value of a string; of no other type */
bool shape_is_coarse(const struct shape *shape); /* a bound was reached: the cost is an estimate */

/* ---- costing -------------------------------------------------------------------------------------------------------
 */

/* What a key brings beside its value. */
struct key_facts {
    uint64_t name_len;
    bool has_expiry;
    uint8_t metadata_classes; /* Redis 8.6+ */
};

/* The cost of the object under view `view`. `settings` overrides the view's (NULL: the view's own), but for those of
 * lists: how a list is cut into nodes is settled while it is built, by the settings that the plan's view was given. */
void model_cost(const struct plan *plan, size_t view, const struct settings *settings, const struct shape *shape,
                const struct key_facts *key, struct cost *cost);
/* Likewise under the view's own settings, with the allocations one by one. */
void model_explain(const struct plan *plan, size_t view, const struct shape *shape, const struct key_facts *key,
                   struct cost *cost, struct cost_lines *lines);

/* What the key would take more if it had an expiry, without the table that lists expiries (model_keyspace_changed).
 * `without`: its size_in_bytes as it is, which is without one. */
uint64_t model_expiry_bytes(const struct plan *plan, size_t view, const struct shape *shape,
                            const struct key_facts *key, uint64_t without);

/* What a stream's pending entries take of it: their structures, and the trees over them. 0 for other types. */
uint64_t model_pending_bytes(const struct plan *plan, size_t view, const struct shape *shape);

/* Why the loaded value is not packed, under the given settings. */
enum unpacked_reason {
    UNPACKED_NOT, /* it is packed, or its type has no packed form */
    UNPACKED_TOO_MANY_ENTRIES,
    UNPACKED_ELEMENT_TOO_LONG,
    UNPACKED_NOT_INTEGERS /* a set that intset settings would hold, but for non-integer members */
};
struct packing {
    enum unpacked_reason reason;
    enum setting limit_setting;           /* the setting that decides; like the next two 0 where there is no reason */
    int64_t limit;                        /* its value */
    uint64_t actual;                      /* entries or bytes that exceed it */
    uint64_t packed_bytes;                /* size_in_bytes if the object were packed under this view; 0: it cannot be */
    uint64_t table_bytes;                 /* size_in_bytes if it were table-encoded; 0: it cannot be */
    uint64_t packed_len;                  /* bytes of the packed blob that a command would scan */
    enum object_encoding packed_encoding; /* where packed_len is not 0 */
};
/* Both forms of a hash, set or sorted set. false for other types. Exact for non-random structures. */
bool model_packing(const struct plan *plan, size_t view, const struct settings *settings, const struct shape *shape,
                   const struct key_facts *key, struct packing *packing);

/* Likewise of a list of several nodes: what it would take as one, where nodes are listpacks (7.0 and later; from 7.2 on
 * that one is the whole value). `limit` is list-max-listpack-size in bytes or in elements, `limit_is_bytes` says which,
 * and `actual` what the list has of it. false for other types, lists of one node, and with elements too long for a node
 * (these lie outside of it). */
bool model_list_packing(const struct plan *plan, size_t view, const struct shape *shape, const struct key_facts *key,
                        struct packing *packing, bool *limit_is_bytes);

/* ---- keyspace ------------------------------------------------------------------------------------------------------
 */

/* What is needed of one database to cost its tables. Filled by the caller as keys pass (keyspace_add), read at the end.
 */
struct keyspace;
struct keyspace *keyspace_new(const struct plan *plan);
void keyspace_free(struct keyspace *ks);
/* Adds other keys of the same databases. What RESIZEDB claimed of either is added up, too. Where the order of keys
 * matters (field_index.h), those of `other` come behind, or where their part of the file has its place. */
void keyspace_merge(struct keyspace *ks, const struct keyspace *other);
/* What comes now is of this part of the file, which is read in several at a time; and: all of them have been merged. */
void keyspace_part(struct keyspace *ks, uint64_t part);
void keyspace_end_parts(struct keyspace *ks);
/* There are more databases than are kept: what was gathered would not be the same had it been merged of parts. */
bool keyspace_depends_on_order(const struct keyspace *ks);
void keyspace_resizedb(struct keyspace *ks, uint64_t db, uint64_t keys, uint64_t expires);
void keyspace_slot(struct keyspace *ks, uint64_t db, uint64_t slot, uint64_t keys, uint64_t expires);
struct function_library;
void keyspace_function(struct keyspace *ks, const struct function_library *library);
struct archive;
/* Writes all of it, or reads it into one that is new. Of indexes of field expiries only the first 32,768 items of
 * all databases: where there are more, what is read is extrapolated. */
void keyspace_archive(struct keyspace *ks, struct archive *archive);
/* Once per key, after shape_end. `slot`: its cluster hash slot when the snapshot is a cluster's, else -1. */
void keyspace_add(struct keyspace *ks, uint64_t db, const struct key_facts *key, const struct shape *shape, int slot);
/* The same for a string without expiry, of a snapshot that is no cluster's. */
void keyspace_add_string(struct keyspace *ks, uint64_t db);
/* Likewise, with the first `len` bytes of its name: some servers find a slot's keys by them. */
void keyspace_slot_name(struct keyspace *ks, uint64_t db, int slot, const uint8_t *name, size_t len);

struct keyspace_cost {
    uint64_t databases;
    uint64_t keys, expires;
    uint64_t main_table_bytes;    /* hash tables of keys: buckets, headers, expected chained entries or buckets */
    uint64_t expires_table_bytes; /* likewise of expiries */
    uint64_t field_expiry_bytes;  /* per-database index of hashes with field expiry */
    uint64_t function_bytes;
    uint64_t total_bytes;
};
void model_keyspace(const struct plan *plan, size_t view, const struct keyspace *ks, struct keyspace_cost *cost);
struct keyspace_change {
    uint64_t db;
    int64_t keys, expires;
    int64_t volatile_hashes; /* with field expiries: Valkey 9.0+ has a table of those; Redis' index stays as it is */
};
/* By how many bytes of total_bytes the tables would grow, were there so many keys and expiries more or less, and the
 * file written anew; negative where they would shrink. In a cluster every slot has its share of the change: an
 * estimate. */
int64_t model_keyspace_growth(const struct plan *plan, size_t view, const struct keyspace *ks,
                              const struct keyspace_change *changes, size_t count);
/* model_keyspace for one database. false when the snapshot has no such database. */
bool model_keyspace_db(const struct plan *plan, size_t view, const struct keyspace *ks, uint64_t db,
                       struct keyspace_cost *cost);

#endif
