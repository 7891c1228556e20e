#include "rdbgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum value_type {
    STRING = 0,
    SET = 2,
    HASH = 4,
    ZSET_2 = 5,
    SET_INTSET = 11,
    HASH_LISTPACK = 16,
    ZSET_LISTPACK = 17,
    LIST_QUICKLIST_2 = 18,
    STREAM_LISTPACKS_2 = 19
};

uint64_t generator_random(uint64_t seed, uint64_t index)
{
    /* splitmix64 */
    uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* ---- names and texts ----------------------------------------------------------------------------------------------
 */

/* Appends `number` in decimal, two digits a step; returns the place behind it. */
static char *add_number(char *at, uint64_t number)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
        "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
        "888990919293949596979899";
    char digits[20];
    unsigned first = sizeof digits;
    for (; number >= 10; number /= 100)
        memcpy(digits + (first -= 2), pairs + 2 * (number % 100), 2);
    if (number > 0 || first == sizeof digits)
        digits[--first] = (char)('0' + number);
    memcpy(at, digits + first, sizeof digits - first);
    return at + sizeof digits - first;
}

static char *add_text(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

enum { NAME_ROOM = 256 };

/* Straight into the buffer: a name is the most of a tiny record. With its number it is shorter than 64 bytes. */
static void put_name(struct rdb_writer *out, const char *prefix, uint64_t index)
{
    rdb_writer_reserve(out, NAME_ROOM);
    char *name = (char *)out->data + out->len + 1;
    size_t len = (size_t)(add_number(add_text(name, prefix), index) - name);
    out->data[out->len] = (uint8_t)len;
    out->len += 1 + len;
}

static void add_field(struct packed_builder *packed, const char *prefix, uint64_t number)
{
    char text[NAME_ROOM];
    listpack_string(packed, text, (size_t)(add_number(add_text(text, prefix), number) - text));
}

/* A piece of the words. */
static const char *cut(const struct generator *generator, uint64_t random, size_t len)
{
    return generator->text + random % (TEXT_BYTES - len);
}

static const char *word(uint64_t random)
{
    static const char *const words[] = {"alpha",   "bravo", "charlie", "delta", "echo",
                                        "foxtrot", "golf",  "hotel",   "india", "juliet"};
    return words[random % 10];
}

/* ---- the generator ------------------------------------------------------------------------------------------------
 */

static void pool_set(struct pool_item *item, const void *bytes, size_t len, bool lzf)
{
    struct rdb_writer string;
    rdb_writer_init(&string);
    if (lzf)
        put_lzf_string(&string, bytes, len);
    else
        put_string(&string, bytes, len);
    item->stored = string.data;
    item->stored_len = string.len;
}

static void pool_put(struct rdb_writer *out, const struct pool_item *item)
{
    put_bytes(out, item->stored, item->stored_len);
}

static void make_json(struct generator *generator, unsigned i)
{
    char text[2048];
    uint64_t random = generator_random(generator->seed, i + 1000000);
    int len = snprintf(text, sizeof text,
                       "{\"id\":%u,\"name\":\"%s\",\"tags\":[\"%s\",\"%s\",\"%s\"],\"address\":{\"street\":\"%s "
                       "%u\",\"city\":\"%s\",\"zip\":%u},\"bio\":\"",
                       i, word(random), word(random >> 4), word(random >> 8), word(random >> 12), word(random >> 16),
                       (unsigned)(random >> 40), word(random >> 20), (unsigned)(random % 99999));
    for (unsigned n = i % 40; n > 0; n--)
        len += snprintf(text + len, sizeof text - (size_t)len, "%s ", word(random >> 24));
    len += snprintf(text + len, sizeof text - (size_t)len, "\"}");
    pool_set(&generator->json[i], text, (size_t)len, true);
}

static void make_pack(struct generator *generator, unsigned i)
{
    struct packed_builder *packed = &generator->packed;
    listpack_begin(packed);
    for (unsigned j = 0; j < 20 + i % 60; j++) {
        uint64_t random = generator_random(generator->seed + i, j);
        add_field(packed, "attribute:", j);
        listpack_string(packed, cut(generator, random, 30), 10 + random % 20);
    }
    listpack_end(packed);
    pool_set(&generator->packs[i], packed->blob.data, packed->blob.len, true);
}

static void make_node(struct generator *generator, unsigned i)
{
    static const char *const fields[] = {"user", "action", "amount"};
    struct packed_builder *packed = &generator->packed;
    stream_node_begin(packed, ENTRIES_PER_NODE, 0, fields, 3);
    for (unsigned j = 0; j < ENTRIES_PER_NODE; j++) {
        uint64_t random = generator_random(generator->seed + i, j);
        char amount[NAME_ROOM];
        *add_number(amount, random % 100000) = '\0';
        const char *const values[] = {word(random), word(random >> 8), amount};
        stream_node_same(packed, false, j, 0, values, 3);
    }
    listpack_end(packed);
    pool_set(&generator->nodes[i], packed->blob.data, packed->blob.len, i % 2);
}

void generator_init(struct generator *generator, uint64_t seed, bool (*flush)(void *, const uint8_t *, size_t),
                    void *context)
{
    rdb_writer_init_flushing(&generator->out, flush, context);
    packed_init(&generator->packed);
    generator->seed = seed;
    for (unsigned i = 0; i < TEXT_BYTES; i += 8) {
        uint64_t random = generator_random(seed, i);
        memcpy(generator->noise + i, &random, 8);
    }
    for (unsigned at = 0, i = 0; at < TEXT_BYTES; i++) {
        const char *next = word(generator_random(seed, i));
        for (; *next && at < TEXT_BYTES; next++)
            generator->text[at++] = *next;
        if (at < TEXT_BYTES)
            generator->text[at++] = ' ';
    }
    for (unsigned i = 0; i < POOL_ITEMS; i++) {
        make_json(generator, i);
        make_pack(generator, i);
        make_node(generator, i);
    }
}

void generator_release(struct generator *generator)
{
    for (unsigned i = 0; i < POOL_ITEMS; i++) {
        free(generator->json[i].stored);
        free(generator->packs[i].stored);
        free(generator->nodes[i].stored);
    }
    packed_release(&generator->packed);
    rdb_writer_release(&generator->out);
}

/* ---- strings ------------------------------------------------------------------------------------------------------
 */

static void put_text_value(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "session:", index);
    size_t len = 8 + random % 56;
    put_string(&generator->out, cut(generator, random >> 8, len), len);
}

