/* Puts wrappings around bytes, as the tools and servers that make them do. Each appends to `out`. */
#ifndef WRAP_H
#define WRAP_H

#include "rdb_writer.h"

typedef void wrap_function(struct rdb_writer *out, const uint8_t *bytes, size_t len);

wrap_function wrap_plain;
wrap_function wrap_gzip;
wrap_function wrap_gzip_members; /* three of them, with zero padding behind */
wrap_function wrap_zstd;
wrap_function wrap_zstd_frames; /* three of them, with skippable ones before, between and behind */
wrap_function wrap_lz4;
wrap_function wrap_lz4_frames; /* as wrap_zstd_frames */
wrap_function wrap_vcs_lz4;
wrap_function wrap_vcs_zstd;
wrap_function wrap_replication_length;   /* bare */
wrap_function wrap_replication_captured; /* with replies before and commands behind */
wrap_function wrap_replication_mark;

/* All of them. */
enum { WRAP_COUNT = 12, WRAP_PLAIN = 0 };
extern wrap_function *const wrap_functions[WRAP_COUNT];

/* `len` times the byte `fill` behind `head`, compressed as a stream whose size is not announced. */
void wrap_gzip_repeated(struct rdb_writer *out, const char *head, int fill, uint64_t len);
void wrap_zstd_repeated(struct rdb_writer *out, const char *head, int fill, uint64_t len, unsigned window_log);
void wrap_lz4_repeated(struct rdb_writer *out, const char *head, int fill, uint64_t len);

#endif
