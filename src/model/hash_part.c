#include "hash_part.h"

#include "packed_cost.h"
#include "table_cost.h"
#include "vset.h"

enum field_expiry_kind {
    FIELD_EXPIRY_NONE,  /* the release knows none: fields are taken without */
    FIELD_EXPIRY_REDIS, /* listpackex; in tables, ebuckets */
    FIELD_EXPIRY_VALKEY /* tables only, with a vset */
};

enum rest_request {
    REST_NONE,
    REST_REMAINING, /* for the pairs still to come */
    REST_ALL        /* for all pairs */
};

/* What the loader asks of the table (rdb.c rdbLoadObject). */
struct hash_growth {
    const struct growth_rule *rule;
    bool presizes_elements;  /* read pair by pair and known to be too many: for all */
    bool presizes_converted; /* a packed blob with too many pairs: for all */
    bool presizes_moved;     /* packed until a pair is too long: for those so far */
    enum rest_request rest;  /* ... and then for the rest, */
    uint8_t rest_above;      /* if it is more than this */
};

struct hash_part {
    const char *source;
    bool has_listpack; /* else ziplist */
    enum field_expiry_kind expiry;
    enum counted_as packed_counted;
    bool samples;                   /* MEMORY USAGE averages over pairs, in doubles */
    const struct pair_layout *pair; /* field and value in one block; else: */
    enum text_layout field, timed_field, value;
    bool counts_held;               /* MEMORY USAGE counts fields and values as held; else as asked */
    enum text_layout value_counted; /* counted in yet another way (TEXT_NONE: as the above says) */
    const struct sds_family *field_family, *value_family;
    uint8_t timed_field_more; /* bytes asked for a field's expiry */
    uint8_t listpackex_bytes;
    uint8_t timed_struct_more; /* table structure of a hash with field expiries */
    uint8_t vset_struct;       /* table structure inside a vset */
    struct table_layout table;
    struct hash_growth growth;
};

#define ENTRIES_OF_24 .entry_bytes = 24, .entry_counted = 24, .bucket_bytes = 8
#define BUCKETS_OF_64 .entries = ENTRIES_CHAINED, .entry_bytes = 64, .entry_counted = 64, .bucket_bytes = 64

/* ---- history -------------------------------------------------------------------------------------------------------
 */

const struct hash_part hash_redis_2_8 = {
    .source = "redis 2.8.24 src/t_hash.c, src/rdb.c, src/dict.c",
    .field = TEXT_OBJECT_2_8,
    .timed_field = TEXT_OBJECT_2_8,
    .value = TEXT_OBJECT_2_8,
    .table = {.struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8},
    .growth = {.rule = &growth_redis_2_8},
};

const struct hash_part hash_redis_3_0 = {
    .source = "redis 3.0.7 src/t_hash.c, src/rdb.c, src/dict.c, src/object.c",
    .field = TEXT_OBJECT_3_0,
    .timed_field = TEXT_OBJECT_3_0,
    .value = TEXT_OBJECT_3_0,
    .table = {.struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8},
    .growth = {.rule = &growth_redis_3_0},
};

const struct hash_part hash_redis_3_2 = {
    .source = "redis 3.2.13 src/t_hash.c, src/rdb.c, src/dict.c",
    .field = TEXT_OBJECT_3_2,
    .timed_field = TEXT_OBJECT_3_2,
    .value = TEXT_OBJECT_3_2,
    .table = {.struct_bytes = 96, .entry_bytes = 24, .bucket_bytes = 8},
    .growth = {.rule = &growth_redis_3_0},
};

/* Fields and values without objects. */
const struct hash_part hash_redis_4_0 = {
    .source = "redis 4.0.14 src/t_hash.c, src/object.c objectComputeSize",
    .samples = true,
    .field = TEXT_SDS_3_2,
    .timed_field = TEXT_SDS_3_2,
    .value = TEXT_SDS_3_2,
    .field_family = &sds_3_2,
    .value_family = &sds_3_2,
    .table = {.struct_bytes = 96, .struct_counted = 96, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_3_0},
};

