/* Private: a compressed blob as an input of its own, unpacked piece by piece while it is walked, so that its length
 * needs no memory. (liblzf unpacks whole strings only.) */
#ifndef RDB_LZF_STREAM_H
#define RDB_LZF_STREAM_H

#include "input.h"

struct rdb_lzf_stream;

/* Starts at the next `stored_len` bytes of `from`, which make `len`. NULL when out of memory. An input has one stream,
 * used again for each blob and freed with it. */
struct rdb_lzf_stream *rdb_lzf_stream_open(struct rdb_input *from, uint64_t stored_len, uint64_t len);
/* The unpacked bytes. Reading fails as corrupt where the compressed ones do not make them exactly; as the input below
 * does, otherwise, which then fails again where the rest is passed over. Its own errors go nowhere. */
struct rdb_input *rdb_lzf_stream_input(struct rdb_lzf_stream *stream);
/* Bytes that were unpacked, walked or not. */
uint64_t rdb_lzf_stream_made(const struct rdb_lzf_stream *stream);
/* Passes over the compressed bytes that were not taken. */
RDB_MUST_CHECK enum rdb_status rdb_lzf_stream_close(struct rdb_lzf_stream *stream, const char *what);
void rdb_lzf_stream_free(struct rdb_lzf_stream *stream);

#endif
