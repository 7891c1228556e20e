/* A snapshot on its way from the one thread that reads it, and finds where records begin and end, to others that parse
 * a part each. Of a plain file these read their parts themselves. Of anything else the bytes are kept, on the tape,
 * until they have been parsed; a part may then be parsed before its end has been read. The reading thread waits while
 * the others are far behind, so memory is bounded whatever the length of a record. */
#ifndef TAPE_H
#define TAPE_H

#include <rdbparse.h>

struct tape;

/* Some records: where a thread begins with them. */
struct tape_part {
    uint64_t number; /* of the parts of a tape, from 0 */
    uint64_t offset; /* in the snapshot, of its first byte */
    uint64_t db;     /* that its first record is in, unless it says so itself */
};

/* `readers`: threads that will call tape_next. `window_bytes`: of the parser that is fed from tape_source. */
struct tape *tape_new(unsigned readers, size_t window_bytes);
void tape_free(struct tape *tape);

/* ---- the reading thread ---- */

/* What is read from the result goes onto the tape. `inner` is borrowed. Reading fails with RDB_STOPPED once the tape
 * was stopped. `fd`: of a file whose bytes are those of `inner`, which the tape will close; -1: there is none. */
struct rdb_source tape_source(struct tape *tape, struct rdb_source *inner, int fd);
/* The first part begins at `offset`. False: that is too far back. */
bool tape_begin(struct tape *tape, uint64_t offset, uint64_t db);
/* The records up to `offset` are a part, further ones are in `db`. */
void tape_cut(struct tape *tape, uint64_t offset, uint64_t db);
/* No further part comes. */
void tape_end(struct tape *tape);

/* ---- any thread ---- */

/* Parts that are not taken yet come to nobody any more, those that are end. */
void tape_stop(struct tape *tape);
/* The next part, once there is one. False: there is none any more. `source` delivers it and is to be closed. */
bool tape_next(struct tape *tape, struct tape_part *part, struct rdb_source *source);

#endif
