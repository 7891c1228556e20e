/* Nodes of a stream as they would be if its entries were added one by one, under several settings at once (t_stream.c
 * streamAppendItem). What an entry adds to a node differs between them by the bytes of its id alone, relative to the
 * node's first one; so entries are counted once for all of them, as long as no node ends and no id becomes longer. */
#ifndef MODEL_STREAM_PACKER_H
#define MODEL_STREAM_PACKER_H

#include "node_rewrites.h"

/* Values from `from` on, `span` of them. */
struct id_window {
    uint64_t from, span;
};

struct stream_packer {
    struct shape *shape;             /* gets the nodes */
    uint64_t max_bytes, max_entries; /* UINT64_MAX: no limit */
    uint64_t entries;                /* of the open node; 0: there is none */
    uint64_t len;                    /* of its listpack, but for the entry that counts its items */
    uint64_t ms, seq, names;         /* of its first entry */
    /* Both as they were when so much had been counted: */
    uint64_t counted_entries, counted_bytes;
    /* The entries behind that are of these ids and have `id_bytes` for them, as far as counting may go: */
    struct id_window ms_window, seq_window;
    uint64_t id_bytes, entries_end, worst_end;
};

struct stream_packers {
    unsigned count;
    struct stream_packer packer[3 * NODE_REWRITES_MAX + 1];
    /* Entries of the stream, and their bytes without ids; `worst`: with the most that any packer's ids have had. */
    uint64_t entries, bytes, worst;
    /* What all of them take without being looked at. */
    uint64_t names, id_most, entries_end, worst_end;
    struct id_window ms_window, seq_window;
};

/* `max_bytes`, `max_entries`: 0: no limit. The shape is the caller's. */
void stream_packers_add(struct stream_packers *packers, struct shape *shape, int64_t max_bytes, int64_t max_entries);
void stream_packers_begin(struct stream_packers *packers);
void stream_packers_push(struct stream_packers *packers, const struct stream_entry *entry);
/* Closes the last nodes. */
void stream_packers_end(struct stream_packers *packers);

#endif
