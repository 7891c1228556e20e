#include "set_part.h"

#include "packed_cost.h"
#include "table_cost.h"

struct set_part {
    const char *source;
    bool has_listpack;
    bool presizes_refill; /* a set that turns from intset into a table: a table for the integers first, then one for
                             all; else for all at once */
    enum counted_as packed_counted;
    bool samples;                            /* MEMORY USAGE averages over elements, in doubles */
    enum text_layout member, member_counted; /* TEXT_NONE: as asked */
    const struct sds_family *member_sds;
    struct table_layout table;
    const struct growth_rule *growth;
};

/* ---- history -------------------------------------------------------------------------------------------------------
 */

const struct set_part set_redis_2_8 = {
    .source = "redis 2.8.24 src/t_set.c, src/dict.h",
    .presizes_refill = true,
    .member = TEXT_OBJECT_2_8,
    .table = {.struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8},
    .growth = &growth_redis_2_8,
};

const struct set_part set_redis_3_0 = {
    .source = "redis 3.0.7 src/t_set.c, src/dict.c, src/object.c",
    .presizes_refill = true,
    .member = TEXT_OBJECT_3_0,
    .table = {.struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

const struct set_part set_redis_3_2 = {
    .source = "redis 3.2.13 src/t_set.c, src/dict.h",
    .presizes_refill = true,
    .member = TEXT_OBJECT_3_2,
    .table = {.struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* Members without an object. */
const struct set_part set_redis_4_0 = {
    .source = "redis 4.0.14, 5.0.14 src/t_set.c, src/object.c objectComputeSize",
    .presizes_refill = true,
    .samples = true,
    .member = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = {.struct_bytes = 96, .struct_counted = 96, .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* MEMORY USAGE counts members as held. */
const struct set_part set_redis_6_0 = {
    .source = "redis 6.0.20, 6.2.16 src/object.c objectComputeSize (sdsZmallocSize)",
    .presizes_refill = true,
    .samples = true,
    .member = TEXT_SDS_3_2,
    .member_counted = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = {.struct_bytes = 96, .struct_counted = 96, .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* A smaller dict; intsets counted as held. */
const struct set_part set_redis_7_0 = {
    .source = "redis 7.0.15 src/dict.h, src/object.c objectComputeSize",
    .presizes_refill = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .member = TEXT_SDS_3_2,
    .member_counted = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = {.struct_bytes = 56, .struct_counted = 56, .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* Listpacks; entries only where members collide, though all are counted. */
const struct set_part set_redis_7_2 = {
    .source = "redis 7.2.12 .. 8.0.5, valkey 7.2.13 src/dict.c dictEntryNoValue, src/t_set.c, src/rdb.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .member = TEXT_SDS_3_2,
    .member_counted = TEXT_SDS_3_2,
    .member_sds = &sds_3_2,
    .table = {.struct_bytes = 56,
              .struct_counted = 56,
              .entries = ENTRIES_COLLIDING,
              .entry_bytes = 16,
              .entry_counted = 24,
              .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

const struct set_part set_redis_8_2 = {
    .source = "redis 8.2.3 src/sds.c, src/t_set.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_8_2,
    .member_sds = &sds_8_2,
    .table = {.struct_bytes = 56,
              .struct_counted = 56,
              .entries = ENTRIES_COLLIDING,
              .entry_bytes = 16,
              .entry_counted = 24,
              .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* MEMORY USAGE answers from counters; the dict carries one. */
const struct set_part set_redis_8_4 = {
    .source = "redis 8.4.0; redis/redis 3339b753b (8.6), 2e46d2e73 (8.8) src/t_set.c setTypeAllocSize, src/server.c",
    .has_listpack = true,
    .packed_counted = COUNTED_ASKED,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_ALLOC_SIZE,
    .member_sds = &sds_8_2,
    .table = {.struct_bytes = 64,
              .struct_counted = 56,
              .entries = ENTRIES_COLLIDING,
              .entry_bytes = 16,
              .entry_counted = 24,
              .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* MEMORY USAGE counts the entries that exist. */
const struct set_part set_valkey_8_0 = {
    .source = "valkey 8.0.9 src/object.c objectComputeSize, src/dict.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_8_2,
    .member_sds = &sds_8_2,
    .table = {.struct_bytes = 56,
              .struct_counted = 56,
              .entries = ENTRIES_COLLIDING,
              .entry_bytes = 16,
              .entry_counted = 16,
              .counts_colliding = true,
              .bucket_bytes = 8},
    .growth = &growth_redis_3_0,
};

/* Buckets of a cache line. */
const struct set_part set_valkey_8_1 = {
    .source = "valkey 8.1.7, 9.0.4 src/hashtable.c, src/t_set.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
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

const struct set_part set_valkey_9_1 = {
    .source = "valkey 9.1.0 src/hashtable.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .member = TEXT_SDS_8_2,
    .member_counted = TEXT_SDS_8_2,
    .member_sds = &sds_8_2,
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

void set_plan(struct plan *plan, struct planned_view *view)
{
    const struct set_part *part = view->view.server->set;
    struct lane_table *table = &plan->lanes;
    view->lanes.set_held = (uint8_t)lane_list_need(table, &table->set, part->member, view->classes);
    if (part->member_counted != TEXT_NONE)
        view->lanes.set_counted = (uint8_t)lane_list_need(table, &table->set, part->member_counted, view->classes);
    plan->counts_numbers |= text_integer_block(part->member) != 0;
    if (text_is_object(part->member))
        view->lanes.set_asked = (uint8_t)lane_list_need(table, &table->set, part->member, NULL);
}

/* ---- loading -------------------------------------------------------------------------------------------------------
 */

static uint64_t intset_len(const struct shape *shape)
{
    const struct set_shape *set = &shape->set;
    unsigned width = shape->origin == ORIGIN_INTSET ? shape->blob_int_width : 0;
    if (width == 0) {
        unsigned low = intset_width(set->smallest), high = intset_width(set->largest);
        width = set->integers == 0 ? 2 : low > high ? low : high;
    }
    return INTSET_FRAME + width * shape->elements;
}

static void load_packed(struct loaded *loaded, enum object_encoding encoding, uint64_t len, uint64_t request)
{
    loaded->encoding = encoding;
    loaded->packed_len = len;
    loaded->packed_request = request > len ? request : len;
}

/* The block of a listpack that was an intset first: sized for the widest of its integers, and never shrunk
 * (t_set.c setTypeConvertAndExpand). */
static uint64_t converted_request(const struct set_shape *set)
{
    if (set->first_text == 0 || set->first_text == UINT64_MAX)
        return 0;
    uint64_t low = listpack_integer_entry(set->smallest_then), high = listpack_integer_entry(set->largest_then);
    return LISTPACK_FRAME + set->first_text * (low > high ? low : high);
}

/* Element by element: an intset until the first text comes, then a listpack as long as it may be one. */
static bool load_elements_packed(const struct cost_context *c, const struct set_part *part, struct loaded *loaded)
{
    const struct shape *shape = c->shape;
    const struct set_shape *set = &shape->set;
    uint64_t n = shape->elements, max_value = setting_of(c, SETTING_SET_MAX_VALUE);
    if (n > setting_of(c, SETTING_SET_MAX_INTSET)) {
        loaded_exceeds(loaded, UNPACKED_TOO_MANY_ENTRIES, SETTING_SET_MAX_INTSET, n);
        return false;
    }
    if (set->first_text == UINT64_MAX) {
        load_packed(loaded, ENCODING_INTSET, intset_len(shape), 0);
        return true;
    }
    if (!part->has_listpack) {
        loaded_exceeds(loaded, UNPACKED_NOT_INTEGERS, SETTING_SET_MAX_INTSET, n);
        return false;
    }
    uint64_t longest = set->longest_then > set->text_longest ? set->longest_then : set->text_longest;
    if (n > setting_of(c, SETTING_SET_MAX_ENTRIES)) {
        loaded_exceeds(loaded, UNPACKED_TOO_MANY_ENTRIES, SETTING_SET_MAX_ENTRIES, n);
        return false;
    }
    if (longest > max_value) {
        loaded_exceeds(loaded, UNPACKED_ELEMENT_TOO_LONG, SETTING_SET_MAX_VALUE, longest);
        return false;
    }
    load_packed(loaded, ENCODING_LISTPACK, LISTPACK_FRAME + set->packed.listpack, converted_request(set));
    return true;
}

/* A blob: only the count is tested. */
static bool load_blob_packed(const struct cost_context *c, struct loaded *loaded)
{
    const struct shape *shape = c->shape;
    bool is_intset = shape->origin == ORIGIN_INTSET;
    enum setting limit = is_intset ? SETTING_SET_MAX_INTSET : SETTING_SET_MAX_ENTRIES;
    if (shape->elements > setting_of(c, limit)) {
        loaded_exceeds(loaded, UNPACKED_TOO_MANY_ENTRIES, limit, shape->elements);
        return false;
    }
    load_packed(loaded, is_intset ? ENCODING_INTSET : ENCODING_LISTPACK,
                is_intset ? intset_len(shape) : shape->blob_len, 0);
    return true;
}

/* Tables are made for all elements; before 7.2 one that was an intset is first made for the integers so far. */
static void load_table(const struct cost_context *c, const struct set_part *part, struct loaded *loaded)
{
    const struct shape *shape = c->shape;
    uint64_t n = shape->elements, integers = shape->set.first_text;
    loaded->encoding = ENCODING_HASHTABLE;
    bool was_intset = shape->origin == ORIGIN_ELEMENTS && loaded->reason == UNPACKED_NOT_INTEGERS;
    if (!part->presizes_refill || !was_intset || integers == 0 || integers >= n) {
        table_presized(&loaded->table, part->growth, n);
        return;
    }
    dict_growth_init(&loaded->table, part->growth);
    dict_growth_expand(&loaded->table, integers);
    dict_growth_insert(&loaded->table, integers);
    dict_growth_expand(&loaded->table, n);
    dict_growth_insert(&loaded->table, n - integers);
}

void set_load(const struct cost_context *c, struct loaded *loaded)
{
    const struct set_part *part = c->server->set;
    enum shape_origin origin = c->shape->origin;
    bool is_blob = origin == ORIGIN_INTSET || (origin == ORIGIN_LISTPACK && part->has_listpack);
    loaded->reason = UNPACKED_NOT;
    if (!(is_blob ? load_blob_packed(c, loaded) : load_elements_packed(c, part, loaded)))
        load_table(c, part, loaded);
}

/* ---- costing -------------------------------------------------------------------------------------------------------
 */

/* Members that were an intset until the first text came. */
static struct number_texts_less unpacked_numbers(const struct cost_context *c, const struct set_part *part,
                                                 const struct loaded *loaded)
{
    if (c->shape->origin != ORIGIN_ELEMENTS || loaded->reason != UNPACKED_NOT_INTEGERS)
        return (struct number_texts_less){0};
    return number_texts_less(c, &c->shape->numbers, part->member);
}

void set_cost(const struct cost_context *c, struct tally *t, const struct loaded *loaded)
{
    const struct set_part *part = c->server->set;
    const struct shape *shape = c->shape;
    t->encoding = loaded->encoding;
    if (loaded->encoding != ENCODING_HASHTABLE) {
        packed_cost(c, t, loaded->packed_len, loaded->packed_request, part->packed_counted);
        return;
    }
    bool is_object = text_is_object(part->member);
    struct number_texts_less less = unpacked_numbers(c, part, loaded);
    uint64_t asked = is_object ? shape->sum[c->view->lanes.set_asked] - less.asked
                               : text_sums_request(&shape->set.texts, part->member_sds);
    uint64_t counted = part->member_counted != TEXT_NONE ? shape->sum[c->view->lanes.set_counted] : asked;
    uint64_t n = shape->elements;
    counted += table_cost(c, t, &part->table, &loaded->table, 0);
    tally_add(t, COST_ELEMENT, "members", 0, n, asked, shape->sum[c->view->lanes.set_held] - less.held);
    tally_payload(t, asked, is_object ? shape_object_payload(shape) : shape->payload);
    if (part->samples)
        tally_usage_average(t, counted, n);
    else
        tally_usage(t, counted);
}
