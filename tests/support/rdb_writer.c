#include "rdb_writer.h"

#include <isa-l/crc64.h>
#include <lzf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLUSH_BYTES = 256 * 1024 };

void rdb_writer_init(struct rdb_writer *writer)
{
    *writer = (struct rdb_writer){0};
}

void rdb_writer_init_flushing(struct rdb_writer *writer, bool (*flush)(void *, const uint8_t *, size_t), void *context)
{
    *writer = (struct rdb_writer){.flush = flush, .context = context};
}

void rdb_writer_release(struct rdb_writer *writer)
{
    free(writer->data);
    *writer = (struct rdb_writer){0};
}

void rdb_writer_clear(struct rdb_writer *writer)
{
    writer->len = 0;
}

uint64_t rdb_crc64(uint64_t crc, const void *bytes, size_t len)
{
    /* ISA-L inverts before and after, Redis does neither. */
    return ~crc64_jones_refl(~crc, bytes, len);
}

bool rdb_writer_flush(struct rdb_writer *writer)
{
    if (!writer->flush || writer->len == 0)
        return !writer->failed;
    writer->flushed_crc = rdb_crc64(writer->flushed_crc, writer->data, writer->len);
    writer->flushed_bytes += writer->len;
    if (!writer->failed)
        writer->failed = !writer->flush(writer->context, writer->data, writer->len);
    writer->len = 0;
    return !writer->failed;
}

void rdb_writer_grow(struct rdb_writer *writer, size_t n)
{
    if (writer->flush && writer->len > 0) {
        rdb_writer_flush(writer);
        if (writer->capacity >= n)
            return;
    }
    size_t capacity = writer->capacity ? 2 * writer->capacity : writer->flush ? FLUSH_BYTES : 256;
    while (capacity - writer->len < n)
        capacity *= 2;
    writer->data = realloc(writer->data, capacity);
    if (!writer->data) {
        fprintf(stderr, "rdb_writer: no memory for %zu bytes\n", capacity);
        abort();
    }
    writer->capacity = capacity;
}

/* ---- primitives ---------------------------------------------------------------------------------------------------
 */

void put_bytes(struct rdb_writer *writer, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    rdb_writer_reserve(writer, len);
    memcpy(writer->data + writer->len, bytes, len);
    writer->len += len;
}

void put_file(struct rdb_writer *writer, const char *path)
{
    uint8_t bytes[1 << 16];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        abort();
    }
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
        put_bytes(writer, bytes, n);
    fclose(file);
}

void put_le(struct rdb_writer *writer, uint64_t value, unsigned width)
{
    rdb_writer_reserve(writer, width);
    for (unsigned i = 0; i < width; i++)
        writer->data[writer->len++] = (uint8_t)(value >> (8 * i));
}

void put_be(struct rdb_writer *writer, uint64_t value, unsigned width)
{
    rdb_writer_reserve(writer, width);
    for (unsigned i = width; i-- > 0;)
        writer->data[writer->len++] = (uint8_t)(value >> (8 * i));
}

void put_double(struct rdb_writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_le(writer, bits, 8);
}

void put_len_form(struct rdb_writer *writer, uint64_t value, enum len_form form)
{
    switch (form) {
    case LEN_6_BITS:
        put_u8(writer, value & 0x3f);
        break;
    case LEN_14_BITS:
        put_be(writer, 0x4000 | (value & 0x3fff), 2);
        break;
    case LEN_32_BITS:
        put_u8(writer, 0x80);
        put_be(writer, value, 4);
        break;
    case LEN_64_BITS:
        put_u8(writer, 0x81);
        put_be(writer, value, 8);
        break;
    }
}

void put_len(struct rdb_writer *writer, uint64_t value)
{
    if (value < 1U << 6) {
        put_u8(writer, (unsigned)value);
        return;
    }
    put_len_form(writer, value, value < 1U << 14 ? LEN_14_BITS : value <= UINT32_MAX ? LEN_32_BITS : LEN_64_BITS);
}

void put_string(struct rdb_writer *writer, const void *bytes, size_t len)
{
    put_len(writer, len);
    put_bytes(writer, bytes, len);
}

void put_text(struct rdb_writer *writer, const char *text)
{
    put_string(writer, text, strlen(text));
}

void put_int_string_width(struct rdb_writer *writer, int32_t value, unsigned width)
{
    put_u8(writer, 0xc0 | (width == 4 ? 2 : width - 1));
    put_le(writer, (uint64_t)(int64_t)value, width);
}

void put_int_string(struct rdb_writer *writer, int32_t value)
{
    put_int_string_width(writer, value,
                         value >= INT8_MIN && value <= INT8_MAX     ? 1
                         : value >= INT16_MIN && value <= INT16_MAX ? 2
                                                                    : 4);
}

void put_lzf_claim(struct rdb_writer *writer, const void *compressed, size_t len, uint64_t claimed_len)
{
    put_u8(writer, 0xc3);
    put_len(writer, len);
    put_len(writer, claimed_len);
    put_bytes(writer, compressed, len);
}

bool put_lzf_string(struct rdb_writer *writer, const void *bytes, size_t len)
{
    /* redis 7.0 src/rdb.c, rdbSaveRawString and rdbSaveLzfStringObject */
    enum { LEN_MIN = 21, SAVED_MIN = 4, ON_STACK = 16 * 1024 };
    uint8_t on_stack[ON_STACK];
    if (len < LEN_MIN) {
        put_string(writer, bytes, len);
        return false;
    }
    uint8_t *compressed = len <= ON_STACK ? on_stack : malloc(len);
    unsigned n = compressed ? lzf_compress(bytes, (unsigned)len, compressed, (unsigned)(len - SAVED_MIN)) : 0;
    if (n > 0)
        put_lzf_claim(writer, compressed, n, len);
    else
        put_string(writer, bytes, len);
    if (compressed != on_stack)
        free(compressed);
    return n > 0;
}

/* ---- damage -------------------------------------------------------------------------------------------------------
 */

void damage_flip(struct rdb_writer *writer, size_t at, uint8_t mask)
{
    writer->data[at] ^= mask;
}

void damage_set(struct rdb_writer *writer, size_t at, const void *bytes, size_t len)
{
    memcpy(writer->data + at, bytes, len);
}

void damage_splice(struct rdb_writer *writer, size_t at, size_t removed, const void *bytes, size_t len)
{
    rdb_writer_reserve(writer, len);
    memmove(writer->data + at + len, writer->data + at + removed, writer->len - at - removed);
    if (len)
        memcpy(writer->data + at, bytes, len);
    writer->len = writer->len - removed + len;
}

void damage_truncate(struct rdb_writer *writer, size_t len)
{
    if (len < writer->len)
        writer->len = len;
}

void damage_fix_checksum(struct rdb_writer *writer)
{
    if (writer->len < 8)
        return;
    writer->len -= 8;
    put_le(writer, rdb_crc64(0, writer->data, writer->len), 8);
}
