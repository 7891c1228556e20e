/* Walks the listpack of a stream's node, entry by entry (redis src/t_stream.c). */
#ifndef STREAM_ENTRIES_H
#define STREAM_ENTRIES_H

#include <rdbparse.h>

#include "model/node_rewrites.h"

/* Hands every live entry of the node on. What is damaged ends the walk. */
void stream_entries_read(const struct rdb_packed *packed, uint64_t ms, uint64_t seq, struct node_rewrites *rewrites);

#endif