/* Tables are presized for what is known to come. */
const struct hash_part hash_redis_5_0 = {
    .source = "redis 5.0.14 src/rdb.c rdbLoadObject",
    .samples = true,
    .field = TEXT_SDS_3_2,
    .timed_field = TEXT_SDS_3_2,
    .value = TEXT_SDS_3_2,
    .field_family = &sds_3_2,
    .value_family = &sds_3_2,
    .table = {.struct_bytes = 96, .struct_counted = 96, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_3_0, .presizes_elements = true, .rest = REST_REMAINING, .rest_above = 4},
};

/* MEMORY USAGE counts fields and values as held. */
const struct hash_part hash_redis_6_0 = {
    .source = "redis 6.0.20, 6.2.16 src/object.c objectComputeSize (sdsZmallocSize)",
    .samples = true,
    .field = TEXT_SDS_3_2,
    .timed_field = TEXT_SDS_3_2,
    .value = TEXT_SDS_3_2,
    .counts_held = true,
    .field_family = &sds_3_2,
    .value_family = &sds_3_2,
    .table = {.struct_bytes = 96, .struct_counted = 96, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_3_0, .presizes_elements = true, .rest = REST_REMAINING, .rest_above = 4},
};

/* Listpacks; a smaller dict; converted tables presized. */
const struct hash_part hash_redis_7_0 = {
    .source = "redis 7.0.15, 7.2.12, valkey 7.2.13 src/t_hash.c, src/dict.h, src/rdb.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .field = TEXT_SDS_3_2,
    .timed_field = TEXT_SDS_3_2,
    .value = TEXT_SDS_3_2,
    .counts_held = true,
    .field_family = &sds_3_2,
    .value_family = &sds_3_2,
    .table = {.struct_bytes = 56, .struct_counted = 56, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_3_0,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING,
               .rest_above = 4},
};

/* Field expiries: fields are mstr, hashes with them have a larger dict. */
const struct hash_part hash_redis_7_4 = {
    .source = "redis 7.4.7, 8.0.5 src/mstr.h, src/t_hash.c, src/ebuckets.h, src/server.h listpackEx",
    .has_listpack = true,
    .expiry = FIELD_EXPIRY_REDIS,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .field = TEXT_MSTR,
    .timed_field = TEXT_MSTR_TIMED,
    .value = TEXT_SDS_3_2,
    .counts_held = true,
    .field_family = &mstr_7_4,
    .value_family = &sds_3_2,
    .timed_field_more = 18,
    .listpackex_bytes = 32,
    .timed_struct_more = 32,
    .table = {.struct_bytes = 56, .struct_counted = 56, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_7_4,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING,
               .rest_above = 4},
};

const struct hash_part hash_redis_8_2 = {
    .source = "redis 8.2.3 src/t_hash.c, src/sds.c, src/server.h",
    .has_listpack = true,
    .expiry = FIELD_EXPIRY_REDIS,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .field = TEXT_MSTR,
    .timed_field = TEXT_MSTR_TIMED,
    .value = TEXT_SDS_8_2,
    .counts_held = true,
    .field_family = &mstr_7_4,
    .value_family = &sds_8_2,
    .timed_field_more = 18,
    .listpackex_bytes = 24,
    .timed_struct_more = 24,
    .table = {.struct_bytes = 56, .struct_counted = 56, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_7_4,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING,
               .rest_above = 4},
};

