/* What a stream's cost depends on: sums over nodes, groups, consumers and pending ids, and the sizes of the radix trees
 * over them, taken as the ids pass. Constant in size but for bounded buffers: see rax_size.h and STREAM_MAX_UNION. */
#ifndef MODEL_STREAM_SHAPE_H
#define MODEL_STREAM_SHAPE_H

#include "rax_size.h"
#include "stream_producers.h"

struct plan;
struct shape;
struct stream_part;

enum {
    STREAM_MAX_UNION = RAX_FIXED_MAX_COLLECTED, /* pending ids over several groups; beyond, their tree is an estimate */
    STREAM_MAX_AVERAGES = 8                     /* distinct ways in which views average groups */
};

/* Layouts of consumer names that the rows of stream_part use. */
enum stream_name { STREAM_NAME_3_2, STREAM_NAME_8_2, STREAM_NAME_COUNTED, STREAM_NAME_COUNT };

/* Over the groups, or of one. */
struct group_sums {
    uint64_t consumers, name_bytes; /* name_bytes: of consumers, as text */
    struct rax_sum pending;         /* the groups' trees of pending ids */
    struct rax_sum owned;           /* the consumers' */
    struct rax_sum consumer_names;
};

/* MEMORY USAGE of the groups where a server averages them group by group, in doubles. */
struct group_average {
    const struct stream_part *part;
    unsigned allocator;
    uint64_t usage;
};

struct stream_shape {
    const struct plan *plan;
    bool needs_union, needs_by_time, needs_producers; /* some view does */
    uint64_t default_duration_seconds;

    struct rax_fixed node_tree, pending_tree, owned_tree, by_time_tree;
    struct rax_names group_tree, consumer_tree;
    bool in_group, in_consumer;

    struct rax_sum nodes;
    uint64_t listpack_longest;
    uint64_t listpacks, listpack_bytes, listpack_held[ALLOCATOR_COUNT];
    uint64_t claimed_groups, groups;
    struct rax_sum group_names;
    struct group_sums group; /* the current one */
    struct group_sums all_groups;
    uint64_t name_asked[STREAM_NAME_COUNT], name_held[STREAM_NAME_COUNT][ALLOCATOR_COUNT];
    struct rax_sum by_time;
    unsigned average_count;
    struct group_average average[STREAM_MAX_AVERAGES];

    /* Distinct pending ids over all groups. */
    struct rax_sum referenced;
    struct rax_sum largest_pending; /* of one group */
    uint64_t waiting_groups;        /* groups with pending ids */
    struct rax_key *id;
    size_t id_count, id_capacity;
    bool ids_left_out;

    struct stream_producers producers;
};

void stream_shape_init(struct stream_shape *stream, const struct plan *plan); /* once, at shape_new */
void stream_shape_release(struct stream_shape *stream);
void stream_shape_begin(struct stream_shape *stream); /* a new stream starts */
void stream_shape_end(struct shape *shape);           /* sets what depends on the last element */

/* What MEMORY USAGE takes a radix tree for, under a row (stream_cost.c). */
uint64_t stream_tree_usage(const struct stream_part *part, const struct size_classes *classes, unsigned allocator,
                           const struct rax_sum *tree);

#endif
