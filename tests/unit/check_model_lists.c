/* Lists: nodes as stored, nodes built anew, compression. */
#include <string.h>

#include "model_fixture.h"

static void build_nodes(struct shape *shape, const uint64_t *lens, size_t count, uint64_t compressed)
{
    shape_begin(shape, OBJECT_LIST, ORIGIN_QUICKLIST_2, 0);
    for (size_t i = 0; i < count; i++) {
        struct shape_text element = text_of_len(lens[i] - 20);
        shape_list_node(shape, lens[i], false, compressed);
        shape_list_element(shape, &element);
    }
    shape_end(shape, 100);
}

/* 7.2 list:333, six nodes: 60176, both numbers. */
START_TEST(test_stored_nodes)
{
    static const uint64_t lens[] = {9014, 411, 8206, 20015, 9014, 8164};
    struct fixture f;
    fixture_init(&f, "redis-7.2");
    build_nodes(f.shape, lens, 6, 0);
    struct cost cost = fixture_cost(&f, 8, false);
    ck_assert_uint_eq(cost.size_in_bytes, 60176);
    ck_assert_uint_eq(cost.memory_usage, 60176);
    ck_assert_int_eq(cost.encoding, ENCODING_QUICKLIST);
    ck_assert_uint_eq(shape_elements(f.shape), 6);
    fixture_release(&f);
}
END_TEST

/* One packed node within the limit is a bare listpack from 7.2 on, but not when it was read element by element from a
 * ziplist. */
START_TEST(test_listpack)
{
    static const uint64_t at_limit[] = {8192}, above[] = {8193};
    struct fixture f;
    fixture_init(&f, "redis-7.2");
    build_nodes(f.shape, at_limit, 1, 0);
    ck_assert_int_eq(fixture_cost(&f, 8, false).encoding, ENCODING_LISTPACK);
    build_nodes(f.shape, above, 1, 0);
    ck_assert_int_eq(fixture_cost(&f, 8, false).encoding, ENCODING_QUICKLIST);
    for (int origin = ORIGIN_ELEMENTS; origin <= ORIGIN_ZIPLIST; origin += ORIGIN_ZIPLIST) {
        struct shape_text element = text_of_len(10);
        shape_begin(f.shape, OBJECT_LIST, (enum shape_origin)origin, 0);
        shape_list_element(f.shape, &element);
        shape_end(f.shape, 20);
        ck_assert_int_eq(fixture_cost(&f, 8, false).encoding,
                         origin == ORIGIN_ZIPLIST ? ENCODING_QUICKLIST : ENCODING_LISTPACK);
    }
    fixture_release(&f);
}
END_TEST

static void push(struct fixture *f, uint64_t count, uint64_t len)
{
    shape_begin(f->shape, OBJECT_LIST, ORIGIN_ELEMENTS, count);
    for (uint64_t i = 0; i < count; i++) {
        struct shape_text element = text_of_len(len);
        shape_list_element(f->shape, &element);
    }
    shape_end(f->shape, 100);
}

static uint64_t pushed_nodes(const char *server, const char *settings, uint64_t count, uint64_t len)
{
    struct fixture f;
    fixture_init_on(&f, server, NULL, settings);
    push(&f, count, len);
    fixture_cost(&f, 8, false);
    uint64_t nodes = 0;
    for (size_t i = 0; i < f.lines.count; i++)
        if (strcmp(f.line[i].what, "quicklist nodes") == 0)
            nodes = f.line[i].count;
    fixture_release(&f);
    return nodes;
}

/* Elements join the tail while an estimate of their bytes fits: 8 beside the text from 7.0 on. A text of 1000 takes
 * 1004 in a listpack: 7 + 8 * 1004 = 8039 has no room for another. */
START_TEST(test_push)
{
    ck_assert_uint_eq(pushed_nodes("redis-7.0", NULL, 8, 1000), 1);
    ck_assert_uint_eq(pushed_nodes("redis-7.0", NULL, 9, 1000), 2);
    ck_assert_uint_eq(pushed_nodes("redis-7.0", "list-max-listpack-size=3", 9, 10), 3);
    ck_assert_uint_eq(pushed_nodes("redis-7.0", "list-max-listpack-size=0", 9, 10), 9);
    ck_assert_uint_eq(pushed_nodes("redis-7.2", "list-max-listpack-size=0", 9, 10), 9);
    ck_assert_uint_eq(pushed_nodes("redis-7.0", "list-max-listpack-size=-9", 9, 10), 9);
    ck_assert_uint_eq(pushed_nodes("redis-7.2", "list-max-listpack-size=-9", 700, 100), 2);
    ck_assert_uint_eq(pushed_nodes("redis-4.0", "list-max-ziplist-size=-1", 5, 1000), 2);
}
END_TEST