/* The dict counts its own bytes, and MEMORY USAGE answers from that. */
const struct hash_part hash_redis_8_4 = {
    .source = "redis 8.4.0 src/t_hash.c hashTypeAllocSize, htMetadataEx",
    .has_listpack = true,
    .expiry = FIELD_EXPIRY_REDIS,
    .packed_counted = COUNTED_ASKED,
    .field = TEXT_MSTR,
    .timed_field = TEXT_MSTR_TIMED,
    .value = TEXT_SDS_8_2,
    .counts_held = true,
    .value_counted = TEXT_SDS_ALLOC_SIZE,
    .field_family = &mstr_7_4,
    .value_family = &sds_8_2,
    .timed_field_more = 18,
    .listpackex_bytes = 24,
    .timed_struct_more = 24,
    .table = {.struct_bytes = 64, .struct_counted = 56, ENTRIES_OF_24},
    .growth = {.rule = &growth_redis_7_4,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING,
               .rest_above = 4},
};

static const struct pair_layout pair_redis_8_6 = {
    .embed_max = 128, .apart_bytes = 8, .expiry_bytes = 16, .counts_value_as_asked = true};

/* Field and value in one entry, which lies in the table's bucket; the rest is asked for as all. */
const struct hash_part hash_redis_8_6 = {
    .source = "redis/redis 3339b753b (8.6), 2e46d2e73 (8.8) src/entry.c, src/t_hash.c",
    .has_listpack = true,
    .expiry = FIELD_EXPIRY_REDIS,
    .packed_counted = COUNTED_ASKED,
    .pair = &pair_redis_8_6,
    .listpackex_bytes = 24,
    .timed_struct_more = 24,
    .table = {.struct_bytes = 64,
              .struct_counted = 56,
              .entries = ENTRIES_COLLIDING,
              .entry_bytes = 16,
              .entry_counted = 24,
              .bucket_bytes = 8},
    .growth = {.rule = &growth_redis_7_4,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_ALL,
               .rest_above = 4},
};

const struct hash_part hash_valkey_8_0 = {
    .source = "valkey 8.0.9 src/t_hash.c, src/sds.c, src/dict.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .field = TEXT_SDS_8_2,
    .timed_field = TEXT_SDS_8_2,
    .value = TEXT_SDS_8_2,
    .counts_held = true,
    .field_family = &sds_8_2,
    .value_family = &sds_8_2,
    .table = {.struct_bytes = 56, .struct_counted = 56, ENTRIES_OF_24},
    .growth = {.rule = &growth_valkey_8_0,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING,
               .rest_above = 4},
};

static const struct pair_layout pair_valkey_8_1 = {.embed_max = 128, .apart_bytes = 8};
static const struct pair_layout pair_valkey_9_0 = {.embed_max = 128, .apart_bytes = 8, .expiry_bytes = 8};

/* Buckets of a cache line; field and value in one entry. */
const struct hash_part hash_valkey_8_1 = {
    .source = "valkey 8.1.7 src/t_hash.c hashTypeCreateEntry, src/hashtable.c",
    .has_listpack = true,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .pair = &pair_valkey_8_1,
    .counts_held = true,
    .table = {.struct_bytes = 72, .struct_counted = 72, BUCKETS_OF_64},
    .growth = {.rule = &growth_valkey_8_1,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING},
};

/* Field expiries, in tables only. */
const struct hash_part hash_valkey_9_0 = {
    .source = "valkey 9.0.4 src/entry.c, src/vset.c, src/server.c",
    .has_listpack = true,
    .expiry = FIELD_EXPIRY_VALKEY,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .pair = &pair_valkey_9_0,
    .counts_held = true,
    .vset_struct = 72,
    .table = {.struct_bytes = 80, .struct_counted = 80, BUCKETS_OF_64},
    .growth = {.rule = &growth_valkey_9_0,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING},
};

const struct hash_part hash_valkey_9_1 = {
    .source = "valkey 9.1.0 src/entry.c, src/hashtable.c, src/server.c",
    .has_listpack = true,
    .expiry = FIELD_EXPIRY_VALKEY,
    .packed_counted = COUNTED_HELD,
    .samples = true,
    .pair = &pair_valkey_9_0,
    .counts_held = true,
    .vset_struct = 80,
    .table = {.struct_bytes = 88, .struct_counted = 88, BUCKETS_OF_64},
    .growth = {.rule = &growth_valkey_9_0,
               .presizes_elements = true,
               .presizes_converted = true,
               .presizes_moved = true,
               .rest = REST_REMAINING},
};

