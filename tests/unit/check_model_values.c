/* Sets, sorted sets, hashes: worked examples measured on real servers, and what loading makes of a value. */
#include "model_fixture.h"

static void build_hash(struct shape *shape, enum shape_origin origin, uint64_t n, uint64_t blob_len)
{
    shape_begin(shape, OBJECT_HASH, origin, origin == ORIGIN_ELEMENTS ? n : 0);
    if (blob_len)
        shape_blob(shape, blob_len, 0);
    for (uint64_t i = 0; i < n; i++) {
        struct shape_text field = text_of_len(4), value = text_of_len(10);
        shape_hash_field(shape, &field, &value, 0);
    }
    shape_end(shape, blob_len);
}

/* user:N of three pairs: a ziplist of 60 bytes, a listpack of 55. */
START_TEST(test_small_hash)
{
    static const struct {
        const char *server;
        enum shape_origin origin;
        uint64_t blob_len, held, usage;
        enum object_encoding encoding;
    } rows[] = {{"redis-2.8", ORIGIN_ZIPLIST, 60, 144, 0, ENCODING_ZIPLIST},
                {"redis-3.2", ORIGIN_ZIPLIST, 60, 120, 0, ENCODING_ZIPLIST},
                {"redis-4.0", ORIGIN_ZIPLIST, 60, 120, 113, ENCODING_ZIPLIST},
                {"redis-5.0", ORIGIN_ZIPLIST, 60, 120, 111, ENCODING_ZIPLIST},
                {"redis-6.2", ORIGIN_ZIPLIST, 60, 120, 116, ENCODING_ZIPLIST},
                {"redis-7.0", ORIGIN_LISTPACK, 55, 112, 112, ENCODING_LISTPACK},
                {"redis-7.2", ORIGIN_LISTPACK, 55, 112, 112, ENCODING_LISTPACK},
                {"redis-8.4", ORIGIN_LISTPACK, 55, 88, 28 + 55 + 0, ENCODING_LISTPACK},
                {"valkey-8.0", ORIGIN_LISTPACK, 55, 104, 104, ENCODING_LISTPACK},
                {"valkey-9.1", ORIGIN_LISTPACK, 55, 88, 88, ENCODING_LISTPACK}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_init(&f, rows[i].server);
        build_hash(f.shape, rows[i].origin, 3, rows[i].blob_len);
        struct cost cost = fixture_cost(&f, 9, false);
        ck_assert_msg(cost.size_in_bytes == rows[i].held && cost.memory_usage == rows[i].usage, "%s: %lu/%lu",
                      rows[i].server, cost.size_in_bytes, cost.memory_usage);
        ck_assert_int_eq(cost.encoding, rows[i].encoding);
        fixture_release(&f);
    }
}
END_TEST

/* A ziplist is packed anew by 7.0 and later, whatever its length was. */
START_TEST(test_ziplist_becomes_listpack)
{
    struct fixture f;
    fixture_init(&f, "redis-7.2");
    build_hash(f.shape, ORIGIN_ZIPLIST, 3, 500);
    uint64_t listpack = 7 + 3 * (6 + 12); /* text, its length, its back length */
    ck_assert_uint_eq(fixture_cost(&f, 9, false).size_in_bytes, 16 + 24 + 16 + 64);
    ck_assert_uint_eq(listpack, 61);
    fixture_release(&f);
}
END_TEST

/* redis 7.4 hash:N, pairs of (2, 87) and (2, 264) bytes, with an expiry: 648 held, 624 counted. */
START_TEST(test_table_hash)
{
    struct fixture f;
    fixture_init(&f, "redis-7.4");
    struct shape_text field = text_of_len(2), value = text_of_len(87), longer = text_of_len(264);
    shape_begin(f.shape, OBJECT_HASH, ORIGIN_ELEMENTS, 2);
    shape_hash_field(f.shape, &field, &value, 0);
    shape_hash_field(f.shape, &field, &longer, 0);
    shape_end(f.shape, 400);
    struct cost cost = fixture_cost(&f, 8, true);
    ck_assert_uint_eq(cost.size_in_bytes, 648);
    ck_assert_uint_eq(cost.memory_usage, 624);
    ck_assert_int_eq(cost.encoding, ENCODING_HASHTABLE);
    ck_assert_uint_eq(cost.part[COST_PAYLOAD], 2 + 87 + 2 + 264);
    ck_assert_uint_eq(cost.part[COST_EXPIRES], 24);
    fixture_release(&f);
}
END_TEST

