/* A source over memory that gives a few bytes a call, fails where a test wants it to, and counts. */
#ifndef TRICKLE_H
#define TRICKLE_H

#include "rdbparse.h"

struct trickle {
    const uint8_t *bytes;
    size_t len, taken;
    size_t step;    /* most bytes a read gives; 0: as many as are asked for */
    size_t fail_at; /* reads from here on fail with RDB_ERR_READ; SIZE_MAX: never */
    unsigned reads, closes;
};

/* Reads all of `bytes` in steps. */
struct trickle trickle_of(const void *bytes, size_t len, size_t step);
/* `trickle` must outlive the source. */
struct rdb_source trickle_source(struct trickle *trickle);

/* All that a source gives, by reads of `step` bytes, at most `max` bytes. *bytes is freed by the caller. */
enum rdb_status read_all(struct rdb_source *source, size_t step, size_t max, uint8_t **bytes, size_t *len,
                         struct rdb_error *error);

#endif