static void put_number_value(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "counter:", index);
    put_int_string(&generator->out, (int32_t)(random >> (32 + random % 24)));
}

static void put_noise_value(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "cache:page:", index);
    size_t len = 1024 + random % 7168;
    put_string(&generator->out, generator->noise + (random >> 16) % (TEXT_BYTES - len), len);
}

static void put_tiny(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "", index);
    put_int_string(&generator->out, (int8_t)random);
}

static void put_tiny_text(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "k", index);
    put_string(&generator->out, cut(generator, random, 3), 1 + random % 3);
}

/* 64 bytes, mostly zero, as DEBUG POPULATE leaves them: LZF of some literals and one run. */
static void put_populated(struct generator *generator, uint64_t index, uint64_t random)
{
    enum { LEN = 64, LITERALS_MAX = 32, RUN_BIAS = 2 };
    char value[NAME_ROOM];
    uint8_t run[3] = {0xe0, 0, 0};
    (void)random;
    put_name(&generator->out, "user:", index);
    size_t len = (size_t)(add_number(add_text(value, "value:"), index) - value);
    value[len++] = '\0';
    run[1] = (uint8_t)(LEN - len - RUN_BIAS - 7);
    put_u8(&generator->out, 0xc3);
    put_len(&generator->out, 1 + len + sizeof run);
    put_len(&generator->out, LEN);
    put_u8(&generator->out, (unsigned)len - 1);
    put_bytes(&generator->out, value, len);
    put_bytes(&generator->out, run, sizeof run);
}

static void put_json(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "json:", index);
    pool_put(&generator->out, &generator->json[random % POOL_ITEMS]);
}

/* ---- packed -------------------------------------------------------------------------------------------------------
 */

static void put_profile(struct generator *generator, uint64_t index, uint64_t random)
{
    struct packed_builder *packed = &generator->packed;
    char email[NAME_ROOM];
    char *end = add_text(add_number(add_text(email, word(random >> 8)), index), "@example.com");
    listpack_begin(packed);
    listpack_string(packed, "name", 4);
    listpack_text(packed, word(random));
    listpack_string(packed, "email", 5);
    listpack_string(packed, email, (size_t)(end - email));
    listpack_string(packed, "age", 3);
    listpack_int(packed, (int64_t)(random >> 16) % 90);
    listpack_string(packed, "city", 4);
    listpack_text(packed, word(random >> 24));
    listpack_string(packed, "score", 5);
    listpack_int(packed, (int64_t)(random >> 32) % 100003);
    listpack_end(packed);
    put_name(&generator->out, "profile:", index);
    put_packed(&generator->out, packed);
}

