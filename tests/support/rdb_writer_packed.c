/* Listpacks, ziplists, intsets, zipmaps, byte by byte. */
#include "rdb_writer.h"

#include <string.h>

void packed_init(struct packed_builder *packed)
{
    *packed = (struct packed_builder){0};
    rdb_writer_init(&packed->blob);
}

void packed_release(struct packed_builder *packed)
{
    rdb_writer_release(&packed->blob);
}

static void packed_begin(struct packed_builder *packed, size_t header_bytes)
{
    rdb_writer_clear(&packed->blob);
    packed->count = 0;
    packed->last_at = header_bytes;
    packed->last_len = 0;
    put_le(&packed->blob, 0, 8);
    rdb_writer_reserve(&packed->blob, header_bytes);
    packed->blob.len = header_bytes;
}

static void set_le(struct packed_builder *packed, size_t at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        packed->blob.data[at + i] = (uint8_t)(value >> (8 * i));
}

/* A 16-bit count that says "unknown" when it does not fit. */
static uint64_t short_count(const struct packed_builder *packed)
{
    return packed->count < UINT16_MAX ? packed->count : UINT16_MAX;
}

static unsigned signed_width(int64_t value)
{
    unsigned width = 1;
    while (width < 8 && (value < -(INT64_C(1) << (8 * width - 1)) || value >= INT64_C(1) << (8 * width - 1)))
        width++;
    return width;
}

/* ---- listpack -----------------------------------------------------------------------------------------------------
 */

void listpack_begin(struct packed_builder *packed)
{
    packed_begin(packed, 6);
}

/* The entry's own length, 7 bits a byte, most significant first. Before redis 8.8 and valkey 9.1 the bounds were one
 * short of 14, 21, 28 bits (src/listpack.c lpEncodeBacklen). */
static void listpack_backlen(struct packed_builder *packed, size_t entry_at)
{
    uint64_t len = packed->blob.len - entry_at;
    bool at_limit = len == 16383 || len == 2097151 || len == 268435455;
    unsigned bytes = len <= 127 ? 1 : len <= 16383 ? 2 : len <= 2097151 ? 3 : len <= 268435455 ? 4 : 5;
    bytes += at_limit && !packed->exact_limits;
    for (unsigned i = bytes; i-- > 0;)
        put_u8(&packed->blob, ((len >> (7 * i)) & 0x7f) | (i + 1 < bytes ? 0x80 : 0));
    packed->count++;
}

void listpack_string(struct packed_builder *packed, const void *bytes, size_t len)
{
    struct rdb_writer *blob = &packed->blob;
    size_t at = blob->len;
    if (len < 64) {
        put_u8(blob, 0x80 | (unsigned)len);
    } else if (len < 4096) {
        put_be(blob, 0xe000 | len, 2);
    } else {
        put_u8(blob, 0xf0);
        put_le(blob, len, 4);
    }
    put_bytes(blob, bytes, len);
    listpack_backlen(packed, at);
}

void listpack_text(struct packed_builder *packed, const char *text)
{
    listpack_string(packed, text, strlen(text));
}

void listpack_int(struct packed_builder *packed, int64_t value)
{
    struct rdb_writer *blob = &packed->blob;
    size_t at = blob->len;
    if (value >= 0 && value <= 127) {
        put_u8(blob, (unsigned)value);
    } else if (value >= -4096 && value <= 4095) {
        put_be(blob, 0xc000 | ((uint64_t)value & 0x1fff), 2);
    } else {
        unsigned width = signed_width(value);
        width = width < 2 ? 2 : width > 4 ? 8 : width;
        put_u8(blob, width == 8 ? 0xf4 : 0xf1 + width - 2);
        put_le(blob, (uint64_t)value, width);
    }
    listpack_backlen(packed, at);
}

void listpack_end(struct packed_builder *packed)
{
    put_u8(&packed->blob, 0xff);
    set_le(packed, 0, packed->blob.len, 4);
    set_le(packed, 4, short_count(packed), 2);
}

/* ---- ziplist ------------------------------------------------------------------------------------------------------
 */

void ziplist_begin(struct packed_builder *packed)
{
    packed_begin(packed, 10);
}