/* ---- planning ------------------------------------------------------------------------------------------------------
 */

void hash_plan(struct plan *plan, struct planned_view *view)
{
    const struct hash_part *part = view->view.server->hash;
    struct lane_table *table = &plan->lanes;
    struct view_lanes *lanes = &view->lanes;
    plan->needs_ziplist |= !part->has_listpack;
    plan->keeps_pairs |= view == plan->view && hash_timed_pair(part);
    if (part->pair) {
        lanes->hash_held = (uint8_t)lane_table_need_pair(table, part->pair, view->classes);
        return;
    }
    lanes->hash_held = (uint8_t)lane_table_need_hash(table, part->field, part->timed_field, part->value, view->classes);
    if (part->value_counted != TEXT_NONE)
        lanes->hash_counted =
            (uint8_t)lane_table_need_hash(table, part->field, part->timed_field, part->value_counted, view->classes);
    if (text_integer_block(part->field)) {
        plan->counts_numbers = true;
        plan->hash_packed_until = (uint64_t)view->view.settings.value[SETTING_HASH_MAX_VALUE];
    }
    if (text_is_object(part->field))
        lanes->hash_asked = (uint8_t)lane_table_need_hash(table, part->field, part->timed_field, part->value, NULL);
}

void hash_packed_form(const struct hash_part *part, struct hash_packed_form *form)
{
    *form = (struct hash_packed_form){part->has_listpack, part->expiry == FIELD_EXPIRY_REDIS, part->listpackex_bytes};
}

const struct pair_layout *hash_timed_pair(const struct hash_part *part)
{
    return part->expiry == FIELD_EXPIRY_VALKEY ? part->pair : NULL;
}

/* ---- loading -------------------------------------------------------------------------------------------------------
 */

/* The origin as this release takes it: what it cannot read counts as read pair by pair. */
static enum shape_origin origin_for(const struct hash_part *part, enum shape_origin origin)
{
    bool is_listpack = origin == ORIGIN_LISTPACK;
    bool is_expiring = origin == ORIGIN_LISTPACK_EX || origin == ORIGIN_FIELD_EXPIRES;
    if ((is_listpack && !part->has_listpack) || (is_expiring && part->expiry == FIELD_EXPIRY_NONE))
        return ORIGIN_ELEMENTS;
    return origin;
}

static uint64_t packed_len(const struct shape *shape, const struct hash_part *part, enum shape_origin origin)
{
    const struct hash_shape *hash = &shape->hash;
    if (!part->has_listpack)
        return origin == ORIGIN_ZIPLIST && shape->blob_len ? shape->blob_len : ZIPLIST_FRAME + hash->packed.ziplist;
    if ((origin == ORIGIN_LISTPACK || origin == ORIGIN_LISTPACK_EX) && shape->blob_len)
        return shape->blob_len;
    uint64_t expiries = origin == ORIGIN_FIELD_EXPIRES || origin == ORIGIN_LISTPACK_EX ? hash->expiry_entries : 0;
    return LISTPACK_FRAME + hash->packed.listpack + expiries;
}

static void load_packed(struct loaded *loaded, const struct shape *shape, const struct hash_part *part,
                        enum shape_origin origin)
{
    bool is_expiring = origin == ORIGIN_LISTPACK_EX || origin == ORIGIN_FIELD_EXPIRES;
    loaded->encoding = !part->has_listpack ? ENCODING_ZIPLIST : is_expiring ? ENCODING_LISTPACKEX : ENCODING_LISTPACK;
    loaded->packed_len = loaded->packed_request = packed_len(shape, part, origin);
}

/* A table that is made when pair `moved` (from 0) turns out too long to be packed. With field expiries the rest is
 * asked for before that pair is added, else behind it. */
