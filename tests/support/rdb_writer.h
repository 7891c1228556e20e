/* Crafts snapshots, byte by byte or record by record, valid or not: for tests and generators. It checks nothing, since
 * a test wants to write what no server would.
 *
 * put_*() append to a writer. Without a flush function everything stays in memory, at `data`; with one, `data` is a
 * buffer that is handed on when it is full, and the checksum is carried along. Out of memory ends the program. */
#ifndef RDB_WRITER_H
#define RDB_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rdb_writer {
    uint8_t *data;
    size_t len, capacity;
    bool (*flush)(void *context, const uint8_t *data, size_t len); /* false: it failed, and is not called again */
    void *context;
    uint64_t flushed_bytes, flushed_crc;
    bool failed;
};

void rdb_writer_init(struct rdb_writer *writer);
void rdb_writer_init_flushing(struct rdb_writer *writer, bool (*flush)(void *, const uint8_t *, size_t), void *context);
void rdb_writer_release(struct rdb_writer *writer);
/* Forgets what was written and keeps the memory. */
void rdb_writer_clear(struct rdb_writer *writer);
/* Hands on what is buffered. False if a flush failed, now or before. */
bool rdb_writer_flush(struct rdb_writer *writer);
/* Makes room for `n` bytes at data + len. */
void rdb_writer_grow(struct rdb_writer *writer, size_t n);
static inline void rdb_writer_reserve(struct rdb_writer *writer, size_t n)
{
    if (writer->capacity - writer->len < n)
        rdb_writer_grow(writer, n);
}
/* CRC-64 as Redis computes it, continued from `crc` (0 at the beginning). */
uint64_t rdb_crc64(uint64_t crc, const void *bytes, size_t len);

/* ---- primitives ---------------------------------------------------------------------------------------------------
 */

void put_bytes(struct rdb_writer *writer, const void *bytes, size_t len);
/* All of a file; aborts when it cannot be read. */
void put_file(struct rdb_writer *writer, const char *path);
static inline void put_u8(struct rdb_writer *writer, unsigned value)
{
    rdb_writer_reserve(writer, 1);
    writer->data[writer->len++] = (uint8_t)value;
}
void put_le(struct rdb_writer *writer, uint64_t value, unsigned width);
void put_be(struct rdb_writer *writer, uint64_t value, unsigned width);
void put_double(struct rdb_writer *writer, double value);

enum len_form { LEN_6_BITS, LEN_14_BITS, LEN_32_BITS, LEN_64_BITS };
/* The shortest form, and any form, also one that is too long; a value that does not fit is cut. */
void put_len(struct rdb_writer *writer, uint64_t value);
void put_len_form(struct rdb_writer *writer, uint64_t value, enum len_form form);

void put_string(struct rdb_writer *writer, const void *bytes, size_t len);
void put_text(struct rdb_writer *writer, const char *text);
/* The narrowest of the integer forms (8, 16, 32 bits), and a given width. */
void put_int_string(struct rdb_writer *writer, int32_t value);
void put_int_string_width(struct rdb_writer *writer, int32_t value, unsigned width);
/* As a server with rdbcompression: LZF where that saves four bytes or more, else raw. True for LZF. */
bool put_lzf_string(struct rdb_writer *writer, const void *bytes, size_t len);
/* The LZF form around any bytes, claiming any length. */
void put_lzf_claim(struct rdb_writer *writer, const void *compressed, size_t len, uint64_t claimed_len);

/* ---- the snapshot -------------------------------------------------------------------------------------------------
 */

/* "REDIS0011", "VALKEY080". */
void put_magic(struct rdb_writer *writer, const char *magic);
void put_aux(struct rdb_writer *writer, const char *name, const char *value);
void put_select_db(struct rdb_writer *writer, uint64_t db);
void put_resize_db(struct rdb_writer *writer, uint64_t keys, uint64_t expires);
void put_slot_info(struct rdb_writer *writer, uint64_t slot, uint64_t keys, uint64_t expires);
void put_function(struct rdb_writer *writer, const char *code);
void put_expire_ms(struct rdb_writer *writer, int64_t unix_ms);
void put_expire_seconds(struct rdb_writer *writer, int32_t unix_seconds);
void put_idle(struct rdb_writer *writer, uint64_t seconds);
void put_frequency(struct rdb_writer *writer, uint8_t frequency);
/* Type number and name; the value follows. */
void put_key(struct rdb_writer *writer, unsigned type, const char *name);
/* A whole string key. */
void put_string_key(struct rdb_writer *writer, const char *name, const char *value);
/* EOF and the right checksum; with a given one; and without, as before RDB 5. */
void put_eof(struct rdb_writer *writer);
void put_eof_checksum(struct rdb_writer *writer, uint64_t checksum);
void put_eof_bare(struct rdb_writer *writer);
/* A small snapshot of `version` 1..12 with an element of most kinds that this version has. */
void put_sample(struct rdb_writer *writer, unsigned version);

