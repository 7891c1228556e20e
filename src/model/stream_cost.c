/* Streams: what every release allocates for them and what its MEMORY USAGE makes of that. */
#include "shape_internal.h"
#include "stream_part.h"
#include "tally.h"
#include "value_parts.h"

const struct stream_part stream_redis_5_0 = {
    .source = "redis 5.0.14, 6.0.20 src/stream.h, src/rax.h, src/object.c objectComputeSize",
    .stream_bytes = 40,
    .group_bytes = 32,
    .consumer_bytes = 24,
    .nack_bytes = 24,
    .rax_bytes = 24,
    .name = TEXT_SDS_3_2,
    .usage = STREAM_USAGE_GUESSED,
    .usage_without_struct = true,
    .usage_by_length = true,
};
const struct stream_part stream_redis_6_2 = {
    .source = "redis 6.2.16 src/stream.h, src/object.c",
    .stream_bytes = 40,
    .group_bytes = 32,
    .consumer_bytes = 24,
    .nack_bytes = 24,
    .rax_bytes = 24,
    .name = TEXT_SDS_3_2,
    .usage = STREAM_USAGE_GUESSED,
};
const struct stream_part stream_redis_7_0 = {
    .source = "redis 7.0.15 src/stream.h",
    .stream_bytes = 80,
    .group_bytes = 40,
    .consumer_bytes = 24,
    .nack_bytes = 24,
    .rax_bytes = 24,
    .name = TEXT_SDS_3_2,
    .usage = STREAM_USAGE_GUESSED,
};
const struct stream_part stream_redis_7_2 = {
    .source = "redis 7.2.12, 7.4.7, 8.0.5 src/stream.h: consumers have an active time",
    .stream_bytes = 80,
    .group_bytes = 40,
    .consumer_bytes = 32,
    .nack_bytes = 24,
    .rax_bytes = 24,
    .name = TEXT_SDS_3_2,
    .usage = STREAM_USAGE_GUESSED,
};
const struct stream_part stream_redis_8_2 = {
    .source = "redis 8.2.3 src/stream.h, src/t_stream.c streamLinkCGroupToEntry",
    .stream_bytes = 112,
    .group_bytes = 40,
    .consumer_bytes = 32,
    .nack_bytes = 32,
    .rax_bytes = 24,
    .name = TEXT_SDS_8_2,
    .usage = STREAM_USAGE_GUESSED,
    .has_group_references = true,
};
const struct stream_part stream_redis_8_4 = {
    .source = "redis 8.4.0 src/stream.h, src/rax.h, src/t_stream.c raxInsertPelByTime",
    .stream_bytes = 120,
    .group_bytes = 48,
    .consumer_bytes = 32,
    .nack_bytes = 32,
    .rax_bytes = 32,
    .name = TEXT_SDS_8_2,
    .usage = STREAM_USAGE_COUNTED,
    .usage_by_length = true,
    .has_group_references = true,
    .has_pending_by_time = true,
};
const struct stream_part stream_redis_8_6 = {
    .source = "redis 8.6 (unstable 3339b753b) src/stream.h: pending entries in a list by time; idempotent producers",
    .stream_bytes = 160,
    .group_bytes = 56,
    .consumer_bytes = 32,
    .nack_bytes = 64,
    .rax_bytes = 32,
    .name = TEXT_SDS_8_2,
    .usage = STREAM_USAGE_COUNTED,
    .usage_by_length = true,
    .has_group_references = true,
    .has_producers = true,
};
const struct stream_part stream_redis_8_8 = {
    .source = "redis 8.8 (unstable 2e46d2e73) src/stream.h: pel_nack_tail; src/rdb.c rdbLoadStreamIdmpEntries",
    .stream_bytes = 160,
    .group_bytes = 64,
    .consumer_bytes = 32,
    .nack_bytes = 64,
    .rax_bytes = 32,
    .name = TEXT_SDS_8_2,
    .usage = STREAM_USAGE_COUNTED,
    .usage_by_length = true,
    .has_group_references = true,
    .has_producers = true,
    .producers_counted = true,
    .producers_expire = true,
};
const struct stream_part stream_valkey_7_2 = {
    .source = "valkey 7.2.13 src/stream.h; src/object.c objectComputeSize samples groups and consumers (7.2.9)",
    .stream_bytes = 80,
    .group_bytes = 40,
    .consumer_bytes = 32,
    .nack_bytes = 24,
    .rax_bytes = 24,
    .name = TEXT_SDS_3_2,
    .usage = STREAM_USAGE_GUESSED,
    .usage_averages = true,
};
const struct stream_part stream_valkey_8_0 = {
    .source = "valkey 8.0.9 src/sds.c, src/object.c (groups are sampled from 8.0.3)",
    .stream_bytes = 80,
    .group_bytes = 40,
    .consumer_bytes = 32,
    .nack_bytes = 24,
    .rax_bytes = 24,
    .name = TEXT_SDS_8_2,
    .usage = STREAM_USAGE_GUESSED,
    .usage_averages = true,
};
const struct stream_part stream_valkey_8_1 = {
    .source = "valkey 8.1.7, 9.0.4, 9.1.0 src/rax.h: alloc_size; src/object.c raxAllocSize",
    .stream_bytes = 80,
    .group_bytes = 40,
    .consumer_bytes = 32,
    .nack_bytes = 24,
    .rax_bytes = 32,
    .name = TEXT_SDS_8_2,
    .usage = STREAM_USAGE_MEASURED,
    .usage_averages = true,
};