static void load_moved(struct loaded *loaded, const struct hash_growth *growth, uint64_t n, uint64_t moved,
                       bool rest_first)
{
    struct dict_growth *table = &loaded->table;
    uint64_t rest = growth->rest == REST_NONE ? 0 : growth->rest == REST_ALL ? n : n - moved - 1;
    bool asks = rest > growth->rest_above;
    dict_growth_init(table, growth->rule);
    if (growth->presizes_moved && moved)
        dict_growth_expand(table, moved);
    dict_growth_insert(table, moved);
    if (asks && rest_first)
        dict_growth_expand(table, rest);
    dict_growth_insert(table, 1);
    if (asks && !rest_first)
        dict_growth_expand(table, rest);
    dict_growth_insert(table, n - moved - 1);
}

/* A table that all `n` pairs are read into, or converted to at once. */
static void load_whole(struct dict_growth *table, const struct hash_growth *growth, uint64_t n, bool is_presized)
{
    if (is_presized) {
        table_presized(table, growth->rule, n);
    } else {
        dict_growth_init(table, growth->rule);
        dict_growth_insert(table, n);
    }
}

static void load_table(struct loaded *loaded, const struct hash_part *part, const struct shape *shape,
                       enum shape_origin origin, uint64_t moved)
{
    const struct hash_growth *growth = &part->growth;
    uint64_t n = shape->elements;
    bool is_elements = origin == ORIGIN_ELEMENTS || origin == ORIGIN_FIELD_EXPIRES;
    /* Redis does not presize hashes with field expiries that are read pair by pair; Valkey does. */
    bool grows = origin == ORIGIN_FIELD_EXPIRES && part->expiry == FIELD_EXPIRY_REDIS;
    loaded->encoding = ENCODING_HASHTABLE;
    loaded->sorted_fields = 0;
    if (is_elements && moved < n) {
        loaded->sorted_fields = grows ? moved : 0;
        load_moved(loaded, growth, n, moved, grows);
    } else {
        bool is_presized = !grows && (is_elements ? growth->presizes_elements : growth->presizes_converted);
        load_whole(&loaded->table, growth, n, is_presized);
    }
}

void hash_load(const struct cost_context *c, struct loaded *loaded)
{
    const struct hash_part *part = c->server->hash;
    const struct shape *shape = c->shape;
    enum shape_origin origin = origin_for(part, shape->origin);
    bool tests_values = origin == ORIGIN_ELEMENTS || origin == ORIGIN_FIELD_EXPIRES || origin == ORIGIN_ZIPMAP;
    bool never_packed = part->expiry == FIELD_EXPIRY_VALKEY && shape->hash.timed;
    never_packed |= part->expiry == FIELD_EXPIRY_VALKEY && origin == ORIGIN_FIELD_EXPIRES;
    uint64_t n = shape->elements, moved = UINT64_MAX;
    loaded->reason = UNPACKED_NOT;
    if (n > setting_of(c, SETTING_HASH_MAX_ENTRIES)) {
        loaded_exceeds(loaded, UNPACKED_TOO_MANY_ENTRIES, SETTING_HASH_MAX_ENTRIES, n);
    } else if (tests_values && shape->longest > setting_of(c, SETTING_HASH_MAX_VALUE)) {
        loaded_exceeds(loaded, UNPACKED_ELEMENT_TOO_LONG, SETTING_HASH_MAX_VALUE, shape->longest);
        if (!never_packed)
            moved = steps_first_over(&shape->hash.steps, setting_of(c, SETTING_HASH_MAX_VALUE));
    }
    if (loaded->reason == UNPACKED_NOT && !never_packed)
        load_packed(loaded, shape, part, origin);
    else
        load_table(loaded, part, shape, origin, moved);
}

/* ---- costing -------------------------------------------------------------------------------------------------------
 */

