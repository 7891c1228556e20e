#include "zset_part.h"

#include "packed_cost.h"
#include "table_cost.h"

struct zset_part {
    const char *source;
    bool has_listpack;       /* else ziplist */
    bool prints_shortest;    /* scores are packed in their shortest form; else as %.17g */
    bool ignores_integers;   /* members that are integers are not measured against the limit */
    bool presizes_elements;  /* the table of a skip list read element by element is made for all */
    bool presizes_converted; /* likewise of one that was packed in the file */
    enum counted_as packed_counted;
    bool samples;                            /* MEMORY USAGE averages over elements, in doubles */
    bool counts_structures;                  /* MEMORY USAGE counts skip list, header and table structure (5.0+) */
    bool header_counted_asked;               /* the header as asked */
    bool skiplist_counted_held;              /* its structure as held */
    uint8_t skiplist_bytes;                  /* 0: in the header's block */
    uint16_t header_bytes;                   /* node of the highest level */
    enum text_layout member, member_counted; /* a node layout: the member lies in the node */
    const struct sds_family *member_sds;
    struct table_layout table;
    const struct growth_rule *growth;
};

enum {
    ZSET_BYTES = 16, /* server.h, every release */
    NODE_BYTES = 24  /* zskiplistNode with the member apart, without levels */
};

/* ---- history -------------------------------------------------------------------------------------------------------
 */

#define DICT_2_8                                                                                                       \
    {                                                                                                                  \
        .struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8                                                       \
    }
#define DICT_4_0                                                                                                       \
    {                                                                                                                  \
        .struct_bytes = 96, .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8                                  \
    }
#define DICT_5_0                                                                                                       \
    {                                                                                                                  \
        .struct_bytes = 96, .struct_counted = 96, .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8            \
    }
#define DICT_7_0                                                                                                       \
    {                                                                                                                  \
        .struct_bytes = 56, .struct_counted = 56, .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8            \
    }

const struct zset_part zset_redis_2_8 = {
    .source = "redis 2.8.24 src/t_zset.c, src/redis.h",
    .ignores_integers = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_OBJECT_2_8,
    .table = DICT_2_8,
    .growth = &growth_redis_2_8,
};

const struct zset_part zset_redis_3_0 = {
    .source = "redis 3.0.7 src/t_zset.c, src/dict.c, src/object.c",
    .ignores_integers = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_OBJECT_3_0,
    .table = DICT_2_8,
    .growth = &growth_redis_3_0,
};

const struct zset_part zset_redis_3_2 = {
    .source = "redis 3.2.13 src/t_zset.c, src/server.h",
    .ignores_integers = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_OBJECT_3_2,
    .table = DICT_2_8,
    .growth = &growth_redis_3_0,
};

/* Members without an object. MEMORY USAGE forgets skip list, header and table structure. */
const struct zset_part zset_redis_4_0 = {
    .source = "redis 4.0.14 src/t_zset.c, src/object.c objectComputeSize",
    .samples = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = DICT_4_0,
    .growth = &growth_redis_3_0,
};

/* 64 levels, in this release only. */
const struct zset_part zset_redis_5_0 = {
    .source = "redis 5.0.14 src/server.h ZSKIPLIST_MAXLEVEL, src/rdb.c, src/object.c objectComputeSize",
    .presizes_elements = true,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 1048,
    .member = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = DICT_5_0,
    .growth = &growth_redis_3_0,
};

const struct zset_part zset_redis_6_0 = {
    .source = "redis 6.0.20, 6.2.16 src/server.h, src/object.c objectComputeSize (sdsZmallocSize)",
    .presizes_elements = true,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_3_2,
    .member_counted = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = DICT_5_0,
    .growth = &growth_redis_3_0,
};

/* Listpacks; a smaller dict. */
const struct zset_part zset_redis_7_0 = {
    .source = "redis 7.0.15 src/t_zset.c zzlInsertAt, src/dict.h",
    .has_listpack = true,
    .presizes_elements = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_3_2,
    .member_counted = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = DICT_7_0,
    .growth = &growth_redis_3_0,
};

/* Scores in their shortest form; tables of converted blobs presized. */
const struct zset_part zset_redis_7_2 = {
    .source = "redis 7.2.12 .. 8.0.5, valkey 7.2.13 src/t_zset.c, src/util.c fpconv_dtoa, src/rdb.c",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_3_2,
    .member_counted = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = DICT_7_0,
    .growth = &growth_redis_3_0,
};