static void put_packed_hash(struct generator *generator, uint64_t index, uint64_t random)
{
    struct packed_builder *packed = &generator->packed;
    listpack_begin(packed);
    for (uint64_t i = 0; i < 10 + random % 100; i++) {
        add_field(packed, "f", i);
        if (i % 2)
            listpack_int(packed, (int64_t)(random >> (i % 60)));
        else
            listpack_string(packed, cut(generator, random + i, 40), 5 + (random >> (i % 50)) % 35);
    }
    listpack_end(packed);
    put_name(&generator->out, "packed:hash:", index);
    put_packed(&generator->out, packed);
}

static void put_packed_zset(struct generator *generator, uint64_t index, uint64_t random)
{
    struct packed_builder *packed = &generator->packed;
    listpack_begin(packed);
    for (uint64_t i = 0; i < 50; i++) {
        add_field(packed, "m", i * 1000 + index % 1000);
        listpack_int(packed, (int64_t)(i * (1 + random % 20)));
    }
    listpack_end(packed);
    put_name(&generator->out, "lb:", index);
    put_packed(&generator->out, packed);
}

static void put_intset(struct generator *generator, uint64_t index, uint64_t random)
{
    struct packed_builder *packed = &generator->packed;
    uint64_t step = 1 + random % 1000000;
    intset_begin(packed, 30 * step <= INT16_MAX ? 2 : 4);
    for (uint64_t i = 1; i <= 30; i++)
        intset_add(packed, (int64_t)(i * step));
    intset_end(packed);
    put_name(&generator->out, "ids:", index);
    put_packed(&generator->out, packed);
}

static void put_queue(struct generator *generator, uint64_t index, uint64_t random)
{
    struct packed_builder *packed = &generator->packed;
    listpack_begin(packed);
    for (uint64_t i = 1; i <= 30; i++)
        listpack_int(packed, (int64_t)(i * (random % 1000000)));
    listpack_end(packed);
    put_name(&generator->out, "queue:", index);
    put_len(&generator->out, 1);
    put_len(&generator->out, 2);
    put_packed(&generator->out, packed);
}

static void put_long_list(struct generator *generator, uint64_t index, uint64_t random)
{
    struct packed_builder *packed = &generator->packed;
    put_name(&generator->out, "log:", index);
    put_len(&generator->out, 4);
    for (uint64_t node = 0; node < 4; node++) {
        listpack_begin(packed);
        for (uint64_t i = 0; i < 150; i++)
            listpack_string(packed, cut(generator, random + i, 50), 20 + (random >> (i % 40)) % 30);
        listpack_end(packed);
        put_len(&generator->out, 2);
        put_packed(&generator->out, packed);
    }
}

static void put_lzf_hash(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "lzf:hash:", index);
    pool_put(&generator->out, &generator->packs[random % POOL_ITEMS]);
}

static void put_lzf_list(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "lzf:list:", index);
    put_len(&generator->out, 3);
    for (uint64_t node = 0; node < 3; node++) {
        put_len(&generator->out, 2);
        pool_put(&generator->out, &generator->packs[(random >> (8 * node)) % POOL_ITEMS]);
    }
}

/* ---- tables -------------------------------------------------------------------------------------------------------
 */

enum { TABLE_ELEMENTS = 2000 };

static void put_hash(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "bighash:", index);
    put_len(&generator->out, TABLE_ELEMENTS);
    for (uint64_t i = 0; i < TABLE_ELEMENTS; i++) {
        size_t len = 10 + (random >> (i % 50)) % 30;
        put_name(&generator->out, "field:", i);
        put_string(&generator->out, cut(generator, random + i, len), len);
    }
}

static void put_zset(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "bigz:", index);
    put_len(&generator->out, TABLE_ELEMENTS);
    for (uint64_t i = TABLE_ELEMENTS; i > 0; i--) {
        put_name(&generator->out, "member:", i * 31 + random % 31);
        put_double(&generator->out, (double)i * 1.25);
    }
}

