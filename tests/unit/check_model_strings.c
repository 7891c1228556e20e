/* Strings against what real servers measured. */
#include "model_fixture.h"

static const struct {
    const char *server;
    const char *name;
    uint64_t len; /* of the value */
    bool has_expiry, is_integer;
    uint64_t held, usage; /* usage 0: the server has no MEMORY USAGE */
    enum object_encoding encoding;
} measured[] = {
    /* sess:N:token, 24 bytes, with expiry */
    {"redis-2.8", "sess:0:token", 24, true, false, 160, 0, ENCODING_RAW},
    {"redis-3.2", "sess:0:token", 24, true, false, 112, 0, ENCODING_EMBSTR},
    {"redis-4.0", "sess:0:token", 24, true, false, 112, 82, ENCODING_EMBSTR},
    {"redis-5.0", "sess:0:token", 24, true, false, 112, 80, ENCODING_EMBSTR},
    {"redis-6.0", "sess:0:token", 24, true, false, 112, 82, ENCODING_EMBSTR},
    {"redis-6.2", "sess:0:token", 24, true, false, 112, 82, ENCODING_EMBSTR},
    {"redis-7.0", "sess:0:token", 24, true, false, 112, 88, ENCODING_EMBSTR},
    {"redis-7.2", "sess:0:token", 24, true, false, 112, 88, ENCODING_EMBSTR},
    {"redis-8.0", "sess:134:token", 24, true, false, 112, 88, ENCODING_EMBSTR},
    {"redis-8.2", "sess:134:token", 24, true, false, 80, 80, ENCODING_RAW},
    {"redis-8.4", "sess:134:token", 24, true, false, 80, 67, ENCODING_RAW},
    {"redis-8.6", "sess:134:token", 24, true, false, 80, 80, ENCODING_EMBSTR},
    {"redis-8.8", "sess:134:token", 24, true, false, 80, 80, ENCODING_EMBSTR},
    {"valkey-7.2", "sess:0:token", 24, true, false, 112, 88, ENCODING_EMBSTR},
    {"valkey-8.0", "sess:0:token", 24, true, false, 104, 80, ENCODING_EMBSTR},
    {"valkey-8.1", "sess:0:token", 24, true, false, 72, 72, ENCODING_RAW},
    {"valkey-9.0", "sess:0:token", 24, false, false, 64, 64, ENCODING_EMBSTR},
    {"valkey-9.1", "sess:0:token", 24, false, false, 56, 56, ENCODING_EMBSTR},
    /* int:284, 12 digits */
    {"valkey-7.2", "int:284", 12, false, true, 56, 56, ENCODING_INT},
    {"valkey-8.0", "int:284", 12, false, true, 48, 48, ENCODING_INT},
    {"valkey-8.1", "int:284", 12, false, true, 32, 32, ENCODING_INT},
    {"valkey-9.0", "int:284", 12, false, true, 32, 32, ENCODING_INT},
    {"valkey-9.1", "int:284", 12, false, true, 32, 32, ENCODING_INT},
    /* str:69, 68 bytes */
    {"valkey-7.2", "str:69", 68, true, false, 152, 128, ENCODING_RAW},
    {"valkey-8.0", "str:69", 68, true, false, 152, 128, ENCODING_RAW},
    {"valkey-8.1", "str:69", 68, true, false, 120, 120, ENCODING_RAW},
    {"valkey-9.0", "str:69", 68, false, false, 112, 112, ENCODING_RAW},
    {"valkey-9.1", "str:69", 68, false, false, 96, 96, ENCODING_EMBSTR},
};

