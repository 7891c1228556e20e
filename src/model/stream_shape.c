#include "stream_shape.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "shape_internal.h"
#include "stream_part.h"
#include "tally.h"

/* ---- life ---- */

static void plan_average(struct stream_shape *stream, const struct stream_part *part, unsigned allocator)
{
    for (unsigned i = 0; i < stream->average_count; i++)
        if (stream->average[i].part == part && stream->average[i].allocator == allocator)
            return;
    if (stream->average_count < STREAM_MAX_AVERAGES)
        stream->average[stream->average_count++] = (struct group_average){part, allocator, 0};
}

static void plan_needs(struct stream_shape *stream, const struct plan *plan)
{
    for (size_t i = 0; i < plan->view_count; i++) {
        const struct planned_view *view = &plan->view[i];
        const struct stream_part *part = view->view.server->stream;
        if (!part)
            continue;
        stream->needs_union |= part->has_group_references;
        stream->needs_by_time |= part->has_pending_by_time;
        if (part->usage_averages)
            plan_average(stream, part, view->allocator);
        if (part->has_producers && !stream->needs_producers) {
            stream->needs_producers = true;
            stream->default_duration_seconds = (uint64_t)view->view.settings.value[SETTING_STREAM_IDMP_DURATION];
        }
    }
}

void stream_shape_init(struct stream_shape *stream, const struct plan *plan)
{
    const struct size_classes *classes = plan->classes;
    unsigned count = plan->allocator_count;
    *stream = (struct stream_shape){.plan = plan};
    plan_needs(stream, plan);
    rax_fixed_init(&stream->node_tree, classes, count, 16, true);
    rax_fixed_init(&stream->pending_tree, classes, count, 16, true);
    rax_fixed_init(&stream->owned_tree, classes, count, 16, true);
    rax_fixed_init(&stream->by_time_tree, classes, count, 24, false);
    rax_names_init(&stream->group_tree, classes, count);
    rax_names_init(&stream->consumer_tree, classes, count);
    stream_producers_init(&stream->producers, plan);
    /* Where ids are kept for nothing but to be sorted if need be. */
    stream->node_tree.max_collected = stream->owned_tree.max_collected = RAX_FIXED_MAX_COLLECTED / 4;
}

void stream_shape_release(struct stream_shape *stream)
{
    rax_fixed_release(&stream->node_tree);
    rax_fixed_release(&stream->pending_tree);
    rax_fixed_release(&stream->owned_tree);
    rax_fixed_release(&stream->by_time_tree);
    rax_names_release(&stream->group_tree);
    rax_names_release(&stream->consumer_tree);
    stream_producers_release(&stream->producers);
    free(stream->id);
}

void stream_shape_begin(struct stream_shape *stream)
{
    rax_fixed_begin(&stream->node_tree);
    stream->in_group = stream->in_consumer = false;
    stream->nodes = stream->group_names = stream->by_time = (struct rax_sum){0};
    stream->listpacks = stream->listpack_bytes = stream->listpack_longest = 0;
    memset(stream->listpack_held, 0, sizeof stream->listpack_held);
    stream->claimed_groups = stream->groups = 0;
    stream->all_groups = (struct group_sums){0};
    memset(stream->name_asked, 0, sizeof stream->name_asked);
    memset(stream->name_held, 0, sizeof stream->name_held);
    for (unsigned i = 0; i < stream->average_count; i++)
        stream->average[i].usage = 0;
    stream->referenced = stream->largest_pending = (struct rax_sum){0};
    stream->waiting_groups = 0;
    stream->id_count = 0;
    stream->ids_left_out = false;
    stream_producers_begin(&stream->producers);
}

/* ---- nodes ---- */

void shape_stream_node(struct shape *shape, uint64_t id_ms, uint64_t id_seq, uint64_t listpack_len)
{
    struct stream_shape *stream = &shape->stream;
    const struct plan *plan = stream->plan;
    rax_fixed_add_id(&stream->node_tree, id_ms, id_seq);
    stream->listpacks++;
    stream->listpack_bytes += listpack_len;
    stream->listpack_longest = listpack_len > stream->listpack_longest ? listpack_len : stream->listpack_longest;
    for (unsigned i = 0; i < plan->allocator_count; i++)
        stream->listpack_held[i] += size_classes_held(&plan->classes[i], listpack_len);
}

