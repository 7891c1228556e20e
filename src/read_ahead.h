/* Reads and unwraps ahead in a thread of its own, for what one thread parses (a pipe, which cannot be read twice): the
 * slower of the two decides. The thread begins behind the first few megabytes: less is not worth one. */
#ifndef READ_AHEAD_H
#define READ_AHEAD_H

#include <rdbparse.h>

/* Takes `inner`: closing the result closes it. Reads the same bytes, and ends in the same way. */
struct rdb_source read_ahead_wrap(struct rdb_source inner);

#endif