/* An element above the limit is a node by itself from 7.4 on; before, it is packed all the same. */
START_TEST(test_plain_nodes)
{
    struct fixture f;
    fixture_init(&f, "redis-7.4");
    push(&f, 1, 9000);
    struct cost cost = fixture_cost(&f, 8, false);
    ck_assert_int_eq(cost.encoding, ENCODING_QUICKLIST);
    ck_assert_uint_eq(cost.size_in_bytes, 16 + 24 + 16 + 40 + 40 + 10240);
    fixture_release(&f);
    fixture_init(&f, "redis-7.2");
    push(&f, 1, 9000);
    ck_assert_int_eq(fixture_cost(&f, 8, false).encoding, ENCODING_QUICKLIST); /* 9007 bytes: above the limit */
    fixture_release(&f);
}
END_TEST

/* list-compress-depth 1: all nodes but the first and the last take their compressed length and a header. */
START_TEST(test_compression)
{
    static const uint64_t lens[] = {1000, 1000, 1000, 1000};
    static const struct {
        const char *server;
        uint64_t structure, packed, counted;
    } rows[] = {{"redis-7.0", 40 + 4 * 40, 512, 512}, {"redis-7.2", 40 + 4 * 40, 512, 512}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_init_on(&f, rows[i].server, NULL, "list-compress-depth=1");
        build_nodes(f.shape, lens, 4, 500); /* 508 with its header: 512 held */
        struct cost cost = fixture_cost(&f, 8, false);
        ck_assert_uint_eq(cost.size_in_bytes, 56 + rows[i].structure + 2 * 1024 + 2 * rows[i].packed);
        ck_assert_uint_eq(cost.memory_usage, 56 + rows[i].structure + 2 * 1024 + 2 * rows[i].counted);
        build_nodes(f.shape, lens, 2, 500);
        ck_assert_uint_eq(fixture_cost(&f, 8, false).size_in_bytes, 56 + 40 + 2 * 40 + 2 * 1024);
        build_nodes(f.shape, lens, 4, 993); /* saves less than 8 bytes */
        ck_assert_uint_eq(fixture_cost(&f, 8, false).size_in_bytes, 56 + 40 + 4 * 40 + 4 * 1024);
        fixture_release(&f);
    }
}
END_TEST

/* MEMORY USAGE of redis 8.0 and 8.2 divides what the nodes take by the number of elements: 30880 / 642 * 642 is less
 * than 30880 in doubles; others divide by the four nodes. */
