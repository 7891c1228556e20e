/* Rate and time left on standard error while a long file is read. It sits between the file and the parser, so that
 * nothing is asked per key. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <rdbparse.h>

struct progress {
    struct rdb_source inner;
    uint64_t total_bytes;         /* 0 when not known */
    uint64_t read_bytes;          /* of the unwrapped snapshot */
    uint64_t started_ns, next_ns; /* monotonic clock */
    bool shown;
};

/* Takes `source`: closing the result closes it. `progress` must outlive the result. */
struct rdb_source progress_wrap(struct progress *progress, struct rdb_source source, uint64_t total_bytes);

#endif
