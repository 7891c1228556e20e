/* Tables of keys and expiries. */
#include <stdio.h>
#include <string.h>

#include "model/function_library.h"
#include "model_fixture.h"

struct keyspace_fixture {
    struct fixture f;
    struct keyspace *ks;
};

static void keyspace_init(struct keyspace_fixture *k, const char *server, const char *settings)
{
    fixture_init_on(&k->f, server, NULL, settings);
    k->ks = keyspace_new(k->f.plan);
    struct shape_text text = text_of_len(3);
    shape_begin(k->f.shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string(k->f.shape, &text, false);
    shape_end(k->f.shape, 4);
}

static void keyspace_release(struct keyspace_fixture *k)
{
    keyspace_free(k->ks);
    fixture_release(&k->f);
}

static void add_keys(struct keyspace_fixture *k, uint64_t db, uint64_t keys, uint64_t expires)
{
    for (uint64_t i = 0; i < keys; i++) {
        struct key_facts key = {.name_len = 5, .has_expiry = i < expires};
        keyspace_add(k->ks, db, &key, k->f.shape, -1);
    }
}

/* Bytes of the tables of one database, by release; chance included. */
static const struct {
    const char *server;
    uint64_t keys, expires, main_bytes, expires_bytes;
} tables[] = {
    {"redis-2.8", 1118, 264, 8 * 2048, 4096}, /* grown: 512 slots are 4096 bytes */
    {"redis-4.0", 1118, 264, 8 * 2048, 8 * 512},
    {"redis-7.0", 5, 0, 64, 32}, /* RESIZEDB with 0 expiries: 4 slots */
    {"redis-7.2", 16, 16, 128, 128},
    {"redis-7.4", 16, 16, 256 + 64, 256 + 64}, /* exactly full: doubled */
    {"redis-7.4", 4, 0, 32 + 64, 0},
    {"redis-8.0", 1024, 1, 8 * 2048 + 2560, 32 + 64},
    {"redis-8.8", 3, 0, 32 + 96, 64}, /* + collisions: 3 keys in 4 slots */
    {"valkey-7.2", 100, 0, 1024, 32},
    {"valkey-8.0", 100, 0, 1024 + 80, 0},
    {"valkey-8.1", 6, 6, 64 + 96, 64 + 96},
    {"valkey-9.1", 6, 0, 64 + 96, 0},
};

START_TEST(test_tables)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct keyspace_fixture k;
        keyspace_init(&k, tables[i].server, NULL);
        keyspace_resizedb(k.ks, 0, tables[i].keys, tables[i].expires);
        add_keys(&k, 0, tables[i].keys, tables[i].expires);
        struct keyspace_cost cost;
        model_keyspace(k.f.plan, 0, k.ks, &cost);
        uint64_t chance = strcmp(tables[i].server, "redis-8.8") == 0 ? 11 : 0; /* 3 - 4 * (1 - 0.75^3) = 0.6875 */
        ck_assert_msg(cost.main_table_bytes == tables[i].main_bytes + chance &&
                          cost.expires_table_bytes == tables[i].expires_bytes,
                      "%s: %lu + %lu", tables[i].server, cost.main_table_bytes, cost.expires_table_bytes);
        ck_assert_uint_eq(cost.keys, tables[i].keys);
        ck_assert_uint_eq(cost.expires, tables[i].expires);
        ck_assert_uint_eq(cost.total_bytes, cost.main_table_bytes + cost.expires_table_bytes);
        keyspace_release(&k);
    }
}
END_TEST

/* A file that promises what does not come: cron shrinks such a table (server.c databasesCron). */
START_TEST(test_false_hints)
{
    static const char *const servers[] = {"redis-7.0", "redis-8.8", "valkey-8.0", "valkey-9.1"};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct keyspace_fixture k;
        struct keyspace_cost cost;
        keyspace_init(&k, servers[i], NULL);
        keyspace_resizedb(k.ks, 0, UINT64_MAX, UINT64_MAX);
        add_keys(&k, 0, 100, 100);
        model_keyspace(k.f.plan, 0, k.ks, &cost);
        ck_assert_uint_lt(cost.total_bytes, 8192);
        ck_assert_uint_ge(cost.total_bytes, 2 * 1024);
        keyspace_release(&k);
    }
}
END_TEST

