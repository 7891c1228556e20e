/* Simulated hashes against shapes of the same hashes, and nodes written anew against the same elements loaded one by
 * one: on every server. */
#include <stdlib.h>

#include "collect_random.h"
#include "model/node_rewrites.h"
#include "model/packed_hash.h"
#include "model/packed_size.h"
#include "model_fixture.h"
#include "run_suite.h"

static const struct server_model *server_number(int i)
{
    size_t count;
    const struct server_model *models = server_models(&count);
    return (size_t)i < count ? &models[i] : NULL;
}

static struct shape_text random_text(uint64_t *seed, char text[64])
{
    uint64_t len = 1 + next_random(seed) % 50;
    if (next_random(seed) % 3 == 0)
        len = (uint64_t)snprintf(text, 64, "%d", (int)(next_random(seed) % 100000) - 50000);
    else
        memset(text, 'a', len);
    return shape_text_of((const uint8_t *)text, len);
}

/* A hash of random fields: every `apart`-th expires (0: none does), but no more than `most`; values are `times` as long
 * as they would be. */
struct random_hash {
    uint64_t fields, apart, most;
    unsigned times;
};

struct hash_sums {
    uint64_t entries, pairs, timed; /* of the packed form, of a table; fields that expire */
};

static struct hash_sums put_hash(struct fixture *f, uint64_t *seed, const struct random_hash *hash)
{
    struct hash_sums sums = {0};
    bool has_tables = model_table_expiries(f->plan, 0) != 0;
    char text[64];
    shape_begin(f->shape, OBJECT_HASH, hash->apart ? ORIGIN_FIELD_EXPIRES : ORIGIN_ELEMENTS, hash->fields);
    for (uint64_t i = 0; i < hash->fields; i++) {
        struct shape_text field = random_text(seed, text), value = random_text(seed, text);
        value.len *= hash->times;
        bool expires = hash->apart && i % hash->apart == 0 && sums.timed < hash->most;
        int64_t at = INT64_C(1800000000000) + (int64_t)(next_random(seed) % 100000000);
        shape_hash_field(f->shape, &field, &value, expires ? at : 0);
        sums.entries += model_packed_entry(f->plan, 0, &field) + model_packed_entry(f->plan, 0, &value);
        if (has_tables)
            sums.pairs += model_table_pair(f->plan, 0, field.len, value.len, expires);
        sums.timed += expires;
    }
    shape_end(f->shape, 0);
    return sums;
}

