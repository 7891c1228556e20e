/* Private: what the sources share. A chain of sources is built outermost first; closing the innermost closes all. */
#ifndef RDB_SOURCE_H
#define RDB_SOURCE_H

#include "rdbparse.h"

/* Opens the file itself, wrapped or not; "-" is standard input. *size_bytes is its size, 0 when it has none (a pipe).
 */
RDB_MUST_CHECK enum rdb_status rdb_source_file(struct rdb_source *source, const char *path, uint64_t *size_bytes,
                                               struct rdb_error *error);

#endif
