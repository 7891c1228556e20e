/* Records: opcodes, streams, modules, and a sample of everything. */
#include "rdb_writer.h"

#include <stdio.h>
#include <string.h>

enum opcode {
    OP_SLOT_INFO = 244,
    OP_FUNCTION2 = 245,
    OP_IDLE = 248,
    OP_FREQ = 249,
    OP_AUX = 250,
    OP_RESIZEDB = 251,
    OP_EXPIRETIME_MS = 252,
    OP_EXPIRETIME = 253,
    OP_SELECTDB = 254,
    OP_EOF = 255
};

void put_magic(struct rdb_writer *writer, const char *magic)
{
    put_bytes(writer, magic, strlen(magic));
}

void put_aux(struct rdb_writer *writer, const char *name, const char *value)
{
    put_u8(writer, OP_AUX);
    put_text(writer, name);
    put_text(writer, value);
}

void put_select_db(struct rdb_writer *writer, uint64_t db)
{
    put_u8(writer, OP_SELECTDB);
    put_len(writer, db);
}

void put_resize_db(struct rdb_writer *writer, uint64_t keys, uint64_t expires)
{
    put_u8(writer, OP_RESIZEDB);
    put_len(writer, keys);
    put_len(writer, expires);
}

void put_slot_info(struct rdb_writer *writer, uint64_t slot, uint64_t keys, uint64_t expires)
{
    put_u8(writer, OP_SLOT_INFO);
    put_len(writer, slot);
    put_len(writer, keys);
    put_len(writer, expires);
}

void put_function(struct rdb_writer *writer, const char *code)
{
    put_u8(writer, OP_FUNCTION2);
    put_text(writer, code);
}

void put_expire_ms(struct rdb_writer *writer, int64_t unix_ms)
{
    put_u8(writer, OP_EXPIRETIME_MS);
    put_le(writer, (uint64_t)unix_ms, 8);
}

void put_expire_seconds(struct rdb_writer *writer, int32_t unix_seconds)
{
    put_u8(writer, OP_EXPIRETIME);
    put_le(writer, (uint64_t)(int64_t)unix_seconds, 4);
}

void put_idle(struct rdb_writer *writer, uint64_t seconds)
{
    put_u8(writer, OP_IDLE);
    put_len(writer, seconds);
}

void put_frequency(struct rdb_writer *writer, uint8_t frequency)
{
    put_u8(writer, OP_FREQ);
    put_u8(writer, frequency);
}

void put_key(struct rdb_writer *writer, unsigned type, const char *name)
{
    put_u8(writer, type);
    put_text(writer, name);
}

void put_string_key(struct rdb_writer *writer, const char *name, const char *value)
{
    put_key(writer, 0, name);
    put_text(writer, value);
}

void put_eof_bare(struct rdb_writer *writer)
{
    put_u8(writer, OP_EOF);
}

void put_eof_checksum(struct rdb_writer *writer, uint64_t checksum)
{
    put_eof_bare(writer);
    put_le(writer, checksum, 8);
}

void put_eof(struct rdb_writer *writer)
{
    put_eof_bare(writer);
    put_le(writer, rdb_crc64(writer->flushed_crc, writer->data, writer->len), 8);
}

/* ---- streams ------------------------------------------------------------------------------------------------------
 */

enum { STREAM_DELETED = 1, STREAM_SAMEFIELDS = 2 };

void stream_node_begin(struct packed_builder *packed, uint64_t live, uint64_t deleted, const char *const *fields,
                       size_t field_count)
{
    listpack_begin(packed);
    listpack_int(packed, (int64_t)live);
    listpack_int(packed, (int64_t)deleted);
    listpack_int(packed, (int64_t)field_count);
    for (size_t i = 0; i < field_count; i++)
        listpack_text(packed, fields[i]);
    listpack_int(packed, 0);
}

static void stream_node_texts(struct packed_builder *packed, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        listpack_text(packed, texts[i]);
}

void stream_node_same(struct packed_builder *packed, bool deleted, uint64_t ms_delta, uint64_t seq_delta,
                      const char *const *values, size_t field_count)
{
    listpack_int(packed, STREAM_SAMEFIELDS | (deleted ? STREAM_DELETED : 0));
    listpack_int(packed, (int64_t)ms_delta);
    listpack_int(packed, (int64_t)seq_delta);
    stream_node_texts(packed, values, field_count);
    listpack_int(packed, (int64_t)field_count + 3);
}

void stream_node_own(struct packed_builder *packed, bool deleted, uint64_t ms_delta, uint64_t seq_delta,
                     const char *const *fields_and_values, size_t field_count)
{
    listpack_int(packed, deleted ? STREAM_DELETED : 0);
    listpack_int(packed, (int64_t)ms_delta);
    listpack_int(packed, (int64_t)seq_delta);
    listpack_int(packed, (int64_t)field_count);
    stream_node_texts(packed, fields_and_values, 2 * field_count);
    listpack_int(packed, 2 * (int64_t)field_count + 4);
}

void put_id_raw(struct rdb_writer *writer, uint64_t ms, uint64_t seq)
{
    put_be(writer, ms, 8);
    put_be(writer, seq, 8);
}

void put_id_string(struct rdb_writer *writer, uint64_t ms, uint64_t seq)
{
    put_len(writer, 16);
    put_id_raw(writer, ms, seq);
}