static void put_set(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "bigset:", index);
    put_len(&generator->out, TABLE_ELEMENTS);
    for (uint64_t i = 0; i < TABLE_ELEMENTS; i++)
        put_name(&generator->out, i % 8 ? "elem:" : "an element with a longer name:", i * 31 + random % 31);
}

static void put_stream_value(struct generator *generator, const struct stream_sample *sample, uint64_t random)
{
    put_len(&generator->out, sample->nodes);
    for (uint64_t i = 0; i < sample->nodes; i++) {
        put_stream_sample_id(&generator->out, sample, i);
        pool_put(&generator->out, &generator->nodes[(random + i * 7) % POOL_ITEMS]);
    }
    put_stream_sample_rest(&generator->out, sample);
}

static void put_stream(struct generator *generator, uint64_t index, uint64_t random)
{
    const struct stream_sample sample = {.type = STREAM_LISTPACKS_2,
                                         .nodes = 1 + random % 8,
                                         .entries_per_node = ENTRIES_PER_NODE,
                                         .groups = random % 3,
                                         .consumers = 1 + random % 4,
                                         .pending = (random >> 8) % 20};
    put_name(&generator->out, "events:", index);
    put_stream_value(generator, &sample, random >> 16);
}

/* ---- adversarial: for prefix trees, patterns, histograms, renderers -----------------------------------------------
 */

/* Every digit is a segment: a tree as deep as the name is long. */
static void put_deep_name(struct generator *generator, uint64_t index, uint64_t random)
{
    char name[NAME_ROOM];
    char *at = name;
    for (unsigned i = 0; i < 64; i++) {
        *at++ = (char)('a' + (random >> i & 1));
        *at++ = ':';
    }
    put_string(&generator->out, name, (size_t)(add_number(at, index) - name));
    put_int_string(&generator->out, 1);
}

/* Nothing in common with any other name, and no text. */
static void put_random_name(struct generator *generator, uint64_t index, uint64_t random)
{
    uint8_t name[32];
    for (unsigned i = 0; i < 4; i++) {
        uint64_t part = i ? generator_random(random, i) : index;
        memcpy(name + 8 * i, &part, 8);
    }
    put_string(&generator->out, name, 8 + random % 25);
    put_int_string(&generator->out, 1);
}

/* A long common beginning. */
static void put_long_name(struct generator *generator, uint64_t index, uint64_t random)
{
    char name[2 * NAME_ROOM];
    (void)random;
    memset(name, 'p', NAME_ROOM);
    put_string(&generator->out, name, (size_t)(add_number(name + NAME_ROOM, index) - name));
    put_int_string(&generator->out, 1);
}

/* What must not reach a terminal, a spreadsheet or a page as it is. */
static void put_nasty_name(struct generator *generator, uint64_t index, uint64_t random)
{
    static const char *const beginnings[] = {"\x1b[31m", "=cmd()|",  "<script>", "\",\"",
                                             "\r\n",     "\xff\xfe", "{\"",      "`"};
    put_name(&generator->out, beginnings[random % 8], index);
    put_int_string(&generator->out, 1);
}

/* Hashes of one field, of a length of their own: no two alike. */
static void put_odd_hash(struct generator *generator, uint64_t index, uint64_t random)
{
    size_t len = 1 + random % 3000;
    struct packed_builder *packed = &generator->packed;
    listpack_begin(packed);
    add_field(packed, "only:", index);
    listpack_string(packed, cut(generator, random, len), len);
    listpack_end(packed);
    put_name(&generator->out, "odd:", index);
    put_packed(&generator->out, packed);
}

/* A sorted set or hash of one element each, element by element. */
static void put_small_table(struct generator *generator, uint64_t index, uint64_t random)
{
    put_name(&generator->out, "one:", index);
    put_len(&generator->out, 1);
    put_name(&generator->out, "", random);
    put_double(&generator->out, 1e300);
}

/* ---- one huge key -------------------------------------------------------------------------------------------------
 */

static void huge_string(struct generator *generator, uint64_t bytes)
{
    put_len(&generator->out, bytes);
    for (uint64_t left = bytes; left > 0;) {
        size_t n = left < TEXT_BYTES ? (size_t)left : TEXT_BYTES;
        put_bytes(&generator->out, generator->noise, n);
        left -= n;
    }
}

