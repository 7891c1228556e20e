/* A small snapshot with an element of most kinds that a version has. */
#include "rdb_writer.h"

#include <stdio.h>
#include <string.h>

enum value_type {
    LIST = 1,
    SET = 2,
    ZSET = 3,
    HASH = 4,
    ZSET_2 = 5,
    MODULE_2 = 7,
    HASH_ZIPMAP = 9,
    LIST_ZIPLIST = 10,
    SET_INTSET = 11,
    ZSET_ZIPLIST = 12,
    HASH_ZIPLIST = 13,
    LIST_QUICKLIST = 14,
    HASH_LISTPACK = 16,
    ZSET_LISTPACK = 17,
    LIST_QUICKLIST_2 = 18,
    SET_LISTPACK = 20,
    HASH_METADATA = 24,
    HASH_LISTPACK_EX = 25
};

static const char lorem[] = "to be, or not to be, that is the question: to be, or not to be, to be, or not to be";

static void sample_strings(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    put_string_key(writer, "plain", "value");
    put_string_key(writer, "", "the empty name");
    put_string_key(writer, "empty", "");
    static const int32_t numbers[] = {7, -300, 70000};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char name[16];
        snprintf(name, sizeof name, "number:%zu", i);
        put_key(writer, 0, name);
        put_int_string(writer, numbers[i]);
    }
    put_u8(writer, 0);
    put_int_string(writer, 42); /* a name that is an integer */
    put_text(writer, "named by a number");
    put_key(writer, 0, "compressed");
    put_lzf_string(writer, lorem, strlen(lorem));
    put_expire_seconds(writer, 2000000000);
    put_string_key(writer, "expires", "in 2033");
}

static void sample_tables(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    static const unsigned types[] = {LIST, SET};
    for (size_t i = 0; i < 2; i++) {
        put_key(writer, types[i], i == 0 ? "list" : "set");
        put_len(writer, 3);
        put_text(writer, "one");
        put_int_string(writer, 2);
        put_lzf_string(writer, lorem, strlen(lorem));
    }
    put_key(writer, HASH, "hash");
    put_len(writer, 2);
    put_text(writer, "field");
    put_text(writer, "value");
    put_text(writer, "count");
    put_int_string(writer, 12345);
}

static void sample_zset(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    put_key(writer, ZSET, "zset");
    put_len(writer, 3);
    put_text(writer, "middle");
    put_u8(writer, 3);
    put_bytes(writer, "1.5", 3);
    put_text(writer, "last");
    put_u8(writer, 254);
    put_text(writer, "first");
    put_u8(writer, 255);
}

static void sample_zset_2(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    put_key(writer, ZSET_2, "zset2");
    put_len(writer, 2);
    put_text(writer, "b");
    put_double(writer, 2.5);
    put_text(writer, "a");
    put_double(writer, -1e100);
}

static void sample_zipmap(struct rdb_writer *writer, struct packed_builder *packed)
{
    zipmap_begin(packed);
    zipmap_pair(packed, "name", "otto", 2);
    zipmap_pair(packed, "motto", lorem, 0);
    zipmap_end(packed);
    put_key(writer, HASH_ZIPMAP, "zipmap");
    put_packed(writer, packed);
}

static void fill_ziplist(struct packed_builder *packed)
{
    static const int64_t numbers[] = {0, 12, 13, -300, 70000, -9000000, 3000000000, -5000000000};
    ziplist_begin(packed);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%zu", i);
        ziplist_text(packed, name);
        ziplist_int(packed, numbers[i]);
    }
    ziplist_text(packed, "lorem");
    ziplist_text(packed, lorem);
    ziplist_end(packed);
}

static void sample_ziplists(struct rdb_writer *writer, struct packed_builder *packed)
{
    fill_ziplist(packed);
    put_key(writer, LIST_ZIPLIST, "list:ziplist");
    put_packed_lzf(writer, packed);
    ziplist_begin(packed);
    ziplist_text(packed, "a");
    ziplist_int(packed, 1);
    ziplist_text(packed, "b");
    ziplist_text(packed, "2.5");
    ziplist_end(packed);
    put_key(writer, ZSET_ZIPLIST, "zset:ziplist");
    put_packed(writer, packed);
}

static void sample_hash_ziplist(struct rdb_writer *writer, struct packed_builder *packed)
{
    fill_ziplist(packed);
    put_key(writer, HASH_ZIPLIST, "hash:ziplist");
    put_packed(writer, packed);
}

static void sample_intsets(struct rdb_writer *writer, struct packed_builder *packed)
{
    for (unsigned width = 2; width <= 8; width *= 2) {
        char name[16];
        intset_begin(packed, width);
        for (int64_t i = -3; i < 3; i++)
            intset_add(packed, i * (INT64_C(1) << (8 * width - 4)));
        intset_end(packed);
        snprintf(name, sizeof name, "intset:%u", 8 * width);
        put_key(writer, SET_INTSET, name);
        put_packed(writer, packed);
    }
}

static void sample_quicklist(struct rdb_writer *writer, struct packed_builder *packed)
{
    fill_ziplist(packed);
    put_key(writer, LIST_QUICKLIST, "quicklist");
    put_len(writer, 2);
    put_packed(writer, packed);
    put_packed_lzf(writer, packed);
}