START_TEST(packed)
{
    const struct server_model *server = server_number(_i);
    struct fixture f;
    uint64_t seed = 7;
    fixture_init_on(&f, server->id, NULL, "hash-max-listpack-entries=1000 hash-max-listpack-value=200");
    for (int round = 0; round < 40; round++) {
        const struct random_hash hash = {.fields = 1 + next_random(&seed) % 100, .times = 1};
        struct key_facts key = {.name_len = 1 + next_random(&seed) % 40, .has_expiry = round % 2};
        struct hash_sums sums = put_hash(&f, &seed, &hash);
        struct cost cost = fixture_cost(&f, key.name_len, key.has_expiry);
        ck_assert_uint_eq(model_packed_hash(f.plan, 0, &key, sums.entries, hash.fields, 0), cost.size_in_bytes);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(expiring)
{
    const struct server_model *server = server_number(_i);
    struct fixture f;
    uint64_t seed = 11;
    fixture_init_on(&f, server->id, NULL, "hash-max-listpack-entries=1000");
    for (int round = 0; round < 20 && model_packs_expiries(f.plan, 0); round++) {
        const struct random_hash hash = {.fields = 1 + next_random(&seed) % 100,
                                         .apart = 1 + next_random(&seed) % 4,
                                         .most = UINT64_MAX,
                                         .times = 1};
        struct key_facts key = {.name_len = 12};
        struct hash_sums sums = put_hash(&f, &seed, &hash);
        struct cost cost = fixture_cost(&f, key.name_len, false);
        ck_assert_int_eq(cost.encoding, ENCODING_LISTPACKEX);
        ck_assert_uint_eq(model_packed_hash(f.plan, 0, &key, sums.entries, hash.fields, sums.timed),
                          cost.size_in_bytes);
    }
    fixture_release(&f);
}
END_TEST

/* Where hashes with such fields are tables: some, all or one of them expire, up to as many as do not depend on when. */
START_TEST(tables)
{
    const struct server_model *server = server_number(_i);
    struct fixture f;
    uint64_t seed = 13;
    fixture_init_on(&f, server->id, NULL, "hash-max-listpack-entries=1000");
    unsigned most = model_table_expiries(f.plan, 0);
    for (unsigned round = 0; round < 200 && most; round++) {
        uint64_t fields = 1 + next_random(&seed) % (round % 4 ? 100 : 400);
        const struct random_hash hash = {
            .fields = fields,
            .apart = round % 3 ? 1 + next_random(&seed) % fields : 1,
            .most = most,
            .times = round % 5, /* values apart from their fields, and empty ones */
        };
        struct key_facts key = {.name_len = 1 + next_random(&seed) % 40};
        struct hash_sums sums = put_hash(&f, &seed, &hash);
        struct cost cost = fixture_cost(&f, key.name_len, false);
        ck_assert_int_eq(cost.encoding, ENCODING_HASHTABLE);
        ck_assert_uint_eq(model_table_hash(f.plan, 0, &key, sums.pairs, fields, sums.timed), cost.size_in_bytes);
    }
    fixture_release(&f);
}
END_TEST

/* A release either packs fields that expire, has them in tables, or has none. */
START_TEST(expiries)
{
    const struct server_model *server = server_number(_i);
    struct fixture f;
    struct shape_text text = {.len = 3};
    fixture_init(&f, server->id);
    shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, 1);
    shape_hash_field(f.shape, &text, &text, INT64_C(1800000000000));
    shape_end(f.shape, 0);
    struct cost cost = fixture_cost(&f, 9, false);
    ck_assert_int_eq(model_packs_expiries(f.plan, 0), cost.encoding == ENCODING_LISTPACKEX);
    ck_assert_int_eq(model_table_expiries(f.plan, 0) != 0, cost.encoding == ENCODING_HASHTABLE);
    fixture_release(&f);
}
END_TEST

/* A hash whose fields got text in front, and one that was made with those fields. */
START_TEST(prefixed)
{
    const struct server_model *server = server_number(_i);
    struct fixture f;
    char text[64], longer[64];
    fixture_init(&f, server->id);
    for (unsigned more = 2; more <= 4; more++) {
        uint64_t seed = more, entries = 0;
        shape_begin(f.shape, OBJECT_HASH, ORIGIN_ELEMENTS, 20);
        for (int i = 0; i < 20; i++) {
            struct shape_text field = random_text(&seed, text), value = random_text(&seed, longer);
            shape_hash_field(f.shape, &field, &value, 0);
            entries += model_packed_entry(f.plan, 0, &value);
            memset(longer, ':', more);
            memcpy(longer + more, text, field.len < 60 ? field.len : 60);
            struct shape_text moved = shape_text_of((const uint8_t *)longer, field.len + more);
            entries += model_packed_entry(f.plan, 0, &moved);
        }
        shape_end(f.shape, 0);
        ck_assert_uint_eq(model_prefixed_entries(f.plan, 0, f.shape, more), entries);
    }
    fixture_release(&f);
}
END_TEST

/* Likewise as tables, with expiries and without; pairs beyond those that are kept are left out, not read from
 * elsewhere. */
START_TEST(prefixed_tables)
{
    enum { MOST = SHAPE_KEPT_PAIRS + 10 };
    const struct server_model *server = server_number(_i);
    struct fixture f;
    char text[64];
    fixture_init(&f, server->id);
    for (unsigned round = 0; round < 100 && model_table_expiries(f.plan, 0); round++) {
        uint64_t seed = round + 1, pairs[2] = {0}, fields = 0, longest = 0;
        uint64_t count = round % 10 ? 1 + next_random(&seed) % 20 : MOST;
        unsigned more = round % 3 ? 2 : 37;
        shape_begin(f.shape, OBJECT_HASH, ORIGIN_ELEMENTS, count);
        for (uint64_t i = 0; i < count; i++) {
            struct shape_text field = random_text(&seed, text), value = random_text(&seed, text);
            value.len *= round % 5;
            shape_hash_field(f.shape, &field, &value, 0);
            for (unsigned expire = 0; expire < 2 && i < SHAPE_KEPT_PAIRS; expire++)
                pairs[expire] += model_table_pair(f.plan, 0, field.len + more, value.len, expire);
            fields += field.len;
            longest = field.len > longest ? field.len : longest;
        }
        shape_end(f.shape, 0);
        for (unsigned expire = 0; expire < 2; expire++)
            ck_assert_uint_eq(model_prefixed_pairs(f.plan, f.shape, more, expire), pairs[expire]);
        uint64_t at_most = shape_field_at_most(f.shape);
        ck_assert(at_most >= longest && at_most <= fields && at_most <= shape_longest(f.shape));
    }
    fixture_release(&f);
}
END_TEST

START_TEST(lists)
{
    const struct server_model *server = server_number(_i);
    struct node_points points = {.count = 2, .point = {{SETTING_LIST_MAX_SIZE, -1}, {SETTING_LIST_MAX_SIZE, 7}}};
    static const char *const settings[] = {NULL, "list-max-listpack-size=-1", "list-max-listpack-size=7"};
    struct fixture f;
    char text[64];
    for (unsigned point = 0; point < 3; point++) {
        uint64_t seed = 3, bytes = 0;
        fixture_init_on(&f, server->id, NULL, settings[point]);
        struct plan_view view = {.server = server, .allocator = allocator_get(server->allocator)};
        view.settings = *server->defaults;
        struct node_rewrites *rewrites = node_rewrites_new(&view, &points);
        shape_begin(f.shape, OBJECT_LIST, ORIGIN_ELEMENTS, 500);
        node_rewrites_begin(rewrites, OBJECT_LIST);
        for (int i = 0; i < 500; i++) {
            struct shape_text element = random_text(&seed, text);
            shape_list_element(f.shape, &element);
            node_rewrites_list_element(rewrites, &element);
        }
        shape_end(f.shape, 0);
        node_rewrites_end(rewrites);
        struct key_facts key = {.name_len = 9};
        ck_assert(node_rewrites_bytes(rewrites, point, OBJECT_LIST, &key, &bytes));
        ck_assert_uint_eq(bytes, fixture_cost(&f, 9, false).size_in_bytes);
        node_rewrites_free(rewrites);
        fixture_release(&f);
    }
}
END_TEST

/* Nodes of a stream, one entry and one setting at a time. */
struct stream_nodes {
    uint64_t max_bytes, max_entries; /* 0: no limit */
    uint64_t entries, len;           /* of the last one, without what counts its entries */
    struct stream_entry first;
    struct node_lengths lengths;
};

static void close_stream_node(struct stream_nodes *nodes)
{
    uint64_t len = nodes->len + listpack_integer_entry((int64_t)nodes->entries);
    if (nodes->entries == 0)
        return;
    nodes->lengths.count++;
    nodes->lengths.bytes += len;
    nodes->lengths.longest = len > nodes->lengths.longest ? len : nodes->lengths.longest;
    nodes->entries = 0;
}

static void push_to_stream(struct stream_nodes *nodes, const struct stream_entry *entry)
{
    uint64_t len = nodes->len + listpack_integer_entry((int64_t)nodes->entries);
    if ((nodes->max_bytes && len + entry->text_len >= nodes->max_bytes) ||
        (nodes->max_entries && nodes->entries >= nodes->max_entries))
        close_stream_node(nodes);
    if (nodes->entries++ == 0) {
        nodes->first = *entry;
        nodes->len = LISTPACK_FRAME + 2 + 2 + listpack_integer_entry((int64_t)entry->fields) + entry->names_packed;
    }
    bool same = nodes->first.names == entry->names;
    nodes->len += 2 + listpack_integer_entry((int64_t)(entry->ms - nodes->first.ms)) +
                  listpack_integer_entry((int64_t)(entry->seq - nodes->first.seq)) + entry->values_packed +
                  listpack_integer_entry((int64_t)(same ? entry->fields + 3 : 2 * entry->fields + 4));
    if (!same)
        nodes->len += listpack_integer_entry((int64_t)entry->fields) + entry->names_packed;
}

/* Behind the last one: steps of all sizes, rarely backwards or near the end of what an id can be. */
static void next_stream_entry(uint64_t *seed, uint64_t step_bits, struct stream_entry *entry)
{
    uint64_t kind = next_random(seed) % 64, last = entry->names;
    entry->ms += next_random(seed) % (UINT64_C(1) << (step_bits ? next_random(seed) % step_bits : 0));
    entry->seq = kind < 16 ? entry->seq + next_random(seed) % 200 : next_random(seed) % 3;
    if (kind == 63)
        entry->ms = next_random(seed) >> next_random(seed) % 64;
    if (kind == 62)
        entry->seq = next_random(seed) >> next_random(seed) % 64;
    entry->names = kind % 16 == 5 ? 1 + next_random(seed) % 3 : last;
    entry->fields = entry->names * 70;
    entry->names_packed = entry->names * 20;
    entry->text_len = next_random(seed) % (kind == 61 ? 3000 : 80);
    entry->values_packed = entry->text_len + entry->fields;
}

START_TEST(streams)
{
    static const uint64_t limits[][2] = {{4096, 100}, {2048, 100},  {65536, 100}, {0, 100},
                                         {4096, 1},   {4096, 1600}, {4096, 0}};
    /* One entry a node is always at its end, so it is not among them every time. */
    struct node_points points = {.count = _i % 2 ? 6 : 3,
                                 .point = {{SETTING_STREAM_NODE_MAX_BYTES, 2048},
                                           {SETTING_STREAM_NODE_MAX_BYTES, 65536},
                                           {SETTING_STREAM_NODE_MAX_BYTES, 0},
                                           {SETTING_STREAM_NODE_MAX_ENTRIES, 1},
                                           {SETTING_STREAM_NODE_MAX_ENTRIES, 1600},
                                           {SETTING_STREAM_NODE_MAX_ENTRIES, 0}}};
    const struct server_model *server = server_by_id("redis-7.0");
    struct plan_view view = {.server = server, .allocator = allocator_get(server->allocator)};
    view.settings = *server->defaults;
    struct node_rewrites *rewrites = node_rewrites_new(&view, &points);
    uint64_t seed = 7 + (uint64_t)_i;
    for (int stream = 0; stream < 3; stream++) {
        struct stream_nodes nodes[7] = {0};
        struct stream_entry entry = {.ms = 1700000000000, .names = 1};
        node_rewrites_begin(rewrites, OBJECT_STREAM);
        for (int i = 0; i < 5000; i++) {
            next_stream_entry(&seed, (uint64_t)_i, &entry);
            node_rewrites_stream_entry(rewrites, &entry);
            for (unsigned point = 0; point <= points.count; point++) {
                nodes[point].max_bytes = limits[point][0];
                nodes[point].max_entries = limits[point][1];
                push_to_stream(&nodes[point], &entry);
            }
        }
        node_rewrites_end(rewrites);
        for (unsigned point = 0; point <= points.count; point++) {
            struct node_lengths lengths;
            close_stream_node(&nodes[point]);
            node_rewrites_lengths(rewrites, point, OBJECT_STREAM, &lengths);
            ck_assert_uint_eq(lengths.count, nodes[point].lengths.count);
            ck_assert_uint_eq(lengths.bytes, nodes[point].lengths.bytes);
            ck_assert_uint_eq(lengths.longest, nodes[point].lengths.longest);
        }
    }
    node_rewrites_free(rewrites);
}
END_TEST

int main(void)
{
    size_t count;
    server_models(&count);
    Suite *suite = suite_create("packed_hash");
    TCase *tests = tcase_create("packed_hash");
    tcase_add_loop_test(tests, packed, 0, (int)count);
    tcase_add_loop_test(tests, expiring, 0, (int)count);
    tcase_add_loop_test(tests, tables, 0, (int)count);
    tcase_add_loop_test(tests, expiries, 0, (int)count);
    tcase_add_loop_test(tests, prefixed, 0, (int)count);
    tcase_add_loop_test(tests, prefixed_tables, 0, (int)count);
    tcase_add_loop_test(tests, lists, 0, (int)count);
    tcase_add_loop_test(tests, streams, 0, 20);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