/* hfe:N, 128 fields, listpackex of 5460 bytes. */
START_TEST(test_listpackex)
{
    static const struct {
        const char *server;
        uint64_t held, usage;
    } rows[] = {
        {"redis-8.0", 6232, 6232}, {"redis-8.2", 6200, 6200}, {"redis-8.4", 6200, 5510}, {"redis-8.6", 6200, 5516}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_init(&f, rows[i].server);
        shape_begin(f.shape, OBJECT_HASH, ORIGIN_LISTPACK_EX, 0);
        shape_blob(f.shape, 5460, 0);
        for (int k = 0; k < 128; k++) {
            struct shape_text field = text_of_len(8), value = text_of_len(20);
            shape_hash_field(f.shape, &field, &value, 1893456000000 + k);
        }
        shape_end(f.shape, 5464);
        struct cost cost = fixture_cost(&f, 7, false);
        ck_assert_uint_eq(cost.size_in_bytes, rows[i].held);
        ck_assert_uint_eq(cost.memory_usage, rows[i].usage);
        ck_assert_int_eq(cost.encoding, ENCODING_LISTPACKEX);
        fixture_release(&f);
    }
}
END_TEST

/* 7.2 set:N, members of 253 and 81 bytes: 560 when they do not collide; one in four tables of 4 slots has a 16-byte
 * entry. MEMORY USAGE counts two entries of 24: 608. */
START_TEST(test_table_set)
{
    struct fixture f;
    fixture_init(&f, "redis-7.2");
    struct shape_text a = text_of_len(253), b = text_of_len(81);
    shape_begin(f.shape, OBJECT_SET, ORIGIN_ELEMENTS, 2);
    shape_set_member(f.shape, &a);
    shape_set_member(f.shape, &b);
    shape_end(f.shape, 340);
    struct cost cost = fixture_cost(&f, 7, false);
    ck_assert_uint_eq(cost.size_in_bytes, 560 + 4);
    ck_assert_uint_eq(cost.memory_usage, 608);
    fixture_release(&f);
}
END_TEST

/* A number of 11 digits that is read as text keeps its block of 20 + 11 bytes on redis 3.2; as a member of an intset
 * that becomes a table it is an object of 16. Likewise in hashes that are packed until a pair is too long, and in 3.0's
 * lists. Measured: redis 3.2.13, 3.0.7 give the same difference. */
START_TEST(test_numbers_that_were_packed)
{
    static const struct {
        const char *server;
        enum object_type type;
        uint64_t less; /* held by a number that comes before the text than behind it */
    } rows[] = {{"redis-3.2", OBJECT_SET, 32 - 16},  {"redis-3.0", OBJECT_SET, 48 - 16},
                {"redis-3.2", OBJECT_HASH, 32 - 16}, {"redis-3.0", OBJECT_HASH, 48 - 16},
                {"redis-3.0", OBJECT_LIST, 48 - 16}, {"redis-2.8", OBJECT_LIST, 0},
                {"redis-4.0", OBJECT_SET, 0}};
    struct shape_text number = text_of_integer(20294213473, false), text = text_of_len(100);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t held[2];
        for (unsigned number_first = 0; number_first < 2; number_first++) {
            struct fixture f;
            fixture_init(&f, rows[i].server);
            shape_begin(f.shape, rows[i].type, ORIGIN_ELEMENTS, 2);
            for (unsigned k = 0; k < 2; k++) {
                const struct shape_text *one = (k == 0) == number_first ? &number : &text;
                if (rows[i].type == OBJECT_SET)
                    shape_set_member(f.shape, one);
                else if (rows[i].type == OBJECT_LIST)
                    shape_list_element(f.shape, one);
                else
                    shape_hash_field(f.shape, one, one, 0);
            }
            shape_end(f.shape, 200);
            held[number_first] = fixture_cost(&f, 5, false).size_in_bytes;
            fixture_release(&f);
        }
        uint64_t numbers = rows[i].type == OBJECT_HASH ? 2 : 1;
        ck_assert_msg(held[0] - held[1] == numbers * rows[i].less, "%s, row %zu: %d", rows[i].server, i,
                      (int)(held[0] - held[1]));
    }
}
END_TEST

/* 8.2 set:354, ten members that hold 80 bytes each: 1016 and the expected entries; counted 1256. */
START_TEST(test_table_set_8_2)
{
    struct fixture f;
    fixture_init(&f, "redis-8.2");
    struct shape_text member = text_of_len(70);
    shape_begin(f.shape, OBJECT_SET, ORIGIN_ELEMENTS, 10);
    for (int i = 0; i < 10; i++)
        shape_set_member(f.shape, &member);
    shape_end(f.shape, 700);
    struct cost cost = fixture_cost(&f, 7, false);
    ck_assert_uint_eq(cost.memory_usage, 1256);
    ck_assert_uint_eq(cost.size_in_bytes, 1016 + 38); /* 2.392 entries of 16 */
    fixture_release(&f);
}
END_TEST