START_TEST(test_average)
{
    static const struct {
        const char *server;
        uint64_t memory_usage;
    } rows[] = {{"redis-7.4", 56 + 40 + 30880}, {"redis-8.0", 56 + 40 + 30880 - 1}, {"redis-8.2", 32 + 40 + 30880 - 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_init(&f, rows[i].server);
        shape_begin(f.shape, OBJECT_LIST, ORIGIN_QUICKLIST_2, 0);
        for (unsigned node = 0; node < 4; node++) {
            shape_list_node(f.shape, node ? 8192 : 6144, false, 0);
            for (unsigned k = 0; k < (node ? 160 : 162); k++) {
                struct shape_text element = text_of_len(10);
                shape_list_element(f.shape, &element);
            }
        }
        shape_end(f.shape, 100);
        ck_assert_uint_eq(fixture_cost(&f, 8, false).memory_usage, rows[i].memory_usage);
        fixture_release(&f);
    }
}
END_TEST

/* "element-07/element-07/..." */
static struct shape_text push_text(struct shape *shape, uint8_t *bytes, unsigned number, uint64_t len)
{
    char word[16];
    snprintf(word, sizeof word, "element-%02u/", number % 100);
    for (uint64_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)word[i % 11];
    shape_list_bytes(shape, bytes, len);
    return shape_text_of(bytes, len);
}

/* What MEMORY USAGE printed of a list list:333 of `count` such elements. */
static const struct {
    const char *server;
    unsigned depth, count, len;
    uint64_t memory_usage;
} pressed[] = {
    {"redis-8.8", 1, 30, 1000, 14686},  {"redis-8.8", 1, 700, 40, 16979},   {"redis-8.8", 2, 60, 1000, 29290},
    {"redis-8.8", 1, 4, 9000, 18498},   {"valkey-9.1", 1, 30, 1000, 14952}, {"valkey-9.1", 1, 700, 40, 17640},
    {"valkey-9.1", 2, 60, 1000, 29832}, {"valkey-9.1", 1, 4, 9000, 21032},
};

/* Nodes that are built anew are compressed as the servers do: pushed one by one, or read from a ziplist of the file. */
START_TEST(test_pressed)
{
    uint8_t bytes[9000];
    for (size_t i = 0; i < sizeof pressed / sizeof *pressed; i++) {
        struct fixture f;
        char settings[64];
        snprintf(settings, sizeof settings, "list-compress-depth=%u", pressed[i].depth);
        fixture_init_on(&f, pressed[i].server, NULL, settings);
        shape_begin(f.shape, OBJECT_LIST, ORIGIN_ELEMENTS, pressed[i].count);
        for (unsigned k = 0; k < pressed[i].count; k++) {
            struct shape_text element = push_text(f.shape, bytes, k, pressed[i].len);
            shape_list_element(f.shape, &element);
        }
        shape_end(f.shape, 100);
        ck_assert(!shape_is_coarse(f.shape));
        ck_assert_uint_eq(fixture_cost(&f, 8, false).memory_usage, pressed[i].memory_usage);
        fixture_release(&f);
    }
}
END_TEST

static uint64_t stored_node_held(const char *server, enum shape_origin origin, uint64_t node_len, bool plain)
{
    struct fixture f;
    uint8_t bytes[1000];
    fixture_init_on(&f, server, NULL, "list-compress-depth=1");
    shape_begin(f.shape, OBJECT_LIST, origin, 0);
    for (unsigned i = 0; i < 3; i++) {
        struct shape_text element;
        shape_list_node(f.shape, node_len, plain, 0);
        element = push_text(f.shape, bytes, i, 1000);
        shape_list_element(f.shape, &element);
    }
    shape_end(f.shape, 100);
    ck_assert(!shape_is_coarse(f.shape));
    uint64_t held = fixture_cost(&f, 8, false).size_in_bytes;
    fixture_release(&f);
    return held;
}

/* Three nodes that the file holds uncompressed (rdbcompression no), each "element-NN/" repeated to 1000 bytes: the one
 * in the middle compresses to a literal of 11 bytes and four repetitions. Ziplists become listpacks. */
START_TEST(test_stored_uncompressed)
{
    uint64_t shell = 16 + 24 + 16 + 40 + 3 * 40;
    ck_assert_uint_eq(stored_node_held("redis-7.0", ORIGIN_QUICKLIST_2, 1000, true), shell + 2 * 1024 + 40);
    ck_assert_uint_eq(stored_node_held("redis-7.0", ORIGIN_QUICKLIST_2, 7 + 1004, false), shell + 2 * 1024 + 48);
    ck_assert_uint_eq(stored_node_held("redis-7.0", ORIGIN_QUICKLIST, 11 + 1003, false), shell + 2 * 1024 + 48);
}
END_TEST

/* How nodes compress whose bytes nobody showed is not known, and said. */
START_TEST(test_coarse)
{
    struct fixture f;
    fixture_init_on(&f, "redis-7.2", NULL, "list-compress-depth=1");
    push(&f, 30, 1000);
    ck_assert(shape_is_coarse(f.shape)); /* four nodes */
    push(&f, 10, 1000);
    ck_assert(!shape_is_coarse(f.shape)); /* two: both are ends */
    fixture_release(&f);
    fixture_init(&f, "redis-7.2");
    push(&f, 30, 1000);
    ck_assert(!shape_is_coarse(f.shape));
    fixture_release(&f);
}
END_TEST

/* 2.8: ziplist or linked list. */
static void build_list(struct fixture *f, uint64_t count, uint64_t len)
{
    shape_begin(f->shape, OBJECT_LIST, ORIGIN_ELEMENTS, count);
    for (uint64_t i = 0; i < count; i++) {
        struct shape_text text = text_of_len(len);
        shape_list_element(f->shape, &text);
    }
    shape_end(f->shape, count * len);
}

/* Both forms of a list of several nodes are what it takes under its own limit, and under one that holds all of it. */
START_TEST(test_packing)
{
    static const char *const servers[] = {"redis-7.0", "redis-7.2", "redis-8.4", "valkey-9.0"};
    static const struct {
        const char *settings, *higher;
        bool is_bytes;
        uint64_t count, len;
        int64_t limit;
    } lists[] = {
        {NULL, "list-max-listpack-size=-5", true, 90, 100, 8192},
        {NULL, "list-max-listpack-size=-5", true, 900, 40, 8192},
        {"list-max-listpack-size=128", "list-max-listpack-size=512", false, 130, 9, 128},
    };
    for (size_t s = 0; s < sizeof servers / sizeof *servers; s++)
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
            struct fixture own, higher;
            struct packing packing;
            struct key_facts key = {.name_len = 7};
            bool is_bytes;
            fixture_init_on(&own, servers[s], NULL, lists[i].settings);
            fixture_init_on(&higher, servers[s], NULL, lists[i].higher);
            build_list(&own, lists[i].count, lists[i].len);
            build_list(&higher, lists[i].count, lists[i].len);
            uint64_t now = fixture_cost(&own, 7, false).size_in_bytes,
                     packed = fixture_cost(&higher, 7, false).size_in_bytes;
            ck_assert(model_list_packing(own.plan, 0, own.shape, &key, &packing, &is_bytes));
            ck_assert_int_eq(is_bytes, lists[i].is_bytes);
            ck_assert_int_eq(packing.limit, lists[i].limit);
            ck_assert_uint_gt(packing.actual, (uint64_t)packing.limit);
            ck_assert_int_eq((int64_t)(packing.table_bytes - packing.packed_bytes), (int64_t)(now - packed));
            ck_assert(!model_list_packing(higher.plan, 0, higher.shape, &key, &packing, &is_bytes));
            fixture_release(&own);
            fixture_release(&higher);
        }
}
END_TEST