enum { LIST_BYTES = 48, LIST_NODE_BYTES = 24 }; /* redis src/adlist.h */

uint64_t rax_header_bytes(const struct server_model *server)
{
    return server->stream->rax_bytes;
}

uint64_t stream_tree_usage(const struct stream_part *part, const struct size_classes *classes, unsigned allocator,
                           const struct rax_sum *tree)
{
    /* streamRadixTreeMemoryUsage (redis 5.0 .. 8.2 src/object.c): the sum begins with the head and the ids, but the
     * head is then assigned over; every node is taken to have 30 pointers. */
    if (part->usage == STREAM_USAGE_GUESSED)
        return 16 * tree->keys + (4 + 30 * 8) * tree->nodes;
    return tree->trees * size_classes_held(classes, part->rax_bytes) + tree->held[allocator];
}

/* ---- held, and counted where a counter runs along ---- */

/* One kind of allocation; COUNTED servers count what is held. */
static void add(const struct cost_context *c, struct tally *t, enum cost_part cause, const char *what, uint64_t count,
                uint64_t bytes)
{
    uint64_t all = count * held(c, bytes);
    tally_add(t, cause, what, 0, count, count * bytes, all);
    if (c->server->stream->usage == STREAM_USAGE_COUNTED)
        tally_usage(t, all);
}

static void add_tree(const struct cost_context *c, struct tally *t, const char *head, const char *nodes,
                     const struct rax_sum *tree, bool counted)
{
    const struct stream_part *part = c->server->stream;
    uint64_t heads = tree->trees * held(c, part->rax_bytes), nodes_held = tree->held[c->view->allocator];
    tally_add(t, COST_TABLE, head, 0, tree->trees, tree->trees * part->rax_bytes, heads);
    tally_add(t, COST_TABLE, nodes, 0, tree->nodes, tree->asked, nodes_held);
    if (counted && part->usage == STREAM_USAGE_COUNTED)
        tally_usage(t, heads + nodes_held);
}

static void add_names(const struct cost_context *c, struct tally *t)
{
    const struct stream_part *part = c->server->stream;
    const struct stream_shape *stream = &c->shape->stream;
    enum stream_name name = part->name == TEXT_SDS_3_2 ? STREAM_NAME_3_2 : STREAM_NAME_8_2;
    tally_add(t, COST_TABLE, "consumer name", 0, stream->all_groups.consumers, stream->name_asked[name],
              stream->name_held[name][c->view->allocator]);
    if (part->usage == STREAM_USAGE_COUNTED)
        tally_usage(t, stream->name_held[STREAM_NAME_COUNTED][c->view->allocator]);
}

static void add_groups(const struct cost_context *c, struct tally *t)
{
    const struct stream_part *part = c->server->stream;
    const struct stream_shape *stream = &c->shape->stream;
    const struct group_sums *groups = &stream->all_groups;
    add_tree(c, t, "radix tree of group names", "node of the tree of group names", &stream->group_names, true);
    add(c, t, COST_TABLE, "consumer group", stream->groups, part->group_bytes);
    add_tree(c, t, "radix tree of pending ids", "node of a tree of pending ids", &groups->pending, true);
    add(c, t, COST_ELEMENT, "pending entry", groups->pending.keys, part->nack_bytes);
    if (part->has_pending_by_time)
        add_tree(c, t, "radix tree of delivery times", "node of a tree of delivery times", &stream->by_time, true);
    add_tree(c, t, "radix tree of consumer names", "node of a tree of consumer names", &groups->consumer_names, true);
    add(c, t, COST_TABLE, "consumer", groups->consumers, part->consumer_bytes);
    add_names(c, t);
    add_tree(c, t, "radix tree of a consumer's pending ids", "node of a tree of a consumer's pending ids",
             &groups->owned, true);
    if (!part->has_group_references || groups->pending.keys == 0)
        return;
    uint64_t lists = stream->referenced.keys, nodes = groups->pending.keys;
    add_tree(c, t, "radix tree of ids to groups", "node of the tree of ids to groups", &stream->referenced, true);
    tally_add(t, COST_ELEMENT, "list of an id's groups", 0, lists, lists * LIST_BYTES, lists * held(c, LIST_BYTES));
    tally_add(t, COST_ELEMENT, "group in an id's list", 0, nodes, nodes * LIST_NODE_BYTES,
              nodes * held(c, LIST_NODE_BYTES));
}