void shape_stream_meta(struct shape *shape, uint64_t length, uint64_t groups)
{
    shape->elements = length;
    shape->stream.claimed_groups = groups;
}

/* ---- groups ---- */

/* Keeps the group's pending ids for the union over groups. Sorted and freed of repetitions only when there is no room,
 * so that the work per id stays bounded; given up when too many are left. */
static void keep_pending(struct stream_shape *stream)
{
    const struct rax_fixed *tree = &stream->pending_tree;
    size_t count = tree->collected_count;
    if (tree->offered > count)
        stream->ids_left_out = true;
    if (stream->ids_left_out)
        return;
    if (stream->id_count + count > 2 * STREAM_MAX_UNION)
        stream->id_count = rax_keys_sort(stream->id, stream->id_count);
    if (stream->id_count > STREAM_MAX_UNION) {
        stream->ids_left_out = true;
        return;
    }
    stream->id = grow(stream->id, &stream->id_capacity, stream->id_count + count, sizeof *stream->id);
    memcpy(stream->id + stream->id_count, tree->collected, count * sizeof *stream->id);
    stream->id_count += count;
}

static void close_consumer(struct stream_shape *stream)
{
    if (!stream->in_consumer)
        return;
    stream->in_consumer = false;
    rax_fixed_end(&stream->owned_tree, &stream->group.owned);
}

/* valkey 8.0 src/object.c objectComputeSize: each group's consumers are averaged on top of the groups before. */
static void average_group(struct group_average *average, const struct plan *plan, const struct group_sums *group)
{
    const struct stream_part *part = average->part;
    const struct size_classes *classes = &plan->classes[average->allocator];
    average->usage += part->group_bytes + stream_tree_usage(part, classes, average->allocator, &group->pending) +
                      part->nack_bytes * group->pending.keys;
    if (group->consumers == 0)
        return;
    uint64_t consumers = group->consumers * part->consumer_bytes + group->name_bytes +
                         stream_tree_usage(part, classes, average->allocator, &group->owned);
    double all = (double)consumers / (double)group->consumers * (double)group->consumers;
    average->usage = tally_usage_sum(average->usage, all);
}

static void close_group(struct stream_shape *stream)
{
    struct group_sums *group = &stream->group, *all = &stream->all_groups;
    if (!stream->in_group)
        return;
    close_consumer(stream);
    stream->in_group = false;
    rax_fixed_end(&stream->pending_tree, &group->pending);
    rax_names_end(&stream->consumer_tree, &group->consumer_names);
    if (stream->needs_by_time)
        rax_fixed_end(&stream->by_time_tree, &stream->by_time);
    if (group->pending.keys) {
        stream->waiting_groups++;
        if (group->pending.keys > stream->largest_pending.keys)
            stream->largest_pending = group->pending;
        if (stream->needs_union && stream->claimed_groups != 1)
            keep_pending(stream);
    }
    for (unsigned i = 0; i < stream->average_count; i++)
        average_group(&stream->average[i], stream->plan, group);
    all->consumers += group->consumers;
    all->name_bytes += group->name_bytes;
    rax_sum_add(&all->pending, &group->pending);
    rax_sum_add(&all->owned, &group->owned);
    rax_sum_add(&all->consumer_names, &group->consumer_names);
}

void shape_stream_group(struct shape *shape, const uint8_t *name, uint64_t name_len, uint64_t pending)
{
    (void)pending;
    struct stream_shape *stream = &shape->stream;
    close_group(stream);
    if (stream->groups++ == 0)
        rax_names_begin(&stream->group_tree);
    rax_names_add(&stream->group_tree, name, name_len);
    stream->in_group = true;
    stream->group = (struct group_sums){0};
    rax_fixed_begin(&stream->pending_tree);
    rax_names_begin(&stream->consumer_tree);
    if (stream->needs_by_time)
        rax_fixed_begin(&stream->by_time_tree);
}

void shape_stream_pending(struct shape *shape, uint64_t id_ms, uint64_t id_seq, int64_t delivery_time_ms)
{
    struct stream_shape *stream = &shape->stream;
    if (!stream->in_group)
        return;
    rax_fixed_add_id(&stream->pending_tree, id_ms, id_seq);
    if (stream->needs_by_time)
        rax_fixed_add(&stream->by_time_tree, &(struct rax_key){{(uint64_t)delivery_time_ms, id_ms, id_seq}});
}