/* Whatever a server does with an expiry: what the string with one takes more than the string without. */
START_TEST(test_expiry_bytes)
{
    size_t count;
    const struct server_model *server = server_models(&count);
    for (size_t i = 0; i < count; i++) {
        struct fixture f;
        fixture_init(&f, server[i].id);
        for (uint64_t name_len = 1; name_len < 200; name_len += 7)
            for (uint64_t len = 0; len < 120; len += 9) {
                struct shape_text text = text_of_len(len);
                struct key_facts key = {.name_len = name_len};
                shape_begin(f.shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
                shape_string(f.shape, &text, false);
                shape_end(f.shape, len + 1);
                uint64_t with = fixture_cost(&f, name_len, true).size_in_bytes,
                         without = fixture_cost(&f, name_len, false).size_in_bytes;
                ck_assert_uint_eq(model_expiry_bytes(f.plan, 0, f.shape, &key, without), with - without);
            }
        fixture_release(&f);
    }
}
END_TEST

START_TEST(test_measured)
{
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++) {
        struct fixture f;
        fixture_init(&f, measured[i].server);
        struct shape_text text = text_of_len(measured[i].len);
        if (measured[i].is_integer)
            text = text_of_integer(123456789012, false);
        shape_begin(f.shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
        shape_string(f.shape, &text, false);
        shape_end(f.shape, measured[i].len + 1);
        struct cost cost = fixture_cost(&f, strlen(measured[i].name), measured[i].has_expiry);
        ck_assert_msg(cost.size_in_bytes == measured[i].held && cost.memory_usage == measured[i].usage &&
                          cost.encoding == measured[i].encoding,
                      "%s %s: %lu/%lu", measured[i].server, measured[i].name, cost.size_in_bytes, cost.memory_usage);
        ck_assert_uint_eq(cost.part[COST_KEY_NAME], strlen(measured[i].name));
        ck_assert_uint_eq(cost.part[COST_PAYLOAD], measured[i].is_integer ? 8 : measured[i].len);
        fixture_release(&f);
    }
}
END_TEST

static struct cost string_cost_of(const char *server, const char *settings, struct shape_text text)
{
    struct fixture f;
    fixture_init_on(&f, server, NULL, settings);
    shape_begin(f.shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string(f.shape, &text, false);
    shape_end(f.shape, text.len + 1);
    struct cost cost = fixture_cost(&f, 5, false);
    fixture_release(&f);
    return cost;
}

/* Integers below 10000 are shared unless eviction needs a clock in every object. */
START_TEST(test_shared_integers)
{
    static const char lru[] = "maxmemory=1gb maxmemory-policy=allkeys-lru";
    static const char random[] = "maxmemory=1gb maxmemory-policy=allkeys-random";
    struct shape_text small = text_of_integer(9999, true), large = text_of_integer(10000, true);
    uint64_t shell = 8 + 24; /* name of 5 bytes, entry */
    ck_assert_uint_eq(string_cost_of("redis-7.0", NULL, small).size_in_bytes, shell);
    ck_assert_uint_eq(string_cost_of("redis-7.0", NULL, large).size_in_bytes, shell + 16);
    ck_assert_uint_eq(string_cost_of("redis-7.0", random, small).size_in_bytes, shell);
    ck_assert_uint_eq(string_cost_of("redis-7.0", lru, small).size_in_bytes, shell + 16);
    ck_assert_uint_eq(string_cost_of("redis-7.0", "maxmemory-policy=allkeys-lru", small).size_in_bytes, shell);
    ck_assert_uint_eq(string_cost_of("redis-4.0", lru, small).size_in_bytes, shell);
    ck_assert_uint_eq(string_cost_of("redis-8.2", NULL, small).size_in_bytes, 24);
    ck_assert_uint_eq(string_cost_of("redis-8.2", NULL, large).size_in_bytes, 24);
}
END_TEST

/* In 3.2 and 4.0 text that is a number keeps the block it was read into. */
START_TEST(test_integers_from_text)
{
    struct shape_text text = text_of_integer(123456789012, false), integer = text_of_integer(1234567, true);
    ck_assert_uint_eq(string_cost_of("redis-4.0", NULL, text).size_in_bytes, 8 + 24 + 32);
    ck_assert_uint_eq(string_cost_of("redis-4.0", NULL, integer).size_in_bytes, 8 + 24 + 16);
    ck_assert_uint_eq(string_cost_of("redis-5.0", NULL, text).size_in_bytes, 8 + 24 + 16);
}
END_TEST

/* The limits of embedding, on both sides. */
START_TEST(test_embedding_limits)
{
    static const struct {
        const char *server;
        uint64_t longest; /* embedded beside a name of 5 bytes */
    } rows[] = {{"redis-3.2", 44},  {"redis-8.0", 44},  {"redis-8.2", 36},  {"redis-8.6", 36},
                {"valkey-8.0", 44}, {"valkey-8.1", 36}, {"valkey-9.0", 36}, {"valkey-9.1", 108}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(string_cost_of(rows[i].server, NULL, text_of_len(rows[i].longest)).encoding, ENCODING_EMBSTR);
        ck_assert_int_eq(string_cost_of(rows[i].server, NULL, text_of_len(rows[i].longest + 1)).encoding, ENCODING_RAW);
    }
}
END_TEST

/* String headers grow at other lengths from Redis 8.2 and Valkey 8.0 on. */
START_TEST(test_header_limits)
{
    struct shape_text text = text_of_len(252), longer = text_of_len(253);
    ck_assert_uint_eq(string_cost_of("redis-8.0", NULL, text).size_in_bytes, 8 + 24 + 16 + 256);
    ck_assert_uint_eq(string_cost_of("redis-8.0", NULL, longer).size_in_bytes, 8 + 24 + 16 + 320);
    ck_assert_uint_eq(string_cost_of("redis-8.0", NULL, text_of_len(250)).memory_usage, 8 + 24 + 16 + 256);
    ck_assert_uint_eq(string_cost_of("redis-8.2", NULL, text).size_in_bytes, 24 + 256);
    ck_assert_uint_eq(string_cost_of("redis-8.2", NULL, text_of_len(65530)).size_in_bytes, 24 + 65536);
    ck_assert_uint_eq(string_cost_of("redis-8.2", NULL, text_of_len(65531)).size_in_bytes, 24 + 81920);
}
END_TEST

/* Names above and below the table of shells give what the arithmetic gives: names at every length on every server. */
START_TEST(test_shell_table)
{
    size_t count;
    const struct server_model *rows = server_models(&count);
    for (size_t i = 0; i < count; i++) {
        struct fixture f;
        fixture_init(&f, rows[i].id);
        struct shape_text text = text_of_len(100);
        shape_begin(f.shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
        shape_string(f.shape, &text, false);
        shape_end(f.shape, 101);
        for (uint64_t len = 0; len < 300; len++) {
            fixture_cost(&f, len, false); /* compares costing with and without lines, which takes no table */
            fixture_cost(&f, len, true);
        }
        fixture_release(&f);
    }
}
END_TEST

static uint64_t string_cost(struct fixture *f, uint64_t len, bool stored_lzf, uint64_t stored_bytes)
{
    struct shape_text text = text_of_len(len);
    shape_begin(f->shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string(f->shape, &text, stored_lzf);
    shape_end(f->shape, stored_bytes);
    return fixture_cost(f, 40, false).size_in_bytes;
}

/* glibc: once a compressed string has been read into a mapped block, later ones with fewer pages come from the heap. */
START_TEST(test_libc_threshold)
{
    struct fixture f;
    fixture_init_on(&f, "redis-7.2", "libc", NULL);
    enum { SHELL = 24 + 56 + 24 };
    ck_assert_uint_eq(string_cost(&f, 300000, false, 300005), 303088 + SHELL); /* mapped */
    ck_assert_uint_eq(string_cost(&f, 300000, true, 40 << 20), 303088 + SHELL);
    ck_assert_uint_eq(string_cost(&f, 300000, false, 300005),
                      303088 + SHELL); /* 40 MiB are above the largest threshold */
    ck_assert_uint_eq(string_cost(&f, 1048747, true, 340500), 1052760);
    ck_assert_uint_eq(string_cost(&f, 300000, false, 300005), 300128);
    ck_assert_uint_eq(string_cost(&f, 344030, false, 344035), 344040 + SHELL); /* 84 pages were freed */
    ck_assert_uint_eq(string_cost(&f, 344031, false, 344036), 348144 + SHELL);
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_strings");
    TCase *tc = tcase_create("model_strings");
    tcase_add_test(tc, test_measured);
    tcase_add_test(tc, test_expiry_bytes);
    tcase_add_test(tc, test_shared_integers);
    tcase_add_test(tc, test_integers_from_text);
    tcase_add_test(tc, test_embedding_limits);
    tcase_add_test(tc, test_header_limits);
    tcase_add_test(tc, test_shell_table);
    tcase_add_test(tc, test_libc_threshold);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