/* ---- packed blobs -------------------------------------------------------------------------------------------------
 */

struct packed_builder {
    struct rdb_writer blob;
    uint64_t count;
    size_t last_at, last_len; /* ziplist: the last entry */
    unsigned width;           /* intset: bytes an element */
    bool exact_limits;        /* listpack: back lengths as redis 8.8 and valkey 9.1 write them */
};

void packed_init(struct packed_builder *packed);
void packed_release(struct packed_builder *packed);

void listpack_begin(struct packed_builder *packed);
void listpack_string(struct packed_builder *packed, const void *bytes, size_t len);
void listpack_text(struct packed_builder *packed, const char *text);
void listpack_int(struct packed_builder *packed, int64_t value);
void listpack_end(struct packed_builder *packed);

void ziplist_begin(struct packed_builder *packed);
void ziplist_string(struct packed_builder *packed, const void *bytes, size_t len);
void ziplist_text(struct packed_builder *packed, const char *text);
void ziplist_int(struct packed_builder *packed, int64_t value);
void ziplist_end(struct packed_builder *packed);

/* `width` is 2, 4 or 8; values are added in ascending order. */
void intset_begin(struct packed_builder *packed, unsigned width);
void intset_add(struct packed_builder *packed, int64_t value);
void intset_end(struct packed_builder *packed);

void zipmap_begin(struct packed_builder *packed);
void zipmap_pair(struct packed_builder *packed, const char *field, const char *value, unsigned free_bytes);
void zipmap_end(struct packed_builder *packed);

/* The blob as a string. */
void put_packed(struct rdb_writer *writer, const struct packed_builder *packed);
void put_packed_lzf(struct rdb_writer *writer, const struct packed_builder *packed);

/* ---- streams ------------------------------------------------------------------------------------------------------
 */

/* A node's listpack: the master entry with its counts and fields, then entries that use the same fields or their own.
 */
void stream_node_begin(struct packed_builder *packed, uint64_t live, uint64_t deleted, const char *const *fields,
                       size_t field_count);
void stream_node_same(struct packed_builder *packed, bool deleted, uint64_t ms_delta, uint64_t seq_delta,
                      const char *const *values, size_t field_count);
void stream_node_own(struct packed_builder *packed, bool deleted, uint64_t ms_delta, uint64_t seq_delta,
                     const char *const *fields_and_values, size_t field_count);
/* An id as the 16-byte string before a node, as 16 bare bytes (pending lists), as two lengths. */
void put_id_string(struct rdb_writer *writer, uint64_t ms, uint64_t seq);
void put_id_raw(struct rdb_writer *writer, uint64_t ms, uint64_t seq);
void put_id_lens(struct rdb_writer *writer, uint64_t ms, uint64_t seq);

struct stream_sample {
    unsigned type; /* 15, 19, 21 */
    uint64_t nodes, entries_per_node;
    uint64_t groups, consumers, pending; /* consumers of a group, pending entries of a consumer */
};
/* The value of a stream key: ids 1000-0, 1001-0, ...; two fields an entry. */
void put_stream_sample(struct rdb_writer *writer, const struct stream_sample *sample);
/* Its parts: the listpack of any node, its id, and what follows the nodes. */
void stream_sample_node(struct packed_builder *packed, const struct stream_sample *sample);
void put_stream_sample_id(struct rdb_writer *writer, const struct stream_sample *sample, uint64_t node);
void put_stream_sample_rest(struct rdb_writer *writer, const struct stream_sample *sample);

/* ---- modules ------------------------------------------------------------------------------------------------------
 */

/* `name` has nine characters. */
uint64_t module_id(const char *name, unsigned version);
void put_module_uint(struct rdb_writer *writer, uint64_t value);
void put_module_float(struct rdb_writer *writer, float value);
void put_module_double(struct rdb_writer *writer, double value);
void put_module_string(struct rdb_writer *writer, const void *bytes, size_t len);
void put_module_end(struct rdb_writer *writer);

/* ---- damage, in a writer that keeps all in memory -----------------------------------------------------------------
 */

void damage_flip(struct rdb_writer *writer, size_t at, uint8_t mask);
void damage_set(struct rdb_writer *writer, size_t at, const void *bytes, size_t len);
/* Replaces `removed` bytes at `at` by others; `bytes` must not point into the writer. */
void damage_splice(struct rdb_writer *writer, size_t at, size_t removed, const void *bytes, size_t len);
void damage_truncate(struct rdb_writer *writer, size_t len);
/* Makes the last eight bytes the checksum of those before. */
void damage_fix_checksum(struct rdb_writer *writer);

#endif