/* MEMORY USAGE takes the table's entries for a set's: 16 bytes instead of 24. */
const struct zset_part zset_redis_8_2 = {
    .source = "redis 8.2.3 src/object.c kvobjComputeSize, src/sds.c",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_8_2,
    .member_sds = &sds_8_2,
    .table = {.struct_bytes = 56, .struct_counted = 56, .entry_bytes = 24, .entry_counted = 16, .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* The skip list counts its own bytes, and MEMORY USAGE answers from that. */
const struct zset_part zset_redis_8_4 = {
    .source = "redis 8.4.0 src/t_zset.c zsetAllocSize, src/server.h",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_ASKED,
    .counts_structures = true,
    .skiplist_counted_held = true,
    .skiplist_bytes = 40,
    .header_bytes = 536,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_ALLOC_SIZE,
    .member_sds = &sds_8_2,
    .table = DICT_7_0,
    .growth = &growth_redis_3_0,
};

/* The member lies in its node, and the node in the table's bucket. */
const struct zset_part zset_redis_8_6 = {
    .source = "redis/redis 3339b753b (8.6), 2e46d2e73 (8.8) src/t_zset.c zslCreateNode",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_ASKED,
    .counts_structures = true,
    .skiplist_counted_held = true,
    .skiplist_bytes = 40,
    .header_bytes = 528,
    .member = TEXT_NODE_REDIS_8_6,
    .member_counted = TEXT_NODE_REDIS_8_6,
    .table = {.struct_bytes = 56,
              .struct_counted = 56,
              .entries = ENTRIES_COLLIDING,
              .entry_bytes = 16,
              .entry_counted = 24,
              .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

const struct zset_part zset_valkey_8_0 = {
    .source = "valkey 8.0.9 src/t_zset.c, src/sds.c",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_8_2,
    .member_sds = &sds_8_2,
    .table = DICT_7_0,
    .growth = &growth_redis_3_0,
};

/* Buckets of a cache line. */
const struct zset_part zset_valkey_8_1 = {
    .source = "valkey 8.1.7, 9.0.4 src/t_zset.c, src/hashtable.c",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .counts_structures = true,
    .skiplist_bytes = 32,
    .header_bytes = 536,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_8_2,
    .member_sds = &sds_8_2,
    .table = {.struct_bytes = 72,
              .struct_counted = 72,
              .entries = ENTRIES_CHAINED,
              .entry_bytes = 64,
              .entry_counted = 64,
              .bucket_bytes = 64},
    .growth = &growth_valkey_8_1,
};

/* The member lies in its node; skip list and header are one block. */
const struct zset_part zset_valkey_9_1 = {
    .source = "valkey 9.1.0 src/t_zset.c zslCreateNode, zslCreate",
    .has_listpack = true,
    .prints_shortest = true,
    .presizes_elements = true,
    .presizes_converted = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .counts_structures = true,
    .header_counted_asked = true,
    .header_bytes = 528,
    .member = TEXT_NODE_VALKEY_9_1,
    .member_counted = TEXT_NODE_VALKEY_9_1,
    .table = {.struct_bytes = 80,
              .struct_counted = 80,
              .entries = ENTRIES_CHAINED,
              .entry_bytes = 64,
              .entry_counted = 64,
              .bucket_bytes = 64},
    .growth = &growth_valkey_9_0,
};

/* ---- planning ------------------------------------------------------------------------------------------------------
 */

static bool member_in_node(const struct zset_part *part)
{
    return part->member == TEXT_NODE_REDIS_8_6 || part->member == TEXT_NODE_VALKEY_9_1;
}

void zset_plan(struct plan *plan, struct planned_view *view)
{
    const struct zset_part *part = view->view.server->zset;
    struct lane_table *table = &plan->lanes;
    plan->needs_ziplist |= !part->has_listpack;
    plan->needs_shortest_score |= part->prints_shortest;
    plan->needs_printed_score |= !part->prints_shortest;
    view->node_expected = chance_skiplist_node(view->classes, NODE_BYTES);
    view->lanes.zset_held = (uint8_t)lane_list_need(table, &table->zset, part->member, view->classes);
    if (part->member_counted != TEXT_NONE)
        view->lanes.zset_counted = (uint8_t)lane_list_need(table, &table->zset, part->member_counted, view->classes);
    if (text_is_object(part->member) || member_in_node(part))
        view->lanes.zset_asked = (uint8_t)lane_list_need(table, &table->zset, part->member, NULL);
}

/* ---- loading -------------------------------------------------------------------------------------------------------
 */

static uint64_t packed_len(const struct shape *shape, const struct zset_part *part)
{
    const struct zset_shape *zset = &shape->zset;
    bool as_stored = shape->origin == (part->has_listpack ? ORIGIN_LISTPACK : ORIGIN_ZIPLIST);
    if (as_stored && shape->blob_len)
        return shape->blob_len;
    if (!part->has_listpack)
        return ZIPLIST_FRAME + zset->printed.ziplist;
    /* A ziplist's scores are repacked as the text that they are. */
    bool shortest = part->prints_shortest && shape->origin != ORIGIN_ZIPLIST;
    return LISTPACK_FRAME + (shortest ? zset->shortest : zset->printed.listpack);
}

static bool is_blob(const struct zset_part *part, enum shape_origin origin)
{
    return origin == ORIGIN_ZIPLIST || (origin == ORIGIN_LISTPACK && part->has_listpack);
}

void zset_load(const struct cost_context *c, struct loaded *loaded)
{
    const struct zset_part *part = c->server->zset;
    const struct shape *shape = c->shape;
    bool blob = is_blob(part, shape->origin);
    uint64_t n = shape->elements, longest = part->ignores_integers ? shape->zset.longest_text : shape->longest;
    loaded->reason = UNPACKED_NOT;
    if (n > setting_of(c, SETTING_ZSET_MAX_ENTRIES))
        loaded_exceeds(loaded, UNPACKED_TOO_MANY_ENTRIES, SETTING_ZSET_MAX_ENTRIES, n);
    else if (!blob && longest > setting_of(c, SETTING_ZSET_MAX_VALUE))
        loaded_exceeds(loaded, UNPACKED_ELEMENT_TOO_LONG, SETTING_ZSET_MAX_VALUE, longest);
    if (loaded->reason == UNPACKED_NOT) {
        loaded->encoding = part->has_listpack ? ENCODING_LISTPACK : ENCODING_ZIPLIST;
        loaded->packed_len = loaded->packed_request = packed_len(shape, part);
        return;
    }
    loaded->encoding = ENCODING_SKIPLIST;
    if (blob ? part->presizes_converted : part->presizes_elements) {
        table_presized(&loaded->table, part->growth, n);
        return;
    }
    dict_growth_init(&loaded->table, part->growth);
    dict_growth_insert(&loaded->table, n);
}

/* ---- costing -------------------------------------------------------------------------------------------------------
 */

static void structures_cost(const struct cost_context *c, struct tally *t, const struct zset_part *part)
{
    uint64_t header = part->header_bytes, header_held = held(c, header);
    tally_add(t, COST_TABLE, "sorted set structure", 0, 1, ZSET_BYTES, held(c, ZSET_BYTES));
    tally_usage(t, ZSET_BYTES);
    if (part->skiplist_bytes)
        tally_add(t, COST_TABLE, "skip list structure", 0, 1, part->skiplist_bytes, held(c, part->skiplist_bytes));
    tally_add(t, COST_TABLE, "skip list header", 0, 1, header, header_held);
    if (part->counts_structures)
        tally_usage(t, (part->skiplist_counted_held ? held(c, part->skiplist_bytes) : part->skiplist_bytes) +
                           (part->header_counted_asked ? header : header_held));
}

/* Nodes and members; returns what MEMORY USAGE counts of them. */
static uint64_t elements_cost(const struct cost_context *c, struct tally *t, const struct zset_part *part)
{
    const struct shape *shape = c->shape;
    const struct view_lanes *lanes = &c->view->lanes;
    uint64_t n = shape->elements, sum = shape->sum[lanes->zset_held];
    if (member_in_node(part)) {
        uint64_t asked = chance_bytes(shape->sum[lanes->zset_asked], 1), bytes = chance_bytes(sum, 1);
        tally_add(t, COST_ELEMENT, "skip list nodes with members (expected)", 0, n, asked, bytes);
        tally_payload(t, asked, shape->payload);
        return bytes;
    }
    uint64_t nodes = chance_bytes(n * c->view->node_expected, 1);
    tally_add(t, COST_ELEMENT, "skip list nodes (expected)", 0, n,
              chance_bytes(n * chance_skiplist_request(NODE_BYTES), 1), nodes);
    bool is_object = text_is_object(part->member);
    uint64_t asked =
        is_object ? shape->sum[lanes->zset_asked] : text_sums_request(&shape->zset.texts, part->member_sds);
    tally_add(t, COST_ELEMENT, "members", 0, n, asked, sum);
    tally_payload(t, asked, is_object ? shape_object_payload(shape) : shape->payload);
    return nodes + (part->member_counted != TEXT_NONE ? shape->sum[lanes->zset_counted] : asked);
}

void zset_cost(const struct cost_context *c, struct tally *t, const struct loaded *loaded)
{
    const struct zset_part *part = c->server->zset;
    t->encoding = loaded->encoding;
    if (loaded->encoding != ENCODING_SKIPLIST) {
        packed_cost(c, t, loaded->packed_len, loaded->packed_request, part->packed_counted);
        return;
    }
    structures_cost(c, t, part);
    uint64_t counted = table_cost(c, t, &part->table, &loaded->table, 0);
    counted += elements_cost(c, t, part);
    if (part->samples)
        tally_usage_average(t, counted, c->shape->elements);
    else
        tally_usage(t, counted);
}