static void sample_module(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    put_key(writer, MODULE_2, "module");
    put_len_form(writer, module_id("sample-ty", 3), LEN_64_BITS);
    put_module_uint(writer, 77);
    put_module_float(writer, 0.5F);
    put_module_double(writer, 0.25);
    put_module_string(writer, lorem, strlen(lorem));
    put_module_end(writer);
}

static void sample_stream(struct rdb_writer *writer, unsigned type, const char *name)
{
    const struct stream_sample sample = {
        .type = type, .nodes = 2, .entries_per_node = 5, .groups = 1, .consumers = 2, .pending = 2};
    put_key(writer, type, name);
    put_stream_sample(writer, &sample);
}

static void sample_stream_1(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    put_idle(writer, 100);
    sample_stream(writer, 15, "stream:1");
}

static void sample_stream_2(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    sample_stream(writer, 19, "stream:2");
}

static void sample_stream_3(struct rdb_writer *writer, struct packed_builder *packed)
{
    (void)packed;
    put_frequency(writer, 9);
    sample_stream(writer, 21, "stream:3");
}

static void fill_listpack(struct packed_builder *packed)
{
    static const int64_t numbers[] = {0, 127, -1, 4095, -4097, 70000, -9000000, 3000000000, INT64_MIN};
    listpack_begin(packed);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%zu", i);
        listpack_text(packed, name);
        listpack_int(packed, numbers[i]);
    }
    listpack_text(packed, "lorem");
    listpack_text(packed, lorem);
    listpack_end(packed);
}

static void sample_listpacks(struct rdb_writer *writer, struct packed_builder *packed)
{
    fill_listpack(packed);
    put_expire_ms(writer, 2000000000123);
    put_key(writer, HASH_LISTPACK, "hash:listpack");
    put_packed(writer, packed);
    put_key(writer, LIST_QUICKLIST_2, "quicklist2");
    put_len(writer, 2);
    put_len(writer, 2);
    put_packed_lzf(writer, packed);
    put_len(writer, 1);
    put_text(writer, lorem);
    listpack_begin(packed);
    listpack_text(packed, "a");
    listpack_int(packed, 1);
    listpack_text(packed, "b");
    listpack_text(packed, "2.5");
    listpack_end(packed);
    put_key(writer, ZSET_LISTPACK, "zset:listpack");
    put_packed(writer, packed);
}

static void sample_set_listpack(struct rdb_writer *writer, struct packed_builder *packed)
{
    listpack_begin(packed);
    listpack_text(packed, "x");
    listpack_int(packed, 17);
    listpack_end(packed);
    put_key(writer, SET_LISTPACK, "set:listpack");
    put_packed(writer, packed);
}

static void sample_field_expiry(struct rdb_writer *writer, struct packed_builder *packed)
{
    enum { MIN_EXPIRE = 2000000000 };
    put_key(writer, HASH_METADATA, "hash:fields-expire");
    put_le(writer, UINT64_C(1000) * MIN_EXPIRE, 8);
    put_len(writer, 2);
    put_len(writer, 1);
    put_text(writer, "soon");
    put_text(writer, "v1");
    put_len(writer, 0);
    put_text(writer, "never");
    put_text(writer, "v2");
    listpack_begin(packed);
    listpack_text(packed, "soon");
    listpack_text(packed, "v1");
    listpack_int(packed, INT64_C(1000) * MIN_EXPIRE);
    listpack_text(packed, "never");
    listpack_text(packed, "v2");
    listpack_int(packed, 0);
    listpack_end(packed);
    put_key(writer, HASH_LISTPACK_EX, "hash:listpack-ex");
    put_le(writer, UINT64_C(1000) * MIN_EXPIRE, 8);
    put_packed(writer, packed);
}

static const struct {
    unsigned from, to; /* RDB versions */
    void (*put)(struct rdb_writer *writer, struct packed_builder *packed);
} samples[] = {
    {1, 12, sample_strings},       {1, 12, sample_tables},    {1, 7, sample_zset},
    {2, 3, sample_zipmap},         {2, 9, sample_ziplists},   {4, 9, sample_hash_ziplist},
    {2, 12, sample_intsets},       {7, 9, sample_quicklist},  {8, 12, sample_zset_2},
    {8, 12, sample_module},        {9, 9, sample_stream_1},   {10, 12, sample_listpacks},
    {10, 10, sample_stream_2},     {11, 12, sample_stream_3}, {11, 12, sample_set_listpack},
    {12, 12, sample_field_expiry},
};

void put_sample(struct rdb_writer *writer, unsigned version)
{
    enum { FIRST_WITH_CHECKSUM = 5, FIRST_WITH_AUX = 7, FIRST_WITH_FUNCTIONS = 10 };
    char magic[16];
    snprintf(magic, sizeof magic, "REDIS%04u", version);
    put_magic(writer, magic);
    if (version >= FIRST_WITH_AUX) {
        put_aux(writer, "redis-bits", "64");
        put_aux(writer, "ctime", "1700000000");
    }
    if (version >= FIRST_WITH_FUNCTIONS)
        put_function(writer, "#!lua name=sample\nredis.register_function('f', function() return 1 end)");
    put_select_db(writer, 0);
    struct packed_builder packed;
    packed_init(&packed);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (version >= samples[i].from && version <= samples[i].to)
            samples[i].put(writer, &packed);
    packed_release(&packed);
    put_select_db(writer, 3);
    put_string_key(writer, "elsewhere", "in another database");
    if (version >= FIRST_WITH_CHECKSUM)
        put_eof(writer);
    else
        put_eof_bare(writer);
}