/* Blocks of fields and values; returns what MEMORY USAGE counts of them. */
static uint64_t pairs_cost(const struct cost_context *c, struct tally *t, const struct hash_part *part,
                           const struct number_texts_less *less)
{
    const struct shape *shape = c->shape;
    const struct view_lanes *lanes = &c->view->lanes;
    const uint64_t *sum = &shape->sum[lanes->hash_held];
    uint64_t n = shape->elements;
    if (part->pair) {
        tally_add(t, COST_ELEMENT, "fields with values", 0, n, sum[2], sum[0]);
        tally_payload(t, sum[2], shape->payload);
        return sum[1];
    }
    bool is_object = text_is_object(part->field);
    bool timed = part->expiry == FIELD_EXPIRY_REDIS;
    uint64_t asked = is_object ? shape->sum[lanes->hash_asked] - less->asked
                               : text_sums_request(&shape->hash.fields, part->field_family) +
                                     text_sums_request(&shape->hash.values, part->value_family) +
                                     (timed ? shape->hash.timed * part->timed_field_more : 0);
    tally_add(t, COST_ELEMENT, "fields and values", 0, 2 * n, asked, sum[0] - less->held);
    tally_payload(t, asked, is_object ? shape_object_payload(shape) : shape->payload);
    if (part->value_counted != TEXT_NONE)
        return shape->sum[lanes->hash_counted];
    return part->counts_held ? sum[0] : asked;
}

/* Pairs that were packed until one was too long, that one included. */
static struct number_texts_less unpacked_numbers(const struct cost_context *c, const struct hash_part *part,
                                                 const struct loaded *loaded)
{
    bool moved = c->shape->origin == ORIGIN_ELEMENTS && loaded->reason == UNPACKED_ELEMENT_TOO_LONG;
    if (!moved || setting_of(c, SETTING_HASH_MAX_VALUE) != c->plan->hash_packed_until)
        return (struct number_texts_less){0};
    return number_texts_less(c, &c->shape->numbers, part->field);
}

static void table_form_cost(const struct cost_context *c, struct tally *t, const struct hash_part *part,
                            const struct loaded *loaded)
{
    bool timed = part->expiry != FIELD_EXPIRY_NONE && c->shape->hash.timed;
    uint64_t counted = table_cost(c, t, &part->table, &loaded->table, timed ? part->timed_struct_more : 0);
    struct number_texts_less less = unpacked_numbers(c, part, loaded);
    counted += pairs_cost(c, t, part, &less);
    if (part->samples)
        tally_usage_average(t, counted, c->shape->elements);
    else
        tally_usage(t, counted);
    if (timed && part->expiry == FIELD_EXPIRY_REDIS)
        ebuckets_cost(c, t, loaded->sorted_fields);
    else if (timed)
        vset_cost(c, t, part->vset_struct);
}

void hash_cost(const struct cost_context *c, struct tally *t, const struct loaded *loaded)
{
    const struct hash_part *part = c->server->hash;
    t->encoding = loaded->encoding;
    if (loaded->encoding == ENCODING_HASHTABLE) {
        table_form_cost(c, t, part, loaded);
        return;
    }
    if (loaded->encoding == ENCODING_LISTPACKEX) {
        tally_add(t, COST_TABLE, "listpackex structure", 0, 1, part->listpackex_bytes, held(c, part->listpackex_bytes));
        tally_usage(t, part->listpackex_bytes);
    }
    packed_cost(c, t, loaded->packed_len, loaded->packed_request, part->packed_counted);
}

void hash_timed_table(const struct cost_context *c, struct tally *t, uint64_t fields, uint64_t timed, uint64_t pairs)
{
    const struct hash_part *part = c->server->hash;
    struct dict_growth table;
    uint64_t vector = timed > 1 ? vset_vector_bytes(timed) : 0;
    load_whole(&table, &part->growth, fields, part->growth.presizes_elements);
    table_cost(c, t, &part->table, &table, 0);
    tally_add(t, COST_ELEMENT, "fields with values", 0, fields, pairs, pairs);
    if (vector)
        tally_add(t, COST_TABLE, "field expiry index: vectors", 0, 1, vector, held(c, vector));
}