static struct cost set_of(struct fixture *f, uint64_t integers, uint64_t texts, uint64_t text_len)
{
    shape_begin(f->shape, OBJECT_SET, ORIGIN_ELEMENTS, integers + texts);
    for (uint64_t i = 0; i < integers; i++) {
        struct shape_text member = text_of_integer((int64_t)i * 3, true);
        shape_set_member(f->shape, &member);
    }
    for (uint64_t i = 0; i < texts; i++) {
        struct shape_text member = text_of_len(text_len);
        shape_set_member(f->shape, &member);
    }
    shape_end(f->shape, 100);
    return fixture_cost(f, 7, false);
}

/* How a set that is read member by member ends: rdb.c rdbLoadObject, 7.0 and 7.2. */
START_TEST(test_set_encodings)
{
    static const struct {
        uint64_t integers, texts, text_len;
        enum object_encoding in_7_0, in_7_2;
    } rows[] = {
        {512, 0, 0, ENCODING_INTSET, ENCODING_INTSET},        {513, 0, 0, ENCODING_HASHTABLE, ENCODING_HASHTABLE},
        {100, 28, 64, ENCODING_HASHTABLE, ENCODING_LISTPACK}, {100, 29, 64, ENCODING_HASHTABLE, ENCODING_HASHTABLE},
        {0, 1, 65, ENCODING_HASHTABLE, ENCODING_HASHTABLE},   {127, 1, 3, ENCODING_HASHTABLE, ENCODING_LISTPACK},
        {128, 1, 3, ENCODING_HASHTABLE, ENCODING_HASHTABLE}};
    struct fixture old, new;
    fixture_init(&old, "redis-7.0");
    fixture_init(&new, "redis-7.2");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(set_of(&old, rows[i].integers, rows[i].texts, rows[i].text_len).encoding, rows[i].in_7_0);
        ck_assert_int_eq(set_of(&new, rows[i].integers, rows[i].texts, rows[i].text_len).encoding, rows[i].in_7_2);
    }
    fixture_release(&old);
    fixture_release(&new);
}
END_TEST

/* Integers of a set are as wide as the widest of them: 0 .. 297 takes 2 bytes each. */
START_TEST(test_intset)
{
    struct fixture f;
    fixture_init(&f, "redis-7.2");
    ck_assert_uint_eq(set_of(&f, 100, 0, 0).size_in_bytes, 16 + 24 + 16 + 224);
    shape_begin(f.shape, OBJECT_SET, ORIGIN_INTSET, 0);
    shape_blob(f.shape, 8 + 8 * 2, 8);
    struct shape_text small = text_of_integer(1, true);
    shape_set_member(f.shape, &small);
    shape_set_member(f.shape, &small);
    shape_end(f.shape, 24);
    ck_assert_uint_eq(fixture_cost(&f, 7, false).size_in_bytes, 16 + 24 + 16 + 24); /* a blob's width is kept */
    fixture_release(&f);
}
END_TEST

static struct cost zset_of(struct fixture *f, uint64_t n, uint64_t len, double step)
{
    shape_begin(f->shape, OBJECT_ZSET, ORIGIN_ELEMENTS, n);
    for (uint64_t i = 0; i < n; i++) {
        struct shape_text member = text_of_len(len);
        shape_zset_member(f->shape, &member, (double)(i + 1) * step);
    }
    shape_end(f->shape, 100);
    return fixture_cost(f, 8, false);
}

/* 6.2 zset:398, members of 82 and 147 bytes: 1256 when both nodes have one level (40 bytes); 45.84 are expected. */
START_TEST(test_skiplist)
{
    struct fixture f;
    fixture_init(&f, "redis-6.2");
    struct shape_text a = text_of_len(82), b = text_of_len(147);
    shape_begin(f.shape, OBJECT_ZSET, ORIGIN_ELEMENTS, 2);
    shape_zset_member(f.shape, &a, 1);
    shape_zset_member(f.shape, &b, 2);
    shape_end(f.shape, 250);
    struct cost cost = fixture_cost(&f, 8, false);
    ck_assert_uint_eq(cost.size_in_bytes, 1256 - 2 * 40 + 92); /* 2 * 45.836 */
    ck_assert_uint_eq(cost.memory_usage, 1256 - 2 * 40 + 92);
    ck_assert_int_eq(cost.encoding, ENCODING_SKIPLIST);
    fixture_release(&f);
}
END_TEST