/* 1000 keys in 1000 slots of a cluster, slot by slot as the file says: measured. */
START_TEST(test_cluster)
{
    static const struct {
        const char *server;
        uint64_t bytes;
    } rows[] = {{"redis-8.0", 1000 * (2560 + 32)},    {"redis-8.4", 1000 * (2560 + 32 + 64)},
                {"redis-8.8", 1000 * (96 + 32 + 64)}, {"redis-7.4", 1000 * 96},
                {"valkey-8.0", 1000 * 112},           {"valkey-8.1", 1000 * 160}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keyspace_fixture k;
        keyspace_init(&k, rows[i].server, "cluster-enabled=yes");
        for (int slot = 0; slot < 1000; slot++) {
            struct key_facts key = {.name_len = 5};
            keyspace_slot(k.ks, 0, (uint64_t)slot, 1, 0);
            keyspace_add(k.ks, 0, &key, k.f.shape, slot);
        }
        struct keyspace_cost cost;
        model_keyspace(k.f.plan, 0, k.ks, &cost);
        ck_assert_msg(cost.total_bytes == rows[i].bytes, "%s: %lu", rows[i].server, cost.total_bytes);
        keyspace_release(&k);
    }
}
END_TEST

/* CRC16 as clusters have it. */
static int slot_of_name(const char *name, size_t len)
{
    unsigned crc = 0;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned)(uint8_t)name[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
    }
    return (int)(crc & 16383);
}

static void add_named(struct keyspace *ks, const struct keyspace_fixture *k, unsigned first, unsigned end)
{
    for (unsigned i = first; i < end; i++) {
        char name[40];
        int len = snprintf(name, sizeof name, "user:%u:name", i), slot = slot_of_name(name, (size_t)len);
        struct key_facts key = {.name_len = (uint64_t)len};
        keyspace_add(ks, 0, &key, k->f.shape, slot);
        keyspace_slot_name(ks, 0, slot, (const uint8_t *)name, (size_t)len);
    }
}

static uint64_t index_bytes(const struct keyspace_fixture *k, const struct keyspace *ks, uint64_t table_slots)
{
    struct keyspace_cost cost;
    model_keyspace(k->f.plan, 0, ks, &cost);
    return cost.main_table_bytes - 8 * table_slots;
}

/* The index of names by slot of nodes of a cluster with keys user:0:name and so on: by what used_memory rose, less keys
 * and tables; the same on 4.0.14 and 6.2.16. Levels of 3.2's skip list are chance. */
START_TEST(test_slot_index)
{
    static const struct {
        const char *server;
        unsigned keys, table_slots, off_by_thousandth;
        uint64_t measured;
    } rows[] = {{"redis-6.2", 50, 64, 0, 6968 - 32 - 512 - 50 * 80},
                {"redis-6.2", 3000, 4096, 0, 183760 - 8 * 4096},
                {"redis-4.0", 3000, 4096, 0, 183760 - 8 * 4096},
                {"redis-6.2", 100000, 131072, 2, 14893312 - 32 - 8 * 131072 - 10000 * 80 - 90000 * 88},
                {"redis-3.2", 3000, 4096, 10, 266016 - 8 * 4096}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keyspace_fixture k;
        keyspace_init(&k, rows[i].server, "cluster-enabled=yes");
        struct keyspace *other = keyspace_new(k.f.plan), *all = keyspace_new(k.f.plan);
        keyspace_resizedb(k.ks, 0, rows[i].keys, 0);
        keyspace_resizedb(all, 0, rows[i].keys, 0);
        add_named(all, &k, 0, rows[i].keys);
        uint64_t bytes = index_bytes(&k, all, rows[i].table_slots);
        uint64_t off = bytes < rows[i].measured ? rows[i].measured - bytes : bytes - rows[i].measured;
        ck_assert_msg(off * 1000 <= rows[i].measured * rows[i].off_by_thousandth, "%s %u: %lu, not %lu", rows[i].server,
                      rows[i].keys, bytes, rows[i].measured);
        add_named(other, &k, 0, rows[i].keys / 3); /* which names are kept does not depend on who came first */
        add_named(k.ks, &k, rows[i].keys / 3, rows[i].keys);
        keyspace_merge(k.ks, other);
        ck_assert_uint_eq(index_bytes(&k, k.ks, rows[i].table_slots), bytes);
        keyspace_free(other);
        keyspace_free(all);
        keyspace_release(&k);
    }
}
END_TEST