uint64_t stream_pending_bytes(const struct cost_context *c)
{
    const struct stream_part *part = c->server->stream;
    const struct stream_shape *stream = &c->shape->stream;
    const struct group_sums *groups = &stream->all_groups;
    unsigned allocator = c->view->allocator;
    uint64_t entries = groups->pending.keys;
    if (!part || entries == 0)
        return 0;
    uint64_t bytes =
        entries * held(c, part->nack_bytes) + groups->pending.held[allocator] + groups->owned.held[allocator];
    if (part->has_pending_by_time)
        bytes += stream->by_time.held[allocator];
    if (part->has_group_references)
        bytes += stream->referenced.held[allocator] + stream->referenced.keys * held(c, LIST_BYTES) +
                 entries * held(c, LIST_NODE_BYTES);
    return bytes;
}

static void add_producers(const struct cost_context *c, struct tally *t)
{
    const struct stream_part *part = c->server->stream;
    const struct stream_producers *all = &c->shape->stream.producers;
    const struct producer_sums *sums = part->producers_expire ? &all->live : &all->all;
    if (sums->producers == 0)
        return;
    unsigned allocator = c->view->allocator;
    uint64_t producers = sums->producers, entries = sums->entries;
    uint64_t dicts = producers * IDMP_DICT_BYTES, links = entries * IDMP_DICT_ENTRY_BYTES;
    add_tree(c, t, "radix tree of producers", "node of the tree of producers", &sums->names, part->producers_counted);
    add(c, t, COST_TABLE, "producer", producers, IDMP_PRODUCER_BYTES);
    tally_add(t, COST_TABLE, "dict of a producer's ids", 0, producers, dicts, producers * held(c, IDMP_DICT_BYTES));
    tally_add(t, COST_TABLE, "buckets of such a dict", 0, sums->tables, sums->table_asked, sums->table_held[allocator]);
    tally_add(t, COST_ELEMENT, "entry of such a dict", 0, entries, links, entries * held(c, IDMP_DICT_ENTRY_BYTES));
    tally_add(t, COST_ELEMENT, "id of a producer", 0, entries, sums->entry_asked, sums->entry_held[allocator]);
    tally_usage(t, sums->entry_held[allocator]);
    if (!part->producers_expire)
        return;
    /* db->stream_idmp_keys (redis 8.8 src/t_stream.c streamKeyLoaded) holds the name once more, as a string object. */
    uint64_t name = c->key->name_len;
    bool embedded = name <= 44;
    uint64_t object = embedded ? 20 + name : 16, text = embedded ? 0 : sds_request(&sds_8_2, name);
    tally_add(t, COST_ENTRY, "name among the database's streams with producers", 0, 1, object + text,
              held(c, object) + (embedded ? 0 : held(c, text)));
}

/* ---- usage where no counter runs along ---- */

static uint64_t view_average(const struct cost_context *c)
{
    const struct stream_shape *stream = &c->shape->stream;
    for (unsigned i = 0; i < stream->average_count; i++)
        if (stream->average[i].part == c->server->stream && stream->average[i].allocator == c->view->allocator)
            return stream->average[i].usage;
    return 0;
}

static void add_usage(const struct cost_context *c, struct tally *t)
{
    const struct stream_part *part = c->server->stream;
    const struct stream_shape *stream = &c->shape->stream;
    const struct group_sums *groups = &stream->all_groups;
    unsigned allocator = c->view->allocator;
    if (!part->usage_without_struct)
        tally_usage(t, part->stream_bytes);
    tally_usage(t, stream_tree_usage(part, c->classes, allocator, &stream->nodes));
    tally_usage(t, part->usage_by_length ? stream->listpack_bytes : stream->listpack_held[allocator]);
    if (part->usage_averages) {
        tally_usage_average(t, view_average(c), stream->groups);
        return;
    }
    tally_usage(t, stream->groups * part->group_bytes + groups->pending.keys * part->nack_bytes +
                       groups->consumers * part->consumer_bytes + groups->name_bytes +
                       stream_tree_usage(part, c->classes, allocator, &groups->pending) +
                       stream_tree_usage(part, c->classes, allocator, &groups->owned));
}

void stream_cost(const struct cost_context *c, struct tally *t)
{
    const struct stream_part *part = c->server->stream;
    const struct stream_shape *stream = &c->shape->stream;
    t->encoding = ENCODING_STREAM;
    if (part->usage != STREAM_USAGE_COUNTED)
        add_usage(c, t);
    else
        tally_usage(t, stream->listpack_bytes);
    add(c, t, COST_TABLE, "stream", 1, part->stream_bytes);
    add_tree(c, t, "radix tree of node ids", "node of the tree of node ids", &stream->nodes, true);
    /* Entries are not taken apart: a listpack's bytes count as the user's. */
    tally_add(t, COST_PAYLOAD, "listpack node", 0, stream->listpacks, stream->listpack_bytes,
              stream->listpack_held[c->view->allocator]);
    if (stream->groups)
        add_groups(c, t);
    if (part->has_producers)
        add_producers(c, t);
}