static void huge_hash(struct generator *generator, uint64_t bytes)
{
    enum { VALUE_BYTES = 32, PAIR_BYTES = 1 + 14 + 1 + VALUE_BYTES };
    uint64_t pairs = bytes / PAIR_BYTES + 1;
    put_len(&generator->out, pairs);
    for (uint64_t i = 0; i < pairs; i++) {
        put_name(&generator->out, "field:", 10000000 + i);
        put_string(&generator->out, cut(generator, i * 7, VALUE_BYTES), VALUE_BYTES);
    }
}

static void huge_nodes(struct generator *generator, uint64_t bytes, bool lzf)
{
    struct packed_builder *packed = &generator->packed;
    listpack_begin(packed);
    while (packed->blob.len < 8000)
        listpack_string(packed, cut(generator, packed->blob.len * 31, 60), 60);
    listpack_end(packed);
    struct rdb_writer node;
    rdb_writer_init(&node);
    put_len(&node, 2);
    (lzf ? put_packed_lzf : put_packed)(&node, packed);
    uint64_t nodes = bytes / node.len + 1;
    put_len(&generator->out, nodes);
    for (uint64_t i = 0; i < nodes; i++)
        put_bytes(&generator->out, node.data, node.len);
    rdb_writer_release(&node);
}

static void huge_list(struct generator *generator, uint64_t bytes)
{
    huge_nodes(generator, bytes, false);
}

static void huge_lzf_list(struct generator *generator, uint64_t bytes)
{
    huge_nodes(generator, bytes, true);
}

/* Steps of LZF that make one byte after the other. */
static void put_literals(struct rdb_writer *steps, const void *bytes, size_t len)
{
    put_u8(steps, (unsigned)len - 1);
    put_bytes(steps, bytes, len);
}

/* A compressed list node of so many times the same entries, whose steps `part` holds. */
static void put_long_node(struct generator *generator, const struct rdb_writer *part, size_t part_len, uint64_t parts)
{
    enum { HEADER = 6, END = 1 };
    uint64_t len = HEADER + parts * part_len + END;
    struct rdb_writer header, steps;
    rdb_writer_init(&header);
    rdb_writer_init(&steps);
    put_le(&header, len, 4);
    put_le(&header, UINT16_MAX, 2); /* more entries than a listpack counts */
    put_literals(&steps, header.data, header.len);
    put_len(&generator->out, 2);
    put_u8(&generator->out, 0xC3);
    put_len(&generator->out, steps.len + parts * part->len + 2);
    put_len(&generator->out, len);
    put_bytes(&generator->out, steps.data, steps.len);
    for (uint64_t i = 0; i < parts; i++)
        put_bytes(&generator->out, part->data, part->len);
    put_bytes(&generator->out, "\0\xff", 2); /* one literal byte, the end mark */
    rdb_writer_release(&header);
    rdb_writer_release(&steps);
}

/* Nodes that are as long, unpacked, as a server lets a listpack become (redis 7.0 src/listpack.c). */
static void huge_long_nodes(struct generator *generator, uint64_t bytes)
{
    enum { HEADER = 6, PART = 8000, LZF_PREFIX = 1 + 2 + 2 };
    const uint64_t node_max = UINT64_C(1) << 30;
    struct packed_builder *packed = &generator->packed;
    struct rdb_writer part, steps;
    listpack_begin(packed);
    while (packed->blob.len < PART)
        listpack_string(packed, cut(generator, packed->blob.len / 600 * 31, 60), 60);
    size_t part_len = packed->blob.len - HEADER;
    rdb_writer_init(&part);
    rdb_writer_init(&steps);
    put_lzf_string(&part, packed->blob.data + HEADER, part_len);
    put_bytes(&steps, part.data + LZF_PREFIX, part.len - LZF_PREFIX);
    uint64_t parts = bytes / steps.len + 1, parts_max = node_max / part_len;
    uint64_t nodes = (parts + parts_max - 1) / parts_max;
    put_len(&generator->out, nodes);
    for (uint64_t i = 0; i < nodes; i++)
        put_long_node(generator, &steps, part_len, parts / nodes);
    rdb_writer_release(&part);
    rdb_writer_release(&steps);
}

static void huge_stream(struct generator *generator, uint64_t bytes)
{
    uint64_t per_two = generator->nodes[0].stored_len + generator->nodes[1].stored_len;
    const struct stream_sample sample = {
        .type = STREAM_LISTPACKS_2, .nodes = 2 * bytes / per_two + 1, .entries_per_node = ENTRIES_PER_NODE};
    put_stream_value(generator, &sample, 0);
}

/* ---- mixes --------------------------------------------------------------------------------------------------------
 */