/* So many names in one slot that not all are kept, and in a cluster without an index over names. */
START_TEST(test_slot_index_of_one_slot)
{
    struct keyspace_fixture k, modern;
    uint8_t name[100] = {0};
    keyspace_init(&k, "redis-6.2", "cluster-enabled=yes");
    keyspace_init(&modern, "redis-7.0", "cluster-enabled=yes");
    keyspace_resizedb(k.ks, 0, 200000, 0);
    for (uint32_t i = 0; i < 200000; i++) {
        struct key_facts key = {.name_len = sizeof name};
        memcpy(name, &i, sizeof i);
        keyspace_add(k.ks, 0, &key, k.f.shape, 77);
        keyspace_slot_name(k.ks, 0, 77, name, sizeof name);
        keyspace_slot_name(modern.ks, 0, 77, name, sizeof name);
    }
    uint64_t bytes = index_bytes(&k, k.ks, 262144);
    ck_assert_uint_ge(bytes, 200000 * 112); /* a run of 96 bytes */
    ck_assert_uint_le(bytes, 200000 * 160);
    keyspace_release(&k);
    keyspace_release(&modern);
}
END_TEST

START_TEST(test_databases)
{
    struct keyspace_fixture k;
    struct keyspace_cost cost, one;
    keyspace_init(&k, "valkey-9.1", NULL);
    keyspace_slot(k.ks, 7, 16384, 1, 0); /* which no cluster has */
    ck_assert(!model_keyspace_db(k.f.plan, 0, k.ks, 7, &one));
    add_keys(&k, 3, 6, 0);
    add_keys(&k, 0, 6, 0);
    add_keys(&k, 3, 6, 0);
    model_keyspace(k.f.plan, 0, k.ks, &cost);
    ck_assert_uint_eq(cost.databases, 2);
    ck_assert_uint_eq(cost.keys, 18);
    ck_assert(model_keyspace_db(k.f.plan, 0, k.ks, 3, &one));
    ck_assert_uint_eq(one.keys, 12);
    ck_assert_uint_eq(one.main_table_bytes, 96 + 128 + 25 + 1064); /* 0.39 of a chained bucket; a further database */
    ck_assert(!model_keyspace_db(k.f.plan, 0, k.ks, 1, &one));
    keyspace_release(&k);
}
END_TEST

/* Merging counts is counting together; any number of databases is bounded. */
START_TEST(test_merge)
{
    struct keyspace_fixture all, a, b;
    struct keyspace_cost together, merged;
    keyspace_init(&all, "redis-8.4", NULL);
    keyspace_init(&a, "redis-8.4", NULL);
    keyspace_init(&b, "redis-8.4", NULL);
    add_keys(&all, 0, 300, 100);
    add_keys(&all, 9, 50, 50);
    add_keys(&a, 0, 200, 100);
    add_keys(&b, 0, 100, 0);
    add_keys(&b, 9, 50, 50);
    keyspace_merge(a.ks, b.ks);
    model_keyspace(all.f.plan, 0, all.ks, &together);
    model_keyspace(a.f.plan, 0, a.ks, &merged);
    ck_assert_uint_eq(together.total_bytes, merged.total_bytes);
    ck_assert_uint_eq(merged.databases, 2);
    for (uint64_t db = 0; db < 70000; db++)
        add_keys(&b, db * 977, 1, 0);
    model_keyspace(b.f.plan, 0, b.ks, &merged);
    ck_assert_uint_eq(merged.keys, 70150);
    ck_assert_uint_le(merged.databases, 65536);
    keyspace_release(&all);
    keyspace_release(&a);
    keyspace_release(&b);
}
END_TEST

enum { TIMED_HASHES = 5000, PART_HASHES = 50 };

/* Hashes of which a field expires, of every `step`-th part from `first` on. */
static void add_timed_hashes(struct keyspace_fixture *k, unsigned first, unsigned step)
{
    const struct key_facts key = {.name_len = 5};
    const struct shape_text text = text_of_len(3);
    for (uint64_t part = first; part < TIMED_HASHES / PART_HASHES; part += step) {
        keyspace_part(k->ks, part);
        for (uint64_t i = part * PART_HASHES; i < (part + 1) * PART_HASHES; i++) {
            shape_begin(k->f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, 1);
            shape_hash_field(k->f.shape, &text, &text, 1790000000000 + (int64_t)(i * i % 10007) * 1000);
            shape_end(k->f.shape, 4);
            keyspace_add(k->ks, i % 3, &key, k->f.shape, -1);
        }
    }
}