START_TEST(test_linked_list)
{
    struct fixture f;
    fixture_init(&f, "redis-2.8");
    push(&f, 512, 64);
    ck_assert_int_eq(fixture_cost(&f, 8, false).encoding, ENCODING_ZIPLIST);
    push(&f, 513, 3);
    struct cost cost = fixture_cost(&f, 8, false);
    ck_assert_int_eq(cost.encoding, ENCODING_LINKEDLIST);
    ck_assert_uint_eq(cost.size_in_bytes, 32 + 32 + 16 + 48 + 513 * (32 + 16 + 16));
    push(&f, 2, 65);
    ck_assert_int_eq(fixture_cost(&f, 8, false).encoding, ENCODING_LINKEDLIST);
    fixture_release(&f);
}
END_TEST

static uint64_t plain_nodes_usage(struct fixture *f, const uint64_t (*node)[2], size_t count)
{
    shape_begin(f->shape, OBJECT_LIST, ORIGIN_QUICKLIST_2, 0);
    for (size_t i = 0; i < count; i++)
        shape_list_node(f->shape, node[i][0], true, node[i][1]);
    shape_end(f->shape, 100);
    return fixture_cost(f, strlen("l1"), false).memory_usage;
}

/* Two lists that redis 7.2.12 loaded, built on glibc: from the node on whose LZF bytes were freed, smaller ones come
 * from the heap, and the next list's. */
START_TEST(test_libc_nodes)
{
    static const uint64_t first[][2] = {{200000, 0}, {200000, 206250}, {200000, 0}, {210000, 0}, {150000, 154688}},
                          second[][2] = {{200000, 0}, {206000, 0}};
    struct fixture f;
    fixture_init_on(&f, "redis-7.2", "libc", NULL);
    ck_assert_uint_eq(plain_nodes_usage(&f, first, 5), 964672);
    ck_assert_uint_eq(plain_nodes_usage(&f, second, 2), 406200);
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_lists");
    TCase *tc = tcase_create("model_lists");
    tcase_add_test(tc, test_stored_nodes);
    tcase_add_test(tc, test_listpack);
    tcase_add_test(tc, test_push);
    tcase_add_test(tc, test_plain_nodes);
    tcase_add_test(tc, test_compression);
    tcase_add_test(tc, test_average);
    tcase_add_test(tc, test_pressed);
    tcase_add_test(tc, test_stored_uncompressed);
    tcase_add_test(tc, test_coarse);
    tcase_add_test(tc, test_linked_list);
    tcase_add_test(tc, test_packing);
    tcase_add_test(tc, test_libc_nodes);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