/* Valkey 9.0 hfe:N, one block for each field and value, a vector for three expiries: 352. */
START_TEST(test_valkey_field_expiry)
{
    struct fixture f;
    fixture_init(&f, "valkey-9.0");
    static const uint64_t lens[3][2] = {{8, 52}, {5, 5}, {5, 6}};
    shape_begin(f.shape, OBJECT_HASH, ORIGIN_FIELD_EXPIRES, 3);
    for (int i = 0; i < 3; i++) {
        struct shape_text field = text_of_len(lens[i][0]), value = text_of_len(lens[i][1]);
        shape_hash_field(f.shape, &field, &value, 1893456000000);
    }
    shape_end(f.shape, 100);
    struct cost cost = fixture_cost(&f, 7, false);
    ck_assert_uint_eq(cost.size_in_bytes, 32 + 80 + 64 + 80 + 32 + 32 + 32);
    ck_assert_uint_eq(cost.memory_usage, cost.size_in_bytes);
    ck_assert_int_eq(cost.encoding, ENCODING_HASHTABLE);
    fixture_release(&f);
}
END_TEST

/* Both forms are what the server holds under settings that make it so. */
START_TEST(test_packing)
{
    struct fixture packed, table;
    fixture_init(&packed, "redis-7.2");
    fixture_init_on(&table, "redis-7.2", NULL, "zset-max-listpack-entries=0 hash-max-listpack-entries=0");
    struct key_facts key = {.name_len = 8};
    struct packing packing;
    uint64_t packed_bytes = zset_of(&packed, 20, 10, 0.1).size_in_bytes;
    uint64_t table_bytes = zset_of(&table, 20, 10, 0.1).size_in_bytes;
    ck_assert(model_packing(packed.plan, 0, NULL, packed.shape, &key, &packing));
    ck_assert_int_eq(packing.reason, UNPACKED_NOT);
    ck_assert_uint_eq(packing.packed_bytes, packed_bytes);
    ck_assert_uint_eq(packing.table_bytes, table_bytes);
    ck_assert(model_packing(table.plan, 0, NULL, table.shape, &key, &packing));
    ck_assert_int_eq(packing.reason, UNPACKED_TOO_MANY_ENTRIES);
    ck_assert_int_eq(packing.limit_setting, SETTING_ZSET_MAX_ENTRIES);
    ck_assert_int_eq(packing.limit, 0);
    ck_assert_uint_eq(packing.actual, 20);
    ck_assert_uint_eq(packing.packed_bytes, packed_bytes);
    ck_assert_uint_eq(packing.table_bytes, table_bytes);
    build_hash(packed.shape, ORIGIN_ELEMENTS, 600, 0);
    ck_assert(model_packing(packed.plan, 0, NULL, packed.shape, &key, &packing));
    ck_assert_int_eq(packing.reason, UNPACKED_TOO_MANY_ENTRIES);
    ck_assert_uint_eq(packing.packed_len, 7 + 600 * (6 + 12));
    fixture_release(&packed);
    fixture_release(&table);
}
END_TEST

/* No packed form for texts before 7.2, none for hashes with field expiries on Valkey. */
START_TEST(test_no_packed_form)
{
    struct fixture f;
    struct key_facts key = {.name_len = 7};
    struct packing packing;
    fixture_init(&f, "redis-7.0");
    set_of(&f, 3, 2, 10);
    ck_assert(model_packing(f.plan, 0, NULL, f.shape, &key, &packing));
    ck_assert_int_eq(packing.reason, UNPACKED_NOT_INTEGERS);
    ck_assert_uint_eq(packing.packed_bytes, 0);
    ck_assert_uint_gt(packing.table_bytes, 0);
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_values");
    TCase *tc = tcase_create("model_values");
    tcase_add_test(tc, test_small_hash);
    tcase_add_test(tc, test_ziplist_becomes_listpack);
    tcase_add_test(tc, test_table_hash);
    tcase_add_test(tc, test_listpackex);
    tcase_add_test(tc, test_table_set);
    tcase_add_test(tc, test_numbers_that_were_packed);
    tcase_add_test(tc, test_table_set_8_2);
    tcase_add_test(tc, test_set_encodings);
    tcase_add_test(tc, test_intset);
    tcase_add_test(tc, test_skiplist);
    tcase_add_test(tc, test_valkey_field_expiry);
    tcase_add_test(tc, test_packing);
    tcase_add_test(tc, test_no_packed_form);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
