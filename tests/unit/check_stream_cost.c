/* Streams, vector sets and arrays against what real servers measured for the same values. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_fixture.h"

/* ---- streams ---- */

static void group(struct shape *shape, const char *name, uint64_t pending)
{
    shape_stream_group(shape, (const uint8_t *)name, strlen(name), pending);
}

static void consumer(struct shape *shape, const char *name, uint64_t pending)
{
    shape_stream_consumer(shape, (const uint8_t *)name, strlen(name), pending);
}

static const struct {
    uint64_t ms, seq;
} pending_ids[] = {{1700000000000, 0}, {1700000000037, 1}, {1700000000074, 2}, {1700000000111, 0}, {1700000000148, 1}};

/* Four entries in one node, a group with five pending ids of two consumers, a group without. */
static void build_stream(struct shape *shape)
{
    shape_begin(shape, OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
    shape_stream_node(shape, 1700000000000, 0, 357);
    shape_stream_meta(shape, 4, 2);
    group(shape, "g2", 5);
    for (size_t i = 0; i < 5; i++)
        shape_stream_pending(shape, pending_ids[i].ms, pending_ids[i].seq, 1795155197231);
    consumer(shape, "c2", 3);
    for (size_t i = 2; i < 5; i++)
        shape_stream_consumer_pending(shape, pending_ids[i].ms, pending_ids[i].seq);
    consumer(shape, "consumer-one", 2);
    for (size_t i = 0; i < 2; i++)
        shape_stream_consumer_pending(shape, pending_ids[i].ms, pending_ids[i].seq);
    group(shape, "grp-papa", 0);
    shape_end(shape, 600);
}

/* used_memory given back by DEL, and MEMORY USAGE, of the key "stream:479" in each release. */
static const struct {
    const char *server;
    uint64_t usage, allocated;
} measured_streams[] = {
    {"redis-5.0", 7907, 1768},  {"redis-6.0", 7911, 1768},  {"redis-6.2", 7978, 1768},      {"redis-7.0", 8034, 1824},
    {"redis-7.2", 8050, 1840},  {"redis-7.4", 8050, 1840},  {"redis-8.0", 8050, 1840},      {"redis-8.2", 8098, 2552},
    {"redis-8.4", 2580, 2976},  {"redis-8.6", 2471, 2864},  {"redis-8.8", 2487, 2896 - 16}, {"valkey-7.2", 8050, 1840},
    {"valkey-8.0", 8042, 1832}, {"valkey-8.1", 1574, 1880}, {"valkey-9.0", 1574, 1880},     {"valkey-9.1", 1574, 1880},
};

START_TEST(a_stream_on_every_server)
{
    struct fixture f;
    fixture_init(&f, measured_streams[_i].server);
    for (int again = 0; again < 2; again++) { /* a shape is used for many keys */
        build_stream(f.shape);
        struct cost cost = fixture_cost(&f, strlen("stream:479"), false);
        ck_assert_uint_eq(cost.size_in_bytes, measured_streams[_i].allocated);
        ck_assert_uint_eq(cost.memory_usage, measured_streams[_i].usage);
        ck_assert_int_eq(cost.encoding, ENCODING_STREAM);
        ck_assert_uint_eq(shape_elements(f.shape), 4);
        ck_assert(!shape_is_coarse(f.shape));
    }
    fixture_release(&f);
}
END_TEST

/* Two groups waiting for the same ids share the tree and the lists of ids to groups (redis 8.2); ids of their own add
 * to it. The order of groups does not matter, nor that of ids. */
START_TEST(ids_that_several_groups_wait_for)
{
    struct fixture f;
    uint64_t size[4];
    fixture_init(&f, "redis-8.2");
    for (int variant = 0; variant < 4; variant++) {
        shape_begin(f.shape, OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
        shape_stream_node(f.shape, 1700000000000, 0, 400);
        shape_stream_meta(f.shape, 20, 2);
        for (uint64_t g = 0; g < 2; g++) {
            uint64_t shift = variant == 1 && g ? 20 : 0;
            group(f.shape, g ? "g1" : "g0", 20);
            for (uint64_t i = 0; i < 20; i++) {
                uint64_t id = variant == 2 ? 19 - i : i;
                shape_stream_pending(f.shape, 1700000000000 + shift + id, 0, (int64_t)i);
            }
        }
        shape_end(f.shape, 0);
        size[variant] = fixture_cost(&f, 1, false).size_in_bytes;
        ck_assert(!shape_is_coarse(f.shape));
    }
    ck_assert_uint_eq(size[0], size[2]);
    ck_assert_uint_eq(size[0], size[3]);
    /* 20 ids more: 20 lists of 48, 20 leaves of 16 and runs of 24, and a branch of 40 ways instead of 20. */
    ck_assert_uint_eq(size[1] - size[0], 20 * 48 + 20 * 40 + (384 - 192));
    fixture_release(&f);
}
END_TEST

/* redis 8.8 drops ids of idempotent producers that are older than the stream's duration, and then empty producers;
 * redis 8.6 keeps all. */
START_TEST(producers_by_age)
{
    static const char *const servers[] = {"redis-8.6", "redis-8.8"};
    const int64_t now = 1795156130000;
    for (int s = 0; s < 2; s++) {
        struct fixture f;
        uint64_t size[3];
        fixture_init(&f, servers[s]);
        for (int variant = 0; variant < 3; variant++) {
            shape_set_load_time(f.shape, variant == 1 ? now : 0);
            shape_begin(f.shape, OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
            shape_stream_node(f.shape, 1700000000000, 0, 400);
            shape_stream_meta(f.shape, 1, 0);
            if (variant < 2) {
                shape_stream_producer(f.shape, (const uint8_t *)"p0", 2, 1, 100);
                shape_stream_iid(f.shape, 5, (uint64_t)now - 100000, 0);
            }
            shape_end(f.shape, 0);
            size[variant] = fixture_cost(&f, strlen("idmp:28"), false).size_in_bytes;
        }
        shape_set_load_time(f.shape, 0);
        /* tree 32 + 16 + 16, producer 24, dict 56 + 32 + 24, id 40; from 8.8 the name once more */
        ck_assert_uint_eq(size[0] - size[2], 64 + 24 + 112 + 40 + (s ? 32 : 0));
        ck_assert_uint_eq(size[1], s ? size[2] : size[0]);
        fixture_release(&f);
    }
}
END_TEST

/* A hostile number of groups that wait for scattered ids: bounded memory and time, and the cost says so. */
START_TEST(more_pending_ids_than_are_kept)
{
    struct fixture f;
    fixture_init(&f, "redis-8.4");
    shape_begin(f.shape, OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
    shape_stream_meta(f.shape, 0, 1000);
    for (uint64_t g = 0; g < 1000; g++) {
        char name[16];
        snprintf(name, sizeof name, "g%lu", (unsigned long)g);
        group(f.shape, name, 1000);
        for (uint64_t i = 0; i < 1000; i++)
            shape_stream_pending(f.shape, 1700000000000 + g * 1000 + i, 0, (int64_t)(i * 7919 % 1000));
    }
    shape_end(f.shape, 0);
    struct cost cost = fixture_cost(&f, 1, false);
    ck_assert(shape_is_coarse(f.shape));
    ck_assert_uint_gt(cost.size_in_bytes, UINT64_C(1000000) * (32 + 24 + 40 + 40));
    fixture_release(&f);
}
END_TEST

/* ---- vector sets ---- */

struct one_vector {
    uint64_t floats, name_len, attribute_len, level;
};

/* One element, on layer 0 only or up to its level. */
static void build_vectorset(struct shape *shape, const struct one_vector *one)
{
    uint64_t level = one->level;
    shape_begin(shape, OBJECT_MODULE, ORIGIN_ELEMENTS, 0);
    shape_module_begin(shape, "vectorset", 0);
    const uint64_t head[] = {one->floats, 1, 4096, 2};
    for (size_t i = 0; i < 4; i++)
        shape_module_integer(shape, head[i]);
    ck_assert(shape_module_wants_bytes(shape));
    static const uint8_t name[64] = "elem:0";
    shape_module_string(shape, name, one->name_len, one->name_len, false);
    ck_assert(!shape_module_wants_bytes(shape));
    shape_module_string(shape, NULL, 0, one->attribute_len, false);
    shape_module_string(shape, NULL, 0, 4 * one->floats, false);
    shape_module_integer(shape, 3 + 3 * (level + 1));
    shape_module_integer(shape, 1);
    shape_module_integer(shape, 16777216 | level);
    for (uint64_t layer = 0; layer <= level; layer++) {
        shape_module_integer(shape, 0);
        shape_module_integer(shape, layer ? 16 : 32);
        shape_module_integer(shape, 0);
    }
    shape_module_integer(shape, 1065427070);
    shape_end(shape, 100);
}

/* vec:1 of the measurements, which has an attribute; and one whose name lies apart from its object. */
static const struct {
    const char *server, *allocator;
    struct one_vector one;
    uint64_t usage, allocated;
} measured_vectorsets[] = {
    {"redis-8.0", NULL, {2, 6, 13, 0}, 2554, 2776},      {"redis-8.2", NULL, {2, 6, 13, 0}, 2546, 2752},
    {"redis-8.4", NULL, {2, 6, 13, 0}, 2546, 2760},      {"redis-8.6", NULL, {2, 6, 13, 4}, 2546, 3336},
    {"redis-8.8", NULL, {2, 6, 13, 0}, 2546, 2784 - 16}, /* its keyspace entry happened to share a bucket */
    {"redis-8.4", "libc", {3, 60, 0, 1}, 2566, 2904},    {"redis-8.4", "libc", {3, 2, 0, 1}, 2502, 2784},
};

START_TEST(a_vector_set_on_every_server)
{
    struct fixture f;
    fixture_init_on(&f, measured_vectorsets[_i].server, measured_vectorsets[_i].allocator, NULL);
    build_vectorset(f.shape, &measured_vectorsets[_i].one);
    struct cost cost = fixture_cost(&f, strlen("vec:1"), false);
    ck_assert_int_eq(shape_type(f.shape), OBJECT_VECTORSET);
    ck_assert_int_eq(cost.encoding, ENCODING_VECTORSET);
    ck_assert_uint_eq(shape_elements(f.shape), 1);
    ck_assert_uint_eq(cost.memory_usage, measured_vectorsets[_i].usage);
    ck_assert_uint_eq(cost.size_in_bytes, measured_vectorsets[_i].allocated);
    fixture_release(&f);
}
END_TEST

/* Items that contradict the layout end it; nothing is read past it. */
START_TEST(a_vector_set_of_nonsense)
{
    struct fixture f;
    fixture_init(&f, "redis-8.0");
    for (uint64_t round = 0; round < 2000; round++) {
        shape_begin(f.shape, OBJECT_MODULE, ORIGIN_ELEMENTS, 0);
        shape_module_begin(f.shape, "vectorset", 0);
        uint64_t bits = round * UINT64_C(0x9e3779b97f4a7c15);
        for (int i = 0; i < 40; i++, bits = bits >> 1 | bits << 63) {
            if (bits & 1)
                shape_module_integer(f.shape, bits >> (i < 6 ? 40 : 0));
            else
                shape_module_string(f.shape, (const uint8_t *)"name", 4, 4, bits & 2);
        }
        shape_module_number(f.shape, 1);
        shape_end(f.shape, 400);
        fixture_cost(&f, 4, false);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(another_module)
{
    struct fixture f;
    fixture_init(&f, "redis-7.2");
    shape_begin(f.shape, OBJECT_MODULE, ORIGIN_ELEMENTS, 0);
    shape_module_begin(f.shape, "ReJSON-RL", 3);
    shape_module_string(f.shape, NULL, 0, 77, false);
    shape_end(f.shape, 90);
    ck_assert_int_eq(shape_type(f.shape), OBJECT_MODULE);
    ck_assert_int_eq(fixture_cost(&f, 4, false).encoding, ENCODING_MODULE);
    ck_assert_uint_eq(fixture_cost(&f, 4, false).part[COST_PAYLOAD], 90);
    fixture_release(&f);
}
END_TEST

/* ---- arrays ---- */

static uint64_t array_size(struct fixture *f, uint64_t first, uint64_t step, uint64_t count)
{
    struct shape_text text = {.len = 1, .is_integer = true, .integer = 7};
    shape_begin(f->shape, OBJECT_ARRAY, ORIGIN_ELEMENTS, count);
    for (uint64_t i = 0; i < count; i++)
        shape_array_item(f->shape, first + i * step, &text, NULL, true);
    shape_end(f->shape, 0);
    struct cost cost = fixture_cost(f, strlen("arr:34"), false);
    ck_assert_uint_eq(cost.memory_usage, cost.size_in_bytes);
    return cost.size_in_bytes;
}

/* redis 8.8: object and name 32, array 80, then the directory and the slices. */
START_TEST(slices_of_an_array)
{
    struct fixture f;
    fixture_init(&f, "redis-8.8");
    ck_assert_uint_eq(array_size(&f, 0, 1, 1), 112 + 8 + 80); /* measured: arr:34 */
    ck_assert_uint_eq(array_size(&f, 0, 1, 5), 112 + 8 + 112);
    ck_assert_uint_eq(array_size(&f, 0, 1, 10), 112 + 8 + 160);
    ck_assert_uint_eq(array_size(&f, 0, 1, 11), 112 + 8 + 160);     /* dense, a window of 16 */
    ck_assert_uint_eq(array_size(&f, 0, 100, 11), 112 + 8 + 10240); /* 1000 apart: a window of 1024 */
    ck_assert_uint_eq(array_size(&f, 4090, 1, 6), 112 + 8 + 112);
    ck_assert_uint_eq(array_size(&f, 4095, 1, 2), 112 + 16 + 2 * 80);          /* two slices */
    ck_assert_uint_eq(array_size(&f, 0, 4096, 2048), 112 + 16384 + 2048 * 80); /* the largest flat directory */
    /* blocks: those of the slices 0..2047 and 2048, in a directory for four */
    ck_assert_uint_eq(array_size(&f, 0, 4096, 2049), 112 + 96 + 2 * 16384 + 2049 * 80);
    ck_assert_uint_eq(array_size(&f, UINT64_C(1) << 62, 1, 1), 112 + 96 + 16384 + 80);
    ck_assert(!shape_is_coarse(f.shape));
    fixture_release(&f);
}
END_TEST

START_TEST(values_of_an_array)
{
    static const struct {
        const char *text;
        uint64_t held;
    } values[] = {{"1234567", 0},
                  {"short", 0},
                  {"12345678", 0},
                  {"abcdefgh", 16},
                  {"-12345.678", 0},
                  {"12345678.0", 0},
                  {"12345678.10", 16},
                  {"0.0000001234", 16},
                  {"012345678", 16},
                  {"1.5e300000", 16},
                  {"2305843009213693951", 0},
                  {"2305843009213693952", 24},
                  {"9007199254740993.5", 24}};
    struct fixture f;
    fixture_init(&f, "redis-8.8");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const uint8_t *bytes = (const uint8_t *)values[i].text;
        struct shape_text text = shape_text_of(bytes, strlen(values[i].text));
        shape_begin(f.shape, OBJECT_ARRAY, ORIGIN_ELEMENTS, 1);
        shape_array_item(f.shape, 0, &text, bytes, false);
        shape_end(f.shape, 0);
        ck_assert_msg(fixture_cost(&f, 6, false).size_in_bytes == 200 + values[i].held, "%s", values[i].text);
    }
    /* An index that goes back is no array that a server wrote. */
    struct shape_text one = {.len = 1};
    shape_begin(f.shape, OBJECT_ARRAY, ORIGIN_ELEMENTS, 2);
    shape_array_item(f.shape, 5, &one, NULL, true);
    shape_array_item(f.shape, 4, &one, NULL, true);
    shape_array_item(f.shape, UINT64_MAX, &one, NULL, true);
    shape_end(f.shape, 0);
    ck_assert(shape_is_coarse(f.shape));
    fixture_cost(&f, 6, false);
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream_cost");
    TCase *tests = tcase_create("values");
    tcase_add_loop_test(tests, a_stream_on_every_server, 0, sizeof measured_streams / sizeof *measured_streams);
    tcase_add_test(tests, ids_that_several_groups_wait_for);
    tcase_add_test(tests, producers_by_age);
    tcase_add_test(tests, more_pending_ids_than_are_kept);
    tcase_add_loop_test(tests, a_vector_set_on_every_server, 0,
                        sizeof measured_vectorsets / sizeof *measured_vectorsets);
    tcase_add_test(tests, a_vector_set_of_nonsense);
    tcase_add_test(tests, another_module);
    tcase_add_test(tests, slices_of_an_array);
    tcase_add_test(tests, values_of_an_array);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
