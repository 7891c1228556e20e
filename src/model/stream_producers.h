/* Idempotent producers of a stream (Redis 8.6+): which ids each has used lately. */
#ifndef MODEL_STREAM_PRODUCERS_H
#define MODEL_STREAM_PRODUCERS_H

#include "rax_size.h"

struct plan;

/* Sums over producers, as one load rule finds them. */
struct producer_sums {
    struct rax_names tree;
    struct rax_sum names;
    uint64_t producers, entries;
    uint64_t entry_asked, entry_held[ALLOCATOR_COUNT];
    uint64_t tables, table_asked, table_held[ALLOCATOR_COUNT]; /* bucket arrays; their tables grow unsized */
};

struct stream_producers {
    const struct plan *plan;
    struct producer_sums all, live; /* live: without ids that are too old at load time, and without empty producers */
    uint8_t *id;                    /* of the current producer: it joins `live` when its first live id has come */
    size_t id_len, id_capacity;
    bool is_open;
    uint64_t open_entries, open_live; /* ids of the current producer */
    uint64_t oldest_live_ms;          /* ids up to here are too old, unless nothing is */
    bool nothing_is_old;
};

void stream_producers_init(struct stream_producers *producers, const struct plan *plan);
void stream_producers_release(struct stream_producers *producers);
void stream_producers_begin(struct stream_producers *producers);
/* `duration_seconds`: see shape_stream_producer; `load_time_ms`: 0 when nothing is to be dropped. */
void stream_producers_add(struct stream_producers *producers, const uint8_t *id, uint64_t id_len,
                          uint64_t duration_seconds, int64_t load_time_ms);
void stream_producers_iid(struct stream_producers *producers, uint64_t iid_len, uint64_t id_ms);
void stream_producers_end(struct stream_producers *producers);

enum { IDMP_PRODUCER_BYTES = 24, IDMP_ENTRY_BYTES = 32, IDMP_DICT_BYTES = 56, IDMP_DICT_ENTRY_BYTES = 24 };

#endif
