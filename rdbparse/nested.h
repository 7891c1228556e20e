/* Private: a compressed blob of records inside the file (Dragonfly). */
#ifndef RDB_NESTED_H
#define RDB_NESTED_H

#include "rdbparse.h"

struct rdb_parser;
enum rdb_nested_codec { RDB_NESTED_ZSTD, RDB_NESTED_LZ4 };

/* Parses the records of a blob that is stored as a string; the input is at its length prefix. */
RDB_MUST_CHECK enum rdb_status rdb_load_nested(struct rdb_parser *parser, enum rdb_nested_codec codec);

#endif