/* What an index by expiry takes depends on the order of the file; who read which part of it does not matter. */
START_TEST(test_merge_of_parts)
{
    struct keyspace_fixture all, a, b, c;
    struct keyspace_cost together, merged, twice;
    struct keyspace_fixture *const each[] = {&all, &a, &b, &c};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        keyspace_init(each[i], "redis-8.4", NULL);
    add_timed_hashes(&all, 0, 1);
    add_timed_hashes(&a, 2, 3);
    add_timed_hashes(&b, 0, 3);
    add_timed_hashes(&c, 1, 3);
    model_keyspace(all.f.plan, 0, all.ks, &together);
    ck_assert_uint_gt(together.field_expiry_bytes, TIMED_HASHES);
    keyspace_merge(a.ks, b.ks);
    keyspace_merge(a.ks, c.ks);
    keyspace_end_parts(a.ks);
    model_keyspace(a.f.plan, 0, a.ks, &merged);
    ck_assert_uint_eq(together.field_expiry_bytes, merged.field_expiry_bytes);
    keyspace_merge(a.ks, all.ks);
    model_keyspace(a.f.plan, 0, a.ks, &twice);
    ck_assert_uint_gt(2 * twice.field_expiry_bytes, 3 * merged.field_expiry_bytes);
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        keyspace_release(each[i]);
}
END_TEST

/* Of more hashes than are kept the rest is like them; a database that came later is like the others. */
START_TEST(test_more_timed_hashes_than_are_kept)
{
    struct keyspace_fixture k;
    struct keyspace_cost first, whole;
    keyspace_init(&k, "redis-8.4", NULL);
    for (int i = 0; i < 30; i++)
        add_timed_hashes(&k, 0, 1);
    ck_assert(model_keyspace_db(k.f.plan, 0, k.ks, 0, &first));
    const struct key_facts key = {.name_len = 5};
    for (uint64_t i = 0; i < 10 * TIMED_HASHES; i++)
        keyspace_add(k.ks, 7, &key, k.f.shape, -1);
    ck_assert(model_keyspace_db(k.f.plan, 0, k.ks, 7, &whole));
    double of_one = (double)first.field_expiry_bytes / (10 * TIMED_HASHES);
    ck_assert_double_eq_tol((double)whole.field_expiry_bytes / (10 * TIMED_HASHES), of_one, of_one / 20);
    keyspace_release(&k);
}
END_TEST

/* Redis 8.8: streams with a producer, on which used_memory rose by 1, 5, 20 and 600 times what such a stream takes and
 * by so much more, keyspace table included; three entries of 16 bytes either way are chance, 60 of 600. */