static const struct kind text_value = {"text", put_text_value, STRING, false};
static const struct kind text_expiring = {"text with TTL", put_text_value, STRING, true};
static const struct kind number_value = {"number", put_number_value, STRING, false};
static const struct kind noise_value = {"page", put_noise_value, STRING, true};
static const struct kind tiny_value = {"tiny", put_tiny, STRING, false};
static const struct kind tiny_text = {"tiny text", put_tiny_text, STRING, false};
static const struct kind populated = {"populated", put_populated, STRING, false};
static const struct kind json_value = {"JSON", put_json, STRING, false};
static const struct kind profile = {"profile", put_profile, HASH_LISTPACK, false};
static const struct kind packed_hash = {"packed hash", put_packed_hash, HASH_LISTPACK, false};
static const struct kind packed_zset = {"packed sorted set", put_packed_zset, ZSET_LISTPACK, false};
static const struct kind intset = {"intset", put_intset, SET_INTSET, false};
static const struct kind queue = {"queue", put_queue, LIST_QUICKLIST_2, true};
static const struct kind long_list = {"list", put_long_list, LIST_QUICKLIST_2, false};
static const struct kind lzf_hash = {"compressed hash", put_lzf_hash, HASH_LISTPACK, false};
static const struct kind lzf_list = {"compressed list", put_lzf_list, LIST_QUICKLIST_2, false};
static const struct kind hash = {"hash table", put_hash, HASH, false};
static const struct kind zset = {"skip list", put_zset, ZSET_2, false};
static const struct kind set = {"set table", put_set, SET, false};
static const struct kind stream = {"stream", put_stream, STREAM_LISTPACKS_2, false};
static const struct kind deep_name = {"deep name", put_deep_name, STRING, false};
static const struct kind random_name = {"random name", put_random_name, STRING, false};
static const struct kind long_name = {"long name", put_long_name, STRING, false};
static const struct kind nasty_name = {"nasty name", put_nasty_name, STRING, true};
static const struct kind odd_hash = {"odd hash", put_odd_hash, HASH_LISTPACK, false};
static const struct kind small_table = {"table of one", put_small_table, ZSET_2, false};

const struct mix mixes[] = {
    {"mixed",
     "a shop: small strings, profiles, JSON, leaderboards, queues with a TTL, a few large tables",
     {{&populated, 0},
      {&profile, 617},
      {&json_value, 206},
      {&packed_zset, 62},
      {&intset, 62},
      {&queue, 62},
      {&hash, 1},
      {&zset, 1},
      {&set, 1}},
     huge_hash,
     HASH},
    {"strings",
     "strings of 8 to 64 bytes, numbers, pages of up to 8 KB, every third with a TTL",
     {{&text_value, 0}, {&text_expiring, 1300}, {&number_value, 512}, {&noise_value, 64}},
     huge_string,
     STRING},
    {"tiny", "names and values of a few bytes", {{&tiny_value, 0}, {&tiny_text, 2048}}, huge_string, STRING},
    {"tables",
     "hash tables, skip lists and sets of 2,000 elements",
     {{&hash, 0}, {&zset, 1365}, {&set, 1365}},
     huge_hash,
     HASH},
    {"listpacks",
     "packed hashes, sorted sets, integer sets, lists of several nodes",
     {{&packed_hash, 0}, {&packed_zset, 1000}, {&intset, 800}, {&long_list, 400}},
     huge_list,
     LIST_QUICKLIST_2},
    {"lzf",
     "compressed strings, hashes and lists",
     {{&json_value, 0}, {&lzf_hash, 1024}, {&lzf_list, 512}},
     huge_lzf_list,
     LIST_QUICKLIST_2},
    {"streams",
     "streams of 100 to 800 entries, half of their nodes compressed, groups, consumers, pending entries",
     {{&stream, 0}},
     huge_stream,
     STREAM_LISTPACKS_2},
    {"adversarial",
     "deep, long, random and hostile names; no two values alike",
     {{&deep_name, 0},
      {&random_name, 1024},
      {&long_name, 512},
      {&nasty_name, 512},
      {&odd_hash, 512},
      {&small_table, 512}},
     huge_long_nodes,
     LIST_QUICKLIST_2},
    {0},
};

const struct mix *mix_find(const char *name)
{
    const struct mix *mix = mixes;
    while (mix->name && strcmp(mix->name, name) != 0)
        mix++;
    return mix->name ? mix : NULL;
}
