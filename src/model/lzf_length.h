/* How long LZF makes a blob, in the one setting that servers compress with. Every release has the same compressor
 * (redis 3.2.13 .. 8.8, valkey 7.2 .. 9.1 src/lzf_c.c, src/lzfP.h: HLOG 16, VERY_FAST 1, ULTRA_FAST 0), so the length
 * can be told; the bytes are not made. The library's own function gives the same
 * lengths, but begins with whatever its table holds, so that what ran before could change one. */
#ifndef MODEL_LZF_LENGTH_H
#define MODEL_LZF_LENGTH_H

#include <stddef.h>
#include <stdint.h>

/* Where three bytes were seen last; used again for any number of blobs. */
struct lzf_table;
struct lzf_table *lzf_table_new(void);
void lzf_table_free(struct lzf_table *table);

/* Compressed bytes of `len` bytes, more than `len` where nothing repeats. At most UINT32_MAX / 2 bytes. */
uint64_t lzf_length(struct lzf_table *table, const uint8_t *bytes, size_t len);

#endif