static void add_name(struct stream_shape *stream, enum stream_name name, enum text_layout layout, uint64_t len)
{
    const struct plan *plan = stream->plan;
    stream->name_asked[name] += text_layout_bytes(layout, NULL, len);
    for (unsigned i = 0; i < plan->allocator_count; i++)
        stream->name_held[name][i] += text_layout_bytes(layout, &plan->classes[i], len);
}

void shape_stream_consumer(struct shape *shape, const uint8_t *name, uint64_t name_len, uint64_t pending)
{
    (void)pending;
    struct stream_shape *stream = &shape->stream;
    if (!stream->in_group)
        return;
    close_consumer(stream);
    stream->in_consumer = true;
    stream->group.consumers++;
    stream->group.name_bytes += name_len;
    rax_names_add(&stream->consumer_tree, name, name_len);
    rax_fixed_begin(&stream->owned_tree);
    add_name(stream, STREAM_NAME_3_2, TEXT_SDS_3_2, name_len);
    add_name(stream, STREAM_NAME_8_2, TEXT_SDS_8_2, name_len);
    add_name(stream, STREAM_NAME_COUNTED, TEXT_SDS_ALLOC_SIZE, name_len);
}

void shape_stream_consumer_pending(struct shape *shape, uint64_t id_ms, uint64_t id_seq)
{
    if (shape->stream.in_consumer)
        rax_fixed_add_id(&shape->stream.owned_tree, id_ms, id_seq);
}

/* A released id keeps its entry in the group's pending list, and has no memory of its own (redis 8.8 src/rdb.c). */
void shape_stream_released(struct shape *shape, uint64_t id_ms, uint64_t id_seq)
{
    (void)shape;
    (void)id_ms;
    (void)id_seq;
}

/* ---- producers ---- */

void shape_stream_producer(struct shape *shape, const uint8_t *id, uint64_t id_len, uint64_t entries,
                           uint64_t duration_seconds)
{
    (void)entries;
    struct stream_shape *stream = &shape->stream;
    if (stream->needs_producers)
        stream_producers_add(&stream->producers, id, id_len,
                             duration_seconds ? duration_seconds : stream->default_duration_seconds,
                             shape->load_time_ms);
}

void shape_stream_iid(struct shape *shape, uint64_t iid_len, uint64_t id_ms, uint64_t id_seq)
{
    (void)id_seq;
    stream_producers_iid(&shape->stream.producers, iid_len, id_ms);
}

/* ---- end ---- */

/* The tree of all pending ids, whichever group waits for them. */
static void close_union(struct stream_shape *stream)
{
    if (stream->waiting_groups < 2) {
        stream->referenced = stream->largest_pending;
        return;
    }
    stream->id_count = rax_keys_sort(stream->id, stream->id_count);
    if (!stream->ids_left_out) {
        struct rax_fixed *tree = &stream->pending_tree;
        rax_fixed_begin(tree);
        for (size_t i = 0; i < stream->id_count; i++)
            rax_fixed_add(tree, &stream->id[i]);
        rax_fixed_end(tree, &stream->referenced);
        return;
    }
    /* Groups mostly wait for the same ids: the largest group's, or more where more were seen. */
    stream->referenced = stream->largest_pending;
    if (stream->id_count > stream->largest_pending.keys)
        rax_sum_extrapolate(&stream->referenced, stream->largest_pending.keys, stream->id_count);
    stream->referenced.is_coarse = true;
}

void stream_shape_end(struct shape *shape)
{
    struct stream_shape *stream = &shape->stream;
    close_group(stream);
    rax_fixed_end(&stream->node_tree, &stream->nodes);
    if (stream->groups)
        rax_names_end(&stream->group_tree, &stream->group_names);
    if (stream->needs_union)
        close_union(stream);
    stream_producers_end(&stream->producers);
    shape->payload = stream->listpack_bytes;
    shape->is_coarse |= stream->nodes.is_coarse | stream->group_names.is_coarse | stream->by_time.is_coarse |
                        stream->referenced.is_coarse | stream->all_groups.pending.is_coarse |
                        stream->all_groups.owned.is_coarse | stream->all_groups.consumer_names.is_coarse |
                        stream->producers.all.names.is_coarse | stream->producers.live.names.is_coarse;
}