START_TEST(test_producer_streams)
{
    static const struct {
        uint64_t streams, least, most;
    } rows[] = {{1, 224, 224},
                {5, 3248 - 5 * 576 - 48, 3248 - 5 * 576 + 48},
                {20, 12432 - 20 * 576 - 48, 12496 - 20 * 576 + 48},
                {600, 371744 - 600 * 576 - 960, 372032 - 600 * 576 + 960}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keyspace_fixture k;
        struct keyspace_cost cost;
        struct key_facts key = {.name_len = 6};
        keyspace_init(&k, "redis-8.8", NULL);
        keyspace_resizedb(k.ks, 0, rows[i].streams, 0);
        for (uint64_t n = 0; n < rows[i].streams; n++) {
            shape_begin(k.f.shape, OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
            shape_stream_node(k.f.shape, 1, 1, 60);
            shape_stream_meta(k.f.shape, 1, 0);
            shape_stream_producer(k.f.shape, (const uint8_t *)"p", 1, 1, 100);
            shape_stream_iid(k.f.shape, 1, 1, 1);
            shape_end(k.f.shape, 100);
            keyspace_add(k.ks, 0, &key, k.f.shape, -1);
        }
        model_keyspace(k.f.plan, 0, k.ks, &cost);
        ck_assert_uint_ge(cost.total_bytes, rows[i].least);
        ck_assert_uint_le(cost.total_bytes, rows[i].most);
        keyspace_release(&k);
    }
}
END_TEST

static uint64_t function_bytes(const char *server, const char *allocator, const char *const *code)
{
    struct keyspace_fixture k;
    struct keyspace_cost cost;
    fixture_init_on(&k.f, server, allocator, NULL);
    k.ks = keyspace_new(k.f.plan);
    for (; *code; code++) {
        struct function_library library;
        function_library_read(&library, (const uint8_t *)*code, strlen(*code), strlen(*code));
        keyspace_function(k.ks, &library);
    }
    model_keyspace(k.f.plan, 0, k.ks, &cost);
    keyspace_release(&k);
    return cost.function_bytes;
}

static bool is_near(uint64_t bytes, uint64_t measured)
{
    return 4 * bytes >= 3 * measured && 4 * bytes <= 5 * measured;
}

#define ONE(name) "redis.register_function(\"" name "\", function(keys,args) return 1 end)\n"
#define EIGHT     ONE("a") ONE("b") ONE("c") ONE("d") ONE("e") ONE("f") ONE("g") ONE("h")

/* By how much used_memory was higher after a restart: Redis 8.4.0 (8.0, 8.2 and 8.8 the same to the byte, 7.4.7 within
 * 130), the same built with MALLOC=libc, and 7.2.12. It has 100 to 200 bytes of noise. */
START_TEST(test_functions)
{
    static const struct {
        const char *code[5];
        uint64_t with_vm, libc, redis_7_2;
    } rows[] = {
        {{"#!lua name=a\n" ONE("f")}, 1616, 560, 424},
        {{"#!lua name=a\n" EIGHT}, 7944, 2360, 1824},
        {{"#!lua name=a\n" ONE("a"), "#!lua name=b\n" ONE("b"), "#!lua name=c\n" ONE("c"), "#!lua name=d\n" ONE("d")},
         5904,
         2000,
         1472},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t vm = function_bytes("redis-8.4", NULL, rows[i].code);
        uint64_t libc = function_bytes("redis-8.4", "libc", rows[i].code);
        uint64_t old = function_bytes("redis-7.2", NULL, rows[i].code);
        ck_assert(is_near(vm, rows[i].with_vm));
        ck_assert(is_near(libc, rows[i].libc));
        ck_assert(is_near(old, rows[i].redis_7_2));
        ck_assert_uint_eq(function_bytes("redis-7.4", NULL, rows[i].code), vm);
        ck_assert_uint_eq(function_bytes("valkey-9.1", NULL, rows[i].code), old);
        ck_assert_uint_eq(function_bytes("redis-6.2", NULL, rows[i].code), 0);
    }
}
END_TEST

static struct function_library library_of(const char *code, uint64_t code_len)
{
    struct function_library library;
    function_library_read(&library, (const uint8_t *)code, strlen(code), code_len);
    return library;
}

/* Comments and indentation are not compiled; a quoted text is no comment; what is cut off is guessed at. */
START_TEST(test_function_text)
{
    static const char plain[] = "local s = 'a -- b' " ONE("f");
    struct function_library library = library_of(plain, strlen(plain));
    static const char *const same[] = {
        "local s   =\n\t'a -- b' -- function register_function\n" ONE("f"),
        "local s =--[[ register_function\n]=] ]] 'a -- b' " ONE("f"),
        "local s =--[==[ ]] ]=] function ]==] 'a -- b' " ONE("f"),
        "local s = 'a -- b' " ONE("f") "--",
        "local s = 'a -- b' " ONE("f") "--[==[ function ]=]",
    };
    ck_assert_uint_eq(library.functions, 1);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct function_library other = library_of(same[i], strlen(same[i]));
        ck_assert_uint_eq(other.functions, 1);
        ck_assert_uint_le(other.vm_bytes - library.vm_bytes + 5, 10);
    }
    ck_assert_uint_gt(library_of("local s = 'a \\' -- b' " ONE("f"), 0).vm_bytes, library.vm_bytes);
    ck_assert_uint_eq(library_of(EIGHT, strlen(EIGHT)).functions, 8);
    struct function_library cut = library_of(plain, 10 * strlen(plain));
    ck_assert_uint_gt(cut.vm_bytes, 5 * library.vm_bytes);
    ck_assert_uint_lt(cut.vm_bytes, 10 * library.vm_bytes);
    ck_assert_uint_eq(library_of("", 0).functions, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_keyspace");
    TCase *tc = tcase_create("model_keyspace");
    tcase_add_test(tc, test_tables);
    tcase_add_test(tc, test_false_hints);
    tcase_add_test(tc, test_cluster);
    tcase_add_test(tc, test_databases);
    tcase_add_test(tc, test_merge);
    tcase_add_test(tc, test_merge_of_parts);
    tcase_add_test(tc, test_more_timed_hashes_than_are_kept);
    tcase_add_test(tc, test_producer_streams);
    tcase_add_test(tc, test_slot_index);
    tcase_add_test(tc, test_slot_index_of_one_slot);
    tcase_add_test(tc, test_functions);
    tcase_add_test(tc, test_function_text);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