static void ziplist_prevlen(struct packed_builder *packed)
{
    struct rdb_writer *blob = &packed->blob;
    packed->last_at = blob->len;
    if (packed->last_len < 254) {
        put_u8(blob, (unsigned)packed->last_len);
    } else {
        put_u8(blob, 0xfe);
        put_le(blob, packed->last_len, 4);
    }
}

static void ziplist_close_entry(struct packed_builder *packed)
{
    packed->last_len = packed->blob.len - packed->last_at;
    packed->count++;
}

void ziplist_string(struct packed_builder *packed, const void *bytes, size_t len)
{
    struct rdb_writer *blob = &packed->blob;
    ziplist_prevlen(packed);
    if (len < 64) {
        put_u8(blob, (unsigned)len);
    } else if (len < 16384) {
        put_be(blob, 0x4000 | len, 2);
    } else {
        put_u8(blob, 0x80);
        put_be(blob, len, 4);
    }
    put_bytes(blob, bytes, len);
    ziplist_close_entry(packed);
}

void ziplist_text(struct packed_builder *packed, const char *text)
{
    ziplist_string(packed, text, strlen(text));
}

void ziplist_int(struct packed_builder *packed, int64_t value)
{
    static const struct {
        unsigned width;
        uint8_t code;
    } forms[] = {{1, 0xfe}, {2, 0xc0}, {3, 0xf0}, {4, 0xd0}, {8, 0xe0}};
    ziplist_prevlen(packed);
    if (value >= 0 && value <= 12) {
        put_u8(&packed->blob, 0xf1 + (unsigned)value);
    } else {
        unsigned i = 0;
        while (forms[i].width < signed_width(value))
            i++;
        put_u8(&packed->blob, forms[i].code);
        put_le(&packed->blob, (uint64_t)value, forms[i].width);
    }
    ziplist_close_entry(packed);
}

void ziplist_end(struct packed_builder *packed)
{
    put_u8(&packed->blob, 0xff);
    set_le(packed, 0, packed->blob.len, 4);
    set_le(packed, 4, packed->last_at, 4);
    set_le(packed, 8, short_count(packed), 2);
}

/* ---- intset -------------------------------------------------------------------------------------------------------
 */

void intset_begin(struct packed_builder *packed, unsigned width)
{
    packed_begin(packed, 8);
    packed->width = width;
}

void intset_add(struct packed_builder *packed, int64_t value)
{
    put_le(&packed->blob, (uint64_t)value, packed->width);
    packed->count++;
}

void intset_end(struct packed_builder *packed)
{
    set_le(packed, 0, packed->width, 4);
    set_le(packed, 4, packed->count, 4);
}

/* ---- zipmap -------------------------------------------------------------------------------------------------------
 */

void zipmap_begin(struct packed_builder *packed)
{
    packed_begin(packed, 1);
}

static void zipmap_len(struct rdb_writer *blob, size_t len)
{
    if (len < 254) {
        put_u8(blob, (unsigned)len);
    } else {
        put_u8(blob, 0xfe);
        put_le(blob, len, 4);
    }
}

void zipmap_pair(struct packed_builder *packed, const char *field, const char *value, unsigned free_bytes)
{
    struct rdb_writer *blob = &packed->blob;
    zipmap_len(blob, strlen(field));
    put_bytes(blob, field, strlen(field));
    zipmap_len(blob, strlen(value));
    put_u8(blob, free_bytes);
    put_bytes(blob, value, strlen(value));
    for (unsigned i = 0; i < free_bytes; i++)
        put_u8(blob, 0);
    packed->count++;
}

void zipmap_end(struct packed_builder *packed)
{
    put_u8(&packed->blob, 0xff);
    packed->blob.data[0] = packed->count < 254 ? (uint8_t)packed->count : 254;
}

void put_packed(struct rdb_writer *writer, const struct packed_builder *packed)
{
    put_string(writer, packed->blob.data, packed->blob.len);
}

void put_packed_lzf(struct rdb_writer *writer, const struct packed_builder *packed)
{
    put_lzf_string(writer, packed->blob.data, packed->blob.len);
}