void put_id_lens(struct rdb_writer *writer, uint64_t ms, uint64_t seq)
{
    put_len(writer, ms);
    put_len(writer, seq);
}

static const struct stream_form {
    unsigned type;
    bool has_offsets;     /* first id, greatest deleted id, entries added; entries read of a group */
    bool has_active_time; /* of a consumer */
} stream_forms[] = {{15, false, false}, {19, true, false}, {21, true, true}};

static const struct stream_form *stream_form(unsigned type)
{
    size_t i = 0;
    while (i + 1 < sizeof stream_forms / sizeof *stream_forms && stream_forms[i].type != type)
        i++;
    return &stream_forms[i];
}

enum { STREAM_FIRST_MS = 1000 };

static void put_stream_group(struct rdb_writer *writer, const struct stream_sample *sample, uint64_t last_ms)
{
    const struct stream_form *form = stream_form(sample->type);
    put_id_lens(writer, last_ms, 0);
    if (form->has_offsets)
        put_len(writer, sample->nodes * sample->entries_per_node);
    uint64_t pending = sample->consumers * sample->pending;
    put_len(writer, pending);
    for (uint64_t i = 0; i < pending; i++) {
        put_id_raw(writer, STREAM_FIRST_MS + i, 0);
        put_le(writer, 1700000000000 + i, 8);
        put_len(writer, 1);
    }
    put_len(writer, sample->consumers);
    for (uint64_t consumer = 0; consumer < sample->consumers; consumer++) {
        char name[32];
        snprintf(name, sizeof name, "consumer-%llu", (unsigned long long)consumer);
        put_text(writer, name);
        put_le(writer, 1700000000000, 8);
        if (form->has_active_time)
            put_le(writer, 1700000000000, 8);
        put_len(writer, sample->pending);
        for (uint64_t i = 0; i < sample->pending; i++)
            put_id_raw(writer, STREAM_FIRST_MS + consumer * sample->pending + i, 0);
    }
}

static uint64_t stream_last_ms(const struct stream_sample *sample)
{
    uint64_t entries = sample->nodes * sample->entries_per_node;
    return entries ? STREAM_FIRST_MS + entries - 1 : 0;
}

void stream_sample_node(struct packed_builder *packed, const struct stream_sample *sample)
{
    static const char *const fields[] = {"sensor", "reading"}, *const values[] = {"kitchen", "21.5"};
    stream_node_begin(packed, sample->entries_per_node, 0, fields, 2);
    for (uint64_t i = 0; i < sample->entries_per_node; i++)
        stream_node_same(packed, false, i, 0, values, 2);
    listpack_end(packed);
}

void put_stream_sample_id(struct rdb_writer *writer, const struct stream_sample *sample, uint64_t node)
{
    put_id_string(writer, STREAM_FIRST_MS + node * sample->entries_per_node, 0);
}

void put_stream_sample_rest(struct rdb_writer *writer, const struct stream_sample *sample)
{
    uint64_t entries = sample->nodes * sample->entries_per_node;
    put_len(writer, entries);
    put_id_lens(writer, stream_last_ms(sample), 0);
    if (stream_form(sample->type)->has_offsets) {
        put_id_lens(writer, entries ? STREAM_FIRST_MS : 0, 0);
        put_id_lens(writer, 0, 0);
        put_len(writer, entries);
    }
    put_len(writer, sample->groups);
    for (uint64_t i = 0; i < sample->groups; i++) {
        char name[32];
        snprintf(name, sizeof name, "group-%llu", (unsigned long long)i);
        put_text(writer, name);
        put_stream_group(writer, sample, stream_last_ms(sample));
    }
}

void put_stream_sample(struct rdb_writer *writer, const struct stream_sample *sample)
{
    struct packed_builder node;
    packed_init(&node);
    stream_sample_node(&node, sample);
    put_len(writer, sample->nodes);
    for (uint64_t i = 0; i < sample->nodes; i++) {
        put_stream_sample_id(writer, sample, i);
        put_packed_lzf(writer, &node);
    }
    packed_release(&node);
    put_stream_sample_rest(writer, sample);
}

/* ---- modules ------------------------------------------------------------------------------------------------------
 */

uint64_t module_id(const char *name, unsigned version)
{
    static const char charset[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t id = 0;
    for (unsigned i = 0; i < 9; i++)
        id = id << 6 | (uint64_t)(strchr(charset, name[i]) - charset);
    return id << 10 | version;
}

enum { MODULE_UINT = 2, MODULE_FLOAT = 3, MODULE_DOUBLE = 4, MODULE_STRING = 5 };

void put_module_uint(struct rdb_writer *writer, uint64_t value)
{
    put_len(writer, MODULE_UINT);
    put_len(writer, value);
}

void put_module_float(struct rdb_writer *writer, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_len(writer, MODULE_FLOAT);
    put_le(writer, bits, 4);
}

void put_module_double(struct rdb_writer *writer, double value)
{
    put_len(writer, MODULE_DOUBLE);
    put_double(writer, value);
}

void put_module_string(struct rdb_writer *writer, const void *bytes, size_t len)
{
    put_len(writer, MODULE_STRING);
    put_string(writer, bytes, len);
}

void put_module_end(struct rdb_writer *writer)
{
    put_len(writer, 0);
}
